"""webCRM's values and bodies: every quirk of systems.md 7.1, read and written."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.clients.http import Answer, Call
from brygga.clients.webcrm import wire
from brygga.clients.webcrm.fields_metadata import field_of
from brygga.clients.webcrm.queries import literal
from brygga.errors import BadData, NotFound, OutcomeUnknown, Rejected

READ = Call("GET", "https://api.webcrm.example/Organisations/1", repeatable=True)
WRITE = Call("POST", "https://api.webcrm.example/Organisations", repeatable=False)


def answer(response: httpx2.Response, call: Call = READ) -> Answer:
    return Answer(response.status_code, response.headers, response.content, call)


def said(body: object, status: int = 200, call: Call = READ) -> Answer:
    return answer(httpx2.Response(status, content=json.dumps(body).encode()), call)


@pytest.mark.parametrize("value", [None, "", "0001-01-01T00:00:00+00:00", "0001-01-01T01:00:00+01:00", "0001-01-01T00:00:00"])
def test_empty_date_is_no_date(value: object) -> None:
    assert wire.moment(value) is None
    assert wire.day(value) is None


def test_moment_keeps_its_offset_and_bears_a_seventh_decimal() -> None:
    assert wire.moment("2026-11-19T14:03:27.1234567+01:00") == datetime(
        2026, 11, 19, 14, 3, 27, 123456, timezone(timedelta(hours=1))
    )
    assert wire.moment("2026-11-19T14:03:27") == datetime(2026, 11, 19, 14, 3, 27, tzinfo=UTC)


def test_day_is_the_one_that_the_installation_shows() -> None:
    assert wire.day("2026-11-19T00:00:00+01:00") == date(2026, 11, 19)


@pytest.mark.parametrize("value", [17, "yesterday"])
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"date|isoformat"):
        wire.moment(value)


def test_dates_are_written_so_that_they_are_read_back() -> None:
    assert wire.day(wire.written_date(date(2026, 2, 28))) == date(2026, 2, 28)
    assert wire.day(wire.written_date(None)) is None


def test_instant_is_utc_without_a_plus_sign() -> None:
    assert wire.instant(datetime(2026, 11, 20, 10, 0, 59, 999, timezone(timedelta(hours=1)))) == "2026-11-20T09:00:59Z"


@pytest.mark.parametrize("value", [None, "", "-- vælg --", "  --Välj--  ", "-- Select one --", 4])
def test_unset_dropdown_is_empty_in_every_language(value: object) -> None:
    assert wire.chosen(value) == ""


def test_a_name_with_dashes_is_no_placeholder() -> None:
    assert wire.chosen(" -- Bra Bygg ") == "-- Bra Bygg"


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("07: 7 dage", "07", "7 dage"),
        ("00: ? Item 1", "00", "? Item 1"),
        ("K: Kontant", "K", "Kontant"),
        ("30", "30", "30"),
        (" Kund – Företag ", "Kund – Företag", "Kund – Företag"),
        ("https://a.example", "https://a.example", "https://a.example"),
        ("Kl 10:30 varje dag", "Kl 10:30 varje dag", "Kl 10:30 varje dag"),
    ],
)
def test_coded_values_come_apart_and_others_stay(value: str, code: str, text: str) -> None:
    assert (wire.code_of(value), wire.text_of(value)) == (code, text)


def test_check_boxes_are_words() -> None:
    assert [wire.checked(value) for value in ("Yes", " yes ", True, "No", "", None, False)] == [True] * 3 + [False] * 4
    assert (wire.check_mark(True), wire.check_mark(False)) == ("Yes", "No")


@given(st.text().map(str.strip).filter(lambda text: text != "-"))
def test_data_fields_are_never_sent_empty_and_come_back(text: str) -> None:
    sent = wire.data_sent(text)
    assert sent.strip()
    assert wire.data(sent) == text


def test_numbers_are_written_digit_for_digit() -> None:
    body = {"a": Decimal("12.50"), "b": [Decimal("1E+2"), 3, None, True], "å": 'sa "hej"'}
    assert wire.encode(body).decode() == '{"a":12.50,"b":[100,3,null,true],"å":"sa \\"hej\\""}'


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False, places=3),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
def test_every_body_is_read_as_it_was_written(body: object) -> None:
    read = json.loads(wire.encode(body), parse_float=Decimal)
    assert _plain(read) == _plain(body)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_amounts_of_answers_are_decimal(sample: Callable[[str], httpx2.Response]) -> None:
    [item] = wire.many(answer(sample("linked_data_200")), "QuotationLineLinkedDataItemId")
    assert item["QuotationLineLinkedDataItemPrice"] == Decimal("12.5")
    assert isinstance(item["QuotationLineLinkedDataItemPrice"], Decimal)


@pytest.mark.parametrize("response", [httpx2.Response(404), httpx2.Response(200), httpx2.Response(200, json=None)])
def test_a_record_that_is_not_there_is_none(response: httpx2.Response) -> None:
    assert wire.one(answer(response), "OrganisationId") is None


def test_a_record_with_id_0_is_none() -> None:
    assert wire.one(said({"OrganisationId": 0}), "OrganisationId") is None


@pytest.mark.parametrize("body", [[], {"Name": "x"}, {"OrganisationId": "8812"}, "text"])
def test_what_is_no_record_is_bad_data(body: object) -> None:
    with pytest.raises(BadData, match=r"GET /Organisations/1 is not an object with OrganisationId"):
        wire.one(said(body), "OrganisationId")


def test_html_is_bad_data_with_a_sentence_and_without_the_page(sample: Callable[[str], httpx2.Response]) -> None:
    with pytest.raises(BadData, match=r"is not JSON \(status 200, text/html, \d+ bytes\)\. Check that the address") as caught:
        wire.many(answer(sample("page_of_a_proxy_200")))
    assert "being updated" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "what"),
    [({"data": []}, "is not a list of objects"), ([1], "is not a list of objects"), ([{"X": 1}], "has objects without")],
)
def test_what_is_no_list_is_bad_data(body: object, what: str) -> None:
    with pytest.raises(BadData, match=what):
        wire.many(said(body), "OrganisationId")


@pytest.mark.parametrize("body", [9001, "9001", " 9001 "])
def test_post_answers_a_bare_integer(body: object) -> None:
    assert wire.new_id(said(body, call=WRITE)) == 9001


@pytest.mark.parametrize("body", [0, -1, True, "made", {"Id": 4}, None])
def test_a_made_record_without_an_id_is_an_unknown_outcome(body: object) -> None:
    with pytest.raises(OutcomeUnknown, match="does not name the new record"):
        wire.new_id(said(body, call=WRITE))


def test_bulk_answers_come_in_order(sample: Callable[[str], httpx2.Response]) -> None:
    assert wire.bulk(answer(sample("bulk_200"), WRITE), 3) == [9001, "Organisation name is missing", 9002]


@pytest.mark.parametrize("body", [["1"], {"1": "2"}])
def test_too_few_bulk_answers_are_an_unknown_outcome(body: object) -> None:
    with pytest.raises(OutcomeUnknown, match="is not a list of 2 results"):
        wire.bulk(said(body, call=WRITE), 2)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'"Linked data is enabled"', "Linked data is enabled"),
        (b'{"Message": "Wrong  Name"}', "Wrong Name"),
        (b'{"IsError": true, "ErrorDescription": "No"}', "No"),
        (b"plain words", "plain words"),
        (b"", "status 400 without an explanation."),
        (b"<html>secret</html>", "status 400 without an explanation."),
        (b'{"OrganisationName": ["Is required.", "Is short."], "n": 1}', "OrganisationName: Is required. Is short."),
        (b'{"message": "", "errors": {"Data2": ["Empty"]}}', "errors: Data2: Empty"),
        (b'["One.", "Two."]', "One. Two."),
        (b"{}", "status 400 without an explanation."),
        (b"x" * 1000, "x" * 300),
    ],
)
def test_refusals_repeat_what_webcrm_says(content: bytes, text: str) -> None:
    with pytest.raises(Rejected) as caught:
        wire.refuse(answer(httpx2.Response(400, content=content), WRITE))
    assert str(caught.value.sentence) == f"webCRM refused POST /Organisations: {text}"
    assert caught.value.code == "400"


def test_404_of_a_write_is_not_found() -> None:
    with pytest.raises(NotFound):
        wire.refuse(said("gone", 404, WRITE))


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        (b'{"RetryAfterSeconds": 3}', 3.0),
        (b'{"RetryAfterSeconds": "2.5"}', 2.5),
        (b'{"RetryAfterSeconds": -1}', 0.0),
        (b'{"RetryAfterSeconds": "soon"}', None),
        (b'{"RetryAfterSeconds": null}', None),
        (b"[]", None),
        (b"busy", None),
    ],
)
def test_the_wait_stands_in_the_body(content: bytes, seconds: float | None) -> None:
    assert wire.retry_after_seconds(answer(httpx2.Response(429, content=content))) == seconds


def test_quotes_cannot_end_a_query_text() -> None:
    assert literal("it's ' OR 1=1") == "'it''s '' OR 1=1'"


def test_a_field_is_read_with_its_whole_dropdown_values(sample: Callable[[str], httpx2.Response]) -> None:
    fields = {one.label: one for one in map(field_of, json.loads(sample("fields_metadata_200").content))}
    assert fields["Betalningsvillkor"].choices == ("07: 7 dagar netto", "30: 30 dagar netto", "K: Kontant")
    assert fields["Kundnummer"].longest == 50
    assert fields["Fakturaadress"].longest is None


@pytest.mark.parametrize(
    ("entry", "choice"),
    [
        ({"Text": "7 dage", "Value": "07: 7 dage"}, "07: 7 dage"),
        ({"Text": "07: 7 dage", "Value": "07"}, "07: 7 dage"),
        ({"Text": "", "Value": "Prospekt"}, "Prospekt"),
        ("Prospekt", "Prospekt"),
    ],
)
def test_of_text_and_value_the_whole_one_is_taken(entry: object, choice: str) -> None:
    raw = {"FieldMetadataDbFieldName": "Custom1", "FieldMetadataDropdownListData": [entry]}
    field = field_of(raw, "Organisation")
    assert (field.name, field.choices) == ("OrganisationCustom1", (choice,))
