"""Files of articles and customers: their signs, their columns, their lines, and what is said of broken ones."""

from __future__ import annotations

import os
import tracemalloc
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from brygga.clients.mobigo.columns import Entry, Fault, entries, place
from brygga.clients.mobigo.tables import LARGEST_FILE, CsvTable, open_table
from brygga.errors import SettingsError

HEADER = "Artikelnummer;Benämning;Enhet;Pris"
GOOD = f"{HEADER}\r\n100;Rörböj å ä ö;st;12,50\r\n101;Packning;st;1 234,5\r\n"


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def make(content: str | bytes, encoding: str = "utf-8", name: str = "artiklar.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return make


def read(path: Path, kind: str = "article", chosen: dict[str, str] | None = None, **how: str) -> tuple[list[Entry], list[Fault]]:
    table = open_table(path, **how)
    found = list(entries(table, place(table, kind, chosen or {})))
    return [one for one in found if isinstance(one, Entry)], [one for one in found if isinstance(one, Fault)]


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Artiklar")
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_usual_signs_are_recognised(write: Any, encoding: str) -> None:
    good, bad = read(write(GOOD, encoding))
    assert [entry.values["name"] for entry in good] == ["Rörböj å ä ö", "Packning"]
    assert good[1].values["price"] == Decimal("1234.5")
    assert bad == []


def test_signs_of_dos_and_mac_are_read_when_they_are_named(write: Any) -> None:
    for encoding in ("cp850", "mac_roman"):
        good, _ = read(write(GOOD, encoding), encoding=encoding)
        assert good[0].values["name"] == "Rörböj å ä ö"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (f"{HEADER}\n100;A;st;1\n101;R\u00f6rb\u00f6j;st;1\n".replace("ä", "a").encode("cp850"), "line 3"),
        (f"{HEADER}\n100;Rörböj;st;1\n".encode().decode("cp1252").encode(), "line 1"),
        (HEADER.encode() + b"\n100;A\x00B;st;1\n", "line 2"),
        (b"\xff\xfea", "line 1"),
    ],
)
def test_wrong_signs_refuse_the_file_and_name_the_line(write: Any, content: bytes, line: str) -> None:
    with pytest.raises(SettingsError) as refused:
        open_table(write(content))
    assert line in str(refused.value)


def test_utf8_that_is_said_to_be_another_is_refused_with_its_line(write: Any) -> None:
    with pytest.raises(SettingsError) as refused:
        open_table(write("Artikelnummer;Namn\n1;A\n2;Rör\n", "cp1252"), encoding="utf-8")
    assert "line 3" in str(refused.value)


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_separators_are_recognised(write: Any, separator: str) -> None:
    good, _ = read(write(f"Artikelnummer{separator}Benämning\n100{separator}Rör\n"))
    assert good[0].values == {"number": "100", "name": "Rör"}


def test_excels_own_line_about_the_separator_is_understood(write: Any) -> None:
    good, _ = read(write("sep=|\nArtikelnummer|Benämning\n100|Rör; 15 mm, krom\n"))
    assert (good[0].line, good[0].values["name"]) == (3, "Rör; 15 mm, krom")


def test_wrong_separator_is_a_sentence_with_the_line(write: Any) -> None:
    with pytest.raises(SettingsError) as refused:
        open_table(write(GOOD), separator=",")
    assert "does not divide line 1" in str(refused.value)


def test_quoted_cells_keep_line_breaks_and_lines_keep_their_numbers(write: Any) -> None:
    good, bad = read(write(f'{HEADER}\n100;"Rör\n15 mm";st;1\n\n101;;st;1\n102;Nippel;st;1\n'))
    assert [(entry.line, entry.values["number"]) for entry in good] == [(2, "100"), (6, "102")]
    assert [fault.line for fault in bad] == [5]


def test_quotation_mark_that_is_not_closed_is_a_sentence_with_the_line(write: Any) -> None:
    table = open_table(write(f'{HEADER}\n100;Rör;st;1\n101;"Nippel;st;1\n'))
    with pytest.raises(SettingsError) as refused:
        list(table.lines())
    assert "line 3" in str(refused.value)


def test_empty_missing_and_headless_files_are_sentences(write: Any, tmp_path: Path) -> None:
    for content, said in (("", "empty"), ("\n\n", "no header"), ("100\n101\n", "no column for Artikelnummer")):
        with pytest.raises(SettingsError) as refused:
            read(write(content))
        assert said in str(refused.value)
    with pytest.raises(SettingsError):
        open_table(tmp_path / "gone.csv")


