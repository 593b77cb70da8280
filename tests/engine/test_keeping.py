"""What is stored, for how long, and how it is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from traces import integration_of

from brygga import engine
from brygga.engine import heartbeat, pace, retention
from brygga.engine.plain import PlainJson
from brygga.errors import SettingsError
from brygga.store.models import Integration, Run, StreamState
from databases import DatabaseUnderTest

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("data", [None, "å", 12, True, ["x", None], {"run": "01J", "counts": {"created": 1}}])
def test_plain_data_comes_back(data: object) -> None:
    assert PlainJson().deserialize(PlainJson().serialize(data)) == data


def test_arguments_come_back_as_the_engine_wants_them() -> None:
    stored = PlainJson().serialize({"args": ("01J",), "kwargs": {}})
    assert PlainJson().deserialize(stored) == {"args": ("01J",), "kwargs": {}}


@pytest.mark.parametrize("data", [Decimal("1"), 1.5, b"x", object(), {"amount": Decimal("1")}, {1: "x"}, datetime.now(UTC)])
def test_records_and_everything_else_are_refused(data: object) -> None:
    with pytest.raises(TypeError, match="ids and plain data"):
        PlainJson().serialize(data)


def test_error_is_stored_without_its_words() -> None:
    stored = PlainJson().serialize(ValueError("customer 1042, token canary"))
    assert "canary" not in stored
    assert str(PlainJson().deserialize(stored)) == "ValueError"


def _ended(integration: Integration, name: str, ago: timedelta, status: str = "done", **counts: int) -> None:
    ended = NOW - ago
    Run.objects.create(
        id=name,
        integration=integration,
        stream=name.partition("-")[0],
        trigger="clock",
        status=status,
        counts=counts,
        queued_at=ended,
        ended_at=ended,
    )


def test_runs_are_kept_by_what_they_are_worth(database: DatabaseUnderTest) -> None:
    acme = integration_of("acme")
    _ended(acme, "customers-1-empty", timedelta(hours=3), unchanged=41, held=1)
    _ended(acme, "customers-2-changed", timedelta(hours=3), updated=1)
    _ended(acme, "customers-3-old", timedelta(days=31), updated=1)
    _ended(acme, "customers-4-failed", timedelta(days=60), status="failed")
    _ended(acme, "customers-5-old-failure", timedelta(days=91), status="failed")
    _ended(acme, "customers-6-young", timedelta(minutes=30), unchanged=41)
    _ended(acme, "articles-1-last", timedelta(days=400), unchanged=1)
    assert retention.forget(NOW) == 3
    kept = set(Run.objects.values_list("pk", flat=True))
    assert kept == {"customers-2-changed", "customers-4-failed", "customers-6-young", "articles-1-last"}
    assert retention.forget(NOW) == 0


def test_backlog_and_lag_are_shown(database: DatabaseUnderTest) -> None:
    acme = integration_of("acme")
    assert engine.status().as_json() == {"workers": [], "queued": 0, "delayed": 0, "running": 0, "due": 0, "lag_seconds": 0.0}
    now = datetime.now(UTC)
    waiting = engine.request(acme, "customers", at=now - timedelta(seconds=90))
    later = engine.request(acme, "articles", at=now - timedelta(hours=1))
    Run.objects.filter(pk=later.pk).update(not_before=now + timedelta(minutes=1))
    StreamState.objects.create(integration=acme, name="prices", next_left_at=now - timedelta(seconds=30))
    heartbeat.begin("here")
    found = engine.status()
    assert (found.queued, found.delayed, found.running, found.due) == (1, 1, 0, 1)
    assert found.lag == pytest.approx(90, abs=5)
    assert [(worker.name, worker.alive) for worker in found.workers] == [("here", True)]
    Run.objects.filter(pk=waiting.pk).update(status="running")
    assert engine.status().lag == pytest.approx(30, abs=5)


def test_pace_with_a_word_that_it_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRYGGA_PACE", "dispatch=0.5,silent=3")
    assert (pace.current().dispatch, pace.current().silent, pace.current().beat) == (0.5, 3.0, 2.0)
    for wrong in ("dispath=1", "dispatch=soon", "dispatch=-1"):
        monkeypatch.setenv("BRYGGA_PACE", wrong)
        with pytest.raises(SettingsError, match=wrong):
            pace.current()
