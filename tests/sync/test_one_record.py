"""Chosen records alone: they are recognised in the other system as in a whole run, and nothing else is touched."""

from __future__ import annotations

from typing import Any

from hub import Hub, organisation


def test_a_chosen_record_that_fortnox_has_already_is_linked_and_not_made_a_second_time(hub: Hub) -> None:
    """The first record of a hub is tried alone: the registers have never been read, and Fortnox has it by its number."""
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "1042", "Name": "Lindens Bageri AB", "OrganisationNumber": "556016-0680", "Phone1": "08-465 004 20"},
            {"CustomerNumber": "1077", "Name": "Någon Annan AB"},
        ],
    )
    hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680"), organisation(OrganisationName="Två AB")])
    result = hub.sync(only=("left:1",))
    assert hub.links() == {"1": "1042"}
    assert next(item["action"] for item in result["items"]) == "link"
    assert [path for method, path, _ in hub.fortnox_writes() if method == "POST"] == []
    read = [seen.path for seen in hub.fortnox.requests if seen.path.startswith("/3/customers/")]
    assert "/3/customers/1077" not in read
    assert len(hub.customers()) == 2


def test_a_chosen_record_with_two_candidates_is_asked_about(hub: Hub) -> None:
    """Two customers have its number: a question, as in a whole run, and nothing is written."""
    twins = [{"CustomerNumber": number, "Name": f"Linden {number}", "OrganisationNumber": "556016-0680"} for number in ("1", "2")]
    hub.fortnox.company.load("customers", twins)
    hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
    hub.sync(only=("left:1",))
    assert [problem["sort"] for problem in hub.problems("question")] == ["question"]
    assert hub.fortnox_writes() == []


def test_a_plan_of_one_record_is_applied_to_that_one_alone(hub: Hub) -> None:
    """What the plan shows is what is written, and no cursor moves: the first whole run still reads everything."""
    from brygga.store.models import Cursor, Run
    from brygga.sync.report import run_json
    from brygga.sync.start import begin_run, execute, make_plan

    hub.webcrm.load("Organisation", [organisation(), organisation(OrganisationName="Två AB")])
    integration = hub_integration()
    body = make_plan(integration, "customers", who="test", save=True, only=["left:2"])
    assert [(item["action"], item["left"]) for item in body["items"]] == [("create", "2")]
    run = begin_run(integration, "customers", trigger="person", plan_id=body["plan"])
    result = run_json(execute(run.pk))
    assert (result["status"], list(hub.links())) == ("done", ["2"])
    assert [customer["Name"] for customer in hub.customers()] == ["Två AB"]
    assert not Cursor.objects.exists()
    again = begin_run(integration, "customers", trigger="person", plan_id=body["plan"])
    assert execute(again.pk).status == Run.Status.FAILED
    hub.sync()
    assert sorted(hub.links()) == ["1", "2"]


def test_questions_of_a_plan_can_be_answered_before_the_first_run(hub: Hub) -> None:
    """The matching desk is full as soon as a page has made the plan; the first run then does what was answered."""
    from brygga import engine
    from brygga.sync.start import execute

    twins = [{"CustomerNumber": number, "Name": f"Linden {number}", "OrganisationNumber": "556016-0680"} for number in ("1", "2")]
    hub.fortnox.company.load("customers", twins)
    hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
    execute(engine.request(hub_integration(), "customers", trigger="plan").pk)
    [question] = hub.problems("question")
    hub.answer(question, link="2")
    assert hub.fortnox_writes() == []
    hub.sync()
    assert hub.links()["1"] == "2"
    assert len(hub.customers()) == 2


def hub_integration() -> Any:
    from brygga.store.models import Integration

    return Integration.objects.select_related("company").get(company__slug="acme")
