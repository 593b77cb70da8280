"""Excel files (.xlsx), a row at a time; formulas are seen as such and never reckoned."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from brygga.clients.mobigo.tables import MOST_COLUMNS, Line
from brygga.errors import SettingsError

LARGEST_UNPACKED = 1_500_000_000
"""Bytes of a workbook's parts when they are unpacked: more is a file made to fill a memory."""


class WorkbookTable:
    """The first sheet of a workbook, or the one that is named; the first row that is not empty is the header."""

    def __init__(self, path: Path, sheet: str = "") -> None:
        """Read to the end once, to be sure that all of it can be read. Raises SettingsError."""
        self.path = path
        self._sheet = sheet
        with zipfile.ZipFile(path) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
                raise SettingsError("{file} is too large when it is unpacked.", repair="Save it as CSV.", file=path)
        header: Line | None = None
        for line in self._rows():
            header = header or line
        if header is None:
            raise SettingsError("{file} has an empty sheet.", repair="Name the sheet that holds the records.", file=path)
        self.header: Sequence[str] = [cell.strip() for cell in header.cells]
        self.header_line = header.number

    def lines(self) -> Iterator[Line]:
        """Yield the rows below the header that are not empty, with their numbers in the sheet."""
        return (line for line in self._rows() if line.number > self.header_line)

    def _rows(self) -> Iterator[Line]:
        number = 0
        try:
            book = load_workbook(self.path, read_only=True, data_only=False, keep_links=False)
        except (InvalidFileException, KeyError, ValueError, OSError, ParseError, zipfile.BadZipFile):
            raise self._broken(1) from None
        try:
            if self._sheet and self._sheet not in book.sheetnames:
                raise SettingsError(
                    "{file} has no sheet “{sheet}”. It has: {known}.",
                    repair="Name one that is there.",
                    file=self.path,
                    sheet=self._sheet,
                    known=", ".join(book.sheetnames),
                )
            sheet = book[self._sheet or book.sheetnames[0]]
            for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
                cells = [_text(cell.value) for cell in row]
                while cells and not cells[-1]:
                    cells.pop()
                if cells:
                    yield Line(number, cells, frozenset(place for place, cell in enumerate(row) if cell.data_type == "f"))
        except (KeyError, ValueError, ParseError, zipfile.BadZipFile, EOFError):
            raise self._broken(number + 1) from None
        finally:
            book.close()

    def _broken(self, number: int) -> SettingsError:
        return SettingsError(
            "{file} is a workbook that cannot be read at line {line}.",
            repair="Save it anew in Excel, or as CSV.",
            file=self.path,
            line=number,
        )


def _text(value: object) -> str:
    """Return a cell as it would stand in a CSV file: whole numbers without a point, yes and no as ja and nej."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        # Excel keeps 15 digits: 12.1 comes as 12.1 and not as what a binary number adds behind them.
        number = Decimal(f"{value:.15g}")
        return format(number.normalize(), "f") if number == number.to_integral_value() else format(number, "f")
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value).strip()
