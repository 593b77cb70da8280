"""What of one Upsales account the maps need: the ids of custom fields, stages, users and products.

The custom fields have the aliases of the vendor's own Fortnox apps (fortnox-custom-fields.json). Those that are missing are made
before the first write; until then they read as empty, so that a plan changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from brygga.clients.upsales import CustomField, Entity, Upsales
from brygga.clients.upsales.wire import Raw
from brygga.connectors.upsales.company_places import Places, places
from brygga.connectors.upsales.settings import Settings
from brygga.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Own:
    """A custom field that we use: its alias, its name as people read it, its type, and whether people may edit it.

    made   whether it is made where it is missing; the others are the vendor's extra ones, used where the account has them
    """

    alias: str
    name: str
    datatype: str = "String"
    editable: bool = False
    made: bool = True


FIELDS: Final[Mapping[Entity, tuple[Own, ...]]] = {
    "account": (Own("FORTNOX_CUSTOMER_ID", "Kundnummer"), Own("VAT_NO", "VAT-Nummer", editable=True), Own("EMAIL", "E-post", editable=True)),
    "order": (
        Own("REFERENCE", "Ert ordernummer", editable=True),
        Own("REMARKS", "Fakturabeskrivning", editable=True),
        Own("FORTNOX_OFFER_ID", "Offertnummer"),
        Own("FORTNOX_ORDER_ID", "Ordernummer"),
        Own("FORTNOX_ID", "Fakturanummer"),
        Own("IS_PAID", "Betald", "Boolean"),
        Own("DUE_DATE", "Förfallodatum", "Date"),
        Own("FN_TOTAL", "Total", "Currency"),
        Own("FN_BALANCE", "Saldo", "Currency"),
        Own("SKIP_SYNC", "Skip Fortnox sync", "Boolean", editable=True),
        Own("FORTNOX_STATUS", "Fortnox-status"),
        *(
            Own(alias, name, datatype, editable=True, made=False)
            for alias, name, datatype in (
                ("DELIVERY_NAME", "Namn (leverans)", "String"),
                ("DELIVERY_ADDRESS", "Leveransadress", "String"),
                ("DELIVERY_ZIPCODE", "Postnr (leverans)", "String"),
                ("DELIVERY_CITY", "Ort (leverans)", "String"),
                ("DELIVERY_COUNTRY", "Land (leverans)", "String"),
                ("DELIVERY_DATE", "Leveransdatum", "Date"),
                ("YOUR_REFERENCE", "Er referens", "String"),
                ("COMMENTS", "Kommentar", "String"),
                ("COST_PLACE", "Kostnadsställe", "Select"),
                ("FORTNOX_PROJECT", "Fortnox Project", "Select"),
            )
        ),
    ),
    "product": (Own("FORTNOX_ID", "Artikelnummer"),),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stages:
    """The ids of the stages that the settings name; "" where none is named."""

    won: str
    lost: str
    offer: str


_NOBODY: Final[Any] = None
"""Instead of a client, where nothing may be asked."""


class Layout:
    """One account, read as far as it is asked for: each register at most once a run."""

    def __init__(self, client: Upsales, settings: Settings) -> None:
        self.client = client
        self._settings = settings
        self._fields: dict[Entity, dict[str, int]] = {}
        self._there: dict[Entity, tuple[CustomField, ...]] = {}
        self._products: dict[int, Raw | None] = {}
        self._numbers: dict[str, int | None] = {}

    @classmethod
    def remembered(cls, settings: Settings, facts: Mapping[str, Any], articles: Mapping[int, str]) -> Layout:
        """Return an account as `facts` once said it, with the article numbers of some products: for answers that ask nobody."""
        layout = cls(_NOBODY, settings)
        if "fields" in facts and "users" in facts:
            layout._fields = {"order": dict(facts["fields"])}
            layout._users = list(facts["users"])
        layout._products = {id: {"articleNo": number} for id, number in articles.items()}
        return layout

    @property
    def is_known(self) -> bool:
        """Whether fields and users have been read: without them a sale cannot be compared with its document."""
        return "order" in self._fields and "_users" in self.__dict__

    def facts(self) -> dict[str, Any]:
        """Return what `remembered` needs, as far as this account has been read by now; nothing is asked for."""
        facts: dict[str, Any] = {}
        if "order" in self._fields:
            facts["fields"] = dict(self._fields["order"])
        if "_users" in self.__dict__:
            facts["users"] = [{name: one.get(name) for name in ("id", "name", "email", "active")} for one in self._users]
        return facts

    def read_facts(self) -> dict[str, Any]:
        """Read what `remembered` needs, and return it."""
        self.fields("order")
        _ = self._users
        return self.facts()

    # Custom fields --------------------------------------------------------------------------------------------------------

    def fields(self, entity: Entity) -> Mapping[str, int]:
        """Return alias -> id of those of our fields that are there."""
        if entity not in self._fields:
            ours = {own.alias for own in FIELDS[entity]}
            self._fields[entity] = {one.alias: one.id for one in self._read(entity) if one.alias in ours}
        return self._fields[entity]

    def _read(self, entity: Entity) -> tuple[CustomField, ...]:
        if entity not in self._there:
            self._there[entity] = self.client.custom_fields.of(entity)
        return self._there[entity]

    @cached_property
    def places(self) -> Places:
        """Where companies hold terms, VAT type and delivery address: the places that the settings name and the account has."""
        return places(self._read("account"), self._settings.company_fields, self._settings.delivery_address)

    def made(self, entity: Entity) -> Mapping[str, int]:
        """Return alias -> id of all our fields, those that were missing and are needed made just now."""
        there = dict(self.fields(entity))
        for own in FIELDS[entity]:
            if own.made and own.alias not in there:
                body: dict[str, Any] = {"name": own.name, "alias": own.alias, "datatype": own.datatype, "visible": 1}
                there[own.alias] = self.client.custom_fields.create(entity, {**body, "editable": int(own.editable)}).id
        self._fields[entity] = there
        return there

    # Stages and users -----------------------------------------------------------------------------------------------------

    @cached_property
    def stages(self) -> Stages:
        """Resolve the stages of the settings. Raises SettingsError for one that is gone, there twice, or of a wrong probability."""
        rows = list(self.client.stages.all())
        offer = self._settings.offer_stage if self._settings.offers else ""
        return Stages(
            _stage(rows, self._settings.won_stage, "Vunnen orderfas", range(100, 101)),
            _stage(rows, self._settings.lost_stage, "Förlorad orderfas", range(1)),
            _stage(rows, offer, "Offertfas", range(1, 100)),
        )

    @cached_property
    def _users(self) -> list[Raw]:
        return [one for one in self.client.users.all() if one.get("active") in (1, True)]

    @cached_property
    def placeholder(self) -> str:
        """Return the id of the catch-all user. Raises SettingsError when it is gone, inactive, or two have the name."""
        wanted = self._settings.placeholder_user
        by_id = [one for one in self._users if str(one["id"]) == wanted]
        found = by_id or [one for one in self._users if wanted in (one.get("name"), one.get("email"))]
        if len(found) == 1:
            return str(found[0]["id"])
        if found:
            raise SettingsError(
                "Upsales has {count} active users called “{user}”: {ids}.",
                repair="Name the catch-all user (Uppsamlingsanvändare) by its id or e-mail address.",
                rule="UPS-08",
                count=len(found),
                user=wanted,
                ids=", ".join(str(one["id"]) for one in found),
            )
        raise SettingsError(
            "Upsales has no active user “{user}”, whom the settings name as catch-all user.",
            repair="Choose another one under Uppsamlingsanvändare.",
            rule="UPS-08",
            user=wanted,
        )

    def users_called(self, name: str) -> list[str]:
        """Return the ids of the active users of this name, letter for letter (UPS-08)."""
        return [str(one["id"]) for one in self._users if name and one.get("name") == name]

    def reference_of(self, user: Mapping[str, Any]) -> str:
        """Return what a sale's user is as Our reference: his name, "" for the catch-all user, who is nobody."""
        return "" if str(user.get("id")) == self.placeholder else str(user.get("name") or "").strip()

    def spell_reference(self, text: str) -> str:
        """Return Our reference as a sale can hold it: the name of a user, "" for the catch-all user. Which of two is asked at the write."""
        ids = self.users_called(text)
        return text if ids and ids != [self.placeholder] else ""

    # Products -------------------------------------------------------------------------------------------------------------

    def products(self, ids: Iterable[int]) -> Mapping[int, Raw | None]:
        """Return products by id, read together; None for one that is gone."""
        missing = {id for id in ids if id not in self._products}
        if missing:
            self._products.update(dict.fromkeys(missing))
            self._products.update({int(one["id"]): one for one in self.client.products.some(missing)})
        return self._products

    def product_ids(self, numbers: Collection[str]) -> Mapping[str, int | None]:
        """Return the ids of products by article number, read together; None for a number that none has."""
        missing = {number for number in numbers if number not in self._numbers}
        if missing:
            self._numbers.update(dict.fromkeys(missing))
            for one in self.client.products.some(missing, field="articleNo"):
                self._numbers[str(one.get("articleNo") or "").strip()] = int(one["id"])
        return self._numbers


