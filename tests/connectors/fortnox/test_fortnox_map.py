"""Fortnox' customer ↔ Customer, both ways (Fortnox API, sections 5, 6.6, 9.1)."""

from __future__ import annotations

from typing import Any

import pytest
from fortnox_golden import GOLDEN, detail, expected
from hypothesis import given
from hypothesis import strategies as st

from brygga.clients.fortnox import fields
from brygga.clients.fortnox.text import forbidden
from brygga.connectors.fortnox.map import (
    FIELDS,
    HELD,
    LIMITS,
    STREETS,
    customer_fields,
    customer_from_detail,
    customer_from_list,
    listed,
    spell,
    vat_type,
)
from brygga.connectors.fortnox.settings import Settings
from brygga.core.record import ABSENT, Customer, present
from brygga.errors import Rejected


def test_the_detail_gives_the_expected_record() -> None:
    assert expected() == GOLDEN.read_text()


def test_unset_values_are_empty_whether_null_or_empty_text() -> None:
    """Section 5.2."""
    found = customer_from_detail({"Phone1": None, "Email": "", "Active": None, "Type": None})
    assert (found.phone, found.email, found.active, found.kind, found.fax) == ("", "", ABSENT, ABSENT, ABSENT)


def test_what_the_user_may_not_see_is_absent() -> None:
    """Section 3.5."""
    found = customer_from_detail({"Phone1": "API_NORIGHT", "Address1": "API_NORIGHT", "Address2": "x"})
    assert (found.phone, found.invoice_street) == (ABSENT, ABSENT)


def test_a_list_row_lacks_most_fields() -> None:
    """Section 6.6."""
    row = {"CustomerNumber": "7", "Name": "A", "Phone": "040-1", "Address1": "S 1", "Address2": "", "City": "", "Email": ""}
    found = customer_from_list(row)
    assert (found.number, found.phone, found.invoice_street, found.invoice_city) == ("7", "040-1", "S 1", "")
    assert {name for name, _ in present(found)} == {"number", "name", "phone", "invoice_street", "invoice_city", "email"}
    assert customer_from_list(row, active=False).active is False


def test_the_digest_is_the_same_from_list_and_detail() -> None:
    whole = detail()
    row = {name: whole[name] or "" for name in ("CustomerNumber", "Name", "Address1", "Address2", "City", "Email", "ZipCode")}
    row |= {"OrganisationNumber": whole["OrganisationNumber"], "Phone": whole["Phone1"], "@url": "x"}
    assert listed(row) == listed(whole)
    assert listed({**row, "City": "Lund"}) != listed(whole)
    assert listed({**whole, "Currency": "EUR"}) == listed(whole)


# To Fortnox ---------------------------------------------------------------------------------------------------------------


def test_only_what_is_there_is_sent_on_create() -> None:
    values = {"name": "A", "phone": "", "fax": ABSENT, "kind": "private", "active": True, "visiting_country": "se"}
    assert customer_fields(values, "create") == {"Name": "A", "Type": "PRIVATE", "Active": True, "VisitingCountryCode": "SE"}


@pytest.mark.parametrize(
    ("values", "sent"),
    [
        ({"phone": ""}, {"Phone1": None}),
        ({"email": ""}, {"Email": "API_BLANK"}),
        ({"organisation_number": ""}, {"OrganisationNumber": "API_BLANK"}),
        ({"terms_of_payment": ""}, {"TermsOfPayment": "API_BLANK"}),
        ({"invoice_street": ""}, {"Address1": None, "Address2": None}),
        ({"invoice_street": "Storgatan 1"}, {"Address1": "Storgatan 1", "Address2": None}),
        ({"invoice_country": ""}, {"CountryCode": None}),
        ({"kind": "company"}, {"Type": "COMPANY"}),
        ({"active": False}, {"Active": False}),
    ],
)
def test_an_emptied_field_is_cleared_in_the_way_it_takes(values: dict[str, Any], sent: dict[str, Any]) -> None:
    """Section 5.1."""
    assert customer_fields(values, "update") == sent


@pytest.mark.parametrize("name", ["name", "currency", "vat_type", "number", "kind"])
def test_what_fortnox_always_has_cannot_be_emptied(name: str) -> None:
    with pytest.raises(Rejected, match=f"{name} was emptied, but a customer in Fortnox always has one"):
        customer_fields({name: ""}, "update")
    assert customer_fields({name: ""}, "create") == {}


def test_a_street_of_many_lines_keeps_them_all() -> None:
    assert customer_fields({"invoice_street": "c/o Ek\nStorgatan 1\nBox 3"}, "create") == {
        "Address1": "c/o Ek",
        "Address2": "Storgatan 1\nBox 3",
    }
    assert customer_fields({"visiting_street": "Storgatan 1\nPort 2"}, "create") == {"VisitingAddress": "Storgatan 1\nPort 2"}


