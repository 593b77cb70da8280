"""webCRM's register of quotation lines (linked data) ↔ Article: where its values lie, how it is read and written.

Rows WEB-29 to WEB-35. The register comes whole, by one unpaged call, and cannot tell what changed. Data1 to Data9 are what each
installation makes of them: the settings say which holds what, LinkedSetup which are in use. A Data field in use may not be
empty; "-" stands for it. Prices are in kronor. Source: systems.md 7.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from brygga.clients.webcrm import WebCrm, wire
from brygga.connectors.contract import Capability, Creation, Receipt, Update
from brygga.connectors.webcrm.settings import Settings
from brygga.connectors.webcrm.streams import SYSTEM, standing_of_item
from brygga.core.diff import same
from brygga.core.document import Amount
from brygga.core.fault import read_alone
from brygga.core.money import Money
from brygga.core.record import ABSENT, Article, Ref, Value, present
from brygga.core.seen import Seen
from brygga.errors import BryggaError, Rejected, SettingsError, Stale

Raw = Mapping[str, Any]

ITEM = "QuotationLineLinkedDataItem"
SETUP = "QuotationLineLinkedSetup"
CURRENCY = "SEK"
PRICES: Mapping[str, str] = {"cost_price": f"{ITEM}CostPrice", "list_price": f"{ITEM}Price"}

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class ItemLayout:
    """Where an article's fields lie in one installation.

    places  our field -> the API's name
    used    the Data fields in use, by the API's names: none of them may be empty
    unique  whether webCRM refuses a second item with the same value
    labels  our field -> what people read over it, for the prices, which are all that LinkedSetup names
    """

    places: Mapping[str, str]
    used: tuple[str, ...]
    unique: bool = False
    labels: Mapping[str, str] | None = None


WAYS: Mapping[str, str] = dict.fromkeys(("number", "name", "unit"), "A text of one field; a lone dash means empty.")


def places_of(settings: Settings) -> dict[str, str]:
    """Return our field -> the API's name, as the settings have it."""
    return {name: f"{ITEM}{place}" for name, place in settings.article_fields.items()} | dict(PRICES)


def used_fields(setup: Raw) -> tuple[str, ...]:
    """Return the Data fields in use, by the API's names; none of them may be empty in the register or on a row."""
    return tuple(f"{ITEM}Data{number}" for number in range(1, 10) if setup.get(f"{SETUP}UseLinkedField{number}") is True)


def item_layout(settings: Settings, setup: Raw) -> ItemLayout:
    """Bring the settings and LinkedSetup together. Raises SettingsError when a Data field that is named is not in use."""
    used = used_fields(setup)
    numbers = [int(name.removeprefix(f"{ITEM}Data")) for name in used]
    places = places_of(settings)
    for name, place in settings.article_fields.items():
        if int(place.removeprefix("Data")) not in numbers:
            raise SettingsError(
                "webCRM's quotation lines do not use {place}, which article_fields.{name} names. In use: {used}.",
                repair="Name one that is in use, or take {place} into use in webCRM under Configuration.",
                rule="WEB-30",
                place=place,
                name=name,
                used=", ".join(f"Data{number}" for number in numbers) or "none",
            )
    labels = {
        "cost_price": str(setup.get(f"{SETUP}CostPriceLabel") or ""),
        "list_price": str(setup.get(f"{SETUP}ListPriceLabel") or ""),
    }
    return ItemLayout(places, used, setup.get(f"{SETUP}IsUniqueValueRequired") is True, labels)


def read_setup(client: WebCrm) -> Raw:
    """Return LinkedSetup. Raises SettingsError when linked data is switched off for quotation lines."""
    said = ""
    try:
        setup = client.quotation_lines.linked_data.setup()
        if setup:
            return setup
    except Rejected as error:
        said = f" webCRM says: {error.facts.get('text', error.sentence)}"
    raise SettingsError(
        "Articles have no register in webCRM: linked data is not switched on for quotation lines.{said}",
        repair="Switch linked data on in webCRM under Configuration, or switch the stream articles off.",
        rule="WEB-30",
        said=said,
    )


# Items and articles -----------------------------------------------------------------------------------------------------


