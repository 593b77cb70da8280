"""Ask Fortnox for what changed: lists first, details only where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from brygga.clients.fortnox import Fortnox
from brygga.clients.fortnox.wire import Raw
from brygga.connectors.fortnox import map as mapping
from brygga.core.fault import read_alone
from brygga.core.record import ABSENT, Absent, Customer, Ref
from brygga.core.seen import Seen
from brygga.errors import BadData, NotFound

SYSTEM = "fortnox"


def changed_customers(client: Fortnox, since: datetime | None) -> Iterator[tuple[Raw, bool | Absent]]:
    """Yield list rows changed at or after *since* (aware), with whether they are active, where that is known.

    Everything when *since* is None: the active ones first, then the inactive, as a row itself does not say it.
    """
    if since is not None:
        for row in client.customers.changed(since):
            yield row, ABSENT
        return
    for row in client.customers.list(filter="active"):
        yield row, True
    for row in client.customers.list(filter="inactive"):
        yield row, False


def get_customer(client: Fortnox, number: str) -> Raw | None:
    """Return the detail of a customer; None when Fortnox no longer has it."""
    try:
        return client.customers.get(number)
    except NotFound:
        return None


def seen_row(row: Raw, active: bool | Absent) -> Seen:
    """Return a list row as a thin record: what the list lacks is ABSENT."""
    address = ref(row)
    thin = Seen(address, Customer(), complete=False, listed=mapping.listed(row))
    return read_alone(address, Customer(), "", "Fortnox", lambda: replace(thin, record=mapping.customer_from_list(row, active)))


def seen_detail(raw: Raw) -> Seen:
    """Return a detail as a complete record."""
    address, listed = ref(raw), mapping.listed(raw)
    return read_alone(address, Customer(), "", "Fortnox", lambda: Seen(address, mapping.customer_from_detail(raw), listed=listed))


def ref(raw: Raw) -> Ref:
    """Return the address of a customer. Raises BadData for one without a number."""
    if not raw.get("CustomerNumber"):
        raise BadData("Fortnox sent a customer without a customer number.", repair="It is read again in the next run.")
    return Ref(SYSTEM, "customer", str(raw["CustomerNumber"]))
