"""Many buyers, one customer: contacts, guests and departments that belong to one customer of Fortnox (U10, U11; DESIGN 5)."""

from __future__ import annotations

from typing import Any

import pytest

from hub import Hub, organisation
from textalk_hub import LIV, TextalkHub

NUMBER = "OrganisationExtraCustom2"
"""Where the sandbox's webCRM keeps the organisation number."""
COMPANY = "556016-0680"


def buyer(email: str, *, number: str = "", vat: str = "", company: str = "", **address: str) -> dict[str, Any]:
    """Return who buys, as the shop's order has it: a company where it is called so, else a private person."""
    info = {"email": email, "company": company, "orgNumber": number, "vatNumber": vat}
    return {"address": {**LIV["address"], **address}, "info": {key: value for key, value in info.items() if value}}


def one(hub: Hub, **more: Any) -> str:
    [id] = hub.webcrm.load("Organisation", [organisation(**more)])
    return str(id)


def two_departments(hub: Hub, **second: Any) -> tuple[str, str, str]:
    """Return the first organisation, the second, and the customer to which a person said that both belong."""
    first = one(hub, **{NUMBER: COMPANY, "OrganisationTelephone": "0470-100 20"})
    hub.sync()
    number = hub.links()[first]
    other = one(hub, OrganisationName="Lindens Bageri, inköp", **{NUMBER: COMPANY, **second})
    hub.sync()
    [asked] = hub.problems("question")
    assert asked["record"] == f"webcrm:{other}"
    hub.answer(asked, link=number)
    hub.sync()
    hub.age()
    hub.sync()
    return first, other, number


# The shop -------------------------------------------------------------------------------------------------------------------


def test_two_mailboxes_that_order_for_one_company_have_one_customer_and_two_documents(textalk_hub: TextalkHub) -> None:
    """U10: one organisation number is one company, whoever of it buys; nobody is asked."""
    hub = textalk_hub
    one = hub.order(customer=buyer("anna@ek.example", company="Ek AB", number=COMPANY), paymentMethod="Faktura")
    hub.sync()
    two = hub.order(customer=buyer("bo@ek.example", company="EK Aktiebolag", number="16556016-0680"), paymentMethod="Faktura")
    hub.sync()
    assert hub.problems("buyers") == []
    [customer] = [row for row in hub.records("customers") if row["OrganisationNumber"]]
    for order in (one, two):
        assert hub.document("invoices", hub.number(order))["CustomerNumber"] == customer["CustomerNumber"]
    assert hub.number(one) != hub.number(two)


def test_two_buyers_of_one_company_in_one_run_have_one_customer(textalk_hub: TextalkHub) -> None:
    """U10: the customer is made for the first, and the second belongs to it though both are new."""
    hub = textalk_hub
    orders = [
        hub.order(customer=buyer(email, company="Ek AB", number=COMPANY), paymentMethod="Faktura")
        for email in ("anna@ek.example", "bo@ek.example", "cia@ek.example")
    ]
    hub.sync()
    assert len([row for row in hub.records("customers") if row["OrganisationNumber"]]) == 1
    assert len({hub.number(order) for order in orders}) == 3
    hub.age()
    hub.clear()
    assert hub.sync()["counts"]["created"] == 0
    assert [write for write in hub.fortnox_writes() if write[0] == "POST"] == []


@pytest.mark.performs(
    "Choose which one it is, or let it be made anew, on the matching desk.",
)
def test_company_that_gives_its_vat_number_alone_is_asked_about_and_not_made_again(textalk_hub: TextalkHub) -> None:
    """U11: a VAT number that holds the organisation number of a customer; a person says that it is the one."""
    from brygga.sync.resolve import answer

    hub = textalk_hub
    hub.order(customer=buyer("anna@ek.example", company="Ek AB", number=COMPANY), paymentMethod="Faktura")
    hub.sync()
    [customer] = [row for row in hub.records("customers") if row["OrganisationNumber"]]
    second = hub.order(customer=buyer("bo@ek.example", company="Ek AB", vat="SE556016068001"), paymentMethod="Faktura")
    hub.sync()
    [asked] = hub.problems("buyers", "question")
    assert [row["Name"] for row in hub.records("customers")].count("Ek AB") == 1
    answer(asked["id"], {"link": customer["CustomerNumber"]}, "test")
    hub.sync()
    assert hub.problems("buyers") == []
    assert hub.document("invoices", hub.number(second))["CustomerNumber"] == customer["CustomerNumber"]


