"""Mobigo's objects as records and back, the rules of an assignment, and the settings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.connectors.mobigo import map as mapping
from brygga.connectors.mobigo import settings as settings_of
from brygga.connectors.mobigo import streams
from brygga.connectors.mobigo.settings import Settings
from brygga.core.money import Money
from brygga.core.policy import Holding
from brygga.core.record import ABSENT, Customer, Ref, present
from brygga.errors import BadData, SettingsError

TIME = {"timeType": {"name": "Arbete", "articleNumber": "100"}, "billable": True, "billableHours": Decimal("1.5"), "position": 1}
WORD = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)


def assignment(settings: Settings | None = None, **raw: Any) -> mapping.Assignment:
    given: dict[str, Any] = {"number": "1001", "customer": {"number": "1042"}, "times": [TIME], **raw}
    return mapping.assignment_from(given, settings or Settings(document="order"))


TEXTS = sorted(mapping.FIELDS["customer"] - {"kind", "active"})


@given(st.dictionaries(st.sampled_from(TEXTS), WORD, min_size=1))
def test_customer_written_to_mobigo_is_read_back_the_same(values: dict[str, str]) -> None:
    """Law: what is set is what is read, and nothing else changes."""
    before = mapping.changed_raw({}, {"number": "1", "name": "Alm AB", "phone": "08-465 004 10"})
    after = dict(present(mapping.customer_from(mapping.changed_raw(before, values))))
    rest = dict(present(mapping.customer_from(before)))
    assert {name: after[name] for name in values} == values
    assert {name: after[name] for name in after if name not in values} == {n: v for n, v in rest.items() if n not in values}


def test_second_line_of_a_street_has_a_field_of_its_own() -> None:
    raw = mapping.changed_raw({}, {"invoice_street": "Box 12\nc/o Ek"})
    assert raw["address"] == {"street": "Box 12", "street2": "c/o Ek"}
    assert mapping.customer_from(raw).invoice_street == "Box 12\nc/o Ek"
    assert mapping.changed_raw(raw, {"invoice_street": ""})["address"] == {"street": None, "street2": None}


def test_price_that_is_not_set_is_no_money_and_an_amount_that_is_none_is_bad_data() -> None:
    assert mapping.article_from({"number": "1", "price": None}).list_price == Money(Decimal(0), "SEK")
    with pytest.raises(BadData, match="no number"):
        mapping.article_from({"price": "tolv"})
    with pytest.raises(BadData, match="no date"):
        assignment(completed="igår")


@pytest.mark.parametrize("written", ["0", "0.0", "0.00", "0E+2"])
def test_key_of_a_price_knows_one_zero(written: str) -> None:
    assert mapping.price_key("A", "100", Decimal(written)) == "A|100|0"
    assert mapping.price_key("A", "100", Decimal("10.0")) == "A|100|10"


def test_rows_come_times_first_each_in_the_programs_order() -> None:
    """MOB-06, MOB-07, MOB-09."""
    times = [{**TIME, "text": "andra", "position": 2}, {**TIME, "text": "första", "position": 1}]
    materials = [{"articleNumber": "200", "name": "Rör", "quantity": 2, "billable": True, "price": 5, "discountPercent": 10}]
    rows = assignment(times=times, materials=materials).document.lines
    assert [row.description for row in rows] == ["första", "andra", "Rör"]
    assert (rows[2].price, rows[2].discount, rows[2].discount_kind) == (Money(Decimal(5), "SEK"), Decimal(10), "percent")


def test_hours_stand_in_for_billable_hours_and_the_time_types_name_for_a_text() -> None:
    row = assignment(times=[{**TIME, "billableHours": None, "hours": 2}]).document.lines[0]
    assert (row.quantity, row.description) == (Decimal(2), "Arbete")
    assert assignment(times=[{**TIME, "billableHours": 0, "hours": 2}]).document.lines[0].quantity == 0


def test_references_and_customer_data_are_left_to_fortnox() -> None:
    """MOB-15, MOB-16."""
    document = assignment(references={"ourReference": "Vera", "yourReference": "Karin"}).document
    assert (document.our_reference, document.your_reference, document.customer_name) == (ABSENT, ABSENT, ABSENT)
    assert document.customer_number == "1042"


def test_completed_day_is_the_day_of_delivery() -> None:
    assert assignment(completed="2026-11-20").document.delivery_date == date(2026, 11, 20)
    assert assignment().document.delivery_date is ABSENT


@pytest.mark.parametrize(("hours", "reported"), [("0.5", 1), ("1.4", 1), ("2.5", 3), ("999", 999)])
def test_house_work_hours_are_whole(hours: str, reported: int) -> None:
    """Fortnox API, section 9.9."""
    time = {**TIME, "billableHours": Decimal(hours), "houseWork": True, "houseWorkType": "HVAC"}
    assert assignment(times=[time], houseWork={"type": "rot"}).document.lines[0].house_work_hours == reported


def test_more_hours_of_house_work_than_fortnox_reports_are_refused_and_not_cut() -> None:
    """Fortnox API, section 9.9: 0 to 999; 1200 reported as 999 would be another claim."""
    time = {**TIME, "billableHours": Decimal(1200), "houseWork": True, "houseWorkType": "HVAC"}
    with pytest.raises(BadData, match="has 1200 hours of house work, and Fortnox reports at most 999"):
        assignment(times=[time], houseWork={"type": "rot"})


@given(st.text(max_size=1600), st.integers(1, 1279))
def test_action_text_goes_over_whole_up_to_its_limit_whatever_it_is(text: str, limit: int) -> None:
    """MOB-17, MOB-18, D1: Remarks and the text row together hold the first characters exactly, neither more than it takes."""
    found = assignment(Settings(document="order", action_text_limit=limit), actionText=text)
    fill = streams.filler(Holding(frozenset({"text", "rows"}), {"text": 1024}))
    filled = fill("right", found.document)
    texts = [row.description for row in filled.lines if row.is_text]
    remarks = "" if filled.text is ABSENT else filled.text
    assert str(remarks) + "".join(map(str, texts)) == text[:limit]
    assert (len(remarks) <= 1024, len(texts) <= 1, all(len(str(one)) <= 255 for one in texts)) == (True, True, True)
    warned = streams.remark(found, Settings(document="order", action_text_limit=limit))
    assert (warned is not None) == (len(text) > limit)


def test_all_that_does_not_follow_is_said_together() -> None:
    found = assignment(actionText="x" * 1053, times=[TIME, {**TIME, "timeType": {"name": "Restid"}}])
    remark = streams.remark(found, Settings(document="order"))
    assert remark is not None
    assert (remark.rule, "1053" in str(remark.sentence), "Restid" in str(remark.sentence)) == ("MOB-18 MOB-06", True, True)


@pytest.mark.parametrize(
    ("raw", "settings", "rule"),
    [
        ({"customer": None}, {}, "MOB-13"),
        ({"times": []}, {}, "MOB-06"),
        ({"materials": [{"billable": True, "quantity": 1}]}, {}, "MOB-07"),
        ({"times": [TIME] * 500}, {}, "MOB-07"),
        ({"status": "Pågående"}, {"only_completed": True}, "MOB-26"),
        ({"attested": False}, {"only_attested": True}, "MOB-26"),
        ({"export": {"documentType": "order", "documentNumber": "7"}}, {}, "MOB-28"),
        ({"houseWork": {"type": "rut"}, "times": [{**TIME, "houseWork": True, "houseWorkType": "HVAC"}]}, {}, ""),
    ],
)
def test_what_keeps_an_assignment_here_is_said_with_its_rule(raw: dict[str, Any], settings: dict[str, Any], rule: str) -> None:
    chosen = Settings(document="order", **settings)
    standing = streams.standing(assignment(chosen, **raw), chosen)
    assert standing is not None
    assert (standing.rule, "1001" in str(standing.sentence)) == (rule, True)
    assert streams.standing(assignment(chosen, status="Klart", attested=True), chosen) is None


def test_key_of_a_document_fits_its_field_whatever_the_number() -> None:
    """MOB-28: ExternalInvoiceReference1 holds 80 characters; two numbers never share a key."""
    assert streams.key_for("acme", Ref("mobigo", "order", "1001")) == "brygga:acme:mobigo:order:1001"
    long = [streams.key_for("a" * 59, Ref("mobigo", "invoice", f"{'x' * 49}{end}")) for end in "12"]
    assert (len(set(long)), max(map(len, long)) <= 80) == (2, True)


@pytest.mark.parametrize(
    "given",
    [
        {"registers": ["kunder"]},
        {"document": "offert"},
        {"action_text_limit": 1280},
        {"action_text_limit": 0},
        {"field_links": {"Extrafält 21": "comments"}},
        {"field_links": {"Extrafält 1": "your_reference"}},
        {"time_types": {"Arbete": 100}},
        {"file_encoding": "ebcdic"},
        {"prislista": "A"},
    ],
)
def test_setting_that_does_not_hold_is_refused_with_what_is_allowed(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_of.read(given)
    assert next(iter(given)) in str(refused.value)


def test_every_setting_has_a_swedish_term_and_a_default_that_holds() -> None:
    rows = settings_of.explain()
    assert settings_of.read({str(row["key"]): row["default"] for row in rows}) == settings_of.read({})
    assert all(row["term"] and row["help"] and row["allows"] for row in rows)
    assert isinstance(mapping.READERS["customer"]({}), Customer)
