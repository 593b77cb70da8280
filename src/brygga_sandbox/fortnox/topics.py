"""The WebSocket of events: one connection for all tenants, ordered offsets, 14 days of replay (Fortnox API, section 8)."""

import asyncio
import base64
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from brygga_sandbox.fortnox.state import Event
from brygga_sandbox.server import Clock, Receive, Scope, Send

if TYPE_CHECKING:
    from brygga_sandbox.fortnox.app import Sandbox
    from brygga_sandbox.fortnox.store import Store

REPLAY = timedelta(days=14)
_TOPICS_WORDS = """
articles bureau-activities bureau-assignments cost-centers currencies customers financial-years invoices messages
offers orders projects suppliers supplier-invoices termsofdeliveries termsofpayments vouchers warehouse-stockbalances
waysofdeliveries
"""
TOPICS = frozenset(_TOPICS_WORDS.split())


def offset_of(position: int) -> str:
    """Return a position as the opaque text of the wire."""
    return base64.urlsafe_b64encode(f"o{position}".encode()).rstrip(b"=").decode()


def position_of(offset: str) -> int | None:
    """Return the position that an offset means, None for a text that is none."""
    try:
        text = base64.urlsafe_b64decode(offset + "=" * (-len(offset) % 4)).decode()
    except ValueError:
        return None
    return int(text[1:]) if text[:1] == "o" and text[1:].isascii() and text[1:].isdigit() else None


@dataclass
class Session:
    """What one connection has asked for: tenants, and the position each topic has been sent up to."""

    tenants: set[int] = field(default_factory=set)
    sent: dict[str, int] = field(default_factory=dict)
    subscribed: bool = False


class Topics:
    """All events of all tenants, in the order they happened."""

    def __init__(self, clock: Clock, store: "Store | None") -> None:
        self._clock = clock
        self._store = store
        self._first = 1
        self._events: list[dict[str, Any]] = []
        self._sessions: list[Session] = []
        for position, event in store.events() if store is not None else ():
            self._first = position - len(self._events)
            self._events.append(event)

    def add(self, tenant: int, event: Event, *, twice: bool = False) -> None:
        """Append an event; it has a place in the order from now on. `twice` sends it again, with the same offset."""
        position = self._first + len(self._events)
        body = {
            "topic": event.topic,
            "offset": offset_of(position),
            "type": event.type,
            "tenantId": tenant,
            "entityId": event.entity_id,
            "timestamp": self._clock.local().isoformat(timespec="milliseconds"),
            **event.more,
        }
        for place in range(position, position + 2 if twice else position + 1):
            self._events.append(body)
            if self._store is not None:
                self._store.save_event(place, body)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Return all events kept, oldest first."""
        return list(self._events)

    @property
    def last(self) -> int:
        """Return the position of the newest event."""
        return self._first + len(self._events) - 1

    @property
    def listening(self) -> int:
        """Return how many connections have subscribed."""
        return sum(session.subscribed for session in self._sessions)

    def clear(self) -> None:
        """Forget all; positions go on."""
        self._first += len(self._events)
        self._events.clear()

    def due(self, session: Session) -> list[dict[str, Any]]:
        """Return what the session has not been sent yet, and count it as sent."""
        if not session.subscribed or not session.sent:
            return []
        start = max(min(session.sent.values()) + 1, self._first)
        oldest = self._clock.now() - REPLAY
        found = []
        for position in range(start, self.last + 1):
            event = self._events[position - self._first]
            after = session.sent.get(event["topic"])
            wanted = after is not None and position > after and event["tenantId"] in session.tenants
            if wanted and datetime.fromisoformat(event["timestamp"]) >= oldest:
                found.append(event)
        for topic in session.sent:
            session.sent[topic] = max(session.sent[topic], self.last)
        return found

    async def serve(self, sandbox: "Sandbox", scope: Scope, receive: Receive, send: Send) -> None:
        """Speak with one connection until it goes."""
        await receive()
        if scope["path"].rstrip("/") != "/topics-v1":
            await send({"type": "websocket.close", "code": 1000})
            return
        await send({"type": "websocket.accept"})
        session = Session()
        self._sessions.append(session)
        waiting = asyncio.ensure_future(receive())
        try:
            while True:
                done, _ = await asyncio.wait({waiting}, timeout=0.02)
                if done:
                    message = waiting.result()
                    if message["type"] == "websocket.disconnect":
                        return
                    with sandbox.lock:
                        answer = command(sandbox, session, message.get("text") or "")
                    await send({"type": "websocket.send", "text": json.dumps(answer)})
                    waiting = asyncio.ensure_future(receive())
                with sandbox.lock:
                    due = self.due(session)
                for event in due:
                    await send({"type": "websocket.send", "text": json.dumps(event)})
        finally:
            waiting.cancel()
            self._sessions.remove(session)


def command(sandbox: "Sandbox", session: Session, text: str) -> dict[str, Any]:
    """Carry out one command and return its answer."""
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        return {"response": "", "result": "error", "message": "invalid json"}
    name = str(asked.get("command", "")) if isinstance(asked, dict) else ""
    match name:
        case "add-tenants-v1":
            return _add_tenants(sandbox, session, asked)
        case "remove-tenants-v1":
            session.tenants -= {tenant for tenant in _listed(asked, "tenants") if isinstance(tenant, int)}
            return {"response": name, "result": "ok"}
        case "list-tenants-v1":
            return {"response": name, "result": "ok", "tenants": sorted(session.tenants)}
        case "add-topics-v1":
            return _add_topics(sandbox.topics, session, asked)
        case "subscribe-v1":
            session.subscribed = True
            return {"response": name, "result": "ok"}
    return {"response": name, "result": "error", "message": "unknown command"}


def _listed(asked: dict[str, Any], name: str) -> list[Any]:
    """Return the list under a name of a command; what is no list counts as an empty one."""
    value = asked.get(name)
    return value if isinstance(value, list) else []


def _add_tenants(sandbox: "Sandbox", session: Session, asked: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, int] = {}
    wrong: list[str] = []
    for token in _listed(asked, "accessTokens"):
        kind, _, bare = str(token).partition(" ")
        grant = sandbox.sign_in.grant(bare) if kind.lower() == "bearer" else None
        app = sandbox.sign_in.app(grant.client_id) if grant is not None else None
        if grant is None or app is None or app.secret != asked.get("clientSecret"):
            wrong.append(str(token))
        else:
            found[str(token)] = grant.tenant
    if wrong or not found:
        return {"response": "add-tenants-v1", "result": "error", "invalidTokens": wrong}
    session.tenants |= set(found.values())
    return {"response": "add-tenants-v1", "result": "ok", "tenantIds": found}


def _add_topics(topics: Topics, session: Session, asked: dict[str, Any]) -> dict[str, Any]:
    starts: dict[str, int] = {}
    wrong: list[str] = []
    for wish in _listed(asked, "topics"):
        topic = str(wish.get("topic", "")) if isinstance(wish, dict) else str(wish)
        offset = wish.get("offset") if isinstance(wish, dict) else None
        after = topics.last if offset is None else position_of(str(offset))
        if topic not in TOPICS or after is None or after > topics.last:
            wrong.append(topic)
        else:
            starts[topic] = after
    if wrong or not starts:
        return {"response": "add-topics-v1", "result": "error", "invalidTopics": wrong}
    session.sent |= starts
    return {"response": "add-topics-v1", "result": "ok"}
