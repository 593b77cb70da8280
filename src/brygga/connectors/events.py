"""What systems tell and ask by themselves: events that wake, and the question before a save. Tables, one row a system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from brygga.clients.upsales.events import read_event as upsales_event
from brygga.connectors.upsales import question as upsales_question
from brygga.connectors.upsales.layout import Layout


@dataclass(frozen=True, slots=True)
class Told:
    """What a system told: what happened, to which record, and the streams that it concerns; none for an echo of our own."""

    what: str
    record: str
    streams: tuple[str, ...]


def _upsales_told(path: str, body: Mapping[str, Any]) -> Told | None:
    event = upsales_event("/" + path, body)
    if event is None:
        return None
    streams = () if event.own else ("sales", "offers") if event.entity == "order" else ("customers",)
    return Told(f"{event.entity} {event.action}", event.id, streams)


_SHOP_EVENTS: Mapping[str, tuple[str, ...]] = {
    "Order": ("buyers",),
    "Payment": ("buyers",),
    "Article": ("article_export",),
    "ArticleVariant": ("article_export",),
    "Customer": ("customer_export",),
}


def _textalk_told(path: str, body: Mapping[str, Any]) -> Told | None:
    name = str(body.get("eventName") or "")
    kind = name.partition("/")[0]
    if kind not in _SHOP_EVENTS:
        return None
    return Told(name[:60], str(body.get("uid") or "")[:60], _SHOP_EVENTS[kind])


EVENTS: Mapping[str, Callable[[str, Mapping[str, Any]], Told | None]] = {"textalk": _textalk_told, "upsales": _upsales_told}
"""System -> what reads an event that it POSTs: the rest of the address, and the body. An event only wakes; nothing else in it is believed."""

LISTENS: Mapping[str, tuple[str, ...]] = {
    "textalk": tuple(f"{kind}/{what}" for kind in _SHOP_EVENTS for what in ("created", "changed"))
}
"""System -> the events that we can ask it to tell. Upsales is told the address by a person, in the settings of the app."""


@dataclass(frozen=True, slots=True)
class Asks:
    """How a system's question before a save is read and answered, without a call to anybody.

    is_question   address -> whether it is that of the question
    record_of     address and body -> the record as it would be saved; None where there is nothing to say
    articles_of   the record -> the ids of its articles there
    refusal       record, kind, settings, what the hub remembers of the system, article numbers by id, base and lock of its link ->
                  why it may not be saved; None when it may
    streams       whose records are asked about, the nearest first
    """

    is_question: Callable[[str], bool]
    record_of: Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None]
    articles_of: Callable[[Mapping[str, Any]], set[int]]
    refusal: Callable[..., upsales_question.Refusal | None]
    streams: tuple[str, ...]


def _upsales_refusal(
    record: Mapping[str, Any],
    kind: str,
    settings: Any,
    facts: Mapping[str, Any],
    articles: Mapping[int, str],
    base: Mapping[str, Any],
    lock: Mapping[str, Any] | None,
) -> upsales_question.Refusal | None:
    layout = Layout.remembered(settings, facts, articles)
    return upsales_question.refusal(record, kind, settings, layout, base, lock)


ASKS: Mapping[str, Asks] = {
    "upsales": Asks(
        upsales_question.is_question,
        upsales_question.order_of,
        upsales_question.products_of,
        _upsales_refusal,
        ("sales", "offers"),
    )
}
"""System -> its question before a save (before_order_save)."""
