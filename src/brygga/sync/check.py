"""The preflight: every connection tried, every setting compared with what the systems have; a row each, with the repair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

from django.utils import timezone

from brygga import connectors
from brygga.connectors import flows
from brygga.connectors.contract import Books, Finding
from brygga.errors import BryggaError, Sentence, SettingsError, Unavailable
from brygga.store import health, secrets
from brygga.store.models import Company, Connection, Integration, Onboarding, StreamState
from brygga.sync import compare, rehearse
from brygga.sync.address import company
from brygga.sync.connect import scopes
from brygga.sync.open import connect


def companies() -> list[str]:
    """Return the short names of all companies."""
    return list(Company.objects.order_by("slug").values_list("slug", flat=True))


def check_company(slug: str) -> list[dict[str, Any]]:
    """Try every connection of a company; return a row for each finding, and keep the health of each connection.

    Raises SettingsError when there is no such company.
    """
    rows: list[dict[str, Any]] = []
    for connection in Connection.objects.select_related("company").filter(company=company(slug)).order_by("system"):
        rows += check_connection(connection)
    if all(row["exit_status"] != Unavailable.exit_status for row in rows):
        # With a system out of reach, or a login refused, nothing could be compared.
        for integration in Integration.objects.select_related("company").filter(company=company(slug)).order_by("system"):
            rows = settings_rows(integration, rows)
    return rows


def refused(slug: str) -> list[dict[str, Any]]:
    """Return the warnings and errors of a company's settings; none where a system has not been reached yet, or is out of reach."""
    rows: list[dict[str, Any]] = []
    for integration in Integration.objects.select_related("company").filter(company=company(slug)).order_by("system"):
        ends = Connection.objects.filter(company=integration.company, system__in=("fortnox", integration.system))
        if sum(one.health == Connection.Health.OK and one.health_at is not None for one in ends) < 2:
            continue
        found = [row for row in settings_rows(integration, []) if row["level"] != "ok"]
        if all(row["exit_status"] in (0, SettingsError.exit_status) for row in found):
            rows += found
    return rows


