"""The shop's customers (those of its orders among them) and its articles: read, found, made, changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from brygga.clients.textalk import Raw, Textalk, wire
from brygga.connectors.contract import Capability, Creation, Receipt, Update
from brygga.connectors.textalk import buyer, order_map, read, write
from brygga.connectors.textalk import map as mapping
from brygga.connectors.textalk.settings import Settings
from brygga.connectors.textalk.shop import SYSTEM, Shop
from brygga.core.fault import read_alone
from brygga.core.plan import Hold, Skip
from brygga.core.record import Article, Customer, Ref, present
from brygga.core.seen import Seen
from brygga.core.spelling import spelled
from brygga.errors import BryggaError, Sentence

NAME: Final = "Textalk Webshop"


class Customers:
    """The customers of one shop, and the buyers of its orders, who may stand in their orders alone (`buyer.buyer_of`)."""

    def __init__(self, client: Textalk, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._listed = settings.export_customers or settings.import_customers

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield the registered customers that changed, then the buyers of orders: an order is all that tells of a guest."""
        settings = self._settings
        bought: dict[str, Raw] = {}
        if settings.export_orders != "never":
            placed = (raw for raw in read.placed_since(self._client, since) if _wants_a_document(raw))
            bought = {buyer.buyer_of(raw, settings.info_fields): raw for raw in placed}
        if self._listed:
            for raw in read.changed(self._client.customers, since):
                order = bought.pop(str(raw["uid"]), None)
                seen = self._registered(raw, order)
                if not settings.export_customers and order is None:
                    seen = replace(seen, standing=_stays(raw))
                yield seen
        for id, order in bought.items():
            yield self._buyer(id, order)

    def get(self, id: str) -> Seen | None:
        if id.isdigit() and self._listed:
            raw = self._client.customers.get(int(id))
            return None if raw is None else self._registered(raw)
        order = self._last_order(id)
        if order is not None:
            return self._buyer(id, order)
        raw = self._client.customers.get(int(id)) if id.isdigit() else None
        return None if raw is None else self._registered(raw)

    def _buyer(self, id: str, order: Raw) -> Seen:
        """Return a buyer as this order shows it; a registered customer of a list that goes over as the list has it."""
        raw = self._client.customers.get(int(id)) if id.isdigit() else None
        if raw is not None and self._listed:
            return self._registered(raw, order)
        return read_alone(Ref(SYSTEM, "customer", id), Customer(), "TXT-21", NAME, lambda: self._of_order(id, order, raw))

    def _of_order(self, id: str, order: Raw, raw: Raw | None) -> Seen:
        record = buyer.card(order, self._settings.info_fields, buyer.type_of_card(order))
        if raw is not None:
            record = replace(record, number=mapping.number_of(raw))
        return spelled(Seen(Ref(SYSTEM, "customer", id), record, standing=_nameless(record, id)), NAME)

    def _last_order(self, id: str) -> Raw | None:
        """Return the newest order of a buyer: looked for by what its id is made of, then by a search of the text [guess]."""
        plain, _, _ = id.partition(buyer.APART)
        word, _, rest = plain.partition(":")
        if word == "order":
            return self._client.orders.get(int(rest), order_map.QUERY) if rest.isdecimal() else None
        for filters in self._ways_to(plain, word, rest):
            found = [raw for raw in self._client.orders.all(order_map.QUERY, filters) if self._is_of(raw, id)]
            if found:
                return found[-1]
        return None

    def _ways_to(self, plain: str, word: str, rest: str) -> Iterator[Mapping[str, Any]]:
        fields = self._settings.info_fields
        if plain.isdigit():
            yield {"/customer/uid": {"equals": int(plain)}}
        elif word == "guest":
            email = rest.partition(",")[0].partition("~")[0]
            yield {"/customer/info/email": {"startsWith": email}}
            yield {"search": {"term": email}}
        elif word == "org":
            number = rest.removeprefix("NO")
            yield {f"/customer/info/{fields['organisation_number']}": {"in": [number, f"{number[:6]}-{number[6:]}", f"16{number}"]}}
            yield {"search": {"term": number}}
        elif word == "vat":
            yield {f"/customer/info/{fields['vat_number']}": {"in": [rest, f"{rest[:2]} {rest[2:]}"]}}
            yield {"search": {"term": rest}}

    def _is_of(self, order: Raw, id: str) -> bool:
        """Say whether an order is of the buyer with this id; one from before ids had names is told by its e-mail address alone."""
        if id.startswith("guest:") and "," not in id and "~" not in id:
            return str(wire.nested(order, "customer", "info", "email") or "").strip() == id.removeprefix("guest:")
        return buyer.buyer_of(order, self._settings.info_fields) == id

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find customers by Fortnox' number, exactly, among those changed since."""
        found: dict[str, Seen] = {}
        for raw in self._client.customers.changed(since):
            number = str((raw.get("custom") or {}).get(mapping.NUMBER) or "")
            if number in keys:
                found.setdefault(number, self._registered(raw))
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        fields = self._settings.info_fields
        holding = self.capability().holding()
        return write.create(
            self._client.customers,
            creations,
            "customer",
            lambda record: mapping.customer_fields(
                {**{n: holding.fit(n, v) for n, v in present(record) if n in holding.fields}, "kind": getattr(record, "kind", "")},
                {},
                fields,
            ),
        )

    def update(self, update: Update) -> Receipt:
        """Change a registered customer; a guest has no record that anything could be written to."""
        if not update.ref.id.isdigit():
            return Receipt(update.ref)
        fields = self._settings.info_fields
        return write.update(
            self._client.customers,
            update,
            lambda raw: mapping.customer(raw, fields, registered=True),
            lambda raw: mapping.customer_fields(update.after, raw, fields),
        )

    def capability(self) -> Capability:
        places = mapping.customer_places(self._settings.info_fields)
        return Capability(mapping.CUSTOMER_HELD, places=places, ways=mapping.CUSTOMER_WAYS)

    def _registered(self, raw: Raw, order: Raw | None = None) -> Seen:
        ref = Ref(SYSTEM, "customer", str(raw["uid"]))
        return read_alone(ref, Customer(), "TXT-21", NAME, lambda: self._of_register(ref, raw, order))

    def _of_register(self, ref: Ref, raw: Raw, order: Raw | None) -> Seen:
        record = mapping.customer(raw, self._settings.info_fields, registered=True)
        if order is not None:
            record = replace(record, vat_type=buyer.type_of_card(order))
        return spelled(Seen(ref, record, standing=_nameless(record, ref.id)), NAME)


