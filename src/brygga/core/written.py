"""What is told of a text that one side cannot hold as it is: cut at its limit, or in signs that it does not take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from brygga.core.diff import same
from brygga.core.document import Row
from brygga.core.plan import Remark
from brygga.core.record import ABSENT, Record, Value, present
from brygga.errors import Sentence

_SHOWN: Final = 40
_MOST: Final = 3


def remark_on_writing(id: str, record: Record, system: str, target: str, made: Mapping[str, Value]) -> Remark | None:
    """Say which texts of a record of *system*, called *id* there, are written otherwise to *target*, None where all are the same.

    Spelling that both sides read alike (`diff.same`) is nothing to be told. A change of Fortnox' own in *made* is not looked for: its
    value is compared with the source's.
    """
    told = [
        one
        for name, value in made.items()
        # Nearly always it is the source's own value.
        if (said := getattr(record, name, ABSENT)) is not value
        for one in _otherwise(name, said, value)
    ]
    if not told:
        return None
    before = dict(present(record))
    facts = {
        "name": str(before.get("name") or before.get("customer_name") or before.get("subject") or ""),
        "system": system,
        "id": id,
        "target": target,
        "texts": "; ".join(f"{name}: “{_short(one)}” → “{_short(two)}”" for name, one, two in told[:_MOST]),
    }
    return Remark(Sentence("{name} ({system} {id}): {target} cannot hold every text as it is. Written there: {texts}", facts))


def _otherwise(name: str, before: Value, after: Value) -> Iterator[tuple[str, str, str]]:
    if isinstance(before, str) and isinstance(after, str):
        if before and not same(name, before, after):
            yield name, before, after
    elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        for one, two in zip(before, after, strict=True):
            if isinstance(one, Row) and isinstance(two, Row):
                yield from _otherwise("description", one.description, two.description)


def _short(text: str) -> str:
    """Return the end of a long text with its beginning: what was cut is seen there."""
    return text if len(text) <= 2 * _SHOWN else f"{text[:_SHOWN]} … {text[-_SHOWN:]}"
