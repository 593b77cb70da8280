"""Which accounts an invoice is posted to, in kronor (accounting.md 1; Fortnox API, section 9.7)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox.documents import chart
from brygga_sandbox.fortnox.documents.amounts import ZERO, Line, to_sek, totals, two_decimals, vat_of_gross
from brygga_sandbox.fortnox.documents.posting import Entry, gathered
from brygga_sandbox.fortnox.documents.rows import RowKind, lines_of
from brygga_sandbox.fortnox.errors import refusal_text
from brygga_sandbox.fortnox.state import Company

HOUSEWORK_CLAIM = 1513  # what is asked from the tax authority (accounting.md 7.5)
CASH_ACCOUNTS = {"CASH": "CASH", "CARD": "CASHBYCARD", "AG": "AG"}


def income_entries(company: Company, kind: RowKind, invoice: Mapping[str, Any]) -> list[Entry]:
    """Return the credit side of an invoice: sales by account, output VAT by rate, fee, freight, rounding; in kronor."""
    lines = lines_of(kind, invoice[kind.field])
    sums = totals(
        lines,
        vat_included=invoice["VATIncluded"],
        fee=Decimal(invoice["AdministrationFee"]),
        freight=Decimal(invoice["Freight"]),
        per_row=company.values.get("vat_method") == "per_row",
        round_to_krona=False,
        taxed=invoice.get("_VATType", "SEVAT") in ("SEVAT", "EUVAT"),
    )
    rate, unit = Decimal(invoice["CurrencyRate"]), Decimal(invoice["CurrencyUnit"])
    found: list[Entry] = []

    def add(account: int, amount: Decimal, cost_center: str = "", project: str = "") -> None:
        found.append(Entry(account, -to_sek(amount, rate, unit), cost_center, project))

    for line, net in nets(lines, sums.net, invoice["VATIncluded"]):
        add(line.account, net, line.cost_center or invoice["CostCenter"], line.project or invoice["Project"])
    for percent, vat in sums.vat_by_rate.items():
        if vat:
            add(chart.output_vat_account(company, int(percent)), vat)
    if sums.fee_net:
        add(extra_account(company, "ADMFEE", "fakturaavgift"), sums.fee_net)
    if sums.freight_net:
        add(extra_account(company, "FREIGHT", "frakt"), sums.freight_net)
    return gathered(found)


def extra_account(company: Company, name: str, thing: str) -> int:
    """Return the account of fee or freight. Raises Refusal when it is not set."""
    number = chart.predefined(company, name)
    if not number:
        raise refusal_text(f"Kunde inte bokföra fakturanummer. Förvalt konto för {thing} saknas.")
    return number


def nets(lines: list[Line], net: Decimal, vat_included: bool) -> Iterable[tuple[Line, Decimal]]:
    """Return each line with its net amount; they add up to the net of the document, the largest takes the öre."""
    if not vat_included:
        return [(line, line.total) for line in lines]
    parts = [line.total - vat_of_gross(line.total, line.rate) for line in lines]
    rest = net - sum(parts, ZERO)
    if rest and lines:
        largest = max(range(len(lines)), key=lambda place: abs(parts[place]))
        parts[largest] += rest
    return list(zip(lines, parts, strict=True))


def invoice_entries(company: Company, kind: RowKind, invoice: Mapping[str, Any]) -> list[Entry]:
    """Return the whole voucher of an invoice: what is claimed or was paid on the debit side, rounding evens it out."""
    income = income_entries(company, kind, invoice)
    rate, unit = Decimal(invoice["CurrencyRate"]), Decimal(invoice["CurrencyUnit"])
    claims = [Entry(claim_account(company, invoice), to_sek(Decimal(invoice["TotalToPay"]), rate, unit))]
    if invoice["TaxReduction"]:
        claims.append(Entry(HOUSEWORK_CLAIM, to_sek(Decimal(invoice["TaxReduction"]), rate, unit)))
    entries = gathered([*claims, *income])
    rest = sum((entry.amount for entry in entries), ZERO)
    if rest:
        entries.append(Entry(chart.needed(company, "ROUNDOFF"), -rest))
    return entries


def claim_account(company: Company, invoice: Mapping[str, Any]) -> int:
    """Return where the customer's debt stands; for a cash invoice the account its way of payment fills."""
    if invoice["InvoiceType"] == "CASHINVOICE":
        return chart.needed(company, CASH_ACCOUNTS[str(invoice["PaymentWay"])])
    return chart.needed(company, "CUSTCLAIM")


def share_of(entries: list[Entry], part: Decimal, whole: Decimal) -> list[Entry]:
    """Return the part of each entry that falls on a part of the whole; they add up as the entries do."""
    if not whole:
        return list(entries)
    shares = [two_decimals(entry.amount * part / whole) for entry in entries]
    rest = two_decimals(sum((entry.amount for entry in entries), ZERO) * part / whole) - sum(shares, ZERO)
    if rest and shares:
        largest = max(range(len(shares)), key=lambda place: abs(shares[place]))
        shares[largest] += rest
    return [
        Entry(entry.account, amount, entry.cost_center, entry.project, entry.text)
        for entry, amount in zip(entries, shares, strict=True)
    ]
