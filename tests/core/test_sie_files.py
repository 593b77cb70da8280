"""Whole SIE 4 files: what is written is read back the same, and what is no such file is refused with the line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.sie import (
    Balance,
    FiscalYear,
    NotSie,
    SieFile,
    TransRow,
    Unbalanced,
    Voucher,
    read_sie,
    sie_voucher,
    write_sie,
)
from brygga.core.sie_text import read_amount, read_bytes, sie_amount, sie_field, sie_parse_line, sie_text

D = Decimal
DAY = date(2026, 11, 20)


def a_file(*vouchers: Voucher) -> SieFile:
    return SieFile(
        program=("Brygga", "0.1"),
        company="Åkes Åkeri AB",
        generated=DAY,
        organisation_number="556036-0793",
        years=(FiscalYear(0, date(2026, 1, 1), date(2026, 12, 31)),),
        accounts=(("1510", "Kundfordringar"), ("3001", "Försäljning inom Sverige 25 %")),
        dimensions=(("6", "Projekt"),),
        objects=(("6", "P7", 'Bygget "norr"'),),
        balances=(
            Balance("IB", 0, "1510", D("100.00")),
            Balance("UB", 0, "1510", D("0.00")),
            Balance("RES", 0, "3001", D("-5.50")),
        ),
        vouchers=vouchers,
    )


def a_voucher(*rows: TransRow, **more: object) -> Voucher:
    return Voucher("A", "1", DAY, "Försäljning", rows, **more)  # type: ignore[arg-type]


def test_a_file_is_read_back_as_it_was_written() -> None:
    voucher = a_voucher(
        TransRow("1510", D("1250.00"), objects=("6", "P7"), text="Kund {1}", quantity=D(2), signature="AL"),
        TransRow("3001", D("-1000.00"), date=date(2026, 11, 21)),
        TransRow("2611", D("-250.00"), mark="added"),
        TransRow("3002", D("-1000.00"), mark="struck"),
        registered=DAY,
        signature="Anna Lind",
    )
    written = write_sie(a_file(voucher, a_voucher(TransRow("1510", D(1)), TransRow("3001", D(-1)), signature="x")))
    assert b"\r\n" in written
    assert read_sie(written) == a_file(voucher, a_voucher(TransRow("1510", D("1.00")), TransRow("3001", D("-1.00")), signature="x"))


@given(
    amounts=st.lists(st.decimals(min_value=-99999, max_value=99999, places=2), min_size=1, max_size=8),
    text=st.text(st.sampled_from('abcåäöÅÄÖé "{}#\\'), max_size=20),
)
def test_every_balanced_voucher_survives_the_way_out_and_in(amounts: list[Decimal], text: str) -> None:
    rows = [TransRow("1510", amount, text="rad") for amount in amounts]
    rows.append(TransRow("3001", -sum(amounts, D(0)), text="motkonto"))
    [read] = read_sie(write_sie(a_file(a_voucher(*rows)))).vouchers
    assert [row.amount for row in read.rows] == [row.amount for row in rows]
    assert read.difference == 0
    assert sie_parse_line(f"#X {sie_field(text)} sist")[2] == "sist"


def test_voucher_that_does_not_balance_or_has_parts_of_an_ore_is_refused() -> None:
    with pytest.raises(Unbalanced):
        sie_voucher(a_voucher(TransRow("1510", D(1))))
    with pytest.raises(ValueError, match="parts of an öre"):
        sie_voucher(a_voucher(TransRow("1510", D("0.001")), TransRow("3001", D("-0.001"))))
    content = write_sie(a_file()) + b'#VER A 1 20261120 "x"\r\n{\r\n#TRANS 1510 {} 1.00\r\n}\r\n'
    with pytest.raises(Unbalanced):
        read_sie(content)


HEAD = "#FLAGGA 0\n#SIETYP 4\n#GEN 20261120\n#FNAMN Bolaget\n"

BAD = [
    ("#SIETYP 1\n#FNAMN x\n", "only type 4"),
    ("#SIETYP 4\n#GEN 20261120\n", "names no company"),
    (HEAD + "skräp\n", "begins with no label"),
    (HEAD + '#KONTO 1510 "öppen\n', "cannot be read"),
    (HEAD + "#KONTO 1510\n", "cannot be read"),
    (HEAD + "#VER A 1 20261120\n", "has no block"),
    (HEAD + "#VER A 1 20261120\n#KONTO 1 x\n", "has no block"),
    (HEAD + "#VER A 1 20261120\n{\n#TRANS 1 {} 0\n", "never closed"),
    (HEAD + "#VER A 1 2026-11-20\n{\n}\n", "no date of SIE"),
    (HEAD + "#VER A 1 20261340\n{\n}\n", "no day of the calendar"),
    (HEAD + "#IB 0 1510 mycket\n", "cannot be read"),
]


@pytest.mark.parametrize(("text", "said"), BAD, ids=[f"{number} {said}" for number, (_, said) in enumerate(BAD)])
def test_what_is_no_sie_file_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(NotSie, match=said):
        read_sie(text.encode("cp437"))


def test_unknown_labels_and_their_blocks_are_passed_over() -> None:
    text = (
        HEAD
        + "#SIETYP 4I\n\n#UNDERLIG\n{\n#X 1\n}\n#VER A 1 20261120 Text\n\n{\n\n#OKÄND 1 2\n#TRANS 1510 5,50\n#TRANS 3001 {} -5.50 20261121 rad\n}\n"
    )
    read = read_sie(text.encode())
    assert read.sie_type == "4I"
    assert [row.amount for row in read.vouchers[0].rows] == [D("5.50"), D("-5.50")]
    assert read.program == ("", "")


def test_fields_and_amounts_that_cannot_be_are_refused() -> None:
    for call in (lambda: sie_field(7), lambda: sie_amount(D("NaN")), lambda: read_amount("x"), lambda: read_amount("NaN")):  # type: ignore[arg-type]
        with pytest.raises(ValueError):  # noqa: PT011 - the sentence differs, the refusal is the point
            call()
    with pytest.raises(ValueError, match="not closed"):
        sie_parse_line("#TRANS {1 2")
    assert read_amount("-0,00") == 0
    assert str(read_amount("-0,00")) == "0.00"


def test_letters_that_the_code_page_lacks_become_their_nearest_and_bytes_tell_their_encoding() -> None:
    """accounting.md 11: PC8 in name, but files come as UTF-8 and Latin-1 too."""
    assert sie_text("Ø § € –") == "O par. EUR -"
    assert sie_text("ŝ漢") == "s?"
    assert read_bytes("Åäö".encode()) == "Åäö"
    assert read_bytes("Räksmörgås".encode("cp437")) == "Räksmörgås"
    assert read_bytes("Räksmörgås".encode("latin-1")) == "Räksmörgås"
