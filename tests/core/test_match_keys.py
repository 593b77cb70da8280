"""By which keys, in which order, an unlinked record is recognised."""

from __future__ import annotations

import pytest

from brygga.core.match import KEYS, Identity, Index

BY_NUMBER = ("by number", Identity(customer_number="1042"))
BY_VAT = ("by vat", Identity(vat_number="DE136695976"))
BY_MAIL = ("by mail", Identity(email="info@a.example"))
BY_NAME = ("by name", Identity(name="ängsviks", postcode="352 46"))
ALL = (BY_NUMBER, BY_VAT, BY_MAIL, BY_NAME)
RECORD = Identity(customer_number="1042", vat_number="DE136695976", email="info@a.example", name="ängsviks", postcode="352 46")


@pytest.mark.parametrize(
    ("keys", "candidates"),
    [
        (KEYS, ("by number",)),
        (("vat_number", "number"), ("by vat",)),
        (("email",), ("by mail",)),
        (("name_postcode", "email"), ("by name",)),
        ((), ()),
    ],
)
def test_the_first_key_that_speaks_decides_and_those_left_out_are_silent(
    keys: tuple[str, ...], candidates: tuple[str, ...]
) -> None:
    assert Index(ALL, keys).decide(RECORD).candidates == candidates


def test_a_record_that_contradicts_itself_is_a_conflict_whatever_the_keys() -> None:
    own = Identity(organisation_number="5560160680", vat_organisation="5566778899")
    assert Index((), ()).decide(own).kind == "conflict"
