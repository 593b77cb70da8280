"""Many new rows at once: a first sync of 50,000 records is mostly rows, and building a model object for each costs ten times the insert."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import connection, models

_MANY = 2000
"""Rows that are handed to the driver together."""


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of plain values in the order of *names* (fields of the model; a foreign key by its value), in the caller's transaction.

    Nothing is filled in: every column without a default of the database has to be named. Raises IntegrityError as a save would.
    """
    fields = [cast("models.Field[Any, Any]", model._meta.get_field(name)) for name in names]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608  names of our own model
    whole = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    times = [place for place, field in enumerate(fields) if isinstance(field, models.DateTimeField)]
    written: dict[datetime, Any] = {}

    def plain(row: Sequence[Any]) -> list[Any]:
        made = list(row)
        for place in whole:
            if made[place] is not None:
                made[place] = "{}" if made[place] == {} else json.dumps(made[place])
        for place in times:
            at = made[place]
            if at is not None and at not in written:
                written[at] = connection.ops.adapt_datetimefield_value(at)
            made[place] = written.get(at)
        return made

    with connection.cursor() as cursor:
        todo = [plain(row) for row in rows]
        for start in range(0, len(todo), _MANY):
            cursor.executemany(statement, todo[start : start + _MANY])
