"""A webshop's office in a hostile world: guests, members and companies, their orders and payments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from proof.worlds import TextalkWorld, textalk_world
from worlds import hostile
from worlds.hostile import Dice
from worlds.judge import ONE, Case, credit_of, document
from worlds.oracle import textalk as oracle
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference

ARTICLES, COMPANIES = 12, 5
METHODS = {"Faktura": "invoices", "Kort": "invoices", "Swish": "orders", "Klarna": "invoices", "Offert": "offers"}
"""Payment method -> register of its document, as the hub's settings of these worlds say; Kort is a cash invoice."""
DOCUMENTS = {
    "Faktura": "invoice",
    "Kort": "cash_invoice",
    "Swish": "order",
    "Klarna": "invoice",
    "Presentkort": "invoice",
    "Offert": "offer",
}
WRITTEN = frozenset({"externalOrderNumber", "changed"})


class TextalkOffice:
    """Orders of a shop, paid in all ways."""

    system = "textalk"
    side = "left"

    def __init__(self, world: TextalkWorld, dice: Dice, count: int) -> None:
        self.world, self.dice = world, dice
        self._cases: list[Case] = []
        self._buyers: list[dict[str, Any]] = []
        hostile.furnish(world.fortnox, dice)
        made = hostile.articles(dice, ARTICLES)
        for one in made:
            one["Description"] = hostile.fortnox_text(one["Description"])
        world.fortnox.company.load("articles", made)
        self.articles = made
        self.known = [dice.org_number() for _ in range(COMPANIES)]
        world.fortnox.company.load("customers", [self._card(place, ten) for place, ten in enumerate(self.known)])
        if "Offert" not in [one["name"].get("sv") for one in world.shop.all("PaymentMethod")]:
            world.shop.load("PaymentMethod", [{"name": {"sv": "Offert"}}])
        world.declare(
            brake=1.0, documents=DOCUMENTS, cancel_in_fortnox=dice.often(0.5), credit_in_fortnox=dice.often(0.5),
            paid_methods={"Klarna": "BG"} if dice.often(0.5) else {},
        )  # fmt: skip
        self.round()
        for place in range(count):
            self._order(place)
            if place in (count // 3, 2 * count // 3):
                # What comes later finds the customers that the earlier orders made.
                world.pass_time(3700)
                self.round()
        self.before = self.untouched()

    def _card(self, place: int, ten: str) -> dict[str, Any]:
        """Return the card of a company that Fortnox knew before the shop did."""
        return hostile.card(self.dice, str(601 + place), f"Bolaget {place} AB", OrganisationNumber=f"{ten[:6]}-{ten[6:]}")

    def round(self) -> None:
        self.world.sync()

    def _order(self, place: int) -> None:
        dice, tidy = self.dice, self.dice.often(0.3)
        buyer = self._buyer(place, tidy)
        items = [self._item(tidy, buyer) for _ in range(dice.randint(1, 4))]
        if not tidy and dice.often(0.25):
            items += [{**items[0], "name": f"{items[0]['name']} {size}"} for size in ("S", "M")]
        wish: dict[str, Any] = {"items": items, "customer": buyer, "note": "" if tidy else dice.text(f"Hälsning {place}")}
        if not tidy:
            wish |= {"shipping": dice.one((0, 49, 99.5)), "fee": dice.one((0, 0, 29))}
        if not tidy and dice.often(0.1):
            wish |= {"currency": dice.one(hostile.CURRENCIES), "exchangeRate": 11.4321}
        wish["method"] = dice.one(("Faktura", "Klarna")) if tidy else dice.one(tuple(METHODS))
        total = round(
            sum(one["incVat"] - one.get("discount", 0) for one in items) + wish.get("shipping", 0) + wish.get("fee", 0), 2
        )
        if not tidy and dice.often(0.15) and total > 100:
            wish["payments"] = [
                {"method": "Presentkort", "amount": 100},
                {"method": wish["method"], "amount": round(total - 100, 2)},
            ]
        if not tidy and dice.often(0.1) and total > 50:
            wish["discount"] = round(total * dice.one((0.1, 0.25)), 2)
            wish.pop("payments", None)
        uid = self.world.order(**wish)
        number = str(self.world.shop.get("Order", uid)["orderNumber"])
        cancelled = not tidy and dice.often(0.05)
        if cancelled:
            self.world.shop.discard(uid)
        ids = frozenset(
            {
                f"guest:{buyer['info'].get('email', '').strip()}",
                f"order:{uid}",
                f"guest:{buyer['info'].get('email', '').strip().lower()}",
            }
        )
        self._cases.append(
            Case(str(uid), (number, buyer["info"].get("company") or buyer["address"]["lastName"]), ids, tidy, cancelled)
        )

    def _item(self, tidy: bool, buyer: dict[str, Any]) -> dict[str, Any]:
        dice = self.dice
        article = dice.one(self.articles)
        price, quantity = round(dice.uniform(1, 900), 2), dice.randint(1, 5)
        if tidy:
            price = round(price)
        item: dict[str, Any] = {"articleNumber": article["ArticleNumber"], "quantity": quantity, "vatRate": article["VAT"] / 100}
        item |= {"name": article["Description"], "incVat": round(price * quantity, 2)}
        if tidy:
            return item
        item["name"] = dice.text(f"{article['Description']} {dice.one(('S', 'M', 'tryck: Kalle'))}")
        if dice.often(0.1):
            item["incVat"] = round(item["incVat"] + 0.01, 2)  # a sum that no unit price makes
        if dice.often(0.2):
            item["discount"] = round(item["incVat"] * dice.one((0.1, 0.5, 1.0, 0.12345)), 2)
        if dice.often(0.05):
            item["vatRate"] = dice.one((0.255, 0.19, 0.0, 0.12))
        if buyer["address"]["country"] in ("NO", "US") or (buyer["info"].get("vatNumber") and buyer["address"]["country"] != "SE"):
            item["vatRate"] = 0.0
        return item

    def _buyer(self, place: int, tidy: bool) -> dict[str, Any]:
        dice = self.dice
        if not tidy and self._buyers and dice.often(0.4):
            return self._again(dice.one(self._buyers), place)
        postcode, town = dice.one(TIDY_TOWNS if tidy else hostile.TOWNS)
        address = {
            "firstName": "Liv",
            "lastName": f"Dahl{place}",
            "address": f"Storgatan {place}",
            "postcode": postcode,
            "town": town,
        }
        buyer: dict[str, Any] = {"address": {**address, "country": "SE"}, "info": {"email": f"liv{place}@dahl.example"}}
        if not tidy:
            if dice.often(0.15):
                code, town, country = dice.one(hostile.ABROAD)
                buyer["address"] |= {"postcode": code, "town": town, "country": country}
            if dice.often(0.3):
                ten = dice.one(self.known) if dice.often(0.4) else dice.org_number()
                buyer["info"] |= {"company": dice.text(f"Bolag {place} AB").strip()[:80], "orgNumber": dice.spelled(ten)}
                if dice.often(0.3):
                    buyer["info"]["vatNumber"] = f"SE{ten}01"
            elif buyer["address"]["country"] in hostile.EU_NUMBERS and dice.often(0.6):
                number = hostile.EU_NUMBERS[buyer["address"]["country"]]
                buyer["info"] |= {"company": f"Firma {place} GmbH", "vatNumber": number}
            if dice.often(0.2):
                there = {"name": f"Lager {place}", "address": "Kajen 3", "postcode": "972 38", "town": "Luleå", "country": "SE"}
                buyer["deliveryAddress"] = {**there, "copyAddress": False}
        self._buyers.append(buyer)
        return buyer

    def _again(self, before: dict[str, Any], place: int) -> dict[str, Any]:
        """Return somebody who was there before, or shares an address of mail with one who was."""
        dice = self.dice
        info = dict(before["info"])
        what = dice.one(("same", "spelled", "moved", "company", "other mail", "number"))
        buyer = {**before, "address": dict(before["address"]), "info": info}
        if what == "spelled":
            info["email"] = info["email"].upper()
        elif what == "moved":
            buyer["address"] |= {"address": f"Nya vägen {place}", "postcode": "411 05", "town": "Göteborg"}
        elif what == "company":
            info |= {"company": f"Dahls Bygg {place} AB", "orgNumber": dice.spelled(dice.org_number())}
        elif what == "other mail":
            info["email"] = f"annan{place}@dahl.example"
        elif what == "number" and info.get("orgNumber"):
            ten = "".join(filter(str.isdigit, info["orgNumber"].upper().replace("SE", "")))
            info |= {"orgNumber": dice.spelled(ten[2:12] if len(ten) == 12 and ten.startswith("16") else ten[:10])}
        return buyer

    # What the judge asks ----------------------------------------------------------------------------------------------------

    def cases(self) -> list[Case]:
        return self._cases

    def became(self, case: Case) -> str:
        return str(self.world.shop.get("Order", int(case.id))["externalOrderNumber"] or "")

    def opened(self, case: Case) -> oracle.Order:
        """Return an order with what it refers to."""
        shop = self.world.shop
        raw = shop.get("Order", int(case.id))
        payments = [shop.get("Payment", uid) for uid in raw["payments"]]
        names = [shop.get("PaymentMethod", one["method"])["name"]["sv"] for one in payments]
        return oracle.Order(raw, [shop.get("OrderItem", uid) for uid in raw["items"]], list(zip(names, payments, strict=True)))

    def register_of(self, order: oracle.Order) -> str:
        [name] = [name for name, _ in order.payments if name not in order.helpers.cards]
        return METHODS[name]

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        order = self.opened(case)
        register = self.register_of(order)
        held = document(self.world, register, number)
        if (ended := oracle.standing(order.raw, held)) is not None:
            return ended
        return oracle.compare(order, held, register, books)

    def edit(self, case: Case) -> None:
        """An order is a snapshot that nobody edits; the shop notes that it was delivered."""
        self.world.shop.change("Order", int(case.id), deliveryStatus="delivered")

    def edit_there(self, case: Case) -> None:
        """A person in Fortnox writes whom to ask for, which no order says."""
        register = self.register_of(self.opened(case))
        one = ONE[register][0]
        self.world.fortnox_call("PUT", f"/3/{register}/{self.became(case)}", {one: {"YourReference": "Eva"}})

    def end(self, case: Case) -> None:
        """The order is cancelled in the shop."""
        self.world.shop.discard(int(case.id))

    def end_there(self, case: Case) -> None:
        """A person in Fortnox cancels the document, or credits it where it is booked."""
        register, number = self.register_of(self.opened(case)), self.became(case)
        booked = document(self.world, register, number).get("Booked")
        self.world.fortnox_call("PUT", f"/3/{register}/{number}/{'credit' if booked else 'cancel'}")

    def stranger(self) -> list[str]:
        mine = {(self.register_of(self.opened(case)), self.became(case)) for case in self._cases}
        return sorted(
            f"{register} {one['DocumentNumber']}"
            for register in ("invoices", "orders", "offers")
            for one in self.world.records(register)
            if (register, str(one["DocumentNumber"])) not in mine and (register, credit_of(one)) not in mine
        )

    def untouched(self) -> Any:
        orders = {
            one["uid"]: {name: value for name, value in one.items() if name not in WRITTEN} for one in self.world.shop.all("Order")
        }
        return orders, self.world.shop.all("OrderItem"), self.world.shop.all("Payment")


TIDY_TOWNS = (("111 22", "Stockholm"), ("972 38", "Luleå"))


@contextmanager
def office(home: Path, seed: int, count: int) -> Iterator[TextalkOffice]:
    """Run a shop's office on the database that Django points at."""
    with textalk_world(home) as world:
        yield TextalkOffice(world, Dice(seed), count)
