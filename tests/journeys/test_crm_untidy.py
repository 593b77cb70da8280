"""Untidy sales of the two CRMs: spelling, texts too long and foreign money (issue 20: U21, kinds 1, 3, 12 and 13)."""

from __future__ import annotations

import pytest

from hub import Hub, organisation
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import ROW, Sales

LONG = "Levereras enligt ramavtal. " * 60
"""A text of 1,620 characters; a remark of Fortnox holds 1,024 (appendix A)."""


def test_u21_a_company_with_untidy_numbers_is_written_as_the_rules_say_and_its_own_spelling_stays(upsales_hub: UpsalesHub) -> None:
    """U21, kind 12: 556042-7220 and 111 22 in Fortnox; the company keeps what was typed, also after an edit; no echo."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    address = {"type": "Mail", "address": "Storgatan 1", "zipcode": "SE-111 22", "city": "Stockholm", "country": "SE"}
    client = hub.company("Älvdalens Snickeri AB", orgNo="556 042 72 20", addresses=[address])
    hub.sale(client, *shop.rows())
    hub.sync_all()
    number = hub.links("customers")[str(client)]
    made = hub.held("customers", number)
    assert (made["OrganisationNumber"], made["ZipCode"]) == ("556042-7220", "111 22")
    hub.quiet()
    hub.upsales.account(client).update(addresses=[{**address, "zipcode": "SE-11434"}])
    hub.sync_all()
    assert hub.held("customers", number)["ZipCode"] == "114 34"
    shown = hub.upsales.account(client).raw()
    assert (shown["orgNo"], shown["addresses"][0]["zipcode"]) == ("556 042 72 20", "SE-11434")
    hub.quiet()


@pytest.mark.parametrize("module", ["invoice", "order"])
def test_a_remark_too_long_for_fortnox_is_cut_alike_when_it_is_made_and_changed_and_told(
    upsales_hub: UpsalesHub, module: str
) -> None:
    """Kinds 3 and 13: cut between words both times, told each time, and the sale's own text stays whole."""
    shop = Shop(upsales_hub, module=module)
    hub = shop.hub
    field = hub.upsales.field_id("order", "REMARKS")
    sale = shop.sell(custom=[{"fieldId": field, "value": LONG}])
    hub.age()
    made = hub.sync("sales")
    cut = shop.document(sale)["Remarks"]
    assert 900 < len(cut) <= 1024
    assert LONG.startswith(cut)
    assert "cannot hold every text as it is" in " ".join(str(item["message"]) for item in made["items"])
    hub.quiet()
    hub.upsales.order(sale).update(REMARKS=f"Nytt. {LONG}")
    hub.age()
    hub.sync("sales")
    changed = shop.document(sale)["Remarks"]
    assert changed.startswith("Nytt. Levereras")
    assert len(changed) <= 1024
    assert hub.upsales.order(sale)["REMARKS"] == f"Nytt. {LONG}".strip()
    hub.quiet()


@pytest.mark.parametrize("document", ["order", "invoice"])
def test_a_delivery_in_euro_is_a_document_in_euro_both_ways(hub: Hub, document: str) -> None:
    """Kind 1: currency, rate, rows and VAT are the delivery's, on a card in kronor; one from Fortnox arrives in euro; both stay as they are."""
    sales = Sales(hub, document=document)
    id = sales.deliver({**ROW, "Quantity": 3, "Price": 33.33}, Fakturadatum="2026-11-20", CurrencyName="EUR")
    hub.sync()
    made = sales.document(hub.links()[str(id)])
    with hub.fortnox.lock:
        rate = hub.fortnox.company.get("currencies", "EUR")["SellRate"]
    assert (made["Currency"], float(made["Net"]), float(made["TotalVAT"])) == ("EUR", 99.99, 25)
    assert float(made["CurrencyRate"]) == float(rate)
    assert hub.webcrm.delivery(id).raw()["DeliveryCurrencyName"] == "EUR"
    sales.quiet()
    one = {"order": "Order", "invoice": "Invoice"}[document]
    row = {"ArticleNumber": "A1", "Description": "Bord", "DeliveredQuantity": 2, "Price": 12.5, "VAT": 25}
    body = {
        "CustomerNumber": sales.customer,
        "Currency": "EUR",
        f"{one}Rows": [row | ({"OrderedQuantity": 2} if one == "Order" else {})],
    }
    number = str(hub.fortnox_call("POST", f"/3/{sales.register}", {one: body})[one]["DocumentNumber"])
    hub.age()
    hub.sync()
    [other] = [left for left, right in hub.links().items() if right == number]
    assert hub.webcrm.delivery(int(other)).raw()["DeliveryCurrencyName"] == "EUR"
    assert [line["QuotationLinePrice"] for line in hub.webcrm.lines_of(int(other))] == [12.5]
    hub.sync()
    sales.quiet()


def test_the_country_of_a_foreign_customer_is_on_its_invoice_address_too(hub: Hub) -> None:
    """Issue 21, kind 8: where the invoice address says no country it is that of the visiting address, and not Sweden."""
    [number] = hub.webcrm.load(
        "Organisation",
        [
            organisation(
                OrganisationAddress="Torggata 1", OrganisationPostCode="0181", OrganisationCity="Oslo", OrganisationCountry="Norge"
            )
        ],
    )
    hub.sync()
    made = hub.customer(hub.links()[str(number)])
    assert (made["CountryCode"], made["VisitingCountryCode"], made["VATType"]) == ("NO", "NO", "EXPORT")
    hub.age()
    hub.clear()
    hub.sync()
    assert (hub.fortnox_writes(), hub.webcrm.writes()) == ([], [])
