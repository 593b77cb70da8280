"""A customer's card with every default set: each document says what its source says, to the öre (U5, U6; Fortnox API 9.1, 12.14)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import pytest

from mobigo_hub import MobigoHub
from opter_hub import OpterHub
from textalk_hub import LIV, MUG, TextalkHub
from upsales_hub import Shop, UpsalesHub

CARD: Final[dict[str, Any]] = {
    "InvoiceFreight": "49",
    "InvoiceAdministrationFee": "29",
    "InvoiceDiscount": 10,
    "ShowPriceVATIncluded": True,
    "InvoiceRemark": "Ring på baksidan",
    "DeliveryName": "Lager Nord",
    "DeliveryCity": "Luleå",
    "TermsOfPayment": "10",
    "SalesAccount": "3002",
}


def test_opters_invoice_of_1000_is_1250_with_vat_whatever_stands_on_the_card(opter_hub: OpterHub) -> None:
    """U5: it became 1222.50 by the card's discount."""
    hub = opter_hub
    with hub.fortnox.lock:
        hub.fortnox.company.load("customers", [{"CustomerNumber": "1042", "Name": "Nordbygg AB", **CARD}])
    hub.invoice(number="100353", net="1000.00")
    hub.sync()
    made = hub.held("invoices", "100353")
    assert (made["Net"], made["Total"], made["VATIncluded"]) == (1000, 1250, False)
    assert (made["Freight"], made["AdministrationFee"], made["DeliveryName"], made["DeliveryCity"]) == (0, 0, "", "")
    assert made["Remarks"] != "Ring på baksidan"


@pytest.mark.parametrize("document", ["invoice", "order"])
def test_mobigos_rows_keep_their_prices_and_the_customer_data_is_fortnox_own(mobigo_hub: MobigoHub, document: str) -> None:
    """U6, MOB-09, MOB-15: 1625 and 50; address, terms and references from the card, amounts, discount and mode of prices never."""
    hub = mobigo_hub
    hub.edit("customers", "1042", **CARD)
    hub.declare(document=document)
    time = {"timeType": "Arbete", "hours": 2.5, "billableHours": 2.5, "price": 650, "text": "Felsökning"}
    material = {"articleNumber": "200", "name": "Packning", "quantity": 4, "unit": "st", "price": 12.5}
    hub.mobigo.assignment("1001", customerNumber="1042", status="Klart", marked=True, times=[time], materials=[material])
    hub.sync("assignments")
    [made] = hub.records(f"{document}s")
    rows = made[f"{document.title()}Rows"]
    assert [(Decimal(row["Total"]), float(row["Discount"])) for row in rows] == [(1625, 0), (50, 0)]
    assert (made["Net"], made["Freight"], made["AdministrationFee"], made["VATIncluded"]) == (1675, 0, 0, False)
    assert {(row["VAT"], row["AccountNumber"]) for row in rows} == {(25, 3001)}, "the card's account is for 12 %"
    assert (made["OurReference"], made["TermsOfPayment"], made["DeliveryCity"]) == ("Vera Lind", "10", "Luleå")


@pytest.mark.performs(
    "Take freight and fee off the customer in Fortnox, or choose under Hämtas från kundkortet i Fortnox in the settings that they are not "
    "taken from there.",
)
def test_a_sale_of_682_stays_682_without_vat_and_takes_the_cards_fee_only_where_the_setting_says_so(
    upsales_hub: UpsalesHub,
) -> None:
    """U1, U2: it became 682 including VAT, and 950 with the card's freight and fee."""
    shop = Shop(upsales_hub)
    shop.hub.put("customers", "101", **{**shop.hub.held("customers", "101"), **CARD})
    sale = shop.sell()
    shop.hub.sync("sales")
    made = shop.document(sale)
    assert (float(made["Net"]), made["VATIncluded"], made["Freight"], made["AdministrationFee"]) == (682, False, 0, 0)
    assert (made["TermsOfPayment"], made["Remarks"], made["DeliveryCity"]) == ("10", "", "")
    shop.hub.declare(from_card=["freight", "fee"])
    other = shop.sell()
    shop.hub.sync("sales")
    made = shop.document(other)
    assert (float(made["Net"]), made["Freight"], made["AdministrationFee"]) == (682, 49, 29)
    # The card's 49 are of its own currency, and nobody has said what they are in another.
    euro = shop.sell(currency="EUR")
    shop.hub.sync("sales")
    [problem] = shop.hub.problems("sales")
    assert "The document is in EUR, and customer 101 has freight or a fee of 49 + 29 SEK" in problem["text"]
    shop.hub.declare(from_card=[])
    shop.hub.sync("sales")
    made = shop.document(euro)
    assert (made["Currency"], made["Freight"], made["AdministrationFee"]) == ("EUR", 0, 0)
    shop.hub.put("customers", "101", **{**shop.hub.held("customers", "101"), "Currency": "EUR"})
    shop.hub.declare(from_card=["freight", "fee"])
    other = shop.sell(currency="EUR")
    shop.hub.sync("sales")
    made = shop.document(other)
    assert (made["Currency"], made["Freight"], made["AdministrationFee"]) == ("EUR", 49, 29)


def test_a_shops_order_is_what_the_shop_says_and_takes_no_address_of_the_card(textalk_hub: TextalkHub) -> None:
    """U3, U7, TXT-09: 198 became 276; the same as invoice, order, offer and cash invoice, which books what was paid (kind 10).

    A buyer who gives no address of e-mail is not mailed at the card's.
    """
    hub = textalk_hub
    documents = {"Faktura": "invoice", "Swish": "order", "Klarna": "offer", "Kort": "cash_invoice"}
    hub.declare(documents=documents, paid_methods={"Kort": "KORT"})
    with hub.fortnox.lock:
        hub.fortnox.company.values["round_to_whole_krona"] = False
    firm = {**LIV, "info": {**LIV["info"], "company": "Dahl AB", "orgNumber": "556016-0680"}}
    hub.order(customer=firm)
    hub.sync()
    [customer] = hub.records("customers")
    hub.edit("customers", customer["CustomerNumber"], **CARD, Email="info@dahl.example", EmailInvoice="faktura@dahl.example")
    silent = {**firm, "info": {**firm["info"], "email": ""}}
    wished = {method: hub.order(customer=silent, method=method) for method in ("Faktura", "Swish", "Klarna")}
    wished["Kort"] = hub.order(customer=silent, method="Kort", status="paid", items=[{**MUG, "incVat": 197.74}])
    hub.age()
    hub.sync()
    for method, order in wished.items():
        register = {"order": "orders", "offer": "offers"}.get(documents[method], "invoices")
        made = hub.document(register, hub.number(order))
        total = Decimal("197.74") if method == "Kort" else 198
        assert (Decimal(str(made["Total"])), made["Freight"], made["AdministrationFee"]) == (total, 0, 0), method
        assert [float(row["Discount"]) for row in made[f"{register[:-1].title()}Rows"]] == [0], method
        assert made["CustomerNumber"] == customer["CustomerNumber"], "one company is one customer"
        assert (made["Remarks"], made["DeliveryName"], made["DeliveryCity"]) == ("", "", ""), method
        assert made["EmailInformation"]["EmailAddressTo"] == "", method
    assert (made["InvoiceType"], made["Booked"], made["RoundOff"]) == ("CASHINVOICE", True, 0)