# A CRM ----------------------------------------------------------------------------------------------------------------------


def test_question_can_be_answered_with_the_customer_that_has_another_organisation_already(hub_on_both: Hub) -> None:
    """Kind 5: it is the one, and both belong to it; the second gets the number and changes nothing that stands on the card."""
    hub = hub_on_both
    first, second, number = two_departments(hub, OrganisationTelephone="08-465 004 99", OrganisationFax="08-465 004 98")
    assert hub.links() == {first: number, second: number}
    card = hub.customer(number)
    assert (card["Name"], card["Phone1"]) == ("Lindens Bageri AB", "0470-100 20")
    assert card["Fax"] == "08-465 004 98", "what is empty on the card is filled in"
    assert hub.webcrm.organisation(int(second))["Kundnummer"] == number
    assert hub.webcrm.organisation(int(second))["Namn"] == "Lindens Bageri, inköp"
    assert hub.problems() == []


def test_two_of_one_customer_rest(hub: Hub) -> None:
    two_departments(hub)
    hub.age()
    hub.clear()
    result = hub.sync()
    assert (result["counts"]["updated"], result["counts"]["conflicts"], result["counts"]["held"]) == (0, 0, 0)
    assert hub.fortnox_writes() == []


def test_edit_of_the_card_goes_to_the_organisation_that_leads_alone(hub: Hub) -> None:
    first, second, number = two_departments(hub)
    hub.edit_customer(number, WWW="www.lindens.example")
    hub.sync()
    assert hub.webcrm.organisation(int(first))["Hemsida"] == "www.lindens.example"
    assert hub.webcrm.organisation(int(second))["Hemsida"] != "www.lindens.example"


def test_edit_of_the_card_goes_to_all_where_a_setting_says_so(hub: Hub) -> None:
    hub.declare(several_get_changes="all")
    first, second, number = two_departments(hub)
    hub.edit_customer(number, WWW="www.lindens.example")
    hub.sync()
    for id in (first, second):
        assert hub.webcrm.organisation(int(id))["Hemsida"] == "www.lindens.example"


def test_edit_of_one_that_follows_changes_the_card_only_where_a_setting_says_so(hub: Hub) -> None:
    first, second, number = two_departments(hub)
    hub.webcrm.organisation(int(second)).update(Telefon="08-465 004 97")
    hub.clear()
    hub.sync()
    assert hub.fortnox_writes() == []
    hub.declare(several_change_card="all")
    hub.webcrm.organisation(int(second)).update(Telefon="08-465 004 96")
    hub.sync()
    assert hub.customer(number)["Phone1"] == "08-465 004 96"
    assert hub.links()[first] == number


def test_when_the_organisation_that_leads_is_unlinked_the_next_one_leads(hub: Hub) -> None:
    from brygga.sync.look import link_rows
    from brygga.sync.resolve import unlink

    first, second, number = two_departments(hub)
    assert {row["left"]: row["shared"] for row in link_rows("acme/webcrm.customers")} == {first: False, second: True}
    unlink("acme/webcrm.customers", first, number, "test")
    assert {row["left"]: row["shared"] for row in link_rows("acme/webcrm.customers")} == {second: False}
    assert [row["record"] for row in hub.problems("question")] == [f"webcrm:{first}"]


