"""Fortnox' articles and prices on their way to Upsales, webCRM, the shop and Mobigo, in a hostile world."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from proof.world import a_world
from proof.worlds import mobigo_world, textalk_world, upsales_world
from worlds import hostile
from worlds.hostile import Dice
from worlds.judge import Case
from worlds.oracle import back as oracle
from worlds.oracle.arithmetic import number, ore
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference

HELPERS = frozenset({"Rabatt", "Annan-betalning", "Frakt", "Avgift"})
"""Articles of Fortnox that stand for what is no goods: nobody sells them in a shop."""
ITEM = "QuotationLineLinkedDataItem"


class ArticlesOffice:
    """Articles with and without price, unit or cost, at all rates, some of them inactive, some known to the other system before."""

    side = "right"

    def __init__(self, world: Any, dice: Dice, count: int) -> None:
        self.world, self.dice = world, dice
        self._cases: list[Case] = []
        hostile.furnish(world.fortnox, dice)
        self.settle()
        made = hostile.articles(dice, count)
        for one in made:
            one["Description"] = hostile.fortnox_text(one["Description"])[:90]
            one["PurchasePrice"] = dice.one((0, 4, 12.5))
            one["Active"] = dice.often(0.9)
        world.fortnox.company.load("articles", made)
        hostile.other_prices(world.fortnox, dice, made)
        self.known: dict[str, dict[str, Any]] = {}
        for one in made:
            name = str(one["ArticleNumber"])
            if dice.often(0.25):
                self.load(name, f"Gammalt namn {name}", dice.one((119, 500)))
                self.known[name] = self.target(self.find(name))
            inactive = not one["Active"] and name not in self.known
            self._cases.append(
                Case(name, (name, one["Description"]), tidy=bool(one.get("SalesPrice")) and not inactive, nothing=inactive)
            )
        self._cases += [Case(name, (name,), nothing=True) for name in HELPERS if self.helpers_stay]
        self.before = self.untouched()

    helpers_stay = False

    price_list = "A"
    """The list whose prices go over (UPS-13, UPS-22); the others know the preselected one alone."""

    # What differs from system to system -------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let the first run be over, with nothing to bring."""

    def round(self) -> None:
        raise NotImplementedError

    def load(self, number: str, name: str, price: int) -> None:
        """Put an article into the other system as a person there would, before Fortnox' comes."""
        raise NotImplementedError

    def all(self) -> dict[str, dict[str, Any]]:
        """Return number -> raw article of the other system."""
        raise NotImplementedError

    def target(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Return what the oracle compares: name, price, and what else there is."""
        raise NotImplementedError

    def expected(self, held: dict[str, Any], price: Decimal) -> Decimal:
        """Return Fortnox' price as the other system writes it."""
        return price

    # What the judge asks ----------------------------------------------------------------------------------------------------

    def find(self, number: str) -> dict[str, Any]:
        return self.all()[number]

    def cases(self) -> list[Case]:
        return self._cases

    def became(self, case: Case) -> str:
        return case.id if case.id in self.all() else ""

    def price_of(self, article: str) -> Decimal | None:
        """Return the price of the chosen list from quantity 0; Fortnox fills in 0 where nobody set one, so 0 is none (docs/rules/absent.md)."""
        with self.world.fortnox.lock:
            held = self.world.fortnox.company.table("prices").records.get((self.price_list, article, "0"))
        return None if held is None else number(held.get("Price")) or None

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        held, price = dict(books.articles[case.id]), self.price_of(case.id)
        wanted = None if price is None else self.expected(held, price)
        if not held["Active"]:
            return []
        return oracle.article(held, wanted, self.target(self.find(number)), self.known.get(case.id))

    def edit(self, case: Case) -> None:
        """A person in Fortnox gives an article another name and another price."""
        with self.world.fortnox.lock:
            company = self.world.fortnox.company
            company.put("articles", case.id, {**company.get("articles", case.id), "Description": f"Ny {case.id}"})
            blank = dict(company.table("prices").blank)
            row = {"PriceList": self.price_list, "ArticleNumber": case.id, "FromQuantity": 0, "Price": Decimal("77.5")}
            company.put("prices", (self.price_list, case.id, "0"), {**blank, **row})
            company.commit()

    def edit_there(self, case: Case) -> None:
        """The other system's people leave articles alone."""

    def end(self, case: Case) -> None:
        """A person in Fortnox makes it inactive: it stays what it was elsewhere, or is not for sale there any more."""
        with self.world.fortnox.lock:
            company = self.world.fortnox.company
            company.put("articles", case.id, {**company.get("articles", case.id), "Active": False})
            company.commit()

    def end_there(self, case: Case) -> None:
        """The other system's people leave articles alone."""

    def stranger(self) -> list[str]:
        mine = {case.id for case in self._cases}
        return [f"article {name}" for name in self.all() if name not in mine and name not in self.own]

    own: frozenset[str] = frozenset()

    def untouched(self) -> Any:
        with self.world.fortnox.lock:
            return [dict(one) for one in self.world.fortnox.company.table("articles").all()]


class IntoUpsales(ArticlesOffice):
    """UPS-21, UPS-22."""

    system = "upsales articles"

    def settle(self) -> None:
        self.price_list = self.dice.one(hostile.LISTS)
        self.world.declare(price_list=self.price_list, brake=1.0)
        self.world.sync_all()

    def round(self) -> None:
        self.world.sync_all()

    def load(self, number: str, name: str, price: int) -> None:
        self.world.upsales.load("products", [{"name": name, "articleNo": number, "listPrice": price, "active": 1}])

    def all(self) -> dict[str, dict[str, Any]]:
        return {str(one["articleNo"]): one for one in self.world.upsales.all("products") if one["articleNo"]}

    def target(self, raw: dict[str, Any]) -> dict[str, Any]:
        return {"name": raw["name"], "price": raw["listPrice"]}


class IntoWebcrm(ArticlesOffice):
    """WEB-29 to WEB-35."""

    system = "webcrm articles"

    def settle(self) -> None:
        self.world.stream = "articles"
        self.world.declare(brake=1.0)
        self.world.sync()

    def round(self) -> None:
        self.world.sync()

    def load(self, number: str, name: str, price: int) -> None:
        row = {f"{ITEM}Data1": number, f"{ITEM}Data2": name, f"{ITEM}Data3": "st", f"{ITEM}Price": price}
        self.world.webcrm.load(ITEM, [row])

    def all(self) -> dict[str, dict[str, Any]]:
        return {str(one[f"{ITEM}Data1"]): one for one in self.world.webcrm.all(ITEM)}

    def target(self, raw: dict[str, Any]) -> dict[str, Any]:
        return {"name": raw[f"{ITEM}Data2"], "price": raw[f"{ITEM}Price"], "cost": raw[f"{ITEM}CostPrice"]}


class IntoTextalk(ArticlesOffice):
    """TXT-19: the shop's prices have VAT in them, at the article's rate."""

    system = "textalk articles"
    helpers_stay = True
    own = frozenset({"MUGG-1", "A", "B", "C", "CD", "BOOK"})

    def settle(self) -> None:
        self.world.declare(import_articles=True, brake=1.0)

    def round(self) -> None:
        self.world.sync("article_import")

    def load(self, number: str, name: str, price: int) -> None:
        rate = {25: 0.25, 12: 0.12, 6: 0.06}[self._rate(number)]
        given = {"articleNumber": number, "name": {"sv": name}, "price": {"regular": {"SEK": price}}, "vatRate": rate}
        self.world.shop.load("Article", [given])

    def _rate(self, article: str) -> int:
        with self.world.fortnox.lock:
            return int(self.world.fortnox.company.get("articles", article)["VAT"])

    def all(self) -> dict[str, dict[str, Any]]:
        return {str(one["articleNumber"]): one for one in self.world.shop.all("Article")}

    def target(self, raw: dict[str, Any]) -> dict[str, Any]:
        rate = number(raw["vatRate"]) * 100
        return {"name": raw["name"].get("sv"), "price": raw["price"]["regular"].get("SEK"), "unit": raw["unit"], "rate": rate}

    def expected(self, held: dict[str, Any], price: Decimal) -> Decimal:
        return ore(price * (100 + number(held["VAT"])) / 100)


class IntoMobigo(ArticlesOffice):
    """MOB-02, MOB-25."""

    system = "mobigo articles"
    own = frozenset({"100", "200", "201"})

    def settle(self) -> None:
        self.world.declare(brake=1.0)

    def round(self) -> None:
        self.world.sync("articles")

    def load(self, number: str, name: str, price: int) -> None:
        self.world.mobigo.load("Articles", [{"number": number, "name": name, "price": price}])

    def all(self) -> dict[str, dict[str, Any]]:
        return {str(one["number"]): one for one in self.world.mobigo.all("Articles")}

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        """Every list's prices come with the articles (MOB-03, MOB-25)."""
        with self.world.fortnox.lock:
            there = [dict(one) for one in self.world.fortnox.company.table("prices").all() if str(one["ArticleNumber"]) == case.id]
        mine = [one for one in self.world.mobigo.all("Prices") if str(one["articleNumber"]) == case.id]
        found = super().differences(case, number, books)
        return found + (oracle.price_lists(there, mine) if books.articles[case.id]["Active"] else [])

    def target(self, raw: dict[str, Any]) -> dict[str, Any]:
        return {"name": raw["name"], "price": raw["price"], "unit": raw["unit"], "cost": raw["purchasePrice"]}


@contextmanager
def into_upsales(home: Path, seed: int, count: int) -> Iterator[ArticlesOffice]:
    with upsales_world(home) as world:
        yield IntoUpsales(world, Dice(seed), count)


@contextmanager
def into_webcrm(home: Path, seed: int, count: int) -> Iterator[ArticlesOffice]:
    with a_world(home) as world:
        yield IntoWebcrm(world, Dice(seed), count)


@contextmanager
def into_textalk(home: Path, seed: int, count: int) -> Iterator[ArticlesOffice]:
    with textalk_world(home) as world:
        yield IntoTextalk(world, Dice(seed), count)


@contextmanager
def into_mobigo(home: Path, seed: int, count: int) -> Iterator[ArticlesOffice]:
    with mobigo_world(home) as world:
        yield IntoMobigo(world, Dice(seed), count)
