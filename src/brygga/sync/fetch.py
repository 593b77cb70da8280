"""Read what changed, and the other half of every linked pair; lists before details, and details only where a list cannot tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, islice
from types import MappingProxyType
from typing import TypeVar

from brygga.core.diff import diff
from brygga.core.foresight import Foresight
from brygga.core.marks import Marks
from brygga.core.match import Identity, Index
from brygga.core.plan import Held, Hold, Item, Skip, Skipped, Unlink
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.core.record import ABSENT, Ref, present
from brygga.core.seen import Fresh, Known, Pair, Seen
from brygga.errors import BadData, Sentence
from brygga.store import links, problems
from brygga.store.links import Linked
from brygga.store.models import Problem
from brygga.sync import first, whole
from brygga.sync.ahead import ahead
from brygga.sync.context import Context
from brygga.sync.refer import check_needs, refer, refer_fresh

_CHUNK = 500
T = TypeVar("T")


@dataclass(slots=True)
class Fetched:
    """What one run has to decide on.

    pairs     linked records of which at least one differs from the base, both read now
    fresh     records that nothing is linked to
    items     what is clear already: a record that is gone, one that a rule keeps
    in_step   side -> ids of linked records that were read and hold what the base says, though something was wrong with them before
    quiet     the links of which nothing is to be done, each once though both sides may have been read
    began     side -> when its reading began: where the cursor goes when all is recorded
    foresight what the fresh records are recognised by and who they seem to be, worked out while the rest is still being read
    listed    right id -> digest of its row in Fortnox' list, as read now
    """

    foresight: Foresight
    pairs: list[Pair] = field(default_factory=list)
    fresh: dict[tuple[Side, str], Fresh] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    in_step: dict[Side, list[str]] = field(default_factory=lambda: {LEFT: [], RIGHT: []})
    began: dict[Side, datetime] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)
    postponed: list[int] = field(default_factory=list)
    quiet: Marks = field(default_factory=Marks)


def fetch(context: Context, sides: Iterable[Side], only: Iterable[str] = ()) -> Fetched:
    """Read the changes of the given sides, what waits for another look, and the counterparts; nothing is written.

    *only* restricts the run to these records, as `left:8812` or `right:1042`; then no cursor moves, and lists are read only to
    find out whether one that is not linked is there on the other side already.
    """
    fetched = Fetched(Foresight(context.stream.rules.identify, context.stream.rules.match_keys))
    wanted = [_address(one) for one in only]
    if wanted:
        for side, id in wanted:
            _again(context, fetched, side, id)
        _look_alikes(context, fetched)
        _in_the_others_words(context, fetched)
        return fetched
    touched: dict[int, tuple[Linked, dict[Side, Seen]]] = {}
    due = [side for side in sides if side not in context.stream.unread and whole.is_due(context, side)]
    with ExitStack() as readings:
        begun = [(side, _begin(context, fetched, side, readings)) for side in due]
        for side, (since, reading) in begun:
            _changes(context, fetched, side, touched, since, reading)
    for side in sides:
        for id in first.gone(context, side):
            _again(context, fetched, side, id)
    if len(touched) > context.pace.details_at_once:
        whole.take_halves(context, touched)
    _complete(context, fetched, touched)
    fetched.quiet.remove(touched)
    for problem in problems.due(context.id, context.stream.name, context.clock(), context.pace.again_at_once):
        _problem_again(context, fetched, problem)
    if fetched.fresh:
        _sweep_other_sides(context, fetched)
    _details_of_fresh(context, fetched)
    _in_the_others_words(context, fetched)
    return fetched


def _in_the_others_words(context: Context, fetched: Fetched) -> None:
    """Translate references, and look up what must be there first."""
    halves: list[tuple[Side, Seen]] = [half for pair in fetched.pairs for half in ((LEFT, pair.left), (RIGHT, pair.right))]
    seen = refer(context, halves)
    fetched.pairs = [replace(pair, left=seen[2 * place], right=seen[2 * place + 1]) for place, pair in enumerate(fetched.pairs)]
    refer_fresh(context, fetched.fresh)
    check_needs(context, fetched.fresh)


def pool(context: Context, fetched: Fetched) -> Mapping[Side, list[Known]]:
    """Return, for each side, what the hub knows of other records: possible matches. Read only when something is fresh."""
    if not fetched.fresh:
        return {LEFT: [], RIGHT: []}
    kind, name = context.stream.kind, context.stream.name
    return {
        side: [
            *links.known(context.id, kind, side),
            *(k for k in problems.known(context.id, name, side) if (side, k.id) not in fetched.fresh),
        ]
        for side in (LEFT, RIGHT)
    }


def waiting(context: Context, most: int) -> list[tuple[Linked, Pair | Unlink]]:
    """Read both halves of links that wait for a second look (first imports, our own writes), the oldest first.

    What was found for a doubtful write a moment ago is not read again.
    """
    pairs: list[tuple[Linked, Pair | Unlink]] = []
    began = context.run.started_at or context.run.queued_at
    for link in links.due(context.id, context.stream.kind, context.clock(), began, most):
        found = _both(context, link, just_found(context, link))
        if isinstance(found, Pair):
            left, right = refer(context, [(LEFT, found.left), (RIGHT, found.right)])
            found = replace(found, left=left, right=right)
        pairs.append((link, found))
    return pairs


def _begin(context: Context, fetched: Fetched, side: Side, readings: ExitStack) -> tuple[datetime | None, Iterator[Seen]]:
    """Begin to read a side: since when, and what comes. What is read whole is read ahead, both sides at once."""
    kind, connector = context.stream.kind, context.connectors[side]
    since = _since(context, side)
    fetched.began[side] = context.clock()
    reading = connector.changed(kind, since)
    if since is not None:
        return since, reading
    last = context.believable(side)
    if last is not None:
        # Read through once more: what was put away since the last reading is told only among what changed.
        reading = chain(reading, connector.changed(kind, last - context.pace.clocks_apart))
    return since, readings.enter_context(ahead(reading))


def _changes(
    context: Context,
    fetched: Fetched,
    side: Side,
    touched: dict[int, tuple[Linked, dict[Side, Seen]]],
    since: datetime | None,
    reading: Iterator[Seen],
) -> None:
    kind = context.stream.kind
    never = context.position(side) is None
    doubtful: dict[str, tuple[Linked, Seen]] = {}
    telling = _telling(context, side)
    troubled = problems.unsolved_ids(context.id, context.stream.name, side)
    read = 0
    for chunk in _chunks(reading, _CHUNK):
        read += len(chunk)
        context.progress(f"read {context.called(side)}", read)
        linked = links.by_id(context.id, kind, side, [seen.ref.id for seen in chunk])
        referred = refer(context, [(side, seen) for seen in chunk])
        for seen, told in zip(chunk, referred, strict=True):
            link = linked.get(seen.ref.id)
            if side == RIGHT and seen.listed:
                fetched.listed[seen.ref.id] = seen.listed
            if link is None:
                old = first.too_old(context, side, seen) if never else None
                fetched.fresh[side, seen.ref.id] = Fresh(side, replace(seen, standing=old) if old else seen)
                fetched.foresight.see(side, seen)
            elif _doubtful(seen, link, since):
                doubtful[seen.ref.id] = (link, seen)
            elif seen.complete and _in_step(context, side, told, link, telling):
                fetched.quiet.add(link.pk)
                if seen.ref.id in troubled:
                    fetched.in_step[side].append(seen.ref.id)
            else:
                touched.setdefault(link.pk, (link, {}))[1][side] = seen
    if doubtful:
        _resolve_doubt(context, fetched, side, doubtful, touched)
    known = problems.by_id(context.id, context.stream.name, side, [id for s, id in fetched.fresh if s == side and id in troubled])
    for id, problem in known.items():
        seen = fetched.fresh[side, id].seen
        if first.waits_for_an_answer(problem) or (side in context.stream.whole and whole.is_known(seen, problem)):
            del fetched.fresh[side, id]
        else:
            kept = first.left_out(context, side, seen, problem)
            fetched.fresh[side, id] = Fresh(side, replace(seen, standing=kept) if kept else seen, problem.choice or {})


def _since(context: Context, side: Side) -> datetime | None:
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
    return rules.holds[other(side)].fields - rules.policy.apart | references & rules.holds[side].fields


def _in_step(context: Context, side: Side, seen: Seen, link: Linked, telling: frozenset[str]) -> bool:
    """Say whether a record that was read as changed holds what the base says: an echo, or a change that came to nothing."""
    if link.base and all(
        (value := getattr(seen.record, name, ABSENT)) is ABSENT or link.base.get(name, ABSENT) == value
        for name in chain(telling, link.base)
    ):
        # Nearly always, so that nothing else is looked at.
        return True
    rules = context.stream.rules
    told = telling | link.base.keys() - rules.policy.apart
    fitted = {name: rules.holds[side].fit(name, value) for name, value in link.base.items()}
    differing = [name for name in diff(fitted, seen.record) if name in told]
    # A link from a first import has no base yet for what Fortnox' list lacks; its detail is waited for in any case.
    return not any(name in link.base or not link.thin for name in differing) and bool(link.base)


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


def _resolve_doubt(
    context: Context,
    fetched: Fetched,
    side: Side,
    doubtful: Mapping[str, tuple[Linked, Seen]],
    touched: dict[int, tuple[Linked, dict[Side, Seen]]],
) -> None:
    """Ask for the list once more from the minute after our own last touch: what is there was changed by somebody else.

    The rest can only have been changed within the minute of our touch; its detail is read again a while later.
    """
    last = max(link.compared_at for link, _ in doubtful.values() if link.compared_at is not None)
    later = _minute(last) + timedelta(minutes=1)
    changed: set[str] = set()
    if len(doubtful) == 1:
        # One reading settles it for good, and costs no more than asking for the list again.
        changed = set(doubtful)
    elif later <= context.clock():
        changed = {seen.ref.id for seen in context.connectors[side].changed(context.stream.kind, later)}
    unsure = []
    for id, (link, seen) in doubtful.items():
        if id in changed:
            touched.setdefault(link.pk, (link, {}))[1][side] = seen
            continue
        fetched.quiet.add(link.pk)
        if link.look_again_at is None:
            unsure.append(link.pk)
    links.look_again(unsure, context.clock() + context.pace.again_after)


def _complete(context: Context, fetched: Fetched, touched: Mapping[int, tuple[Linked, dict[Side, Seen]]]) -> None:
    """Read what is missing of each touched pair. Past the pace, the rest is noted and read by the runs to come.

    What was found for a doubtful write is brought together here, as its list shows it until the cursor moves; so its second look can
    wait until the minute of the write is over, as after any write.
    """
    brought = []
    for done, (link, seen) in enumerate(touched.values(), 1):
        if done > context.pace.details_at_once:
            fetched.postponed.append(link.pk)
            continue
        context.progress("read counterparts", done, len(touched))
        at_hand = just_found(context, link, seen)
        if at_hand:
            brought.append(link.pk)
        found = _both(context, link, {**seen, **at_hand})
        if isinstance(found, Unlink):
            fetched.items.append(found)
            continue
        fetched.pairs.append(found)
    links.look_again(brought, context.clock() + context.pace.again_after)
    if fetched.postponed:
        links.look_again(fetched.postponed, context.clock())


def just_found(context: Context, link: Linked, seen: Mapping[Side, Seen] = MappingProxyType({})) -> dict[Side, Seen]:
    """Return the halves that were found for doubtful writes, unless a list has shown since that they are not so any more."""
    halves: dict[Side, Seen] = {}
    for side in (LEFT, RIGHT):
        found, now = context.found.get((side, link.id_on(side))), seen.get(side)
        if found is not None and (now is None or (not now.complete and now.listed == found.listed)):
            halves[side] = found
    return halves


def _both(context: Context, link: Linked, seen: Mapping[Side, Seen]) -> Pair | Unlink:
    halves: dict[Side, Seen] = {}
    for side in (LEFT, RIGHT):
        half = seen.get(side)
        if half is None or not half.complete:
            half = context.connectors[side].get(context.stream.kind, link.id_on(side))
        if half is None:
            return Unlink(*_refs(context, link), gone=side)
        halves[side] = half
    problem = problems.by_id(context.id, context.stream.name, LEFT, [link.left_id]).get(link.left_id)
    answer = (problem.choice or {}).get("fields", {}) if problem else {}
    return Pair(halves[LEFT], halves[RIGHT], link.base, answer)


def _refs(context: Context, link: Linked) -> tuple[Ref, Ref]:
    kind = context.stream.kind
    return Ref(context.system(LEFT), kind, link.left_id), Ref(context.system(RIGHT), kind, link.right_id)


def _problem_again(context: Context, fetched: Fetched, problem: Problem) -> None:
    side: Side = LEFT if problem.side == LEFT else RIGHT
    if (side, problem.record_id) in fetched.fresh:
        return
    _again(context, fetched, side, problem.record_id, problem.choice or {})


def _again(context: Context, fetched: Fetched, side: Side, id: str, answer: Mapping[str, object] | None = None) -> None:
    """Read one record anew, with its counterpart when it is linked."""
    link = links.by_id(context.id, context.stream.kind, side, [id]).get(id)
    if link is not None:
        if any(pair.left.ref.id == link.left_id for pair in fetched.pairs):
            return
        found = _both(context, link, {})
        if isinstance(found, Unlink):
            fetched.items.append(found)
        else:
            fetched.pairs.append(found)
        return
    seen = context.connectors[side].get(context.stream.kind, id)
    if seen is None:
        ref = Ref(context.system(side), context.stream.kind, id)
        gone = Skip(Sentence("{system} no longer has {id}.", {"system": context.called(side), "id": id}), "")
        fetched.items.append(Skipped(side, ref, gone, {}))
        return
    fetched.fresh[side, id] = Fresh(side, seen, answer or {})


def _sweep_other_sides(context: Context, fetched: Fetched) -> None:
    """Before anything is matched: what is new on the side that this run does not read, so that two new ones are not doubled."""
    for side in (LEFT, RIGHT):
        if side not in fetched.began and any(s == other(side) for s, _ in fetched.fresh):
            _sweep(context, fetched, side)


def _sweep(context: Context, fetched: Fetched, side: Side) -> None:
    """Read what is new on a side; it only becomes possible matches: its own turn comes with its side's run, and its cursor stays."""
    kind = context.stream.kind
    if side not in context.stream.unread:
        for chunk in _chunks(context.connectors[side].changed(kind, _since(context, side)), _CHUNK):
            linked = links.by_id(context.id, kind, side, [seen.ref.id for seen in chunk])
            for seen in chunk:
                if seen.ref.id not in linked:
                    fetched.fresh.setdefault((side, seen.ref.id), Fresh(side, seen, shown=True))


