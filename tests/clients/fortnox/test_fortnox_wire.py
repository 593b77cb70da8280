"""Fortnox' way of writing things, both ways."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.clients.fortnox import wire
from brygga.clients.fortnox.text import cleaned, forbidden
from brygga.clients.http import Answer, Call
from brygga.errors import (
    BadData,
    BryggaError,
    NotFound,
    OutcomeUnknown,
    Rejected,
    SettingsError,
    Unauthorised,
    Unavailable,
)
from fortnox_far import sample

READ = Call("GET", "https://api.fortnox.se/3/customers/1042", repeatable=True)
WRITE = Call("PUT", "https://api.fortnox.se/3/customers/1042", repeatable=False)


def answer(name: str, call: Call = READ) -> Answer:
    response = sample(name)
    return Answer(response.status_code, response.headers, response.content, call)


@pytest.mark.parametrize(
    ("name", "kind", "sentence"),
    [
        ("customer_404", NotFound, r"“Kan inte hitta kunden.” \(code 2000433, request f5eedac5\)"),
        ("filter_400", Rejected, r"GET /3/customers/1042: “Ett ogiltigt filter har använts.” \(code 2000587"),
        ("code_as_text_400", Rejected, r"\(code 2000637"),
        ("token_401", Unauthorised, r"did not accept the access token .* Connect Fortnox again"),
        ("integration_licence_403", Unauthorised, r"no integration licence.*Buy the integration licence"),
        ("module_licence_403", Unauthorised, r"lacks the Fortnox module.*Order the module"),
        ("scope_403", Unauthorised, r"without the scope.*accept all the scopes"),
        ("user_right_403", Unauthorised, r"lacks the right.*Give the user the right"),
        ("legacy_login_403", Unauthorised, r"did not accept the login.*code 2000311"),
        ("route_404", SettingsError, r"no address GET /3/customers/1042.*Correct base_url"),
        ("attachment_404", NotFound, r"“File not found” \(code file_not_found, request a1b2\)"),
        ("gateway_404", BadData, r"status 404, text/html"),
        ("gateway_403", BadData, r"status 403, text/html"),
        ("system_400", Unavailable, r"code 1000003"),
    ],
)
def test_each_refusal_says_what_happens_next(name: str, kind: type[BryggaError], sentence: str) -> None:
    error = wire.refusal(answer(name))
    assert type(error) is kind
    with pytest.raises(kind, match=sentence):
        raise error


def test_a_refusal_carries_the_code_and_the_request_id() -> None:
    error = wire.refusal(answer("field_400", WRITE))
    assert isinstance(error, Rejected)
    assert (error.code, error.request_id, error.facts["message"]) == ("2001399", "f5eedac5", "Felaktigt fältnamn (price)")


def test_fortnox_own_fault_after_a_write_leaves_doubt() -> None:
    assert type(wire.refusal(answer("system_400", WRITE))) is OutcomeUnknown


def test_every_licence_and_right_has_its_own_sentence() -> None:
    names = ["token_401", "integration_licence_403", "module_licence_403", "scope_403", "user_right_403"]
    assert len({wire.refusal(answer(name)).sentence.template for name in names}) == len(names)


def test_amounts_arrive_exactly_and_in_every_form() -> None:
    invoice = wire.single(answer("invoice_200"), "Invoice")
    assert invoice["TotalVAT"] == Decimal("43.75")
    assert isinstance(invoice["TotalVAT"], Decimal)
    articles = wire.page(answer("articles_mixed_200"), "Articles").rows
    assert [wire.amount(row["PurchasePrice"]) for row in articles] == [Decimal("93.5"), Decimal(268)]
    assert [wire.amount(row["SalesPrice"]) for row in articles] == [None, Decimal("0.10")]
    assert wire.amount("API_NORIGHT") is None
    with pytest.raises(BadData, match="“12,50”"):
        wire.amount("12,50")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_an_amount_survives_the_way_out_and_back(value: Decimal) -> None:
    text = wire.encode({"Price": value}).decode()
    assert json.loads(text, parse_float=Decimal)["Price"] == value
    assert "E" not in text


def test_numbers_leave_as_fortnox_writes_them_and_floats_do_not_leave() -> None:
    row = {"Price": Decimal("43.750"), "VAT": Decimal("2.5E+1"), "Name": "Å", "On": date(2026, 5, 1), "None": None, "Yes": True}
    assert wire.encode([row]).decode() == '[{"Price":43.75,"VAT":25,"Name":"Å","On":"2026-05-01","None":null,"Yes":true}]'
    with pytest.raises(TypeError, match="amounts are Decimal"):
        wire.encode({"Price": 43.75})
    with pytest.raises(ValueError, match="finite"):
        wire.encode({"Price": Decimal("NaN")})


@pytest.mark.parametrize(
    ("moment", "asked"),
    [
        (datetime(2026, 7, 1, 10, 30, 59, tzinfo=UTC), "2026-07-01 12:30"),
        (datetime(2026, 12, 1, 10, 30, tzinfo=UTC), "2026-12-01 11:30"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25 01:59"),  # 02:30 for the first time
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25 01:59"),  # 02:30 again
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), "2026-10-25 03:00"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29 03:00"),
    ],
)
def test_lastmodified_is_swedish_minutes_and_never_misses_the_hour_that_comes_twice(moment: datetime, asked: str) -> None:
    assert wire.minute(moment) == asked


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError, match="without a zone"):
        wire.minute(datetime(2026, 7, 1))  # noqa: DTZ001


def test_odd_values_of_answers_are_read_or_refused() -> None:
    assert (wire.truth("false"), wire.truth(True)) == (False, True)
    assert (wire.on_day(""), wire.on_day(None), wire.on_day("2026-05-01")) == (None, None, date(2026, 5, 1))
    assert [wire.reference(value) for value in ("0", 0, "", None, "97", 97)] == [None, None, None, None, "97", "97"]
    for reader, value in ((wire.truth, "ja"), (wire.on_day, "0000-00-00"), (wire.on_day, 20260501), (wire.amount, True)):
        with pytest.raises(BadData):
            reader(value)


def test_an_answer_without_its_envelope_is_bad_data() -> None:
    with pytest.raises(BadData, match="no envelope Invoice"):
        wire.single(answer("customer_200"), "Invoice")
    with pytest.raises(BadData, match="no list Invoices"):
        wire.page(answer("customers_200"), "Invoices")
    cut = Answer(200, {}, b'{"Customers":[],"MetaInformation":{"@TotalPages":1}}', READ)
    with pytest.raises(BadData, match="three numbers"):
        wire.page(cut, "Customers")


def test_a_code_cannot_become_another_address() -> None:
    assert [wire.segment(code) for code in ("förp", "A/1", "50%", "a b")] == ["f%C3%B6rp", "A%2F1", "50%25", "a%20b"]
    for nothing in ("", ".", ".."):
        with pytest.raises(SettingsError):
            wire.segment(nothing)


def test_the_signs_that_fortnox_takes_and_the_nearest_for_those_it_does_not() -> None:
    assert forbidden("Åsa Öberg & Söner, 5 × 2 m² – 10 % @ 30°\r\n") == "×"
    assert forbidden("a<b>c|d\te—f🙂") == "<>|\t—🙂"
    assert cleaned("Bult — 5 > 4 | \"Ö\" 'x' 🙂\tslut…") == "Bult – 5 mer än 4 / ’Ö’ ’x’  slut..."
    assert cleaned("<5 mm, men >-3 <b> <12 mm>") == "mindre än 5 mm, men mer än -3 (b) (12 mm)"
    assert cleaned("A\u030angström", 4) == "Ångs"


@given(st.text())
def test_cleaned_text_is_always_taken_and_cleaning_again_changes_nothing(text: str) -> None:
    assert forbidden(cleaned(text)) == ""
    assert cleaned(cleaned(text)) == cleaned(text)
