"""The mapping of a stream as people see it: a line a field, with its arrow, what is done to the value, a live sample, and warnings.

Nothing is declared here: what both sides can hold and what they call it is theirs (`Capability`), who decides is the stream's policy,
the row of the matrix and the setting behind it the stream's `Mapped`. The sync goes by the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from brygga import connectors
from brygga.connectors.contract import Capability, Mapped, Stream
from brygga.core.diff import same
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.core.record import Value, present
from brygga.core.seen import Seen
from brygga.errors import Sentence, SettingsError
from brygga.store import ids
from brygga.store.models import Integration, LinkRow, Run
from brygga.sync.configure import change
from brygga.sync.context import Context
from brygga.sync.open import open_context
from brygga.sync.outcome import shown
from brygga.sync.refer import refer

Arrow = Literal["both", "right", "left", "once_right", "once_left", "none"]


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the mapping.

    places    side -> what it is called there, "" where that side has no such field
    arrow     which way it goes; "once": only when the record is made; "none": shown, and never carried over
    owner     whose value holds when both changed it; "" where a person is asked, or one side decides alone
    ways      what is done to the value, a sentence each
    rule      the row of the matrix behind it
    values    side -> the sample's value, None where that side says nothing of it
    place, ownable   whether a person chooses its place, and its owner, in the settings
    chosen    the place as the settings have it
    """

    name: str
    places: Mapping[Side, str]
    arrow: Arrow
    owner: Side | Literal[""]
    ways: tuple[Sentence, ...]
    rule: str
    values: Mapping[Side, Value]
    warnings: tuple[Sentence, ...]
    place: bool = False
    ownable: bool = False
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The mapping of one stream.

    sample   side -> id of the linked record whose values are shown; empty while nothing is linked
    links    name in the business system -> our field, as a person chose it
    """

    stream: Stream
    names: Mapping[Side, str]
    lines: tuple[Line, ...]
    sample: Mapping[Side, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def mapped(self) -> Mapped:
        return self.stream.mapped


def table(integration: Integration, name: str, left_id: str = "") -> Table:
    """Return the mapping of a stream with a linked record's values, read now in the lane of persons.

    left_id  the record to show; the one that was linked or changed last where none is named

    Raises SettingsError (no such stream, a setting that does not hold, no such link), Unavailable, Unauthorised, BadData.
    """
    if name not in streams_of(integration):
        raise SettingsError("There is no stream {name}.", repair="Choose one of the list.", name=name)
    run = Run(pk=ids.new_id(), integration=integration, stream=name, trigger="person", queued_at=datetime.now(UTC))
    with open_context(run, lane="person", told=lambda run: None, still_mine=lambda: None, dry=True) as context:
        sides: dict[Side, Capability] = {side: context.connectors[side].capability(context.stream.kind) for side in (LEFT, RIGHT)}
        seen, sample = _sample(context, left_id)
        shown: dict[Side, dict[str, Value]] = {side: dict(present(one.record)) for side, one in seen.items()}
    chosen = _setting(integration, context.stream.mapped.places)
    lines = tuple(_lines(context.stream, sides, shown, chosen))
    names = {side: context.called(side) for side in (LEFT, RIGHT)}
    return Table(context.stream, names, lines, sample, _setting(integration, context.stream.mapped.links))


def streams_of(integration: Integration) -> list[str]:
    """Return the streams of an integration with those that are parts of their runs, in their order."""
    return [part for name in connectors.STREAMS[integration.system] for part in connectors.parts_of(integration.system, name)]


def _sample(context: Context, left_id: str) -> tuple[dict[Side, Seen], dict[Side, str]]:
    rows = LinkRow.objects.filter(integration_id=context.id, kind=context.stream.kind)
    if left_id:
        rows = rows.filter(left_id=left_id)
        if not rows.exists():
            raise SettingsError("{id} is linked to nothing.", repair="Choose a record of the list of links.", id=left_id)
    link = rows.order_by("-changed_at", "-pk").first()
    if link is None:
        return {}, {}
    found: list[tuple[Side, Seen]] = []
    for side, id in ((LEFT, link.left_id), (RIGHT, link.right_id)):
        seen = context.connectors[side].get(context.stream.kind, id)
        if seen is not None:
            found.append((side, seen))
    said = refer(context, found)
    return {side: one for (side, _), one in zip(found, said, strict=True)}, {LEFT: link.left_id, RIGHT: link.right_id}


def _setting(integration: Integration, key: str) -> dict[str, str]:
    """Return a table of the settings as it holds now, defaults filled in."""
    if not key:
        return {}
    default = next((row["default"] for row in connectors.explain_settings(integration.system) if row["key"] == key), {})
    assert isinstance(default, Mapping)
    return {**default, **integration.settings.get(key, {})}


# Lines ------------------------------------------------------------------------------------------------------------------


def _lines(
    stream: Stream, sides: Mapping[Side, Capability], shown: Mapping[Side, Mapping[str, Value]], chosen: Mapping[str, str]
) -> Iterator[Line]:
    """Yield a line for each field that both sides have, then those that a person may give a place."""
    mapped = stream.mapped
    names = [*sides[LEFT].places, *sides[RIGHT].places, *mapped.placeable, *sides[LEFT].lacking]
    for name in dict.fromkeys(names):
        places: dict[Side, str] = {side: sides[side].places.get(name, "") for side in (LEFT, RIGHT)}
        refers = name in stream.refers or name in {theirs for theirs, _ in stream.refers.values()}
        if not (all(places.values()) or refers or name in mapped.placeable or name in sides[LEFT].lacking):
            continue
        values = {side: shown[side].get(name) if side in shown else None for side in (LEFT, RIGHT)}
        arrow = _arrow(name, stream, sides)
        yield Line(
            name=name,
            places=places,
            arrow=arrow,
            owner=stream.rules.policy.owners.get(name, "") if arrow == "both" else "",
            ways=tuple(_ways(name, sides, arrow)),
            rule=mapped.source(name),
            values=values,
            warnings=tuple(_warnings(name, stream, sides, values, arrow, bool(shown))),
            place=name in mapped.placeable,
            ownable=name in mapped.ownable,
            chosen=chosen.get(name, "") if name in mapped.placeable else "",
        )


def _arrow(name: str, stream: Stream, sides: Mapping[Side, Capability]) -> Arrow:
    """Return which way a field goes, by the same rules that the merge and the plan go by."""
    rules = stream.rules
    if not all(name in sides[side].places for side in (LEFT, RIGHT)) and name not in stream.refers:
        return "none"
    into = {side: name in sides[side].fields for side in (LEFT, RIGHT)}
    made: dict[Side, bool] = {side: into[side] and rules.makes.get(side, True) for side in (LEFT, RIGHT)}
    if name in rules.policy.apart:
        return "once_right" if made[RIGHT] else "once_left" if made[LEFT] else "none"
    governs = rules.policy.governed.get(name)
    if governs is not None:
        return ("left" if governs == RIGHT else "right") if into[other(governs)] else "none"
    if into[LEFT] and into[RIGHT]:
        return "both"
    return "right" if into[RIGHT] else "left" if into[LEFT] else "none"


def _goes_to(arrow: Arrow) -> tuple[Side, ...]:
    into: dict[Arrow, tuple[Side, ...]] = {
        "both": (RIGHT, LEFT),
        "right": (RIGHT,),
        "once_right": (RIGHT,),
        "left": (LEFT,),
        "once_left": (LEFT,),
    }
    return into.get(arrow, ())


def _ways(name: str, sides: Mapping[Side, Capability], arrow: Arrow) -> Iterator[Sentence]:
    for side in (LEFT, RIGHT):
        if name in sides[side].ways:
            yield Sentence(sides[side].ways[name])
    if any(name in sides[side].steps for side in _goes_to(arrow)):
        yield Sentence("A step of its own, after everything else.")


def _warnings(
    name: str,
    stream: Stream,
    sides: Mapping[Side, Capability],
    values: Mapping[Side, Value],
    arrow: Arrow,
    sampled: bool,
) -> Iterator[Sentence]:
    called = {side: stream.rules.called(side) for side in (LEFT, RIGHT)}
    if name in sides[LEFT].lacking:
        place = sides[LEFT].lacking[name]
        yield Sentence("{system} has no field “{place}”: it is left out.", {"system": called[LEFT], "place": place})
    for side in (LEFT, RIGHT):
        if sampled and name in sides[side].needed and name in sides[side].places and values[side] in (None, "", ()):
            yield Sentence("{system} needs it, and it is empty.", {"system": called[side]})
    for side in _goes_to(arrow):
        yield from _cut(name, stream, side, values[other(side)], called)
    if arrow != "both":
        for side in (LEFT, RIGHT):
            if sides[side].places.get(name) and name not in sides[side].fields:
                yield Sentence("Only read in {system}, never written.", {"system": called[side]})


def _cut(name: str, stream: Stream, side: Side, value: Value, called: Mapping[Side, str]) -> Iterator[Sentence]:
    """Say what of the sample's value would not reach the side as it is; else how much less the side holds."""
    there, here = stream.rules.holds[side], stream.rules.holds[other(side)]
    limit = there.limits.get(name)
    facts = {"system": called[side], "limit": str(limit or "")}
    fitted = there.fit(name, value) if isinstance(value, str) else value
    if isinstance(value, str) and limit is not None and len(there.spell(name, value)) > limit:
        yield Sentence("{length} characters; {system} holds {limit}, the rest is cut.", {**facts, "length": str(len(value))})
    elif isinstance(value, str) and not same(name, value, fitted):
        yield Sentence("{system} holds it as “{text}”.", {**facts, "text": str(fitted)})
    elif limit is not None and limit < here.limits.get(name, 10_000):
        yield Sentence("At most {limit} characters in {system}; what is longer is cut.", facts)


