"""The client of the Mobigo contract, over HTTP against its sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from brygga.clients.http import Http
from brygga.clients.limits import SlidingWindow
from brygga.clients.mobigo import LIMIT, Mobigo
from brygga.errors import BadData, OutcomeUnknown, Rejected, SettingsError, Stale, Unauthorised, Unavailable
from brygga_sandbox import mobigo as mobigo_sandbox
from brygga_sandbox.mobigo import Application, Limits, Sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with mobigo_sandbox.running() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    running.faults.clear()
    running.limits = Limits(calls=0)
    return running


@pytest.fixture
def connect(sandbox: Sandbox) -> Iterator[Callable[..., Mobigo]]:
    opened: list[Http] = []

    def make(id: str = "", secret: str = "", base_url: str = "", limiter: SlidingWindow | None = None) -> Mobigo:
        http = Http("Mobigo", limiter=limiter, sleep=lambda seconds: None)
        opened.append(http)
        return Mobigo(http.send, base_url or sandbox.base_url, lambda: f"{id or sandbox.application_id}:{secret or sandbox.secret}")

    yield make
    for http in opened:
        http.close()


def test_lists_come_page_by_page_and_prices_digit_for_digit(sandbox: Sandbox, connect: Callable[..., Mobigo]) -> None:
    sandbox.load("Articles", [{"number": str(n), "name": "Packning", "price": Decimal("12.10")} for n in range(250)])
    articles = list(connect().articles.records())
    assert len(articles) == 250
    assert (articles[0]["price"], type(articles[0]["price"])) == (Decimal("12.10"), Decimal)
    assert [seen.path for seen in sandbox.requests if "Auth" not in seen.path] == ["/v1/Core/Articles"] * 3


def test_changed_since_is_asked_for_in_utc(sandbox: Sandbox, connect: Callable[..., Mobigo]) -> None:
    sandbox.clock.stop_at(datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    sandbox.load("Customers", [{"number": "1", "name": "Alm AB"}])
    sandbox.clock.advance(3600)
    sandbox.load("Customers", [{"number": "2", "name": "Björk AB"}])
    found = connect().customers.records(datetime.fromisoformat("2026-03-01T09:30:00+01:00"))
    assert [raw["number"] for raw in found] == ["2"]


def test_signing_in_anew_after_a_401_repeats_the_call_once(sandbox: Sandbox, connect: Callable[..., Mobigo]) -> None:
    client = connect()
    client.me()
    sandbox.sign_in.tokens.clear()
    assert client.me()["contract"] == "brygga-mobigo-1"
    with pytest.raises(Unauthorised):
        connect(secret="wrong").me()
    with pytest.raises(SettingsError):
        connect(base_url=sandbox.base_url + "/elsewhere").me()


def test_missing_right_is_said_as_such(sandbox: Sandbox, connect: Callable[..., Mobigo]) -> None:
    sandbox.sign_in.applications["reader"] = Application("r", frozenset())
    with pytest.raises(Unauthorised):
        connect("reader", "r").articles.create([{"number": "1", "name": "A"}])


def test_batch_gives_one_result_each_with_mobigos_own_words(connect: Callable[..., Mobigo]) -> None:
    made, refused = connect().articles.create([{"number": "1", "name": "A"}, {"number": "2", "name": "A" * 201}])
    assert not isinstance(made, Rejected)
    assert made["number"] == "1"
    assert isinstance(refused, Rejected)
    assert "högst 200 tecken" in str(refused)


def test_put_of_an_old_version_is_stale(connect: Callable[..., Mobigo]) -> None:
    client = connect()
    [made] = client.customers.create([{"number": "1", "name": "A"}])
    assert not isinstance(made, Rejected)
    client.customers.replace(str(made["id"]), {**made, "name": "B"})
    with pytest.raises(Stale):
        client.customers.replace(str(made["id"]), {**made, "name": "C"})


def test_export_result_may_be_repeated_and_another_document_is_refused(sandbox: Sandbox, connect: Callable[..., Mobigo]) -> None:
    client = connect()
    sandbox.assignment("A/1", marked=True)
    sandbox.faults.arm("lost_answer", method="PUT", path=".*/ExportResult")
    done = client.assignments.export_result("A/1", "order", "17", archived=True, message="Texten är kortad.")
    assert (done["export"]["documentNumber"], done["status"]) == ("17", "Arkiverat")
    assert list(client.assignments.marked()) == []
    with pytest.raises(Rejected) as refused:
        client.assignments.export_result("A/1", "order", "18", archived=True)
    assert refused.value.code == "exported"


def test_lost_answer_of_a_batch_is_unknown_and_lost_reads_are_repeated(sandbox: Sandbox, connect: Callable[..., Mobigo]) -> None:
    client = connect()
    sandbox.faults.arm("lost_answer", method="POST", path=".*/Articles/Batch")
    with pytest.raises(OutcomeUnknown):
        client.articles.create([{"number": "1", "name": "A"}])
    sandbox.faults.arm("lost_request", method="GET", times=2)
    assert [raw["number"] for raw in client.articles.records()] == ["1"]


@pytest.mark.parametrize("kind", ["html", "cut_body"])
def test_page_that_is_none_is_bad_data_or_asked_for_again(sandbox: Sandbox, connect: Callable[..., Mobigo], kind: str) -> None:
    sandbox.faults.arm(kind, method="GET", path=".*/Articles", times=None)
    with pytest.raises((BadData, Unavailable)):
        list(connect().articles.records())


def test_our_limit_keeps_below_the_contracts(sandbox: Sandbox, connect: Callable[..., Mobigo]) -> None:
    sandbox.limits = Limits()
    client = connect(limiter=SlidingWindow(*LIMIT))
    for _ in range(120):
        client.me()
    assert 429 not in {seen.status for seen in sandbox.requests}


def test_refusal_for_speed_waits_as_long_as_it_says(sandbox: Sandbox, connect: Callable[..., Mobigo]) -> None:
    sandbox.faults.arm("rate_limit", method="GET", retry_after=2)
    waited: list[float] = []
    http = Http("Mobigo", sleep=waited.append)
    client = Mobigo(http.send, sandbox.base_url, lambda: f"{sandbox.application_id}:{sandbox.secret}")
    client.me()
    http.close()
    assert waited == [pytest.approx(2, abs=0.1)]
