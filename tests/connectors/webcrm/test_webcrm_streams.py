"""Which organisations go to Fortnox, who decides each field, and by what a made record is found again."""

from __future__ import annotations

from typing import Any

import pytest
from webcrm_golden import layout

from brygga.connectors.webcrm import settings, streams
from brygga.connectors.webcrm.map import customer_from_organisation
from brygga.core.plan import Hold, Skip
from brygga.core.policy import LEFT, RIGHT
from brygga.core.record import Customer, Ref

FORTNOX_GOVERNS = settings.read({})
WEBCRM_GOVERNS = settings.read({"customer_number_governed_by": "webcrm"})


def standing(chosen: settings.Settings = FORTNOX_GOVERNS, **raw: Any) -> Skip | Hold | None:
    whole = {"OrganisationId": 8812, "OrganisationName": "Ängsviks", "OrganisationType": "Kund - Företag", **raw}
    where = layout(customer_number_governed_by=chosen.customer_number_governed_by)
    return streams.standing(whole, customer_from_organisation(whole, where), where, chosen)


def test_an_organisation_of_a_synced_type_may_go() -> None:
    """WEB-08."""
    assert standing() is None


@pytest.mark.parametrize(
    ("type_value", "sentence"),
    [
        ("Prospekt", "Ängsviks (8812) has the type “Prospekt”, which is not synced with Fortnox."),
        ("-- vælg --", "Ängsviks (8812) has no type, so it is not synced with Fortnox."),
        (None, "Ängsviks (8812) has no type, so it is not synced with Fortnox."),
    ],
)
def test_another_type_or_none_keeps_it_here(type_value: str | None, sentence: str) -> None:
    """WEB-09."""
    found = standing(OrganisationType=type_value)
    assert isinstance(found, Skip)
    assert (str(found.sentence), found.rule) == (sentence, "WEB-09")


def test_without_a_number_it_waits_when_webcrm_governs() -> None:
    """WEB-27."""
    found = standing(WEBCRM_GOVERNS, OrganisationExtraCustom1=" ")
    assert isinstance(found, Hold)
    assert found.rule == "WEB-27"
    assert "no customer number" in str(found.sentence)
    assert str(found.repair) == "Type its customer number in webCRM."
    assert standing(FORTNOX_GOVERNS, OrganisationExtraCustom1="") is None


def test_a_number_that_fortnox_cannot_take_waits_when_webcrm_governs() -> None:
    """WEB-27."""
    found = standing(WEBCRM_GOVERNS, OrganisationExtraCustom1="10 42")
    assert isinstance(found, Hold)
    assert "“10 42”" in str(found.sentence)
    assert standing(WEBCRM_GOVERNS, OrganisationExtraCustom1="A-1/4_b+") is None
    assert standing(FORTNOX_GOVERNS, OrganisationExtraCustom1="10 42") is None


def test_without_a_name_or_with_an_unknown_country_it_waits() -> None:
    nameless, strange = standing(OrganisationName=" "), standing(OrganisationCountry="Atlantis")
    assert isinstance(nameless, Hold)
    assert str(nameless.sentence) == "Organisation 8812 has no name."
    assert isinstance(strange, Hold)
    assert "“Atlantis”" in str(strange.sentence)


def test_an_inactive_customer_does_not_come_to_webcrm() -> None:
    """WEB-25."""
    found = streams.admits(LEFT, Customer(number="7", name="Vilande AB", active=False))
    assert isinstance(found, Skip)
    assert (found.rule, str(found.sentence)) == ("WEB-25", "Vilande AB is inactive in Fortnox, so it is not brought to webCRM.")
    assert streams.admits(LEFT, Customer(name="Vaken AB", active=True)) is None
    assert streams.admits(LEFT, Customer(name="Vaken AB")) is None
    assert streams.admits(RIGHT, Customer(active=False)) is None


@pytest.mark.parametrize(("chosen", "side"), [(FORTNOX_GOVERNS, RIGHT), (WEBCRM_GOVERNS, LEFT)])
def test_one_side_governs_the_numbers(chosen: settings.Settings, side: str) -> None:
    """WEB-26."""
    assert streams.policy(chosen).governed == {"number": side}


def test_our_key_goes_to_fortnox_and_the_number_to_webcrm() -> None:
    """WEB-28."""
    key = streams.key_for("acme", RIGHT, Ref("webcrm", "customer", "8812"), Customer())
    assert key == "brygga:acme:webcrm:customer:8812"
    assert streams.key_for("acme", LEFT, Ref("fortnox", "customer", "1042"), Customer(number="1042")) == "1042"
    assert streams.key_for("acme", LEFT, Ref("fortnox", "customer", "1042"), Customer()) == "1042"


def test_a_number_typed_in_webcrm_goes_over_only_when_webcrm_governs() -> None:
    """WEB-26 to WEB-28."""
    typed = Customer(number="77", name="A")
    assert streams.filler(FORTNOX_GOVERNS)(RIGHT, typed).number == ""
    assert streams.filler(WEBCRM_GOVERNS)(RIGHT, typed).number == "77"


def test_a_customer_without_a_kind_becomes_a_company() -> None:
    """WEB-11."""
    fill = streams.filler(FORTNOX_GOVERNS)
    assert fill(LEFT, Customer(name="A")).kind == "company"
    assert fill(LEFT, Customer(name="A", kind="private")).kind == "private"


def test_the_stream_carries_its_settings() -> None:
    """WEB-25."""
    found = streams.customers(settings.read({"brake": 0.5}), "acme", {})
    assert (found.name, found.kind, found.brake) == ("customers", "customer", 0.5)
    assert found.first_all == {LEFT: True, RIGHT: True}
    assert streams.first_all(settings.read({"import_active_customers": False}))[RIGHT] is False
