"""A shop's order beside its document in Fortnox (systems.md 1.3 and 5; accounting.md 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from worlds.oracle.arithmetic import ZERO, allocate, by_rate, number, vat_in
from worlds.oracle.books import CODES, Books
from worlds.oracle.paper import (
    ROW_TEXT,
    ROWS,
    Difference,
    Line,
    Paper,
    charged,
    compare_head,
    compare_rate,
    compare_sums,
    quantity_of,
)
from worlds.oracle.words import EU, same_text

Raw = Mapping[str, Any]
BAS = {Decimal(25): 3001, Decimal(12): 3002, Decimal(6): 3003, Decimal(0): 3004}
"""The usual filling of the shop's table of accounts (TXT-13)."""
CARD_ACCOUNT = 2421


@dataclass(frozen=True)
class Helpers:
    """The articles of what is no goods, and which payments are gift cards that could buy goods of several rates."""

    discount: str = "Rabatt"
    card: str = "Annan-betalning"
    freight: str = "Frakt"
    fee: str = "Avgift"
    cards: frozenset[str] = frozenset({"Presentkort"})

    @property
    def all(self) -> frozenset[str]:
        return frozenset({self.discount, self.card, self.freight, self.fee})


@dataclass(frozen=True)
class Order:
    """An order as the shop holds it, its items and payments opened; `methods` are the payments' names."""

    raw: Raw
    items: Sequence[Raw]
    payments: Sequence[tuple[str, Raw]]
    helpers: Helpers = Helpers()


def paper_of(order: Order) -> Paper:
    """Return what an order says; its lines are the goods before discount, as freight, fees and cards are compared by rate."""
    raw = order.raw
    lines = [_line(item) for item in order.items]
    cards = sum((number(one["amount"]) for name, one in order.payments if name in order.helpers.cards), ZERO)
    total = number(raw["costs"]["total"]["incVat"]) - cards
    head = _head(raw)
    return Paper(
        f"order {raw['orderNumber']}", True, raw["currency"], lines, head, _vat_of_goods(order), total, must_wait=_must_wait(order)
    )


def _line(item: Raw) -> Line:
    worth = number(item["costs"]["total"]["incVat"])
    rate = number(item["costs"]["total"]["vatRate"]) * 100
    return Line(
        str(item["articleNumber"]), item["articleName"], number(item["choices"]["quantity"]), None, worth, rate.normalize() + 0
    )


def discounts(order: Order) -> list[Decimal]:
    """Return what is taken off each item, 0 where the lines have it already (the cart tells)."""
    off = [number((item.get("discountInfo") or {}).get("incVat")) for item in order.items]
    lines = sum((number(item["costs"]["total"]["incVat"]) for item in order.items), ZERO)
    return [ZERO] * len(off) if lines == number(order.raw["costs"]["cart"]["incVat"]) else off


def off_the_whole(order: Order) -> dict[Decimal, Decimal]:
    """Return what is taken off the whole order, below 0 at each rate: the goods come to more than the cart (accounting.md 4).

    It is split by the gross value of the goods after their own discounts.
    """
    goods = _goods_after_own(order)
    off = number(order.raw["costs"]["cart"]["incVat"]) - sum(goods.values(), ZERO)
    return allocate(off, goods) if off else {}


def _goods_after_own(order: Order) -> dict[Decimal, Decimal]:
    lines = zip(map(_line, order.items), discounts(order), strict=True)
    return by_rate((line.rate or ZERO, line.worth - off) for line, off in lines)


def worths(order: Order) -> list[tuple[Decimal, Decimal]]:
    """Return (rate, gross amount) of all that the order consists of.

    Goods after their own discount, what is off the whole, freight and fee by rate, and gift cards.
    """
    found = [(line.rate or ZERO, line.worth - off) for line, off in zip(map(_line, order.items), discounts(order), strict=True)]
    found += list(off_the_whole(order).items())
    weights = shares(order)
    for part in ("shipment", "payment"):
        found += list(allocate(number(order.raw["costs"][part]["incVat"]), weights).items())
    found += [(ZERO, -number(one["amount"])) for name, one in order.payments if name in order.helpers.cards]
    return found


def shares(order: Order) -> dict[Decimal, Decimal]:
    """Return what freight and fee are split by: the gross value of the goods after discount at each rate (accounting.md 4).

    Where all goods are given away, that before discount: they still say which rates there are.
    """
    lines = [_line(item) for item in order.items]
    after = by_rate([*_goods_after_own(order).items(), *off_the_whole(order).items()])
    return after or by_rate((line.rate or ZERO, line.worth) for line in lines) or {Decimal(25): Decimal(1)}


def _vat_of_goods(order: Order) -> dict[Decimal, Decimal]:
    """Return the VAT by rate, by the shop's own amounts and rates."""
    return {rate: vat_in(amount, rate) for rate, amount in by_rate(worths(order)).items()}


