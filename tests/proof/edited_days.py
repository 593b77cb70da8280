"""Random days in which people edit what has gone over: documents, their customers, bookings, cancellations, payments, settings.

What an office offers for it is in `proof.offices`. At rest: each document is there once on both sides; what one side alone changed is
on both; what both changed is the same on both, one of the two, or waits as a conflict; what was booked or cancelled in Fortnox is as it was
then; money that was paid is known once; and a further run writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from brygga.store.models import JournalEntry, LinkRow, Problem
from proof.crash import REST
from proof.days import ACTS, Days
from proof.world import Line

LEFT, RIGHT = "left", "right"
CUSTOMERS = frozenset({"phone"})
"""Fields of a document's customer: they may be edited also when the document is locked."""
Held = dict[str, Any]
"""What one side holds of a document: "id" and its fields, in words that both sides share."""


class Office(Protocol):
    """A business system's office and Fortnox' beside it.

    fields  what people edit -> on which sides
    kept    those of them that the hub does not carry over: what a person typed in Fortnox stays there
    acts    what else people do with a document -> weight
    """

    fields: ClassVar[Mapping[str, tuple[str, ...]]]
    acts: ClassVar[Mapping[str, int]]

    @property
    def kept(self) -> frozenset[str]: ...

    @property
    def world(self) -> Line: ...

    def sync(self) -> object: ...

    def new(self, mark: str) -> None: ...

    def held(self, mark: str) -> tuple[list[Held], list[Held]]:
        """Return what the two sides hold of a document; the lists are longer where it is doubled."""

    def change(self, mark: str, name: str, side: str, number: int) -> Any:
        """Let a person on a side that has it give a field another value, made from *number*; return it as `held` shows it."""

    def act(self, mark: str, what: str) -> str:
        """Let a person do something with a document that both sides have; "" when it cannot be done."""

    def also(self, mark: str, left: Held, right: Held, done: Counter[str]) -> str:
        """Say what is wrong with a document on which these acts were done."""

    def settings(self, number: int) -> str:
        """Let a person save other settings."""


@dataclass
class Doc:
    """One document: the last words since the last rest, what was done with it, and what Fortnox held when it was locked."""

    mark: str
    edits: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    frozen: Held | None = None


class EditedDays(Days):
    """Days with edits; `go` carries them on."""

    acts: ClassVar[dict[str, int]] = {**ACTS, "new": 10, "edit": 34, "act": 10, "settings": 2}

    def __init__(self, office: Office, seed: int) -> None:
        self.office = office
        self.docs: dict[str, Doc] = {}
        self.typed = 0
        self._begin(office, seed)
        for _ in range(3):
            self._new()
        self._rest()

    def _new(self) -> str:
        self.made += 1
        mark = f"d{self.made:04}"
        with self.world.undisturbed():
            self.office.new(mark)
        self.docs[mark] = Doc(mark)
        return mark

    def _edit(self) -> str:
        doc = self.random.choice(list(self.docs.values()))
        name = self.random.choice(list(self.office.fields))
        side = self.random.choice(self.office.fields[name])
        left, right = self.office.held(doc.mark)
        if len(left if side == LEFT else right) != 1 or (side == RIGHT and doc.frozen is not None and name not in CUSTOMERS):
            return f"{doc.mark} is not to be edited there"
        self.typed += 1
        with self.world.undisturbed():
            value = self.office.change(doc.mark, name, side, self.typed)
        doc.edits.setdefault(name, {})[side] = value
        self.counts[f"edits {side}"] += 1
        return f"{doc.mark} {name} {side} = {value!r}"

    def _act(self) -> str:
        doc = self.random.choice(list(self.docs.values()))
        names = list(self.office.acts)
        if not names:
            return "nothing else is done here"
        [what] = self.random.choices(names, weights=list(self.office.acts.values()))
        left, right = self.office.held(doc.mark)
        if len(left) != 1 or len(right) != 1:
            return f"{doc.mark} is not on both sides"
        with self.world.undisturbed():
            told = self.office.act(doc.mark, what)
        if told:
            doc.done[what] += 1
            self.counts[what] += 1
            if doc.frozen is None and what in ("book", "cancel"):
                doc.frozen = self.office.held(doc.mark)[1][0]
        return f"{doc.mark} {what} {told}"

    def _settings(self) -> str:
        self.typed += 1
        with self.world.undisturbed():
            return self.office.settings(self.typed)

    def _rest(self) -> None:
        for system in self.world.systems.values():
            system.faults.clear()
        for _ in range(4):
            self.world.pass_time(3700)
            self.office.sync()
        for turn in range(3 * REST):
            written = JournalEntry.objects.count()
            self.world.pass_time(3700)
            for system in self.world.systems.values():
                system.requests.clear()
            self.office.sync()
            if JournalEntry.objects.count() == written and not LinkRow.objects.exclude(look_again_at=None).exists() and turn:
                break
        else:
            raise AssertionError("it does not come to rest: an echo, or something is under way for ever")
        self.counts["rests"] += 1
        wrong = [line for doc in self.docs.values() for line in self._wrong_with(doc)]
        assert not wrong, "\n".join(wrong)
        assert not JournalEntry.objects.filter(state=JournalEntry.State.BEGUN).exists(), "a write of the journal is open"
        for doc in self.docs.values():
            doc.edits.clear()

    def _wrong_with(self, doc: Doc) -> list[str]:
        left, right = self.office.held(doc.mark)
        ids = {(LEFT, str(one["id"])) for one in left} | {(RIGHT, str(one["id"])) for one in right}
        standing = [p for p in Problem.objects.filter(state=Problem.State.OPEN) if (p.side, p.record_id) in ids]
        said = f"{doc.mark} {dict(doc.done)} edited {doc.edits}: {left} and {right}, open: {[p.sentence['text'] for p in standing]}"
        if len(left) > 1 or len(right) > 1:
            return [f"doubled: {said}"]
        if not left or not right:
            return [] if standing else [f"missing: {said}"]
        found = []
        for name in self.office.fields:
            here, there, last = left[0].get(name), right[0].get(name), doc.edits.get(name, {})
            if doc.frozen is not None and name not in CUSTOMERS:
                if there != doc.frozen[name]:
                    found.append(f"{name} was changed after it was locked at {doc.frozen[name]!r}: {said}")
            elif name in self.office.kept:
                if RIGHT in last and there != last[RIGHT]:
                    found.append(f"{name}, a lost edit: {said}")
            elif not standing and here != there:
                found.append(f"{name} differs: {said}")
            elif not standing and last and here not in last.values():
                found.append(f"{name}, a lost edit: {said}")
        also = self.office.also(doc.mark, left[0], right[0], doc.done)
        return [*found, f"{also}: {said}"] if also and not standing else found
