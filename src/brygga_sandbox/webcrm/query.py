"""`GET /Queries?script=`: a small part of SQL, the part that working clients send, and a refusal for all else.

    SELECT * | column, ... FROM table [alias] [JOIN table [alias] ON column = column]
    [WHERE conditions with AND, OR and brackets of = <> >= > < <= LIKE and IS [NOT] NULL] [ORDER BY column [ASC|DESC], ...]

Words are taken in any capitals; texts stand in single quotes, doubled inside. As seen by those clients: `=` on texts makes
no difference of capitals, the table of articles is called LinkedData, enums are compared by number or by word, dates with
a text in any spelling that `dates.parse` reads, and `SELECT *` adds columns that the DTOs do not have (RowNumber, and the
number of the last hand, o_lastUpdatedById and its like). Nulls do not exist: an empty field compares as what it shows.
"""

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from brygga_sandbox.webcrm import dates
from brygga_sandbox.webcrm.errors import Refusal, bad_request
from brygga_sandbox.webcrm.fields import ENTITIES, WRITE_ONLY, Field
from brygga_sandbox.webcrm.state import Record, State

Row = tuple[Record, ...]
Test = Callable[[Row], bool]
Key = Callable[[Row], Any]

_TOKEN = re.compile(r"\s*(?:(N?'(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<>|!=|>=|<=|[=<>(),.*]))")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
_RESERVED = {"where", "join", "inner", "on", "order", "by", "and", "or", "as", "asc", "desc", "like", "is", "not", "null"}

_ITEM = "QuotationLineLinkedDataItem"
_TABLES = {
    "organisation": ("Organisation", "Organisation", "o_"),
    "delivery": ("Delivery", "Delivery", "d_"),
    "person": ("Person", "Person", "p_"),
    "quotationline": ("QuotationLine", "QuotationLine", "ql_"),
    "linkeddata": (_ITEM, "LinkedDataItem", ""),
}


@dataclass(frozen=True)
class Table:
    """One table of a query: the register behind it, the prefix its columns carry, and what the query calls it."""

    position: int
    entity: str
    shown: str
    raw_prefix: str
    names: frozenset[str]

    def stored(self, column: str) -> str:
        """Return the field of the register behind a column of this table."""
        return self.entity + column[len(self.shown) :]


@dataclass(frozen=True)
class Column:
    """One column of one table."""

    table: Table
    name: str
    field: Field


