"""A glance before a run: most polls find nothing, and then no run is made for them.

A glance asks a side for what changed since its cursor, as a run would, and looks no further than the first record. Where nothing came
and nothing waits in the hub either, a run would do nothing, so none is begun: no row of a run, nothing written to either
system, no record, base or cursor touched; only the company's lease is taken for as long as it looks. In all other cases, an error among them, the run is made as ever and says what it finds.
The cursor stays where the last run put it: what lies between is empty, and is asked for again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from brygga import connectors
from brygga.connectors.contract import Connector, Stream
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.errors import BryggaError, Unavailable
from brygga.store import leases, links, standing
from brygga.store.models import Connection, Integration, StreamState
from brygga.store.standing import Standing
from brygga.sync.context import Pace
from brygga.sync.open import connect, holdings
from brygga.sync.whole import last_night

Due = tuple[StreamState, Collection[Side]]

A_RUN_A_DAY = timedelta(days=1)
"""However quiet a stream is, so often it has a run, which looks at everything."""

_LEASE_SECONDS = 240.0
_UNWELL = 60.0
"""Seconds without glances after a system could not be reached: runs wait in threads of their own, and say what is wrong."""


@dataclass(frozen=True, slots=True)
class _Eye:
    """A stream with the two connectors it is looked at with, kept from glance to glance. `of` is what they were made of."""

    of: tuple[Any, ...]
    stream: Stream
    ends: Mapping[Side, Connector]


class Glance:
    """Looks at streams that are due. One for a process; safe for threads that look at different companies."""

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._eyes: dict[int, _Eye] = {}
        self._ends: dict[int, tuple[tuple[Any, ...], Connector]] = {}
        self._unwell_until = float("-inf")
        self.requests: Counter[str] = Counter()

    def at(self, states: Sequence[StreamState], now: datetime) -> Callable[[int, Sequence[Due]], list[StreamState]]:
        """Read what is known of these streams, and return what says of one company's which are quiet (see `quiet`)."""
        facts = standing.of(states, now, now - A_RUN_A_DAY)
        return lambda company, due: self.quiet(company, due, facts)

    def quiet(self, company: int, due: Sequence[Due], facts: Standing) -> list[StreamState]:
        """Return those of a company's due streams of which a run would do nothing at all.

        None while another process works for the company: its systems would be asked by two at once. None for a while after a system
        could not be reached.
        """
        if time.monotonic() < self._unwell_until:
            return []
        lease = leases.take(leases.company(company), _LEASE_SECONDS)
        if lease is None:
            return []
        try:
            return [state for state, sides in due if self._is_quiet(state, sides, facts)]
        finally:
            lease.release()

    def _is_quiet(self, state: StreamState, sides: Collection[Side], facts: Standing) -> bool:
        integration = state.integration
        if state.pk not in facts.rested or (integration.pk, state.name) in facts.open:
            return False
        if any((integration.company_id, system) not in facts.connections for system in (integration.system, "fortnox")):
            return False
        try:
            eye = self._eye(state, integration, facts)
            stream = eye.stream
            if stream.barred or stream.then or stream.saved or (integration.pk, stream.kind) in facts.open:
                return False
            if any((integration.pk, name, side) not in facts.cursors for name in stream.after for side in (LEFT, RIGHT)):
                return False
            return all(self._side_is_quiet(eye, integration, state.name, side, facts) for side in sides)
        except Unavailable:
            self._unwell_until = time.monotonic() + _UNWELL
            return False
        except BryggaError:
            return False

    def _side_is_quiet(self, eye: _Eye, integration: Integration, name: str, side: Side, facts: Standing) -> bool:
        stream, now = eye.stream, facts.now
        if side in stream.unread:
            return True
        last = facts.cursors.get((integration.pk, name, side))
        if last is None or last > now:
            return False
        if side in stream.anew and facts.settings.get(integration.pk, last) > last:
            return False
        if (side in stream.swept or side in stream.whole) and last < last_night(now):
            return False
        if side in stream.whole:
            # It cannot tell what changed: small, it is read whole by a run; large, only once a night.
            return links.count(integration.pk, stream.kind) > stream.whole[side]
        return next(iter(eye.ends[side].changed(stream.kind, last - self._pace.clocks_apart)), None) is None

    def _eye(self, state: StreamState, integration: Integration, facts: Standing) -> _Eye:
        of = (integration.settings, facts.settings.get(integration.pk))
        ends: dict[Side, Connector] = {}
        for side, system in ((LEFT, integration.system), (RIGHT, "fortnox")):
            ends[side] = self._end(integration, system, facts.connections[integration.company_id, system])
        eye = self._eyes.get(state.pk)
        if eye is None or eye.of != of or any(eye.ends[side] is not ends[side] for side in ends):
            given = connectors.read_settings(integration.system, integration.settings, f"{integration.address} settings")
            made = connectors.stream(
                integration.system, state.name, given, integration.company.slug, lambda kind: holdings(ends, kind)
            )
            eye = self._eyes[state.pk] = _Eye(of, made, ends)
        return eye

    def _end(self, integration: Integration, system: str, of: tuple[Any, ...]) -> Connector:
        """Return the connector of a connection, a new one when anything of it has changed; of = its id, and what may change."""
        key = of[0]
        of = (*of, integration.settings) if system == integration.system else of
        known = self._ends.get(key)
        if known is not None and known[0] == of:
            return known[1]
        if known is not None:
            known[1].close()
        connection = Connection.objects.select_related("company").get(pk=key)
        given = integration.settings if system == integration.system else connection.settings
        made = connect(connection, self.requests, "poll", connectors.read_settings(system, given, f"{connection} settings"))
        self._ends[key] = (of, made)
        return made
