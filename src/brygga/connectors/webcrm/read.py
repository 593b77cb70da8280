"""Ask webCRM for what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from brygga.clients.webcrm import WebCrm
from brygga.clients.webcrm.register import PAGE
from brygga.clients.webcrm.wire import Raw
from brygga.connectors.webcrm import map as mapping
from brygga.connectors.webcrm import streams
from brygga.connectors.webcrm.layout import Layout
from brygga.connectors.webcrm.settings import Settings
from brygga.core.fault import read_alone
from brygga.core.record import Customer, Ref
from brygga.core.seen import Seen
from brygga.core.spelling import spelled

CLOCKS_APART = timedelta(minutes=2)
"""How far webCRM's clock may differ from ours: so much is read twice. What was read twice is equal and makes no write."""

_ROUNDS = 3
"""How often a list of several pages is read anew because it changed under our hands."""

Clock = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


def changed_organisations(client: WebCrm, since: datetime | None, clock: Clock = now) -> Iterator[Raw]:
    """Yield the organisations updated at or after *since* (aware), all when it is None, page by page.

    Pages are counted, not pointed to: an organisation updated while we read moves, and can push another across a page's edge
    unseen. So a list of several pages is looked at once more afterwards, and read anew while it keeps changing.
    """
    for _ in range(_ROUNDS):
        began = clock() - CLOCKS_APART
        pages = client.organisations.all() if since is None else client.organisations.updated(since - CLOCKS_APART)
        read = 0
        for page in pages:
            yield from page
            read += len(page)
        if read < PAGE or since is None:
            return
        meanwhile = [raw for page in client.organisations.updated(began) for raw in page]
        yield from meanwhile
        if not meanwhile:
            return


def seen(raw: Raw, layout: Layout, settings: Settings) -> Seen:
    """Return an organisation as its record, with what keeps it here."""
    ref = Ref(streams.SYSTEM, "customer", str(raw["OrganisationId"]))
    return read_alone(ref, Customer(), "", "webCRM", lambda: _organisation(ref, raw, layout, settings))


def _organisation(ref: Ref, raw: Raw, layout: Layout, settings: Settings) -> Seen:
    customer = mapping.customer_from_organisation(raw, layout)
    return spelled(Seen(ref, customer, standing=streams.standing(raw, customer, layout, settings)), "webCRM")
