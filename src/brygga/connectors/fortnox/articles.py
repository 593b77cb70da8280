"""Fortnox' articles, read only: raw to Article, and the lists. The only place that knows Fortnox' field names of articles.

The list tells all that is synced, so no detail is read but for a single article that is asked for. It says neither whether an
article is active nor when it changed. Sources: Fortnox API, sections 6.5, 6.6 (text and number mixed) and 9.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from brygga.clients.fortnox import Fortnox, wire
from brygga.clients.fortnox.text import cleaned, forbidden, sign_by_sign
from brygga.connectors.contract import Capability, Creation, Receipt, Update
from brygga.core.diff import same
from brygga.core.document import Amount, Number
from brygga.core.fault import read_alone
from brygga.core.money import ZERO, Money
from brygga.core.plan import Hold
from brygga.core.policy import Holding
from brygga.core.record import ABSENT, Absent, Article, Ref, Text, present
from brygga.core.seen import Seen
from brygga.core.spelling import readable
from brygga.errors import BadData, BryggaError, NotFound, Rejected, Sentence, SettingsError, Stale

SYSTEM = "fortnox"
CURRENCY = "SEK"
"""Prices of an article are those of the list that is chosen beforehand, which is kept in kronor."""

Raw = Mapping[str, Any]

TEXTS: Mapping[str, str] = {"number": "ArticleNumber", "name": "Description", "unit": "Unit"}
AMOUNTS: Mapping[str, str] = {"cost_price": "PurchasePrice", "list_price": "SalesPrice"}
RATE = "VAT"
"""The percent of an article, which follows from its sales account (accounting.md 1.2)."""
HELD = frozenset({*TEXTS, *AMOUNTS, "active", "vat", "sales_account", "supply"})
WAYS: Mapping[str, str] = {"list_price": "The price of the list that is chosen beforehand, or of the one in the settings."}


def spell(name: str, text: str) -> str:
    """Return a text in signs that Fortnox takes (section 5): of the name and the unit, never of the number."""
    text = readable(text) if name in WRITTEN else text
    return cleaned(text) if name in WRITTEN and forbidden(text) else text


def spell_formerly(name: str, text: str) -> str:
    """Return a text as earlier versions wrote it."""
    return sign_by_sign(text) if name in WRITTEN and forbidden(text) else text


HOLDING = Holding(HELD, {"name": 200}, spell, formerly=spell_formerly)
"""What an article can hold (appendix A): the same when it is made and when it is changed."""
WRITTEN = frozenset({"name", "unit"})
"""What may be written to an article that is there."""


class Articles:
    """The articles of one Fortnox, for streams that read them."""

    def __init__(self, client: Fortnox) -> None:
        self._client = client
        self.price_list = ""
        self._others: bool | None = None
        self._lowest: dict[str, Raw] | None = None

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        if since is None and self._needs_prices():
            self._lowest = self._all_prices()
        for row, active in changed_articles(self._client, since):
            yield seen(self._priced(row), active)

    def get(self, id: str) -> Seen | None:
        try:
            raw = self._client.articles.get(id)
        except NotFound:
            return None
        return seen(self._priced(raw), raw["Active"] if isinstance(raw.get("Active"), bool) else ABSENT)

    def _priced(self, raw: Raw) -> Raw:
        """Return the article with the price of the chosen list, the lowest step; without one there, with none (UPS-13).

        The list of articles shows the prices of the list that is chosen beforehand. Those of another one come with a whole reading, 500 a
        request; for what changed since, each article is asked for by itself.
        Raises SettingsError when the chosen list is gone.
        """
        if not self._needs_prices():
            return raw
        number = str(raw.get("ArticleNumber"))
        rest = {name: value for name, value in raw.items() if name != "SalesPrice"}
        if self._lowest is not None:
            return {**rest, "SalesPrice": self._lowest[number].get("Price")} if number in self._lowest else rest
        steps = sorted(self._client.prices.of_article(self.price_list, number), key=_from_quantity)
        return {**rest, "SalesPrice": steps[0].get("Price")} if steps else rest

    def _needs_prices(self) -> bool:
        """Say whether prices of another list than the one chosen beforehand are wanted. Raises SettingsError when it is gone."""
        if self.price_list and self._others is None:
            self._others = not self._chosen_beforehand()
        return bool(self.price_list and self._others)

    def _all_prices(self) -> dict[str, Raw] | None:
        """Return the lowest step of each article in the list, 500 prices a request; None where Fortnox gives no list of prices."""
        lowest: dict[str, Raw] = {}
        try:
            for step in self._client.prices.pages():
                number = str(step.get("ArticleNumber"))
                if str(step.get("PriceList")) == self.price_list:
                    lowest[number] = min(lowest.get(number, step), step, key=_from_quantity)
        except BadData:
            return None
        return lowest

    def _chosen_beforehand(self) -> bool:
        try:
            return self._client.price_lists.get(self.price_list).get("PreSelected") in (True, "true")
        except NotFound:
            pass  # said below, in the words of the settings
        raise SettingsError(
            "Fortnox has no price list {code}.",
            repair="Choose another one under Prislista, or make it in Fortnox.",
            code=self.price_list,
        )

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find articles by their numbers, exactly."""
        found = {key: self.get(key) for key in keys}
        return {key: one for key, one in found.items() if one is not None}

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Make articles by their own numbers, with basic data only, where a document needs them (D10): with rate and account where it says them.

        No stream makes one by itself but the shop's (TXT-17): their rules say so (WEB-29, WEB-31).
        """
        return [self._create(creation) for creation in creations]

    def _create(self, creation: Creation) -> Receipt | BryggaError:
        values = dict(present(creation.record))
        fitted = {name: str(HOLDING.fit(name, value)) for name, value in values.items() if name in TEXTS}
        body: dict[str, Any] = {field: fitted[name] for name, field in TEXTS.items() if fitted.get(name)}
        body.setdefault("Description", creation.key)
        body |= _sold_by(values)
        try:
            made = self._client.articles.create(body)
        except (Rejected, SettingsError) as error:
            return error
        return Receipt(ref(made), seen(made, True))

    def update(self, update: Update) -> Receipt:
        """Change name or unit, where a stream lets articles go to Fortnox (TXT-17); people keep everything else there.

        Raises Stale, and writes nothing, when the article is gone or does not hold `before`; Rejected for any other field.
        """
        number = update.ref.id
        if not update.after or not set(update.after) <= WRITTEN:
            raise _refused(number)
        now = self.get(number)
        held = {} if now is None else dict(present(now.record))
        moved = [name for name, before in update.before.items() if not same(name, held.get(name, ABSENT), before)]
        if now is None or moved:
            raise Stale(
                "Article {number} is gone from Fortnox, or was changed there since the plan was made. Nothing was written.",
                number=number,
            )
        made = self._client.articles.update(number, {TEXTS[name]: str(value) or None for name, value in update.after.items()})
        return Receipt(update.ref, self.get(str(made["ArticleNumber"])))

    def capability(self) -> Capability:
        return Capability(
            HELD,
            HOLDING.limits,
            spell=spell,
            formerly=spell_formerly,
            places={**TEXTS, **AMOUNTS, "active": "Active", "vat": RATE, "sales_account": "SalesAccount", "supply": "Type"},
            ways=WAYS,
            needed=frozenset({"number", "name"}),
        )


def _sold_by(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a new article is sold by, where the record says it: else Fortnox fills in its own rate and accounts (section 9.2)."""
    body: dict[str, Any] = {}
    if isinstance(values.get("vat"), Decimal):
        body[RATE] = values["vat"]
    if values.get("sales_account"):
        body["SalesAccount"] = int(str(values["sales_account"]))
    if values.get("supply"):
        body["Type"] = "SERVICE" if values["supply"] == "services" else "STOCK"
    return body


