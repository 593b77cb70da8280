"""One side as it is read, chunk by chunk: what of it is in step, what was touched, what is linked to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from brygga.core.diff import diff
from brygga.core.echo import NO_ECHO
from brygga.core.formerly import as_held
from brygga.core.plan import Hold
from brygga.core.policy import RIGHT, Side, other
from brygga.core.record import ABSENT
from brygga.core.seen import Fresh, Seen
from brygga.store import links, problems
from brygga.store.links import Linked
from brygga.sync import first, whole
from brygga.sync.context import Context
from brygga.sync.fetched import Fetched
from brygga.sync.refer import refer

Touched = dict[int, tuple[Linked, dict[Side, Seen]]]
"""Links of which a side differs from the base, by their key, with what was read of them."""


class Reading:
    """The reading of one side. What it finds goes into *fetched*; what was touched, to whoever ends it.

    since    from when on the side is read; None when it is read whole
    records  what comes, as yet unread
    """

    def __init__(self, context: Context, fetched: Fetched, side: Side) -> None:
        self.side = side
        self.since = since(context, side)
        self._context, self._fetched = context, fetched
        self._never = context.position(side) is None
        self._telling = _telling(context, side)
        self._troubled = context.troubled(side)
        self._doubtful: dict[str, tuple[Linked, Seen]] = {}
        self._touched: dict[int, tuple[Linked, Seen]] = {}
        self._read = 0
        # A side that comes whole shows by what is missing what was taken away there.
        self._there: set[str] | None = set() if side in context.stream.whole and not self._never else None
        fetched.began[side] = context.clock()
        self.records = self._begun()

    def _begun(self) -> Iterator[Seen]:
        context, kind, connector = self._context, self._context.stream.kind, self._context.connectors[self.side]
        reading = connector.changed(kind, self.since)
        last = context.believable(self.side)
        if self.since is None and last is not None:
            # Read through once more: what was put away since the last reading is told only among what changed.
            return chain(reading, connector.changed(kind, last - context.pace.clocks_apart))
        return iter(reading)

    def take(self, chunk: list[Seen]) -> None:
        """Sort what came."""
        context, fetched, side = self._context, self._fetched, self.side
        self._read += len(chunk)
        context.progress(f"read {context.called(side)}", self._read)
        if self._there is not None:
            self._there.update(seen.ref.id for seen in chunk)
        linked = links.by_id(context.id, context.stream.kind, side, [seen.ref.id for seen in chunk])
        referred = refer(context, [(side, seen) for seen in chunk])
        for seen, told in zip(chunk, referred, strict=True):
            link = linked.get(seen.ref.id)
            if side == RIGHT and seen.listed:
                fetched.listed[seen.ref.id] = seen.listed
            if link is None and side in context.stream.watched:
                continue
            if link is None:
                old = first.too_old(context, side, seen) if self._never else None
                fetched.fresh[side, seen.ref.id] = Fresh(side, replace(seen, standing=old) if old else seen)
                fetched.foresight.see(side, seen)
            elif _doubtful(seen, link, self.since):
                self._doubtful[seen.ref.id] = (link, seen)
            elif (
                seen.complete
                and seen.unfit is None
                and not (isinstance(seen.standing, Hold) and seen.standing.only)
                and seen.ref.id not in self._troubled
                and not self._is_over(seen)
                and _in_step(context, side, told, link, self._telling)
            ):
                fetched.quiet.add(link.pk)
            else:
                # Also what was kept as it was by a rule: when that is satisfied, what the other side changed meanwhile is to arrive.
                self._touched[link.pk] = (link, seen)

    def _is_over(self, seen: Seen) -> bool:
        """Say whether a record has ended, so that it is looked at whether its partner has."""
        ends = self._context.stream.rules.ends
        return ends is not None and ends.is_over(self.side, seen.record)

    def end(self, touched: Touched) -> None:
        """When all has come: settle what is doubtful, leave out what waits for an answer or is no news, and hand over what was touched."""
        context, fetched, side = self._context, self._fetched, self.side
        if self._doubtful:
            self._resolve_doubt()
        for link, seen in (*self._touched.values(), *self._followers()):
            touched.setdefault(link.pk, (link, {}))[1][side] = seen
        troubled = [id for id in sorted(self._troubled) if (side, id) in fetched.fresh]
        for id, problem in problems.by_id(context.id, context.stream.name, side, troubled).items():
            seen = fetched.fresh[side, id].seen
            if first.waits_for_an_answer(problem) or (side in context.stream.whole and whole.is_known(seen, problem)):
                del fetched.fresh[side, id]
            else:
                kept = first.left_out(context, side, seen, problem)
                fetched.fresh[side, id] = Fresh(side, replace(seen, standing=kept) if kept else seen, problems.answer_of(problem))

    def gone(self) -> list[str]:
        """Return the linked records that did not come, though all come in each reading of this side."""
        return [] if self._there is None else first.not_among(self._context, self.side, self._there)

    def _followers(self) -> list[tuple[Linked, Seen]]:
        """Return the other links of what was touched in Fortnox, where all that belong to a customer are told of it."""
        several = self._context.stream.rules.several
        if self.side != RIGHT or several is None or several.gets != "all":
            return []
        seen = {link.right_id: seen for link, seen in self._touched.values()}
        found = links.members(self._context.id, self._context.stream.kind, seen)
        return [(link, seen[right]) for right, members in found.items() for link in members if link.shared]

    def _resolve_doubt(self) -> None:
        """Ask for the list once more from the minute after our own last touch: what is there was changed by somebody else.

        The rest can only have been changed within the minute of our touch; its detail is read again a while later.
        """
        context, doubtful = self._context, self._doubtful
        last = max(link.compared_at for link, _ in doubtful.values() if link.compared_at is not None)
        later = _minute(last) + timedelta(minutes=1)
        changed: set[str] = set()
        if len(doubtful) == 1:
            # One reading settles it for good, and costs no more than asking for the list again.
            changed = set(doubtful)
        elif later <= context.clock():
            changed = {seen.ref.id for seen in context.connectors[self.side].changed(context.stream.kind, later)}
        unsure = []
        for id, (link, seen) in doubtful.items():
            if id in changed:
                self._touched[link.pk] = (link, seen)
                continue
            self._fetched.quiet.add(link.pk)
            if link.look_again_at is None:
                unsure.append(link.pk)
        links.look_again(unsure, context.clock() + context.pace.again_after)


def since(context: Context, side: Side) -> datetime | None:
    """Return from when on a side is read: from its cursor, and a little earlier, as its clock may be behind ours."""
    last = context.believable(side)
    if last is None or first.read_anew(context, side, last):
        return None
    return last - context.pace.clocks_apart


def _telling(context: Context, side: Side) -> frozenset[str]:
    """Return the fields of this side's records that concern the other side; those that a base holds do so too."""
    rules = context.stream.rules
    references = {name for ours, (theirs, _) in context.stream.refers.items() for name in (ours, theirs)}
    # What the other side can be told counts, also where this side cannot be told it: an invoice of Opter, an assignment of Mobigo.
    known_by = rules.kept_to_know if side == RIGHT else frozenset()
    return rules.holds[other(side)].fields - rules.policy.apart | references & rules.holds[side].fields | known_by