class Query:
    """One script, read and ready to run against a state."""

    def __init__(self, state: State, script: str) -> None:
        """Read *script*; raises a 400 refusal for what is not understood."""
        self.state = state
        self.tables: list[Table] = []
        self._tokens = _split(script)
        self._at = 0
        self._joins: list[tuple[Column, Column]] = []
        self._read()

    # Reading: one method for each rule of the grammar, top down.

    def _read(self) -> None:
        self._need("select")
        wanted = self._names_wanted()
        self._need("from")
        self._table()
        while self._take("inner") or self._peek() == "join":
            self._join()
        self._test: Test = self._or() if self._take("where") else (lambda _row: True)
        self._order: list[tuple[Key, bool]] = []
        if self._take("order"):
            self._need("by")
            self._order = self._orders()
        if self._at < len(self._tokens):
            raise self._wrong()
        self._columns = None if wanted is None else [self._column_of(parts) for parts in wanted]

    def _names_wanted(self) -> list[list[str]] | None:
        if self._take("*"):
            return None
        names = [self._parts()]
        while self._take(","):
            names.append(self._parts())
        return names

    def _table(self) -> Table:
        word = self._word()
        if word.lower() not in _TABLES:
            raise bad_request(f"Invalid object name '{word}'.")
        entity, shown, raw_prefix = _TABLES[word.lower()]
        names = {word.lower()}
        self._take("as")
        if (following := self._peek()) and following not in _RESERVED and following.isidentifier():
            names = {self._word().lower()}
        table = Table(len(self.tables), entity, shown, raw_prefix, frozenset(names))
        self.tables.append(table)
        return table

    def _join(self) -> None:
        self._need("join")
        joined = self._table()
        self._need("on")
        bracket = self._take("(")
        left = self._column()
        self._need("=")
        right = self._column()
        if bracket:
            self._need(")")
        if joined not in (left.table, right.table) or left.table == right.table:
            raise bad_request("A JOIN must compare a column of the joined table with one of an earlier table.")
        self._joins.append((left, right) if right.table == joined else (right, left))

    def _or(self) -> Test:
        tests = [self._and()]
        while self._take("or"):
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else (lambda row: any(test(row) for test in tests))

    def _and(self) -> Test:
        tests = [self._condition()]
        while self._take("and"):
            tests.append(self._condition())
        return tests[0] if len(tests) == 1 else (lambda row: all(test(row) for test in tests))

    def _condition(self) -> Test:
        if self._take("("):
            inner = self._or()
            self._need(")")
            return inner
        column = self._column()
        key = self._key(column)
        if self._take("is"):
            negated = self._take("not")
            self._need("null")
            return lambda _row: negated
        negated = self._take("not")
        if self._take("like"):
            if column.field.kind != "text":
                raise bad_request(f"LIKE needs a text column, and {column.name} is none.")
            pattern = _like(self._text())
            return lambda row: (pattern.fullmatch(str(key(row))) is not None) is not negated
        sign = self._peek()
        if negated or sign not in _COMPARE:
            raise self._wrong()
        self._at += 1
        compare, value = _COMPARE[sign], self._literal(column)
        return lambda row: compare(key(row), value)

    def _orders(self) -> list[tuple[Key, bool]]:
        orders = []
        while True:
            key = self._key(self._column())
            down = self._take("desc")
            if not down:
                self._take("asc")
            orders.append((key, down))
            if not self._take(","):
                return orders

    # Small pieces.

    def _peek(self) -> str:
        return self._tokens[self._at].lower() if self._at < len(self._tokens) else ""

    def _take(self, word: str) -> bool:
        if self._peek() != word:
            return False
        self._at += 1
        return True

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise self._wrong()

    def _wrong(self) -> Refusal:
        near = self._tokens[self._at] if self._at < len(self._tokens) else "the end"
        return bad_request(f"Incorrect syntax near '{near}'.")

    def _word(self) -> str:
        token = self._tokens[self._at] if self._at < len(self._tokens) else ""
        if not token.isidentifier():
            raise self._wrong()
        self._at += 1
        return token

    def _parts(self) -> list[str]:
        parts = [self._word()]
        if self._take("."):
            parts.append(self._word())
        return parts

    def _column(self) -> Column:
        return self._column_of(self._parts())

    def _column_of(self, parts: list[str]) -> Column:
        name = parts[-1].lower()
        for table in self.tables:
            if len(parts) == 2 and parts[0].lower() not in table.names:
                continue
            for field in ENTITIES[table.shown].fields.values():
                if field.name.lower() == name and field.name not in WRITE_ONLY:
                    return Column(table, field.name, field)
        raise bad_request(f"Invalid column name '{'.'.join(parts)}'.")

    def _text(self) -> str:
        token = self._tokens[self._at] if self._at < len(self._tokens) else ""
        if not token.endswith("'"):
            raise self._wrong()
        self._at += 1
        return token[token.index("'") + 1 : -1].replace("''", "'")

    def _literal(self, column: Column) -> Any:
        """Return the value that follows, as the column's kind compares it."""
        token = self._peek()
        if token.endswith("'"):
            text = self._text()
        elif token and (token[0].isdigit() or token[0] == "-"):
            self._at += 1
            text = token
        else:
            raise self._wrong()
        try:
            return _comparable(column.field, text, self.state)
        except ValueError as wrong:
            raise bad_request(f"Conversion failed when converting the value '{text}' for {column.name}.") from wrong

    def _key(self, column: Column) -> Key:
        """Return the function that gives a row's value of *column* in the form in which it is compared."""
        name, position = column.table.stored(column.name), column.table.position
        empty = self.state.wire.write(column.table.entity, {}).get(name)
        kind, words = column.field.kind, column.field.words
        if kind == "date":
            return lambda row: row[position].values.get(name, _LONG_AGO)
        if kind == "enum":
            return lambda row: words.index(str(row[position].values.get(name, empty)))
        if kind == "text":
            return lambda row: str(row[position].values.get(name, empty)).lower().rstrip()
        return lambda row: row[position].values.get(name, empty)

    # Running.

    def run(self) -> list[Row]:
        """Return the rows that fulfil the conditions, in the order asked for, else by the first table's number."""
        rows: Iterable[Row] = ((record,) for record in self.state.visible(self.state[self.tables[0].entity]))
        for earlier, joined in self._joins:
            rows = self._joined(rows, earlier, joined)
        found = [row for row in rows if self._test(row)]
        for key, down in reversed(self._order):
            found.sort(key=key, reverse=down)
        return found

    def _joined(self, rows: Iterable[Row], earlier: Column, joined: Column) -> Iterable[Row]:
        left, right = self._key(earlier), self._key(joined)
        fill = (cast("Record", None),) * joined.table.position
        partners: dict[Any, list[Record]] = {}
        for record in self.state.visible(self.state[joined.table.entity]):
            partners.setdefault(right((*fill, record)), []).append(record)
        for row in rows:
            for partner in partners.get(left(row), ()):
                yield (*row, partner)

    def shown(self, row: Row, row_number: int) -> dict[str, Any]:
        """Return one row as the answer holds it: the columns asked for, or all with the extra ones."""
        records = [self._as_table(table, row[table.position]) for table in self.tables]
        if self._columns is not None:
            return {column.name: records[column.table.position][column.name] for column in self._columns}
        whole: dict[str, Any] = {"RowNumber": row_number}
        for table, record in zip(self.tables, records, strict=True):
            whole |= record
            if table.raw_prefix:
                whole[table.raw_prefix + "lastUpdatedById"] = 1
        return whole

    def _as_table(self, table: Table, record: Record) -> dict[str, Any]:
        shown = self.state.wire.write(record.entity, record.values)
        if table.entity == table.shown:
            return shown
        return {name: shown[table.stored(name)] for name in ENTITIES[table.shown].fields}


