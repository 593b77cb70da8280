"""The WebSocket: commands, ordered offsets, replay of 14 days, several tenants on one connection."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect


class Line:
    """A connection that speaks JSON."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def ask(self, name: str, **more: Any) -> dict[str, Any]:
        self.connection.send(json.dumps({"command": name, **more}))
        return self.read()

    def read(self, timeout: float = 5) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.connection.recv(timeout))
        return found

    def silent(self) -> bool:
        try:
            self.connection.recv(0.15)
        except TimeoutError:
            return True
        return False


@pytest.fixture
def line(sandbox: Any) -> Iterator[Line]:
    with connect(sandbox.websocket_url) as connection:
        yield Line(connection)


def add_tenant(line: Line, sandbox: Any, *tokens: str) -> dict[str, Any]:
    bearer = [f"Bearer {token}" for token in tokens or (sandbox.access_token,)]
    return line.ask("add-tenants-v1", includeChildTenants=False, clientSecret=sandbox.client_secret, accessTokens=bearer)


def test_events_come_in_order_with_offsets(line: Line, sandbox: Any, api: Any) -> None:
    answer = add_tenant(line, sandbox)
    assert answer == {
        "response": "add-tenants-v1",
        "result": "ok",
        "tenantIds": {f"Bearer {sandbox.access_token}": sandbox.tenant_id},
    }
    assert line.ask("list-tenants-v1")["tenants"] == [sandbox.tenant_id]
    assert line.ask("add-topics-v1", topics=[{"topic": "customers"}])["result"] == "ok"
    assert line.ask("subscribe-v1") == {"response": "subscribe-v1", "result": "ok"}
    api.post("customers", "Customer", Name="A")
    api.put("customers/1", "Customer", City="Lund")
    api.post("articles", "Article", Description="annat ämne")
    api.call("DELETE", "customers/1")
    events = [line.read() for _ in range(4)]
    kinds = ["customer-created-v1", "customer-updated-v1", "customer-updated-v2", "customer-deleted-v1"]
    assert [event["type"] for event in events] == kinds
    assert {event["entityId"] for event in events} == {"1"}
    assert len({event["offset"] for event in events}) == 4
    assert list(events[0]) == ["topic", "offset", "type", "tenantId", "entityId", "timestamp"]
    assert line.silent()


def test_an_offset_replays_what_came_after_it(line: Line, sandbox: Any, api: Any) -> None:
    for name in "ABC":
        api.post("customers", "Customer", Name=name)
    first = sandbox.topics.events[0]["offset"]
    add_tenant(line, sandbox)
    line.ask("add-topics-v1", topics=[{"topic": "customers", "offset": first}])
    line.ask("subscribe-v1")
    assert [line.read()["entityId"] for _ in range(2)] == ["2", "3"]
    assert line.silent()


def test_replay_reaches_back_14_days(line: Line, sandbox: Any, api: Any) -> None:
    api.post("customers", "Customer", Name="A")
    start = sandbox.topics.events[0]["offset"]
    api.post("customers", "Customer", Name="B")
    sandbox.clock.shift(13 * 24 * 3600)
    sandbox.renew_tokens()
    api.http.headers["Authorization"] = f"Bearer {sandbox.access_token}"
    api.post("customers", "Customer", Name="C")
    sandbox.clock.shift(15 * 24 * 3600)
    sandbox.renew_tokens()
    add_tenant(line, sandbox)
    line.ask("add-topics-v1", topics=[{"topic": "customers", "offset": start}])
    line.ask("subscribe-v1")
    assert line.read()["entityId"] == "3"
    assert line.silent()


def test_two_tenants_on_one_connection(line: Line, sandbox: Any, api: Any) -> None:
    second = list(sandbox.companies)[1]
    token = api.http.post("/-/admin/tokens", json={"tenant": second}).json()["access_token"]
    add_tenant(line, sandbox, sandbox.access_token, token)
    line.ask("add-topics-v1", topics=[{"topic": "customers"}])
    line.ask("subscribe-v1")
    api.post("customers", "Customer", Name="A")
    api.call("POST", "customers", json={"Customer": {"Name": "B"}}, headers={"Authorization": f"Bearer {token}"})
    assert [line.read()["tenantId"] for _ in range(2)] == [sandbox.tenant_id, second]
    line.ask("remove-tenants-v1", tenants=[sandbox.tenant_id])
    api.post("customers", "Customer", Name="C")
    assert line.silent()


def test_commands_that_are_refused(line: Line, sandbox: Any) -> None:
    wrong = add_tenant(line, sandbox, "nonsense")
    assert (wrong["result"], wrong["invalidTokens"]) == ("error", ["Bearer nonsense"])
    secret = line.ask("add-tenants-v1", clientSecret="x", accessTokens=[f"Bearer {sandbox.access_token}"])
    assert secret["result"] == "error"
    topics = line.ask("add-topics-v1", topics=[{"topic": "customers"}, {"topic": "weather"}])
    assert (topics["result"], topics["invalidTopics"]) == ("error", ["weather"])
    assert line.ask("add-topics-v1", topics=[{"topic": "customers", "offset": "???"}])["result"] == "error"
    assert line.ask("dance")["result"] == "error"


@pytest.mark.parametrize("sent", ["{", "5", "[]", "{}", "[" * 5000, b"\xff\xfe", "", '{"command": []}'])
def test_what_is_no_command_is_answered_and_the_connection_stays(line: Line, sandbox: Any, sent: str | bytes) -> None:
    line.connection.send(sent)
    assert line.read()["result"] == "error"
    assert add_tenant(line, sandbox)["result"] == "ok"


@pytest.mark.parametrize(
    ("command", "name"), [("add-tenants-v1", "accessTokens"), ("add-topics-v1", "topics"), ("remove-tenants-v1", "tenants")]
)
@pytest.mark.parametrize("value", [5, "x", None, {"a": 1}, [None, 5, [], {}]])
def test_a_command_with_a_list_that_is_none_is_answered(line: Line, command: str, name: str, value: Any) -> None:
    assert line.ask(command, **{name: value})["result"] == ("ok" if command == "remove-tenants-v1" else "error")
    assert line.ask("list-tenants-v1") == {"response": "list-tenants-v1", "result": "ok", "tenants": []}


def test_a_refused_call_sends_no_event(sandbox: Any, api: Any) -> None:
    api.refused("POST", "customers", 400, 2000699, json={"Customer": {}})
    assert sandbox.topics.events == []


def test_events_may_come_twice_or_never(line: Line, sandbox: Any, api: Any) -> None:
    add_tenant(line, sandbox)
    line.ask("add-topics-v1", topics=[{"topic": "customers"}])
    line.ask("subscribe-v1")
    sandbox.faults.arm("event_twice", method="EVENT", path="/topics-v1/customers")
    sandbox.faults.arm("event_lost", method="EVENT", path="/topics-v1/customers", skip=1)
    for name in "ABC":
        api.post("customers", "Customer", Name=name)
    events = [line.read() for _ in range(3)]
    assert [event["entityId"] for event in events] == ["1", "1", "3"]
    assert events[0] == events[1]
