"""Every repair that a problem proposes can be carried out, by the command line or in the other system, and then the problem is gone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from hub import Hub, organisation
from people import client
from textalk_hub import TextalkHub
from webcrm_sales import Sales


@pytest.fixture
def brygga(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Write a command as a person would; return its exit status."""
    from brygga.cli import main, say

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["brygga", *words])
        monkeypatch.setattr(say.out, "_file", sys.stdout, raising=False)
        try:
            main.main()
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return run


def one(hub: Hub, *sorts: str) -> dict[str, Any]:
    [problem] = hub.problems(*sorts)
    return problem


def asked(hub: Hub) -> None:
    """An organisation that could be either of two customers."""
    numbered = [{"CustomerNumber": n, "Name": f"Acme {n}", "OrganisationNumber": "556036-0793"} for n in ("1042", "1077")]
    hub.fortnox.company.load("customers", numbered)
    hub.webcrm.load("Organisation", [organisation(OrganisationName="Acme AB", OrganisationExtraCustom2="556036-0793")])
    hub.sync(sides=("left",))


def test_a_question_is_answered_with_the_one_it_is(hub: Hub, brygga: Callable[..., int]) -> None:
    asked(hub)
    problem = next(row for row in hub.problems("question") if row["record"].startswith("webcrm"))
    assert "Acme AB" in problem["text"]
    assert brygga("resolve", str(problem["id"]), "--link", "1077") == 0
    hub.sync()
    assert hub.links()["1"] == "1077"
    assert problem["id"] not in [row["id"] for row in hub.problems()]


def test_a_question_is_answered_with_none_of_them(hub: Hub, brygga: Callable[..., int]) -> None:
    asked(hub)
    problem = next(row for row in hub.problems("question") if row["record"].startswith("webcrm"))
    assert brygga("resolve", str(problem["id"]), "--create") == 0
    hub.sync(sides=("left",))
    assert hub.links()["1"] not in ("1042", "1077")


def nameless(hub: Hub) -> dict[str, Any]:
    hub.webcrm.load("Organisation", [organisation(OrganisationName="", OrganisationExtraCustom2="556016-0680")])
    hub.sync()
    return one(hub, "hold")


@pytest.mark.performs(
    "Give it a name in webCRM.",
)
def test_what_webcrm_lacks_is_given_in_webcrm(hub: Hub) -> None:
    """ "Give it a name in webCRM": a person does that, and says nothing to the hub."""
    assert nameless(hub)["repair"] == "Give it a name in webCRM."
    hub.webcrm.organisation(1).update(OrganisationName="Lindens Bageri AB")
    hub.sync()
    assert [customer["Name"] for customer in hub.customers()] == ["Lindens Bageri AB"]
    assert hub.problems() == []


def test_what_webcrm_lacks_is_given_from_here(hub: Hub, brygga: Callable[..., int]) -> None:
    problem = nameless(hub)
    assert brygga("repair", str(problem["id"]), "--do", "edit", "--set", "name=Lindens Bageri AB") == 0
    hub.sync()
    assert hub.webcrm.organisation(1)["OrganisationName"] == "Lindens Bageri AB"
    assert [customer["Name"] for customer in hub.customers()] == ["Lindens Bageri AB"]
    assert hub.problems() == []


def test_a_record_is_left_out_with_a_reason_and_taken_up_again(hub: Hub, brygga: Callable[..., int]) -> None:
    problem = nameless(hub)
    assert brygga("skip", str(problem["id"]), "--reason", "provpost") == 0
    hub.sync()
    assert hub.problems() == []
    hub.webcrm.organisation(1).update(OrganisationName="Lindens Bageri AB")
    assert brygga("retry", str(problem["id"])) == 0
    hub.sync()
    assert [customer["Name"] for customer in hub.customers()] == ["Lindens Bageri AB"]


def test_two_records_are_unlinked_and_linked_to_others(hub: Hub, brygga: Callable[..., int]) -> None:
    hub.webcrm.load("Organisation", [organisation(OrganisationName="Firma AB")])
    hub.sync()
    number = hub.links()["1"]
    hub.fortnox.company.load("customers", [{"CustomerNumber": "900", "Name": "Firma Riktig AB"}])
    assert brygga("unlink", "acme/webcrm.customers", "1", number) == 0
    problem = next(row for row in hub.problems("question") if row["record"] == "webcrm:1")
    assert brygga("resolve", str(problem["id"]), "--link", "900") == 0
    hub.sync()
    assert hub.links()["1"] == "900"


