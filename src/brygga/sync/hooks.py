"""The inbox: systems that can tell of a change wake the streams that it concerns; the clock stays as the net (DESIGN 7).

An address bears a secret of which only the hash is kept. An event is believed in one thing alone: that something may have changed.
The run that it wakes reads the change from the system itself. A system that asks before it saves is answered at once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol, cast

from django.db.models import F
from django.utils import timezone

from brygga import connectors
from brygga.connectors import read_settings
from brygga.connectors.events import ASKS, EVENTS, LISTENS
from brygga.core.policy import LEFT
from brygga.errors import Sentence, SettingsError
from brygga.store import links
from brygga.store.models import AuditEntry, Hook, InboxEvent, Integration, StreamState
from brygga.sync.context import Context
from brygga.sync.open import connect, connection_of

LARGEST = 1_000_000
"""Bytes of a body; larger ones are refused unread."""
_SAME = 60.0
"""Seconds within which the same event about the same record is the same line of the inbox."""


class Remembers(Protocol):
    """A connector whose system asks before it saves: what an answer needs of it, as far as it has been read, or read just now."""

    def facts(self) -> dict[str, object]: ...

    def read_facts(self) -> dict[str, object]: ...


class Refusal(Protocol):
    """Why a record may not be saved, what the person can do, and the fields that it is about."""

    @property
    def sentence(self) -> Sentence: ...

    @property
    def repair(self) -> Sentence: ...

    @property
    def fields(self) -> tuple[str, ...]: ...


class Listens(Protocol):
    """A connector whose system can be asked to tell of events."""

    def listen(self, url: str, events: tuple[str, ...]) -> int: ...

    def close(self) -> None: ...


def hash_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make(integration: Integration, base_url: str, who: str) -> tuple[str, int]:
    """Make a new address for an integration, the old one is forgotten; tell it to the system where that can be done.

    Returns the address, which is shown this once, and how many events the system was asked to tell of.
    Raises SettingsError for a system that tells nothing, Unavailable and Unauthorised of the system.
    """
    if integration.system not in EVENTS:
        raise SettingsError(
            "{system} tells nothing of its changes; it is asked by the clock.",
            system=integration.system,
            repair="There is nothing to do.",
        )
    secret = secrets.token_urlsafe(24)
    values = {"secret_hash": hash_of(secret), "made_at": timezone.now(), "made_by": who}
    Hook.objects.update_or_create(integration=integration, defaults=values)
    AuditEntry.objects.create(company=integration.company, who=who, what="event address made", subject=integration.address)
    url = f"{base_url.rstrip('/')}/hooks/{integration.company.slug}/{integration.system}/{secret}/"
    return url, _ask(integration, url)


def _ask(integration: Integration, url: str) -> int:
    events = LISTENS.get(integration.system)
    if not events and integration.system not in ASKS:
        return 0
    connection = connection_of(integration, integration.system)
    settings = read_settings(integration.system, integration.settings)
    connector = cast(Any, connect(connection, Counter(), "person", settings))
    try:
        if integration.system in ASKS:
            _keep(integration, cast(Remembers, connector).read_facts())
        return cast(Listens, connector).listen(url, events) if events else 0
    finally:
        connector.close()


def _keep(integration: Integration, facts: Mapping[str, object]) -> None:
    hook = Hook.objects.filter(integration=integration).first()
    if hook is not None and (now := {**hook.facts, **facts}) != hook.facts:
        hook.facts = now
        hook.save(update_fields=["facts"])


def remember(context: Context) -> None:
    """Keep what a run has read of a system that asks before it saves, so that the answer rests on what is there now."""
    if context.stream.asked:
        _keep(context.integration, cast(Remembers, context.connectors[LEFT]).facts())


def answer(integration: Integration, path: str, body: Mapping[str, Any]) -> tuple[bool, Refusal | None]:
    """Return whether this is a question before a save, and why the save is refused; None where it is not.

    Answered from our own tables alone: the link of the record says what both sides held when they last agreed, and why the document
    in Fortnox may no longer be changed.
    """
    asks = ASKS.get(integration.system)
    if asks is None or not asks.is_question(path):
        return False, None
    record = asks.record_of(path, body)
    if record is None:
        return True, None
    id, settings = str(record["id"]), read_settings(integration.system, integration.settings)
    for stream in asks.streams:
        kind = connectors.kind_of(integration.system, stream, settings)
        link = links.by_id(integration.pk, kind, LEFT, [id]).get(id)
        if link is None:
            continue
        if link.lock is None:
            break
        ids = {str(article) for article in asks.articles_of(record)}
        numbers = links.by_id(integration.pk, "article", LEFT, sorted(ids))
        articles = {int(article): numbers[article].right_id if article in numbers else "" for article in ids}
        facts = Hook.objects.get(integration=integration).facts
        return True, asks.refusal(record, kind, settings, facts, articles, link.base, link.lock)
    return True, None


def known(slug: str, system: str, secret: str) -> Integration | None:
    """Return the integration whose address bears this secret; compared in constant time, None for all that is wrong."""
    hook = (
        Hook.objects.select_related("integration__company")
        .filter(integration__company__slug=slug, integration__system=system)
        .first()
    )
    kept = hook.secret_hash if hook else "0" * 64
    return hook.integration if hmac.compare_digest(kept, hash_of(secret)) and hook else None


def receive(integration: Integration, path: str, body: Mapping[str, Any]) -> list[str]:
    """Keep what was told and return the streams to wake: those that it concerns and that the clock runs."""
    told = EVENTS[integration.system](path, body)
    if told is None:
        return []
    wakes = [
        state.name
        for state in StreamState.objects.filter(integration=integration, name__in=told.streams).order_by("pk")
        if state.schedule.get("mode") in ("every", "at")
    ]
    now = timezone.now()
    same = (
        InboxEvent.objects.filter(integration=integration, what=told.what, record_id=told.record).order_by("-received_at").first()
    )
    if same is not None and (now - same.received_at).total_seconds() < _SAME:
        InboxEvent.objects.filter(pk=same.pk).update(times=F("times") + 1)
    else:
        InboxEvent.objects.create(integration=integration, what=told.what, record_id=told.record, streams=wakes, received_at=now)
    return wakes
