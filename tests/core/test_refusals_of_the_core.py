"""Bad input to the core is refused with a sentence that names what is wrong."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from brygga.core import calendar, contact, countries, giro, numbers, ocr, retention, rot_rut, schedule

CORE = Path(__file__).parents[2] / "src" / "brygga" / "core"
D = Decimal

REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: calendar.due_date(date(2026, 1, 1), -1), "whole number of days"),
    (lambda: calendar.due_date(date(2026, 1, 1), True), "whole number of days"),
    (lambda: calendar.due_date(date(9999, 12, 1), 60), "out of the calendar"),
    (lambda: contact.normalise_email(7), "text"),  # type: ignore[arg-type]
    (lambda: countries.country_to_iso(7), "a country is text"),  # type: ignore[arg-type]
    (lambda: countries.country_on_documents("XX"), "no country code"),
    (lambda: giro.validate_giro("swish", "123"), "bankgiro or plusgiro"),
    (lambda: giro.validate_giro("bankgiro", 5805_6201), "leading zeros"),  # type: ignore[arg-type]
    (lambda: numbers.se_ten(5560360793), "leading zeros"),  # type: ignore[arg-type]
    (lambda: ocr.make_ocr("12a", length_digit=True), "made of digits"),
    (lambda: ocr.make_ocr("1" * 24, length_digit=True), "at most"),
    (lambda: ocr.validate_ocr("1", "hard"), "checked by one of"),
    (lambda: ocr.validate_ocr("1", "fixed_length"), "agreed length"),
    (lambda: ocr.validate_ocr(18), "leading zeros"),  # type: ignore[arg-type]
    (lambda: retention.retain_until(date(9995, 12, 31)), "out of the calendar"),
    (lambda: retention.redact(7), "only text"),  # type: ignore[arg-type]
    (lambda: rot_rut.tax_reduction("tak", D(1), D(1), date(2026, 1, 1)), "house work is one of"),
    (lambda: rot_rut.tax_reduction("rot", D("NaN"), D(1), date(2026, 1, 1)), "0 or more"),
    (lambda: rot_rut.tax_reduction("rot", D(2), D(1), date(2026, 1, 1)), "more than the whole document"),
    (lambda: rot_rut.tax_reduction("rot", D(1), D(1), date(2001, 1, 1)), "known for payments"),
    (lambda: schedule.next_tick(datetime(2026, 1, 1), 6, 0), "time zone"),  # noqa: DTZ001
    (lambda: schedule.next_tick(datetime(2026, 1, 1, tzinfo=UTC), 7, 0), "divides the day"),
    (lambda: schedule.next_tick(datetime(2026, 1, 1, tzinfo=UTC), 6, 6), "an offset"),
    (lambda: schedule.next_daily(datetime(2026, 1, 1, tzinfo=UTC), time(10, tzinfo=UTC)), "wall clock"),
    (lambda: schedule.lastmodified_param(datetime(2026, 1, 1, tzinfo=UTC), -1), "0 minutes or more"),
]


@pytest.mark.parametrize(("call", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_cannot_be_is_refused_with_a_sentence(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()


def test_nothing_is_no_value_and_no_error() -> None:
    assert contact.normalise_email(None).value is None
    assert countries.country_to_iso(None) is None
    assert numbers.se_ten(None) == ""
    assert contact.normalise_phone("08-465 004 00", None) is None
    assert contact.normalise_email("a@b!ö.se").value is None


def test_country_on_documents_is_a_name_as_fortnox_wants_it() -> None:
    """Fortnox API, section 5.3: Sverige for Sweden, the English names of ISO for the others."""
    assert countries.country_on_documents("SE") == "Sverige"
    assert countries.country_on_documents("no") == "Norway"


@pytest.mark.parametrize(
    ("reference", "level", "length", "good"),
    [
        ("18", "check_digit", None, True),
        ("1", "check_digit", None, False),
        ("19", "soft", None, True),
        ("19", "check_digit", None, False),
        ("18", "fixed_length", 2, True),
        ("18", "fixed_length", 3, False),
        ("3749", "variable_length", None, True),
        ("18", "variable_length", None, False),
    ],
)
def test_references_are_checked_by_the_agreed_level(reference: str, level: str, length: int | None, good: bool) -> None:
    assert ocr.validate_ocr(reference, level, length) is good


def test_vat_numbers_without_letters_are_read_by_their_country() -> None:
    """accounting.md 8.2: the country of the address tells what a number without letters is."""
    assert numbers.parse_vat_number("556036-0793", "SE").compact == "SE556036079301"
    assert numbers.parse_vat_number("116.281.710 MWST", "CH").compact
    assert numbers.parse_vat_number("980 7806 84", "GB").compact == "GB980780684"
    assert numbers.parse_vat_number("974760673", "NO").compact == "NO974760673MVA"


def test_personal_number_with_a_date_to_come_belongs_to_the_century_before() -> None:
    """accounting.md 8.1: two digits of a year mean the latest year that has been."""
    found = numbers.parse_se_identity("811228-9874", date(2026, 11, 20))
    assert found.twelve == "198112289874"
    assert numbers.parse_se_identity("811228-9874", date(1981, 6, 1)).twelve == "188112289874"


def test_what_only_looks_like_a_personal_number_is_masked_where_it_is_written_as_one() -> None:
    """accounting.md 10: better one mask too many than one too few; a document number stays."""
    assert retention.redact("född 811228-9875 tror vi") == "född [PNR] tror vi"
    assert retention.redact("order 8112289875") == "order 8112289875"
    assert "5560360793" in retention.redact("org 5560360793")


def test_house_work_of_both_kinds_shares_one_cap() -> None:
    """accounting.md 7.5: what is left of the common cap bounds each kind; nothing goes below zero."""
    spent = rot_rut.tax_reduction("rut", D(10000), D(10000), date(2026, 6, 1), D(50000), D(75000))
    assert spent.reduction == 0
    assert spent.customer_pays == 10000


def test_schedule_keeps_its_beat_over_the_clock_change() -> None:
    """accounting.md 9: the hour that is there twice is asked for from its beginning; no tick is lost."""
    assert schedule.lastmodified_param(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 0) == "2026-10-25 01:59"
    assert schedule.lastmodified_param(datetime(2026, 10, 25, 3, 30, tzinfo=UTC), 0) == "2026-10-25 04:30"


def test_the_core_says_what_is_wrong_and_leaves_to_whoever_read_it_what_a_person_can_do() -> None:
    """A check of what the core was given has no repair of its own: which system says it wrongly, only the reader of the record knows."""
    with_repair = [
        f"{path.name}:{call.lineno}"
        for path in sorted(CORE.glob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "BadData"
        if any(one.arg == "repair" for one in call.keywords)
    ]
    assert with_repair == []
