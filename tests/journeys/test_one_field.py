"""One impossible value holds its field and not the record: the sentence names record, field and value, and the others arrive at once."""

from __future__ import annotations

from typing import Any

from hub import Hub, organisation
from upsales_hub import Shop, UpsalesHub


def said_of(problems: list[dict[str, Any]], *parts: str) -> dict[str, Any]:
    """Return the one problem, which names each of *parts* and what to do."""
    [problem] = problems
    for part in parts:
        assert part in problem["text"], problem
    assert problem["repair"]
    return problem


def test_terms_that_are_not_there_hold_the_terms_alone_in_both_directions(hub: Hub) -> None:
    """WEB-22: terms "K" kept the telephone from arriving, run after run. A card is made without them, and gets them once they are there."""
    [id] = hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
    hub.sync()
    number = hub.links()[str(id)]
    hub.edit_customer(number, TermsOfPayment="K", Phone1="08-465 004 00", WWW="www.lindens.example")
    for _ in range(2):
        hub.age()
        hub.sync()
        there = hub.webcrm.organisation(id)
        assert (there["Telefon"], there["Hemsida"]) == ("08-465 004 00", "www.lindens.example")
        said_of(hub.problems("failed"), "Lindens Bageri AB", f"Fortnox {number}", "terms_of_payment “K”")
    hub.edit_customer(number, TermsOfPayment="20")
    hub.age()
    hub.sync()
    assert hub.webcrm.organisation(id)["Betalningsvillkor"].startswith("20")
    assert hub.problems() == []

    # The other way, on a linked card and on one that is made.
    hub.fortnox_call("DELETE", "/3/termsofpayments/15")
    hub.webcrm.organisation(id).update(Betalningsvillkor="15: 15 dagar netto", Telefon="0470-100 20")
    [new] = hub.webcrm.load(
        "Organisation",
        [organisation(OrganisationName="Ek AB", OrganisationCustom3="15: 15 dagar netto", OrganisationTelephone="0470-200 30")],
    )
    for _ in range(2):
        hub.age()
        hub.sync()
        assert hub.customer(number)["Phone1"] == "0470-100 20"
        assert hub.customer(hub.links()[str(new)])["Phone1"] == "0470-200 30"
        texts = sorted(one["text"] for one in hub.problems())
        assert len(texts) == 2
        assert "Ek AB" in texts[0]
        assert "terms_of_payment “15”" in texts[0]
        assert "Lindens Bageri AB" in texts[1]
    hub.fortnox_call("POST", "/3/termsofpayments", {"TermsOfPayment": {"Code": "15", "Description": "15 dagar"}})
    hub.age()
    hub.sync()
    hub.age()
    hub.sync()
    assert hub.customer(number)["TermsOfPayment"] == "15"
    assert hub.customer(hub.links()[str(new)])["TermsOfPayment"] == "15"
    assert hub.problems() == []


def test_a_country_that_is_none_holds_the_country_alone(hub: Hub) -> None:
    """WEB-21: the telephone of a linked organisation arrives, in both directions."""
    [id] = hub.webcrm.load("Organisation", [organisation(OrganisationCountry="Sverige")])
    hub.sync()
    number = hub.links()[str(id)]
    hub.webcrm.organisation(id).update(Land="Atlantis", Telefon="0470-100 20")
    hub.sync()
    hub.edit_customer(number, WWW="www.lindens.example")
    hub.age()
    hub.sync()
    assert hub.customer(number)["Phone1"] == "0470-100 20"
    assert hub.webcrm.organisation(id)["Hemsida"] == "www.lindens.example"
    said_of(hub.problems(), "Lindens Bageri AB", "country", "Atlantis")
    hub.webcrm.organisation(id).update(Land="Danmark")
    hub.age()
    hub.sync()
    assert hub.customer(number)["VisitingCountryCode"] == "DK"
    assert hub.problems() == []


def test_a_country_of_upsales_holds_the_country_alone(upsales_hub: UpsalesHub) -> None:
    """UPS-20: a linked company whose address is in a country that is none."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    account = hub.upsales.account(shop.client)
    account.update(phone="0470-100 20", addresses=[{"type": "Visit", "address": "Storgatan 1", "country": "XX"}])
    hub.sync("customers")
    assert hub.held("customers", "101")["Phone1"] == "0470-100 20"
    said_of(hub.problems("customers"), "Fjord AB", "country", "XX")
    account.update(addresses=[{"type": "Visit", "address": "Storgatan 1", "country": "SE"}])
    hub.age(minutes=5)
    hub.sync("customers")
    assert hub.problems("customers") == []
