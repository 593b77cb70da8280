"""Ask Upsales for what changed: companies, and which of those without a customer number have a sale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from brygga.clients.upsales import Upsales, wire
from brygga.clients.upsales.wire import Raw
from brygga.connectors.upsales.layout import Layout

Clock = Callable[[], datetime]

_CHUNK = 200
NUMBERS = ("FORTNOX_ORDER_ID", "FORTNOX_ID")
"""Where a sale says that it stands in Fortnox."""


def now() -> datetime:
    return datetime.now(UTC)


def changed_accounts(client: Upsales, layout: Layout, since: datetime | None) -> Iterator[tuple[Raw, bool]]:
    """Yield companies changed at or after *since* (aware) or sold to since then, with whether they have a sale to come over.

    All companies when it is None; then sales are not asked for, as nothing of Upsales is made in Fortnox at the first sync (ruling
    D7). Companies that were only identified as visitors of a web site (isExternal) are none.
    """
    if since is None:
        for raw in client.accounts.all(isExternal="0"):
            yield raw, False
        return
    sold = {
        wire.nested_id(sale, "client") for sale in client.orders.changed(since, probability="100") if not in_fortnox(sale, layout)
    }
    chunk: list[Raw] = []
    for raw in client.accounts.changed(since, isExternal="0"):
        chunk.append(raw)
        if len(chunk) == _CHUNK:
            yield from _with_sales(client, layout, chunk, sold)
            chunk = []
    yield from _with_sales(client, layout, chunk, sold)
    if sold - {""}:
        for raw in client.accounts.some(sold - {""}):
            yield raw, True


def _with_sales(client: Upsales, layout: Layout, chunk: Iterable[Raw], sold: set[str]) -> Iterator[tuple[Raw, bool]]:
    """Yield companies with whether they have a sale, and take them out of *sold*."""
    found = list(chunk)
    asked = {str(raw["id"]) for raw in found if not is_numbered(raw, layout)} - sold
    known = sold | sold_to(client, layout, asked)
    for raw in found:
        id = str(raw["id"])
        yield raw, id in known
        sold.discard(id)


def sold_to(client: Upsales, layout: Layout, ids: set[str]) -> set[str]:
    """Return those of the companies that have a sale at 100 % which is not in Fortnox (UPS-18)."""
    if not ids:
        return set()
    sales = client.orders.some(ids, field="client__id", probability="100")
    return {wire.nested_id(sale, "client") for sale in sales if not in_fortnox(sale, layout)}


def is_numbered(raw: Raw, layout: Layout) -> bool:
    """Say whether a company has a customer number of Fortnox (UPS-20)."""
    return bool(wire.custom_values(raw).get(layout.fields("account").get("FORTNOX_CUSTOMER_ID", -1)))


def in_fortnox(sale: Raw, layout: Layout) -> bool:
    """Say whether a sale carries the number of an order or invoice."""
    ids: Any = layout.fields("order")
    custom = wire.custom_values(sale)
    return any(custom.get(ids.get(alias, -1)) for alias in NUMBERS)