def test_file_of_a_gigabyte_is_refused_without_being_read(write: Any) -> None:
    path = write(GOOD)
    os.truncate(path, 1_000_000_000)
    tracemalloc.start()
    with pytest.raises(SettingsError) as refused:
        open_table(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "1000 MB" in str(refused.value)
    assert peak < 1_000_000
    assert LARGEST_FILE < 1_000_000_000


BAD_LINES = [
    (";Rör;st;1", "Artikelnummer is empty"),
    ("100;;st;1", "Benämning is empty"),
    ("100;Rör;st;tolv", "Pris “tolv” is not a number"),
    ("100;Rör;st;1.2.3", "Pris “1.2.3” is not a number"),
    ("100;Rör;st;-1", "Pris “-1” is negative"),
    ("100;Rör;st;1e400", "is not a number"),
    ("1,23457E+12;Rör;st;1", "has been shortened by a spreadsheet"),
    ("A 100;Rör;st;1", "has signs that Fortnox does not take"),
    ("100;=SUMMA(A1:A9);st;1", "holds a formula"),
    (f"100;{'x' * 201};st;1", "Benämning is longer than 200 characters"),
    ("100;Rör;st;1;mer", "it has 5 columns and the header 4"),
]


@pytest.mark.parametrize(("line", "said"), BAD_LINES, ids=[said for _, said in BAD_LINES])
def test_bad_line_is_listed_with_its_number_and_the_rest_is_read(write: Any, line: str, said: str) -> None:
    good, bad = read(write(f"{HEADER}\n{line}\n200;Nippel;st;1\n"))
    assert [(fault.line, said in str(fault.sentence), "line 2" in str(fault.sentence)) for fault in bad] == [(2, True, True)]
    assert [entry.values["number"] for entry in good] == ["200"]


@pytest.mark.parametrize(
    ("written", "number"),
    [("12,50", "12.50"), ("12.50", "12.50"), ("1 234,50 kr", "1234.50"), ("1\u00a0234,5", "1234.5"), ("1.234,50", "1234.50"),
     ("1,234.50", "1234.50"), ("7:-", "7.0"), ("0", "0.0")],
)  # fmt: skip
def test_prices_are_read_as_they_are_written(write: Any, written: str, number: str) -> None:
    good, _ = read(write(f'{HEADER}\n100;Rör;st;"{written}"\n'))
    assert good[0].values["price"] == Decimal(number)


def test_unknown_columns_are_told_and_held_by_what_a_person_says(write: Any) -> None:
    path = write("Vårt nr;Vad;Hylla;Pris\n100;Rör;B2;1\n")
    with pytest.raises(SettingsError) as refused:
        read(path)
    assert "Vårt nr, Vad, Hylla, Pris" in str(refused.value)
    chosen = {"Vårt nr": "number", "Vad": "name"}
    good, _ = read(path, chosen=chosen)
    assert good[0].values == {"number": "100", "name": "Rör", "price": Decimal("1.0")}
    table = open_table(path)
    assert place(table, "article", chosen).unknown == ("Hylla",)
    assert place(table, "article", {**chosen, "Hylla": ""}).unknown == ()
    with pytest.raises(SettingsError):
        place(table, "article", {**chosen, "Hylla": "shelf"})


def test_two_columns_for_one_field_are_a_question_to_the_person(write: Any) -> None:
    path = write("Artikelnummer;Benämning;Namn\n100;Rör;Röret\n")
    with pytest.raises(SettingsError) as refused:
        read(path)
    assert "two columns" in str(refused.value)
    assert read(path, chosen={"Namn": ""})[0][0].values["name"] == "Rör"


def test_workbook_reads_as_the_same_lines_and_formulas_are_faults(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Artikelnummer", "Benämning", "Enhet", "Pris"],
        [100, "Rör å", "st", 12.1],
        [],
        ["A-1", "Nippel", None, "=B2*2"],
    ]
    good, bad = read(workbook(tmp_path / "a.xlsx", rows))
    assert [entry.values for entry in good] == [{"number": "100", "name": "Rör å", "unit": "st", "price": Decimal("12.1")}]
    assert [(fault.line, "formula" in str(fault.sentence)) for fault in bad] == [(4, True)]


def test_broken_workbooks_are_sentences(write: Any, tmp_path: Path) -> None:
    whole = workbook(tmp_path / "whole.xlsx", [["Artikelnummer", "Benämning"], *[[n, "Rör"] for n in range(500)]]).read_bytes()
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as other:
        other.writestr("hello.txt", "no workbook")
    empty = workbook(tmp_path / "empty.xlsx", [])
    for path in (write(whole[: len(whole) // 2], name="cut.xlsx"), tmp_path / "other.xlsx", empty, write(b"\xd0\xcf\x11\xe0" * 9)):
        with pytest.raises(SettingsError):
            open_table(path)
    with pytest.raises(SettingsError) as refused:
        open_table(tmp_path / "whole.xlsx", sheet="Blad9")
    assert "Artiklar" in str(refused.value)


def test_workbook_that_would_fill_the_memory_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "bomb.xlsx", [["Artikelnummer", "Benämning"], *[[n, "0" * 200] for n in range(500)]])
    monkeypatch.setattr("brygga.clients.mobigo.workbooks.LARGEST_UNPACKED", 50_000)
    with pytest.raises(SettingsError) as refused:
        open_table(path)
    assert "too large when it is unpacked" in str(refused.value)


def test_thirty_thousand_lines_are_read_in_the_memory_of_one(tmp_path: Path) -> None:
    path = tmp_path / "stor.csv"
    with path.open("w", encoding="cp1252") as file:
        file.write(HEADER + "\n")
        file.writelines(f"{n};Rördel å {n};st;{n % 997},50\n" for n in range(30_000))
    tracemalloc.start()
    table = open_table(path)
    count = sum(isinstance(one, Entry) for one in entries(table, place(table, "article", {})))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 30_000
    assert peak < 3_000_000


def test_customers_are_read_by_their_usual_headers(write: Any) -> None:
    good, _ = read(
        write("Kundnr,Namn,Org.nr,E-post,Postnr,Ort\n1042,Alm AB,556016-0680,info@alm.example,352 30,Växjö\n"), "customer"
    )
    assert good[0].values["invoice_city"] == "Växjö"
    assert isinstance(open_table(write(GOOD)), CsvTable)