def _stage(rows: Iterable[Raw], wanted: str, term: str, allowed: range) -> str:
    if not wanted:
        return ""
    there = list(rows)
    found = [one for one in there if str(one["id"]) == wanted] or [one for one in there if one.get("name") == wanted]
    if len(found) > 1:
        raise SettingsError(
            "Upsales has {count} stages called “{stage}”, which {term} names.",
            repair="Name the one that is meant by its id: {ids}.",
            rule="UPS-09",
            count=len(found),
            stage=wanted,
            term=term,
            ids=", ".join(str(one["id"]) for one in found),
        )
    if not found:
        raise SettingsError(
            "The stage “{stage}”, which {term} names, is no longer in Upsales.",
            repair="Choose another stage under {term}; there are: {stages}.",
            rule="UPS-09",
            stage=wanted,
            term=term,
            stages=", ".join(str(one.get("name")) for one in there),
        )
    probability = found[0].get("probability")
    if probability not in allowed:
        raise SettingsError(
            "The stage “{stage}”, which {term} names, has probability {probability} %; it has to have {wanted} %.",
            repair="Choose another stage under {term}.",
            rule="UPS-09",
            stage=wanted,
            term=term,
            probability=probability,
            wanted=f"{allowed[0]} to {allowed[-1]}" if len(allowed) > 1 else str(allowed[0]),
        )
    return str(found[0]["id"])
