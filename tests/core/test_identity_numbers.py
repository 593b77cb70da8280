"""Organisation, personal and VAT numbers: laws that hold for all numbers, and the refusals (accounting.md 8.1, 8.2)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn

from brygga.core.numbers import (
    is_personal,
    organisation_number_in,
    parse_no_orgnr,
    parse_se_identity,
    parse_vat_number,
    se_ten,
)

TODAY = date(2026, 11, 20)


def with_check_digit(nine: str) -> str:
    return nine + luhn.calc_check_digit(nine)


organisations = st.from_regex(r"[1-9][0-9][2-9][0-9]{6}", fullmatch=True).map(with_check_digit)
births = st.dates(date(1850, 1, 1), TODAY)


@st.composite
def persons(draw: st.DrawFn) -> tuple[str, date, bool]:
    born = draw(births)
    coordination = draw(st.booleans())
    day = born.day + (60 if coordination else 0)
    nine = f"{born:%y%m}{day:02}{draw(st.integers(0, 999)):03}"
    return with_check_digit(nine), born, coordination


@given(organisations)
def test_organisation_reads_the_same_in_every_spelling(ten: str) -> None:
    expected = parse_se_identity(ten, TODAY)
    assert expected.kind == "organisation"
    assert not expected.personal_data
    for spelling in (f"{ten[:6]}-{ten[6:]}", f"16{ten}", f"16{ten[:6]}-{ten[6:]}", f" {ten[:6]} {ten[6:]}", f"SE{ten}01"):
        assert parse_se_identity(spelling, TODAY) == expected
    assert se_ten(ten) == organisation_number_in(expected.vat_number) == ten


@given(organisations, st.integers(0, 9))
def test_any_other_check_digit_is_invalid(ten: str, digit: int) -> None:
    assume(str(digit) != ten[-1])
    assert parse_se_identity(ten[:-1] + str(digit), TODAY).kind == "invalid"
    assert se_ten(ten[:-1] + str(digit)) == ""


@given(persons())
def test_person_with_century_keeps_it_and_is_shown_so_that_it_reads_back(person: tuple[str, date, bool]) -> None:
    ten, born, coordination = person
    found = parse_se_identity(f"{born.year // 100}{ten}", TODAY)
    assert found.kind == ("coordination" if coordination else "person")
    assert found.personal_data
    assert is_personal(ten)
    assert found.twelve == f"{born.year // 100}{ten}"
    assert found.display is not None
    assert ("+" in found.display) == (TODAY.year - born.year >= 100)
    if TODAY.year - born.year < 200 and born.year > 1926:
        assert parse_se_identity(found.display, TODAY) == found


@given(persons())
def test_century_of_ten_digits_is_the_latest_possible(person: tuple[str, date, bool]) -> None:
    ten, born, _ = person
    assume(born.year > 1926)
    assert parse_se_identity(ten, TODAY).twelve == f"{born.year // 100}{ten}"


def test_plus_means_at_least_a_hundred_years_this_year() -> None:
    assert parse_se_identity("121212+1212", TODAY).twelve == "191212121212"
    assert parse_se_identity("121212-1212", TODAY).twelve == "201212121212"
    assert parse_se_identity("121212-1212", date(2011, 1, 1)).twelve == "191212121212"


def test_nobody_is_born_tomorrow() -> None:
    ten = with_check_digit("261231000")
    assert parse_se_identity(f"20{ten}", TODAY).kind == "invalid"
    assert parse_se_identity(ten, TODAY).display == f"{ten[:6]}+{ten[6:]}"
    assert parse_se_identity(ten, date(2027, 1, 1)).twelve == f"20{ten}"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "N/A",
        "000000-0000",
        "16811228-9874",
        "20556036-0793",
        "556036+0793",
        "5560360793001",
        "SE5560360793",
        "SE556036079302",
        with_check_digit("750231024"),
        with_check_digit("012345678"),
        "١٢٣٤٥٦٧٨٩٠",
    ],
)
def test_what_is_no_swedish_number_is_invalid_and_empty(text: str | None) -> None:
    found = parse_se_identity(text, TODAY)
    assert (found.kind, found.ten, found.twelve, found.display, found.vat_number) == ("invalid", None, None, None, None)


def test_sixteen_is_the_century_of_organisations_only_when_compared_too() -> None:
    assert se_ten("16811228-9874") == ""
    assert se_ten("19811228-9874") == "8112289874"
    assert se_ten("20556036-0793") == ""
    assert se_ten("29 February 1999") == ""


@given(st.text(max_size=20))
def test_no_text_breaks_a_parser(text: str) -> None:
    assert parse_se_identity(text, TODAY).kind in ("organisation", "person", "coordination", "invalid")
    assert parse_no_orgnr(text).valid in (True, False)
    for country in (None, "SE", "CH", "GB", "GR", "IE", "QQ"):
        assert parse_vat_number(text, country).valid in (True, False)


@given(
    st.sampled_from(["AT", "BE", "CH", "CY", "DE", "EL", "ES", "FR", "GB", "IE", "IT", "NL", "NO", "SE", "XI"]),
    st.text("0123456789ABCDEKMNOTUVW+*", max_size=13),
)
def test_vat_number_reads_back_as_itself(letters: str, rest: str) -> None:
    found = parse_vat_number(letters + rest)
    if found.valid:
        assert parse_vat_number(found.compact) == found


@pytest.mark.parametrize(
    ("text", "default", "compact", "country", "eu"),
    [
        ("094259216", "GR", "EL094259216", "GR", True),
        ("094259216", "EL", "EL094259216", "GR", True),
        ("GR 094259216", None, "EL094259216", "GR", True),
        ("XI980780684", None, "XI980780684", "GB", True),
        ("GB 980 7806 84", None, "GB980780684", "GB", False),
        ("CHE-107.787.577 IVA", None, "CHE107787577IVA", "CH", False),
        ("CHE-107.787.577", None, "CHE107787577", "CH", False),
        ("107.787.577 MWST", "CH", "CHE107787577MWST", "CH", False),
        ("E107787577", "CH", "CHE107787577", "CH", False),
        ("NO 995 525 828 MVA", None, "NO995525828MVA", "NO", False),
        ("165560360793", "SE", "SE556036079301", "SE", True),
        ("556036079301", "SE", "SE556036079301", "SE", True),
        ("811228-9874", "se", "SE811228987401", "SE", True),
        ("136695976", "DE", "DE136695976", "DE", True),
    ],
)
def test_vat_number_in_its_compact_form(text: str, default: str | None, compact: str, country: str, eu: bool) -> None:
    found = parse_vat_number(text, default)
    assert (found.compact, found.country, found.eu) == (compact, country, eu)


@pytest.mark.parametrize(
    ("text", "default"),
    [
        (None, None),
        ("", "SE"),
        ("556036-0793", None),
        ("556036-0793", "US"),
        ("SE556036-0793", "SE"),
        ("SE" + with_check_digit("750231024") + "01", None),
        ("NO974760674MVA", None),
        ("EU372022452", None),
        ("NO", None),
        ("CH", None),
        ("æøå", "NO"),
    ],
)
def test_wrong_vat_number_has_nothing(text: str | None, default: str | None) -> None:
    found = parse_vat_number(text, default)
    assert (found.valid, found.compact, found.country, found.eu) == (False, None, None, False)


def test_only_a_swedish_vat_number_holds_an_organisation_number() -> None:
    assert organisation_number_in("SE556036079301") == "5560360793"
    assert organisation_number_in("DE136695976") == ""
    assert organisation_number_in(None) == ""


def test_norwegian_number_of_zeros_is_nobodys() -> None:
    assert not parse_no_orgnr("000000000").valid
    assert not parse_no_orgnr("10000013" + "1").valid
    assert parse_no_orgnr("974 760 673 mva").mva


@pytest.mark.parametrize("number", [5560360793, 5.5, b"556036-0793"])
def test_number_that_is_no_text_is_refused_with_a_sentence(number: object) -> None:
    with pytest.raises(ValueError, match="an organisation number is text, since leading zeros"):
        parse_se_identity(number, TODAY)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a VAT number is text"):
        parse_vat_number(number)  # type: ignore[arg-type]