def _from_quantity(step: Raw) -> Decimal:
    return wire.amount(step.get("FromQuantity")) or ZERO


def _refused(number: str) -> Rejected:
    return Rejected(
        "Article {number} was not written to Fortnox: articles are made and kept there by people.",
        repair="Make or change it in Fortnox.",
        rule="WEB-31",
        number=number,
    )


def changed_articles(client: Fortnox, since: datetime | None) -> Iterator[tuple[Raw, bool]]:
    """Yield list rows changed at or after *since* (aware), with whether they are active.

    Everything active when *since* is None: 500 articles a request. Later the inactive among the changed are asked for as well,
    but only when something changed, so that a quiet run costs one request.
    """
    if since is None:
        for row in client.articles.list(filter="active"):
            yield row, True
        return
    inactive: set[str] | None = None
    for row in client.articles.changed(since):
        if inactive is None:
            inactive = {str(one.get("ArticleNumber")) for one in client.articles.changed(since, filter="inactive")}
        yield row, str(row.get("ArticleNumber")) not in inactive


def seen(raw: Raw, active: bool | Absent) -> Seen:
    """Return a row of the list, or a detail, as a whole record; one with an amount that is none waits, the others go on."""
    address = ref(raw)
    return read_alone(address, Article(), "", "Fortnox", lambda: _seen(address, raw, active))


