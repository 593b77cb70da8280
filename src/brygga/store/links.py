"""Who is who, and what both sides held when they last agreed. Every function stays within one integration.

A record of the left has one link. Several of the left may belong to one of the right, where the stream says so: the first of them
leads and is what the right is compared with, the others follow (`shared`). When the leading one goes, the oldest of the others leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from brygga.core.echo import NO_ECHO, Echo
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.record import Value
from brygga.core.seen import Known
from brygga.store import bulk, values
from brygga.store.models import LinkRow

_MANY = 400
"""Ids in one query: SQLite takes 999 places."""


@dataclass(frozen=True, slots=True)
class Linked:
    """One link with its base, as it stands in the database."""

    pk: int
    left_id: str
    right_id: str
    base: Mapping[str, Value]
    thin: bool
    listed: str
    look_again_at: datetime | None
    compared_at: datetime | None
    lock: Mapping[str, Any] | None = None
    shared: bool = False
    """True for all but the first record of the left that belongs to one record of the right."""
    echo: Echo = NO_ECHO
    accepted: frozenset[str] = frozenset()
    told: bool = False
    """Whether it is known what was said of the document as it was linked; links of earlier versions do not know."""

    def id_on(self, side: Side) -> str:
        return self.left_id if side == LEFT else self.right_id


_COLUMNS = (
    "pk",
    "left_id",
    "right_id",
    "base",
    "thin",
    "listed",
    "look_again_at",
    "compared_at",
    "lock",
    "shared",
    "echo",
    "accepted",
)


def _linked(row: LinkRow) -> Linked:
    base, echo, accepted = values.decode(row.base), _echo_from(row.echo), frozenset(row.accepted or ())
    times = (row.look_again_at, row.compared_at)
    told = row.accepted is not None
    return Linked(row.pk, row.left_id, row.right_id, base, row.thin, row.listed, *times, row.lock, row.shared, echo, accepted, told)


def _echo_from(stored: Mapping[str, Any] | None) -> Echo:
    """Return what `_echo_stored` made this of."""
    if not stored:
        return NO_ECHO
    held: dict[Side, Mapping[str, Value]] = {side: values.decode_fields(stored[side]) for side in (LEFT, RIGHT) if side in stored}
    back = stored.get("reset") or {}
    reset: dict[Side, Mapping[str, Value]] = {side: values.decode_fields(back[side]) for side in (LEFT, RIGHT) if side in back}
    return Echo(held, reset, frozenset(stored.get("differs") or ()), stored.get("asks") is True)


def _echo_stored(echo: Echo) -> dict[str, Any] | None:
    """Return an echo as it is kept; None for none, as for nearly every link."""
    stored: dict[str, Any] = {side: values.encode_fields(fields) for side, fields in echo.held.items() if fields}
    if back := {side: values.encode_fields(fields) for side, fields in echo.reset.items() if fields}:
        stored["reset"] = back
    if echo.differs:
        stored["differs"] = sorted(echo.differs)
    if echo.asks:
        stored["asks"] = True
    return stored or None


def by_id(integration: int, kind: str, side: Side, ids: Sequence[str]) -> dict[str, Linked]:
    """Return id -> link for those of *ids* that are linked on *side*; of several records of the left the one that leads."""
    found: dict[str, Linked] = {}
    for start in range(0, len(ids), _MANY):
        some = ids[start : start + _MANY]
        rows = LinkRow.objects.filter(integration_id=integration, kind=kind, **{f"{side}_id__in": some})
        if side == RIGHT:
            rows = rows.filter(shared=False)
        # Every record that is read passes here: no model is built for it.
        for pk, left, right, base, *rest, echo, accepted in rows.values_list(*_COLUMNS):
            link = Linked(pk, left, right, values.decode(base), *rest)
            if echo or accepted is not None:
                link = replace(link, echo=_echo_from(echo), accepted=frozenset(accepted or ()), told=accepted is not None)
            found[left if side == LEFT else right] = link
    return found


def documents_of(integration: int, left_ids: Sequence[str]) -> Iterator[Linked]:
    """Yield the links of these records of the left to documents, that of an offer before that of what it became."""
    for start in range(0, len(left_ids), _MANY):
        rows = LinkRow.objects.filter(integration_id=integration, left_id__in=left_ids[start : start + _MANY])
        documents = rows.filter(kind__in=("offer", "order", "invoice"))
        yield from (_linked(row) for row in sorted(documents, key=lambda row: (row.kind != "offer", row.pk)))


def members(integration: int, kind: str, right_ids: Iterable[str]) -> dict[str, list[Linked]]:
    """Return right id -> its links, the leading one first and then the oldest, for those to which several of the left belong."""
    wanted = sorted(set(right_ids))
    found: dict[str, list[Linked]] = {}
    for start in range(0, len(wanted), _MANY):
        rows = LinkRow.objects.filter(integration_id=integration, kind=kind, right_id__in=wanted[start : start + _MANY])
        several = rows.filter(shared=True).values_list("right_id", flat=True)
        for row in rows.filter(right_id__in=set(several)).order_by("shared", "pk") if several else ():
            found.setdefault(row.right_id, []).append(_linked(row))
    return found


def one(integration: int, kind: str, left_id: str, right_id: str) -> Linked | None:
    """Return the link of exactly these two, or None."""
    row = LinkRow.objects.filter(integration_id=integration, kind=kind, left_id=left_id, right_id=right_id).first()
    return _linked(row) if row else None


def due(integration: int, kind: str, now: datetime, began: datetime, most: int) -> list[Linked]:
    """Return links whose Fortnox detail is to be read again by now, longest waiting first.

    Thin ones only where they were due when the run began: a first import reads no details, however long it takes.
    """
    rows = LinkRow.objects.filter(integration_id=integration, kind=kind, look_again_at__lte=now)
    rows = rows.filter(Q(thin=False) | Q(look_again_at__lte=began)).order_by("look_again_at", "pk")
    return [_linked(row) for row in rows[:most]]


def waiting(integration: int, kind: str) -> int:
    """Return how many links wait for a reading of Fortnox' detail after a first import."""
    return LinkRow.objects.filter(integration_id=integration, kind=kind, thin=True).count()


