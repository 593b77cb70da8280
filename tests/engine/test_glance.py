"""A poll that finds nothing makes no run and writes nothing; whatever a run could find to do makes one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from brygga.engine import dispatcher
from brygga.store import leases
from brygga.store.models import Cursor, Integration, JournalEntry, LinkRow, Problem, Run, StreamState
from brygga.sync import glance as glancing
from brygga.sync.glance import Glance
from hub import Hub, hub_on_both, organisation  # noqa: F401  a fixture

LONG_AGO = timedelta(hours=1)


class Polled:
    """A hub at rest whose stream of customers is due as often as it is asked."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.look = Glance().at
        # What is made now lies half an hour back for both systems, so that nothing of it looks fresh afterwards.
        for system in (hub.fortnox, hub.webcrm):
            system.clock.shift(-1800)
        hub.webcrm.load("Organisation", [organisation(OrganisationName="Lind AB")])
        hub.sync()
        hub.age()
        hub.sync()
        for system in (hub.fortnox, hub.webcrm):
            system.clock.follow()
        Cursor.objects.update(position=datetime.now(UTC))
        LinkRow.objects.update(look_again_at=None)

    def poll(self, *sides: str) -> list[Run]:
        """Let these sides be due and dispatch; return the runs that were asked for, which are forgotten."""
        at = datetime.now(UTC) - timedelta(seconds=1)
        due = {f"next_{side}_at": at for side in sides}
        StreamState.objects.filter(name="customers").update(**{"next_left_at": None, "next_right_at": None, **due})
        self.hub.clear()
        dispatcher._ask_all(datetime.now(UTC), self.look)
        asked = list(Run.objects.filter(status=Run.Status.QUEUED))
        Run.objects.filter(status=Run.Status.QUEUED).delete()
        return asked


@pytest.fixture
def polled(hub_on_both: Hub) -> Polled:  # noqa: F811
    """A hub at rest, on both databases."""
    return Polled(hub_on_both)


def paths(system: Any) -> list[tuple[str, str]]:
    return [(seen.method, seen.path) for seen in system.requests if "/oauth" not in seen.path and "/auth" not in seen.path.lower()]


def test_quiet_poll_makes_no_run_and_one_request_and_moves_the_clock_on(polled: Polled) -> None:
    # The first glance of a process asks webCRM how its fields lie.
    assert polled.poll("right") == []
    before = StreamState.objects.get(name="customers").last_success_at
    cursors = list(Cursor.objects.order_by("pk").values_list("position", flat=True))
    assert polled.poll("right") == []
    assert paths(polled.hub.fortnox) == [("GET", "/3/customers")]
    assert paths(polled.hub.webcrm) == []
    state = StreamState.objects.get(name="customers")
    assert state.next_right_at is not None
    assert state.next_right_at > datetime.now(UTC)
    assert state.last_success_at is not None
    assert before is not None
    assert state.last_success_at > before
    assert list(Cursor.objects.order_by("pk").values_list("position", flat=True)) == cursors
    assert polled.poll("left", "right") == []
    assert {method for method, _ in [*paths(polled.hub.fortnox), *paths(polled.hub.webcrm)]} <= {"GET"}


def test_change_on_either_side_makes_a_run_of_the_sides_that_are_due(polled: Polled) -> None:
    [number] = polled.hub.links().values()
    polled.hub.edit_customer(number, Phone1="0470-77")
    assert polled.poll("left") == []
    [run] = polled.poll("right")
    assert (run.stream, run.trigger, run.sides) == ("customers", "clock", ["right"])
    polled.hub.webcrm.load("Organisation", [organisation(OrganisationName="Ny AB")])
    [run] = polled.poll("left")
    assert run.sides == ["left"]


def _open_write(hub: Hub) -> None:
    JournalEntry.objects.update(state=JournalEntry.State.BEGUN)


def _second_look(hub: Hub) -> None:
    LinkRow.objects.update(look_again_at=datetime.now(UTC) - LONG_AGO)


def _problem_due(hub: Hub) -> None:
    now = datetime.now(UTC)
    Problem.objects.create(
        integration=Integration.objects.get(), stream="customers", side="left", record_id="1", kind="customer", sort=Problem.Sort.HOLD,
        cause="", sentence={}, first_seen_at=now, last_seen_at=now, look_at=now - LONG_AGO,
    )  # fmt: skip


def _never_read(hub: Hub) -> None:
    Cursor.objects.all().delete()


def _clock_was_ahead(hub: Hub) -> None:
    Cursor.objects.update(position=datetime.now(UTC) + LONG_AGO)


def _last_run_failed(hub: Hub) -> None:
    Run.objects.update(status=Run.Status.FAILED)


def _no_run_today(hub: Hub) -> None:
    Run.objects.update(ended_at=datetime.now(UTC) - timedelta(days=2))


def _fortnox_away(hub: Hub) -> None:
    hub.fortnox.faults.arm("error_before", path="/3/customers", status=503, times=None)


def _sign_in_gone(hub: Hub) -> None:
    hub.fortnox.faults.arm("revoke_tokens", path="/3/customers", times=None)


@pytest.mark.parametrize("what", [
    _open_write, _second_look, _problem_due, _never_read, _clock_was_ahead, _last_run_failed, _no_run_today, _fortnox_away, _sign_in_gone,
])  # fmt: skip
def test_whatever_a_run_would_do_or_say_makes_a_run(polled: Polled, what: Callable[[Hub], None]) -> None:
    assert polled.poll("right") == []
    what(polled.hub)
    assert len(polled.poll("right")) == 1


def test_run_of_chosen_records_does_not_hide_that_the_last_whole_one_failed(polled: Polled) -> None:
    Run.objects.update(status=Run.Status.FAILED)
    polled.hub.sync(only=(f"right:{next(iter(polled.hub.links().values()))}",))
    LinkRow.objects.update(look_again_at=None)
    assert len(polled.poll("right")) == 1


def test_company_that_another_process_works_for_is_not_asked_by_a_glance(polled: Polled) -> None:
    with leases.held(leases.company(Integration.objects.get().company_id)):
        assert len(polled.poll("right")) == 1
    assert paths(polled.hub.fortnox) == []
    assert polled.poll("right") == []


def test_after_a_system_was_away_runs_are_made_at_once_for_a_while(polled: Polled, monkeypatch: pytest.MonkeyPatch) -> None:
    polled.hub.fortnox.faults.arm("error_before", path="/3/customers", status=503, times=3)
    assert len(polled.poll("right")) == 1
    assert len(polled.poll("right")) == 1
    assert paths(polled.hub.fortnox) == []
    # Its own clock alone: the systems' servers go by the real one.
    monkeypatch.setattr(glancing, "time", SimpleNamespace(monotonic=lambda: 1e12))
    assert polled.poll("right") == []


def test_new_settings_and_new_credentials_reach_the_next_glance(polled: Polled) -> None:
    assert polled.poll("right") == []
    polled.hub.declare(brake=0.5)
    assert polled.poll("right") == []
    polled.hub.fortnox.base_url, real = "http://127.0.0.1:9", polled.hub.fortnox.base_url
    polled.hub.declare()
    assert len(polled.poll("right")) == 1
    polled.hub.fortnox.base_url = real


def test_fault_in_the_program_at_one_company_leaves_the_others_their_runs(polled: Polled) -> None:
    def broken(states: Any, now: datetime) -> Any:
        def quiet(company: int, due: Any) -> Any:
            raise ValueError("a fault")

        return quiet

    polled.look = broken
    assert len(polled.poll("right")) == 1
