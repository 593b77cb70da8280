"""What happens in Fortnox, as it happens: one connection for all companies, topics with offsets (Fortnox API, section 8).

    with Events.open(client_secret=secret) as events:
        added = events.add_tenants(tokens)
        events.add_topics({"invoices": "xDy7J", "customers": None})
        events.subscribe()
        for event in events:
            ...

Events come at least once, in order within a topic, and hold no more than which record changed: read it afterwards. Whoever has
handled an event keeps its offset, and starts again from there; Fortnox replays 14 days. Types are versioned and new ones
appear without notice: what is not known is handed on and may be ignored.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol

from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException
from websockets.sync.client import connect

from brygga.errors import BadData, BryggaError, Rejected, SettingsError, Unauthorised, Unavailable

REAL_ADDRESS = "wss://ws.fortnox.se/topics-v1"

TOPICS = frozenset(
    {
        "articles",
        "bureau-activities",
        "bureau-assignments",
        "cost-centers",
        "currencies",
        "customers",
        "financial-years",
        "invoices",
        "messages",
        "offers",
        "orders",
        "projects",
        "suppliers",
        "supplier-invoices",
        "termsofdeliveries",
        "termsofpayments",
        "vouchers",
        "warehouse-stockbalances",
        "waysofdeliveries",
    }
)

_KNOWN_KEYS = frozenset({"topic", "offset", "type", "tenantId", "entityId", "timestamp"})


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    offset     opaque; where to start again after this event
    type       as Fortnox writes it: invoicepayment-bookkeep-v1
    tenant_id  the company
    entity_id  the record's number; which record depends on the type
    at         when, aware
    more       what else the event says: year and series of a voucher, the invoice of a payment
    """

    topic: str
    offset: str
    type: str
    tenant_id: int
    entity_id: str
    at: datetime
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What it happened to: "invoicepayment"."""
        return self._parts()[0]

    @property
    def action(self) -> str:
        """What happened: "bookkeep", "created", "updated", "deleted", "cancelled" or, for offers, "canceled"."""
        return self._parts()[1]

    @property
    def version(self) -> int:
        return int(self._parts()[2])

    def _parts(self) -> tuple[str, str, str]:
        found = re.fullmatch(r"(.+)-([a-z]+)-v(\d+)", self.type)
        return (found[1], found[2], found[3]) if found else (self.type, "", "0")


@dataclass(frozen=True)
class Tenants:
    """What became of the tokens given to add_tenants(): company numbers, and the places in the list of tokens refused."""

    added: tuple[int, ...]
    refused: tuple[int, ...]


class Line(Protocol):
    """What lies under the events: text out, text in. `recv` raises TimeoutError when nothing comes in time."""

    def send(self, message: str, /) -> None: ...

    def recv(self, timeout: float | None = None) -> str | bytes: ...


def address_under(base_url: str) -> str:
    """Return the address of the events where everything is served under one host, as a sandbox does."""
    return re.sub(r"^http", "ws", base_url.rstrip("/")) + "/topics-v1"


class Events:
    """One open connection. Not for several threads at once."""

    def __init__(self, line: AbstractContextManager[Line], client_secret: str, *, patience: float = 30.0) -> None:
        self._held = ExitStack()
        self._line = self._held.enter_context(line)
        self._client_secret = client_secret
        self._patience = patience
        self._waiting: deque[Event] = deque()

    @classmethod
    def open(cls, address: str = REAL_ADDRESS, *, client_secret: str, patience: float = 30.0) -> Events:
        """Connect; the line is kept alive by a ping every 20 s. Raises Unavailable, SettingsError (not an address)."""
        trouble: BryggaError
        try:
            return cls(connect(address, open_timeout=patience, max_size=2**20), client_secret, patience=patience)
        except InvalidURI:
            trouble = SettingsError("“{address}” is not the address of a WebSocket.", address=address)
        except (OSError, TimeoutError, InvalidHandshake) as error:
            trouble = Unavailable(
                "Fortnox' events cannot be reached: {cause}.", repair="It is tried again later.", cause=type(error).__name__
            )
        raise trouble

    def __enter__(self) -> Events:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._held.close()

    def add_tenants(self, access_tokens: Sequence[str], *, include_child_tenants: bool = False) -> Tenants:
        """Prove the connection of companies by their access tokens.

        A refused token does not raise: it is named by its place. Whether the others then count is not documented: renew the
        refused ones or leave them out, and add again.
        """
        answer = self._command(
            "add-tenants-v1",
            includeChildTenants=include_child_tenants,
            clientSecret=self._client_secret,
            accessTokens=[f"Bearer {token}" for token in access_tokens],
        )
        bare = [_bare(token) for token in access_tokens]
        bad = {_bare(token) for token in answer.get("invalidTokens") or ()}
        if answer.get("result") != "ok" and not bad:
            raise Unauthorised(
                "Fortnox does not give this integration its events.", repair="Check client_secret of the integration."
            )
        added = {int(number) for number in (answer.get("tenantIds") or {}).values()}
        return Tenants(tuple(sorted(added)), tuple(place for place, token in enumerate(bare) if token in bad))

    def remove_tenants(self, tenant_ids: Sequence[int]) -> None:
        self._ok("remove-tenants-v1", tenants=list(tenant_ids))

    def list_tenants(self) -> tuple[int, ...]:
        """Return the companies of this connection."""
        answer = self._ok("list-tenants-v1")
        found = answer.get("tenants") or answer.get("tenantIds") or ()
        return tuple(sorted(int(one) for one in (found.values() if isinstance(found, Mapping) else found)))

    def add_topics(self, offsets: Mapping[str, str | None]) -> None:
        """Choose topics, each from just after an offset (replay), or from now with None.

        Raises SettingsError for a topic that Fortnox does not have, Rejected when it refuses one, as for an offset too old.
        """
        unknown = sorted(set(offsets) - TOPICS)
        if unknown:
            raise SettingsError("Fortnox has no topic {topic}.", topic=unknown[0])
        topics = [{"topic": name, **({"offset": offset} if offset else {})} for name, offset in offsets.items()]
        self._ok("add-topics-v1", topics=topics)

    def subscribe(self) -> None:
        """Begin to receive."""
        self._ok("subscribe-v1")

    def next(self, timeout: float | None = None) -> Event | None:
        """Return the next event, or None when none came within `timeout` seconds. Raises Unavailable when the line breaks."""
        if self._waiting:
            return self._waiting.popleft()
        message = self._receive(timeout)
        return None if message is None else _event(message)

    def __iter__(self) -> Iterator[Event]:
        """Yield events as they come, without end. Raises Unavailable when the line breaks."""
        while True:
            event = self.next()
            if event is not None:
                yield event

    def _ok(self, command: str, **fields: object) -> dict[str, Any]:
        answer = self._command(command, **fields)
        if answer.get("result") != "ok":
            wrong = answer.get("invalidTopics") or answer.get("message") or answer.get("error") or "-"
            raise Rejected("Fortnox' events refused {command}: {wrong}.", command=command, wrong=wrong)
        return answer

    def _command(self, command: str, **fields: object) -> dict[str, Any]:
        """Send a command and return its answer; events that come between are kept for later."""
        message = json.dumps({"command": command, **fields})
        self._guarded(lambda: self._line.send(message))
        while True:
            answer = self._receive(self._patience)
            if answer is None:
                raise Unavailable("Fortnox' events do not answer {command}.", repair="It is tried again later.", command=command)
            if answer.get("response") == command:
                return answer
            if "topic" in answer:
                self._waiting.append(_event(answer))

    def _receive(self, timeout: float | None) -> dict[str, Any] | None:
        text = self._guarded(lambda: self._line.recv(timeout))
        if text is None:
            return None
        try:
            message = json.loads(text)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            raise BadData("Fortnox' events sent something that is not an object.")
        return message

    def _guarded(self, work: Callable[[], Any]) -> Any:
        """Do something on the line; None when nothing came in time."""
        try:
            return work()
        except TimeoutError:
            return None
        except (WebSocketException, OSError) as error:
            cause = type(error).__name__
        # Outside the handler: the error of the line may hold what was sent, tokens among it.
        raise Unavailable("The line of Fortnox' events broke: {cause}.", repair="It is opened again.", cause=cause)


def _bare(token: object) -> str:
    return str(token).removeprefix("Bearer ")


def _event(message: Mapping[str, Any]) -> Event:
    try:
        at = datetime.fromisoformat(str(message["timestamp"]))
        event = Event(
            topic=str(message["topic"]),
            offset=str(message["offset"]),
            type=str(message["type"]),
            tenant_id=int(message["tenantId"]),
            entity_id=str(message["entityId"]),
            at=at,
            more={name: value for name, value in message.items() if name not in _KNOWN_KEYS},
        )
    except (KeyError, TypeError, ValueError):
        event = None
    if event is None or event.at.tzinfo is None:
        raise BadData("Fortnox sent an event without its fields ({keys}).", keys=", ".join(sorted(map(str, message))))
    return event
