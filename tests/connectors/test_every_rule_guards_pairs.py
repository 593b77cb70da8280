"""Each rule that keeps a record is asked for linked pairs too, or stands here with why it is not; and each has a case, driven from both
sides: while it stands nothing crosses but what settles it, and it is said (U29). Found in the code, so that a new one fails here."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from webcrm_golden import layout

import brygga
from brygga.connectors.mobigo import settings as mobigo_settings
from brygga.connectors.mobigo import streams as mobigo
from brygga.connectors.mobigo.map import Assignment
from brygga.connectors.named import needs_of, needs_of_payment
from brygga.connectors.opter import settings as opter_settings
from brygga.connectors.opter import streams as opter
from brygga.connectors.textalk import articles as shop_articles
from brygga.connectors.textalk import registers as shop_registers
from brygga.connectors.textalk import settings as shop_settings
from brygga.connectors.textalk import streams as shop
from brygga.connectors.upsales import sale_streams as sales
from brygga.connectors.upsales import settings as upsales_settings
from brygga.connectors.upsales import streams as upsales
from brygga.connectors.webcrm import document_streams as deliveries
from brygga.connectors.webcrm import settings as webcrm_settings
from brygga.connectors.webcrm import streams as webcrm
from brygga.core.document import Article, Document, Row, Settlement
from brygga.core.money import Money
from brygga.core.plan import Held, Hold, Skip, Skipped, Update
from brygga.core.planner import Rules, merge_pair
from brygga.core.policy import LEFT, RIGHT, Holding, Policy
from brygga.core.record import Customer, Payment, Price, Ref
from brygga.core.seen import Pair, Seen

CONNECTORS = Path(brygga.__file__).parent / "connectors"
ASKED = frozenset({"standing", "guards", "needs", "agree", "lost"})
"""The keywords by which a rule is asked for a linked pair: of `Seen`, `Rules` and `Stream`."""

MADE_ONLY: dict[tuple[str, str], str] = {
    ("textalk/own_accounts.py", "_without_reason"): "rows of an order are sent once",
    ("textalk/own_accounts.py", "_with_own"): "rows of an order are sent once",
    ("textalk/streams.py", "admits_order"): "that a linked order is cancelled is its end of life; its number is our own",
    ("textalk/articles.py", "admits_import"): "a price that is gone is told and the shop keeps its own (absent.md)",
    ("textalk/articles.py", "admits_export"): "a rate that differs is told (same_rate)",
    (
        "upsales/sale_streams.py",
        "_not_brought",
    ): "that a linked document is cancelled is its end of life; its rows stay Fortnox' own",
    ("upsales/streams.py", "admits_article"): "that a linked article is inactive is carried over",
    ("webcrm/streams.py", "admits_article"): "one that is linked is Fortnox', and was read by its number",
    ("webcrm/document_streams.py", "admits"): "that a linked document is cancelled is its end of life",
    ("mobigo/streams.py", "_admits_customer"): "that a linked customer is inactive is carried over",
    ("mobigo/streams.py", "_admits_article"): "that a linked article is inactive is carried over",
    ("mobigo/streams.py", "_admits_price"): "a price that is gone is told and Mobigo keeps its own (absent.md)",
    ("upsales/streams.py", "barred"): "nothing of the stream runs",
}
"""What is asked only before a record is made, and why it does not bind a linked pair. `why_not` says where nothing is ever made."""


@dataclass(frozen=True)
class Site:
    """One Skip or Hold in the code, by the English of its sentence."""

    module: str
    function: str
    rule: str
    sentences: frozenset[str]
    made_only: bool
    """Given to `why_not`, which says where nothing is made."""


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


@cache
def code() -> tuple[tuple[Site, ...], dict[tuple[str, str], set[str]], dict[str, set[str]]]:
    """Return all sites, function -> the names that it uses, and system -> the names by which rules are asked for pairs."""
    sites: list[Site] = []
    uses: dict[tuple[str, str], set[str]] = {}
    roots: dict[str, set[str]] = defaultdict(set)
    for path in sorted(CONNECTORS.rglob("*.py")):
        module, system = str(path.relative_to(CONNECTORS)), path.parent.name
        whole = ast.parse(path.read_text(encoding="utf-8"))
        classes = {id(part): node.name for node in ast.walk(whole) if isinstance(node, ast.ClassDef) for part in node.body}
        for function in (node for node in ast.walk(whole) if isinstance(node, ast.FunctionDef)):
            called = classes[id(function)] if function.name == "__init__" else function.name
            own = [n for n in ast.walk(function) if isinstance(n, ast.Call)]
            if not any(isinstance(call.func, ast.Name) and call.func.id in ("Rules", "Stream") for call in own):
                # Of what declares a stream only the keywords count.
                uses.setdefault((system, called), set()).update(_names(function))
            if any(k.arg == "standing" for call in own for k in call.keywords):
                roots[system].add(called)
            roots[system] |= {name for call in own for k in call.keywords if k.arg in ASKED for name in _names(k.value)}
            why_not = [k.value for call in own for k in call.keywords if k.arg == "why_not"]
            inside = {id(n) for value in why_not for n in ast.walk(value)} | _given(function, why_not)
            for call in own:
                if isinstance(call.func, ast.Name) and call.func.id in ("Skip", "Hold"):
                    texts = {n.value for n in ast.walk(function if _by_name(call) else call) if _is_text(n)}
                    sites.append(Site(module, called, _rule(call), frozenset(texts), id(call) in inside))
    return tuple(sites), uses, roots


def _is_text(node: ast.AST) -> Any:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def _by_name(call: ast.Call) -> bool:
    """Say whether the sentence is put together before."""
    first = call.args[0]
    return not isinstance(first, ast.Call) or (bool(first.args) and isinstance(first.args[0], ast.Name))


def _rule(call: ast.Call) -> str:
    return ast.unparse(call.args[1])


def _given(function: ast.FunctionDef, values: Iterable[ast.AST]) -> set[int]:
    """Return what is given to `why_not` under a name."""
    named = {name for value in values for name in _names(value)}
    assigned = [n for n in ast.walk(function) if isinstance(n, ast.Assign) and _names(n.targets[0]) & named]
    return {id(one) for n in assigned for one in ast.walk(n.value)}


def _asked(system: str) -> set[str]:
    """Return the functions of a system that are asked for pairs, through whatever calls them."""
    _, uses, roots = code()
    found, todo = set[str](), set(roots[system])
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo |= uses.get((system, name), set())
    return found


def sites() -> list[Site]:
    """Return the sites whose rule binds a linked pair."""
    return [one for one in code()[0] if not one.made_only and (one.module, one.function) not in MADE_ONLY]


def test_each_rule_that_keeps_a_record_is_asked_for_linked_pairs_or_says_why_not() -> None:
    found = sites()
    assert len(found) > 80
    unasked = [one for one in found if one.module != "named.py" and one.function not in _asked(Path(one.module).parent.name)]
    lone = sorted({(one.module, one.function, one.rule) for one in unasked})
    assert lone == [], (
        "asked only before a record is made; let it be asked for pairs too (Rules.guards), or say in MADE_ONLY why not"
    )
    only = [one for one in MADE_ONLY if one[1] not in _asked(Path(one[0]).parent.name)]
    assert len(only) >= len(MADE_ONLY) - 2, "the walk tells what is asked from what is not, but for two of one name in one system"
    there = {(one.module, one.function) for one in code()[0]}
    assert MADE_ONLY.keys() - there == set(), "no longer in the code"


# The cases: what each system's own functions say of a record that breaks the rule ------------------------------------------

ROW = Row(article_number="A1", description="Bord", quantity=Decimal(1), price=Money(Decimal(10), "SEK"), vat=Decimal(25))
MANY = (ROW,) * 1_001
SALE = Document(kind="invoice", subject="Bord", customer_ref="1", stage="Order", probability=100, rows=(ROW,))
DELIVERY = Document(kind="invoice", date=date(2026, 11, 20), rows=(ROW,))
DAY = date(2026, 11, 20)
Why = Skip | Hold | None


def of_webcrm() -> Iterator[Why]:
    own, chosen = webcrm_settings.read({"customer_number_governed_by": "webcrm"}), webcrm_settings.read({"document": "invoice"})
    where = layout(customer_number_governed_by="webcrm")
    raw = {"OrganisationId": 8812, "OrganisationName": "Bygg AB", "OrganisationType": "Kund - Företag"}
    named = Customer(name="Bygg AB", number="1")
    for type_ in ("Prospekt", ""):
        yield webcrm.standing({**raw, "OrganisationType": type_}, named, where, own)
        yield deliveries.wrong_type({**raw, "OrganisationType": type_}, where, own, "7")
    yield webcrm.standing(raw, replace(named, name=""), where, own)
    yield webcrm.standing(raw, replace(named, number=""), where, own)
    yield webcrm.standing(raw, replace(named, number="10 42"), where, own)
    yield webcrm.standing({**raw, "OrganisationCountry": "Atlantis"}, named, where, own)
    yield webcrm.admits(LEFT, Customer(name="Vila AB", active=False))
    yield webcrm.guards_article(LEFT, Article(number="A1", active=False))
    yield webcrm.standing_of_item("7", Article(number="A1"))
    plain = layout()

    def delivery(document: Document, organisation: Any = raw) -> Why:
        return deliveries.standing_of_delivery(document, "7", "Bord", organisation, plain, chosen)

    yield delivery(DELIVERY, None)
    yield delivery(replace(DELIVERY, rows=()))
    yield delivery(replace(DELIVERY, date=""))
    yield delivery(replace(DELIVERY, rows=MANY))
    yield delivery(replace(DELIVERY, rows=(Row(description="Bord", quantity=Decimal(1), price=ROW.price),)))
    yield delivery(replace(DELIVERY, rows=(replace(ROW, vat=Decimal(7)),)))
    yield deliveries.discount_on_the_whole("7", "Bord", Decimal(10))
    yield deliveries.country_not_known("7", "Bord", "Atlantis")
    yield deliveries.unreadable_day("7", "Fakturadatum", "snart")
    yield from (need.hold for need in deliveries.needs(replace(DELIVERY, currency="EUR")))


def of_upsales() -> Iterator[Why]:
    chosen = upsales_settings.read({"module": "invoice", "credit_invoices": "none", "won_stage": "Order"})
    account: Any = SimpleNamespace(fields=lambda entity: {"SKIP_SYNC": 9}, stages=SimpleNamespace(offer="Offert", won="Order"))

    def sale(raw: dict[str, Any] | None = None, **fields: Any) -> Why:
        return sales.standing({"id": 7, **(raw or {})}, replace(SALE, **fields), account, chosen)

    yield upsales.standing(Customer(name="Bygg AB"), "7", False)
    yield upsales.standing(Customer(number="1", name=""), "7", True)
    yield upsales.standing(Customer(number="1", name="Bygg AB", invoice_country="Atlantis"), "7", True)
    yield upsales.admits(LEFT, Customer(name="Vila AB", active=False))
    yield upsales.standing_of_product("7", Article(number=""))
    yield upsales.standing_of_product("7", Article(number="A1"))
    yield sale({"custom": [{"fieldId": 9, "value": 1}]})
    yield sale(kind="offer")
    yield sale(cancelled=True)
    yield sale(probability=50)
    yield sale(stage="Fakturerad", number="")
    yield sale(customer_ref="")
    yield sale(rows=())
    yield sale(delivery_country="Atlantis")
    yield sales.unreadable({"id": 7, "description": "Bord"})
    yield sales.guards_credit(chosen, LEFT, Document(kind="credit_invoice", number="8", credit_of="7"))
    line = {"quantity": 1, "price": 10, "listPrice": 10, "product": {"id": 1}}
    article = {1: {"articleNo": "A1", "name": "Bord"}}
    yield sales.trouble_of_rows({"id": 7, "orderRow": [line] * 1_001}, article, chosen)
    yield sales.trouble_of_rows({"id": 7, "orderRow": [line]}, {1: None}, chosen)
    yield sales.trouble_of_rows({"id": 7, "orderRow": [line]}, {1: {"articleNo": ""}}, chosen)
    yield sales.trouble_of_rows({"id": 7, "orderRow": [line], "value": 99}, article, chosen)
    yield from (need.hold for need in sales.needs(replace(SALE, currency="EUR", date=DAY)))


def of_mobigo() -> Iterator[Why]:
    strict = mobigo_settings.read({"only_completed": True})
    attested, plain = mobigo_settings.read({"only_attested": True}), mobigo_settings.read({"helper_articles": ["H1"]})
    document = Document(customer_number="1", rows=(ROW,))
    tidy = Assignment(document, "1001", "Pågår", False, 0, (), (0, Decimal(0), Decimal(0)), 0, ("", ""), False, "")
    yield mobigo.standing(replace(tidy, exported_as=("order", "1")), plain)
    yield mobigo.standing(replace(tidy, exported_as=("order", "1"), changed_since=True), plain)
    yield mobigo.standing(tidy, strict)
    yield mobigo.standing(tidy, attested)
    yield mobigo.standing(replace(tidy, document=replace(document, customer_number="")), plain)
    yield mobigo.standing(replace(tidy, unlinked=("Restid",)), plain)
    yield mobigo.standing(replace(tidy, document=replace(document, rows=())), plain)
    yield mobigo.standing(replace(tidy, document=replace(document, rows=MANY)), plain)
    yield mobigo.standing(replace(tidy, document=replace(document, rows=(Row(quantity=Decimal(1), price=ROW.price),))), plain)
    labour = replace(ROW, house_work=True, house_work_type="CLEANING")
    yield mobigo.standing(replace(tidy, work_type="rot", document=replace(document, rows=(labour,))), plain)
    yield mobigo.standing(replace(tidy, document=replace(document, net=Money(Decimal(11), "SEK"))), plain)
    yield mobigo._guards_article(plain, LEFT, Article(number="H1", name="Text"))
    yield mobigo._guards_price(plain, LEFT, Price(article_number="H1", price_list="A"))
    yield from (need.hold for need in mobigo.needs(plain, document))


def of_opter() -> Iterator[Why]:
    plain, printed = opter_settings.read({}), opter_settings.read({"send": "fortnox_with_pdf"})
    raw = {"invoiceNumber": "7", "status": "Closed", "net": 10, "vat": 0, "roundOff": 0, "total": 10, "coding": [{"net": 10}]}
    document = Document(
        kind="invoice", own_number="7", customer_ref="1", rows=(Row(account="3001"),), total=Money(Decimal(10), "SEK")
    )

    def invoice(changed: dict[str, Any] | None = None, chosen: Any = plain, **fields: Any) -> Why:
        return opter.invoice_standing({**raw, **(changed or {})}, replace(document, **fields), chosen)

    yield opter.customer_standing({"customerCode": "K"}, Customer(number="", currency="SEK"), plain)
    yield opter.customer_standing({"customerCode": "K"}, Customer(number="1", currency="kr"), plain)
    yield invoice({"status": "Cancelled"})
    yield invoice({"status": "Open"})
    yield invoice({"invoiceNumber": "F7"})
    yield invoice(customer_ref="")
    yield invoice(total=Money(Decimal(-10), "SEK"))
    yield invoice({"net": 11})
    yield invoice({"coding": [{"net": 10, "vat": 9, "vatPercent": 25}]})
    yield invoice(ocr="123")
    yield invoice(chosen=printed)
    yield from (need.hold for need in opter.needs(replace(document, credit_of="6", currency="EUR", date=DAY)))
    haulier = Settlement(number="7", supplier_name="Åkeriet", supplier_number="1", currency="SEK", country="SE", date=DAY)

    def settlement(changed: dict[str, Any] | None = None, blocked: Any = None, **fields: Any) -> Why:
        coding: Any = SimpleNamespace(blocked=blocked, payable=Decimal(10))
        return opter.settlement_standing(
            {"number": "7", "status": "Closed", **(changed or {})}, replace(haulier, **fields), coding, plain
        )

    yield settlement({"status": "Open"})
    yield settlement(blocked="No agreement.")
    yield settlement(supplier_number="")
    yield settlement(currency="EUR")
    yield settlement({"payable": Decimal(11)})
    yield from (need.hold for need in opter.settlement_needs(replace(haulier, rows=(SimpleNamespace(account="4010"),))))  # type: ignore[arg-type]


def of_textalk() -> Iterator[Why]:
    plain = shop_settings.read({})
    yield shop_registers._nameless(Customer(name=""), "7")
    yield shop_registers._stays({"uid": 7})
    yield shop_registers._unnumbered("", {"uid": 7})
    yield shop_registers._unnumbered("A 1", {"uid": 7})
    yield shop._admits_customer(LEFT, Customer(name="Vila AB", active=False))
    yield shop_articles.guards_export(RIGHT, Article(number="A1", active=False))
    yield shop_articles.guards_import(plain, LEFT, Article(number="A1", active=False))
    yield shop_articles.guards_import(plain, LEFT, Article(number=sorted(plain.helpers)[0]))
    yield shop_articles.same_rate(Article(vat=Decimal(25)), Article(vat=Decimal(12)))
    yield shop_articles.lost_price({"list_price": ROW.price}, Article(number="A1"), Article(number="A1"))
    order = Document(kind="invoice", subject="7", date=DAY, currency="EUR", customer_number="1", vat_type="EUVAT")
    yield from (need.hold for need in shop.needs(plain, replace(order, rows=(replace(ROW, account="3001"),))))
    yield from (need.hold for need in needs_of(replace(order, cost_center="LUL"), "Order 7", "Textalk", "TXT-08"))
    yield from (need.hold for need in needs_of_payment(Payment(mode="BG"), "Textalk", "TXT-10"))


CASES: dict[str, Callable[[], Iterator[Why]]] = {
    "webcrm": of_webcrm, "upsales": of_upsales, "mobigo": of_mobigo, "opter": of_opter, "textalk": of_textalk
}  # fmt: skip

NO_CASE: dict[tuple[str, str], str] = {
    ("fortnox/articles.py", "_no_amount"): "an amount of Fortnox that is none: tests/connectors/fortnox",
    ("fortnox/price_lists.py", "_price_seen"): "the price of an inactive article: tests/journeys/test_mobigo_imports.py",
    ("textalk/streams.py", "agree"): "told of a pair: tests/journeys/test_textalk_orders.py",
    ("textalk/streams.py", "_rounded"): "told of a pair: tests/journeys/test_textalk_amounts.py",
    (
        "textalk/held.py",
        "Held",
    ): "an order that cannot be understood, of which nothing is changed once it was sent: test_textalk_maps.py",
    ("mobigo/streams.py", "needs"): "tests/journeys/test_mobigo_untidy.py",
    ("upsales/sale_streams.py", "_wrong_sum"): "tests/connectors/upsales/test_upsales_map.py",
    ("upsales/sale_streams.py", "trouble_of_rows"): "tests/connectors/upsales/test_upsales_map.py",
}
"""Where it is driven, of those that need both records or a whole system."""


def whys(system: str) -> list[Skip | Hold]:
    found = list(CASES[system]())
    assert None not in found, f"case {found.index(None)} of {system} breaks nothing"
    return [why for why in found if why is not None]


NAMED = ("named.py", "_need")
"""Its sentences stand in a table beside it: two of them are among the cases of the shop."""


def test_each_rule_has_a_case() -> None:
    said = {why.sentence.template for system in CASES for why in whys(system)}
    assert {(one.module, one.function) for one in sites() if not one.sentences & said} == NO_CASE.keys() | {NAMED}


@pytest.mark.parametrize("changed", ["left", "right", "both"])
@pytest.mark.parametrize("system", CASES)
def test_while_a_rule_keeps_a_pair_nothing_crosses_and_it_is_said(system: str, changed: str) -> None:
    fields = frozenset({"phone", "fax", "number"})
    base = {"phone": "1", "fax": "a", "number": "7"}
    # What holds some fields alone lets the others cross (U27).
    for why in (one for one in whys(system) if not (isinstance(one, Hold) and one.only)):
        one = Seen(Ref(system, "customer", "1"), Customer(**{**base, **({"fax": "b"} if changed != "right" else {})}))
        two = Seen(Ref("fortnox", "customer", "2"), Customer(**{**base, **({"phone": "2"} if changed != "left" else {})}))
        outward = isinstance(why, Skip) and why.outward
        for side in (LEFT, RIGHT):
            rules = Rules(
                Policy(), {LEFT: Holding(fields), RIGHT: Holding(fields)}, {LEFT: system, RIGHT: "fortnox"}, lambda *_: ""
            )
            read = Pair(replace(one, standing=why), two, base) if side == LEFT else Pair(one, replace(two, standing=why), base)
            guarded = replace(rules, guards=lambda to, record, side=side, why=why: why if to != side else None)
            for items in (merge_pair(rules, read), merge_pair(guarded, Pair(one, two, base))):
                written = {item.side for item in items if isinstance(item, Update)}
                lets_in = outward and changed != ("left" if side == LEFT else "right")
                assert written == ({side} if lets_in else set()), why
                if not (lets_in and changed != "both"):
                    assert [item.why for item in items if isinstance(item, (Skipped, Held))] == [why]