def waiting_in(company: int) -> int:
    """Return how many links of a whole company wait for a reading of Fortnox' detail."""
    return LinkRow.objects.filter(integration__company_id=company, thin=True).count()


def count(integration: int, kind: str) -> int:
    """Return how many records are linked."""
    return LinkRow.objects.filter(integration_id=integration, kind=kind).count()


def everyone(integration: int, kind: str | None = None) -> Iterator[Linked]:
    """Yield all links, by left id."""
    rows = LinkRow.objects.filter(integration_id=integration)
    if kind is not None:
        rows = rows.filter(kind=kind)
    for row in rows.order_by("kind", "left_id").iterator(chunk_size=500):
        yield _linked(row)


def known(integration: int, kind: str, side: Side) -> Iterator[Known]:
    """Yield what the hub knows of every linked record of *side*: the base, with the partner's id (the leading one's)."""
    for link in everyone(integration, kind):
        if side == RIGHT and link.shared:
            continue
        mine, theirs = (link.left_id, link.right_id) if side == LEFT else (link.right_id, link.left_id)
        yield Known(mine, link.base, linked_to=theirs)


def put(
    integration: int,
    kind: str,
    left_id: str,
    right_id: str,
    base: Mapping[str, Value],
    *,
    thin: bool = False,
    listed: str = "",
    compared_at: datetime | None = None,
    look_again_at: datetime | None = None,
    echo: Echo = NO_ECHO,
    shared: bool = False,
    accepted: Sequence[str] | None = None,
) -> None:
    """Link two records. The database refuses a second link of either; linking the same two again changes the base only.

    shared  the right may belong to another record of the left already; then this one follows, else it leads
    """
    row, made = LinkRow.objects.get_or_create(
        integration_id=integration,
        kind=kind,
        left_id=left_id,
        right_id=right_id,
        defaults={
            "shared": shared and bool(_led(integration, kind, [right_id])),
            "base": values.encode(base),
            "thin": thin,
            "listed": listed,
            "compared_at": compared_at,
            "look_again_at": look_again_at,
            "echo": _echo_stored(echo),
            "accepted": None if accepted is None else sorted(accepted),
        },
    )
    if not made:
        row.base, row.echo = row.base | values.encode(base), _echo_stored(echo)
        row.thin, row.listed, row.look_again_at = thin, listed or row.listed, look_again_at
        row.compared_at = compared_at or row.compared_at
        row.save()