def _in_step(context: Context, side: Side, seen: Seen, link: Linked, telling: frozenset[str]) -> bool:
    """Say whether a record that was read as changed holds what the base says: an echo, or a change that came to nothing."""
    base = link.base
    if (once := context.stream.rules.after_export) is not None:
        # What is kept of an export says nothing of what has still to come back, such as the number.
        base = {name: value for name, value in base.items() if name in telling or name not in once.kept}
    if context.stream.rules.lost and any(getattr(seen.record, name, ABSENT) is ABSENT for name in telling & base.keys()):
        # What it said when they last agreed, and says no more, is to be told.
        return False
    if link.echo is not NO_ECHO:
        if link.echo.differs or link.echo.reset.get(side):
            # It waits, or something of it is to be written once more.
            return False
        base = {**base, **link.echo.of(side)}
    missed = context.stream.rules.policy.missed
    if side == RIGHT and any(name in base and getattr(seen.record, name) is ABSENT for name in missed):
        # Fortnox no longer has it, and a person is told.
        return False
    if base and all(
        (value := getattr(seen.record, name, ABSENT)) is ABSENT or base.get(name, ABSENT) == value for name in chain(telling, base)
    ):
        # Nearly always, so that nothing else is looked at.
        return True
    rules = context.stream.rules
    governed = rules.policy.governed
    told = telling | {name for name in base.keys() - rules.policy.apart if governed.get(name, side) == side}
    fitted = {name: as_held(rules.holds[side], name, value, getattr(seen.record, name, ABSENT)) for name, value in base.items()}
    differing = [name for name in diff(fitted, seen.record) if name in told]
    # A link from a first import has no base yet for what Fortnox' list lacks; its detail is waited for in any case.
    return not any(name in base or not link.thin for name in differing) and bool(base)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _doubtful(seen: Seen, link: Linked, since: datetime | None) -> bool:
    """Say whether a list row may be there only because of what we read or wrote ourselves.

    Fortnox counts changes by the minute and its rows bear no time, so what we compared or wrote in the cursor's minute or
    later comes up again. With an unchanged row the list alone cannot tell a stranger's edit from our own.
    """
    if seen.complete or not seen.listed or seen.listed != link.listed or link.compared_at is None or since is None:
        return False
    return _minute(link.compared_at) >= _minute(since)
