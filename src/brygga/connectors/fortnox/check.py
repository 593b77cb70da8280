"""The preflight of Fortnox: the company, its licences, the connection's scopes, and what customers need. A row each."""

from __future__ import annotations

from collections.abc import Callable

from brygga.clients.fortnox import Fortnox
from brygga.connectors.contract import Finding
from brygga.connectors.fortnox.consent import same_number
from brygga.connectors.fortnox.settings import Settings
from brygga.errors import BryggaError, Sentence

LICENCES = frozenset({"2001101", "2001103"})
"""Fortnox' codes for a module, or the right to connect, that the company has not ordered (Fortnox API, section 3.5)."""


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
    ]


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
