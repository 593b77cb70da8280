"""Read what changed, and the other half of every linked pair; lists before details, and details only where a list cannot tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from brygga.core import called
from brygga.core.agreement import came_from_fortnox, told
from brygga.core.alike import asked_by
from brygga.core.ends import Ending, right_state
from brygga.core.match import Identity, Index
from brygga.core.plan import Held, Skip, Skipped, Unlink, held_by
from brygga.core.planner import Rules, foresee
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.core.record import Ref, present
from brygga.core.seen import Fresh, Known, Pair, Seen
from brygga.errors import BadData
from brygga.store import links, problems
from brygga.store.links import Linked
from brygga.store.models import Problem
from brygga.sync import first, whole
from brygga.sync.ahead import ahead, chunks
from brygga.sync.context import Context
from brygga.sync.fetched import Fetched, Over
from brygga.sync.lineage import keep_one, others_of
from brygga.sync.reading import Reading, Touched, since
from brygga.sync.refer import account, alike, as_accounted, check_needs, check_pairs, complete, refer, refer_fresh


def fetch(context: Context, sides: Iterable[Side], only: Iterable[str] = ()) -> Fetched:
    """Read the changes of the given sides, what waits for another look, and the counterparts; nothing is written.

    *only* restricts the run to these records, as `left:8812` or `right:1042`; then no cursor moves, and lists are read only to
    find out whether one that is not linked is there on the other side already.
    """
    fetched = Fetched(context.stream.rules.foresight())
    wanted = [_address(one) for one in only]
    if wanted:
        for side, id in wanted:
            _again(context, fetched, side, id)
        _look_alikes(context, fetched)
        keep_one(context, fetched)
        _in_the_others_words(context, fetched)
        return fetched
    touched: Touched = {}
    due = [side for side in sides if side not in context.stream.unread and whole.is_due(context, side)]
    due += [side for side in sides if first.is_watched_now(context, fetched, side)]
    readings = {side: Reading(context, fetched, side) for side in due}
    whole_ones = {side: reading.records for side, reading in readings.items() if reading.since is None}
    # What is read whole is read ahead, both sides at once, and taken as it comes.
    with ahead(whole_ones, partial(_foresee, first.rules_now(context), fetched)) as coming:
        for reading in readings.values():
            if reading.since is not None:
                for chunk in chunks(reading.records):
                    reading.take(chunk)
        for side, chunk in coming:
            readings[side].take(chunk)
    for reading in readings.values():
        reading.end(touched)
    for side in sides:
        for id in (*first.gone(context, side), *(readings[side].gone() if side in readings else ())):
            _again(context, fetched, side, id)
    if len(touched) > context.pace.details_at_once:
        whole.take_halves(context, touched)
    _complete(context, fetched, touched)
    fetched.quiet.remove(touched)
    for problem in problems.due(context.id, context.stream.name, context.clock(), context.pace.again_at_once):
        _problem_again(context, fetched, problem)
    _read_chosen(context, fetched)
    if fetched.fresh:
        _sweep_other_sides(context, fetched)
    _details_of_fresh(context, fetched)
    keep_one(context, fetched)
    _in_the_others_words(context, fetched)
    return fetched


def _foresee(rules: Rules, fetched: Fetched) -> None:
    """Decide on what has come while a limit is waited for: at a first sync nothing comes after the last wait but the inactive."""
    if fetched.fresh and fetched.foresight.is_of_use:
        fetched.foreseen = foresee(rules, list(fetched.fresh.values()), fetched.foresight)


def _in_the_others_words(context: Context, fetched: Fetched) -> None:
    """Translate references, and look up what must be there first."""
    halves: list[tuple[Side, Seen]] = [half for pair in fetched.pairs for half in ((LEFT, pair.left), (RIGHT, pair.right))]
    seen = refer(context, halves)
    pairs = [replace(pair, left=seen[2 * place], right=seen[2 * place + 1]) for place, pair in enumerate(fetched.pairs)]
    fetched.pairs = check_pairs(context, as_accounted(context, [_as_told(context, alike(context, pair)) for pair in pairs]))
    refer_fresh(context, fetched.fresh)
    account(context, fetched.fresh)
    check_needs(context, fetched.fresh)
    complete(context, fetched.fresh)


def pool(context: Context, fetched: Fetched) -> Mapping[Side, list[Known]]:
    """Return, for each side, what the hub knows of other records: possible matches. Read only when something is fresh."""
    if not fetched.fresh:
        return {LEFT: [], RIGHT: []}
    kind, name = context.stream.kind, context.stream.name
    unlinked = {
        side: [k for k in problems.known(context.id, name, side) if (side, k.id) not in fetched.fresh] for side in (LEFT, RIGHT)
    }
    # What has a document of another kind bears that one's number, and is no match for what has the same in this kind.
    elsewhere = others_of(context, [one.id for one in unlinked[LEFT]])
    unlinked[LEFT] = [one for one in unlinked[LEFT] if one.id not in elsewhere]
    return {side: [*links.known(context.id, kind, side), *unlinked[side]] for side in (LEFT, RIGHT)}


Half = Pair | Held | Unlink | Over
"""What a link was found as: both halves; or one of them is gone, and that is told, takes the link away, or is as it should be."""


def waiting(context: Context, most: int) -> list[tuple[Linked, Half]]:
    """Read both halves of links that wait for a second look (first imports, our own writes), the oldest first.

    What was found for a doubtful write a moment ago is not read again.
    """
    pairs: list[tuple[Linked, Half]] = []
    began = context.run.started_at or context.run.queued_at
    for link in links.due(context.id, context.stream.kind, context.clock(), began, most):
        found = _both(context, link, just_found(context, link))
        if isinstance(found, Pair):
            left, right = refer(context, [(LEFT, found.left), (RIGHT, found.right)])
            [found] = as_accounted(context, [_as_told(context, alike(context, replace(found, left=left, right=right)))])
        pairs.append((link, found))
    return pairs


def _complete(context: Context, fetched: Fetched, touched: Touched) -> None:
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
        _take(context, fetched, link, _both(context, link, {**seen, **at_hand}))
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


def _take(context: Context, fetched: Fetched, link: Linked, found: Half) -> None:
    """Keep what a link was found as for the plan."""
    if isinstance(found, Pair):
        fetched.pairs.append(found)
    elif isinstance(found, Held):
        fetched.items.append(found)
    elif isinstance(found, Over):
        fetched.over.append(found)
    else:
        fetched.items += _parted(context, found)


def _both(context: Context, link: Linked, seen: Mapping[Side, Seen]) -> Half:
    halves: dict[Side, Seen] = {}
    for side in (LEFT, RIGHT):
        half = seen.get(side)
        if half is None or not half.complete:
            half = context.connectors[side].get(context.stream.kind, link.id_on(side))
        if half is None:
            if side == LEFT and context.stream.rules.ends is not None:
                return _gone(context, link, seen.get(RIGHT))
            there = halves.get(other(side)) or seen.get(other(side))
            both = there is None and context.connectors[other(side)].get(context.stream.kind, link.id_on(other(side))) is None
            return Unlink(*_refs(context, link), gone=side, both=both)
        halves[side] = half
    pair = Pair(halves[LEFT], halves[RIGHT], link.base, _answer(context, link), link.echo, link.accepted)
    if not link.told and came_from_fortnox(halves[RIGHT].record):
        pair = replace(pair, told=False)
    return replace(pair, shared=True) if link.shared else pair


def _as_told(context: Context, pair: Pair) -> Pair:
    """Take what a document from Fortnox has in its head as told, where an earlier version linked it and kept nothing of that."""
    if pair.told:
        return pair
    return replace(pair, accepted=pair.accepted | told(context.stream.rules.compare, pair.right.record))


def _gone(context: Context, link: Linked, right: Seen | None) -> Held | Unlink | Over:
    """Return what comes of a link whose record of the left was deleted: of a document as its ends say, and its link is kept.

    Where both have ended it is the end, as a person would accept it: what is settled takes no other's turn in the nightly look.
    """
    left = _refs(context, link)[0]
    if right is None or not right.complete:
        right = context.connectors[RIGHT].get(context.stream.kind, link.right_id)
    ends = context.stream.rules.ends
    if right is None:
        return Unlink(*_refs(context, link), gone=LEFT, both=True)
    assert ends is not None
    if context.connectors[LEFT].capability(context.stream.kind).forgets:
        return Over(link.left_id, link.right_id)
    number, system = str(getattr(right.record, "number", "") or link.right_id), context.called(LEFT)
    name = f"{system} {link.left_id}"
    hold = ends.hold(system, name, number, "gone", right_state(right.record), accepted=link.accepted)
    if hold is not None:
        return Held(LEFT, left, hold, {})
    return Over(link.left_id, link.right_id, Ending("end", "end", "gone", right_state(right.record)).said)


def _parted(context: Context, item: Unlink) -> list[Unlink]:
    """Return what comes apart: of a record of the right that is gone, all that belong to it."""
    if item.gone == LEFT or context.stream.rules.several is None:
        return [item]
    others = links.members(context.id, context.stream.kind, [item.right.id]).get(item.right.id, ())
    return [item, *(replace(item, left=replace(item.left, id=one.left_id)) for one in others if one.left_id != item.left.id)]


def _answer(context: Context, link: Linked) -> dict[str, Side]:
    """Return what a person chose for the fields of a linked record over which there was a conflict."""
    if link.left_id not in context.troubled(LEFT):
        return {}
    problem = problems.by_id(context.id, context.stream.name, LEFT, [link.left_id]).get(link.left_id)
    return (problem.choice or {}).get("fields", {}) if problem else {}


def _refs(context: Context, link: Linked) -> tuple[Ref, Ref]:
    kind = context.stream.kind
    return Ref(context.system(LEFT), kind, link.left_id), Ref(context.system(RIGHT), kind, link.right_id)


def _problem_again(context: Context, fetched: Fetched, problem: Problem) -> None:
    side: Side = LEFT if problem.side == LEFT else RIGHT
    if (side, problem.record_id) in fetched.fresh:
        return
    _again(context, fetched, side, problem.record_id, problems.answer_of(problem))


def _read_chosen(context: Context, fetched: Fetched) -> None:
    """Read each record that a person chose for another and that this run would not read; of one that is linked enough is known."""
    chosen = {(other(side), str(one.answer["link"])) for (side, _), one in fetched.fresh.items() if "link" in one.answer}
    for side, id in sorted(chosen - fetched.fresh.keys()):
        if not links.by_id(context.id, context.stream.kind, side, [id]):
            seen = context.connectors[side].get(context.stream.kind, id)
            if seen is not None:
                fetched.fresh[side, id] = Fresh(side, seen, shown=True)


def _again(context: Context, fetched: Fetched, side: Side, id: str, answer: Mapping[str, object] | None = None) -> None:
    """Read one record anew, with its counterpart when it is linked."""
    link = links.by_id(context.id, context.stream.kind, side, [id]).get(id)
    if link is not None:
        if any(pair.left.ref.id == link.left_id for pair in fetched.pairs):
            return
        _take(context, fetched, link, _both(context, link, {}))
        return
    seen = context.connectors[side].get(context.stream.kind, id)
    if seen is None:
        ref = Ref(context.system(side), context.stream.kind, id)
        gone = Skip(called.gone(context.called(side), context.stream.kind, id), "")
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
        for chunk in chunks(context.connectors[side].changed(kind, since(context, side))):
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
    rules = context.stream.rules
    index: dict[Side, Index] = {side: Index(found, rules.match_keys, joins=rules.joins) for side, found in entries.items()}
    kept = set(chosen)
    for (side, _), identity in chosen.items():
        kept.update((other(side), id) for id in index[other(side)].decide(identity).candidates)
        kept.update((side, id) for id in (*index[side].same_number(identity), *index[side].perhaps_the_same(identity)))
    if asked_by(rules.match_keys):
        # A namesake may be asked about, and whether it is the only one of that name is seen on both sides.
        names = {identity.name for identity in chosen.values() if identity.name}
        kept.update((side, id) for side, found in entries.items() for id, identity in found if identity.name in names)
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
            fetched.items.append(Held(side, ref, held_by(error, "", context.called(side)), values))
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