# A person changes it ------------------------------------------------------------------------------------------------------------


def save(integration: Integration, name: str, typed: Mapping[str, str], who: str) -> list[str]:
    """Keep what a person chose of a stream's mapping, as a new version of the settings; return the settings that changed.

    typed  "place:FIELD", "owner:FIELD" ("" for the default) and "link:NAME" ("" for none)

    Raises SettingsError naming the setting and what it takes, as the file would; nothing is kept then.
    """
    mapped = mapped_of(integration, name)
    wanted: dict[str, dict[str, str]] = {}
    for key, sort, allowed in (
        (mapped.places, "place", mapped.placeable),
        (mapped.owners, "owner", mapped.ownable),
        (mapped.links, "link", tuple(mapped.linkable)),
    ):
        if key and any(name.startswith(f"{sort}:") for name in typed):
            wanted[key] = _table(
                integration, key, {one: typed[f"{sort}:{one}"].strip() for one in allowed if f"{sort}:{one}" in typed}, sort
            )
    return change(integration, wanted, who)


def _table(integration: Integration, key: str, typed: Mapping[str, str], sort: str) -> dict[str, str]:
    """Return the table as it would stand in the file: what was there, with what differs from it now."""
    now, kept = _setting(integration, key), dict(integration.settings.get(key, {}))
    for name, text in typed.items():
        if sort == "place":
            if text != now.get(name, ""):
                kept[name] = text
        elif text:
            if name in kept or text != now.get(name):
                kept[name] = text
        else:
            kept.pop(name, None)
    return kept


