"""What the columns of a file hold: our fields by their usual Swedish headers or by a person's own, and each line as a record.

A line that is wrong is a `Fault` with its number, and the others go on. What the file as a whole lacks is a SettingsError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from brygga.clients.mobigo.tables import Line, Table
from brygga.errors import Sentence, SettingsError

_FILLING = re.compile(r"[\s\u00a0\u202f_.\-/()]+")
_SPACES = re.compile(r"[\s\u00a0\u202f']")
_UNIT = re.compile(r"(?i)\s*(kr|sek|:-)\s*$")
_SHORTENED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
_NUMBER = re.compile(r"[A-Za-zÅÄÖåäö0-9_\-/\\+.$]+")
_CUSTOMER_NUMBER = re.compile(r"[A-Za-zÅÄÖåäö0-9\-+/_]+")
LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Column:
    """One field: the headers under which it is known, how its cells are read, whether a line needs it."""

    field: str
    headers: tuple[str, ...]
    read: Callable[[str], Any]
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line as a record: field -> value; a cell that is empty is left out."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One line that is not imported: its number, what is wrong, and what to do about it."""

    line: int
    sentence: Sentence
    repair: Sentence


class _Wrong(ValueError):
    """A line or a cell that cannot be read; `sentence` says why, its facts are filled in where the line is known."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.template)
        self.sentence = sentence


def _no_number() -> _Wrong:
    return _Wrong(Sentence("{file}, line {line}: {header} “{value}” is not a number."))


def text(longest: int) -> Callable[[str], str]:
    """A text of at most so many characters."""

    def read(cell: str) -> str:
        if len(cell) > longest:
            raise _Wrong(Sentence("{file}, line {line}: {header} is longer than {most} characters.", {"most": str(longest)}))
        return cell

    return read


def number_text(pattern: re.Pattern[str]) -> Callable[[str], str]:
    """A customer's or an article's number."""

    def read(cell: str) -> str:
        if _SHORTENED.fullmatch(cell):
            raise _Wrong(Sentence("{file}, line {line}: {header} “{value}” has been shortened by a spreadsheet."))
        if len(cell) > 50 or not pattern.fullmatch(cell):
            raise _Wrong(Sentence("{file}, line {line}: {header} “{value}” has signs that Fortnox does not take, or more than 50."))
        return cell

    return read


def amount(cell: str) -> Decimal:
    """A price as it is written in Sweden (1 234,50), with a point, or with kr behind it; never negative."""
    number = quantity(_UNIT.sub("", cell))
    if number < 0:
        raise _Wrong(Sentence("{file}, line {line}: {header} “{value}” is negative."))
    return number


def quantity(cell: str) -> Decimal:
    """A number. The last comma or point divides the decimals; before it the others group thousands."""
    plain = _SPACES.sub("", cell)
    sign = max(plain.rfind(","), plain.rfind("."))
    whole, fraction = (plain[:sign], plain[sign + 1 :]) if sign >= 0 else (plain, "")
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and not all(len(group) == 3 for group in groups[1:]):
        raise _no_number()
    try:
        number = Decimal(f"{''.join(groups)}.{fraction or '0'}")
    except InvalidOperation:
        raise _no_number() from None
    if (
        not re.fullmatch(r"-?\d*", "".join(groups))
        or not re.fullmatch(r"\d*", fraction)
        or abs(number) >= LARGEST
        or len(fraction) > 6
    ):
        raise _no_number()
    return number


def truth(cell: str) -> bool:
    """Ja or nej, in the words of several programs."""
    word = cell.casefold()
    if word in ("ja", "j", "1", "true", "sant", "aktiv", "yes"):
        return True
    if word in ("nej", "n", "0", "false", "falskt", "inaktiv", "no"):
        return False
    raise _Wrong(Sentence("{file}, line {line}: {header} “{value}” is neither ja nor nej."))


ARTICLES = (
    Column(
        "number", ("Artikelnummer", "Artikelnr", "Artnr", "Art.nr", "Article number", "ArticleNumber"), number_text(_NUMBER), True
    ),
    Column("name", ("Benämning", "Artikelnamn", "Namn", "Artikel", "Description"), text(200), True),
    Column("unit", ("Enhet", "Unit"), text(20)),
    Column("ean", ("EAN", "EAN-kod", "Streckkod"), text(30)),
    Column("cost_price", ("Inköpspris", "Inpris", "Självkostnad", "Kalkylpris", "PurchasePrice"), amount),
    Column("price", ("Pris", "Försäljningspris", "Utpris", "Listpris", "Nettopris", "SalesPrice", "Price"), amount),
    Column("price_list", ("Prislista", "Prislistekod", "PriceList"), text(50)),
    Column("price_list_name", ("Prislistans namn", "Prislistenamn"), text(100)),
    Column("from_quantity", ("Från antal", "Antal från", "FromQuantity"), quantity),
    Column("active", ("Aktiv", "Active"), truth),
)
CUSTOMERS = (
    Column("number", ("Kundnummer", "Kundnr", "Customer number", "CustomerNumber"), number_text(_CUSTOMER_NUMBER), True),
    Column("name", ("Namn", "Kundnamn", "Företag", "Name"), text(200), True),
    Column("organisation_number", ("Organisationsnummer", "Org.nr", "Orgnr", "Personnummer", "Org-/personnummer"), text(30)),
    Column("vat_number", ("VAT-nummer", "Momsregistreringsnummer", "VATNumber"), text(30)),
    Column("phone", ("Telefon", "Telefon 1", "Telefonnummer", "Phone1"), text(50)),
    Column("phone2", ("Telefon 2", "Mobil", "Mobiltelefon", "Phone2"), text(50)),
    Column("email", ("E-post", "Epost", "E-postadress", "Email"), text(254)),
    Column("email_invoice", ("E-post faktura", "Fakturaepost", "EmailInvoice"), text(254)),
    Column("invoice_street", ("Adress", "Adress 1", "Fakturaadress", "Gatuadress", "Address1"), text(255)),
    Column("invoice_postcode", ("Postnummer", "Postnr", "ZipCode"), text(20)),
    Column("invoice_city", ("Ort", "Postort", "Stad", "City"), text(255)),
    Column("our_reference", ("Vår referens", "OurReference"), text(100)),
    Column("your_reference", ("Er referens", "YourReference"), text(100)),
    Column("active", ("Aktiv", "Active"), truth),
)
KINDS: Mapping[str, tuple[Column, ...]] = {"article": ARTICLES, "customer": CUSTOMERS}


@dataclass(frozen=True, slots=True)
class Placed:
    """Which column of a file holds which field, and the headers that hold nothing of ours."""

    columns: Mapping[int, Column]
    headers: Mapping[str, str]
    unknown: tuple[str, ...]


def place(table: Table, kind: str, chosen: Mapping[str, str]) -> Placed:
    """Bring a file's headers and our fields together; *chosen* is a person's header -> field ("" leaves the column out).

    Raises SettingsError: a needed field without column, two columns for one field, a header or a field that does not exist.
    """
    known = {_plain(header): column for column in KINDS[kind] for header in (*column.headers, column.field)}
    by_field = {column.field: column for column in KINDS[kind]}
    wanted = {_plain(header): field for header, field in chosen.items()}
    for header, field in chosen.items():
        if field and field not in by_field:
            raise SettingsError(
                "The column “{header}” is to hold {field}, which is no field of a file.",
                repair="It is one of {known}, or empty to leave the column out.",
                header=header,
                field=field,
                known=", ".join(by_field),
            )
    placed: dict[int, Column] = {}
    unknown = []
    for number, header in enumerate(table.header):
        name = _plain(header)
        column = by_field.get(wanted[name]) if name in wanted else known.get(name)
        if column is not None:
            _once(placed, number, column, table)
        elif header and name not in wanted:
            unknown.append(header)
    missing = [column for column in KINDS[kind] if column.needed and column not in placed.values()]
    if missing:
        raise SettingsError(
            "{file} has no column for {field}. Line {line} has: {headers}.",
            repair="Name the column that holds it in file_columns, or choose another separator or file.",
            file=table.path,
            field=missing[0].headers[0],
            line=table.header_line,
            headers=", ".join(header or "–" for header in table.header)[:300],
        )
    headers = {column.field: table.header[number] for number, column in placed.items()}
    return Placed(placed, headers, tuple(unknown))


def _once(placed: dict[int, Column], number: int, column: Column, table: Table) -> None:
    for other, taken in placed.items():
        if taken.field == column.field:
            raise SettingsError(
                "{file} has two columns for {field}: “{one}” and “{two}”.",
                repair="Say in file_columns which of them it is; leave the other one out.",
                file=table.path,
                field=column.headers[0],
                one=table.header[other],
                two=table.header[number],
            )
    placed[number] = column


def entries(table: Table, placed: Placed) -> Iterator[Entry | Fault]:
    """Yield each line as a record, or as what is wrong with it."""
    for line in table.lines():
        try:
            yield Entry(line.number, _values(line, table, placed))
        except _Wrong as wrong:
            facts = {"file": table.path.name, "line": str(line.number), **wrong.sentence.facts}
            repair = Sentence("Correct the line and import the file again.")
            yield Fault(line.number, Sentence(wrong.sentence.template, facts), repair)


def _values(line: Line, table: Table, placed: Placed) -> dict[str, Any]:
    if any(cell.strip() for cell in line.cells[len(table.header) :]):
        facts = {"count": str(len(line.cells)), "wanted": str(len(table.header))}
        raise _Wrong(Sentence("{file}, line {line}: it has {count} columns and the header {wanted}.", facts))
    values: dict[str, Any] = {}
    for number, column in placed.columns.items():
        cell = line.cells[number].strip() if number < len(line.cells) else ""
        facts = {"header": table.header[number], "value": cell[:60]}
        if number in line.formulas:
            raise _Wrong(Sentence("{file}, line {line}: {header} holds a formula, “{value}”; only values are imported.", facts))
        if cell:
            try:
                values[column.field] = column.read(cell)
            except _Wrong as wrong:
                raise _Wrong(Sentence(wrong.sentence.template, {**facts, **wrong.sentence.facts})) from None
        elif column.needed:
            raise _Wrong(Sentence("{file}, line {line}: {header} is empty.", facts))
    return values


def _plain(header: str) -> str:
    return _FILLING.sub("", header).casefold()
