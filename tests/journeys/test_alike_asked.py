"""Namesakes at a first sync: a person answers, and no hidden pair of a generated population is doubled (UPS-14, WEB-25)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from hub import Hub, organisation

SIZE = 14


def _population(hub: Hub, seed: int) -> dict[int, str]:
    """Fill both registers and return which organisation is which customer: hidden by address, by telephone, by the one name."""
    chance = random.Random(seed)
    organisations: list[dict[str, Any]] = []
    customers: list[dict[str, Any]] = []
    for n in range(SIZE):
        road, postcode, phone = f"Storgatan {n}", f"11{n % 10}{n % 7}1", f"08-465 0{n:02d} {chance.randrange(10, 99)}"
        hidden = ("address", "phone", "name")[n % 3]
        name = f"Nordiska Bygg {n // 2} AB" if hidden != "name" else f"Ensamma {n} HB"
        ours = {"OrganisationName": name.upper() if chance.random() < 0.3 else name}
        theirs: dict[str, Any] = {"CustomerNumber": str(500 + n), "Name": name, "Address1": f"Box {n}", "ZipCode": f"9{n:02d} 10"}
        if hidden == "address":
            ours |= {"OrganisationAddress": road.upper(), "OrganisationPostCode": postcode, "OrganisationCity": "Stockholm"}
            # The same street is the customer's delivery address or its invoice address.
            place = chance.choice(("", "Delivery"))
            theirs |= {f"{place}Address1": road, f"{place}ZipCode": f"{postcode[:3]} {postcode[3:]}", f"{place}City": "STOCKHOLM"}
        elif hidden == "phone":
            ours |= {"OrganisationTelephone": phone}
            theirs |= {"Phone1": "+46 8 " + phone.removeprefix("08-")}
        organisations.append(organisation(**ours))
        customers.append(theirs)
    ids = hub.webcrm.load("Organisation", organisations)
    hub.fortnox.company.load("customers", customers)
    return {int(id): str(500 + n) for n, id in enumerate(ids)}


@pytest.mark.parametrize("seed", [1, 2])
def test_first_sync_doubles_no_hidden_pair_and_a_persons_answers_are_carried_out(hub: Hub, seed: int) -> None:
    hub.declare(import_active_customers=True)
    pairs = _population(hub, seed)
    hub.clear()
    hub.sync()
    assert hub.links() == {}
    assert hub.fortnox_writes() == []
    assert len(hub.webcrm.all("Organisation")) == len(hub.customers()) == SIZE, "nothing is made while a person is asked"
    asked = {problem["left"]: problem for problem in hub.problems("question")}
    assert set(asked) == {str(id) for id in pairs}
    # Two are not the same after all; of two questions two persons say the same customer.
    apart, twice = list(pairs)[:2], list(pairs)[2:4]
    for id, number in pairs.items():
        if id in apart:
            hub.answer(asked[str(id)], create=True)
        else:
            hub.answer(asked[str(id)], link=pairs[twice[0]] if id == twice[1] else number)
    hub.age()
    hub.sync()
    links = hub.links()
    right = {str(id): number for id, number in pairs.items() if id not in (*apart, twice[1])}
    assert {id: links.get(id) for id in right} == right
    # Two persons said one customer: both belong to it, and the customer that nobody chose comes to webCRM by itself.
    assert links[str(twice[0])] == links[str(twice[1])] == pairs[twice[0]]
    # Not the same: each was made on the other side, and nobody is asked again.
    made = (len(hub.customers()), len(hub.webcrm.all("Organisation")))
    assert made == (SIZE + len(apart), SIZE + len(apart) + 1)
    for _ in range(2):
        hub.age()
        hub.sync()
    assert hub.problems("question") == []
    assert (len(hub.customers()), len(hub.webcrm.all("Organisation"))) == made


def test_a_chosen_organisation_alone_is_asked_about_like_in_a_whole_run(hub: Hub) -> None:
    """The wizard tries one record first: its namesake by a delivery address, a telephone or the one name is asked about, not doubled."""
    pairs = _population(hub, 3)
    for id in list(pairs)[:3]:
        hub.sync(only=(f"left:{id}",))
    assert hub.fortnox_writes() == []
    assert {problem["left"] for problem in hub.problems("question")} == {str(id) for id in list(pairs)[:3]}
    assert len(hub.customers()) == SIZE


def test_pair_that_is_deleted_on_both_sides_parts_without_a_question(hub: Hub) -> None:
    """UPS-16, DESIGN 5: there is nothing left that anybody could be asked about."""
    hub.declare()
    [id] = hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
    hub.sync()
    number = hub.links()[str(id)]
    hub.webcrm.organisation(id).delete()
    with hub.fortnox.lock:
        hub.fortnox.company.table("customers").delete(number)
        hub.fortnox.company.commit()
    hub.age()
    hub.sync(only=(f"left:{id}",))
    assert hub.links() == {}
    assert hub.problems() == []


def test_not_the_same_is_kept_when_the_record_cannot_be_made_for_another_reason(hub: Hub) -> None:
    """WEB-25, WEB-21: the country that keeps it is corrected, and both are made without a second question."""
    hub.declare(import_active_customers=True)
    [id] = hub.webcrm.load("Organisation", [organisation(OrganisationName="Ensamma HB", OrganisationTelephone="08-465 00 10")])
    hub.fortnox.company.load("customers", [{"CustomerNumber": "500", "Name": "Ensamma HB", "Phone1": "+46 8 4650010"}])
    hub.sync()
    [asked] = hub.problems("question")
    hub.answer(asked, create=True)
    hub.webcrm.organisation(id).update(OrganisationCountry="Atlantis")
    for _ in range(2):
        hub.age()
        hub.sync()
        assert [(problem["sort"], problem["left"], problem["rule"]) for problem in hub.problems()] == [("hold", str(id), "WEB-21")]
        # The customer is nobody else's, and comes to webCRM meanwhile.
        assert len(hub.webcrm.all("Organisation")) == 2
    hub.webcrm.organisation(id).update(OrganisationCountry="")
    hub.age()
    hub.sync()
    assert hub.problems() == []
    assert len(hub.links()) == len(hub.customers()) == len(hub.webcrm.all("Organisation")) == 2
    assert hub.links()[str(id)] != "500"
