"""What a person chooses for webCRM: defaults, help, and a clear sentence for what is wrong."""

from __future__ import annotations

import pytest

from brygga import connectors
from brygga.connectors.settings import texts
from brygga.connectors.webcrm import settings
from brygga.core.policy import LEFT, RIGHT
from brygga.errors import SettingsError

PLACE = "company.acme.webcrm.settings"


def test_defaults_are_those_of_the_vendors_document() -> None:
    """WEB-10, WEB-18, WEB-26."""
    chosen = settings.read({})
    assert chosen.customer_types == ("Kund – Företag", "Kund – Privat")
    assert not chosen.webcrm_governs_numbers
    assert (chosen.documents.kind, chosen.import_active_customers, chosen.brake) == ("order", True, 0.30)
    assert chosen.places["phone"] == "OrganisationTelephone"
    assert chosen.places["number"] == "Kundnummer"


@pytest.mark.parametrize("typed", ["Kund – Företag", "Kund - Företag", " kund—företag ", "Kund  –  Företag", "Kund‑Företag"])
def test_dashes_and_spaces_of_a_type_do_not_matter(typed: str) -> None:
    """WEB-10."""
    assert settings.read({}).syncs(typed)


@pytest.mark.parametrize("typed", ["Kund", "Prospekt", "", "Kund – Företag AB"])
def test_other_types_are_not_synced(typed: str) -> None:
    """WEB-09."""
    assert not settings.read({}).syncs(typed)


def test_owners_follow_ruling_d3_and_can_be_changed() -> None:
    owners = settings.read({"owners": {"phone": "fortnox", "currency": "webcrm"}}).owners
    assert (owners["name"], owners["terms_of_payment"], owners["vat_number"]) == (LEFT, RIGHT, RIGHT)
    assert (owners["phone"], owners["currency"]) == (RIGHT, LEFT)


def test_a_field_can_be_moved_and_left_out() -> None:
    chosen = settings.read({"fields": {"number": "OrganisationXText1", "fax": "", "email": "E-post"}})
    assert chosen.places["number"] == "OrganisationXText1"
    assert "fax" not in chosen.places
    assert chosen.places["email"] == "E-post"
    assert chosen.chosen_places == {"number", "fax", "email"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"customer_typs": []}, r"settings has no setting customer_typs\. Is customer_types meant\? It has: customer_types, "),
        ({"xyz": 1}, r"settings has no setting xyz\. It has: "),
        (
            {"document": "ordr"},
            r"settings\.document \(Leverans blir order eller faktura\): “ordr” .* Is order meant.*Allowed: order",
        ),
        ({"document": "letter"}, r"“letter” is not one of them\. Allowed: order, invoice"),
        ({"customer_types": []}, r"settings\.customer_types .*a list of texts is wanted"),
        ({"customer_types": "Kund"}, r"a list of texts is wanted"),
        ({"customer_types": ["Kund", "Kund"]}, r"the same text stands there twice"),
        ({"customer_types": ["Kund", 3]}, r"a text is wanted"),
        ({"customer_types": ["Kund"]}, r"company_type is “Kund – Företag”, which is not among customer_types: Kund"),
        ({"private_type": "Privat"}, r"private_type is “Privat”, which is not among"),
        ({"private_type": "Kund - Företag"}, r"could not be told apart"),
        ({"company_type": " "}, r"company_type .*a text is wanted"),
        ({"import_active_customers": "yes"}, r"“yes” is not true or false\. Allowed: true, false"),
        ({"customer_number_governed_by": "nobody"}, r"Vem styr kundnummer.*Allowed: fortnox, webcrm"),
        ({"fields": ["phone"]}, r"fields .*a table is wanted"),
        ({"fields": {"phon": "Telefon"}}, r"“phon” is not one of the fields\. Is phone meant"),
        ({"fields": {"kind": "Typ"}}, r"“kind” is not one of the fields"),
        ({"fields": {"phone": 5}}, r"phone: a text is wanted"),
        ({"fields": {"number": ""}}, r"settings\.fields\.number is empty, but a customer needs it"),
        ({"fields": {"phone": "OrganisationFax"}}, r"phone and fax are both kept in “OrganisationFax”"),
        ({"owners": {"phone": "both"}}, r"owners .*phone: “both” is not one of them"),
        ({"match_keys": ["name"]}, r"match_keys .*“name” is not one of them"),
        ({"brake": 0}, r"brake \(Broms\): “0” is not a share\. Allowed: a number above 0, at most 1"),
        ({"brake": True}, r"is not a share"),
        ({"brake": [1]}, r"a list is not a share"),
        ({"country_language": "fi"}, r"Allowed: sv, nb, nn, da, en, de"),
    ],
)
def test_a_wrong_setting_is_a_sentence_with_its_place_and_what_is_allowed(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as caught:
        settings.read(given, PLACE)
    assert str(caught.value).startswith(PLACE)
    assert caught.value.exit_status == 2


def test_texts_are_trimmed() -> None:
    assert texts([" a ", "b"]) == ("a", "b")


@pytest.mark.parametrize("system", ["webcrm", "fortnox"])
def test_every_setting_is_explained_in_both_languages_and_its_default_is_allowed(system: str) -> None:
    rows = connectors.explain_settings(system)
    assert rows
    for row in rows:
        assert row["term"]
        assert row["help"]
        assert row["allows"]
    defaults = {str(row["key"]): row["default"] for row in rows}
    assert connectors.read_settings(system, defaults)


def test_an_unknown_system_is_named_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"no connector for visma\. The systems are fortnox, "):
        connectors.read_settings("visma", {})