def article_from_item(raw: Raw, places: Mapping[str, str]) -> Article:
    """Return an item of the register as an article. "-" is "", a price that is not set is 0; what is not understood is ABSENT."""
    values: dict[str, Any] = {}
    for name, place in places.items():
        if place in raw:
            values[name] = _money(raw[place]) if name in PRICES else wire.data(raw[place])
    return Article(**values)


def item_fields(values: Mapping[str, Value], places: Mapping[str, str]) -> dict[str, Any]:
    """Return these fields of an article as webCRM's; what has no place there, and what is ABSENT, is left out."""
    return {
        places[name]: value.amount if isinstance(value, Money) else wire.data_sent(str(value))
        for name, value in values.items()
        if name in places and value is not ABSENT
    }


def _money(value: object) -> Amount:
    if value is None or value == "":
        return Money(Decimal(0), CURRENCY)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Money(Decimal(value), CURRENCY)
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Money(Decimal(value.strip()), CURRENCY)
    return ABSENT


def spell(name: str, text: str) -> str:
    """Return a text as the register can hold it: "-" means empty there."""
    return wire.data(text)


# The register -----------------------------------------------------------------------------------------------------------


class LinkedArticles:
    """The register of one installation. LinkedSetup is read once, when it is first needed."""

    def __init__(self, client: WebCrm, settings: Settings) -> None:
        self._register = client.quotation_lines.linked_data
        self._client = client
        self._settings = settings

    @cached_property
    def _layout(self) -> ItemLayout:
        return item_layout(self._settings, read_setup(self._client))

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield the whole register, whatever *since* is: it has no other list."""
        places = self._layout.places
        for raw in self._register.all():
            yield _seen(raw, places)

    def get(self, id: str) -> Seen | None:
        places = self._layout.places
        raw = self._register.get(id)
        return _seen(raw, places) if raw else None

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find items by article number, exactly; an item bears no time of its making."""
        wanted, found = set(keys), dict[str, Seen]()
        for one in self.changed(since):
            number = dict(present(one.record)).get("number")
            if isinstance(number, str) and number in wanted:
                found.setdefault(number, one)
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Make items one by one: the register takes no more at once. Raises OutcomeUnknown for one whose answer is lost."""
        return [self._create(creation) for creation in creations]

    def _create(self, creation: Creation) -> Receipt | BryggaError:
        layout = self._layout
        fields = dict.fromkeys(layout.used, wire.EMPTY_DATA) | item_fields(dict(present(creation.record)), layout.places)
        try:
            return Receipt(Ref(SYSTEM, "article", str(self._register.create(fields))))
        except Rejected as error:
            return error

    def update(self, update: Update) -> Receipt:
        """Change the given fields of one item. PUT replaces the whole item, so it is read first and sent back whole.

        Raises Stale, and writes nothing, when it is gone or no longer holds what the plan saw; Rejected when webCRM refuses it.
        """
        layout, id = self._layout, update.ref.id
        raw = self._register.get(id)
        if raw is None:
            raise Stale("Item {id} is gone from webCRM's register of quotation lines. Nothing was written.", id=id)
        now = dict(present(article_from_item(raw, layout.places)))
        moved = [name for name, before in update.before.items() if not same(name, now.get(name, ABSENT), before)]
        if moved:
            raise Stale(
                "Item {id} was changed in webCRM since the plan was made ({fields}). Nothing was written.",
                id=id,
                fields=", ".join(moved),
            )
        filled = {name: raw.get(name) or wire.EMPTY_DATA for name in layout.used}
        self._register.replace(id, {**raw, **filled, **item_fields(update.after, layout.places)})
        return Receipt(update.ref)

    def capability(self) -> Capability:
        """Say what the register can hold, by the settings alone: no request is made for it."""
        places = places_of(self._settings)
        return Capability(frozenset(places), spell=spell, places=places, ways=WAYS)


def _seen(raw: Raw, places: Mapping[str, str]) -> Seen:
    ref = Ref(SYSTEM, "article", str(raw[f"{ITEM}Id"]))
    return read_alone(ref, Article(), "", "webCRM", lambda: _item(ref, raw, places))


def _item(ref: Ref, raw: Raw, places: Mapping[str, str]) -> Seen:
    article = article_from_item(raw, places)
    return Seen(ref, article, standing=standing_of_item(ref.id, article))