def test_a_country_written_in_words_is_understood(textalk_hub: TextalkHub) -> None:
    hub = textalk_hub
    for country in ("SVERIGE", "Sverige", "sweden"):
        address = {"firstName": "Liv", "lastName": "Dahl", "address": "Storgatan 1", "postcode": "111 22", "town": "Stockholm"}
        uid = hub.order(payment="Faktura")
        order = hub.shop.get("Order", uid)
        buyer = {**order["customer"], "address": {**address, "country": country}, "info": {"email": f"{country}@dahl.example"}}
        hub.shop.change("Order", uid, customer=buyer)
    assert hub.sync()["status"] == "done", hub.problems("buyers")
    assert {customer["CountryCode"] for customer in hub.records("customers")} == {"SE"}


def test_every_problem_names_its_record_and_no_id_of_our_own(hub: Hub) -> None:
    """The sentence of the core says what is wrong; the name of the record stands before it where it does not."""
    from django.utils import timezone

    from brygga.errors import Sentence
    from brygga.store import problems
    from brygga.store.models import Integration
    from brygga.store.problems import Trouble

    integration = Integration.objects.get(company__slug="acme")
    said = Sentence("{country} is no country code.", {"country": "'XX'"})
    trouble = Trouble("hold", "left", "customer", "guest:liv@dahl.example", said, record={"name": "Liv Dahl"})
    row = problems.put(integration.pk, "customers", trouble, timezone.now())
    assert one(hub)["text"] == "Liv Dahl: 'XX' is no country code."
    waits = Sentence(
        "{system} {id} waits for its customer {customer}.", {"system": "S", "id": "7", "customer": "guest:liv@dahl.example"}
    )
    assert str(waits) == "S 7 waits for its customer liv@dahl.example."
    for address in ("/c/acme/problems/", f"/c/acme/problems/{row.pk}/"):
        page = client("owner").get(address).content.decode()
        assert "<strong>Liv Dahl</strong>" in page
        assert ">guest:" not in page


def both_changed(hub: Hub) -> tuple[Sales, int, dict[str, Any]]:
    """The text of a delivery is changed on both sides between two syncs; nobody owns a document's fields where nothing is chosen."""
    sales = Sales(hub)
    id = sales.deliver(OrderDate="2026-11-20T00:00:00", Ordertext="Ring före leverans")
    hub.sync()
    number = hub.links()[str(id)]
    hub.age()
    hub.webcrm.delivery(id).update(Ordertext="Ring dagen före")
    hub.fortnox_call("PUT", f"/3/orders/{number}", {"Order": {"Remarks": "Lämnas i porten"}})
    hub.sync()
    conflict = one(hub, "conflict")
    assert list(conflict["fields"]) == ["text"]
    assert (sales.document(number)["Remarks"], hub.webcrm.delivery(id)["Ordertext"]) == ("Lämnas i porten", "Ring dagen före")
    return sales, id, conflict


@pytest.mark.performs(
    "Choose a value for each field under Conflicts.",
)
def test_a_conflict_is_answered_with_a_side_on_the_command_line(hub: Hub, brygga: Callable[..., int]) -> None:
    sales, id, conflict = both_changed(hub)
    assert brygga("resolve", str(conflict["id"]), "--take", "text=left") == 0
    hub.sync()
    assert sales.document(hub.links()[str(id)])["Remarks"] == "Ring dagen före"
    assert hub.problems() == []


def test_a_conflict_is_answered_with_a_side_on_its_page(hub: Hub) -> None:
    sales, id, conflict = both_changed(hub)
    answer = client("owner").post(f"/c/acme/conflicts/{conflict['id']}/", {"what": "fields", "take:text": "right"})
    assert answer.status_code == 302, answer.content.decode()
    hub.sync()
    assert hub.webcrm.delivery(id)["Ordertext"] == "Lämnas i porten"
    assert sales.document(hub.links()[str(id)])["Remarks"] == "Lämnas i porten"
    assert hub.problems() == []
