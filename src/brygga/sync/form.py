"""The settings of an integration as a form, and what was typed in it as settings again.

    shown = form(integration)                                  # all of them
    shown = form(integration, keys=("documents", "accounts"))  # some, as a step of a wizard
    given = read(integration, typed)                           # what `configure.save` checks and keeps

The inputs of a setting: `KEY` for one value or, repeated, for a list; `KEY:name` and `KEY:value` repeated for the lines of a table
(`KEY:COLUMN` where each is a table itself). `shown` names the settings that were on the form: all others stay as they are.
Removed is a line by emptying it, or the right side of one that stood there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from brygga import connectors
from brygga.connectors.settings import Choice, Setting, Source
from brygga.errors import SettingsError
from brygga.store.models import Integration
from brygga.sync.choices import Place, Shelf, place_of, shelves

Typed: TypeAlias = Mapping[str, Sequence[str]]
"""Name of an input -> what stands in all inputs of that name, in their order; as a browser sends it."""
Kind: TypeAlias = Literal["switch", "number", "text", "lines", "table"]

SELECT_MOST: Final = 40
"""So many choices are a menu; more are offered while one types."""
ROWS_MOST: Final = 8
"""So many in each line of a table; more stand on the page once, for all lines."""
LIST_MOST: Final = 300
"""So many choices go along with the page; more are looked for."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What an input offers.

    how      select: a menu. list: suggestions that go along with the page. search: suggestions that are looked for
    id       of the suggestions
    choices  of a menu and of suggestions that go along
    words    whether they are words of ours, which have translations
    """

    how: Literal["select", "list", "search"]
    id: str
    choices: tuple[Choice, ...] = ()
    words: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One input.

    name    what the browser calls it
    text    what stands in it, as it is set or as it was typed
    column  "name" or "value", or the column of a table of tables; "" where there is only one
    offer   what can be chosen; None for free text
    said    what the system calls what stands in it
    gone    whether the system lacks what stands in it
    fixed   whether it cannot be changed: the left side of a line that is always there
    """

    name: str
    text: str
    column: str = ""
    offer: Offer | None = None
    said: str = ""
    gone: bool = False
    fixed: bool = False

    @property
    def named(self) -> bool:
        """Whether what stands in it is among the choices of its menu."""
        return self.offer is not None and any(one.value == self.text for one in self.offer.choices)


@dataclass(frozen=True, slots=True)
class Field:
    """One setting on a form. A switch and a single value have one row with one cell.

    columns  of a table: "name" and "value", or the names of what stands in each
    more     whether there can be another line
    """

    key: str
    term: str
    help: str
    kind: Kind
    rows: tuple[tuple[Cell, ...], ...]
    columns: tuple[str, ...] = ()
    more: bool = False

    @property
    def cell(self) -> Cell:
        return self.rows[0][0]


@dataclass(frozen=True, slots=True)
class Form:
    """The fields; the suggestions that go along, each once; why a system could not be read, and when all was read.

    troubles  stored sentences
    """

    fields: tuple[Field, ...]
    lists: tuple[Offer, ...] = ()
    troubles: tuple[Mapping[str, Any], ...] = ()
    read_at: datetime | None = None


