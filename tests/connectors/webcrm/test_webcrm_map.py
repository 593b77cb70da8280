"""webCRM's organisation ↔ Customer, both ways. Rows WEB-13 to WEB-24."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webcrm_golden import GOLDEN, expected, fields, layout

from brygga.clients.webcrm.fields_metadata import Field
from brygga.connectors.webcrm import settings
from brygga.connectors.webcrm.layout import Layout, layout_of
from brygga.connectors.webcrm.map import (
    country_name,
    customer_from_organisation,
    organisation_fields,
    type_of,
    unknown_countries,
)
from brygga.core.record import ABSENT, Customer, present
from brygga.errors import Rejected, SettingsError

LAYOUT = layout()
PLAIN = Layout(
    {
        "kind": "OrganisationType",
        "terms_of_payment": "OrganisationXText1",
        "currency": "OrganisationXText2",
        "visiting_country": "OrganisationCountry",
        "number": "OrganisationXInt1",
        "invoice_street": "OrganisationXMemo1",
    }
)


def read(layout: Layout = LAYOUT, **raw: Any) -> Customer:
    return customer_from_organisation(raw, layout)


# Layout ----------------------------------------------------------------------------------------------------------------


def test_labels_and_names_find_their_fields() -> None:
    """WEB-12."""
    found = layout(fields={"email": "XText1", "fax": "OrganisationFax"})
    assert found.places["number"] == "OrganisationExtraCustom1"
    assert found.places["email"] == "OrganisationXText1"
    assert found.limits["name"] == 200
    assert found.limits["visiting_postcode"] == 20
    assert "invoice_street" not in found.limits
    assert found.choices["terms_of_payment"][0] == "07: 7 dagar netto"


def test_a_default_field_that_the_installation_lacks_is_left_out_and_named() -> None:
    some = [one for one in fields() if one.label != "Betalningsvillkor"]
    found = layout_of(settings.read({}), some)
    assert found.missing == {"terms_of_payment": "Betalningsvillkor"}
    assert "terms_of_payment" not in found.places


@pytest.mark.parametrize(
    ("chosen", "there", "sentence"),
    [
        ({}, [], r"no field “Kundnummer”, which fields\.number names\. .*Labels there are: none"),
        ({"email": "E-post"}, fields(), r"no field “E-post”, which fields\.email names\. .*Besöksadress, Betalningsvillkor"),
        ({}, [*fields(), Field("OrganisationXText9", "kundnummer")], r"more than one field with the label “Kundnummer”"),
        ({"email": "OrganisationExtraCustom1"}, fields(), r"fields\.\w+ and fields\.\w+ are both kept in OrganisationExtraCustom1"),
    ],
)
def test_a_field_that_cannot_be_found_is_a_setting_to_change(chosen: dict[str, str], there: list[Field], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        layout_of(settings.read({"fields": chosen}), there)


# The sample ----------------------------------------------------------------------------------------------------------------


def test_the_sample_gives_the_expected_record() -> None:
    assert expected() == GOLDEN.read_text()


# From webCRM -----------------------------------------------------------------------------------------------------------------


def test_what_was_not_sent_is_absent_and_null_is_empty() -> None:
    found = read(OrganisationFax=None, OrganisationName=" A ")
    assert (found.fax, found.name, found.phone, found.active) == ("", "A", ABSENT, ABSENT)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("Kund - Företag", "company"),
        ("02: Kund – Privat", "private"),
        ("Prospekt", ABSENT),
        ("-- vælg --", ABSENT),
        (None, ABSENT),
    ],
)
def test_kind_comes_from_the_type_field(value: object, kind: object) -> None:
    """WEB-18."""
    assert read(OrganisationType=value).kind == kind


def test_type_is_the_text_without_its_code() -> None:
    assert type_of({"OrganisationType": "01: Kund – Företag"}, LAYOUT) == "Kund – Företag"
    assert type_of({"OrganisationType": "-- Välj --"}, LAYOUT) == ""


@pytest.mark.parametrize(("value", "code"), [("30: 30 dagar netto", "30"), ("07: 7 dagar", "07"), ("-- vælg --", ""), ("30", "30")])
def test_terms_are_the_code_before_the_colon(value: str, code: str) -> None:
    """WEB-22."""
    assert read(OrganisationCustom1=value).terms_of_payment == code


@pytest.mark.parametrize(
    ("value", "currency"),
    [
        ("SEK", "SEK"),
        ("eur", "EUR"),
        ("00: SEK", "SEK"),
        ("SEK: Svenska kronor", "SEK"),
        ("01", "EUR"),
        ("99", "99"),
        ("", ""),
    ],
)
def test_currency_in_every_spelling_of_a_dropdown(value: str, currency: str) -> None:
    """WEB-23."""
    assert read(OrganisationCustom2=value).currency == currency


@pytest.mark.parametrize(
    ("value", "country"), [("Sverige", "SE"), ("Norge", "NO"), ("SE", "SE"), ("", ""), (None, ""), ("Atlantis", ABSENT)]
)
def test_countries_are_names(value: object, country: object) -> None:
    assert read(OrganisationCountry=value).visiting_country == country


def test_unknown_countries_are_named() -> None:
    raw = {"OrganisationCountry": "Atlantis"}
    assert unknown_countries(raw, LAYOUT) == ["Atlantis"]
    assert unknown_countries({"OrganisationCountry": "Norge"}, LAYOUT) == []
    assert unknown_countries({}, LAYOUT) == []


def test_street_lines_are_trimmed_and_empty_ones_dropped() -> None:
    """WEB-14, WEB-21."""
    found = read(OrganisationAddress=" Storgatan 1 \r\n\r\n Box 3\r\n", OrganisationXMemo1=None)
    assert (found.visiting_street, found.invoice_street) == ("Storgatan 1\nBox 3", "")


@pytest.mark.parametrize(("value", "number"), [(1042, "1042"), (0, ""), (None, "")])
def test_a_number_in_an_integer_field(value: object, number: str) -> None:
    assert read(PLAIN, OrganisationXInt1=value).number == number


# To webCRM -------------------------------------------------------------------------------------------------------------------


def test_only_mapped_fields_that_are_present_are_written() -> None:
    values = {"phone": "0470-100 21", "active": True, "fax": ABSENT, "delivery_name": "x"}
    assert organisation_fields(values, LAYOUT) == {"OrganisationTelephone": "0470-100 21"}


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ({"kind": "company"}, {"OrganisationType": "Kund - Företag"}),
        ({"kind": "private"}, {"OrganisationType": "Kund - Privat"}),
        ({"terms_of_payment": "30"}, {"OrganisationCustom1": "30: 30 dagar netto"}),
        ({"terms_of_payment": "k"}, {"OrganisationCustom1": "K: Kontant"}),
        ({"terms_of_payment": ""}, {"OrganisationCustom1": ""}),
        ({"currency": "EUR"}, {"OrganisationCustom2": "01: EUR"}),
        ({"currency": ""}, {"OrganisationCustom2": ""}),
        ({"visiting_country": "NO"}, {"OrganisationCountry": "Norge"}),
        ({"visiting_country": ""}, {"OrganisationCountry": ""}),
        ({"visiting_street": " Storgatan 1\r\n\nBox 3 "}, {"OrganisationAddress": "Storgatan 1\nBox 3"}),
    ],
)
def test_dropdowns_take_their_whole_value(values: dict[str, str], written: dict[str, str]) -> None:
    """WEB-11, WEB-22, WEB-23."""
    assert organisation_fields(values, LAYOUT) == written


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ({"kind": "private"}, {"OrganisationType": "Kund – Privat"}),
        ({"terms_of_payment": "30"}, {"OrganisationXText1": "30"}),
        ({"currency": "EUR"}, {"OrganisationXText2": "EUR"}),
        ({"number": "1042"}, {"OrganisationXInt1": 1042}),
        ({"number": ""}, {"OrganisationXInt1": 0}),
    ],
)
def test_plain_fields_take_the_value(values: dict[str, str], written: dict[str, object]) -> None:
    assert organisation_fields(values, PLAIN) == written


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"terms_of_payment": "60"},
            r"OrganisationCustom1 has no value for terms_of_payment 60\. It has: 07: 7 dagar netto, .*Add",
        ),
        ({"currency": "USD"}, r"no value for currency USD"),
    ],
)
def test_a_value_that_a_dropdown_lacks_is_refused_with_the_repair(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(Rejected, match=sentence):
        organisation_fields(values, LAYOUT)


def test_letters_do_not_go_into_an_integer_field() -> None:
    with pytest.raises(Rejected, match=r"number is A-1, but webCRM's OrganisationXInt1 takes whole numbers only"):
        organisation_fields({"number": "A-1"}, PLAIN)


def test_other_dropdowns_take_the_entry_with_that_text() -> None:
    chosen = replace(LAYOUT, choices={"invoice_city": ("01: Växjö", "02: Kalmar"), "visiting_country": ("SE: Sverige",)})
    assert organisation_fields({"invoice_city": "växjö"}, chosen) == {"OrganisationExtraCustom4": "01: Växjö"}
    assert organisation_fields({"visiting_country": "SE"}, chosen) == {"OrganisationCountry": "SE: Sverige"}
    with pytest.raises(Rejected):
        organisation_fields({"invoice_city": "Lund"}, chosen)


@pytest.mark.parametrize(("code", "language", "name"), [("SE", "sv", "Sverige"), ("no", "da", "Norge"), ("DE", "en", "Germany")])
def test_countries_are_written_in_the_language_of_the_installation(code: str, language: str, name: str) -> None:
    assert country_name(code, language) == name


def test_a_country_whose_name_would_not_be_understood_is_written_as_its_code() -> None:
    assert country_name("ZZ", "sv") == "ZZ"


# Both ways ---------------------------------------------------------------------------------------------------------------------

_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(
    lambda text: not text.startswith("--") and ":" not in text
)
_LINES = st.lists(_WORDS, max_size=3).map("\n".join)
_VALUES = {
    "name": _WORDS,
    "kind": st.sampled_from(["company", "private"]),
    "phone": _WORDS | st.just(""),
    "fax": _WORDS | st.just(""),
    "website": _WORDS | st.just(""),
    "vat_number": _WORDS | st.just(""),
    "number": _WORDS | st.just(""),
    "organisation_number": _WORDS | st.just(""),
    "visiting_street": _LINES,
    "invoice_street": _LINES,
    "visiting_postcode": _WORDS | st.just(""),
    "invoice_postcode": _WORDS | st.just(""),
    "visiting_city": _WORDS | st.just(""),
    "invoice_city": _WORDS | st.just(""),
    "terms_of_payment": st.sampled_from(["", "07", "30", "K"]),
    "currency": st.sampled_from(["", "SEK", "EUR", "NOK"]),
    "visiting_country": st.sampled_from(["", "SE", "NO", "DK", "FI", "DE", "US", "GB", "CZ"]),
}


@given(st.fixed_dictionaries({}, optional=_VALUES), st.sampled_from(["sv", "nb", "nn", "da", "en", "de"]))
def test_what_is_written_is_read_back(values: dict[str, str], language: str) -> None:
    chosen = replace(LAYOUT, country_language=language)
    assert dict(present(customer_from_organisation(organisation_fields(values, chosen), chosen))) == values


@given(st.fixed_dictionaries({}, optional=_VALUES))
def test_writing_what_was_read_changes_nothing(values: dict[str, str]) -> None:
    raw = organisation_fields(values, LAYOUT)
    assert organisation_fields(dict(present(customer_from_organisation(raw, LAYOUT))), LAYOUT) == raw
