"""webCRM's office in a hostile world: organisations, and deliveries whose rows people typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub import organisation
from proof.world import World, a_world
from worlds import hostile
from worlds.hostile import Dice
from worlds.judge import Case, change_quantity, change_rows, credit_of, document, one_more_row, one_row_less
from worlds.oracle import webcrm as oracle
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference, compare, compare_shown

COMPANIES = 8
ARTICLES = 10
FIELDS = {"organisation_number": "Organisationsnummer", "number": "Kundnummer"}
SAYS = {
    "Leveransnamn": "Bygget", "Leveransadress": "Storgatan 2\nUppgång B", "Leveranspostnr": "852 30", "Leveransort": "Sundsvall",
    "Leveransland": "Norge", "Er referens": "Åsa Öberg", "Kostnadsställe": "C1", "Projekt": "P1",
}  # fmt: skip
WRITTEN = (
    *("Custom2", "Custom3", "Custom5", "Custom6", "UpdatedAt", "UpdatedBy", "History"),
    *("ErpStatus", "ErpReadOnly", "ErpSyncDateTime", "Plus10", *oracle.SHOWN.values()),
    # Whom to ask for and where it is followed up go both ways: the card's come back where a delivery left them empty.
    *(oracle.SAID[name] for name in ("your_reference", "cost_center", "project")),
)
"""What of a delivery the hub writes: numbers of documents, that one is booked, and in a mark how it stands."""


class WebcrmOffice:
    """Deliveries of organisations, some of which Fortnox knew before with cards full of defaults."""

    system = "webcrm"
    side = "left"

    def __init__(self, world: World, dice: Dice, count: int) -> None:
        self.world, self.dice = world, dice
        self.register = dice.one(("invoices", "orders"))
        self._cases: list[Case] = []
        self.numbers_known: list[str] = []
        hostile.furnish(world.fortnox, dice)
        self.articles = hostile.articles(dice, ARTICLES)
        for one in self.articles:
            one["Description"] = hostile.fortnox_text(one["Description"])
        world.fortnox.company.load("articles", self.articles)
        hostile.other_prices(world.fortnox, dice, self.articles)
        world.fortnox.company.load("customers", [self._card(place) for place in range(COMPANIES)])
        world.declare(brake=1.0, document="invoice" if self.register == "invoices" else "order", delivery_fields=self._fields())
        self.round()
        self.organisations = [int(one["OrganisationId"]) for one in world.webcrm.all("Organisation")]
        self.first = list(self.organisations)
        self.swedish = [one for one in self.organisations if self._is_swedish(one)]
        self.persons = {one: self._persons(one) for one in self.organisations}
        assert self.organisations, "no customer came over"
        for place in range(count):
            self._deliver(place)
        self.before = self.untouched()

    def _card(self, place: int) -> dict[str, Any]:
        ten = self.dice.org_number()
        self.numbers_known.append(ten)
        more: dict[str, Any] = {"OrganisationNumber": f"{ten[:6]}-{ten[6:]}", "VATType": "SEVAT"}
        if place and self.dice.often(0.2):
            more = {
                "VATType": self.dice.one(("EXPORT", "EUREVERSEDVAT")),
                "VATNumber": self.dice.german_number(),
                "CountryCode": "DE",
            }
        return hostile.card(self.dice, str(301 + place), f"Kund {place} AB", **more)

    def _fields(self) -> dict[str, str]:
        """Return the fields that a person has named for what else a delivery says, and shows of its invoice."""
        shown = oracle.SHOWN if self.register == "invoices" else {}
        return {name: f"Delivery{place}" for name, place in {**oracle.SAID, **shown}.items()}

    def _is_swedish(self, organisation: int) -> bool:
        number = str(self.world.webcrm.organisation(organisation).raw()["OrganisationExtraCustom1"])
        return bool(self.world.customer(number)["VATType"] == "SEVAT")

    def _persons(self, organisation: int) -> list[int]:
        names = self.dice.sample(("Karin Ek", "Nils Öst", "Li Wu"), self.dice.randint(0, 3))
        return [
            self.world.webcrm.add("Person", FirstName=first, LastName=last, OrganisationId=organisation)
            for first, last in (name.split(" ", 1) for name in names)
        ]

    def round(self) -> None:
        for stream in ("customers", "deliveries"):
            self.world.stream = stream
            self.world.sync()

    def _deliver(self, place: int) -> None:
        dice, tidy = self.dice, self.dice.often(0.3)
        owner = dice.one(self.swedish) if tidy else dice.one(self.first) if dice.often(0.8) else self._organisation(place)
        rows = [self._row(tidy) for _ in range(dice.randint(1, 4))]
        if not tidy and dice.often(0.3):
            rows.append({"Benämning": dice.text("Levereras till lastkajen")})
        if not tidy and dice.often(0.2):
            rows.append({**rows[0], "Benämning": "Samma igen"})
        if not tidy and dice.often(0.15):
            self._give_back(rows)
        fields: dict[str, Any] = {
            "Beskrivning": f"Leverans {place}",
            "Status": dice.one(("New", "Planned", "OnGoing", "Completed")),
        }
        if self.persons.get(owner) and dice.often(0.5):
            fields["PersonId"] = dice.one(self.persons[owner])
        if dice.often(0.5):
            fields |= {label: text for label, text in SAYS.items() if dice.often(0.6)}
        if not tidy and dice.often(0.12):
            fields["CurrencyName"] = dice.one(("EUR", "USD", "NOK"))
        if not tidy and dice.often(0.1):
            fields["OrderValue"] = 4711
        day = f"2026-11-{dice.randint(10, 20)}"
        if self.register == "orders":
            fields |= {"OrderDate": f"{day}T00:00:00", "Ordertext": "" if tidy else dice.text(f"Text {place}")}
            if dice.often(0.5):
                fields["Leveransdatum"] = "2026-12-01"
        else:
            fields |= {"Fakturatext": "" if tidy else dice.text(f"Text {place}")}
            if tidy or dice.often(0.9):
                fields["Fakturadatum"] = day
        id = self.world.webcrm.add_delivery(fields, rows, organisation=owner)
        self._cases.append(Case(str(id), (f"Leverans {place}", str(id)), frozenset({str(owner)}), tidy))

    def _give_back(self, rows: list[dict[str, Any]]) -> None:
        """Let one row, or all of them, be taken back: a negative quantity, or a price below nothing."""
        name = self.dice.one(("Quantity", "Price"))
        for row in rows if self.dice.often(0.3) else rows[-1:]:
            if name in row:
                row[name] = -row[name]

    def _organisation(self, place: int) -> int:
        dice = self.dice
        more: dict[str, Any] = {"OrganisationName": dice.text(f"Nykund {place} AB").strip()[:90]}
        if dice.often(0.7):
            more["OrganisationExtraCustom2"] = dice.spelled(dice.one(self.numbers_known) if dice.often(0.3) else dice.org_number())
        [id] = self.world.webcrm.load("Organisation", [organisation(**more)])
        self.organisations.append(int(id))
        return int(id)

    def _row(self, tidy: bool) -> dict[str, Any]:
        dice = self.dice
        article = dice.one(self.articles)
        row: dict[str, Any] = {"Artikelnummer": article["ArticleNumber"], "Benämning": article["Description"], "Enhet": "st"}
        if tidy:
            return {**row, "Quantity": dice.randint(1, 9), "Price": round(dice.uniform(1, 2000), 2)}
        row |= {"Benämning": dice.text(article["Description"]), "Quantity": dice.quantity(dice.often(0.15)), "Price": dice.price()}
        row |= {"Discount": dice.percent(), "VatPercentage": dice.one((0, article["VAT"], article["VAT"], 25))}
        if dice.often(0.1):
            row |= {"Artikelnummer": dice.one(("-", "FINNS-EJ")), "Benämning": "Fritt arbete"}
        return row

    # What the judge asks ----------------------------------------------------------------------------------------------------

    def cases(self) -> list[Case]:
        return self._cases

    def became(self, case: Case) -> str:
        return str(self._raw(case)[f"Delivery{oracle.PLACES[self.register]['number']}"] or "")

    def _raw(self, case: Case) -> dict[str, Any]:
        return dict(self.world.webcrm.delivery(int(case.id)).raw())

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        delivery = self._raw(case)
        owner = self.world.webcrm.organisation(int(delivery["DeliveryOrganisationId"])).raw()
        there = document(self.world, self.register, number)
        if (ended := oracle.standing(there)) is not None:
            return ended
        paper = oracle.paper_of(delivery, self.world.webcrm.lines_of(int(case.id)), owner, self.register, books)
        found = compare(paper, there, self.register, books)
        shown = (delivery[f"Delivery{oracle.SHOWN[name]}"] for name in ("due", "total", "balance"))
        return found if self.register == "orders" else found + compare_shown(there, *shown)

    def edit(self, case: Case) -> None:
        """A person in webCRM sells one more of the first row and writes another text, or changes rows."""
        lines = self.world.webcrm.lines_of(int(case.id))
        line = next(one for one in lines if one["QuotationLineQuantity"])
        held = self.world.webcrm.line(line["QuotationLineId"])
        match self.dice.one(("more", "more", "row", "less", "price", "discount")):
            case "row":
                given = ("OrganisationId", "Data1", "Data2", "Data3", "VatPercentage")
                like = {name: line[f"QuotationLine{name}"] for name in given}
                self.world.webcrm.add("QuotationLine", like, OpportunityId=int(case.id), Quantity=3, Price=19.5, SortOrder=99)
            case "less" if len(lines) > 1:
                self.world.webcrm.line(lines[-1]["QuotationLineId"]).delete()
                self.world.webcrm.delivery(int(case.id)).update(Comment="En rad mindre")
            case "price":
                held.update(Price=11.5)
            case "discount":
                held.update(Discount=25)
            case _:
                held.update(Quantity=line["QuotationLineQuantity"] + 1)
                text = f"Delivery{oracle.PLACES[self.register]['text']}"
                self.world.webcrm.delivery(int(case.id)).update({text: "Ändrad text"})

    def edit_there(self, case: Case) -> None:
        """A person in Fortnox makes it two more, or changes rows or text."""
        number = self.became(case)
        match self.dice.one(("more", "more", "row", "less", "head")):
            case "row":
                one_more_row(self.world, self.register, number, str(self.articles[0]["ArticleNumber"]))
            case "less":
                one_row_less(self.world, self.register, number)
            case "head":
                change_rows(self.world, self.register, number, lambda rows, wishes: None, Remarks="Ändrad i Fortnox")
            case _:
                change_quantity(self.world, self.register, number, 2)

    def end(self, case: Case) -> None:
        """webCRM cannot cancel a delivery: its last row goes, and nothing is left to deliver."""
        for line in self.world.webcrm.lines_of(int(case.id)):
            self.world.webcrm.line(line["QuotationLineId"]).delete()
        self.world.webcrm.delivery(int(case.id)).update(Comment="Allt togs tillbaka")

    def end_there(self, case: Case) -> None:
        """A person in Fortnox cancels the document, or books and credits the invoice."""
        number = self.became(case)
        if self.register == "invoices" and self.dice.often(0.5):
            self.world.fortnox_call("PUT", f"/3/invoices/{number}/bookkeep")
            self.world.fortnox_call("PUT", f"/3/invoices/{number}/credit")
        else:
            self.world.fortnox_call("PUT", f"/3/{self.register}/{number}/cancel")

    def stranger(self) -> list[str]:
        mine = [self.became(case) for case in self._cases]
        with self.world.fortnox.lock:
            made = [dict(one) for one in self.world.fortnox.company.table(self.register).all()]
        credits = {str(one["DocumentNumber"]) for one in made if credit_of(one)}
        strange = [
            str(one["DocumentNumber"]) for one in made if str(one["DocumentNumber"]) not in mine and credit_of(one) not in mine
        ]
        ids, place = {case.id for case in self._cases}, f"Delivery{oracle.PLACES[self.register]['number']}"
        others = [one for one in self.world.webcrm.all("Delivery") if str(one["DeliveryId"]) not in ids]
        return strange + [f"delivery {one['DeliveryId']} of none" for one in others if str(one[place]) not in credits]

    def untouched(self) -> Any:
        deliveries = {
            one["DeliveryId"]: {name: value for name, value in one.items() if name.removeprefix("Delivery") not in WRITTEN}
            for one in self.world.webcrm.all("Delivery")
        }
        return deliveries, self.world.webcrm.all("QuotationLine")


@contextmanager
def office(home: Path, seed: int, count: int) -> Iterator[WebcrmOffice]:
    """Run webCRM's office on the database that Django points at."""
    with a_world(home) as world:
        yield WebcrmOffice(world, Dice(seed), count)
