"""The preflight of Opter: key, contract, currency, accesses, in the order in which one sets up (OPT-10). A row each."""

from __future__ import annotations

from brygga.clients.opter import CONTRACT, Opter, OpterFolder
from brygga.connectors.contract import Finding
from brygga.connectors.opter.settings import Settings
from brygga.errors import BryggaError, Sentence

_NEEDED = ("Customers", "Invoices")


def findings(client: Opter | OpterFolder, settings: Settings) -> list[Finding]:
    """Try the connection and compare it with the settings. Errors of Opter become rows, and end the check."""
    try:
        found = client.installation()
    except BryggaError as error:
        return [Finding("error", "sign-in", error.sentence, error.repair, error.exit_status)]
    company = found.get("company") or {}
    facts = {"name": str(company.get("name") or ""), "number": str(company.get("organisationNumber") or "")}
    account = ", ".join(filter(None, facts.values()))
    rows = [Finding("ok", "company", Sentence("Connected to {name}, {number}.", facts), account=account)]
    if found.get("contract") != CONTRACT:
        spoken = {"spoken": str(found.get("contract") or "none"), "known": CONTRACT}
        rows.append(Finding("error", "contract", Sentence("Opter's adapter speaks {spoken}, and {known} is wanted.", spoken)))
    return [
        *rows,
        _currency(str(found.get("defaultCurrency") or "")),
        *_accesses(settings, {str(one) for one in found["accesses"]}),
    ]


def _currency(currency: str) -> Finding:
    facts = {"currency": currency or "–"}
    if currency == "SEK":
        return Finding("ok", "currency", Sentence("Opter's default currency is SEK.", facts))
    repair = Sentence("Set SEK as default currency in Opter.", facts)
    return Finding(
        "error", "currency", Sentence("Opter's default currency is {currency}; exports and imports need SEK.", facts), repair
    )


def _accesses(settings: Settings, given: set[str]) -> list[Finding]:
    """Say of each access whether the key has it; settlements and payments are needed only by those who use them."""
    rows = []
    for name in (*_NEEDED, "Settlements", "Payments"):
        facts = {"access": name}
        if name in given:
            rows.append(Finding("ok", name, Sentence("The API key has the access {access}.", facts)))
            continue
        needed = name in _NEEDED or (name == "Payments" and bool(settings.payment_definitions))
        repair = Sentence("Give it under Settings, API access in Opter.", facts)
        rows.append(
            Finding("error" if needed else "warning", name, Sentence("The API key lacks the access {access}.", facts), repair)
        )
    if not settings.payment_definitions:
        sentence = Sentence("There is no payment import definition yet; the export of invoices works without.")
        rows.append(Finding("warning", "payments", sentence, Sentence("Add one under payment_definitions.")))
    return rows
