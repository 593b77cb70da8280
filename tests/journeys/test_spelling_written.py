"""What is written to Fortnox is in the form of the rules, whatever it was typed like (U21; accounting.md 8)."""

from __future__ import annotations

from typing import Any

from hub import Hub, organisation
from textalk_hub import LIV, TextalkHub

UNTIDY = {
    "OrganisationName": "S&ouml;dra Bageri &amp; Caf\u00e9\u200b AB",
    "OrganisationExtraCustom2": "556\u00a0042 72 20",
    "OrganisationPostCode": "SE-111 22",
}


def made(hub: Hub, **more: Any) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return an organisation's id, its customer, and the run that made it."""
    [id] = hub.webcrm.load("Organisation", [organisation(**{**UNTIDY, **more})])
    run = hub.sync()
    return str(id), hub.customer(hub.links()[str(id)]), run


def test_numbers_postcode_and_entities_of_an_organisation_are_written_as_the_rules_say(hub: Hub) -> None:
    """U21: 111 22 and 556042-7220 in Fortnox; webCRM keeps what was typed, and nothing goes to and fro."""
    id, customer, _ = made(hub)
    assert (customer["OrganisationNumber"], customer["Name"]) == ("556042-7220", "Södra Bageri & Café AB")
    assert "111 22" in (customer["ZipCode"], customer["VisitingZipCode"])
    for _ in range(2):
        hub.age()
        hub.clear()
        hub.sync()
        assert hub.fortnox_writes() == []
    assert hub.webcrm.organisation(int(id))["Organisationsnummer"] == UNTIDY["OrganisationExtraCustom2"]
    assert hub.webcrm.organisation(int(id))["Namn"] == UNTIDY["OrganisationName"]


def test_edit_in_the_same_untidy_way_is_written_as_a_creation_is(hub: Hub) -> None:
    id, customer, _ = made(hub)
    hub.webcrm.organisation(int(id)).update({"Organisationsnummer": "5560160680", "Namn": "Bageri &quot;Norr&quot; ≥ 5 AB"})
    hub.clear()
    hub.sync()
    [(_, _, body)] = hub.fortnox_writes()
    assert body["Customer"] == {"OrganisationNumber": "556016-0680", "Name": "Bageri ’Norr’ minst 5 AB"}
    assert hub.customer(customer["CustomerNumber"])["ZipCode"] == customer["ZipCode"]


def test_wrong_organisation_number_is_left_out_and_told_until_it_is_corrected(hub: Hub) -> None:
    """The field waits, not the record: the customer is made, a person reads which number of whom is wrong."""
    id, customer, run = made(hub, OrganisationExtraCustom2="556042-7221")
    assert customer["OrganisationNumber"] == ""
    assert any("556042-7221 is no valid organisation number" in str(item["message"]) for item in run["items"])
    hub.age()
    hub.sync()
    [held] = hub.problems("hold")
    assert "556042-7221" in str(held)
    hub.webcrm.organisation(int(id)).update({"Organisationsnummer": "5560427220"})
    hub.sync()
    hub.age()
    hub.sync()
    assert hub.customer(customer["CustomerNumber"])["OrganisationNumber"] == "556042-7220"
    assert hub.problems() == []


def test_two_addresses_of_e_mail_in_one_field_are_left_out_and_the_customer_is_made(hub: Hub) -> None:
    _, customer, run = made(hub, OrganisationExtraCustom6="anna@ek.example; bo@ek.example")
    place = [name for name in ("Email", "EmailInvoice") if customer[name]]
    assert place == []
    assert run["counts"]["created"] == 1


def test_buyer_of_the_shop_is_written_as_the_rules_say(textalk_hub: TextalkHub) -> None:
    """U21 from a web form: spaces, full width, the country before the postcode."""
    hub = textalk_hub
    address = {**LIV["address"], "postcode": "SE-111 22", "town": "V&auml;xj&ouml;"}
    info = {"email": "FAKTURA@ek.example", "company": "Ek &amp; S\u00f6ner AB", "orgNumber": "５５６０４２７２２０"}
    hub.order(customer={"address": address, "info": info}, paymentMethod="Faktura")
    hub.sync()
    [customer] = [row for row in hub.records("customers") if row["OrganisationNumber"]]
    assert (customer["OrganisationNumber"], customer["ZipCode"], customer["City"]) == ("556042-7220", "111 22", "Växjö")
    assert (customer["Name"], customer["Email"]) == ("Ek & Söner AB", "faktura@ek.example")


def test_each_wrong_value_of_one_record_is_told(hub: Hub) -> None:
    """A wrong number and a wrong address: a person reads of both, and beside them that the name has other signs in Fortnox."""
    _, customer, run = made(hub, OrganisationExtraCustom2="556042-7221", OrganisationExtraCustom6="anna@ek; bo@ek.example")
    assert (customer["OrganisationNumber"], customer["Email"]) == ("", "")
    [told] = [str(item["message"]) for item in run["items"] if item["action"] == "create"]
    for part in ("556042-7221", "anna@ek; bo@ek.example", "Södra Bageri"):
        assert part in told
