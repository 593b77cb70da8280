"""What linked records come to on both sides, kept so that a page need not ask the systems. Every function stays within one integration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from brygga.core.money import round_ore
from brygga.core.policy import Side
from brygga.core.tally import Tally
from brygga.store.models import TallyRow

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Counted:
    """One record of one side with its tally; `link` is the link's key, None while it waits."""

    side: Side
    record_id: str
    tally: Tally
    link: int | None = None


def keep(integration: int, kind: str, counted: Iterable[Counted]) -> None:
    """Keep these tallies in place of what was kept of the same records; the last of several of one record counts."""
    rows = {(one.side, one.record_id): _row(integration, kind, one) for one in counted}
    TallyRow.objects.bulk_create(
        rows.values(),
        batch_size=_CHUNK,
        update_conflicts=True,
        unique_fields=["integration", "kind", "side", "record_id"],
        update_fields=["link", "day", "currency", "net_ore", "total_ore", "listed", "parts"],
    )


def everyone(integration: int, kind: str) -> dict[tuple[Side, str], Tally]:
    """Return (side, id) -> what is kept of each linked record of a kind."""
    rows = TallyRow.objects.filter(integration_id=integration, kind=kind).exclude(link=None)
    return {("left" if row.side == "left" else "right", row.record_id): _tally(row) for row in rows.iterator(chunk_size=1000)}


def _row(integration: int, kind: str, one: Counted) -> TallyRow:
    tally = one.tally
    return TallyRow(
        integration_id=integration,
        link_id=one.link,
        kind=kind,
        side=one.side,
        record_id=one.record_id,
        day=tally.day,
        currency=tally.currency,
        net_ore=_ore(tally.net),
        total_ore=_ore(tally.total),
        listed="" if tally.listed is None else str(tally.listed),
        parts=parts_json(tally.rates, tally.accounts),
    )


def parts_json(rates: Mapping[str, tuple[Decimal, Decimal | None]], accounts: Mapping[str, Decimal]) -> dict[str, Any]:
    """Return sums by rate and by account as they are kept."""
    return {
        "rates": {rate: [str(net), None if vat is None else str(vat)] for rate, (net, vat) in rates.items()},
        "accounts": {account: str(net) for account, net in accounts.items()},
    }


def _tally(row: TallyRow) -> Tally:
    rates: dict[str, Any] = row.parts.get("rates", {})
    accounts: dict[str, Any] = row.parts.get("accounts", {})
    day: date | None = row.day
    return Tally(
        row.currency,
        day,
        _exact(row.net_ore),
        _exact(row.total_ore),
        Decimal(row.listed) if row.listed else None,
        {rate: (Decimal(net), None if vat is None else Decimal(vat)) for rate, (net, vat) in rates.items()},
        {account: Decimal(net) for account, net in accounts.items()},
    )


def _ore(amount: Decimal | None) -> int | None:
    return None if amount is None else int(round_ore(amount) * 100)


def _exact(ore: int | None) -> Decimal | None:
    return None if ore is None else Decimal(ore).scaleb(-2)