def _wants_a_document(order: Raw) -> bool:
    """Say whether an order still needs its buyer in Fortnox: not once it was cancelled, or has a number there."""
    return order.get("discarded") is not True and not order.get("externalOrderNumber")


def _stays(raw: Raw) -> Skip:
    facts = {"id": str(raw["uid"])}
    return Skip(
        Sentence("Customer {id} of the shop has no order: the customer list is imported, not exported.", facts),
        "TXT-22",
        outward=True,
    )


def _nameless(record: Any, id: str) -> Hold | None:
    if record.name:
        return None
    facts = {"id": id}
    give = Sentence("Give it a name in the shop.", facts)
    return Hold(Sentence("Customer {id} of the shop has no name.", facts), "TXT-21", give, only=frozenset({"name"}))


class Articles:
    """The articles of one shop."""

    def __init__(self, client: Textalk, shop: Shop) -> None:
        self._client = client
        self._shop = shop

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        return map(self._seen, read.changed(self._client.articles, since))

    def get(self, id: str) -> Seen | None:
        raw = self._client.articles.get(int(id)) if id.isdecimal() else None
        return None if raw is None else self._seen(raw)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find articles by number, exactly."""
        raws = self._client.articles.some("/articleNumber", keys)
        return {str(raw["articleNumber"]): self._seen(raw) for raw in raws}

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        holding = self.capability().holding()
        return write.create(
            self._client.articles,
            creations,
            "article",
            lambda record: mapping.article_fields(
                {n: holding.fit(n, v) for n, v in present(record) if n in holding.fields}, {}, self._shop.currency
            ),
        )

    def update(self, update: Update) -> Receipt:
        return write.update(
            self._client.articles,
            update,
            lambda raw: mapping.article(raw, self._shop.currency),
            lambda raw: mapping.article_fields(update.after, raw, self._shop.currency),
        )

    def capability(self) -> Capability:
        return Capability(mapping.ARTICLE_HELD, mapping.ARTICLE_LIMITS, places=mapping.ARTICLE_PLACES, ways=mapping.ARTICLE_WAYS)

    def _seen(self, raw: Raw) -> Seen:
        ref = Ref(SYSTEM, "article", str(raw["uid"]))
        return read_alone(ref, Article(), "TXT-17", NAME, lambda: self._article(ref, raw))

    def _article(self, ref: Ref, raw: Raw) -> Seen:
        record = mapping.article(raw, self._shop.currency)
        return Seen(ref, record, standing=_unnumbered(str(record.number or ""), raw))


def _unnumbered(number: str, raw: Raw) -> Hold | None:
    if order_map.NUMBER.fullmatch(number):
        return None
    facts = {"id": str(raw["uid"]), "number": number, "name": wire.spoken(raw.get("name"))}
    if not number:
        sentence = Sentence("Article {id} ({name}) has no article number.", facts)
    else:
        sentence = Sentence("The article number “{number}” ({name}) has signs that Fortnox does not take, such as a space.", facts)
    give = Sentence("Give it a number of letters, digits and _ - / + in the shop.", facts)
    return Hold(sentence, "TXT-17", give, only=frozenset({"number"}))