def form(
    integration: Integration,
    typed: Typed | None = None,
    *,
    keys: Collection[str] | None = None,
    more: str = "",
    fresh: bool = False,
) -> Form:
    """Return the settings of an integration as a form, or those of *keys* only, in the order of the connector.

    typed  what a person typed, which stands in the form instead of what is set: where it was refused, or asks for another line
    more   the setting that gets another empty line
    fresh  read what there is to choose from again, instead of what is kept for a while (`choices.KEPT`)
    The template `brygga/_settings.html` renders it. Nothing is raised when a system is away: its fields are free text then.
    """
    table = [one for one in connectors.settings_of(integration.system) if keys is None or one.key in keys]
    texts = {one.key: _texts(one, integration.settings, typed) for one in table}
    wanted: dict[Place, set[str]] = {}
    for setting in table:
        for source, column in ((setting.keys, 0), (setting.values, -1)):
            if isinstance(source, Source):
                wanted.setdefault(place_of(integration, source), set()).update(row[column] for row in texts[setting.key] if row)
    there = shelves(integration.company, wanted, fresh=fresh)
    help = {str(row["key"]): str(row["help"]) for row in connectors.explain_settings(integration.system)}
    fields = tuple(
        _Builder(integration, one, there).field(texts[one.key], help[one.key], typed is not None, one.key == more) for one in table
    )
    offers = {cell.offer.id: cell.offer for field in fields for row in field.rows for cell in row if cell.offer}
    return Form(
        fields,
        tuple(offer for offer in offers.values() if offer.how == "list"),
        tuple({str(shelf.trouble): shelf.trouble for shelf in there.values() if shelf.trouble}.values()),
        min((shelf.read_at for shelf in there.values() if shelf.read_at), default=None),
    )


def kind_of(setting: Setting) -> Kind:
    """Return what sort of input a setting has."""
    default = setting.default
    if isinstance(default, bool):
        return "switch"
    if isinstance(default, int | float):
        return "number"
    if isinstance(default, Mapping):
        return "table"
    return "lines" if isinstance(default, list | tuple) else "text"