_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
"""What an empty date compares as: before every other."""


def _comparable(field: Field, text: str, state: State) -> Any:
    if field.kind == "date":
        return dates.parse(text, state.wire.zone) or _LONG_AGO
    if field.kind == "text":
        return text.lower().rstrip()
    if field.kind == "bool":
        return {"0": False, "1": True, "false": False, "true": True}.get(text.lower(), text)
    if field.kind == "enum" and not text.isdigit():
        words = [word.lower() for word in field.words]
        return words.index(text.lower())
    return float(text) if "." in text else int(text)


def _like(pattern: str) -> re.Pattern[str]:
    """Return a LIKE pattern as a regular expression: % is any text, _ any one sign; sets in [] are not understood."""
    if "[" in pattern:
        raise bad_request("LIKE with a set of signs is not supported.")
    signs = ("." if sign == "_" else ".*" if sign == "%" else re.escape(sign) for sign in pattern.lower())
    return re.compile("".join(signs), re.DOTALL)


def _split(script: str) -> list[str]:
    tokens, at = [], 0
    while script[at:].strip():
        match = _TOKEN.match(script, at)
        if match is None:
            raise bad_request(f"Incorrect syntax near '{script[at:].strip()[:20]}'.")
        tokens.append(match[0].strip())
        at = match.end()
    return tokens
