"""Events over a real WebSocket on a port of this machine; the far end speaks as section 8 of the Fortnox API describes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from brygga.clients.fortnox.websocket import Events, address_under
from brygga.errors import BadData, Rejected, SettingsError, Unauthorised, Unavailable

EVENT = {
    "topic": "invoices",
    "offset": "xDy7J",
    "type": "invoicepayment-bookkeep-v1",
    "tenantId": 29302,
    "entityId": "3817",
    "timestamp": "2017-12-28T14:59:16.500+01:00",
}


class Host:
    """A far end: `says` answers a command with messages; what it heard is kept."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.says: Callable[[dict[str, Any]], list[object]] = lambda command: [{"response": command["command"], "result": "ok"}]

    def __call__(self, line: ServerConnection) -> None:
        for text in line:
            command = json.loads(text)
            self.heard.append(command)
            for message in self.says(command):
                if message is None:
                    return
                line.send(message if isinstance(message, str) else json.dumps(message))


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def address(host: Host) -> Iterator[str]:
    with serve(host, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield address_under(f"http://127.0.0.1:{server.socket.getsockname()[1]}/")
        server.shutdown()
        thread.join()


def test_tenants_topics_and_subscription_are_sent_in_order_and_events_follow(host: Host, address: str) -> None:
    def says(command: dict[str, Any]) -> list[object]:
        answer: dict[str, object] = {"response": command["command"], "result": "ok"}
        if command["command"] == "add-tenants-v1":
            answer["tenantIds"] = {command["accessTokens"][0]: 29302}
        return [answer, EVENT] if command["command"] == "subscribe-v1" else [answer]

    host.says = says
    with Events.open(address, client_secret="s3cret") as events:
        assert events.add_tenants(["one"]).added == (29302,)
        events.add_topics({"invoices": "xDy7H", "customers": None})
        events.subscribe()
        event = next(iter(events))
    assert host.heard == [
        {"command": "add-tenants-v1", "includeChildTenants": False, "clientSecret": "s3cret", "accessTokens": ["Bearer one"]},
        {"command": "add-topics-v1", "topics": [{"topic": "invoices", "offset": "xDy7H"}, {"topic": "customers"}]},
        {"command": "subscribe-v1"},
    ]
    assert (event.topic, event.offset, event.tenant_id, event.entity_id) == ("invoices", "xDy7J", 29302, "3817")
    assert (event.kind, event.action, event.version) == ("invoicepayment", "bookkeep", 1)
    assert event.at == datetime(2017, 12, 28, 14, 59, 16, 500000, tzinfo=timezone(timedelta(hours=1)))


def test_a_refused_token_is_named_by_its_place_and_not_shown(host: Host, address: str) -> None:
    host.says = lambda command: [
        {"response": "add-tenants-v1", "result": "error", "tenantIds": {"Bearer good": 1}, "invalidTokens": ["Bearer bad"]}
    ]
    with Events.open(address, client_secret="s3cret") as events:
        tenants = events.add_tenants(["good", "bad"])
    assert (tenants.added, tenants.refused) == ((1,), (1,))
    assert "bad" not in repr(tenants)


def test_a_wrong_client_secret_is_unauthorised_and_not_shown(host: Host, address: str) -> None:
    host.says = lambda command: [{"response": command["command"], "result": "error"}]
    with Events.open(address, client_secret="s3cret") as events, pytest.raises(Unauthorised, match="client_secret") as raised:
        events.add_tenants(["one"])
    assert "s3cret" not in repr(raised.value)


def test_an_event_between_a_command_and_its_answer_is_not_lost(host: Host, address: str) -> None:
    host.says = lambda command: [EVENT, {"response": command["command"], "result": "ok"}, {**EVENT, "offset": "xDy7K"}]
    with Events.open(address, client_secret="s") as events:
        events.remove_tenants([1])
        assert [event.offset for event in (events.next(5), events.next(5)) if event] == ["xDy7J", "xDy7K"]
        assert events.next(0.05) is None


def test_unknown_types_and_fields_are_handed_on(host: Host, address: str) -> None:
    voucher = {**EVENT, "topic": "vouchers", "type": "something-new", "year": 8, "series": "B"}
    host.says = lambda command: [{"response": command["command"], "result": "ok", "tenants": [2, 1]}, voucher]
    with Events.open(address, client_secret="s") as events:
        assert events.list_tenants() == (1, 2)
        event = events.next(5)
    assert event is not None
    assert (event.kind, event.action, event.version, event.more) == ("something-new", "", 0, {"year": 8, "series": "B"})


def test_an_unknown_topic_is_a_setting_and_a_refused_offset_is_rejected(host: Host, address: str) -> None:
    host.says = lambda command: [{"response": command["command"], "result": "error", "invalidTopics": ["invoices"]}]
    with Events.open(address, client_secret="s") as events:
        with pytest.raises(SettingsError, match="no topic invoice"):
            events.add_topics({"invoice": None})
        with pytest.raises(Rejected, match=r"add-topics-v1.*invoices"):
            events.add_topics({"invoices": "too-old"})


def test_a_line_that_breaks_is_unavailable(host: Host, address: str) -> None:
    host.says = lambda command: [None]
    with Events.open(address, client_secret="s") as events, pytest.raises(Unavailable, match="broke"):
        events.subscribe()


def test_a_host_that_does_not_answer_is_unavailable(host: Host, address: str) -> None:
    host.says = lambda command: []
    with Events.open(address, client_secret="s", patience=0.1) as events, pytest.raises(Unavailable, match="do not answer"):
        events.subscribe()


def test_what_is_not_an_event_is_bad_data(host: Host, address: str) -> None:
    host.says = lambda command: [{"response": command["command"], "result": "ok"}, "<html>", {"topic": "invoices"}]
    with Events.open(address, client_secret="s") as events:
        events.subscribe()
        with pytest.raises(BadData, match="not an object"):
            events.next(5)
        with pytest.raises(BadData, match="without its fields"):
            events.next(5)


def test_nobody_there_is_unavailable_and_no_address_is_a_setting() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        Events.open("ws://127.0.0.1:1/topics-v1", client_secret="s")
    with pytest.raises(SettingsError, match="not the address of a WebSocket"):
        Events.open("127.0.0.1", client_secret="s")