def test_every_field_that_is_written_may_be_written_and_has_its_limit() -> None:
    """Appendix A, Customers."""
    known = fields.fields_of("Customers")
    for name, field in {**FIELDS, **{name: parts[0] for name, parts in STREETS.items()}}.items():
        assert known[field].may("create"), field
        if name not in ("number", "currency", "vat_type", "invoice_country", "visiting_country", "delivery_country"):
            assert LIMITS.get(name) == known[field].longest, field
    assert set(LIMITS) <= HELD


@pytest.mark.parametrize(
    ("name", "typed", "spelled"),
    [
        ("name", 'O\'Learys "Bar" <Växjö> 🍺', "O’Learys ’Bar’ (Växjö) "),
        ("invoice_street", "Gatan 1 | 2\nBox\t3", "Gatan 1 / 2\nBox 3"),
        ("name", "Ängsviks Rör & Värme AB", "Ängsviks Rör & Värme AB"),
        ("email", "o'leary@bar.example", "o'leary@bar.example"),
        ("website", "bar.example/~ol", "bar.example/~ol"),
    ],
)
def test_free_text_is_spelled_in_signs_that_fortnox_takes(name: str, typed: str, spelled: str) -> None:
    """Section 5: other signs are refused with 2000359."""
    assert spell(name, typed) == spelled
    assert spell(name, spelled) == spelled


@given(st.text())
def test_spelling_twice_changes_nothing_more(text: str) -> None:
    assert spell("name", spell("name", text)) == spell("name", text)
    assert forbidden(spell("name", text)) == ""


# VAT -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("customer", "chosen", "vat"),
    [
        (Customer(kind="company"), Settings(), "SEVAT"),
        (Customer(visiting_country="NO"), Settings(), "EXPORT"),
        (Customer(visiting_country="NO", kind="private"), Settings(sells="services"), "SEVAT"),
        (Customer(visiting_country="DE", vat_number="DE136695976"), Settings(), "EUVAT"),
        (Customer(visiting_country="DE", vat_number="DE136695976"), Settings(eu_vat_numbers="confirmed"), "EUREVERSEDVAT"),
        (Customer(visiting_country="DE", vat_number="DE136695977"), Settings(eu_vat_numbers="confirmed"), "EUVAT"),
        (Customer(visiting_country="DE", vat_number="FI20774740"), Settings(eu_vat_numbers="confirmed"), "EUVAT"),
        (Customer(visiting_country="GR", vat_number="EL094259216"), Settings(eu_vat_numbers="confirmed"), "EUREVERSEDVAT"),
        (Customer(visiting_country="DE", kind="private"), Settings(eu_vat_numbers="confirmed"), "EUVAT"),
        (Customer(delivery_country="NO", invoice_country="SE"), Settings(), "EXPORT"),
        (Customer(delivery_country="NO", invoice_country="SE"), Settings(sells="services"), "SEVAT"),
        (Customer(vat_number="SE556677889901", visiting_country="se"), Settings(eu_vat_numbers="confirmed"), "SEVAT"),
    ],
)
def test_vat_type_of_a_new_customer_follows_country_kind_and_number(customer: Customer, chosen: Settings, vat: str) -> None:
    """accounting.md 1.3."""
    assert vat_type(customer, chosen) == vat


# Both ways -------------------------------------------------------------------------------------------------------------------

_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(
    lambda text: text not in ("API_NORIGHT", "API_BLANK")
)
_TEXTS = {
    name: _WORDS | st.just("")
    for name in FIELDS
    if name not in ("name", "number", "currency", "vat_type") and "country" not in name
}
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    **_TEXTS,
    **{name: st.lists(_WORDS, max_size=4).map("\n".join) for name in STREETS},
    **{name: st.sampled_from(["", "SE", "NO"]) for name in FIELDS if "country" in name},
    "name": _WORDS,
    "number": _WORDS,
    "currency": st.sampled_from(["SEK", "EUR"]),
    "vat_type": st.sampled_from(["SEVAT", "EXPORT"]),
    "kind": st.sampled_from(["company", "private"]),
    "active": st.booleans(),
}


@given(st.fixed_dictionaries({}, optional=_VALUES), st.sampled_from(["create", "update"]))
def test_what_is_written_is_read_back(values: dict[str, Any], use: Any) -> None:
    sent = customer_fields(values, use)
    held = {field: (None if value == "API_BLANK" else value) for field, value in sent.items()}
    if use == "create":
        held = {**dict.fromkeys([*FIELDS.values(), *(part for parts in STREETS.values() for part in parts)]), **held}
    read = dict(present(customer_from_detail(held)))
    assert {name: read[name] for name in values} == values


@given(st.fixed_dictionaries({}, optional=_VALUES))
def test_writing_what_was_read_changes_nothing(values: dict[str, Any]) -> None:
    sent = customer_fields(values, "update")
    held = {field: (None if value == "API_BLANK" else value) for field, value in sent.items()}
    assert customer_fields(dict(present(customer_from_detail(held))), "update") == sent
