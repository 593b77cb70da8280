"""Giro numbers and payment references (accounting.md 5.1)."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn

from brygga.core.giro import validate_giro
from brygga.core.ocr import make_ocr, validate_ocr

digits = st.text("0123456789", min_size=1, max_size=23)


@given(digits)
def test_reference_that_was_made_is_valid_at_every_level(payload: str) -> None:
    reference = make_ocr(payload)
    assert reference.startswith(payload)
    for level in ("soft", "check_digit", "variable_length"):
        assert validate_ocr(reference, level)
    assert validate_ocr(reference, "fixed_length", len(reference))
    assert not validate_ocr(reference, "fixed_length", len(reference) + 1)
    assert validate_ocr(make_ocr(payload, length_digit=False), "check_digit")


@given(digits, st.data())
def test_one_changed_digit_is_always_found(payload: str, data: st.DataObject) -> None:
    reference = make_ocr(payload)
    at = data.draw(st.integers(0, len(reference) - 1))
    other = data.draw(st.sampled_from("0123456789"))
    assume(other != reference[at])
    assert not validate_ocr(reference[:at] + other + reference[at + 1 :], "check_digit")


def test_soft_check_takes_a_reference_without_check_digit() -> None:
    assert validate_ocr("123451", "soft")
    assert not validate_ocr("123451", "check_digit")
    assert not validate_ocr("12a451", "soft")
    assert not validate_ocr(None)
    assert not validate_ocr("26", "variable_length")


@pytest.mark.parametrize("payload", ["", "12a", "-1", "1 2", "１２", None, 37])
def test_reference_of_anything_but_digits_is_refused(payload: object) -> None:
    with pytest.raises(ValueError, match="a payment reference is made of digits"):
        make_ocr(payload)  # type: ignore[arg-type]


def test_reference_longer_than_25_digits_is_refused() -> None:
    assert len(make_ocr("1" * 23)) == 25
    with pytest.raises(ValueError, match="at most 25 digits"):
        make_ocr("1" * 24)
    assert len(make_ocr("1" * 24, length_digit=False)) == 25


def test_unknown_level_missing_length_and_number_are_refused() -> None:
    with pytest.raises(ValueError, match="checked by one of soft, check_digit"):
        validate_ocr("133", "hard")
    with pytest.raises(ValueError, match="needs the agreed length"):
        validate_ocr("133", "fixed_length")
    with pytest.raises(ValueError, match="is text, since leading zeros count, not int"):
        validate_ocr(133)  # type: ignore[arg-type]


@given(st.sampled_from(["bankgiro", "plusgiro"]), st.text("0123456789", min_size=1, max_size=8))
def test_giro_number_as_printed_reads_back_as_itself(kind: str, body: str) -> None:
    number = body + luhn.calc_check_digit(body)
    found = validate_giro(kind, number)
    shortest = 7 if kind == "bankgiro" else 2
    assert found.valid == (shortest <= len(number) <= 8 and int(number) > 0)
    if found.display is not None:
        assert validate_giro(kind, found.display) == found
        assert "".join(letter for letter in found.display if letter.isdigit()) == found.compact == number


@pytest.mark.parametrize("text", [None, "", "0000000", "50501056", "123456789", "5o50-1055"])
def test_wrong_giro_number_has_nothing(text: str | None) -> None:
    found = validate_giro("bankgiro", text)
    assert (found.valid, found.compact, found.display) == (False, None, None)


def test_unknown_kind_and_number_are_refused() -> None:
    with pytest.raises(ValueError, match="bankgiro or plusgiro, not 'swish'"):
        validate_giro("swish", "123")
    with pytest.raises(ValueError, match="a giro number is text"):
        validate_giro("bankgiro", 1609908)  # type: ignore[arg-type]
