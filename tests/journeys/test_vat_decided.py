"""A company elsewhere in the EU with a VAT number is a question before its first document, not 25 % in silence (issue 21, kind 8)."""

from __future__ import annotations

from typing import Any

import pytest

from hub import Hub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import ROW, Sales

GERMAN = {"CountryCode": "DE", "Country": "Germany", "VATNumber": "DE136695976", "VATType": "EUVAT", "OrganisationNumber": ""}


def set_card(hub: Any, number: str, **fields: Any) -> None:
    with hub.fortnox.lock:
        company = hub.fortnox.company
        company.put("customers", number, {**company.get("customers", number), **fields})
        company.commit()


def answer(hub: Any, **settings: Any) -> None:
    """Choose settings of the Fortnox connection, as its page does."""
    from brygga.store.models import Connection

    connection = Connection.objects.get(company__slug="acme", system="fortnox")
    connection.settings = {**connection.settings, **settings}
    connection.save()


@pytest.mark.parametrize("document", ["order", "invoice"])
def test_a_delivery_to_a_german_company_waits_until_somebody_has_said_how_it_is_taxed(hub: Hub, document: str) -> None:
    """Asked with number and country; reverse charge on the card lets it go without VAT, and `unconfirmed` with it."""
    sales = Sales(hub, document=document)
    set_card(hub, sales.customer, **GERMAN)
    id = sales.deliver({**ROW, "VatPercentage": 25}, Fakturadatum="2026-11-20")
    for _ in range(2):
        hub.sync()
        hub.age()
    assert sales.documents() == []
    [problem] = hub.problems("hold")
    assert all(word in problem["text"] for word in ("DE136695976", "company in DE", "Swedish VAT"))
    assert "reverse charge" in problem["repair"]
    answer(hub, eu_vat_numbers="unconfirmed")
    hub.sync(only=(f"left:{id}",))
    made = sales.document(hub.links()[str(id)])
    assert float(made["TotalVAT"]) == 200
    assert hub.problems("hold") == []


def test_a_sale_to_a_german_company_waits_until_its_card_says_reverse_charge(upsales_hub: UpsalesHub) -> None:
    """Also where numbers are said to be confirmed and the card still has Swedish VAT; a private person or a wrong number asks nothing."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    for number in ("A1", "A2"):
        hub.put("articles", number, VAT=25, SalesAccount=3001)
    set_card(hub, "101", **GERMAN)
    sale = shop.sell()
    hub.sync_all()
    answer(hub, eu_vat_numbers="confirmed")
    hub.sync_all()
    assert hub.all("invoices") == []
    assert "DE136695976" in hub.problems("sales", "hold")[0]["text"]
    set_card(hub, "101", VATType="EUREVERSEDVAT")
    hub.sync("sales", only=(f"left:{sale}",))
    assert float(shop.document(sale)["TotalVAT"]) == 0
    answer(hub, eu_vat_numbers="ask")
    set_card(hub, "101", VATType="EUVAT", VATNumber="DE136695977")
    other = shop.sell()
    hub.sync_all()
    assert float(shop.document(other)["TotalVAT"]) == 170.5
    assert hub.problems("sales", "hold") == []
