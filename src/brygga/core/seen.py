"""What a reading gives: one record as its system showed it, and what is known of records that were read before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from brygga.core.echo import NO_ECHO, Echo
from brygga.core.plan import Hold, Remark, Skip
from brygga.core.policy import Side
from brygga.core.record import Record, Ref, Value


@dataclass(frozen=True, slots=True)
class Seen:
    """One record as its system showed it.

    complete   False when it comes from a list that lacks fields of the detail; those are ABSENT in the record
    listed     digest of the list's row, "" where the system has no thinner list
    standing   why this record may not go to the other side, or cannot yet; None when it may
    remark     what a person should know when it does go over
    unfit      what of it is no value of its field and was left out of the record: told, while the rest goes (`spelling`). The same as
               `standing` where nothing of it could be understood (`fault.read_alone`)
    """

    ref: Ref
    record: Record
    complete: bool = True
    listed: str = ""
    standing: Skip | Hold | None = None
    remark: Remark | None = None
    unfit: Hold | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two linked records, both read now, with the base and a person's answers to an earlier conflict (field -> side).

    echo      what the sides made of our own writes
    accepted  the differences of the document in Fortnox that a person accepted, as `Difference.said`
    told      whether it is known what was said of the document as it was linked; links of earlier versions do not know
    shared  another record of the left leads, so that this one has less to say (`core.several`)
    """

    left: Seen
    right: Seen
    base: Mapping[str, Value]
    choices: Mapping[str, Side] = field(default_factory=dict)
    echo: Echo = NO_ECHO
    accepted: frozenset[str] = frozenset()
    shared: bool = False
    told: bool = True


@dataclass(frozen=True, slots=True)
class Fresh:
    """A record that nothing is linked to.

    answer   what a person chose for it: {"link": id of the other side}, {"create": True}, {"skip": reason}; "not" with the
             ids of the other side that a person said it is not; empty if not asked
    shown    read only so that others can be matched with it; its own turn comes with its side's run
    belongs  id of the record of the left that this document of Fortnox belongs to, as it was made of that one's document; "" for none
    """

    side: Side
    seen: Seen
    answer: Mapping[str, object] = field(default_factory=dict)
    shown: bool = False
    belongs: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A record of which the hub holds values from an earlier reading: a possible match. `linked_to` is its partner's id."""

    id: str
    values: Mapping[str, Value]
    linked_to: str = ""
