"""Opter's invoice beside Fortnox', and its settlement beside the supplier invoice (systems.md 1.4 and 6; accounting.md 6)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from worlds.oracle.arithmetic import ZERO, by_rate, number
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference, Line, Paper, compare
from worlds.oracle.words import digits, postcode, same_text

Raw = Mapping[str, Any]


def paper_of(invoice: Raw, customer: Raw) -> Paper:
    """Return what an invoice says: a row for each account, rate and economic units, in the order in which they come (systems.md 6.2)."""
    sums: dict[tuple[str, ...], list[Any]] = {}
    for coding in invoice["coding"]:
        units = coding.get("economicUnits") or {}
        key = (
            str(coding["account"]),
            str(number(coding["vatPercent"])),
            *(str(units.get(one) or "") for one in ("costCenter", "project", "unit3", "unit4", "unit5")),
        )
        texts, net = sums.get(key, [[], ZERO])
        sums[key] = [
            [*texts, *([coding["text"]] if str(coding["text"] or "").strip() and coding["text"] not in texts else [])],
            net + number(coding["net"]),
        ]
    lines = [
        Line(
            "",
            ", ".join(texts) or None,
            Decimal(1),
            net,
            net,
            Decimal(key[1]),
            account=int(key[0]),
            cost_center=key[2],
            project=key[3],
        )
        for key, (texts, net) in sums.items()
    ]
    foreign = invoice["currency"] != "SEK"
    head: dict[str, Any] = {
        "CustomerNumber": str(customer["customerNumber"]),
        "CustomerName": invoice["customerName"] or customer["name"],
        "Date": invoice["invoiceDate"],
        "DueDate": invoice["dueDate"],
        "DocumentNumber": str(invoice["invoiceNumber"]),
        "Remarks": invoice["remark"] or "",
    }
    if invoice["creditedInvoiceNumber"]:
        head["CreditInvoiceReference"] = str(invoice["creditedInvoiceNumber"])
    if invoice["ocrNumber"]:
        head["OCR"] = invoice["ocrNumber"]
    if foreign:
        head["CurrencyRate"] = number(invoice["currencyRate"])
    rates = by_rate((number(one["vatPercent"]), number(one["vat"])) for one in invoice["coding"])
    total = number(invoice["net"]) + number(invoice["vat"])
    return Paper(f"invoice {invoice['invoiceNumber']}", False, invoice["currency"], lines, head, rates, total, extra_texts=True)


def look(invoice: Raw, customer: Raw, held: Raw, books: Books) -> list[Difference]:
    """Return every difference; what Opter has printed as total is what is booked, or a person is told."""
    found = compare(paper_of(invoice, customer), held, "invoices", books)
    if number(invoice["total"]) != number(held["Total"]):
        found.append(Difference("printed total", invoice["total"], held["Total"], told=True))
    rows = [row for row in held["InvoiceRows"] if row["AccountNumber"]]
    lines = [line for line in paper_of(invoice, customer).lines if isinstance(line, Line)]
    for line, row in zip(lines, rows, strict=False):
        if line.text is None and str(row["Description"] or "").strip():
            found.append(Difference("text that is not Opter's", "", row["Description"], told=True))
    titles = " ".join(str(row["Description"]) for row in held["InvoiceRows"] if not row["AccountNumber"])
    for word in (str(invoice["invoiceNumber"]), *(str(one["orderNumber"]) for one in invoice["orders"])):
        if word not in titles:
            found.append(Difference("title", word, titles))
    return found


def standing(held: Raw) -> list[Difference]:
    """Return the difference where Fortnox' invoice is cancelled, or credited there alone."""
    credited = number(held.get("CreditInvoiceReference")) and str(held.get("Credit")).lower() != "true"
    return [Difference("standing", "an invoice", "ended")] if held["Cancelled"] or credited else []


def must_wait(settlement: Raw) -> str:
    """Say why a settlement may become no supplier invoice, "" where it may (accounting.md 6)."""
    supplier = settlement["supplier"]
    if not supplier["selfBillingAgreement"]:
        return "no agreement on self-billing"
    if supplier["vatRegistered"] and supplier["countryCode"] == "SE" and not supplier["vatNumber"]:
        return "no VAT number, so no input VAT"
    for name in ("bankgiro", "plusgiro"):
        if supplier[name] and not _luhn(supplier[name]):
            return f"{name} {supplier[name]} has a wrong check digit"
    if payable(settlement) < 0:
        return "it comes to less than nothing"
    return ""


def _luhn(text: str) -> bool:
    plain = [int(one) for one in text if one.isdigit()]
    return sum(sum(divmod(one * (1 + place % 2), 10)) for place, one in enumerate(reversed(plain))) % 10 == 0


