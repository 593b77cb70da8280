"""Files of lines and columns: which signs they are written in, what divides the columns, and each line with its number.

A file is opened twice: once to the end to see that it can be read at all, so that nothing of a broken file is imported, and once
for its lines. No more than one line is held at a time. What is wrong with the file as a whole is a SettingsError that names the
line; what is wrong with one line is said of that line by `columns`.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from brygga.errors import SettingsError

LARGEST_FILE = 200 * 1024 * 1024
"""Bytes. A register of 100,000 articles is about 10 MB; what is larger than this is another kind of file."""

LONGEST_LINE = 100_000
MOST_COLUMNS = 500
SEPARATORS = (";", "\t", ",", "|")
ENCODINGS = ("utf-8", "cp1252", "utf-16", "cp850", "mac_roman", "iso8859_15")

# å, ä, ö of DOS and of old Macs between letters, as they look when they are taken for Windows-1252; and of UTF-8 likewise. Only
# between letters, as a closing quotation mark or a trade mark after a word is nothing strange.
_OTHER = re.compile(r"(?<=[A-Za-z])[†„”™](?=[A-Za-z])|(?<=[a-z])[ŒŠ€](?=[a-z])")
_TWICE = re.compile(r"Ã[¥¤¶…„–©]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number in the file (the first is 1), its cells as text, and the places of cells that hold a formula."""

    number: int
    cells: Sequence[str]
    formulas: frozenset[int] = frozenset()


class Table(Protocol):
    """A file of lines and columns, readable as often as one likes."""

    path: Path
    header: Sequence[str]
    header_line: int

    def lines(self) -> Iterator[Line]:
        """Yield the lines below the header that are not empty."""


