"""The preflight of Mobigo: does the sign-in work, may we do what the settings ask for, and what is not configured? A row each."""

from __future__ import annotations

from itertools import islice

from brygga.clients.mobigo import CONTRACT, Mobigo
from brygga.connectors.contract import Finding
from brygga.connectors.mobigo.settings import Settings
from brygga.errors import BryggaError, Sentence, SettingsError

_RIGHTS = {"customers": ("Customers",), "articles": ("Articles", "PriceLists", "Prices")}
_MOST = 50


def findings(client: Mobigo, settings: Settings) -> list[Finding]:
    """Try the connection and compare it with the settings. Errors of Mobigo become rows, and end the check."""
    rows = configuration(settings)
    try:
        me = client.me()
    except BryggaError as error:
        return [_error("sign-in", error), *rows]
    rows.insert(0, _ok("sign-in", "Mobigo accepts the application."))
    if me.get("contract") != CONTRACT:
        facts = {"spoken": str(me.get("contract") or "none"), "known": CONTRACT}
        rows.append(Finding("error", "contract", Sentence("Mobigo's adapter speaks {spoken}, and {known} is wanted.", facts)))
    try:
        return [*rows, *rights(settings, {str(one) for one in me["writes"]}), *time_types(client, settings), *changed(client)]
    except BryggaError as error:
        return [*rows, _error("registers", error)]


def configuration(settings: Settings) -> list[Finding]:
    """Say what must be chosen before an import or an export (MOB-10). What is not chosen is no error by itself."""
    rows = []
    for name in ("customers", "articles"):
        try:
            settings.need_register(name)
        except SettingsError as error:
            rows.append(Finding("warning", "registers", error.sentence, error.repair))
    try:
        settings.need_document()
    except SettingsError as error:
        rows.append(Finding("warning", "document", error.sentence, error.repair))
    return rows


def rights(settings: Settings, writes: set[str]) -> list[Finding]:
    """Compare what the application may write with what the settings have it write."""
    wanted = [register for name in settings.registers for register in _RIGHTS[name]]
    if settings.document:
        wanted.append("ExportResult")
    rows = []
    for register in wanted:
        facts = {"register": register}
        if register in writes:
            rows.append(_ok(register, "The application may write {register}.", **facts))
        else:
            repair = Sentence("Give it the right where Mobigo's adapter is set up.", facts)
            rows.append(Finding("error", register, Sentence("The application may not write {register}.", facts), repair))
    return rows


def time_types(client: Mobigo, settings: Settings) -> list[Finding]:
    """Say which time types have no article, so that their hours would not be exported (MOB-06)."""
    if not (settings.document and settings.export_times):
        return []
    kinds = [raw for raw in client.time_types.records() if raw.get("active") is not False]
    names = [str(raw.get("name")) for raw in kinds]
    unlinked = [
        name for name, raw in zip(names, kinds, strict=True) if not settings.article_of(name, str(raw.get("articleNumber") or ""))
    ]
    rows = []
    if unlinked:
        text = Sentence(
            "No article is linked to the time types {names}: their hours do not follow.", {"names": ", ".join(unlinked)}
        )
        rows.append(Finding("warning", "time_types", text, Sentence("Link them in Mobigo, or under time_types.")))
    gone = [name for name in settings.time_types if name not in names]
    if gone:
        text = Sentence("time_types names {names}, which Mobigo does not have.", {"names": ", ".join(gone)})
        rows.append(Finding("warning", "time_types", text, Sentence("Correct the names.")))
    return rows


def changed(client: Mobigo) -> list[Finding]:
    """Name the assignments that were changed after their export: they are not exported again, so a person corrects by hand (MOB-28)."""
    found = list(islice(client.assignments.changed_after_export(), _MOST))
    if not found:
        return []
    named = [f"{raw.get('number')} ({(raw.get('export') or {}).get('documentNumber')})" for raw in found]
    text = Sentence("Changed in Mobigo after their export: {names}.", {"names": ", ".join(named)})
    return [Finding("warning", "assignments", text, Sentence("Correct the documents in Fortnox by hand."))]


def _ok(subject: str, template: str, **facts: str) -> Finding:
    return Finding("ok", subject, Sentence(template, facts))


def _error(subject: str, error: BryggaError) -> Finding:
    return Finding("error", subject, error.sentence, error.repair, error.exit_status)
