"""Several records of the left that belong to one of the right: contacts, guests and departments of one customer (DESIGN 5).

One of them leads: it and the customer's card are kept in step as any pair. What the others may change there, and what of the card
comes back to them, is chosen: by default they fill in what is empty on the card, and get the customer's number. What they say
otherwise stays where it is, and is no conflict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from brygga.core.merge import Merged
from brygga.core.record import Value

Gives: TypeAlias = Literal["nothing", "empty", "all"]
Gets: TypeAlias = Literal["number", "all"]
Changes: TypeAlias = Mapping[str, tuple[Value, Value]]


@dataclass(frozen=True, slots=True)
class Several:
    """That several records of the left may belong to one of the right, and what those that do not lead may do.

    certain  one that certain keys recognise is linked though another is already (a shop); else only a person says so
    gives    what a follower changes on the card: "nothing", what is "empty" there, or "all"
    gets     what it gets from the card: its "number", or "all"
    """

    certain: bool = False
    gives: Gives = "empty"
    gets: Gets = "number"


def followed(merged: Merged, several: Several) -> Merged:
    """Return of a merge what holds for a record that follows. What both changed is asked about only where both may tell the other."""
    to_right = {name: pair for name, pair in merged.to_right.items() if _may_give(several, pair[0])}
    to_left = {name: pair for name, pair in merged.to_left.items() if name == "number" or several.gets == "all"}
    settled = tuple(name for name in merged.settled if name in to_right or name in to_left)
    conflicts = merged.conflicts if several.gives == several.gets == "all" else {}
    return replace(merged, to_right=to_right, to_left=to_left, settled=settled, conflicts=conflicts)


def _may_give(several: Several, there: Value) -> bool:
    return several.gives == "all" or (several.gives == "empty" and there in ("", None, ()))
