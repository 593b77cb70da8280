"""What can be taken out of the hub: who did what, the books as SIE, and the settings as a file that `apply` reads again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

from brygga.connectors.contract import Books
from brygga.core.sie import read_sie
from brygga.errors import SettingsError
from brygga.store import history
from brygga.store.models import AuditEntry, Company, Connection, HistoryEvent, Integration, StreamState
from brygga.sync.address import company as find
from brygga.sync.declare import ACCOUNTS
from brygga.sync.open import connect, fortnox_settings


def audit_rows(slug: str, since: str = "", until: str = "") -> dict[str, Any]:
    """Return what people and programs did and what was written, oldest first, and whether the history's chain is whole.

    since, until  days as 2026-11-20, both included. Raises SettingsError for what is no day.
    """
    company = find(slug)
    first, last = _day(since, date.min), _day(until, date.max)
    chain = history.verify(company)
    rows = [
        _row(entry.at, "people", entry.who, entry.what, entry.subject, entry.detail, "")
        for entry in AuditEntry.objects.filter(company=company).order_by("pk")
    ]
    rows += [
        _row(event.at, "writes", "", event.what, str(event.entry or ""), event.detail, event.hash)
        for event in HistoryEvent.objects.filter(company=company)
        .select_related("entry")
        .order_by("number")
        .iterator(chunk_size=1000)
    ]
    kept = [row for row in rows if first <= datetime.fromisoformat(row["at"]).date() <= last]
    return {
        "company": slug,
        "whole": chain.broken is None,
        "broken_at": chain.broken,
        "rows": sorted(kept, key=lambda row: row["at"]),
    }


def _row(at: datetime, source: str, who: str, what: str, subject: str, detail: Mapping[str, Any], hash: str) -> dict[str, Any]:
    shown = json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str)
    return {
        "at": at.astimezone(UTC).isoformat(),
        "source": source,
        "who": who,
        "what": what,
        "subject": subject,
        "detail": shown,
        "hash": hash,
    }


def _day(text: str, default: date) -> date:
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError("{text} is no day.", repair="Write it as 2026-11-20.", text=text) from None


def sie_file(slug: str, year: int = 0) -> bytes:
    """Return a company's books of a financial year as SIE 4, byte for byte as Fortnox gives them; checked, not changed.

    year  the id of the year in Fortnox, 0 for the current one. Raises BadData for a file that is no SIE, SettingsError.
    """
    company = find(slug)
    connection = Connection.objects.select_related("company").filter(company=company, system="fortnox").first()
    if connection is None:
        raise SettingsError("{company} has no connection to Fortnox.", repair="Connect it first.", company=slug)
    some = Integration.objects.filter(company=company).first()
    connector = connect(connection, Counter(), "person", fortnox_settings(some) if some else None)
    try:
        content = cast(Books, connector).sie(year)
    finally:
        connector.close()
    read_sie(content)
    return content


def settings_file(slug: str = "") -> str:
    """Return the file that `brygga apply` reads, for one company or all; secrets stand in it by the names of variables."""
    companies = [find(slug)] if slug else list(Company.objects.order_by("slug"))
    return "\n".join(line for company in companies for line in _company(company))


def _company(company: Company) -> list[str]:
    lines = [f"[company.{company.slug}]", f"name = {toml_value(company.name)}", ""]
    for connection in Connection.objects.filter(company=company).order_by("system"):
        account = ACCOUNTS[connection.system]
        here = f"company.{company.slug}.{connection.system}"
        lines.append(f"[{here}]")
        if connection.base_url != account.default_url:
            lines.append(f"base_url = {toml_value(connection.base_url)}")
        if "tenant_id" in account.plain and connection.tenant:
            lines.append(f"tenant_id = {toml_value(connection.tenant)}")
        names = {key: f"{company.slug}_{connection.system}_{key}".upper().replace("-", "_") for key in account.secret}
        lines += [f"{key} = {toml_value(f'env:{name}')}" for key, name in names.items()]
        lines += ["", *_settings(here, connection)]
    return lines


def _settings(here: str, connection: Connection) -> list[str]:
    integration = Integration.objects.filter(company=connection.company, system=connection.system).first()
    settings = connection.settings if integration is None else integration.settings
    lines = []
    if settings:
        lines += [f"[{here}.settings]", *(f"{toml_key(key)} = {toml_value(value)}" for key, value in settings.items()), ""]
    states = StreamState.objects.filter(integration=integration).order_by("pk") if integration else []
    if states:
        lines += [f"[{here}.streams]", *(f"{toml_key(state.name)} = {_schedule(state.schedule)}" for state in states), ""]
    return lines


def _schedule(schedule: Mapping[str, Any]) -> str:
    match schedule.get("mode"):
        case "every":
            return f'{{ every = "{schedule["every"] // 60}m", offset = "{schedule.get("offset", 0) // 60}m" }}'
        case "at":
            return f'{{ at = "{schedule["at"]}" }}'
        case mode:
            return toml_value(mode or "manual")


def toml_key(text: object) -> str:
    """Return a key as TOML has it, in quotes where it needs them."""
    plain = str(text)
    return plain if plain.isascii() and plain.replace("_", "").replace("-", "").isalnum() else json.dumps(plain, ensure_ascii=False)


def toml_value(value: Any) -> str:
    """Return a value as TOML has it, on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml_key(key)} = {toml_value(one)}" for key, one in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
