"""Fortnox' price lists and prices, read only: raw to PriceList and Price. Rows MOB-03, UPS-22.

Neither can tell what changed, so each reading reads all: the lists with one call, the prices 500 a call. Prices of inactive articles
are told as such. Fortnox documents `GET /3/prices` as one price and answers a list to those who ask (Fortnox API, section 9.3);
where it keeps to its document, the steps of each active article are asked for instead, a call for each article and list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from brygga.clients.fortnox import Fortnox, wire
from brygga.connectors.contract import Capability, Creation, Receipt, Update
from brygga.core.document import Amount
from brygga.core.money import Money
from brygga.core.plan import Skip, held_by
from brygga.core.record import ABSENT, Price, PriceList, Ref
from brygga.core.seen import Seen
from brygga.errors import BadData, BryggaError, NotFound, Rejected, Sentence

SYSTEM = "fortnox"
CURRENCY = "SEK"
"""Prices are in their list's currency, which Fortnox does not tell (section 9.3): taken for kronor."""

Raw = Mapping[str, Any]


class PriceLists:
    """The price lists of one Fortnox."""

    def __init__(self, client: Fortnox) -> None:
        self._client = client

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield all price lists, whatever *since* is."""
        for raw in self._client.price_lists.list():
            yield _list_seen(raw)

    def get(self, id: str) -> Seen | None:
        try:
            return _list_seen(self._client.price_lists.get(id))
        except NotFound:
            return None

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        found = {key: self.get(key) for key in keys}
        return {key: one for key, one in found.items() if one is not None}

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Refuse: people make price lists in Fortnox. Nothing is sent."""
        return [_refused(creation.key) for creation in creations]

    def update(self, update: Update) -> Receipt:
        """Refuse, as `create` does. Raises Rejected."""
        raise _refused(update.ref.id)

    def capability(self) -> Capability:
        places = {"code": "Code", "name": "Description", "comments": "Comments", "chosen_beforehand": "PreSelected"}
        return Capability(frozenset(places), places=places)


class Prices:
    """The prices of one Fortnox: each the triple of list, article and from which quantity."""

    def __init__(self, client: Fortnox) -> None:
        self._client = client

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield all prices, whatever *since* is."""
        inactive = {str(row.get("ArticleNumber")) for row in self._client.articles.list(filter="inactive")}
        for raw in self._rows():
            yield _price_seen(raw, inactive)

    def _rows(self) -> Iterator[Raw]:
        pages = self._client.prices.pages()
        try:
            first = next(pages, None)
        except BadData:
            yield from self._article_by_article()
            return
        if first is not None:
            yield first
        yield from pages

    def _article_by_article(self) -> Iterator[Raw]:
        articles = [str(row.get("ArticleNumber")) for row in self._client.articles.list(filter="active")]
        for code in [str(raw.get("Code")) for raw in self._client.price_lists.list()]:
            for article in articles:
                yield from self._client.prices.of_article(code, article)

    def get(self, id: str) -> Seen | None:
        """Read one price by its list, article and quantity."""
        code, article, quantity = _parts(id)
        try:
            raw = self._client.prices.get(code, article, quantity)
        except NotFound:
            return None
        return _price_seen({"PriceList": code, "ArticleNumber": article, **raw}, frozenset())

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        found = {key: self.get(key) for key in keys}
        return {key: one for key, one in found.items() if one is not None}

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Refuse: people make prices in Fortnox. Nothing is sent."""
        return [_refused(creation.key) for creation in creations]

    def update(self, update: Update) -> Receipt:
        """Refuse, as `create` does. Raises Rejected."""
        raise _refused(update.ref.id)

    def capability(self) -> Capability:
        places = {
            "price_list": "PriceList",
            "article_number": "ArticleNumber",
            "from_quantity": "FromQuantity",
            "price": "Price",
            "percent": "Percent",
        }
        return Capability(frozenset(places), places=places)


def price_id(code: str, article: str, quantity: Decimal) -> str:
    """Return the id of a price: its three parts, divided by a sign that neither number has."""
    return f"{code}|{article}|{format(quantity.normalize(), 'f') if quantity else '0'}"


def _parts(id: str) -> tuple[str, str, Decimal]:
    parts = id.rsplit("|", 2)
    if len(parts) != 3:
        raise BadData("{id} is no price: it wants list, article and quantity.", id=id)
    return parts[0], parts[1], Decimal(parts[2])


def _list_seen(raw: Raw) -> Seen:
    code = str(raw.get("Code") or "")
    if not code:
        raise BadData("Fortnox sent a price list without a code.", repair="It is read again in the next run.")
    name = str(raw.get("Description") or "").strip() or code
    record = PriceList(
        code=code, name=name, comments=str(raw.get("Comments") or ""), chosen_beforehand=bool(raw.get("PreSelected"))
    )
    return Seen(Ref(SYSTEM, "price_list", code), record)


def _price_seen(raw: Raw, inactive: frozenset[str] | set[str]) -> Seen:
    code, article = str(raw.get("PriceList") or ""), str(raw.get("ArticleNumber") or "")
    if not code or not article:
        raise BadData("Fortnox sent a price without list or article.", repair="It is read again in the next run.")
    facts = {"list": code, "article": article}
    try:
        quantity = wire.amount(raw.get("FromQuantity")) or Decimal(0)
        price = _price(raw, quantity)
        percent = wire.amount(raw.get("Percent")) or Decimal(0)
    except BadData as error:
        return Seen(Ref(SYSTEM, "price", f"{code}|{article}|?"), Price(), standing=held_by(error, "", "Fortnox"))
    record = Price(article_number=article, price_list=code, from_quantity=quantity, price=price, percent=percent)
    standing = Skip(Sentence("Article {article} is inactive in Fortnox, so its price in list {list} stays there.", facts), "MOB-03")
    return Seen(Ref(SYSTEM, "price", price_id(code, article, quantity)), record, standing=standing if article in inactive else None)


def _price(raw: Raw, quantity: Decimal) -> Amount:
    """Return a price; ABSENT where there is none, or the user may not see it. Raises BadData for what is no amount.

    The first step of an article brings a price of 0 from quantity 0, which nobody has set (section 9.3): no price is not the price 0.
    """
    amount = wire.amount(raw.get("Price"))
    return ABSENT if amount is None or not (amount or quantity) else Money(amount, CURRENCY)


def _refused(key: str) -> Rejected:
    return Rejected(
        "{key} was not written to Fortnox: price lists and prices are kept there by people.",
        repair="Make or change it in Fortnox.",
        rule="MOB-11",
        key=key,
    )