def texts_of(setting: Setting, settings: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return what is set as lines of texts: a value alone, or left side and the rest; what fills a table with it."""
    return _texts(setting, settings, None)


# What stands in the inputs ------------------------------------------------------------------------------------------------


def _texts(setting: Setting, settings: Mapping[str, Any], typed: Typed | None) -> list[tuple[str, ...]]:
    """Return the lines of a setting as texts, one tuple each; a single value is one line of one text."""
    kind = kind_of(setting)
    value = settings.get(setting.key, setting.default)
    if typed is not None and setting.key in typed.get("shown", ()):
        return _typed(setting, typed)
    if kind == "switch":
        return [("on" if value else "",)]
    if kind == "lines":
        return [(str(one),) for one in value]
    if kind == "table":
        rows = {**(setting.filled or {}), **value}
        return [(str(key), *_cells(setting, one)) for key, one in rows.items()]
    return [("" if value is None else str(value),)]


def _cells(setting: Setting, value: Any) -> tuple[str, ...]:
    if not setting.columns:
        return (str(value),)
    return tuple(str(value.get(column, "")) for column in setting.columns)


def _typed(setting: Setting, typed: Typed) -> list[tuple[str, ...]]:
    """Return what a person typed; a table's columns are as long as its longest."""
    kind = kind_of(setting)
    if kind != "table":
        texts = [text.strip() if kind != "text" else text for text in typed.get(setting.key, ())]
        return [(text,) for text in texts] if kind == "lines" else [(texts[0] if texts else "",)]
    columns = [[text.strip() for text in typed.get(name, ())] for name in _inputs(setting)]
    length = max(map(len, columns))
    return [tuple(column[line] if line < len(column) else "" for column in columns) for line in range(length)]


def _inputs(setting: Setting) -> tuple[str, ...]:
    return tuple(f"{setting.key}:{column}" for column in ("name", *(setting.columns or ("value",))))


# The inputs ---------------------------------------------------------------------------------------------------------------


class _Builder:
    """Makes the field of one setting from its texts and from what there is to choose from."""

    def __init__(self, integration: Integration, setting: Setting, there: Mapping[Place, Shelf]) -> None:
        self._integration = integration
        self._setting = setting
        self._there = there

    def field(self, texts: list[tuple[str, ...]], help: str, typed: bool, more: bool) -> Field:
        setting, kind = self._setting, kind_of(self._setting)
        columns: tuple[str, ...] = ("name", *(setting.columns or ("value",))) if kind == "table" else ()
        grows = kind == "lines" or (kind == "table" and bool(self._left(texts)))
        if kind == "table":
            texts = self._every(texts)
        if grows and (more or not any(not any(row) for row in texts)):
            texts = [*texts, ("",) * max(1, len(columns))]
        rows: tuple[tuple[Cell, ...], ...]
        if kind == "lines" and isinstance(setting.values, tuple):
            rows = tuple((self._cell(setting.key, "", text, self._not_taken(setting.values, texts, text)),) for (text,) in texts)
        else:
            rows = tuple(self._row(row, columns, texts) for row in texts)
        rows = rows or ((Cell(setting.key, ""),),)
        return Field(setting.key, setting.term, help, kind, rows, columns, grows)

    def _not_taken(self, given: tuple[Choice, ...], texts: list[tuple[str, ...]], text: str) -> tuple[Choice, ...]:
        """Return what a line can be: what it is; an empty one, of which there always is one, what no other line is."""
        taken = {row[0] for row in texts}
        return tuple(one for one in given if (one.value == text if _among(text, given) else one.value not in taken))

    def _left(self, texts: list[tuple[str, ...]]) -> bool:
        """Say whether there can be a line that is not there: the left side is free, or has choices left."""
        setting = self._setting
        if setting.free or not setting.keys:
            return True
        keys = self._known(setting.keys)
        if setting.every and keys:
            return False
        here = {row[0] for row in texts}
        return not keys or any(one.value not in here for one in keys)

    def _every(self, texts: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Add a line for each key that has none, where the form shows every key there is."""
        setting = self._setting
        if not setting.every:
            return texts
        rows = {row[0]: row for row in texts if any(row)}
        known = self._known(setting.keys)
        spelled = [next((name for name in (one.value, *one.also) if name in rows), one.value) for one in known]
        lines = [rows.pop(name, (name, "")) for name in spelled]
        return [*lines, *rows.values()]

    def _known(self, given: Source | tuple[Choice, ...]) -> tuple[Choice, ...]:
        """Return what can be chosen as far as it is known, none for a register that is only looked into."""
        if isinstance(given, tuple):
            return given
        shelf = self._there[place_of(self._integration, given)]
        return () if shelf.searched else tuple(one for one in shelf.choices if one.value.startswith(given.begins))

    def _row(self, row: tuple[str, ...], columns: tuple[str, ...], texts: list[tuple[str, ...]]) -> tuple[Cell, ...]:
        setting = self._setting
        if not columns:
            return (self._cell(setting.key, "", row[0], setting.values),)
        always = {*(setting.filled or {}), *((one.value for one in self._known(setting.keys)) if setting.every else ())}
        keys = setting.keys
        if isinstance(keys, tuple) and not setting.free:
            keys = self._not_taken(keys, texts, row[0])
        left = self._cell(f"{setting.key}:name", "name", row[0], keys, fixed=row[0] in always)
        rest = zip(columns[1:], row[1:], strict=True)
        return (left, *(self._cell(f"{setting.key}:{column}", column, text, setting.values) for column, text in rest))

    def _cell(self, name: str, column: str, text: str, given: Source | tuple[Choice, ...], *, fixed: bool = False) -> Cell:
        if isinstance(given, tuple):
            free = self._setting.free and column == "name"
            offer = Offer("list" if free else "select", f"of-{self._setting.key}", given, True) if given else None
            said = next((one.name for one in given if one.value == text), "")
            gone = bool(text and given and not free and not _among(text, given))
            return Cell(name, text, column, offer, said, gone, fixed)
        system, register = place_of(self._integration, given)
        shelf = self._there[system, register]
        entry = shelf.entry(text, given)
        choices = self._known(given)
        # By its place among the registers, as each of a hundred inputs names it.
        id = f"of-{list(self._there).index((system, register))}{given.begins}"
        most = ROWS_MOST if column else SELECT_MOST
        how: Literal["select", "list", "search"] = "select" if len(choices) <= most else "list"
        if shelf.searched or len(choices) > LIST_MOST:
            offer = Offer("search", id)
        elif not choices:
            offer = None
        elif not given.whole:
            offer = Offer("list", id, choices)
        else:
            # What is set stands in the menu as it is spelled there, so that saving changes nothing by itself.
            as_set = (Choice(text, entry.name or entry.value) if one is entry and text else one for one in choices)
            offer = Offer(how, id, tuple(as_set) if how == "select" else choices)
        return Cell(name, text, column, offer, entry.name if entry else "", shelf.lacks(text, given), fixed)


def _among(text: str, given: tuple[Choice, ...]) -> bool:
    return any(text == one.value for one in given)


# What was typed, as settings ----------------------------------------------------------------------------------------------


def read(integration: Integration, typed: Typed) -> dict[str, Any]:
    """Return the settings with what was typed, as the file would have them; not checked yet.

    What stands as it was set keeps its sort (a number of the file stays one). Raises SettingsError for a line that has only one
    side, and for a number that is none.
    """
    given = dict(integration.settings)
    for setting in connectors.settings_of(integration.system):
        if setting.key not in typed.get("shown", ()):
            continue
        held = integration.settings.get(setting.key)
        value = _value(setting, _typed(setting, typed), held)
        if value != (setting.default if held is None else held):
            given[setting.key] = value
        if held is not None and value == setting.default != held:
            del given[setting.key]
    return given


def _value(setting: Setting, rows: list[tuple[str, ...]], held: Any) -> Any:
    kind = kind_of(setting)
    if kind == "lines":
        known = {str(one): one for one in held or ()}
        return [known.get(text, text) for (text,) in rows if text]
    if kind == "table":
        return _table(setting, rows, held or {})
    text = rows[0][0]
    if not (isinstance(setting.values, tuple) and _among(text, setting.values)):
        text = text.strip()
    if kind == "switch":
        return text == "on"
    if held is not None and text == str(held):
        return held
    return _number(setting, text) if kind == "number" else text


def _table(setting: Setting, rows: list[tuple[str, ...]], held: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    filled = setting.filled or {}
    known = {**filled, **(setting.default if isinstance(setting.default, Mapping) else {}), **held}
    for name, *cells in rows:
        if not name and any(cells):
            raise SettingsError(
                "{term}: a line with “{value}” has nothing on its left side.",
                repair="Choose what it is for, or empty the line.",
                key=setting.key,
                term=setting.term,
                value=next(filter(None, cells)),
            )
        if not name or (not any(cells) and _may_go(setting, name, known)):
            continue
        if name in found:
            raise SettingsError(
                "{term}: “{name}” stands there twice.",
                repair="Keep one of the lines.",
                key=setting.key,
                term=setting.term,
                name=name,
            )
        value = _line(setting, cells, known.get(name))
        if name in held or value != filled.get(name):
            found[name] = value
    return found


def _may_go(setting: Setting, name: str, known: Mapping[str, Any]) -> bool:
    """Say whether a line without a right side is one that is taken away, or that nobody has filled in."""
    return not setting.empties and (setting.every or name in known)


def _line(setting: Setting, cells: list[str], held: Any) -> Any:
    if not setting.columns:
        return held if held is not None and str(held) == cells[0] else cells[0]
    before = dict(held) if isinstance(held, Mapping) else {}
    for column, text in zip(setting.columns, cells, strict=True):
        if text and str(before.get(column, "")) != text:
            before[column] = text
        elif not text:
            before.pop(column, None)
    return before


def _number(setting: Setting, text: str) -> Any:
    try:
        return int(text) if isinstance(setting.default, int) else float(text.replace(",", "."))
    except ValueError:
        raise SettingsError("{key}: “{text}” is no number.", repair="Write digits.", key=setting.key, text=text) from None
