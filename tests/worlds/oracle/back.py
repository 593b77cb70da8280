"""Fortnox' documents, articles and prices beside what they become in a business system (WEB-38 to WEB-52, UPS-21 to UPS-28, MOB-02, TXT-19)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from worlds.oracle.arithmetic import ORE, ZERO, number, ore, vat_in
from worlds.oracle.paper import DATES, ROWS, Difference, charged, quantity_of
from worlds.oracle.words import same_text

Raw = Mapping[str, Any]


def net_of(row: Raw, held: Raw) -> Decimal:
    """Return what a row of Fortnox comes to without VAT for all that was ordered, to the öre."""
    full = quantity_of(row) * number(row["Price"])
    off = number(row["Discount"])
    total = ore(full * (100 - off) / 100 if row["DiscountType"] == "PERCENT" else full - off)
    return total - vat_in(total, number(row["VAT"])) if held["VATIncluded"] else total


def ended(held: Raw) -> bool:
    """Say whether a document is cancelled, or an invoice that has been credited."""
    credited = number(held.get("CreditInvoiceReference")) and str(held.get("Credit")).lower() != "true"
    return bool(held["Cancelled"] or credited)


def nets_of(rows: Sequence[Raw], held: Raw, worths: Sequence[Decimal]) -> list[Decimal]:
    """Return what each row comes to without VAT: by itself or, where prices include VAT and that misses the document's net, as *worths* say.

    The law takes VAT per row and per rate (accounting.md 3.2): a part of its rate's net is within an öre of the row's own, and the parts
    make the document's net.
    """
    alone = [net_of(row, held) for row in rows]
    # Freight and fee of the head are in the document's net, and are no rows.
    net = number(held["Net"]) - sum((amount for _, amount in added(held, rows, {"freight": "-", "fee": "-"})[0]), ZERO)
    near = len(alone) == len(worths) and all(abs(one - two) <= ORE for one, two in zip(alone, worths, strict=True))
    if held["VATIncluded"] and sum(alone, ZERO) != net and near and sum(worths, ZERO) == net:
        return list(worths)
    return alone


HEAD = (("Freight", "freight"), ("AdministrationFee", "fee"))


def added(held: Raw, rows: Sequence[Raw], articles: Mapping[str, str]) -> tuple[list[tuple[str, Decimal]], list[Difference]]:
    """Return (article, amount without VAT) of freight and fee in a document's head, and those for which no article is chosen.

    Their rate is that of the largest amount on the document, and they hold VAT where prices do (accounting.md 3.3).
    """
    carried: list[tuple[str, Decimal]] = []
    told = []
    for name, key in HEAD:
        if not (amount := number(held[name])):
            continue
        net = amount - vat_in(amount, leading(rows)) if held["VATIncluded"] else amount
        if articles.get(key):
            carried.append((articles[key], net))
        else:
            told.append(Difference(name, amount, None, told=True))
    return carried, told


def leading(rows: Sequence[Raw]) -> Decimal:
    """Return the rate of the largest amount among rows."""
    sums: dict[Decimal, Decimal] = {}
    for row in rows:
        sums[number(row["VAT"])] = sums.get(number(row["VAT"]), ZERO) + number(row["Total"])
    return max(sums, key=lambda rate: (abs(sums[rate]), rate)) if any(sums.values()) else Decimal(25)


def delivery(
    held: Raw,
    register: str,
    raw: Raw,
    lines: Sequence[Raw],
    organisation: Raw,
    places: Mapping[str, str],
    articles: Mapping[str, str] | None = None,
) -> list[Difference]:
    """Return what differs between a document and the delivery that it became: head, rows one by one, their sum without VAT.

    articles   which article stands for freight and fee of the head, where the company has chosen one
    """
    currency = str(raw["DeliveryCurrencyName"] or "00")
    said: list[tuple[str, object, object]] = [
        ("customer", str(held["CustomerNumber"]), str(organisation["OrganisationExtraCustom1"] or "")),
        ("description", "faktura", raw["DeliveryDescription"]),
        ("status", "Completed" if register == "invoices" else "New", raw["DeliveryStatus"]),
        ("date", held[DATES[register]], str(raw[f"Delivery{places['date']}"])[:10]),
        ("text", held["Remarks"] or "", raw[f"Delivery{places['text']}"] or ""),
        ("currency", held["Currency"], "SEK" if currency.startswith("00") else currency[:3]),
    ]
    found = [Difference(name, here, there) for name, here, there in said if not same_text(here, there)]
    ordered = sorted(lines, key=lambda line: (line["QuotationLineSortOrder"] or 0, line["QuotationLineId"]))
    rows = held[ROWS[register]]
    carried, told = added(held, [row for row in rows if charged(row)], articles or {})
    found += told
    extra = ordered[len(rows) :] if carried else []
    ordered = ordered[: len(ordered) - len(extra)]
    there = [(str(line["QuotationLineData1"]), _worth(line)) for line in extra]
    if there != carried:
        found.append(Difference("freight and fee", carried, there))
    if ended(held):
        found.append(Difference("standing", "ended", "a delivery"))
    if len(rows) != len(ordered):
        return [*found, Difference("rows", [row["Description"] for row in rows], [line["QuotationLineData2"] for line in ordered])]
    plain = [place for place, row in enumerate(rows) if charged(row)]
    worths = [_worth(ordered[place]) for place in plain]
    nets = dict(zip(plain, nets_of([rows[place] for place in plain], held, worths), strict=True))
    for place, (row, line) in enumerate(zip(rows, ordered, strict=True)):
        found += [
            Difference(f"row {place + 1} {name}", here, there) for name, here, there in _line(row, line, nets.get(place, ZERO))
        ]
    return found


def _worth(line: Raw) -> Decimal:
    quantity, price = number(line["QuotationLineQuantity"]), number(line["QuotationLinePrice"])
    return ore(quantity * price * (100 - number(line["QuotationLineDiscount"])) / 100)


def _line(row: Raw, line: Raw, net: Decimal) -> list[tuple[str, object, object]]:
    text = "" if line["QuotationLineData2"] == "-" else line["QuotationLineData2"]
    wrong: list[tuple[str, object, object]] = []
    if not same_text(row["Description"], text):
        wrong.append(("text", row["Description"], text))
    if not charged(row):
        return wrong
    article = "" if line["QuotationLineData1"] == "-" else line["QuotationLineData1"]
    said = (
        ("article", str(row["ArticleNumber"] or ""), str(article)),
        ("quantity", quantity_of(row), number(line["QuotationLineQuantity"])),
        ("VAT", number(row["VAT"]), number(line["QuotationLineVatPercentage"])),
        ("sum without VAT", net, _worth(line)),
    )
    return wrong + [(name, here, there) for name, here, there in said if here != there]


def sale(
    held: Raw,
    register: str,
    raw: Raw,
    custom: Mapping[str, Any],
    card: object,
    products: Mapping[int, Raw],
    user: str,
    articles: Mapping[str, str] | None = None,
) -> list[Difference]:
    """Return what differs between a document and the sale that it became; rows of text have no place there.

    articles   which article stands for freight and fee of the head, where the company has chosen one
    user   who stands for a reference that names nobody (UPS-08); the name of another user counts where it is the reference
    """
    reference = held["OurReference"] or ""
    said: list[tuple[str, object, object]] = [
        ("customer", str(held["CustomerNumber"]), str(card or "")),
        ("date", held[DATES[register]], str(raw["closeDate"])[:10]),
        ("currency", held["Currency"], raw["currency"]),
        ("probability", 0 if held["Cancelled"] else 100, raw["probability"]),
        ("text", held["Remarks"] or "", custom.get("REMARKS") or ""),
        ("our reference", user, raw["user"]["name"]) if raw["user"]["name"] != reference else ("our reference", 0, 0),
    ]
    found = [Difference(name, here, there) for name, here, there in said if not same_text(here, there)]
    rows = [row for row in held[ROWS[register]] if charged(row)]
    there = sorted(raw["orderRow"], key=lambda row: (row["sortId"], row["id"]))
    carried, told = added(held, rows, articles or {})
    found += told
    extra = there[len(rows) :] if carried else []
    there = there[: len(there) - len(extra)]
    brought = [(str(products[one["productId"]]["articleNo"]), ore(number(one["quantity"]) * number(one["price"]))) for one in extra]
    if brought != carried:
        found.append(Difference("freight and fee", carried, brought))
    if len(rows) != len(there):
        return [*found, Difference("rows", [row["Description"] for row in rows], [row["product"]["name"] for row in there])]
    worths = [ore(number(one["quantity"]) * number(one["price"])) for one in there]
    nets = nets_of(rows, held, worths)
    for place, (row, one) in enumerate(zip(rows, there, strict=True), 1):
        pairs = (
            ("article", str(row["ArticleNumber"] or ""), str(products[one["productId"]]["articleNo"])),
            ("quantity", quantity_of(row), number(one["quantity"])),
            ("sum without VAT", nets[place - 1], worths[place - 1]),
        )
        found += [Difference(f"row {place} {name}", here, there) for name, here, there in pairs if here != there]
    return found


def article(held: Raw, price: Decimal | None, target: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[Difference]:
    """Return what differs between an article and its like elsewhere.

    price    Fortnox' price without VAT, None where it has none
    target   "name", "price" (without VAT), and what else the system keeps: "unit", "cost", "rate"
    before   the like as it was before, None where the hub made it: what Fortnox does not say stays (absent is not zero)
    """
    said: list[tuple[str, object, object]] = [("name", held["Description"], target["name"])]
    found = [
        Difference(name, here, there, same_text(here, there, len(str(there or ""))))
        for name, here, there in said
        if not same_text(here, there)
    ]
    if "unit" in target and held["Unit"] and held["Unit"] != target["unit"]:
        found.append(Difference("unit", held["Unit"], target["unit"]))
    if "cost" in target and number(held["PurchasePrice"]) and number(held["PurchasePrice"]) != number(target["cost"]):
        found.append(Difference("cost price", held["PurchasePrice"], target["cost"]))
    if "rate" in target and number(held["VAT"]) != number(target["rate"]):
        found.append(Difference("VAT", held["VAT"], target["rate"]))
    if price is not None and abs(number(target["price"]) - price) > target.get("within", ZERO):
        found.append(Difference("price", price, target["price"]))
    if price is None and before is not None and before["price"] != target["price"]:
        found.append(Difference("price", f"none; it was {before['price']}", target["price"]))
    if price is None and before is None and number(target["price"]):
        found.append(Difference("price", None, target["price"]))
    return found


def price_lists(held: Sequence[Raw], target: Sequence[Raw]) -> list[Difference]:
    """Return what differs between an article's prices in Fortnox' lists and in the system that keeps them all (MOB-03).

    A price of 0 is none: Fortnox fills it in where nobody set one.
    """
    here = {(str(one["PriceList"]), number(one["FromQuantity"])): number(one["Price"]) for one in held if number(one["Price"])}
    there = {(str(one["priceListCode"]), number(one["fromQuantity"])): number(one["price"]) for one in target}
    return [
        Difference(f"price of list {code} from {start}", here.get((code, start)), there.get((code, start)))
        for code, start in sorted({*here, *there})
        if here.get((code, start)) != there.get((code, start))
    ]
