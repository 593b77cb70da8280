"""The fields of every resource, from the published definition: types, lengths, ranges, where they may stand.

`data/fields.csv` is drawn from the two copies of the definition: list columns from March 2026, payloads from April. The
column `where` holds L (list), D (detail), C (POST), U (PUT), * (required). Rows of an array are named `Rows[].Field`.
`data/order.json` holds the order of keys in recorded answers.
"""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass
class Field:
    """One field. `type` is str, int, num, bool, date, datetime, object or array."""

    name: str
    type: str
    where: str = "LDCU"
    min_length: int = 0
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    enum: frozenset[str] | None = None
    children: dict[str, "Field"] = field(default_factory=dict)

    @property
    def required(self) -> bool:
        """Tell whether a POST must hold it."""
        return "*" in self.where

    def writable(self, verb: str) -> bool:
        """Tell whether a payload may hold it; `verb` is C (POST) or U (PUT)."""
        return verb in self.where


def _field(row: dict[str, str]) -> Field:
    return Field(
        row["field"],
        row["type"],
        row["where"],
        int(row["min_length"] or 0),
        int(row["max_length"]) if row["max_length"] else None,
        int(float(row["minimum"])) if row["minimum"] else None,
        int(float(row["maximum"])) if row["maximum"] else None,
        frozenset(row["enum"].split("|")) if row["enum"] else None,
    )


@cache
def _rows() -> dict[str, list[dict[str, str]]]:
    resources: dict[str, list[dict[str, str]]] = {}
    text = files("brygga_sandbox.fortnox").joinpath("data/fields.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        resources.setdefault(row["resource"], []).append(row)
    return resources


@cache
def _orders() -> dict[str, dict[str, int]]:
    text = files("brygga_sandbox.fortnox").joinpath("data/order.json").read_text("utf-8")
    found: dict[str, str] = json.loads(text)
    return {what: {name: place for place, name in enumerate(names.split())} for what, names in found.items()}


def in_recorded_order(what: str, found: Iterable[str]) -> list[str]:
    """Return names in the order that recorded answers have, those not recorded behind.

    `what` is a resource's tag, with " list" behind it for the columns, or tag.field for a sub-object.
    """
    order = _orders().get(what, {})
    return sorted(found, key=lambda name: order.get(name, len(order)))


def fields_of(resource: str, changes: dict[str, dict[str, Any]] | None = None) -> dict[str, Field]:
    """Return the fields of a resource by name, sub-fields under `children`.

    `changes` replaces attributes of a field, or adds one: `{"InvoiceFreight": {"type": "num"}}`, with the full path for
    sub-fields. Raises KeyError for a resource that the definition does not know.
    """
    top: dict[str, Field] = {}
    rows = [dict(row) for row in _rows()[resource]]
    known = {row["field"] for row in rows}
    made = [_field(row) for row in rows] + [Field(path, "str") for path in changes or {} if path not in known]
    for one in made:
        for attribute, value in (changes or {}).get(one.name, {}).items():
            setattr(one, attribute, value)
    for one in sorted(made, key=lambda item: item.name.count(".")):
        *parents, one.name = one.name.replace("[]", "").split(".")
        level = top
        for parent in parents:
            level = level.setdefault(parent, Field(parent, "object")).children
        level[one.name] = one
    return top
