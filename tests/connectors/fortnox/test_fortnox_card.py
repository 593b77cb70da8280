"""A customer's card with every default set, articles with and without a price: what of them comes into a document, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from brygga.clients.fortnox import Fortnox
from brygga.clients.http import Http
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.fortnox.connector import FortnoxConnector
from brygga.core.document import Document, Row
from brygga.core.money import Money
from brygga.core.record import ABSENT
from brygga.errors import BadData, Rejected
from brygga_sandbox import fortnox as sandbox_module

KINDS = ("offer", "order", "invoice", "cash_invoice")
CARD: dict[str, Any] = {
    "CustomerNumber": "1",
    "Name": "Lindens Bageri AB",
    "Address1": "Storgatan 1",
    "ZipCode": "111 22",
    "City": "Stockholm",
    "Currency": "SEK",
    "ShowPriceVATIncluded": True,
    "InvoiceFreight": "49",
    "InvoiceAdministrationFee": "29",
    "InvoiceDiscount": 10,
    "InvoiceRemark": "Ring på baksidan",
    "DeliveryName": "Lager Nord",
    "DeliveryAddress1": "Hamngatan 7",
    "DeliveryZipCode": "972 38",
    "DeliveryCity": "Luleå",
    "OurReference": "Vera Lind",
    "YourReference": "Åsa Lind",
    "TermsOfPayment": "10",
    "WayOfDelivery": "H",
    "CostCenter": "NORR",
}


class World:
    def __init__(self, sandbox: Any, client: Fortnox) -> None:
        self.sandbox, self.client, self.connector = sandbox, client, FortnoxConnector(client)

    def made(self, kind: str, document: Document) -> Any:
        """Make a document and return it as Fortnox holds it."""
        given = replace(document, kind=kind, paid_by="CARD" if kind == "cash_invoice" else ABSENT)
        [receipt] = self.connector.create(kind, [Creation(f"brygga:acme:x:{kind}:1", given)])
        assert isinstance(receipt, Receipt), receipt
        return getattr(self.client, {"offer": "offers", "order": "orders"}.get(kind, "invoices")).get(receipt.ref.id)


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(sandbox_module.running(rate_limit=False))
        http = Http("Fortnox", sleep=lambda seconds: None)
        stack.callback(http.close)
        client = Fortnox(sandbox.base_url, token=lambda: sandbox.access_token, send=http.send)
        client.cost_centers.create({"Code": "NORR", "Description": "Norr"})
        client.customers.create(CARD)
        client.articles.create({"ArticleNumber": "A1", "Description": "Bord", "Unit": "st", "SalesAccount": 3001})
        client.articles.create({"ArticleNumber": "A2", "Description": "Stol", "Unit": "st", "SalesAccount": 3001})
        client.prices.put("A", "A1", Decimal("125.50"))
        yield World(sandbox, client)


def kr(amount: str) -> Money:
    return Money(Decimal(amount), "SEK")


def order(*rows: Row, **fields: Any) -> Document:
    return Document(customer_number="1", date=date(2026, 11, 20), rows=rows, **fields)


BORD = Row(article_number="A1", description="Bord", quantity=Decimal(2), unit="st", price=kr("500.00"), vat=Decimal(25))


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_says_what_its_source_says_whatever_stands_on_the_card(world: World, kind: str) -> None:
    made = world.made(kind, order(BORD))
    assert (made["Net"], made["TotalVAT"], made["Total"], made["VATIncluded"]) == (1000, 250, 1250, False)
    assert (made["Freight"], made["AdministrationFee"], made["Remarks"]) == (0, 0, "")
    rows = made["OfferRows" if kind == "offer" else "OrderRows" if kind == "order" else "InvoiceRows"]
    assert [(row["Discount"], row["DiscountType"], row["Price"]) for row in rows] == [(0, "PERCENT", 500)]
    assert {made[name] for name in made if name.startswith("Delivery") and name not in ("DeliveryDate", "DeliveryState")} == {""}


def test_terms_and_references_come_from_the_card_by_default_and_name_and_address_where_the_document_has_none(world: World) -> None:
    made = world.made("invoice", order(BORD, our_reference="Bo Ek"))
    assert (made["TermsOfPayment"], made["WayOfDelivery"], made["YourReference"]) == ("10", "H", "Åsa Lind")
    assert (made["OurReference"], made["CostCenter"]) == ("Bo Ek", "")
    assert (made["CustomerName"], made["Address1"], made["City"]) == ("Lindens Bageri AB", "Storgatan 1", "Stockholm")


def test_what_the_setting_names_comes_from_the_card_and_nothing_else(world: World) -> None:
    world.connector.fill_from_card(["delivery_address", "text", "cost_center"])
    made = world.made("invoice", order(BORD))
    assert (made["DeliveryName"], made["DeliveryCity"], made["Remarks"]) == ("Lager Nord", "Luleå", "Ring på baksidan")
    assert (made["CostCenter"], made["YourReference"], made["TermsOfPayment"]) == ("NORR", "", "")


def test_an_address_of_the_document_is_one_block_and_takes_no_part_from_the_card(world: World) -> None:
    world.connector.fill_from_card(["delivery_address"])
    made = world.made("invoice", order(BORD, invoice_city="Umeå", delivery_name="Kalle Ek", delivery_city="Kiruna"))
    assert (made["Address1"], made["ZipCode"], made["City"]) == ("", "", "Umeå")
    assert (made["DeliveryName"], made["DeliveryAddress1"], made["DeliveryCity"]) == ("Kalle Ek", "", "Kiruna")


@pytest.mark.parametrize("kind", ["offer", "order", "invoice"])
def test_a_row_is_no_house_work_where_its_document_has_none_whatever_its_article_is(world: World, kind: str) -> None:
    world.client.articles.update("A1", {"Housework": True, "HouseworkType": "CONSTRUCTION"})
    whole = world.connector.completed(order(BORD))
    made = world.made(kind, whole)
    [row] = made["OfferRows" if kind == "offer" else "OrderRows" if kind == "order" else "InvoiceRows"]
    assert (row["HouseWork"], row["HouseWorkType"], made["TaxReductionType"]) == (False, None, "none")


def test_an_inactive_customer_is_not_there(world: World) -> None:
    world.client.customers.create({"CustomerNumber": "9", "Name": "Vilande AB", "Active": False})
    assert world.connector.has("customer", ["1", "9", "77"]) == {"1"}


def test_a_document_with_an_email_of_its_own_is_mailed_there_and_no_copy_goes_to_the_cards(world: World) -> None:
    world.client.customers.update("1", {"Email": "kontor@linden.example", "EmailInvoiceBCC": "arkiv@linden.example"})
    own = world.made("invoice", order(BORD, email="liv11@dahl.example"))["EmailInformation"]
    assert (own["EmailAddressTo"], own["EmailAddressBCC"] or "") == ("liv11@dahl.example", "")
    assert world.made("order", order(BORD, email=""))["EmailInformation"]["EmailAddressTo"] == ""
    assert world.made("offer", order(BORD))["EmailInformation"]["EmailAddressTo"] == "kontor@linden.example"


def test_freight_and_fee_that_the_setting_wants_are_in_the_document_before_it_is_made(world: World) -> None:
    world.connector.fill_from_card(["freight", "fee"])
    whole = world.connector.completed(order(BORD))
    assert (whole.freight, whole.fee) == (kr("49"), kr("29"))
    made = world.made("invoice", whole)
    assert (made["Freight"], made["AdministrationFee"], made["Net"]) == (49, 29, 1000)


def test_a_row_without_price_percent_or_text_gets_its_articles_before_it_is_planned(world: World) -> None:
    bare = Row(article_number="A1", quantity=Decimal(3))
    [row] = world.connector.completed(order(bare)).lines
    assert (row.price, row.vat, row.unit, row.description) == (kr("125.5"), Decimal(25), "st", "Bord")


def test_a_row_without_percent_has_none_where_the_customer_is_not_charged_vat(world: World) -> None:
    world.client.customers.create({"CustomerNumber": "2", "Name": "Nord AS", "VATType": "EXPORT", "CountryCode": "NO"})
    [row] = world.connector.completed(replace(order(replace(BORD, vat=ABSENT)), customer_number="2")).lines
    assert row.vat == 0


def test_an_article_without_a_price_or_a_row_without_a_quantity_waits_with_its_name_and_is_no_zero(world: World) -> None:
    for row, said in (
        (Row(article_number="A2", quantity=Decimal(1), description="Stol"), "Stol.*A2 has none in Fortnox"),
        (replace(BORD, quantity=ABSENT), "Bord.*no quantity"),
        (Row(description="Resa", quantity=Decimal(1)), "Resa.*no price"),
    ):
        with pytest.raises(BadData, match=said):
            world.connector.completed(order(BORD, row))


def test_an_article_is_asked_for_once_and_more_than_a_few_by_the_list(world: World) -> None:
    world.connector.articles(["A1", "A2"])
    world.connector.articles(["A2", "A1", "A9"])
    asked = [one.path for one in world.sandbox.requests if "/articles" in one.path and one.method == "GET"]
    assert asked == ["/3/articles/A1", "/3/articles/A2", "/3/articles/A9"]
    fresh = FortnoxConnector(world.client)
    world.sandbox.requests.clear()
    found = fresh.articles([f"A{number}" for number in range(1, 3)] + ["A1"] * 40)
    assert {number: article.vat for number, article in found.items()} == {"A1": 25, "A2": 25}


def test_a_rate_that_fortnox_cannot_express_is_refused_with_what_can_be_done(world: World) -> None:
    for kind in ("offer", "order", "invoice"):
        document = replace(order(replace(BORD, vat=Decimal("25.5"))), kind=kind)
        [refused] = world.connector.create(kind, [Creation(f"brygga:acme:x:{kind}:9", document)])
        assert isinstance(refused, Rejected)
        assert "25.5 %" in str(refused.sentence)
        assert "OSS" in str(refused.repair)
    assert [one for one in world.sandbox.requests if one.method == "POST" and "orders" in one.path] == []


def test_another_customer_on_a_document_changes_neither_its_amounts_nor_who_sold_it(world: World) -> None:
    world.client.customers.create({
        **CARD,
        "CustomerNumber": "2",
        "Name": "Ek AB",
        "City": "Umeå",
        "OurReference": "Uppsamling",
        "YourReference": "Pia Ek",
        "TermsOfPayment": "30",
    })  # fmt: skip
    made = world.made("invoice", order(BORD, our_reference="Anna Sälj", text="Tack"))
    update = Update(world.connector.get("invoice", made["DocumentNumber"]).ref, {"customer_number": "1"}, {"customer_number": "2"})  # type: ignore[union-attr]
    world.connector.update("invoice", update)
    now = world.client.invoices.get(made["DocumentNumber"])
    assert (now["CustomerName"], now["City"], now["YourReference"], now["TermsOfPayment"]) == ("Ek AB", "Umeå", "Pia Ek", "30")
    assert (now["OurReference"], now["Remarks"], now["DeliveryName"]) == ("Anna Sälj", "Tack", "")
    assert (now["Freight"], now["AdministrationFee"], now["VATIncluded"], now["Total"]) == (0, 0, False, 1250)
