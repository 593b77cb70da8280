"""What may be sent: the fields and search parameters of each resource, checked before anything leaves.

Fortnox' reactions to a wrong field differ: refused, cut without a word, dropped (section 5 of the Fortnox API notes). So every
length, range, enumeration and forbidden character is stopped here. The tables `fields.csv` and `parameters.csv` are made from
the published definition by scripts/fortnox_fields.py.

A wrong name is SettingsError (the code or a mapping is wrong); a wrong value is Rejected, as Fortnox would, with its code.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Literal

from brygga.clients.fortnox import text, wire
from brygga.errors import Rejected, SettingsError

Use = Literal["create", "update"]

_TOO_LONG, _FORBIDDEN, _NOT_A_NUMBER, _NOT_A_BOOLEAN = "2000107", "2000359", "2000108", "2000134"
_NOT_A_STRING, _NULL, _NO_DATA = "2005095", "2000699", "2001392"

# Section 5.1: null clears a header text, but not these.
_NEVER_NULL = {("Customers", "OrganisationNumber"): _NOT_A_STRING}
_NEVER_NULL_IN_ROWS = {"Unit": _NULL}

# Identifiers and addresses of the newer service follow rules of their own.
_ANY_CHARACTERS = frozenset({"Attachment"})


@dataclass(frozen=True)
class Field:
    """One field of a resource: type (str, num, int, bool, date, array, object), limits, and when it may be sent."""

    name: str
    type: str
    shortest: int | None = None
    longest: int | None = None
    lowest: Decimal | None = None
    highest: Decimal | None = None
    values: tuple[str, ...] = ()
    created: bool = False
    updated: bool = False
    required: bool = False
    listed: bool = False
    inner: dict[str, Field] = field(default_factory=dict)

    def may(self, use: Use) -> bool:
        return self.created if use == "create" else self.updated


def fields_of(resource: str) -> Mapping[str, Field]:
    """Return the fields of a resource, by the name that the definition gives it ("Customers"), nested ones in `inner`."""
    return _tables()[resource]


@cache
def _tables() -> dict[str, dict[str, Field]]:
    found: dict[str, dict[str, Field]] = {}
    for row in _rows("fields.csv"):
        level = found.setdefault(row["resource"], {})
        *parents, name = row["field"].replace("[]", "").split(".")
        for parent in parents:
            level = level.setdefault(parent, Field(parent, "object")).inner
        shortest, longest = _span(row["length"])
        lowest, highest = _span(row["range"])
        already = level.get(name)
        level[name] = Field(
            name=name,
            type=row["type"],
            shortest=int(shortest) if shortest else None,
            longest=int(longest) if longest else None,
            lowest=Decimal(lowest) if lowest else None,
            highest=Decimal(highest) if highest else None,
            values=tuple(row["values"].split("|")) if row["values"] else (),
            created="C" in row["sent"],
            updated="U" in row["sent"],
            required=bool(row["required"]),
            listed="L" in row["seen"],
            inner=already.inner if already else {},
        )
    return found


@cache
def parameters_of(path: str) -> Mapping[str, tuple[str, ...]]:
    """Return the query parameters of a GET with the values each may have (none: any); path as the definition writes it."""
    return {
        row["parameter"]: tuple(row["values"].split("|")) if row["values"] else ()
        for row in _rows("parameters.csv")
        if row["path"] == path
    }


def _rows(name: str) -> Iterator[dict[str, str]]:
    with resources.files(__package__).joinpath(name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _span(text: str) -> tuple[str, str]:
    low, _, high = text.partition("..")
    return low, high


# ---------------------------------------------------------------- searching


def query(path: str, given: Mapping[str, object], *, paged: bool = True) -> tuple[tuple[str, str], ...]:
    """Return search parameters ready to send. Raises SettingsError for a name or value that Fortnox does not have there."""
    known = dict(parameters_of(path))
    if paged:
        known["sortorder"] = ("ascending", "descending")
    made = []
    for name, value in given.items():
        if name not in known:
            raise SettingsError(
                "Fortnox' {path} has no parameter {name}. It has: {known}.",
                path=path,
                name=name,
                known=", ".join(sorted(known)),
            )
        several = value if isinstance(value, (list, tuple)) else [value]
        made += [(name, _allowed(path, name, wire.parameter(name, one), known[name])) for one in several]
    return tuple(made)


def _allowed(path: str, name: str, value: str, values: Sequence[str]) -> str:
    if values and value not in values:
        raise SettingsError(
            "Fortnox' {path} does not take {name}={value}. It takes: {values}.",
            path=path,
            name=name,
            value=value,
            values=", ".join(values),
        )
    return value


# ---------------------------------------------------------------- sending


def checked(resource: str, given: Mapping[str, object], use: Use) -> wire.Raw:
    """Return fields ready to send: only those given, every value within its limits.

    Amounts are Decimal or int, dates are `date` or 2014-12-01, None clears a text. A quantity, which Fortnox wants as text, may
    be given as a number. Raises SettingsError for an unknown, wrongly cased or read-only name, Rejected for a value.
    """
    if not given:
        raise Rejected("Nothing was given to {use} in {resource}.", code=_NO_DATA, use=use, resource=resource)
    return _Check(resource, use).mapping(fields_of(resource), given, "")


@dataclass(frozen=True)
class _Check:
    resource: str
    use: Use

    def mapping(self, known: Mapping[str, Field], given: Mapping[str, object], place: str) -> wire.Raw:
        made = {name: self.value(self.field(known, name, place), value, place) for name, value in given.items()}
        if self.use == "create":
            for one in known.values():
                if one.required and one.created and made.get(one.name) in (None, ""):
                    raise self.wrong("Not sent: {resource} {field} is required.", f"{place}{one.name}", _NO_DATA)
        return made

    def field(self, known: Mapping[str, Field], name: str, place: str) -> Field:
        found = known.get(name)
        if found is not None and found.may(self.use):
            return found
        facts = {"field": f"{place}{name}", "use": self.use, "resource": self.resource}
        if found:
            raise SettingsError("The field {field} of Fortnox' {resource} is read-only on {use}.", rule=None, **facts)
        raise SettingsError("Fortnox' {resource} has no field {field} (names are case-sensitive).", rule=None, **facts)

    def value(self, one: Field, value: object, place: str) -> object:
        where = f"{place}{one.name}"
        if value is None:
            self.may_be_emptied(one, place)
            return None
        if one.type == "array":
            return self.array(one, value, where)
        if one.type == "object":
            if not isinstance(value, Mapping):
                raise self.wrong("Not sent: {resource} {field} must be an object.", where, _NO_DATA)
            return self.mapping(one.inner, value, f"{where}.")
        if one.type == "bool":
            if not isinstance(value, bool):
                raise self.wrong("Not sent: {resource} {field} must be true or false.", where, _NOT_A_BOOLEAN)
            return value
        if one.type in ("num", "int", "int64"):
            return self.number(one, value, where)
        if one.type in ("date", "date-time"):
            return self.day(value, where)
        return self.text(one, value, where)

    def may_be_emptied(self, one: Field, place: str) -> None:
        code = _NEVER_NULL.get((self.resource, one.name)) if not place else _NEVER_NULL_IN_ROWS.get(one.name)
        if one.required or code:
            raise self.wrong("Not sent: {resource} {field} cannot be emptied.", f"{place}{one.name}", code or _NULL)

    def array(self, one: Field, value: object, where: str) -> list[object]:
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            raise self.wrong("Not sent: {resource} {field} must be a list.", where, _NO_DATA)
        if one.name.endswith("Rows") and self.use == "update" and not value:
            # Section 9.5: refused with 400; what was meant, all rows gone, Fortnox does not offer.
            raise self.wrong("Not sent: {resource} {field} cannot be an empty list on an update.", where, "2002649")
        if len(value) > 500:
            raise self.wrong("Not sent: {resource} {field} can hold at most 500 rows.", where, "2002649")
        if not one.inner:
            return list(value)
        made: list[object] = []
        for place, row in enumerate(value):
            if not isinstance(row, Mapping):
                raise self.wrong("Not sent: {resource} {field} must be a list of objects.", where, "2002649")
            made.append(self.mapping(one.inner, row, f"{where}[{place}]."))
        return made

    def number(self, one: Field, value: object, where: str) -> object:
        if isinstance(value, (bool, float)) or not isinstance(value, (int, Decimal, str)):
            raise self.wrong("Not sent: {resource} {field} must be a Decimal or an int.", where, _NOT_A_NUMBER)
        try:
            exact = Decimal(value)
        except InvalidOperation:
            exact = Decimal("NaN")
        if not exact.is_finite():
            raise self.wrong("Not sent: {resource} {field} must be a number ({value}).", where, _NOT_A_NUMBER, value=value)
        if one.type != "num" and exact != exact.to_integral_value():
            raise self.wrong(
                "Not sent: {resource} {field} must be a whole number ({value}).",
                where,
                _NOT_A_NUMBER,
                value=value,
            )
        if (one.lowest is not None and exact < one.lowest) or (one.highest is not None and exact > one.highest):
            low, high = one.lowest, one.highest
            outside = "Not sent: {resource} {field} must lie in {low}..{high} ({value})."
            raise self.wrong(outside, where, _NOT_A_NUMBER, value=value, low=low, high=high)
        return value if isinstance(value, (int, str)) else exact

    def day(self, value: object, where: str) -> str:
        if isinstance(value, str):
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError:
                pass  # raised below
        elif isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        raise self.wrong("Not sent: {resource} {field} must be a date ({value}).", where, "2000588", value=value)

    def text(self, one: Field, value: object, where: str) -> str:
        if isinstance(value, (bool, float)) or not isinstance(value, (str, int, Decimal)):
            raise self.wrong("Not sent: {resource} {field} must be a text.", where, _NOT_A_STRING)
        made = wire.number(value) if isinstance(value, Decimal) else str(value)
        if one.values and made not in one.values:
            allowed = ", ".join(one.values)
            raise self.wrong(
                "Not sent: {resource} {field} is “{value}”, not one of {allowed}.",
                where,
                "2000588",
                value=made,
                allowed=allowed,
            )
        if one.longest is not None and len(made) > one.longest:
            too_long = "Not sent: {resource} {field} has {size} characters, at most {longest} are taken."
            raise self.wrong(too_long, where, _TOO_LONG, size=len(made), longest=one.longest)
        if one.shortest and len(made) < one.shortest and (made or one.required):
            too_short = "Not sent: {resource} {field} has {size} characters, at least {shortest} are wanted."
            raise self.wrong(too_short, where, _TOO_LONG, size=len(made), shortest=one.shortest)
        bad = "" if self.resource in _ANY_CHARACTERS else text.forbidden(made)
        if bad:
            raise self.wrong(
                "Not sent: {resource} {field} holds characters that Fortnox does not take ({value}).",
                where,
                _FORBIDDEN,
                value=bad,
            )
        return made

    def wrong(self, template: str, where: str, code: str, **facts: object) -> Rejected:
        """Return the refusal. It shows a number or a sign, never a whole text, which may be a person's."""
        shown = {**facts, "resource": self.resource, "field": where}
        return Rejected(template, repair="", code=code, request_id="", rule=None, **shown)