@dataclass(slots=True)
class NewLink:
    """Two records to be linked; see `put`."""

    left_id: str
    right_id: str
    base: Mapping[str, Value]
    thin: bool = False
    listed: str = ""
    compared_at: datetime | None = None
    look_again_at: datetime | None = None
    echo: Echo = NO_ECHO
    shared: bool = False
    accepted: Sequence[str] | None = None
    """What was said of a document as it was linked (`agreement.told`); None where nothing is to be known of it."""


def _led(integration: int, kind: str, right_ids: Sequence[str]) -> set[str]:
    """Return those of the right to which a record of the left belongs already."""
    found: set[str] = set()
    for start in range(0, len(right_ids), _MANY):
        rows = LinkRow.objects.filter(integration_id=integration, kind=kind, right_id__in=right_ids[start : start + _MANY])
        found.update(rows.values_list("right_id", flat=True))
    return found


def _told_apart(integration: int, kind: str, wanted: Sequence[NewLink]) -> Iterator[NewLink]:
    """Yield the links with the first of each right as the leading one, where nobody leads it yet."""
    if not any(one.shared for one in wanted):
        yield from wanted
        return
    led = _led(integration, kind, [one.right_id for one in wanted if one.shared])
    led |= {one.right_id for one in wanted if not one.shared}
    for one in wanted:
        yield replace(one, shared=one.shared and one.right_id in led)
        led.add(one.right_id)


def put_many(integration: int, kind: str, wanted: Sequence[NewLink]) -> None:
    """Link many records at once, as `put` does one by one. The database refuses a second link of any of them."""
    now = timezone.now()
    new = []
    for one in _told_apart(integration, kind, wanted):
        base, rest = values.encode_fields(one.base), (one.compared_at, one.look_again_at, now, now, _echo_stored(one.echo))
        accepted = None if one.accepted is None else sorted(one.accepted)
        new.append((integration, kind, one.left_id, one.right_id, base, one.thin, one.listed, one.shared, *rest, accepted))
    try:
        with transaction.atomic():
            bulk.insert(LinkRow, _INSERTED, new)
    except IntegrityError:
        # Nearly never: one of them is there already, and which one is found by doing them one by one.
        for one in wanted:
            put(
                integration,
                kind,
                one.left_id,
                one.right_id,
                one.base,
                thin=one.thin,
                listed=one.listed,
                compared_at=one.compared_at,
                look_again_at=one.look_again_at,
                echo=one.echo,
                shared=one.shared,
                accepted=one.accepted,
            )


_INSERTED = (
    "integration", "kind", "left_id", "right_id", "base", "thin", "listed", "shared", "compared_at", "look_again_at", "created_at",
    "changed_at", "echo", "accepted",
)  # fmt: skip


def move_base(
    integration: int,
    kind: str,
    left_id: str,
    right_id: str,
    agreed: Mapping[str, Value],
    *,
    listed: str = "",
    compared_at: datetime | None = None,
    look_again_at: datetime | None = None,
    echo: Echo = NO_ECHO,
    compared: bool = False,
) -> None:
    """Let the base take the values that both sides hold now. Nothing happens when the link is gone.

    What a side made of these fields earlier is forgotten. *echo* is what it makes of them now; its differences take the place of the
    old ones where the document was compared once more.
    """
    row = LinkRow.objects.filter(integration_id=integration, kind=kind, left_id=left_id, right_id=right_id).first()
    if row is None:
        return
    row.base = row.base | values.encode(agreed)
    if row.echo or echo is not NO_ECHO:
        row.echo = _echo_stored(_moved(_echo_from(row.echo), agreed, echo, compared=compared))
    row.listed = listed or row.listed
    row.compared_at = compared_at or row.compared_at
    row.look_again_at = look_again_at or row.look_again_at
    row.save(update_fields=["base", "echo", "listed", "compared_at", "look_again_at", "changed_at"])