def country_of(raw: Raw) -> str:
    """Return where the goods go (accounting.md 1.3: of goods the country of delivery decides)."""
    there, home = raw["customer"]["deliveryAddress"], raw["customer"]["address"]
    code = (there.get("country") if not there.get("copyAddress") and there.get("address") else "") or home.get("country")
    return str(code or "SE").upper()


def _must_wait(order: Order) -> str:
    country = country_of(order.raw)
    info = order.raw["customer"]["info"]
    for item in order.items:
        rate = number(item["costs"]["total"]["vatRate"]) * 100
        if rate != rate.to_integral_value():
            return f"{rate} percent is no whole number, which Fortnox cannot hold"
        if rate not in BAS:
            return f"{rate} percent to {country} has no account"
        if rate == 0 and country == "SE" and not item.get("exempt"):
            return "0 percent to a Swede"
        if rate == 0 and country in EU and not info.get("vatNumber"):
            return f"0 percent to {country} without a VAT number"
    return ""


def _head(raw: Raw) -> dict[str, Any]:
    customer = raw["customer"]
    home, there, info = customer["address"], customer["deliveryAddress"], customer["info"]
    person = f"{home.get('firstName') or ''} {home.get('lastName') or ''}".strip()
    head: dict[str, Any] = {
        "CustomerName": str(info.get("company") or "").strip() or person,
        "Address1": home.get("address") or "",
        "Address2": home.get("address2") or "",
        "ZipCode": home.get("postcode") or "",
        "City": home.get("town") or "",
        "Country": home.get("country") or "SE",
        "YourOrderNumber": str(raw["orderNumber"]),
        "Comments": raw["note"] or "",
        "EmailAddressTo": info.get("email") or "",
        "Date": str(raw["ordered"])[:10],
    }
    if info.get("orgNumber"):
        head["OrganisationNumber"] = info["orgNumber"]
    own = not there.get("copyAddress") and there.get("address")
    names = (
        ("DeliveryAddress1", "address"),
        ("DeliveryAddress2", "address2"),
        ("DeliveryZipCode", "postcode"),
        ("DeliveryCity", "town"),
    )
    head |= {name: (there.get(place) or "") if own else "" for name, place in names}
    if own and there.get("country"):
        head["DeliveryCountry"] = there["country"]
    return head


def standing(raw: Raw, held: Raw) -> list[Difference] | None:
    """Return the difference where one of the two has ended and the other has not; None where both live; [] where both have ended."""
    credited = number(held.get("CreditInvoiceReference")) and str(held.get("Credit")).lower() != "true"
    there = bool(held["Cancelled"] or credited)
    if not raw["discarded"] and not there:
        return None
    return [] if raw["discarded"] and there else [Difference("standing", "cancelled" if raw["discarded"] else "an order", there)]


def compare(order: Order, held: Raw, register: str, books: Books) -> list[Difference]:
    """Return every difference: head, goods one by one, then what is no goods, VAT and sums by rate."""
    paper = paper_of(order)
    if paper.must_wait:
        return [Difference("must wait", paper.must_wait, held.get("DocumentNumber"))]
    rows = list(held[ROWS[register]])
    # Ordered at a moment, dated by the day in Stockholm; the worlds place no order within an hour of midnight.
    if register == "offers":
        paper, held = _as_on_an_offer(paper, held)
    found = compare_head(paper, held, register)
    if paper.currency == "SEK":
        found += compare_rate(paper, held, books)
    rest = _goods(order, rows, found, held, books)
    found += _helpers(order, rest, held, books)
    rows_by_rate = compare_sums(worths(order), paper, held, rows, books)
    found += rows_by_rate
    if held.get("InvoiceType") == "CASHINVOICE" and number(held.get("RoundOff")):
        found.append(Difference("cash invoice", "what was paid", held["Total"]))
    return found


def _goods(order: Order, rows: list[Raw], found: list[Difference], held: Raw, books: Books) -> list[Raw]:
    """Compare the goods in their order, a row of several unit prices as one; return the rows that are left."""
    left = _with_their_texts(rows)
    for place, (line, off) in enumerate(zip(map(_line, order.items), discounts(order), strict=True), 1):
        mine: list[Raw] = []
        while left and (not mine or sum(map(quantity_of, mine)) != line.quantity):
            other = bool(mine) and not _goes_on(mine[0], left[0]) and left[0]["Description"] != mine[0]["Description"]
            if str(left[0]["ArticleNumber"]) != line.article or other:
                break
            mine.append(left.pop(0))
        found += [replace(one, place=f"item {place} {one.place}") for one in _item(line, off, mine, held, books)]
    return left


def _goes_on(row: Raw, last: Raw) -> bool:
    """Say whether a row's text fills it and goes on after the last row of its line."""
    text = str(row["Description"])
    return row is not last and len(text) > ROW_TEXT - 13 and str(last["Description"]).startswith(text)


