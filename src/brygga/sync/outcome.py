"""What became of the items of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field

from brygga.core.echo import Echo
from brygga.core.plan import Item, LinkUp, Update
from brygga.core.policy import Side
from brygga.core.record import ABSENT, Value
from brygga.core.seen import Seen
from brygga.errors import Sentence
from brygga.store import values


@dataclass(slots=True)
class Outcome:
    """What became of one item: done, failed, unknown (to be looked up), stale (plan again), or noted (nothing to write)."""

    item: Item
    outcome: str
    message: Sentence | None = None
    repair: Sentence | None = None
    rule: str = ""
    left_id: str = ""
    right_id: str = ""


@dataclass(slots=True)
class Applied:
    """What was done so far.

    follow   the updates that follow from what a creation's answer told
    shown    what the answers showed, by side and id
    echoes   (side, left id) -> what the last update of that side was answered otherwise, until it has been told
    held     left ids of the pairs that wait: what is written of them meanwhile settles nothing
    joining  id of a record of the left that is being made on the right -> the links of others that belong to the same
    """

    outcomes: list[Outcome] = field(default_factory=list)
    follow: list[Update] = field(default_factory=list)
    shown: dict[tuple[Side, str], Seen] = field(default_factory=dict)
    echoes: dict[tuple[Side, str], Echo] = field(default_factory=dict)
    joining: dict[str, list[LinkUp]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)


def shown(value: Value) -> object:
    """Return a value as JSON for people and programs; a field that the system does not have is null."""
    return None if value is ABSENT else values.encode(value)
