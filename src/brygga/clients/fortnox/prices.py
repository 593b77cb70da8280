"""/3/prices: a price is the triple of price list, article and the quantity from which it holds (Fortnox API, section 9.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from brygga.clients.fortnox import fields, wire
from brygga.clients.fortnox.resource import Creatable
from brygga.clients.fortnox.wire import Raw
from brygga.errors import NotFound


class Prices(Creatable):
    """Prices, in the currency of their list. A base price from quantity 0 exists for every article in the preselected list."""

    path, one, many = "/3/prices", "Price", "Prices"

    def of_article(self, price_list: str, article: str) -> list[Raw]:
        """Return every step of an article's price in one list."""
        return wire.page(self._api.read(self._place("sublist", price_list, article)), self.many).rows

    def get(self, price_list: str, article: str, from_quantity: Decimal | int | None = None) -> Raw:
        """Return the price from a quantity, or the first one. Raises NotFound."""
        return wire.single(self._api.read(self._step(price_list, article, from_quantity)), self.one)

    def all(self, **search: object) -> list[Raw]:
        """Return what Fortnox gives without a price list: documented as one price, met by others as a list (section 9.3)."""
        answer = self._api.read(self.path, fields.query(self.path, search, paged=False))
        body = answer.json()
        for name in (self.many, self.one):
            found = body.get(name) if isinstance(body, dict) else None
            if isinstance(found, (list, dict)):
                return found if isinstance(found, list) else [found]
        raise answer.unreadable("has neither Price nor Prices")

    def pages(self) -> Iterator[Raw]:
        """Yield every price of every list, 500 a request, where Fortnox answers a list; see `all`. Raises BadData where it does not."""
        number, pages = 1, 1
        while number <= pages:
            params = (("limit", str(wire.PAGE_SIZE)), ("page", str(number)))
            found = wire.page(self._api.read(self.path, params), self.many, number, wire.PAGE_SIZE)
            yield from found.rows
            number, pages = number + 1, found.pages

    def update(
        self, price_list: str, article: str, changes: Mapping[str, object], from_quantity: Decimal | int | None = None
    ) -> Raw:
        """Change the price from a quantity, or the first one."""
        body = {self.one: fields.checked(self.definition(), changes, "update")}
        return wire.single(self._api.write("PUT", self._step(price_list, article, from_quantity), body), self.one)

    def put(self, price_list: str, article: str, price: Decimal, from_quantity: Decimal | int = 0) -> Raw:
        """Set the price from a quantity, whether or not there is one already; a POST of an existing one would be refused."""
        try:
            return self.update(price_list, article, {"Price": price}, from_quantity)
        except NotFound:
            pass  # created below
        step = {"PriceList": price_list, "ArticleNumber": article, "FromQuantity": from_quantity, "Price": price}
        return self.create(step)

    def delete(self, price_list: str, article: str, from_quantity: Decimal | int) -> None:
        """Remove one step."""
        self._api.write("DELETE", self._step(price_list, article, from_quantity))

    def _step(self, price_list: str, article: str, from_quantity: Decimal | int | None) -> str:
        step = () if from_quantity is None else (wire.number(Decimal(from_quantity)),)
        return self._place(price_list, article, *step)
