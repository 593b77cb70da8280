"""The preflight of Fortnox: the company, its licences, the connection's scopes, and what customers need. A row each."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from brygga.clients.fortnox import Fortnox, wire
from brygga.connectors.contract import Finding
from brygga.connectors.fortnox.consent import same_number
from brygga.connectors.fortnox.presence import CODES, codes
from brygga.connectors.fortnox.settings import Settings
from brygga.errors import BryggaError, Sentence

LICENCES = frozenset({"2001101", "2001103"})
"""Fortnox' codes for a module, or the right to connect, that the company has not ordered (Fortnox API, section 3.5)."""


LOOKED_AT = 10
"""So many customers and invoices are looked at: a check is to be quick, and each costs a request."""
CARD = {
    "InvoiceFreight": "Frakt",
    "InvoiceAdministrationFee": "Faktureringsavgift",
    "InvoiceDiscount": "Fakturarabatt",
    "ShowPriceVATIncluded": "Priser inkl. moms",
    "SalesAccount": "Försäljningskonto",
}
"""A field of the card -> what it is called in Fortnox (Fortnox API, section 9.1)."""


def findings(client: Fortnox, settings: Settings) -> list[Finding]:
    """Try what the connection needs. Fortnox' refusals become rows; a refused login or licence ends the check."""
    first = _company(client, settings)
    if first.level == "error":
        return [first]
    return [
        first,
        _row("customers", lambda: _customers(client)),
        _row("terms of payment", lambda: _terms(client)),
        _row("currencies", lambda: _currencies(client)),
        _bookkeeping(client),
        *_rows("registers", lambda: _unreadable(client)),
        *_rows("rounding", lambda: _rounding(client)),
        *_rows("customer cards", lambda: _cards(client)),
    ]


def _unreadable(client: Fortnox) -> list[Finding]:
    """Say which registers may not be read: what a document names of them is not looked for first, and Fortnox refuses what is missing."""
    closed = [kind for kind in CODES if codes(client, kind) is None]
    if not closed:
        return []
    facts = {"registers": ", ".join(CODES[kind][0].replace("_", " ") for kind in closed)}
    said = Sentence(
        "The connection may not read these registers of Fortnox, so what a document names of them is not checked: {registers}.",
        facts,
    )
    return [
        Finding("warning", "registers", said, Sentence("Connect Fortnox again, so that it gives the rights that are missing."), 0)
    ]


def _rounding(client: Fortnox) -> list[Finding]:
    """Say whether the company rounds invoices to whole kronor, which no register tells: its newest invoices do (accounting.md 3.2)."""
    newest = list(islice(client.invoices.list(sortby="documentnumber", sortorder="descending"), LOOKED_AT))
    made = [client.invoices.get(row["DocumentNumber"]) for row in newest if str(row.get("Currency") or "SEK") == "SEK"]
    rounded = next((raw for raw in made if wire.amount(raw.get("RoundOff"))), None)
    if rounded is None:
        return []
    facts = {"number": str(rounded["DocumentNumber"]), "amount": str(rounded["RoundOff"])}
    said = Sentence(
        "Fortnox rounds invoices to whole kronor: invoice {number} by {amount}. What is paid to the öre then differs.", facts
    )
    repair = Sentence(
        "Switch the rounding off in Fortnox where a webshop is connected; else the difference is written off when it is paid."
    )
    return [Finding("warning", "rounding", said, repair, 0)]


def _cards(client: Fortnox) -> list[Finding]:
    """Tell of customers' cards with defaults that documents do not take: freight, fee, discount, mode of prices, sales account."""
    names: dict[str, list[str]] = {}
    looked = list(islice(client.customers.list(filter="active", sortby="customernumber"), LOOKED_AT))
    for row in looked:
        raw = client.customers.get(row["CustomerNumber"])
        for field, told in CARD.items():
            if wire.amount(raw.get(field)) if field != "ShowPriceVATIncluded" else raw.get(field) is True:
                names.setdefault(told, []).append(str(raw.get("Name") or raw["CustomerNumber"]))
    if not names:
        return []
    found = "; ".join(f"{told} {len(who)} ({', '.join(who[:3])})" for told, who in names.items())
    facts = {"count": str(len(looked)), "found": found}
    said = Sentence("Of {count} customers looked at, some have defaults that documents do not take by themselves: {found}.", facts)
    return [Finding("ok", "customer cards", said)]


def _rows(subject: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    """Return what a look finds; what Fortnox refuses is one row, and no error: what it asks for is information."""
    try:
        return look()
    except BryggaError as error:
        return [Finding("warning", subject, error.sentence, error.repair, 0)]


def _row(subject: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except BryggaError as error:
        # A licence that is missing is no failed login, and is not shown as one (TXT-01).
        licence = str(error.facts.get("code")) in LICENCES
        return Finding("error", subject, error.sentence, error.repair, error.exit_status, licence=licence)


def _company(client: Fortnox, settings: Settings) -> Finding:
    def look() -> Finding:
        raw = client.company_information.get()
        facts = {
            "name": str(raw.get("CompanyName") or ""),
            "number": str(raw.get("OrganizationNumber") or ""),
            "tenant": str(raw.get("DatabaseNumber") or ""),
            "wanted": settings.organisation_number,
        }
        if settings.organisation_number and not same_number(facts["number"], settings.organisation_number):
            template = "The connection leads to {name} ({number}), but {wanted} is meant."
            repair = Sentence("Connect Fortnox again and choose the right company.", facts)
            return Finding("error", "company", Sentence(template, facts), repair)
        account = ", ".join(filter(None, (facts["name"], facts["number"])))
        return Finding("ok", "company", Sentence("Connected to {name}, {number} (database {tenant}).", facts), account=account)

    return _row("company", look)


def _customers(client: Fortnox) -> Finding:
    count = client.customers.count()
    return Finding("ok", "customers", Sentence("The customer register can be read: {count} customers.", {"count": str(count)}))


def _terms(client: Fortnox) -> Finding:
    codes = [str(row.get("Code") or "") for row in client.terms_of_payments.list()]
    if not codes:
        sentence = Sentence("Fortnox has no terms of payment.")
        return Finding("warning", "terms of payment", sentence, Sentence("Add them in Fortnox under Inställningar."))
    return Finding("ok", "terms of payment", Sentence("Terms of payment: {codes}.", {"codes": ", ".join(codes)}))


def _bookkeeping(client: Fortnox) -> Finding:
    """Say whether the books can be read; only who imports payments needs that licence (OPT-09, OPT-10), so lacking it is no error."""
    try:
        count = client.vouchers.count()
    except BryggaError as error:
        repair = Sentence("It is needed where payments are imported: add the licence in Fortnox, or give the connection the right.")
        return Finding("warning", "bookkeeping", error.sentence, repair, 0)
    return Finding("ok", "bookkeeping", Sentence("The books can be read: {count} vouchers.", {"count": str(count)}))


def _currencies(client: Fortnox) -> Finding:
    codes = [str(row.get("Code") or "") for row in client.currencies.list()]
    facts = {"codes": ", ".join(codes)}
    if "SEK" not in codes:
        sentence = Sentence("Fortnox' currencies lack SEK: {codes}.", facts)
        return Finding("warning", "currencies", sentence, Sentence("Look at the currencies in Fortnox.", facts))
    return Finding("ok", "currencies", Sentence("Currencies: {codes}.", facts))