def mapped_of(integration: Integration, name: str) -> Mapped:
    """Return where a stream's mapping comes from, without a connection. Raises SettingsError for a stream that is not there."""
    if name not in streams_of(integration):
        raise SettingsError("There is no stream {name}.", repair="Choose one of the list.", name=name)
    settings = connectors.read_settings(integration.system, integration.settings, f"{integration.address} settings")
    return connectors.mapped_of(integration.system, name, settings)


def owner_of(integration: Integration, mapped: Mapped, name: str) -> str:
    """Return whom the settings name as the owner of a field, "" where they name nobody."""
    return _setting(integration, mapped.owners).get(name, "")


def as_json(found: Table) -> dict[str, Any]:
    """Return the mapping for programs."""
    return {
        "stream": found.stream.name,
        "kind": found.stream.kind,
        "sample": {side: found.sample.get(side) for side in (LEFT, RIGHT)},
        "fields": [
            {
                "field": line.name,
                "left": line.places[LEFT],
                "right": line.places[RIGHT],
                "arrow": line.arrow,
                "owner": line.owner or None,
                "ways": [str(way) for way in line.ways],
                "rule": line.rule or None,
                "values": {side: shown(line.values[side]) for side in (LEFT, RIGHT)},
                "warnings": [str(warning) for warning in line.warnings],
            }
            for line in found.lines
        ],
        "links": dict(found.links),
    }
