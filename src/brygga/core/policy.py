"""Who decides what: the rules of a stream as data. Quirks of a system are policy in its own folder, never code here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeAlias

from brygga.core.absent import ABSENT
from brygga.core.document import Row, SettlementRow, WriteOff
from brygga.core.fine import in_amount
from brygga.errors import Sentence

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
    untold    fields that Fortnox does not show on the record: it holds what was last written there, as the base says
    filled    fields of which both sides have a value, always: an empty one is filled from the other side and never empties it
    missed    amounts that the left keeps when Fortnox no longer has one, and that a person is told of: none is not zero
    """

    owners: Mapping[str, Side] = field(default_factory=dict)
    governed: Mapping[str, Side] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    untold: frozenset[str] = frozenset()
    missed: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()


def as_typed(name: str, text: str) -> str:
    """Spell a text as it was typed: this side takes every sign."""
    return text


@dataclass(frozen=True, slots=True)
class Holding:
    """What one side can hold of a kind.

    fields      the fields it has
    limits      field -> greatest number of characters, for some of them; of a row's fields as "rows.description"
    spell       (field, text) -> the text in signs that this side takes; spelling it twice changes nothing more
    formerly    the same as earlier versions did, where that was otherwise: what they wrote is still there (`core.formerly`)
    row_fields  the fields of a row that it has; None: all
    steps       the fields that are written by themselves, after the others and in this order: states such as `booked`
    text_rows   whether it has rows of text; else they are left out of what it is given, and stay where they are
    decimals    how many it keeps of a row's quantity, price and discount; None: as many as it is given
    """

    fields: frozenset[str]
    limits: Mapping[str, int] = field(default_factory=dict)
    spell: Callable[[str, str], str] = as_typed
    row_fields: frozenset[str] | None = None
    steps: tuple[str, ...] = ()
    text_rows: bool = True
    decimals: int | None = None
    formerly: Callable[[str, str], str] | None = None

    def fit(self, name: str, value: object) -> object:
        """Return *value* as this side can hold it: a text in its signs, cut between words at its limit.

        Rows keep the fields that this side has, each fitted in the same way; a percentage that is too fine becomes an amount.
        """
        if isinstance(value, tuple):
            kept = value if self.text_rows else [item for item in value if not (isinstance(item, Row) and item.is_text)]
            return tuple(self._row(name, item) if isinstance(item, _ROWS) else item for item in kept)
        if not isinstance(value, str):
            return value
        text, limit = self.spell(name, value), self.limits.get(name)
        return text if limit is None or len(text) <= limit else _cut(text, limit)

    def _row(self, name: str, row: Any) -> Any:
        changed: dict[str, object] = {}
        for part in _PARTS[type(row)]:
            value = getattr(row, part)
            if value is ABSENT:
                continue
            if self.row_fields is not None and part not in self.row_fields:
                changed[part] = ABSENT
            elif isinstance(value, str) and (fitted := self.fit(f"{name}.{part}", value)) != value:
                changed[part] = fitted
        fitted_row = replace(row, **changed) if changed else row
        return in_amount(fitted_row, self.decimals) if self.decimals is not None and isinstance(row, Row) else fitted_row


def _cut(text: str, limit: int) -> str:
    """Cut a text between two words, within a word only where that would leave less than two thirds."""
    kept = text[: limit + 1]
    end = max(kept.rfind(" "), kept.rfind("\n"))
    return text[: end if end * 3 >= limit * 2 else limit].rstrip()


_ROWS = (Row, SettlementRow, WriteOff)
_PARTS: Mapping[type, tuple[str, ...]] = {part: tuple(one.name for one in fields(part)) for part in _ROWS}


@dataclass(frozen=True, slots=True)
class Lock:
    """Why a document may no longer be changed on a side, as it is booked, invoiced or cancelled (DESIGN 5, WEB-37).

    but    the fields that still come over, such as the number and the state
    state  what locks it, for programs: "booked", "became", "cancelled", "sent"; "" where nobody asks
    """

    sentence: Sentence
    rule: str = ""
    but: frozenset[str] = frozenset()
    state: str = ""
