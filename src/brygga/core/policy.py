"""Who decides what: the rules of a stream as data. Quirks of a system are policy in its own folder, never code here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["left", "right"]

LEFT: Side = "left"
RIGHT: Side = "right"


def other(side: Side) -> Side:
    """Return the opposite side."""
    return RIGHT if side == LEFT else LEFT


@dataclass(frozen=True, slots=True)
class Policy:
    """How two versions of a record are brought together (DESIGN 5, ruling D3).

    owners    field -> the side whose value holds when both changed it; a field without an owner becomes a conflict
    governed  field -> the side that alone decides it: a change on the other side is put back (WEB-28, WEB-42)
    apart     fields that are never compared nor written, though both sides have them
    """

    owners: Mapping[str, Side] = field(default_factory=dict)
    governed: Mapping[str, Side] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()


def as_typed(name: str, text: str) -> str:
    """Spell a text as it was typed: this side takes every sign."""
    return text


@dataclass(frozen=True, slots=True)
class Holding:
    """What one side can hold of a kind.

    fields  the fields it has
    limits  field -> greatest number of characters, for some of them
    spell   (field, text) -> the text in signs that this side takes; spelling it twice changes nothing more
    """

    fields: frozenset[str]
    limits: Mapping[str, int] = field(default_factory=dict)
    spell: Callable[[str, str], str] = as_typed

    def fit(self, name: str, value: object) -> object:
        """Return *value* as this side can hold it: a text in its signs, cut at its limit, and a space at the cut dropped."""
        if not isinstance(value, str):
            return value
        text, limit = self.spell(name, value), self.limits.get(name)
        return text if limit is None or len(text) <= limit else text[:limit].rstrip()
