"""Fortnox' events: which topic concerns which kind of record (Fortnox API, section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from brygga.clients.fortnox import REAL_ADDRESS
from brygga.clients.fortnox.websocket import REAL_ADDRESS as REAL_EVENTS
from brygga.clients.fortnox.websocket import Event, Events, address_under

__all__ = ["KINDS", "Event", "Events", "open_events"]

KINDS: Final[Mapping[str, frozenset[str]]] = {
    "customers": frozenset({"customer"}),
    "articles": frozenset({"article", "price"}),
    "offers": frozenset({"offer"}),
    "orders": frozenset({"order"}),
    # An order shows its invoice's state, and a payment is told under its invoice's topic.
    "invoices": frozenset({"invoice", "cash_invoice", "order", "payment"}),
    "supplier-invoices": frozenset({"settlement"}),
}
"""Topic -> the kinds of records that an event of it may concern."""


def open_events(base_url: str, client_secret: str) -> Events:
    """Open the one connection for all companies of an integration. Raises Unavailable, SettingsError."""
    address = REAL_EVENTS if base_url in ("", REAL_ADDRESS) else address_under(base_url)
    return Events.open(address, client_secret=client_secret)