def parts(settlement: Raw) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Return cost, input VAT, deductions, output VAT: VAT on the sums of each rate, none in for a haulier who is not registered."""
    lines = settlement["lines"]
    cost = by_rate((number(one["vatPercent"]), number(one["net"])) for one in lines if one["kind"] != "deduction")
    sold = by_rate((number(one["vatPercent"]), number(one["net"])) for one in lines if one["kind"] == "deduction")
    registered = settlement["supplier"]["vatRegistered"] and settlement["supplier"]["countryCode"] == "SE"
    vat_in = sum((_vat(amount, rate) for rate, amount in cost.items()), ZERO) if registered else ZERO
    return (
        sum(cost.values(), ZERO),
        vat_in,
        sum(sold.values(), ZERO),
        sum((_vat(amount, rate) for rate, amount in sold.items()), ZERO),
    )


def _vat(net: Decimal, rate: Decimal) -> Decimal:
    return (net * rate / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")


def payable(settlement: Raw) -> Decimal:
    """Return what the haulier is paid."""
    cost, vat_in, sold, vat_out = parts(settlement)
    return cost + vat_in - sold - vat_out


def look_settlement(settlement: Raw, held: Raw, supplier: Raw) -> list[Difference]:
    """Return every difference between a settlement and the supplier invoice that it became."""
    if reason := must_wait(settlement):
        return [Difference("must wait", reason, held["GivenNumber"])]
    cost, vat_in, sold, vat_out = parts(settlement)
    debits: dict[str, Decimal] = {}
    for row in held["SupplierInvoiceRows"]:
        sign = number(row["Debit"]) - number(row["Credit"])
        debits[str(row["Account"])] = debits.get(str(row["Account"]), ZERO) + sign
    found = []
    income = sum((amount for account, amount in debits.items() if account.startswith("3")), ZERO)
    expense = sum((amount for account, amount in debits.items() if account.startswith("4")), ZERO)
    output = sum((amount for account, amount in debits.items() if account in ("2611", "2621", "2631")), ZERO)
    said = (
        ("cost", cost, expense), ("input VAT", vat_in, debits.get("2641", ZERO)), ("deductions", sold, -income),
        ("output VAT", vat_out, -output), ("payable", payable(settlement), -debits.get("2440", ZERO)),
        ("Total", payable(settlement), number(held["Total"])), ("balance", ZERO, sum(debits.values(), ZERO)),
    )  # fmt: skip
    found += [Difference(name, here, there) for name, here, there in said if here != there]
    theirs = settlement["supplier"]
    texts = (
        ("InvoiceNumber", settlement["number"], held["InvoiceNumber"]), ("InvoiceDate", settlement["settlementDate"], held["InvoiceDate"]),
        ("DueDate", settlement["dueDate"], held["DueDate"]), ("Name", theirs["name"], supplier["Name"]),
        ("Address1", theirs["address"]["street"], supplier["Address1"]), ("City", theirs["address"]["city"], supplier["City"]),
        ("BG", digits(theirs["bankgiro"]), digits(supplier["BG"])), ("PG", digits(theirs["plusgiro"]), digits(supplier["PG"])),
        ("ZipCode", postcode(theirs["address"]["postalCode"]), postcode(supplier["ZipCode"])),
    )  # fmt: skip
    found += [Difference(name, here, there) for name, here, there in texts if not same_text(here, there)]
    if theirs["organisationNumber"] and digits(theirs["organisationNumber"]) != digits(supplier["OrganisationNumber"]):
        found.append(Difference("OrganisationNumber", theirs["organisationNumber"], supplier["OrganisationNumber"]))
    return found


def look_payment(held: Raw, registered: Raw, invoice: Raw) -> list[Difference]:
    """Return every difference between a payment of Fortnox and its registration in Opter (OPT-04, OPT-05).

    The sum is that of the invoice's currency; the rate, per one unit, is told for a foreign one alone.
    """
    foreign = invoice["currency"] != "SEK"
    amount = number(held["AmountCurrency"] if foreign else held["Amount"])
    rate = number(held["CurrencyRate"]) / (number(held["CurrencyUnit"]) or 1) if foreign else None
    said = (
        ("invoice", str(held["InvoiceNumber"]), str(registered["invoiceNumber"])),
        ("amount", amount, number(registered["amount"])),
        ("currency", invoice["currency"], registered["currency"]),
        ("rate", rate, None if registered.get("currencyRate") is None else number(registered["currencyRate"])),
        ("payment date", held["PaymentDate"], registered["paymentDate"]),
    )
    return [Difference(name, here, there) for name, here, there in said if here != there]
