"""What an earlier version of the hub wrote is still there, and is nobody's edit. Pure.

Texts were cut within a word once, and signs that Fortnox refuses were replaced one by one. Both ways count as the text itself, else an
upgrade would bring the shortened text back to its source. What stands there is left alone until the text is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from brygga.core.diff import same
from brygga.core.policy import Holding, as_typed


def as_held(holding: Holding, name: str, value: Any, there: Any) -> Any:
    """Return *value* as a side holds it: as it would be written now, or as it was written formerly where that is what is *there*.

    A row is taken as the one at its place is, else as any that says the same.
    """
    now: Any = holding.fit(name, value)
    if now == there or not isinstance(there, (str, tuple)) or type(now) is not type(there):
        return now
    if isinstance(now, tuple):
        once = [_once(holding, name, value, way) for way in _WAYS]
        if all(rows == now for rows in once):
            return now
        return tuple(_row(place, ways, there) for place, ways in enumerate(zip(now, *once, strict=True)))
    if not isinstance(now, str) or same(name, now, there):
        return now
    return next((once for way in _WAYS if same(name, once := _once(holding, name, value, way), there)), now)


_WAYS = ("cut", "signs")


def _row(place: int, ways: Sequence[Any], there: Sequence[Any]) -> Any:
    """Return a row with each of its texts as the row at its place has it, else as any row has it."""
    rows = [*there[place : place + 1], *there]
    changed: dict[str, Any] = {}
    for part in (field.name for field in fields(ways[0])) if is_dataclass(ways[0]) else ():
        texts = [getattr(way, part) for way in ways]
        if isinstance(texts[0], str) and len(set(texts)) > 1:
            said = (text for row in rows for text in texts if same(part, text, getattr(row, part, "")))
            changed[part] = next(said, texts[0])
    return replace(ways[0], **changed)


def _once(holding: Holding, name: str, value: Any, way: str) -> Any:
    """Return a value as it was fitted once: cut within a word, in the signs of today or of then."""
    spell = holding.spell if way == "cut" or holding.formerly is None else holding.formerly
    limits = holding.limits

    def fitted(field: str, text: str) -> str:
        written, limit = spell(field, text), limits.get(field)
        return written if limit is None or len(written) <= limit else written[:limit].rstrip()

    return replace(holding, spell=fitted, limits={}, formerly=as_typed).fit(name, value)