def _seen(address: Ref, raw: Raw, active: bool | Absent) -> Seen:
    amounts: dict[str, Any] = {}
    standing = None
    for name, field in AMOUNTS.items():
        try:
            amounts[name] = _amount(raw, field)
        except BadData:
            amounts[name] = ABSENT
            standing = _no_amount(raw, field, frozenset({name}) | (standing.only if standing else frozenset()))
    return Seen(address, _article(raw, amounts, active), standing=standing)


def _no_amount(raw: Raw, field: str, only: frozenset[str]) -> Hold:
    facts = {"number": str(raw.get("ArticleNumber")), "field": field, "value": str(raw[field])}
    return Hold(
        Sentence("Fortnox sent article {number} with {field} “{value}”, which is no amount.", facts),
        "",
        Sentence("Look at the article in Fortnox.", facts),
        only=only,
    )


def _article(raw: Raw, amounts: Mapping[str, Any], active: bool | Absent) -> Article:
    """Return an article from a row of the list or from a detail.

    A price that is not set is ABSENT, as is one that the user may not see, or that is no amount: no price is not the price 0.
    """
    texts: dict[str, Any] = {name: _text(raw, field) for name, field in TEXTS.items()}
    return Article(**texts, **amounts, active=active, vat=_rate(raw))


def _rate(raw: Raw) -> Number:
    """Return the percent; ABSENT where Fortnox shows none, which is not 0."""
    try:
        rate = wire.amount(raw[RATE]) if raw.get(RATE) not in (None, "", wire.NO_RIGHT) else None
    except BadData:
        rate = None
    return ABSENT if rate is None else rate


def _text(raw: Raw, field: str) -> Text:
    value = raw.get(field, ABSENT)
    if value is ABSENT or value == wire.NO_RIGHT:
        return ABSENT
    return "" if value is None else str(value).strip()


def _amount(raw: Raw, field: str) -> Amount:
    """Return an amount; ABSENT where there is none or the user may not see it. Raises BadData for what is no amount.

    Fortnox shows a purchase price that nobody set as 0, and fills in a price of 0 from quantity 0 with an article's first step (sections
    9.2, 9.3 and appendix B): neither can be told from none, and none is not zero.
    """
    amount = wire.amount(raw.get(field))
    return Money(amount, CURRENCY) if amount else ABSENT


def ref(raw: Raw) -> Ref:
    """Return the address of an article. Raises BadData for one without a number."""
    if not raw.get("ArticleNumber"):
        raise BadData("Fortnox sent an article without an article number.", repair="It is read again in the next run.")
    return Ref(SYSTEM, "article", str(raw["ArticleNumber"]))
