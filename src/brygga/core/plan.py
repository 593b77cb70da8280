"""A plan is data: what would be made, changed, linked, held, skipped or asked. Each item says itself; `brake` stops one too big.

The items, in the words of `sync --json`:

    Create    make the record on the side that lacks it            LinkUp    these two are the same; nothing to ask
    Update    change these fields on this side                      Settle    both sides agree anew; only the base moves
    Skip      a rule says no                                        Hold      cannot yet, looked at again in each run
    Conflict  both changed a field that nobody owns                 Question  whose record is this? several, or a weak, candidate
    Unlink    one side no longer has the record
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from brygga.core.agreement import Difference
from brygga.core.policy import Side
from brygga.core.record import Record, Ref, Value
from brygga.errors import BryggaError, Sentence


@dataclass(frozen=True, slots=True)
class Skip:
    """A rule says no. `rule` is the id of its row in the matrix.

    but      the fields that still come over to the record from the other side when the two are linked, as they settle what the rule wants
    outward  the rule says what goes out of this record and no more: what comes from the other side is let through (WEB-11, UPS-18)
    """

    sentence: Sentence
    rule: str
    but: frozenset[str] = frozenset()
    outward: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """It cannot go yet; it is looked at again in each run.

    rule         the id of its row in the matrix, "" where it is the hub's own
    repair       what the person can do; there is always something
    missing      kind and id of the record that it waits for in Fortnox, which we can make when a person says so
    differences  what the document in Fortnox says otherwise than its source; `sentence` says the first
    but          the fields that still come over to the record from the other side when the two are linked
    booked       whether the document that differs is booked in Fortnox, so that it is neither corrected nor cancelled any more
    only         the fields that it is about: of two that are linked it keeps these alone, and the others go; a new record waits whole
    """

    sentence: Sentence
    rule: str
    repair: Sentence
    missing: tuple[str, str] | None = None
    differences: tuple[Difference, ...] = ()
    but: frozenset[str] = frozenset()
    booked: bool = False
    only: frozenset[str] = frozenset()


def held_by(error: BryggaError, rule: str, system: str) -> Hold:
    """Return what holds a record that *system* says in a way that cannot be, or that it refuses: the error, with something to do."""
    facts = {**error.sentence.facts, "system": system}
    return Hold(
        error.sentence, error.rule or rule, error.repair or Sentence("Correct it in {system}. It is read again by itself.", facts)
    )


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person should know of a record though it goes over: something of it did not follow (MOB-18)."""

    sentence: Sentence
    rule: str = ""


def joined(remarks: Iterable[Remark | None]) -> Remark | None:
    """Return several remarks on one record as one, None where there are none."""
    found = [remark for remark in remarks if remark is not None]
    if len(found) < 2:
        return found[0] if found else None
    texts = {"remark1": str(found[0].sentence), "remark2": " ".join(str(one.sentence) for one in found[1:])}
    rules = " ".join(dict.fromkeys(one.rule for one in found if one.rule))
    return Remark(Sentence("{remark1} {remark2}", texts), rules)


@dataclass(frozen=True, slots=True)
class Create:
    """Make the record that `source` shows on *side*; `key` is what the other side will carry.

    later  what was not taken of it, or not with it: it is written when the record is there, each field by itself (`core.apart`)
    """

    action: ClassVar[str] = "create"
    side: Side
    source: Ref
    key: str
    record: Record
    values: Mapping[str, Value]
    complete: bool = True
    remark: Remark | None = None
    later: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """Change fields of one linked record on *side*: field -> (what it holds now, what it shall hold).

    agreed    the values that the base takes when it is done
    settled   the fields whose owner had to decide
    source    the record of the other side, that a document in Fortnox is compared with when it was written
    echoes    side -> field -> what counts as unchanged there when it is done, where that does not follow from the answer
    restores  fields that the side set back by itself beside an earlier write of ours: written again, once
    remark    what a person should know of what is written: a text that was cut, or had signs that the side does not take
    follows   whether it is void where the update of the other side that stands before it was not done
    """

    action: ClassVar[str] = "update"
    side: Side
    left: Ref
    right: Ref
    changes: Mapping[str, tuple[Value, Value]]
    agreed: Mapping[str, Value]
    settled: tuple[str, ...] = ()
    source: Record | None = None
    echoes: Mapping[Side, Mapping[str, Value]] = field(default_factory=dict)
    restores: frozenset[str] = frozenset()
    follows: bool = False
    remark: Remark | None = None


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Link two records that are certainly the same, by `key`; the base takes what they already agree on.

    shared  another of the left belongs to the right already, and leads
    awaits  the id of the record of the left for which this plan makes the right, to which this one belongs as well; "" where
            the right is there
    """

    action: ClassVar[str] = "link"
    left: Ref
    right: Ref
    key: str
    agreed: Mapping[str, Value]
    complete: bool = True
    shared: bool = False
    awaits: str = ""


@dataclass(frozen=True, slots=True)
class Settle:
    """Both sides say the same without our doing: only the base moves."""

    action: ClassVar[str] = "settle"
    left: Ref
    right: Ref
    agreed: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Skipped:
    """One record that a rule keeps here."""

    action: ClassVar[str] = "skip"
    side: Side
    ref: Ref
    why: Skip
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Held:
    """One record that cannot go yet."""

    action: ClassVar[str] = "hold"
    side: Side
    ref: Ref
    why: Hold
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Fields that both sides changed and that nobody owns: field -> (base, left, right)."""

    action: ClassVar[str] = "conflict"
    left: Ref
    right: Ref
    fields: Mapping[str, tuple[Value, Value, Value]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that could be the one asked for, with the evidence."""

    id: str
    key: str
    evidence: tuple[str, ...]
    score: int
    values: Mapping[str, Value]
    linked_to: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One record with several candidates, or a weak one: a person chooses. Nothing is written for it.

    `twins` are records of its own register with the same number.
    """

    action: ClassVar[str] = "question"
    side: Side
    ref: Ref
    candidates: tuple[Candidate, ...]
    sentence: Sentence
    values: Mapping[str, Value]
    twins: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Unlink:
    """One side no longer has the record: the link goes, the other record stays (UPS-16, DESIGN 5).

    both  the other side no longer has it either: nobody is asked what becomes of it
    """

    action: ClassVar[str] = "unlink"
    left: Ref
    right: Ref
    gone: Side
    both: bool = False


Item: TypeAlias = Create | Update | LinkUp | Settle | Skipped | Held | Conflict | Question | Unlink


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of one stream would do. Always an object; empty when there is nothing to do."""

    items: tuple[Item, ...] = ()
    unchanged: int = 0
    known: int = 0
    """How many linked records the stream has: what the brake measures against."""

    @property
    def is_empty(self) -> bool:
        """True when applying it would change nothing, in any system or in what the hub knows of identity."""
        return not any(isinstance(item, (Create, Update, LinkUp, Settle, Unlink)) for item in self.items)

    def counts(self) -> dict[str, int]:
        """Count the items by action, and the unchanged."""
        return dict(Counter(item.action for item in self.items)) | {"unchanged": self.unchanged}


def digest(body: Mapping[str, object]) -> str:
    """Return the SHA-256 of a plan's JSON: what was shown is what is applied."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