def _moved(old: Echo, agreed: Mapping[str, Value], new: Echo, *, compared: bool) -> Echo:
    """Return an echo without what was agreed anew, and with what came of it."""

    def joined(one: Mapping[Side, Mapping[str, Value]], two: Mapping[Side, Mapping[str, Value]]) -> dict[Side, Mapping[str, Value]]:
        sides: tuple[Side, Side] = (LEFT, RIGHT)
        return {
            side: {name: value for name, value in one.get(side, {}).items() if name not in agreed} | dict(two.get(side, {}))
            for side in sides
        }

    return Echo(
        joined(old.held, new.held), joined(old.reset, new.reset), new.differs if compared else old.differs | new.differs, old.asks
    )


def accept(integration: int, kind: str, left_id: str, right_id: str, said: Iterable[str]) -> bool:
    """Keep that a person accepted these differences of a document. Returns False when the two are not linked."""
    row = LinkRow.objects.filter(integration_id=integration, kind=kind, left_id=left_id, right_id=right_id).first()
    if row is None:
        return False
    row.accepted = sorted({*(row.accepted or ()), *said})
    row.save(update_fields=["accepted", "changed_at"])
    return True


def compared(integration: int, kind: str, left_id: str, right_id: str, listed: str, at: datetime) -> None:
    """Note that both sides were read completely and brought together: nothing more is to be looked at."""
    rows = LinkRow.objects.filter(integration_id=integration, kind=kind, left_id=left_id, right_id=right_id)
    rows.update(thin=False, look_again_at=None, listed=listed, compared_at=at)


def looked(link: Linked, listed: str, at: datetime) -> None:
    """Note that what was due at *link* has been looked at and done; a look that a write of ours asked for meanwhile stays."""
    LinkRow.objects.filter(pk=link.pk).update(thin=False)
    same = LinkRow.objects.filter(pk=link.pk, look_again_at=link.look_again_at)
    same.update(look_again_at=None, listed=listed, compared_at=at)


def keep_lock(integration: int, kind: str, left_id: str, right_id: str, lock: Mapping[str, Any] | None) -> None:
    """Keep why the record in Fortnox may no longer be changed, None while it may."""
    rows = LinkRow.objects.filter(integration_id=integration, kind=kind, left_id=left_id, right_id=right_id)
    rows.update(lock=None if lock is None else dict(lock))


def look_again(pks: Iterable[int], at: datetime) -> None:
    """Let Fortnox' detail of these links be read again at that time."""
    todo = list(pks)
    for start in range(0, len(todo), _MANY):
        LinkRow.objects.filter(pk__in=todo[start : start + _MANY]).update(look_again_at=at)


def look_at_right(integration: int, kind: str, id: str, at: datetime) -> None:
    """Let both halves of the links of one record of Fortnox be read again at that time."""
    LinkRow.objects.filter(integration_id=integration, kind=kind, right_id=id).update(look_again_at=at)


def remove(integration: int, kind: str, left_id: str, right_id: str) -> bool:
    """Take the link away; both records stay. Of others that belong to the same right the oldest leads then, compared as if the two
    had never agreed.

    Returns False when there was none.
    """
    rows = LinkRow.objects.filter(integration_id=integration, kind=kind, right_id=right_id)
    with transaction.atomic():
        deleted, _ = rows.filter(left_id=left_id).delete()
        if deleted and not rows.filter(shared=False).exists():
            heir = rows.order_by("pk")[:1].values_list("pk", flat=True)
            # It has said nothing on the card so far: what it says otherwise is a question, and only what is empty is filled.
            asks = _echo_stored(Echo(asks=True))
            rows.filter(pk__in=list(heir)).update(shared=False, look_again_at=timezone.now(), base={}, echo=asks)
    return deleted > 0


def find(integration: int, kind: str, id: str) -> Linked | None:
    """Return the link that has *id* on either side; of several records of the left the one that leads."""
    rows = LinkRow.objects.filter(Q(left_id=id) | Q(right_id=id), integration_id=integration, kind=kind)
    row = rows.order_by("shared", "pk").first()
    return _linked(row) if row else None
