"""The state in a folder: an SQLite file with a line for each record, written once a call, so a crash loses no answer."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from brygga_sandbox.fortnox.state import key_text, text_key
from brygga_sandbox.fortnox.tables import Change, Key, Record, Table

_SCHEMA = """
create table if not exists record (tenant integer, tbl text, key text, body text, minute integer,
                                   primary key (tenant, tbl, key)) without rowid;
create table if not exists value (tenant integer, name text, body text, primary key (tenant, name)) without rowid;
create table if not exists event (position integer primary key, body text);
"""


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"cannot keep {value!r}")


def _dump(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


# One decoder for all: to make one for each line costs more than to read the line.
_load = json.JSONDecoder(parse_float=Decimal).decode


class Store:
    """An open state folder. Tenant 0 is the service itself: apps, consents, tokens."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "fortnox.sqlite3", check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        self._db.executescript(_SCHEMA)

    def save_changes(self, tenant: int, changes: Iterable[Change]) -> None:
        """Keep what a call changed, in one transaction."""
        self._db.execute("begin")
        for change in changes:
            self._save(tenant, change.table, change.key)
        self._db.execute("commit")

    def save_many(self, tenant: int, table: Table, keys: Iterable[Key]) -> None:
        """Keep many records of a table, in one transaction."""
        self._db.execute("begin")
        for key in keys:
            self._save(tenant, table, key)
        self._db.execute("commit")

    def save_value(self, tenant: int, name: str, value: Any) -> None:
        """Keep one setting."""
        self._db.execute("replace into value values (?, ?, ?)", (tenant, name, _dump(value)))

    def save_event(self, position: int, body: dict[str, Any]) -> None:
        """Keep one event of the topics."""
        self._db.execute("replace into event values (?, ?)", (position, _dump(body)))

    def tenants(self) -> list[int]:
        """Return the tenants kept here, without the service itself."""
        rows = self._db.execute("select distinct tenant from value where tenant > 0 order by tenant")
        return [int(row[0]) for row in rows]

    def values(self, tenant: int) -> dict[str, Any]:
        """Return the settings of a tenant."""
        rows = self._db.execute("select name, body from value where tenant = ?", (tenant,))
        return {name: _load(body) for name, body in rows}

    def records(self, tenant: int) -> Iterator[tuple[str, Key, Record, int]]:
        """Yield (table, key, compact record, minute) of a tenant."""
        for table, key, body, minute in self._db.execute("select tbl, key, body, minute from record where tenant = ?", (tenant,)):
            yield table, text_key(key), _load(body), minute

    def events(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield (position, event) in order."""
        for position, body in self._db.execute("select position, body from event order by position"):
            yield position, json.loads(body)

    def clear_companies(self) -> None:
        """Forget all companies and events; the service's own tables stay."""
        self._db.executescript("delete from record where tenant > 0; delete from value where tenant > 0; delete from event;")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _save(self, tenant: int, table: Table, key: Key) -> None:
        compact = table.records.get(key)
        if compact is None:
            self._db.execute("delete from record where tenant = ? and tbl = ? and key = ?", (tenant, table.name, key_text(key)))
        else:
            self._db.execute(
                "replace into record values (?, ?, ?, ?, ?)",
                (tenant, table.name, key_text(key), _dump(compact), table.minutes.get(key, 0)),
            )