def _with_their_texts(rows: Sequence[Raw]) -> list[Raw]:
    """Return the charged rows, each with what its rows of text say on: a text is longer than a row's 255 letters."""
    made: list[Raw] = []
    for row in rows:
        if charged(row) or not made:
            made.append(row)
        else:
            made[-1] = {**made[-1], "Description": f"{made[-1]['Description']} {row['Description']}"}
    return made


def _item(line: Line, off: Decimal, mine: Sequence[Raw], held: Raw, books: Books) -> list[Difference]:
    if not mine:
        return [Difference("row", line.text, None)]
    found = []
    quantity, total = sum(map(quantity_of, mine), ZERO), sum((number(row["Total"]) for row in mine), ZERO)
    if quantity != line.quantity:
        found.append(Difference("quantity", line.quantity, quantity))
    if total not in (line.worth, line.worth - off):
        found.append(Difference("sum", line.worth, total))
    for row in mine:
        if row.get("HouseWork") or row.get("HouseWorkType"):
            found.append(Difference("house work", None, row.get("HouseWorkType")))
        if number(row["VAT"]) != line.rate:
            found.append(Difference("VAT", line.rate, row["VAT"]))
        if not same_text(line.text, row["Description"]) and not _goes_on(row, mine[-1]):
            found.append(Difference("text", line.text, row["Description"], same_text(line.text, row["Description"], ROW_TEXT)))
        if wrong := _wrong_account(row, line, order_rate=line.rate or ZERO, held=held, books=books):
            found.append(Difference("account", wrong, row["AccountNumber"]))
    return found


def _wrong_account(row: Raw, line: Line, *, order_rate: Decimal, held: Raw, books: Books) -> str:
    """Say why a sales account is wrong: the article's own where it stands for the rate, else the shop's table (accounting.md 1.4, 4)."""
    account = int(row["AccountNumber"])
    code = books.codes.get(account, "")
    if order_rate and CODES.get(code) != order_rate and account != 3106:
        return f"{account} does not stand for {order_rate} percent"
    if not order_rate and code in CODES:
        return f"{account} stands for {CODES[code]} percent"
    own = int(number(books.articles.get(line.article, {}).get("SalesAccount")))
    home = books.vat_type(held["CustomerNumber"]) == "SEVAT"
    default = own == books.predefined.get("SALES")
    if home and own and not default and CODES.get(books.codes.get(own, "")) == order_rate and account != own:
        return f"{account}, and the article has {own}"
    if home and (default or not own) and account not in (BAS[order_rate], own):
        return f"{account}, and the table has {BAS[order_rate]}"
    return ""


def _as_on_an_offer(paper: Paper, held: Raw) -> tuple[Paper, Raw]:
    """Return both for an offer: the buyer's order number has another place there (fields.csv), and a note's last line may be a mark."""
    head = {name: value for name, value in paper.head.items() if name != "YourOrderNumber"}
    head["YourReferenceNumber"] = paper.head["YourOrderNumber"]
    note, _, mark = str(held["Comments"] or "").rpartition("\n")
    text = note if mark.startswith("brygga:") else held["Comments"]
    return replace(paper, head=head), {**held, "Comments": text}


def _helpers(order: Order, rest: Sequence[Raw], held: Raw, books: Books) -> list[Difference]:
    """Compare the rows of discount, freight, fee and cards: each only what the shop says, at each rate."""
    found = []
    helpers = order.helpers
    weights = shares(order)
    said = {
        helpers.freight: allocate(number(order.raw["costs"]["shipment"]["incVat"]), weights),
        helpers.fee: allocate(number(order.raw["costs"]["payment"]["incVat"]), weights),
        helpers.card: by_rate((ZERO, -number(one["amount"])) for name, one in order.payments if name in helpers.cards),
    }
    for article, wanted in said.items():
        mine = by_rate((number(row["VAT"]), number(row["Total"])) for row in rest if str(row["ArticleNumber"]) == article)
        if mine != {rate: amount for rate, amount in wanted.items() if amount}:
            found.append(
                Difference(article, {str(r): str(a) for r, a in wanted.items()}, {str(r): str(a) for r, a in mine.items()})
            )
    for row in rest:
        article = str(row["ArticleNumber"] or "")
        if charged(row) and article not in helpers.all:
            found.append(Difference("row", None, row["Description"]))
        code = CODES.get(books.codes.get(int(row["AccountNumber"]), ""))
        if charged(row) and article != helpers.card and number(row["VAT"]) and code not in (None, number(row["VAT"])):
            found.append(Difference(f"{article} account", row["VAT"], row["AccountNumber"]))
        if charged(row) and article == helpers.card and int(row["AccountNumber"]) != CARD_ACCOUNT:
            found.append(Difference(f"{article} account", CARD_ACCOUNT, row["AccountNumber"]))
    return found
