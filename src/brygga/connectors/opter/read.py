"""Ask Opter for the invoices of closed periods, their customers, and settlements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from brygga.clients.opter import Opter, OpterFolder, Raw
from brygga.connectors.opter import map as mapping
from brygga.connectors.opter import streams
from brygga.connectors.opter.settings import Settings
from brygga.connectors.opter.streams import SYSTEM
from brygga.core.document import Document, Settlement
from brygga.core.fault import read_alone
from brygga.core.record import ABSENT, Customer, Ref
from brygga.core.seen import Seen
from brygga.core.spelling import spelled

CLOCKS_APART = timedelta(minutes=2)
"""How far Opter's clock may differ from ours: so much is read twice."""
ONE_BY_ONE = 20
"""Up to so many customers are read by themselves, more of them by the whole register in one answer."""


def changed_invoices(client: Opter | OpterFolder, settings: Settings, since: datetime | None) -> Iterator[Seen]:
    """Yield the invoices changed at or after *since* (aware), all when it is None."""
    for raw in client.invoices.changed(None if since is None else since - CLOCKS_APART):
        yield seen_invoice(raw, settings)


def seen_invoice(raw: Raw, settings: Settings) -> Seen:
    """Return an invoice as the document that it becomes, with what keeps it in Opter or does not follow."""
    ref = Ref(SYSTEM, "invoice", str(raw["invoiceNumber"]))
    cancelled = True if raw.get("status") == mapping.CANCELLED else ABSENT
    return read_alone(
        ref, Document(own_number=ref.id, cancelled=cancelled), "OPT-01", "Opter", lambda: _invoice(ref, raw, settings)
    )


def _invoice(ref: Ref, raw: Raw, settings: Settings) -> Seen:
    document = mapping.invoice_from(raw, settings)
    return Seen(
        ref, document, standing=streams.invoice_standing(raw, document, settings), remark=streams.invoice_remark(raw, document)
    )


def invoiced_customers(client: Opter | OpterFolder, settings: Settings, since: datetime | None) -> Iterator[Seen]:
    """Yield the customers of the invoices changed at or after *since*: these alone are needed in Fortnox."""
    changed = client.invoices.changed(None if since is None else since - CLOCKS_APART)
    codes = {str(raw["customerCode"]) for raw in changed if raw.get("status") == "Closed" and raw.get("customerCode")}
    if len(codes) > ONE_BY_ONE:
        found = [raw for raw in client.customers.changed(None) if str(raw["customerCode"]) in codes]
    else:
        found = [raw for code in sorted(codes) if (raw := client.customers.get(code)) is not None]
    for raw in found:
        yield seen_customer(raw, settings)


def seen_customer(raw: Raw, settings: Settings) -> Seen:
    """Return a customer of Opter."""
    ref = Ref(SYSTEM, "customer", str(raw["customerCode"]))
    return read_alone(ref, Customer(), "OPT-01", "Opter", lambda: _customer(ref, raw, settings))


def _customer(ref: Ref, raw: Raw, settings: Settings) -> Seen:
    customer: Customer = mapping.customer_from(raw, settings)
    return spelled(Seen(ref, customer, standing=streams.customer_standing(raw, customer, settings)), "Opter")


def changed_settlements(client: Opter | OpterFolder, settings: Settings, since: datetime | None) -> Iterator[Seen]:
    """Yield the settlements changed at or after *since* (aware), all when it is None."""
    for raw in client.settlements.changed(None if since is None else since - CLOCKS_APART):
        yield seen_settlement(raw, settings)


def seen_settlement(raw: Raw, settings: Settings) -> Seen:
    """Return a settlement with its postings, and what keeps it in Opter."""
    ref = Ref(SYSTEM, "settlement", str(raw["id"]))
    empty = Settlement(number=str(raw.get("number") or ""))
    return read_alone(ref, empty, "OPT-03", "Opter", lambda: _settlement(ref, raw, settings))


def _settlement(ref: Ref, raw: Raw, settings: Settings) -> Seen:
    coding = mapping.coding_of(raw, settings)
    settlement = mapping.settlement_from(raw, coding, settings)
    return Seen(
        ref,
        settlement,
        standing=streams.settlement_standing(raw, settlement, coding, settings),
        remark=streams.settlement_remark(raw, settlement, coding),
    )
