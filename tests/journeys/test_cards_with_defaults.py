"""A customer's card with every default set: each document says what its source says, to the öre (U5, U6; Fortnox API 9.1, 12.14)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from mobigo_hub import MobigoHub
from opter_hub import OpterHub
from textalk_hub import TextalkHub
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


def test_mobigos_rows_keep_their_prices_and_the_customer_data_is_fortnox_own(mobigo_hub: MobigoHub) -> None:
    """U6, MOB-09, MOB-15: 1625 and 50; address, terms and references from the card, amounts, discount and mode of prices never."""
    hub = mobigo_hub
    hub.edit("customers", "1042", **CARD)
    hub.declare(document="invoice")
    time = {"timeType": "Arbete", "hours": 2.5, "billableHours": 2.5, "price": 650, "text": "Felsökning"}
    material = {"articleNumber": "200", "name": "Packning", "quantity": 4, "unit": "st", "price": 12.5}
    hub.mobigo.assignment("1001", customerNumber="1042", status="Klart", marked=True, times=[time], materials=[material])
    hub.sync("assignments")
    [made] = hub.records("invoices")
    assert [Decimal(row["Total"]) for row in made["InvoiceRows"]] == [1625, 50]
    assert (made["Net"], made["Freight"], made["AdministrationFee"], made["VATIncluded"]) == (1675, 0, 0, False)
    assert {(row["VAT"], row["AccountNumber"]) for row in made["InvoiceRows"]} == {(25, 3001)}, "the card's account is for 12 %"
    assert (made["OurReference"], made["TermsOfPayment"], made["DeliveryCity"]) == ("Vera Lind", "10", "Luleå")


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


def test_a_shops_order_of_198_is_198_and_takes_no_address_of_the_card(textalk_hub: TextalkHub) -> None:
    """U3, U7: the order is a snapshot; it became 276."""
    hub = textalk_hub
    hub.order()
    hub.sync()
    [customer] = hub.records("customers")
    hub.edit("customers", customer["CustomerNumber"], **CARD)
    again = hub.order()
    hub.age()
    hub.sync()
    made = hub.document("invoices", hub.number(again))
    assert (made["Total"], made["Freight"], made["AdministrationFee"]) == (198, 0, 0)
    assert (made["Remarks"], made["DeliveryCity"] == "Luleå", made["DeliveryName"] == "Lager Nord") == ("", False, False)