def settings_rows(integration: Integration, told: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was told, and a row for each setting that names something in a system and each that a run would refuse.

    What a connector's own check has told keeps its level: a register that nobody ticked is a choice, though its stream is refused.
    """
    rows = [*told, *(_row(integration.address, finding) for finding in compare.findings(integration))]
    said = {row["text"] for row in rows}
    return [*rows, *(_row(integration.address, one) for one in rehearse.findings(integration, moving(integration), said))]


def check_connection(connection: Connection) -> list[dict[str, Any]]:
    """Try one connection; return its findings as rows."""
    try:
        connector = connect(connection, Counter(), "person", _settings(connection))
        try:
            findings = connector.check()
            if connection.system == "fortnox":
                findings += _scopes(connection)
                if not any(finding.level == "error" for finding in findings):
                    findings += _flows(connection, cast(Books, connector))
        finally:
            connector.close()
    except BryggaError as error:
        findings = [Finding("error", "connection", error.sentence, error.repair, error.exit_status)]
    _keep_health(connection, findings)
    return [_row(str(connection), finding) for finding in findings]


def _row(connection: str, finding: Finding) -> dict[str, Any]:
    return {
        "connection": connection,
        "level": finding.level,
        "subject": finding.subject,
        "text": str(finding.sentence),
        "repair": str(finding.repair) if finding.repair else None,
        "sentence": finding.sentence.as_json(),
        "advice": finding.repair.as_json() if finding.repair else None,
        "offer": dict(finding.offer) if finding.offer else None,
        "exit_status": finding.exit_status if finding.level == "error" else 0,
    }


def _scopes(connection: Connection) -> list[Finding]:
    """Compare what the last token was given for with what the company's systems need."""
    given = secrets.read(connection).get("scopes") or ()
    missing = [scope for scope in scopes(connection) if scope not in given]
    if not given or not missing:
        return []
    sentence = Sentence("The connection to Fortnox lacks the scopes {scopes}.", {"scopes": ", ".join(missing)})
    return [Finding("warning", "scopes", sentence, Sentence("Connect Fortnox again and accept all the scopes that are asked for."))]


def _flows(connection: Connection, books: Books) -> list[Finding]:
    """Try what the streams of the company need of Fortnox: scopes and licences of each register, and that today may be booked on."""
    kinds: list[str] = []
    booked: set[str] = set()
    for one in Integration.objects.filter(company=connection.company).order_by("system"):
        streams = moving(one)
        kinds += flows.kinds(one.system, streams, one.settings)
        booked |= {flow.stream for flow in flows.FLOWS[one.system] if flow.books and flow.stream in streams}
    # The customer register is tried in any case.
    rows = [_readable(books, kind) for kind in dict.fromkeys(kinds) if kind != "customer"]
    return [*rows, _open_today(books)] if booked else rows


def moving(integration: Integration) -> list[str]:
    """Return the streams that shall move: those that are on, or that were chosen for it while it is being connected."""
    begun = Onboarding.objects.filter(company=integration.company, system=integration.system, finished_at=None).first()
    return list(begun.streams) if begun is not None else switched_on(integration)


def switched_on(integration: Integration) -> list[str]:
    """Return the streams of an integration that are on."""
    states = StreamState.objects.filter(integration=integration).order_by("pk")
    return [state.name for state in states if state.schedule.get("mode") != "off"]


def _readable(books: Books, kind: str) -> Finding:
    try:
        next(iter(books.changed(kind, timezone.now())), None)
    except BryggaError as error:
        return Finding("error", kind, error.sentence, error.repair, error.exit_status)
    return Finding("ok", kind, Sentence("Can be read in Fortnox: {fields}.", {"fields": kind}))


def _open_today(books: Books) -> Finding:
    """Say whether a document of today could be booked. Without the right to see it, it may still be so: a warning."""
    today = timezone.localdate().isoformat()
    facts = {"date": today}
    try:
        open_ = books.has("open_day", {today})
    except BryggaError as error:
        return Finding("warning", "open day", error.sentence, error.repair, 0)
    if open_:
        return Finding("ok", "open day", Sentence("Today, {date}, lies in a financial year and in an open period.", facts))
    sentence = Sentence("Today, {date}, lies in a period that is locked in Fortnox, or in no financial year.", facts)
    return Finding("error", "open day", sentence, Sentence("Open the period, or add the financial year, in Fortnox."), 1)


def _settings(connection: Connection) -> Any:
    integration = Integration.objects.filter(company=connection.company, system=connection.system).first()
    if integration is None:
        return connectors.read_settings(connection.system, connection.settings, f"{connection} settings")
    return connectors.read_settings(connection.system, integration.settings, f"{connection} settings")


_BASIC = frozenset({"company", "contract", "connection", "sign-in"})
"""What a finding is about when nothing else can be looked at before it is mended."""


def is_basic(subject: str, exit_status: int) -> bool:
    """Say whether an error is about the sign-in, the reach or the licence of a system, and not about what is chosen for it."""
    return exit_status == Unavailable.exit_status or subject in _BASIC


def _keep_health(connection: Connection, findings: list[Finding]) -> None:
    """Keep how the connection is, and whose it is: what is wrong with the settings does not make it a lost one."""
    red = (finding for finding in findings if finding.level == "error")
    wrong = next((finding for finding in red if is_basic(finding.subject, finding.exit_status)), None)
    connection.account_name = next((finding.account for finding in findings if finding.account), connection.account_name)[:200]
    connection.save(update_fields=["account_name"])
    health.keep(connection.pk, _health(wrong), wrong.sentence if wrong else None)


def _health(wrong: Finding | None) -> Connection.Health:
    """Return how a connection is by the first thing that is wrong: a missing licence is no failed login (TXT-01)."""
    if wrong is None:
        return Connection.Health.OK
    if wrong.licence:
        return Connection.Health.LICENCE
    return Connection.Health.AWAY if wrong.exit_status == Unavailable.exit_status else Connection.Health.LOGIN