def open_table(path: Path, *, encoding: str = "", separator: str = "", sheet: str = "") -> Table:
    """Open a CSV or Excel file; what is left out is found out. Raises SettingsError saying what is wrong and in which line."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise SettingsError(
            "{file} cannot be read: {why}.", repair="Check the path and its rights.", file=path, why=error.strerror
        ) from None
    if size == 0:
        raise SettingsError("{file} is empty.", repair="Choose the file that was exported.", file=path)
    if size > LARGEST_FILE:
        raise SettingsError(
            "{file} has {size} MB, and the most that is read is {most} MB.",
            repair="Choose the right file, or divide it into several, each with the header.",
            file=path,
            size=size // 1_000_000,
            most=LARGEST_FILE // 1_000_000,
        )
    if start.startswith(b"PK\x03\x04"):
        from brygga.clients.mobigo.workbooks import WorkbookTable

        if not zipfile.is_zipfile(path):
            raise SettingsError("{file} is a workbook that is broken or cut off.", repair="Save it anew in Excel.", file=path)
        return WorkbookTable(path, sheet)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise SettingsError("{file} is a workbook of an old Excel (.xls).", repair="Save it as .xlsx or CSV.", file=path)
    return CsvTable(path, encoding, separator)


class CsvTable:
    """A text file with a header and divided columns."""

    def __init__(self, path: Path, encoding: str = "", separator: str = "") -> None:
        """Read the file to its end to be sure of its signs, then its header. Raises SettingsError."""
        self.path = path
        if encoding and encoding not in ENCODINGS:
            raise SettingsError(
                "{encoding} is not one of the encodings.", repair="Allowed: {known}.", encoding=encoding, known=", ".join(ENCODINGS)
            )
        self.encoding = encoding or _encoding_of(path)
        self._read_through(chosen=bool(encoding))
        first = self._first_line()
        self._skip = 1 if re.fullmatch(r"sep=.", first) else 0
        if self._skip:
            separator = separator or first[-1]
            first = next(islice(self._text(), 1, None), "")
        self.separator = separator or _separator_of(first, path)
        header = next(self._parsed(), None)
        if header is None or not any(cell.strip() for cell in header.cells):
            raise SettingsError("{file} has no header in line 1.", repair="The first line names the columns.", file=path)
        self.header: Sequence[str] = [cell.strip() for cell in header.cells]
        self.header_line = header.number
        if len(self.header) == 1 and any(sign in self.header[0] for sign in SEPARATORS):
            raise SettingsError(
                "{file}: “{separator}” does not divide line {line}: {text}.",
                repair="Name the sign that divides the columns: semicolon, comma or tab.",
                file=path,
                separator=self.separator,
                line=self.header_line,
                text=self.header[0][:80],
            )

    def lines(self) -> Iterator[Line]:
        """Yield the lines below the header that are not empty."""
        lines = self._parsed()
        next(lines, None)
        for line in lines:
            if any(cell.strip() for cell in line.cells):
                yield line

    def _parsed(self) -> Iterator[Line]:
        text = islice(self._text(), self._skip, None)
        reader = csv.reader(text, delimiter=self.separator, strict=True)
        begins = 1 + self._skip
        try:
            for cells in reader:
                found = frozenset(place for place, cell in enumerate(cells) if cell.lstrip().startswith("="))
                yield Line(begins, cells, found)
                begins = reader.line_num + 1 + self._skip
        except csv.Error:
            raise SettingsError(
                "{file}: line {line} cannot be divided into columns: a quotation mark is opened and not closed, or the line is too long.",
                repair="Correct the line, or save the file anew.",
                file=self.path,
                line=begins,
            ) from None

    def _text(self) -> Iterator[str]:
        with self.path.open(encoding=self.encoding, newline="") as file:
            yield from iter(lambda: file.readline(LONGEST_LINE), "")

    def _first_line(self) -> str:
        return next(self._text(), "").strip()

    def _read_through(self, *, chosen: bool) -> None:
        """Read all lines once. Raises SettingsError with the line at which the file turns out to be something else."""
        number = 0
        try:
            for number, text in enumerate(self._text(), 1):
                if len(text) >= LONGEST_LINE:
                    raise SettingsError(
                        "{file}: line {line} has more than {most} characters; this is no list of records.",
                        repair="Choose the file that was exported.",
                        file=self.path,
                        line=number,
                        most=LONGEST_LINE,
                    )
                garbled = "\x00" in text or _TWICE.search(text) or (not chosen and _garbled(text, self.encoding))
                if garbled:
                    raise self._unreadable(number)
        except UnicodeError:
            raise self._unreadable(_undecodable(self.path, self.encoding, number + 1)) from None

    def _unreadable(self, number: int) -> SettingsError:
        return SettingsError(
            "{file}: line {line} does not read as {encoding}: its letters are written in another way. Nothing was imported.",
            repair="Save the file as CSV UTF-8, or name its encoding: {known}.",
            file=self.path,
            line=number,
            encoding=self.encoding,
            known=", ".join(ENCODINGS),
        )


def _encoding_of(path: Path) -> str:
    """Return UTF-8 or UTF-16 where the file says so or reads as such, else the one of Swedish Windows."""
    with path.open("rb") as file:
        start = file.read(3)
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        if start == b"\xef\xbb\xbf":
            return "utf-8-sig"
    try:
        with path.open(encoding="utf-8") as text:
            while text.read(1 << 16):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _undecodable(path: Path, encoding: str, at_least: int) -> int:
    """Return the line that cannot be decoded: text is decoded in blocks, so the decoder itself is too early."""
    if encoding == "utf-16":
        return at_least
    with path.open("rb") as file:
        for number, raw in enumerate(iter(lambda: file.readline(1 << 20), b""), 1):
            try:
                raw.decode(encoding)
            except UnicodeDecodeError:
                return number
    return at_least


def _garbled(text: str, encoding: str) -> bool:
    return encoding == "cp1252" and bool(_OTHER.search(text))


def _separator_of(first: str, path: Path) -> str:
    """Return the sign that divides the first line into the most columns."""
    counts = {sign: len(next(csv.reader([first], delimiter=sign), [])) for sign in SEPARATORS}
    best = max(SEPARATORS, key=lambda sign: counts[sign])
    if counts[best] > MOST_COLUMNS:
        raise SettingsError(
            "{file} has {count} columns.", repair="Choose the file that was exported.", file=path, count=counts[best]
        )
    return best