def _look_alikes(context: Context, fetched: Fetched) -> None:
    """Before chosen records are made: find those that could be the same, in both registers, and read these alone completely."""
    identify = context.stream.rules.identify
    chosen = {key: identify(dict(present(one.seen.record))) for key, one in fetched.fresh.items()}
    if all(identity == Identity() for identity in chosen.values()):
        return
    for side in (LEFT, RIGHT):
        _sweep(context, fetched, side)
    entries: dict[Side, list[tuple[str, Identity]]] = {
        side: [(id, identify(dict(present(one.seen.record)))) for (s, id), one in fetched.fresh.items() if s == side]
        for side in (LEFT, RIGHT)
    }
    index: dict[Side, Index] = {side: Index(found, context.stream.rules.match_keys) for side, found in entries.items()}
    kept = set(chosen)
    for (side, _), identity in chosen.items():
        kept.update((other(side), id) for id in index[other(side)].decide(identity).candidates)
        kept.update((side, id) for id in index[side].same_number(identity))
    fetched.fresh = {key: one for key, one in fetched.fresh.items() if key in kept}
    _details_of_fresh(context, fetched)


def _details_of_fresh(context: Context, fetched: Fetched) -> None:
    """Read the details of unlinked Fortnox records, unless they are so many that a first import has to go by the list."""
    thin = [key for key, one in fetched.fresh.items() if not one.seen.complete]
    if len(thin) > context.pace.details_at_once:
        return
    for done, key in enumerate(thin, 1):
        side, id = key
        context.progress("read details", done, len(thin))
        listed = fetched.fresh[key].seen.listed
        try:
            seen = context.connectors[side].get(context.stream.kind, id)
        except BadData as error:
            ref = fetched.fresh[key].seen.ref
            values = dict(present(fetched.fresh[key].seen.record))
            fetched.items.append(Held(side, ref, Hold(error.sentence, error.rule or "", error.repair), values))
            del fetched.fresh[key]
            continue
        if seen is None:
            del fetched.fresh[key]
            continue
        fetched.listed[id] = listed
        fetched.fresh[key] = replace(fetched.fresh[key], seen=seen)


def _address(text: str) -> tuple[Side, str]:
    """Read `left:8812` or `right:1042`; the command line has turned system names into sides."""
    side, _, id = text.partition(":")
    return (LEFT if side == LEFT else RIGHT), id


def _chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, size)):
        yield chunk
