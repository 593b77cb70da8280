"""SIE 4, the Swedish text format of ledgers: whole files, written and read (accounting.md 11).

Type 4 holds everything of a year, type 4I vouchers only, for import. Labels that we do not know are left out when reading.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeAlias, TypeVar, cast

from brygga.core.money import round_ore
from brygga.core.sie_text import Part, read_amount, read_bytes, sie_amount, sie_bytes, sie_field, sie_parse_line, sie_text

Mark: TypeAlias = Literal["", "added", "struck"]
Day: TypeAlias = date
SieType: TypeAlias = Literal["4", "4I"]


class Unbalanced(ValueError):
    """The rows of a voucher do not add up to zero; `difference` is what they add up to."""

    def __init__(self, voucher: str, difference: Decimal) -> None:
        self.difference = difference
        super().__init__(f"voucher {voucher} does not balance: debit and credit differ by {sie_amount(difference)}")


class NotSie(ValueError):
    """The file is no SIE 4, or a line of it says what the format does not allow. The sentence names the line."""


@dataclass(frozen=True, slots=True)
class TransRow:
    """One row of a voucher: debit positive, credit negative, two decimals.

    objects   fields of the object list: dimension, object, dimension, object (1 cost centre, 6 project)
    date      the row's own date, None for the voucher's
    mark      "added" (#RTRANS) or "struck" (#BTRANS) after the voucher was made; struck rows count no more
    """

    account: str
    amount: Decimal
    objects: tuple[str, ...] = ()
    text: str = ""
    date: Day | None = None
    quantity: Decimal | None = None
    signature: str = ""
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher (verifikation). `number` is "" in a file of type 4I: the receiver numbers it."""

    series: str
    number: str
    date: Day
    text: str
    rows: tuple[TransRow, ...]
    registered: dt.date | None = None
    signature: str = ""

    @property
    def difference(self) -> Decimal:
        """What the rows that count add up to."""
        return sum((row.amount for row in self.rows if row.mark != "struck"), Decimal(0))


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """A fiscal year: 0 is this year, -1 the last one."""

    index: int
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Balance:
    """A balance of an account in a year, in kronor: opening (IB), closing (UB) or the result of an income account (RES)."""

    label: Literal["IB", "UB", "RES"]
    year: int
    account: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SieFile:
    """What one file holds; tuples keep the order of the file."""

    program: tuple[str, str]
    company: str
    generated: date
    sie_type: SieType = "4"
    organisation_number: str = ""
    years: tuple[FiscalYear, ...] = ()
    accounts: tuple[tuple[str, str], ...] = ()
    dimensions: tuple[tuple[str, str], ...] = ()
    objects: tuple[tuple[str, str, str], ...] = ()
    balances: tuple[Balance, ...] = ()
    vouchers: tuple[Voucher, ...] = ()


# Writing -----------------------------------------------------------------------------------------------------------------------


def _day(day: date) -> str:
    return day.strftime("%Y%m%d").rjust(8, "0")


def _line(label: str, *texts: str) -> str:
    return " ".join((label, *(sie_field(text) for text in texts)))


def sie_voucher(voucher: Voucher) -> list[str]:
    """Return the lines of a voucher. Raises Unbalanced when it does not add up to zero, ValueError for parts of an öre."""
    name = f"{voucher.series}{voucher.number}" or "without number"
    if voucher.difference:
        raise Unbalanced(name, voucher.difference)
    for row in voucher.rows:
        if row.amount != round_ore(row.amount):
            raise ValueError(f"voucher {name} has parts of an öre on account {row.account}: {row.amount}")
    head = [_line("#VER", voucher.series, voucher.number, _day(voucher.date), voucher.text)]
    if voucher.registered or voucher.signature:
        head.append(sie_field(_day(voucher.registered) if voucher.registered else ""))
    if voucher.signature:
        head.append(sie_field(voucher.signature))
    return [" ".join(head), "{", *(line for row in voucher.rows for line in _row_lines(row, voucher.date)), "}"]


def _row_lines(row: TransRow, voucher_date: date) -> Iterator[str]:
    """Yield the row's line; an added row is repeated as #TRANS for readers that do not know #RTRANS."""
    objects = " ".join(sie_field(text) for text in row.objects)
    fields = [sie_field(row.account), "{" + objects + "}", sie_amount(row.amount), _day(row.date or voucher_date)]
    rest = [row.text, "" if row.quantity is None else f"{row.quantity:f}", row.signature]
    while rest and not rest[-1]:
        rest.pop()
    written = " ".join([*fields, *(sie_field(text) for text in rest)])
    if row.mark == "struck":
        yield f"#BTRANS {written}"
        return
    if row.mark == "added":
        yield f"#RTRANS {written}"
    yield f"#TRANS {written}"


def sie_lines(file: SieFile) -> Iterator[str]:
    """Yield the lines of a file, head first. Raises as `sie_voucher`."""
    yield "#FLAGGA 0"
    yield _line("#PROGRAM", *file.program)
    yield "#FORMAT PC8"
    yield _line("#GEN", _day(file.generated))
    yield _line("#SIETYP", file.sie_type)
    if file.organisation_number:
        yield _line("#ORGNR", file.organisation_number)
    yield _line("#FNAMN", file.company)
    for year in file.years:
        yield _line("#RAR", str(year.index), _day(year.start), _day(year.end))
    for number, name in file.accounts:
        yield _line("#KONTO", number, name)
    for number, name in file.dimensions:
        yield _line("#DIM", number, name)
    for dimension, number, name in file.objects:
        yield _line("#OBJEKT", dimension, number, name)
    for balance in file.balances:
        yield _line(f"#{balance.label}", str(balance.year), balance.account, sie_amount(balance.amount))
    for voucher in file.vouchers:
        yield from sie_voucher(voucher)


def write_sie(file: SieFile) -> bytes:
    """Return a whole file in code page 437, lines ended by CR LF. Raises as `sie_voucher`."""
    return b"".join(sie_bytes(line) + b"\r\n" for line in sie_lines(_in_letters(file)))


T = TypeVar("T")


def _in_letters(part: T) -> T:
    """Return a part of a file with its texts in the letters of the code page, before quotes are set around them."""
    if isinstance(part, str):
        return cast(T, sie_text(part))
    if isinstance(part, tuple):
        return cast(T, tuple(_in_letters(one) for one in part))
    if is_dataclass(part) and not isinstance(part, type):
        return cast(T, replace(part, **{one.name: _in_letters(getattr(part, one.name)) for one in fields(part)}))
    return part


# Reading -----------------------------------------------------------------------------------------------------------------------


def read_sie(content: bytes) -> SieFile:
    """Read a whole file of type 4 or 4I, in whatever encoding its bytes are.

    Raises NotSie for a file that is none or a line that cannot be read, Unbalanced for a voucher that does not add up to zero.
    """
    lines = read_bytes(content).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _Reader(lines).file()


class _Reader:
    """One pass over the lines of a file."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.number = 0
        self.head: dict[str, list[str]] = {}
        self.years: list[FiscalYear] = []
        self.accounts: list[tuple[str, str]] = []
        self.dimensions: list[tuple[str, str]] = []
        self.objects: list[tuple[str, str, str]] = []
        self.balances: list[Balance] = []
        self.vouchers: list[Voucher] = []

    def file(self) -> SieFile:
        """Read all lines. The voucher's block follows its line; blocks of labels we do not know are passed over."""
        for tokens in self._records():
            try:
                self._record(str(tokens[0]).upper(), tokens)
            except (Unbalanced, NotSie):
                raise
            except ValueError as error:
                raise NotSie(f"line {self.number} of the SIE file cannot be read: {error}") from error
            except IndexError as error:
                raise NotSie(f"line {self.number} of the SIE file lacks a field") from error
        return self._result()

    def _records(self) -> Iterator[list[Part]]:
        while self.number < len(self.lines):
            line = self.lines[self.number].strip()
            self.number += 1
            if line.startswith("#"):
                yield self._tokens(line)
            elif line == "{":
                self._block()
            elif line:
                raise NotSie(f"line {self.number} of the SIE file begins with no label: {line[:40]!r}")

    def _tokens(self, line: str) -> list[Part]:
        try:
            return sie_parse_line(line)
        except ValueError as error:
            raise NotSie(f"line {self.number} of the SIE file cannot be read: {error}") from error

    def _block(self) -> list[list[Part]]:
        """Return the lines up to the closing brace; the opening one is read."""
        opened = self.number
        rows: list[list[Part]] = []
        while self.number < len(self.lines):
            line = self.lines[self.number].strip()
            self.number += 1
            if line == "}":
                return rows
            if line:
                rows.append(self._tokens(line))
        raise NotSie(f"the block that opens on line {opened} of the SIE file is never closed")

    def _record(self, label: str, tokens: list[Part]) -> None:
        texts = [token for token in tokens[1:] if isinstance(token, str)]
        if label == "#VER":
            self._voucher(texts)
        elif label in ("#IB", "#UB", "#RES"):
            name: Literal["IB", "UB", "RES"] = "IB" if label == "#IB" else "UB" if label == "#UB" else "RES"
            self.balances.append(Balance(name, int(texts[0]), texts[1], read_amount(texts[2])))
        elif label == "#KONTO":
            self.accounts.append((texts[0], texts[1]))
        elif label == "#DIM":
            self.dimensions.append((texts[0], texts[1]))
        elif label == "#OBJEKT":
            self.objects.append((texts[0], texts[1], texts[2]))
        elif label == "#RAR":
            self.years.append(FiscalYear(int(texts[0]), _read_day(texts[1]), _read_day(texts[2])))
        elif label in ("#PROGRAM", "#FNAMN", "#GEN", "#SIETYP", "#ORGNR"):
            self.head[label] = texts

    def _voucher(self, texts: list[str]) -> None:
        series, number, day, text, registered, signature = (*texts, *[""] * 6)[:6]
        voucher_date = _read_day(day)
        while self.number < len(self.lines) and not self.lines[self.number].strip():
            self.number += 1
        if self.number == len(self.lines) or self.lines[self.number].strip() != "{":
            raise NotSie(f"voucher {series}{number} has no block of rows (line {self.number})")
        self.number += 1
        rows = _without_repetitions([row for tokens in self._block() if (row := _row(tokens, voucher_date)) is not None])
        voucher = Voucher(series, number, voucher_date, text, tuple(rows), _read_day(registered) if registered else None, signature)
        if voucher.difference:
            raise Unbalanced(f"{series}{number}", voucher.difference)
        self.vouchers.append(voucher)

    def _result(self) -> SieFile:
        sie_type = (self.head.get("#SIETYP") or [""])[0].upper()
        if sie_type not in ("4", "4I", "4E"):
            raise NotSie(f"the file is SIE type {sie_type or 'unknown'}; only type 4 holds vouchers")
        if "#FNAMN" not in self.head or not self.head["#FNAMN"]:
            raise NotSie("the SIE file names no company (#FNAMN)")
        try:
            generated = _read_day((self.head.get("#GEN") or [""])[0])
        except ValueError as error:
            raise NotSie(f"the SIE file does not say when it was made (#GEN): {error}") from error
        return SieFile(
            program=_two(self.head.get("#PROGRAM", [])),
            company=self.head["#FNAMN"][0],
            generated=generated,
            sie_type="4I" if sie_type == "4I" else "4",
            organisation_number=(self.head.get("#ORGNR") or [""])[0],
            years=tuple(self.years),
            accounts=tuple(self.accounts),
            dimensions=tuple(self.dimensions),
            objects=tuple(self.objects),
            balances=tuple(self.balances),
            vouchers=tuple(self.vouchers),
        )


def _two(texts: Sequence[str]) -> tuple[str, str]:
    name, version = (*texts, "", "")[:2]
    return name, version


def _read_day(text: str) -> date:
    """Return the day of yyyymmdd. Raises ValueError when it is none."""
    if len(text) != 8 or not text.isascii() or not text.isdigit():
        raise ValueError(f"{text!r} is no date of SIE (yyyymmdd)")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError as error:
        raise ValueError(f"{text!r} is no day of the calendar") from error


_MARKS: Final[dict[str, Mark]] = {"#TRANS": "", "#RTRANS": "added", "#BTRANS": "struck"}


def _row(tokens: Sequence[Part], voucher_date: date) -> TransRow | None:
    """Return the row of a line in a voucher, None for a label we do not know. Raises ValueError or IndexError."""
    mark = _MARKS.get(str(tokens[0]).upper())
    if mark is None:
        return None
    if sum(isinstance(part, str) for part in tokens) < 3:
        raise ValueError("a row of a voucher needs an account and an amount")
    objects = tokens[2] if isinstance(tokens[2], list) else []
    account, amount, *rest = [str(part) for part in tokens[1:] if isinstance(part, str)]
    day, text, quantity, signature = (*rest, "", "", "", "")[:4]
    own = _read_day(day) if day else voucher_date
    return TransRow(
        account=account,
        amount=read_amount(amount),
        objects=tuple(objects),
        text=text,
        date=own if own != voucher_date else None,
        quantity=read_amount(quantity) if quantity else None,
        signature=signature,
        mark=mark,
    )


def _without_repetitions(rows: Iterable[TransRow]) -> list[TransRow]:
    """Drop the #TRANS that repeats an added row."""
    kept: list[TransRow] = []
    repeated: TransRow | None = None
    for row in rows:
        if repeated is not None and row == repeated:
            repeated = None
            continue
        repeated = replace(row, mark="") if row.mark == "added" else None
        kept.append(row)
    return kept
