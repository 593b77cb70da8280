"""What a repair tells a person to do in the other system, a person does, and the record goes with the next run: a table, many in one world.

A sentence of the table that the program no longer says fails the last test. Not every repair that it can say stands here
(docs/critiques.md).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import brygga
from hub import Hub
from mobigo_hub import MobigoHub
from opter_hub import NORD, OpterHub
from textalk_hub import MUG, TextalkHub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import ROW, Sales


@dataclass(frozen=True)
class Case:
    """A record that is wrong, what the hub says to do about it, and a person who does that.

    repair  the template of the repair
    spoil   makes the record and returns its id in its system
    mend    does what the repair says
    """

    repair: str
    spoil: Callable[[Any], object]
    mend: Callable[[Any, str], object]


def walk(hub: Any, cases: tuple[Case, ...], sync: Callable[[], object]) -> dict[str, str]:
    """Spoil all, sync, do what each is told, sync; return repair -> id. Each was held with its repair, and none is any more."""
    from brygga.store.models import Problem

    made = {case.repair: str(case.spoil(hub)) for case in cases}
    sync()
    told = {row.repair["template"] for row in Problem.objects.filter(state=Problem.State.OPEN).exclude(repair=None)}
    assert [case.repair for case in cases if case.repair not in told] == []
    for case in cases:
        case.mend(hub, made[case.repair])
    for _ in range(2):
        Problem.objects.filter(state=Problem.State.OPEN).exclude(look_at=None).update(look_at="2020-01-01T00:00:00Z")
        hub = getattr(hub, "hub", hub)
        hub.age()
        sync()
    left = Problem.objects.filter(state=Problem.State.OPEN, sort__in=("hold", "failed", "question"))
    assert [(row.kind, row.record_id, row.sentence["text"]) for row in left] == []
    return made


# Opter --------------------------------------------------------------------------------------------------------------------------

FREIGHT = {"account": "3001", "text": "Styckegods", "net": Decimal(1000), "vatPercent": 25}


def invoice(number: str, **wrong: Any) -> Callable[[OpterHub], str]:
    return lambda hub: hub.invoice(number=number, **wrong)


def invoice_edit(**fields: Any) -> Callable[[OpterHub, str], object]:
    return lambda hub, id: hub.opter.edit("Invoices", id, **fields)


def other_customer(code: str, number: str, **wrong: Any) -> Callable[[OpterHub], str]:
    def spoil(hub: OpterHub) -> str:
        card = {
            **NORD,
            "customerCode": code,
            "customerNumber": "77" + number[-2:],
            "name": f"{code} AB",
            "organisationNumber": None,
        }
        hub.opter.load("Customers", [{**card, **wrong}])
        hub.invoice(number=number, customerCode=code)
        return code

    return spoil


def add_account(hub: OpterHub, id: str) -> None:
    hub.fortnox_call("POST", "/3/accounts", {"Account": {"Number": 3077, "Description": "Expressgods"}})


def add_cost_centre(hub: OpterHub, id: str) -> None:
    hub.fortnox_call("POST", "/3/costcenters", {"CostCenter": {"Code": "LUL", "Description": "Luleå"}})


OPTER = (
    Case("Close the invoice period in Opter.", invoice("100401", status="Open"), invoice_edit(status="Closed")),
    Case(
        "Add the account in Fortnox, or correct the account coding in Opter.",
        invoice("100403", coding=[{**FREIGHT, "account": "3077"}]),
        add_account,
    ),
    Case(
        "Add it in Fortnox under Register or Inställningar, or correct it in {system}.",
        invoice("100404", coding=[{**FREIGHT, "economicUnits": {"costCenter": "LUL"}}]),
        add_cost_centre,
    ),
    Case(
        "Correct the VAT of its rows in Opter.",
        invoice("100405", coding=[{**FREIGHT, "vat": Decimal(60)}]),
        invoice_edit(coding=[FREIGHT]),
    ),
    Case(
        "Give it a customer number in Opter, or let the customer code be the number (customer_number).",
        other_customer("UTAN", "100406", customerNumber=""),
        lambda hub, id: hub.opter.edit("Customers", id, customerNumber="7706"),
    ),
    Case(
        "Correct the currency's code in Opter: SEK, EUR, DKK.",
        other_customer("VALUTA", "100407", currency="kr"),
        lambda hub, id: hub.opter.edit("Customers", id, currency="SEK"),
    ),
)


def test_what_opter_s_invoices_are_told_is_done_in_opter_and_in_fortnox(opter_hub: OpterHub) -> None:
    hub = opter_hub
    walk(hub, OPTER, lambda: hub.sync())
    assert len(hub.records("invoices")) == len(OPTER)


# Mobigo -------------------------------------------------------------------------------------------------------------------------

TIME = {"timeType": "Arbete", "hours": 3, "billableHours": 2.5, "price": 650, "text": "Felsökning"}
MATERIAL = {"articleNumber": "200", "name": "Packning 15 mm", "quantity": 4, "unit": "st", "price": 12.5}


def assignment(number: str, **wrong: Any) -> Callable[[MobigoHub], str]:
    given = {"customerNumber": "1042", "status": "Klart", "marked": True, "times": [TIME], "materials": [MATERIAL], **wrong}
    return lambda hub: hub.mobigo.assignment(number, **given)


def assignment_edit(**fields: Any) -> Callable[[MobigoHub, str], object]:
    return lambda hub, id: hub.mobigo.edit("Assignments", id, **fields)


MOBIGO = (
    Case(
        "Set it to Klart in Mobigo, or switch only_completed off.",
        assignment("2001", status="Pågående"),
        assignment_edit(status="Klart"),
    ),
    Case("Choose its customer in Mobigo.", assignment("2002", customerNumber=None), assignment_edit(customerNumber="1042")),
    Case(
        "Make the customer in Fortnox with that number, or correct the assignment's customer in Mobigo.",
        assignment("2003", customerNumber="1099"),
        lambda hub, id: hub.fortnox.company.load("customers", [{"CustomerNumber": "1099", "Name": "Ny kund AB"}]),
    ),
    Case(
        "Make the article in Fortnox, correct the row in Mobigo, or switch create_missing_articles on.",
        assignment("2004", materials=[{**MATERIAL, "articleNumber": "299"}]),
        lambda hub, id: hub.fortnox.company.load("articles", [{"ArticleNumber": "299", "Description": "Ny", "Unit": "st"}]),
    ),
)


def test_what_mobigo_s_assignments_are_told_is_done_in_mobigo_and_in_fortnox(mobigo_hub: MobigoHub) -> None:
    hub = mobigo_hub
    hub.declare(only_completed=True)
    walk(hub, MOBIGO, lambda: hub.sync("assignments"))
    assert len(hub.records("orders")) == len(MOBIGO)


# Textalk ------------------------------------------------------------------------------------------------------------------------


def order(**wrong: Any) -> Callable[[TextalkHub], int]:
    return lambda hub: hub.order(**{"payment": "Faktura", **wrong})


TEXTALK = (
    Case(
        "Make article {article} in Fortnox, or let missing articles be made (“Skapa artiklar som saknas”).",
        order(items=[{**MUG, "articleNumber": "FAT-9"}]),
        lambda hub, id: hub.fortnox.company.load("articles", [{"ArticleNumber": "FAT-9", "Description": "Fat", "Unit": "st"}]),
    ),
)


def test_what_the_shop_s_orders_are_told_is_done_in_fortnox(textalk_hub: TextalkHub) -> None:
    hub = textalk_hub
    hub.declare(create_needed_articles=False)
    walk(hub, TEXTALK, lambda: hub.sync())
    assert len(hub.records("invoices")) == len(TEXTALK)


# Upsales ------------------------------------------------------------------------------------------------------------------------


def upsales_row(shop: Shop) -> list[dict[str, Any]]:
    return [{"product": {"id": shop.table}, "quantity": 2, "price": 90, "listPrice": 100}]


UPSALES = (
    Case(
        "Make the article in Fortnox, or choose another product in Upsales.",
        lambda shop: shop.sell({"product": own_product(shop, articleNo="UTAN-1"), "quantity": 1, "price": 50, "listPrice": 50}),
        lambda shop, id: shop.hub.article("UTAN-1", "Lampa", 50),
    ),
    Case(
        "Choose a product that came from Fortnox, or give this one the number of its article there.",
        lambda shop: shop.sell({"product": own_product(shop), "quantity": 1, "price": 50, "listPrice": 50}),
        lambda shop, id: shop.hub.upsales.order(int(id)).update(orderRow=upsales_row(shop)),
    ),
)


def own_product(shop: Shop, **fields: Any) -> int:
    return int(shop.hub.upsales.add("products", name="Lampa", listPrice=50, **fields))


def test_what_upsales_sales_are_told_is_done_in_upsales_and_in_fortnox(upsales_hub: UpsalesHub) -> None:
    shop = Shop(upsales_hub)
    made = walk(shop, UPSALES, shop.hub.sync_all)
    assert set(made.values()) <= set(shop.hub.links("sales"))


# webCRM -------------------------------------------------------------------------------------------------------------------------


def delivery(**wrong: Any) -> Callable[[Sales], int]:
    return lambda sales: sales.deliver({**ROW, **wrong}, Fakturadatum="2026-11-20")


def article_made(sales: Sales, id: str) -> None:
    sales.hub.fortnox.company.load("articles", [{"ArticleNumber": "FINNS-EJ", "Description": "Fritt arbete"}])


WEBCRM = (
    Case(
        "Make the article in Fortnox, or choose another one on the row in webCRM.", delivery(Artikelnummer="FINNS-EJ"), article_made
    ),
    Case(
        "Fill in its invoice date (Fakturadatum) in webCRM.",
        lambda sales: sales.deliver(ROW, Fakturadatum=""),
        lambda sales, id: sales.hub.webcrm.delivery(int(id)).update(Fakturadatum="2026-11-20"),
    ),
    Case(
        "Choose another invoice date in webCRM, or open the period in Fortnox.",
        lambda sales: sales.deliver(ROW, Fakturadatum="1999-01-01"),
        lambda sales, id: sales.hub.webcrm.delivery(int(id)).update(Fakturadatum="2026-11-20"),
    ),
    Case(
        "Add {currency} to the currencies of Fortnox, or choose another one in webCRM.",
        lambda sales: sales.deliver(ROW, Fakturadatum="2026-11-20", CurrencyName="GBP"),
        lambda sales, id: sales.hub.webcrm.delivery(int(id)).update(CurrencyName="SEK"),
    ),
)


def test_what_webcrm_s_deliveries_are_told_is_done_in_webcrm_and_in_fortnox(hub: Hub) -> None:
    """The sentence of a missing article names its delivery, wherever it is shown."""
    sales = Sales(hub, document="invoice")
    made = walk(sales, WEBCRM, hub.sync)
    assert set(made.values()) <= set(hub.links())


def test_a_line_of_a_run_and_an_item_of_a_plan_name_the_delivery(hub: Hub) -> None:
    sales = Sales(hub)
    id = sales.deliver({**ROW, "Artikelnummer": "FINNS-EJ"})
    [item] = [one for one in hub.plan()["items"] if one["action"] == "hold"]
    assert str(id) in f"{item['about']['called']} {item['message']}"
    assert [str(id) in str(one["message"]) for one in hub.sync()["items"]] == [True]
    assert [str(id) in one["text"] for one in hub.problems("hold")] == [True]


# Every repair ---------------------------------------------------------------------------------------------------------------------

HERE = {case.repair for cases in (OPTER, MOBIGO, TEXTALK, UPSALES, WEBCRM) for case in cases}

ELSEWHERE = {
    "Give it a name in webCRM.": "test_repairs.py::test_what_webcrm_lacks_is_given_in_webcrm",
}
"""Repair -> the journey that performs it."""

SYSTEMS = "opter mobigo textalk upsales webcrm fortnox"
CALLS = {"Hold": 2, "Held": 1, "_as_said": 1, "Cause": 1}
"""What is given a repair, and its place among the arguments."""


def proposed() -> Iterator[str]:
    """Yield each text that the program proposes as the repair of a record that it holds, or that Fortnox refuses."""
    source = Path(brygga.__file__).parent
    for path in sorted(
        [*(source / "connectors").rglob("*.py"), *(source / "core").rglob("*.py"), *(source / "sync").rglob("*.py")]
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in CALLS and len(node.args) > CALLS[name]:
                    yield from texts(node.args[CALLS[name]])


def texts(argument: ast.expr) -> Iterator[str]:
    for part in ast.walk(argument):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value:
            yield part.value


def test_every_repair_that_is_performed_is_one_that_the_program_proposes() -> None:
    """A sentence that was changed is changed here too."""
    from brygga.connectors.named import REPAIR

    assert HERE | set(ELSEWHERE) - {REPAIR.template} <= set(proposed()) | {REPAIR.template}
