"""The preflight: every connection tried, every setting compared with what the systems have; a row each, with the repair."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils import timezone

from brygga import connectors
from brygga.connectors.contract import Finding
from brygga.errors import BryggaError, Sentence, Unavailable
from brygga.store import secrets
from brygga.store.models import Company, Connection, Integration
from brygga.sync import compare
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
            rows += [_row(integration.address, finding) for finding in compare.findings(integration)]
    return rows


def check_connection(connection: Connection) -> list[dict[str, Any]]:
    """Try one connection; return its findings as rows."""
    try:
        connector = connect(connection, Counter(), "person", _settings(connection))
        try:
            findings = connector.check()
            findings += _scopes(connection) if connection.system == "fortnox" else []
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
        "repair_sentence": finding.repair.as_json() if finding.repair else None,
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


def _settings(connection: Connection) -> Any:
    integration = Integration.objects.filter(company=connection.company, system=connection.system).first()
    if integration is None:
        return connectors.read_settings(connection.system, connection.settings, f"{connection} settings")
    return connectors.read_settings(connection.system, integration.settings, f"{connection} settings")


def _keep_health(connection: Connection, findings: list[Finding]) -> None:
    wrong = next((finding for finding in findings if finding.level == "error"), None)
    connection.health = _health(wrong)
    connection.account_name = next((one.account for one in findings if one.account), connection.account_name)[:200]
    connection.health_sentence = wrong.sentence.as_json() if wrong else None
    connection.health_at = timezone.now()
    connection.save(update_fields=["account_name", "health", "health_sentence", "health_at"])


def _health(wrong: Finding | None) -> Connection.Health:
    """Return how a connection is by the first thing that is wrong: a missing licence is no failed login (TXT-01)."""
    if wrong is None:
        return Connection.Health.OK
    if wrong.subject == "licence":
        return Connection.Health.LICENCE
    return Connection.Health.AWAY if wrong.exit_status == Unavailable.exit_status else Connection.Health.LOGIN
