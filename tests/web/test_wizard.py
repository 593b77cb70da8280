"""From a hub with nobody and nothing in it to a system that is in step, through the pages alone; what stands in the way of the start."""

from __future__ import annotations

from typing import Any

import pytest

from wizard_walk import SCENARIOS, Walk, begun, carry_out


@pytest.mark.parametrize("system", sorted(SCENARIOS))
def test_first_start_to_everything_is_in_without_the_command_line(
    database: Any, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UPS-03, MOB-10, OPT-10, TXT-06, WEB-04: connect, look, try one record, start; then both systems are compared."""
    for walk in begun(system, monkeypatch):
        _whole_way(walk)


def _tried(walk: Walk, **chosen: str) -> None:
    """Look at exactly what would be written for one record, write it, and see its numbers in both systems."""
    before = walk.fortnox_writes()
    walk.page("record", what="plan", **chosen)
    carry_out()
    shown = walk.page("record")
    assert shown.context["writes"], (shown.context["items"], shown.context["plan_run"].message)
    assert walk.fortnox_writes() == before
    walk.page("record", what="apply")
    carry_out()
    shown = walk.page("record")
    first = next(row for row in shown.context["page"] if row.outcome == "done")
    assert first.left_id
    assert f"/records/fortnox/{first.kind}/{first.right_id}/" in shown.content.decode()


def _whole_way(walk: Walk) -> None:
    from brygga.store.models import Integration, Run, StreamState

    scenario = walk.scenario
    back = walk.to_fortnox()
    assert walk.books.company["information"]["CompanyName"] in back.content.decode()
    assert walk.books.company["information"]["OrganizationNumber"] in back.content.decode()
    assert walk.here(walk.page("fortnox", what="right")) == "system"
    shown = walk.page("system", **scenario.key(walk.other), address=walk.other.base_url)
    assert walk.here(shown) == "check"
    assert "Check again" in shown.content.decode()
    shown = walk.page("check", what="on")
    shown = walk.page("settings", **walk.typed(shown))
    assert walk.here(shown) == "forecast"
    walk.page("forecast", what="make")
    carry_out()
    shown = walk.page("forecast")
    assert all(row["plan"] for row in shown.context["rows"])
    assert walk.fortnox_writes() == []
    assert walk.here(walk.page("forecast", what="on")) == "record"
    stream, side, id = scenario.first
    for some in walk.page("record").context["streams"]:
        for where in ("left", "right"):
            walk.page("record", what="plan", stream=some, side=where, id="finns inte")
            carry_out()
            assert not walk.page("record").context["writes"], (some, where)
    _tried(walk, stream=stream, side=side, id=id)
    if scenario.then:
        shown = walk.page("record", what="another")
        assert scenario.then in [f"{one['stream']} {one['only']}" for one in shown.context["proposals"]]
        _tried(walk, proposal=scenario.then)
    integration = Integration.objects.get()
    assert not integration.active
    assert walk.here(walk.page("record", what="on")) == "start"
    shown = walk.page("start", what="start")
    assert shown.status_code == 200, shown.context["refused"]
    carry_out()
    integration.refresh_from_db()
    assert integration.active
    on = {state.name for state in StreamState.objects.all() if state.schedule["mode"] != "off"}
    assert on == set(scenario.streams)
    runs = Run.objects.filter(trigger="person", plan_id="")
    assert {run.status for run in runs} <= {"done", "partial"}, [run.message for run in runs]
    walk.page("start", what="prove")
    carry_out()
    assert "Everything is in" in walk.page("start").content.decode()
    assert walk.client.get("/", follow=True).redirect_chain[-1][0] == f"/c/{walk.slug}/"


@pytest.mark.parametrize("walk", ["upsales"], indirect=True)
def test_setting_that_is_not_chosen_is_named_and_the_others_stay_as_typed(walk: Walk) -> None:
    """UPS-06."""
    walk.to_check()
    assert "You choose it in the next step." in walk.page("check").content.decode()
    walk.page("check", what="on")
    refused = walk.page("settings", module="invoice", placeholder_user="Integration", won_stage="Order", lost_stage="")
    page = refused.content.decode()
    assert refused.status_code == 400
    assert "Förlorad orderfas is not chosen" in page
    assert '<option value="Integration" selected>' in page
    from brygga.store.models import Integration

    assert Integration.objects.get().settings == {}


@pytest.mark.parametrize("walk", ["upsales"], indirect=True)
def test_start_waits_until_nothing_is_red(walk: Walk) -> None:
    """A stage that Upsales does not have is red after the settings; it is mended, checked again, and then it starts."""
    from brygga.store.models import Integration

    walk.to_check()
    walk.page("check", what="on")
    wrong = {**walk.scenario.chosen, "won_stage": "Finns inte"}
    assert "Something is red in the check" in walk.page("settings", **wrong).content.decode()
    walk.page("forecast", what="make")
    carry_out()
    walk.page("forecast", what="on")
    walk.page("record", what="on")
    assert "This is red, and has to be mended first" in walk.page("start").content.decode()
    refused = walk.page("start", what="start")
    assert refused.status_code == 400
    assert "Mend what is red" in refused.content.decode()
    assert not Integration.objects.get().active
    walk.page("settings", **walk.scenario.chosen)
    assert walk.page("start", what="start").status_code == 200
    assert Integration.objects.get().active


def test_questions_are_answered_from_the_forecast_and_lead_back_to_it(walk: Walk) -> None:
    twin = {"CustomerNumber": "1043", "Name": "Lindens Bageri AB", "OrganisationNumber": "556016-0680"}
    with walk.books.lock:
        walk.books.company.load("customers", [twin])
        walk.books.company.commit()
    walk.to_forecast()
    walk.page("forecast", what="make")
    carry_out()
    [row] = walk.page("forecast").context["rows"]
    assert row["asked"] == 1, row["plan"].body
    address = f"/c/{walk.slug}/conflicts/{row['questions'][0].pk}/?wizard=webcrm"
    answer = walk.client.post(address, {"what": "link", "candidate": "1043"}, follow=True)
    assert walk.here(answer) == "forecast"
    assert "1 answered" in answer.content.decode()
    walk.page("forecast", what="make")
    carry_out()
    [row] = walk.page("forecast").context["rows"]
    # The other one of the two with that number is asked about now: whose is it?
    assert row["counts"]["link"] == 1
    assert [(question.side, question.record_id) for question in row["questions"]] == [("right", "1042")]


def test_record_that_nobody_has_is_said_and_another_can_be_chosen(walk: Walk) -> None:
    walk.to_forecast()
    walk.page("forecast", what="make")
    carry_out()
    walk.page("forecast", what="on")
    none = walk.page("record", what="plan", stream="customers", side="left", id=" ")
    assert none.status_code == 400
    assert "No record was chosen" in none.content.decode()
    walk.page("record", what="plan", stream="customers", side="right", id="4711")
    carry_out()
    shown = walk.page("record")
    assert not shown.context["writes"]
    assert "no longer has 4711" in shown.content.decode()
    assert walk.page("record", what="apply").status_code == 200
    assert walk.fortnox_writes() == []
    assert "Try it with one real record" in walk.page("record", what="another").content.decode()


def test_later_steps_are_shut_until_the_earlier_ones_are_done(walk: Walk) -> None:
    walk.to_keys()
    for step in ("system", "check", "settings", "forecast", "record", "start"):
        assert walk.here(walk.page(step)) == "fortnox"
        assert walk.here(walk.page(step, what="start")) == "fortnox"


def test_changing_what_moves_goes_through_the_steps_again_and_keeps_what_is_connected(walk: Walk) -> None:
    from brygga.store.models import StreamState

    walk.to_forecast()
    for what in ("make", "on"):
        walk.page("forecast", what=what)
        carry_out()
    walk.page("record", what="on")
    walk.page("start", what="start")
    carry_out()
    assert "Change what moves" in walk.client.get(f"/c/{walk.slug}/wizard/").content.decode()
    shown = walk.page("choose", stream=["customers", "deliveries"])
    assert walk.books.company["information"]["CompanyName"] in shown.content.decode()
    walk.page("fortnox", what="right")
    assert walk.here(walk.page("system", api_key="")) == "check"
    modes = {state.name: state.schedule["mode"] for state in StreamState.objects.all()}
    assert modes == {"customers": "every", "articles": "off", "deliveries": "off"}


def test_start_pressed_twice_starts_once(walk: Walk) -> None:
    """Two owners, or a page that is sent again: one version, one first run a stream."""
    from brygga.store.models import AuditEntry, Run

    walk.to_forecast()
    walk.page("forecast", what="make")
    carry_out()
    walk.page("forecast", what="on")
    walk.page("record", what="on")
    for _ in range(2):
        walk.page("start", what="start")
    assert Run.objects.filter(trigger="person").count() == 1
    assert AuditEntry.objects.filter(what="started").count() == 1
