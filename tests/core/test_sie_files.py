"""SIE 4: whole files written and read back, the bytes, and what a reader refuses (accounting.md 11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brygga.core.sie import Balance, FiscalYear, NotSie, SieFile, TransRow, Unbalanced, Voucher, read_sie, sie_voucher, write_sie
from brygga.core.sie_text import read_amount, read_bytes, sie_amount, sie_bytes, sie_field, sie_parse_line, sie_text

DAY = date(2026, 4, 30)
letters = st.sampled_from("abc ÅÄÖåäöéü0123{}\"'\\/.,#-&%\t")
texts = st.text(letters, max_size=12).map(lambda text: text.replace("\t", "").rstrip("\\ "))
names = texts.filter(bool)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
ore = st.decimals(-10_000_000, 10_000_000, places=2)
accounts = st.integers(1000, 9999).map(str)
objects = st.lists(names, max_size=4).map(tuple)


@st.composite
def vouchers(draw: st.DrawFn) -> Voucher:
    day = draw(days)
    rows = draw(
        st.lists(
            st.builds(
                TransRow,
                accounts,
                ore,
                objects,
                texts,
                st.one_of(st.none(), days.filter(lambda other: other != day)),
                st.one_of(st.none(), ore),
                texts,
                st.sampled_from(["", "added", "struck"]),
            ),
            max_size=4,
        )
    )
    left = sum((row.amount for row in rows if row.mark != "struck"), Decimal(0))
    rows.append(TransRow("3740", -left))
    return Voucher(draw(names), draw(texts), day, draw(texts), tuple(rows), draw(st.one_of(st.none(), days)), draw(texts))


files = st.builds(
    SieFile,
    program=st.tuples(texts, texts),
    company=texts,
    generated=days,
    sie_type=st.sampled_from(["4", "4I"]),
    organisation_number=st.sampled_from(["", "556036-0793"]),
    years=st.lists(st.builds(FiscalYear, st.integers(-5, 0), days, days), max_size=2).map(tuple),
    accounts=st.lists(st.tuples(accounts, texts), max_size=3).map(tuple),
    dimensions=st.lists(st.tuples(names, texts), max_size=2).map(tuple),
    objects=st.lists(st.tuples(names, names, texts), max_size=2).map(tuple),
    balances=st.lists(st.builds(Balance, st.sampled_from(["IB", "UB", "RES"]), st.integers(-1, 0), accounts, ore), max_size=3).map(
        tuple
    ),
    vouchers=st.lists(vouchers(), max_size=3).map(tuple),
)


@settings(max_examples=200)
@given(files)
def test_file_that_was_written_reads_back_the_same(file: SieFile) -> None:
    assert read_sie(write_sie(file)) == file


@given(files, st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "cp437"]), st.sampled_from(["\n", "\r\n", "\r"]))
def test_file_reads_the_same_in_the_encoding_its_bytes_are(file: SieFile, encoding: str, ending: str) -> None:
    file = replace(file, company="Åkeri Ömsöå Säljägd")
    text = write_sie(file).decode("cp437").replace("\r\n", ending)
    assert read_sie(text.encode(encoding)) == file


@given(st.one_of(texts, st.text(max_size=20)))
def test_field_reads_back_as_written(text: str) -> None:
    fields = sie_parse_line(f"#X {sie_field(text)} end")
    assert len(fields) == 3
    assert sie_parse_line(f"#X {sie_field(str(fields[1]))}")[1] == fields[1]


@given(st.text(max_size=30))
def test_every_text_can_be_written_in_the_code_page(text: str) -> None:
    assert sie_bytes(text).decode("cp437") == sie_text(text)
    assert sie_text(sie_text(text)) == sie_text(text)


@given(ore)
def test_amount_reads_back_as_written(amount: Decimal) -> None:
    written = sie_amount(amount)
    assert read_amount(written) == amount
    assert written != "-0.00"
    assert "," not in written
    assert len(written.partition(".")[2]) == 2


def test_letters_that_the_code_page_lacks_do_not_break_a_field() -> None:
    voucher = Voucher("A", "1", DAY, "“Øl” – 5¨€", (TransRow("1930", Decimal(0), text="a„b"),))
    file = SieFile(("Brygga", "1"), "｛Café｝\u00a0ÅÄÖ", DAY, vouchers=(voucher,))
    read = read_sie(write_sie(file))
    assert read.company == "{Café} ÅÄÖ"
    assert (read.vouchers[0].text, read.vouchers[0].rows[0].text) == ('"Ol" - 5 EUR', 'a"b')


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('Han sa "hej"', '"Han sa \\"hej\\""'),
        ("{1}", '"{1}"'),
        ("a\\", "a\\"),
        ("a b\\\\", '"a b//"'),
        ("rad\t1\x7f", "rad1"),
        ("\n", '""'),
    ],
)
def test_field_as_it_is_written(text: str, written: str) -> None:
    assert sie_field(text) == written


@pytest.mark.parametrize(
    ("value", "written"), [("-0.004", "0.00"), ("1E+3", "1000.00"), ("12.3", "12.30"), ("-1.005", "-1.01"), ("-0", "0.00")]
)
def test_amount_as_it_is_written(value: str, written: str) -> None:
    assert sie_amount(Decimal(value)) == written


@pytest.mark.parametrize("text", ["½ ł œ Þ ı", "x\u200by", "ﬁ", "𝓐", "é"])
def test_letters_are_replaced_by_their_likes(text: str) -> None:
    assert sie_text(text) == {"½ ł œ Þ ı": "½ l oe Th i", "x\u200by": "xy", "ﬁ": "fi", "𝓐": "A", "é": "é"}[text]


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("-Infinity"), Decimal(10) ** 20, 1.5, "1", None])
def test_amount_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="an amount of SIE is a finite decimal number"):
        sie_amount(value)  # type: ignore[arg-type]


def test_field_that_is_no_text_and_amount_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(ValueError, match="a field of SIE is text, not int"):
        sie_field(1510)  # type: ignore[arg-type]
    for text in ("", "abc"):
        with pytest.raises(ValueError, match="is no amount"):
            read_amount(text)
    for text in ("NaN", "1E+30"):
        with pytest.raises(ValueError, match="is no amount of a ledger"):
            read_amount(text)
    assert str(read_amount("-0,00")) == "0.00"


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("", []),
        ('\t#KONTO\t1510  \t Kund\\"fordringar ', ["#KONTO", "1510", 'Kund"fordringar']),
        ("#TRANS 1 {}5", ["#TRANS", "1", [], "5"]),
        ('#X {a"b c"}', ["#X", ['a"b', 'c"']]),
        ('#X "{"}', ["#X", "{", "}"]),
        ('#X "a\\b"', ["#X", "a\\b"]),
    ],
)
def test_line_is_parted_into_fields(line: str, tokens: list[object]) -> None:
    assert sie_parse_line(line) == tokens


def test_quote_or_brace_that_never_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="a quote is not closed"):
        sie_parse_line('#KONTO 1510 "Kund')
    with pytest.raises(ValueError, match="an object list is not closed"):
        sie_parse_line("#TRANS 1510 {1 2")


def test_unbalanced_voucher_is_not_written() -> None:
    rows = (TransRow("1930", Decimal("99.50")), TransRow("1510", Decimal("-100.00")))
    with pytest.raises(Unbalanced, match=r"voucher B6 does not balance: debit and credit differ by -0\.50") as caught:
        sie_voucher(Voucher("B", "6", DAY, "Fel", rows))
    assert caught.value.difference == Decimal("-0.50")


def test_parts_of_an_ore_are_not_written() -> None:
    rows = (TransRow("1930", Decimal("0.005")), TransRow("1510", Decimal("-0.005")))
    with pytest.raises(ValueError, match=r"voucher without number has parts of an öre on account 1930: 0\.005"):
        sie_voucher(Voucher("", "", DAY, "Fel", rows))


def test_added_and_struck_rows_are_shown_and_only_the_added_count() -> None:
    rows = (
        TransRow("1930", Decimal(5), ("1", "A 1"), "rad", mark="added", quantity=Decimal("1.5"), signature="anna"),
        TransRow("1930", Decimal(7), mark="struck"),
        TransRow("3001", Decimal(-5)),
    )
    voucher = Voucher("A", "1", DAY, "", rows, signature="bo")
    assert sie_voucher(voucher) == [
        '#VER A 1 20260430 "" "" bo',
        "{",
        '#RTRANS 1930 {1 "A 1"} 5.00 20260430 rad 1.5 anna',
        '#TRANS 1930 {1 "A 1"} 5.00 20260430 rad 1.5 anna',
        "#BTRANS 1930 {} 7.00 20260430",
        "#TRANS 3001 {} -5.00 20260430",
        "}",
    ]


HEAD = "#FLAGGA 0\n#SIETYP 4\n#GEN 20260430\n#FNAMN Ek\n"


def read(text: str) -> SieFile:
    return read_sie(text.encode())


def test_labels_and_blocks_that_are_not_known_are_left_out() -> None:
    body = (
        "#omfattn 20261231\n#KSUMMA\n#UNKNOWN 1\n{\n#INNER 2\n\n}\n#VER A 1 20260430\n\n{\n#NOTE x\n"
        "#trans 1930 {} 1,00\n#TRANS 3001 -1.00 20260430\n}\n"
    )
    file = read(HEAD.lower().replace("ek", "Ek").replace("#sietyp 4", "#SIETYP 4e") + body)
    assert [row.amount for row in file.vouchers[0].rows] == [1, -1]
    assert (file.company, file.sie_type, file.program) == ("Ek", "4", ("", ""))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "SIE type unknown"),
        ("#SIETYP 1", "the file is SIE type 1; only type 4 holds vouchers"),
        ("#SIETYP 4", "names no company"),
        ("#SIETYP 4\n#FNAMN", "names no company"),
        ("#SIETYP 4\n#FNAMN Ek", "does not say when it was made"),
        ("#SIETYP 4\n#FNAMN Ek\n#GEN 20260231", "'20260231' is no day of the calendar"),
        (HEAD + "hello", "line 5 of the SIE file begins with no label: 'hello'"),
        (HEAD + '#KONTO 1510 "Kund', "line 5 of the SIE file cannot be read: a quote is not closed"),
        (HEAD + "#KONTO 1510", "line 5 of the SIE file lacks a field"),
        (HEAD + "#IB 0 1510 abc", "line 5 of the SIE file cannot be read: 'abc' is no amount"),
        (HEAD + "#RAR 0 2026 2027", "'2026' is no date of SIE"),
        (HEAD + "#VER A 1 20260430", "voucher A1 has no block of rows"),
        (HEAD + "#VER A 1 20260430\n#VER A 2 20260430", "voucher A1 has no block of rows"),
        (HEAD + "#VER A 1 20260430\n{\n#TRANS 1930", "the block that opens on line 6 of the SIE file is never closed"),
        (HEAD + "#VER A 1 20260430\n{\n#TRANS 1930 {}\n}", "needs an account and an amount"),
        (HEAD + "#VER A 1 20260430\n{\n#TRANS 1930 {} 1.00\n}", "voucher A1 does not balance"),
    ],
)
def test_file_that_cannot_be_read_says_where_and_why(text: str, sentence: str) -> None:
    with pytest.raises((NotSie, Unbalanced), match=sentence):
        read(text)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda text: (HEAD + text).encode())))
def test_garbage_is_read_or_refused_but_never_breaks_the_reader(content: bytes) -> None:
    try:
        said = read_sie(content).company
    except (NotSie, Unbalanced) as error:
        said = str(error)
    assert isinstance(said, str)


def test_file_without_swedish_letters_is_read_as_it_is() -> None:
    assert read_bytes(b"plain") == "plain"
    assert read_bytes("Café".encode("cp437")) == "Café"
    assert read_bytes("Øl på hørnet".encode("latin-1")) == "Øl på hørnet"
