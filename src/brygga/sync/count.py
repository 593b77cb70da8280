"""Keep what documents come to on both sides, when a run has both in hand: the overview and the proof need not ask for them again."""

from __future__ import annotations

from brygga.core.plan import Held, Question
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.seen import Pair, Seen
from brygga.core.tally import tally
from brygga.store import links, tallies
from brygga.store.tallies import Counted
from brygga.sync.context import Context
from brygga.sync.fetched import Fetched
from brygga.sync.outcome import Applied

_MONEY = frozenset({"offer", "order", "invoice", "cash_invoice", "payment", "settlement"})


def about_money(kind: str) -> bool:
    """Say whether records of a kind come to an amount."""
    return kind in _MONEY


def keep_of_run(context: Context, fetched: Fetched, applied: Applied) -> None:
    """Keep the tallies of all that this run read or made whole; of what waits for its link too."""
    if not about_money(context.stream.kind):
        return
    seen: dict[tuple[Side, str], Seen] = {key: one.seen for key, one in fetched.fresh.items()}
    pairs: dict[tuple[str, str], None] = {}
    for pair in fetched.pairs:
        seen[LEFT, pair.left.ref.id], seen[RIGHT, pair.right.ref.id] = pair.left, pair.right
        pairs[pair.left.ref.id, pair.right.ref.id] = None
    seen |= applied.shown
    alone: list[tuple[Side, str]] = []
    for outcome in applied.outcomes:
        if outcome.left_id and outcome.right_id:
            pairs[outcome.left_id, outcome.right_id] = None
        elif outcome.outcome == "failed" or isinstance(outcome.item, (Held, Question)):
            alone.append((LEFT, outcome.left_id) if outcome.left_id else (RIGHT, outcome.right_id))
    counted = []
    linked = links.by_id(context.id, context.stream.kind, LEFT, [left for left, _ in pairs])
    for left, right in pairs:
        link = linked.get(left)
        if link is not None and link.right_id == right:
            counted += of_pair(link.pk, seen.get((LEFT, left)), seen.get((RIGHT, right)))
    for side, id in alone:
        one = seen.get((side, id))
        worth = tally(one.record) if one is not None and one.complete else None
        if worth is not None:
            counted.append(Counted(side, id, worth))
    tallies.keep(context.id, context.stream.kind, counted)


def keep_linked(context: Context, left: Seen, right: Seen) -> None:
    """Keep the tallies of two that have just been linked."""
    link = links.one(context.id, context.stream.kind, left.ref.id, right.ref.id)
    if link is not None:
        tallies.keep(context.id, context.stream.kind, of_pair(link.pk, left, right))


def keep_pair(context: Context, link: int, pair: Pair) -> None:
    """Keep the tallies of a pair that was read once more."""
    if about_money(context.stream.kind):
        tallies.keep(context.id, context.stream.kind, of_pair(link, pair.left, pair.right))


def of_pair(link: int, left: Seen | None, right: Seen | None) -> list[Counted]:
    """Return what is known whole of both halves; of the left nothing without its partner, which says what its rows leave out."""
    found: list[Counted] = []
    halves: list[tuple[Side, Seen | None, Seen | None]] = [(LEFT, left, right), (RIGHT, right, left)]
    for side, one, beside in halves:
        partner = beside if beside is not None and beside.complete else None
        if one is None or not one.complete or (side == LEFT and partner is None):
            continue
        worth = tally(one.record, partner.record if partner is not None else None)
        if worth is not None:
            found.append(Counted(side, one.ref.id, worth, link))
    return found
