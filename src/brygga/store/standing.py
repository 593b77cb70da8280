"""How streams stand, of many companies at once and in two queries: what a glance needs to know before it asks a system.

Plain SQL, as this is read every few seconds for hundreds of streams: to put the same questions through the ORM takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from brygga.store.models import Connection, Cursor, JournalEntry, LinkRow, Problem, Run, SettingsVersion, StreamState

_FACTS = """
SELECT 'cursor', integration_id, stream, side, position FROM {cursor} WHERE integration_id IN ({integrations})
UNION ALL SELECT DISTINCT 'open', integration_id, stream, '', CAST(NULL AS timestamptz) FROM {journal}
    WHERE integration_id IN ({integrations}) AND state = 'begun'
UNION ALL SELECT DISTINCT 'open', integration_id, stream, '', CAST(NULL AS timestamptz) FROM {problem}
    WHERE integration_id IN ({integrations}) AND state = 'open' AND (choice IS NOT NULL OR look_at <= %s)
UNION ALL SELECT DISTINCT 'open', integration_id, kind, '', CAST(NULL AS timestamptz) FROM {link}
    WHERE integration_id IN ({integrations}) AND look_again_at <= %s
UNION ALL SELECT 'settings', integration_id, '', '', MAX(made_at) FROM {version}
    WHERE integration_id IN ({integrations}) GROUP BY integration_id
UNION ALL SELECT 'rested', one.id, '', '', CAST(NULL AS timestamptz) FROM {state} one WHERE one.id IN ({states}) AND EXISTS (
    SELECT 1 FROM {run} last WHERE last.status IN ('done', 'partial') AND last.ended_at > %s AND last.id = (
        SELECT earlier.id FROM {run} earlier
        WHERE earlier.integration_id = one.integration_id AND earlier.stream = one.name
            AND earlier."only" = '[]' AND earlier."trigger" NOT IN ('plan', 'prove')
        ORDER BY earlier.queued_at DESC LIMIT 1))
"""
_CONNECTIONS = """
SELECT company_id, system, id, base_url, tenant, secrets_version, settings FROM {connection} WHERE company_id IN ({companies})
"""
_TABLES = {
    "cursor": Cursor, "journal": JournalEntry, "problem": Problem, "link": LinkRow, "version": SettingsVersion,
    "state": StreamState, "run": Run, "connection": Connection,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known at one moment.

    now          that moment
    cursors      (integration, stream, side) -> how far it was read
    open         integrations, with a stream or a kind, where something waits: a write, a problem, a second look
    settings     integration -> when its settings were last changed
    rested       ids of stream states whose last run of all its records ended well, and lately
    connections  (company, system) -> id, and what changes when the connection does
    """

    now: datetime
    cursors: dict[tuple[int, str, str], datetime] = field(default_factory=dict)
    open: set[tuple[int, str]] = field(default_factory=set)
    settings: dict[int, datetime] = field(default_factory=dict)
    rested: set[int] = field(default_factory=set)
    connections: dict[tuple[int, str], tuple[Any, ...]] = field(default_factory=dict)


def of(states: Sequence[StreamState], now: datetime, since: datetime) -> Standing:
    """Return how these streams stand at *now*; a last run that ended before *since* is not lately."""
    standing = Standing(now)
    if not states:
        return standing
    at, lately = (connection.ops.adapt_datetimefield_value(moment) for moment in (now, since))
    names = {
        **{name: connection.ops.quote_name(model._meta.db_table) for name, model in _TABLES.items()},
        "integrations": _numbers({state.integration_id for state in states}),
        "states": _numbers({state.pk for state in states}),
        "companies": _numbers({state.integration.company_id for state in states}),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS.format_map(names), [at, at, lately])
        for what, id, name, side, moment in cursor.fetchall():
            match what:
                case "cursor":
                    standing.cursors[id, name, side] = _aware(moment)
                case "open":
                    standing.open.add((id, name))
                case "settings":
                    standing.settings[id] = _aware(moment)
                case _:
                    standing.rested.add(id)
        cursor.execute(_CONNECTIONS.format_map(names))
        for company, system, *rest in cursor.fetchall():
            standing.connections[company, system] = tuple(rest)
    return standing


def _numbers(ids: Collection[int]) -> str:
    return ", ".join(map(str, sorted(ids)))


def _aware(moment: datetime | str) -> datetime:
    """Return a time as PostgreSQL gives it, or as SQLite keeps it: in UTC without saying so, as a text where its column is not known."""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found if found.tzinfo else found.replace(tzinfo=UTC)