def test_customer_that_is_gone_from_fortnox_parts_from_all_that_belong_to_it(hub: Hub) -> None:
    first, second, number = two_departments(hub)
    with hub.fortnox.lock:
        hub.fortnox.company.table("customers").delete(number)
        hub.fortnox.company.commit()
    hub.sync(only=(f"right:{number}",))
    assert hub.links() == {}
    assert {row["record"] for row in hub.problems("question")} == {f"webcrm:{first}", f"webcrm:{second}"}


def test_two_of_one_customer_are_no_doubles(hub: Hub) -> None:
    from brygga.sync.duplicates import duplicate_rows

    two_departments(hub)
    assert duplicate_rows("acme/webcrm") == []


def test_organisation_cannot_belong_to_two_customers(hub: Hub) -> None:
    from brygga.errors import SettingsError
    from brygga.sync.resolve import link

    _, second, number = two_departments(hub)
    hub.fortnox.company.load("customers", [{"CustomerNumber": "777", "Name": "Björk Bygg AB"}])
    with pytest.raises(SettingsError, match=f"{second} is linked already: {second} = {number}"):
        link("acme/webcrm.customers", second, "777", "test")


def test_document_of_one_that_follows_keeps_it(hub: Hub) -> None:
    """A delivery of the second organisation becomes an order of the shared customer, and is not moved to the first."""
    _, second, number = two_departments(hub)
    hub.declare(document="order")
    hub.stream = "deliveries"
    hub.fortnox.company.load("articles", [{"ArticleNumber": "A1", "Description": "Bord"}])
    row = {"Artikelnummer": "A1", "Benämning": "Bord", "Enhet": "st", "Quantity": 2, "Price": 400, "VatPercentage": 25}
    hub.sync()
    id = hub.webcrm.add_delivery({}, (row,), organisation=int(second))
    hub.sync()
    hub.age()
    hub.sync()
    with hub.fortnox.lock:
        order = dict(hub.fortnox.company.get("orders", hub.links()[str(id)]))
    assert order["CustomerNumber"] == number
    assert hub.webcrm.delivery(id)["DeliveryOrganisationId"] == int(second)
    assert hub.problems() == []


def test_right_names_the_record_that_stands_on_the_left_where_both_mean_one_customer() -> None:
    """What a document of Fortnox can name is the record that leads; one that follows is not moved to it."""
    from types import SimpleNamespace

    from brygga.core.document import Document
    from brygga.core.record import Ref
    from brygga.core.seen import Pair, Seen
    from brygga.sync.refer import alike

    context: Any = SimpleNamespace(stream=SimpleNamespace(refers={"customer_number": ("customer_ref", "customer")}))
    left = Seen(Ref("upsales", "order", "1"), Document(customer_number="7", customer_ref="second"))
    for number, expected in (("7", "second"), ("8", "first")):
        right = Seen(Ref("fortnox", "order", "2"), Document(customer_number=number, customer_ref="first"))
        found = alike(context, Pair(left, right, {})).right.record
        assert isinstance(found, Document)
        assert found.customer_ref == expected


def test_organisation_that_comes_to_lead_asks_before_it_changes_the_card(hub: Hub) -> None:
    """The first of two leaves: the other fills what is empty, and what it says otherwise is a question, not a change of the card."""
    from brygga.sync.resolve import unlink

    first, second, number = two_departments(hub, OrganisationTelephone="08-465 004 99")
    hub.webcrm.organisation(int(second)).update({"Hemsida": "www.inkop.example"})
    before = {**hub.customer(number)}
    unlink("acme/webcrm.customers", first, number, "test")
    hub.clear()
    for _ in range(2):
        hub.age()
        hub.sync()
    after = hub.customer(number)
    assert [name for name, value in before.items() if value and after[name] != value and name != "@url"] == []
    assert after["WWW"] == "www.inkop.example"
    assert hub.webcrm.organisation(int(second))["Namn"] == "Lindens Bageri, inköp"
    assert len(hub.problems("conflict")) == 1
