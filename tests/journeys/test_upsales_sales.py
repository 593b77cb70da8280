"""Sales of Upsales ↔ invoices, orders and offers of Fortnox: rows UPS-07 to UPS-12, UPS-23 to UPS-28; rulings D2, D6, D7."""

from __future__ import annotations

from typing import Any

import pytest

from upsales_hub import Shop, UpsalesHub


@pytest.fixture
def shop(upsales_hub: UpsalesHub) -> Shop:
    """A shop whose sales become invoices."""
    return Shop(upsales_hub)


@pytest.fixture
def orders(upsales_hub: UpsalesHub) -> Shop:
    """A shop with orders and offers."""
    return Shop(upsales_hub, module="order_offer")


def test_a_won_sale_becomes_one_invoice_equal_to_the_ore(upsales_hub_on_both: UpsalesHub) -> None:
    """UPS-07, UPS-23, UPS-24: one invoice with list prices, discounts and the same sum; its number comes back; no echo."""
    shop = Shop(upsales_hub_on_both)
    hub = shop.hub
    sale = shop.sell(custom=[{"fieldId": hub.upsales.field_id("order", "REMARKS"), "value": "Tack för köpet"}])
    result = hub.sync("sales")
    assert result["counts"]["created"] == 1, result
    assert hub.posts() == ["/3/invoices"]
    invoice = shop.document(sale)
    assert (invoice["CustomerNumber"], invoice["Remarks"]) == ("101", "Tack för köpet")
    rows = [(row["ArticleNumber"], row["Price"], row["Discount"], row["DiscountType"]) for row in invoice["InvoiceRows"]]
    assert [(article, float(price), float(discount)) for article, price, discount, _ in rows] == [("A1", 100, 20), ("A2", 125.5, 0)]
    assert float(invoice["Net"]) == hub.upsales.order(sale)["value"] == 682
    assert hub.upsales.order(sale)["FORTNOX_ID"] == shop.number_of(sale)
    hub.quiet()
