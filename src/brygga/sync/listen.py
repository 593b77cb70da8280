"""Hear what happens in Fortnox, for all companies over one connection, and wake the streams that it concerns.

An event is a hint and nothing more: the run that it wakes reads from Fortnox, duplicates find nothing to do, and the sweep by the clock is the
net for what was missed. That a record was deleted shows in no list, so the event lets its links be looked at by the run that it wakes. Offsets are kept after the event was handled, so an outage is replayed; one that Fortnox no longer knows is given up, and
all streams are swept once.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from brygga import connectors
from brygga.connectors.fortnox.events import KINDS, Event, Events, open_events
from brygga.errors import BryggaError, Rejected, Unauthorised
from brygga.store import links, secrets
from brygga.store.models import Connection, EventOffset, Integration, StreamState
from brygga.store.tokens import AccessTokens

_log = logging.getLogger("brygga.events")

Wake = Callable[[Integration, str], None]
RENEW = timedelta(minutes=30)
"""So often the connection is made anew: companies that came or went, and tokens that ran out."""
_PARTS = frozenset({"customer"})
"""Kinds of records whose deletion in Fortnox is looked at at once (UPS-16)."""
LISTEN = 2.0
"""Seconds that one wait for an event lasts, so that the end of the process is noticed."""


@dataclass
class Listener:
    """The companies of one integration (client id) at one address."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    connections: list[Connection] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return what offsets and leases know it by."""
        return hashlib.sha256(f"{self.base_url} {self.client_id}".encode()).hexdigest()


def listeners() -> list[Listener]:
    """Return a listener for each client id, with the connections that it serves."""
    found: dict[tuple[str, str], Listener] = {}
    for connection in Connection.objects.filter(system="fortnox").select_related("company"):
        held = secrets.read(connection)
        if not held.get("client_id") or not held.get("client_secret"):
            continue
        key = (connection.base_url, str(held["client_id"]))
        one = found.setdefault(key, Listener(*key, str(held["client_secret"])))
        one.connections.append(connection)
    return list(found.values())


def listen(listener: Listener, wake: Wake, go_on: Callable[[], bool]) -> int:
    """Listen until *go_on* says no or it is time to connect anew; return how many events were handled. Raises Unavailable."""
    handled = 0
    with open_events(listener.base_url, listener.client_secret) as events:
        tenants = _add(events, listener)
        if not tenants:
            return 0
        if not _begin(events, listener):
            for integration in Integration.objects.filter(company__in=[one.company_id for one in listener.connections]):
                _wake_all(integration, wake)
        until = timezone.now() + RENEW
        while go_on() and timezone.now() < until:
            event = events.next(timeout=LISTEN)
            if event is not None:
                handle(listener, tenants, event, wake)
                handled += 1
    return handled


def _add(events: Events, listener: Listener) -> dict[int, Connection]:
    """Prove each company's connection; one whose token is refused is left out, and the others go on."""
    found: dict[int, Connection] = {}
    for connection in listener.connections:
        tokens = AccessTokens(
            connection.pk,
            connectors.fortnox_refresher(connection.base_url, connection.tenant, lambda *_: None),
            spends=connectors.fortnox_spends(connection.tenant),
        )
        try:
            added = events.add_tenants([tokens()])
        except (Unauthorised, Rejected) as error:
            _log.warning("%s is not heard: %s", connection, error)
            continue
        found |= dict.fromkeys(added.added, connection)
    return found


def _begin(events: Events, listener: Listener) -> bool:
    """Choose the topics from where they were left; False where Fortnox no longer knows an offset, and all begin from now."""
    kept = dict(EventOffset.objects.filter(listener=listener.name).values_list("topic", "offset"))
    try:
        events.add_topics({topic: kept.get(topic) for topic in KINDS})
        known = True
    except Rejected:
        EventOffset.objects.filter(listener=listener.name).delete()
        events.add_topics(dict.fromkeys(KINDS))
        known = False
    events.subscribe()
    return known


def handle(listener: Listener, tenants: dict[int, Connection], event: Event, wake: Wake) -> None:
    """Wake what an event concerns, then keep its offset."""
    connection = tenants.get(event.tenant_id)
    if connection is not None:
        for integration in Integration.objects.filter(company=connection.company).select_related("company"):
            if event.action == "deleted" and event.kind in _PARTS:
                links.look_at_right(integration.pk, event.kind, event.entity_id, timezone.now())
            for stream in concerned(integration, KINDS.get(event.topic, frozenset())):
                wake(integration, stream)
    EventOffset.objects.update_or_create(
        listener=listener.name, topic=event.topic, defaults={"offset": event.offset, "heard_at": timezone.now()}
    )


def concerned(integration: Integration, kinds: frozenset[str]) -> list[str]:
    """Return the streams of these kinds that the clock runs; a part of a run wakes the run that it belongs to."""
    try:
        settings = connectors.read_settings(integration.system, integration.settings)
    except BryggaError:
        return []
    found = []
    for state in StreamState.objects.filter(integration=integration).order_by("pk"):
        if state.schedule.get("mode") not in ("every", "at"):
            continue
        parts = connectors.parts_of(integration.system, state.name)
        if any(connectors.kind_of(integration.system, part, settings) in kinds for part in parts):
            found.append(state.name)
    return found


def _wake_all(integration: Integration, wake: Wake) -> None:
    for stream in concerned(integration, frozenset().union(*KINDS.values())):
        wake(integration, stream)
