"""What a run has read and has to decide on; filled by `fetch`, planned and recorded by `run`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from brygga.core.foresight import Foresight
from brygga.core.marks import Marks
from brygga.core.plan import Item
from brygga.core.planner import Foreseen
from brygga.core.policy import Side
from brygga.core.seen import Fresh, Pair


@dataclass(frozen=True, slots=True)
class Over:
    """A linked record of the left that is gone, as its document is: nothing is asked. `end` is that end as `Difference.said`, "" for none."""

    left_id: str
    right_id: str
    end: str = ""


@dataclass(slots=True)
class Fetched:
    """What one run has to decide on.

    pairs     linked records of which at least one differs from the base, both read now
    fresh     records that nothing is linked to
    items     what is clear already: a record that is gone, one that a rule keeps
    over      records of the left that are gone, and whose documents have ended as well: nothing is asked any more
    quiet     the links of which nothing is to be done, each once though both sides may have been read
    began     side -> when its reading began: where the cursor goes when all is recorded
    foresight what the fresh records are recognised by and who they seem to be, worked out while the rest is still being read
    foreseen  what would be decided on the fresh records if nothing more came
    listed    right id -> digest of its row in Fortnox' list, as read now
    """

    foresight: Foresight
    foreseen: Foreseen | None = None
    pairs: list[Pair] = field(default_factory=list)
    fresh: dict[tuple[Side, str], Fresh] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    began: dict[Side, datetime] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)
    over: list[Over] = field(default_factory=list)
    postponed: list[int] = field(default_factory=list)
    quiet: Marks = field(default_factory=Marks)
