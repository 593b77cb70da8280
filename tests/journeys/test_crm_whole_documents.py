"""What a delivery or a sale says beside its rows stands on its document, and the customer's card fills in nothing else (issue 20, kind 1)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from hub import Hub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import ROW, Sales

CARD: Final[dict[str, Any]] = {
    "ShowPriceVATIncluded": True, "InvoiceFreight": 49, "InvoiceAdministrationFee": 29, "InvoiceDiscount": 10,
    "InvoiceRemark": "Ring på baksidan", "DeliveryName": "Lagret", "DeliveryAddress1": "Hamnen 1", "DeliveryAddress2": "Port 4",
    "DeliveryZipCode": "97231", "DeliveryCity": "Luleå", "OurReference": "Kortets ref", "YourReference": "Kortets er ref",
    "TermsOfPayment": "10", "CostCenter": "K1", "Project": "9", "Currency": "EUR", "SalesAccount": "3002",
}  # fmt: skip
"""A customer's card with every default that Fortnox fills in (Fortnox API, section 9.1)."""
DELIVERED: Final = ("DeliveryName", "DeliveryAddress1", "DeliveryAddress2", "DeliveryZipCode", "DeliveryCity", "DeliveryCountry")
PLACES: Final[dict[str, str]] = {
    "delivery_name": "Leveransnamn", "delivery_street": "Leveransadress", "delivery_postcode": "Leveranspostnr",
    "delivery_city": "Leveransort", "delivery_country": "Leveransland", "our_reference": "Ansvarig", "your_reference": "Kontakt",
    "your_order_number": "Ert ordernummer", "cost_center": "Kostnadsställe", "project": "Projekt",
}  # fmt: skip


def set_card(hub: Any, number: str, **fields: Any) -> None:
    """Let a customer's card have these defaults, and Fortnox the registers that they name."""
    with hub.fortnox.lock:
        company = hub.fortnox.company
        for code, name in (("K1", "Kortet"), ("B2", "Butiken")):
            company.put("costcenters", code, {**dict(company.table("costcenters").blank), "Code": code, "Description": name})
        for number_, name in (("9", "Kortets projekt"), ("7", "Ombyggnad")):
            blank = dict(company.table("projects").blank)
            company.put("projects", number_, {**blank, "ProjectNumber": number_, "Description": name, "Status": "ONGOING"})
        company.put("customers", number, {**company.get("customers", number), **fields})
        company.commit()


def amounts(made: dict[str, Any]) -> tuple[Any, ...]:
    """Return what of a document is money, and in which mode and currency."""
    sums = (float(made[name]) for name in ("Net", "TotalVAT", "Freight", "AdministrationFee"))
    return (*sums, made["VATIncluded"], made["Currency"])


# webCRM -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", ["order", "invoice"])
def test_a_card_with_every_default_gives_a_delivery_nothing_but_what_the_settings_name(hub: Hub, document: str) -> None:
    """U4, kind 1: 800 net and 1000 with VAT in kronor, no address, text, freight, fee or discount of the card; terms and references by setting."""
    sales = Sales(hub, document=document)
    set_card(hub, sales.customer, **CARD)
    id = sales.deliver(ROW, Fakturadatum="2026-11-20")
    hub.sync()
    made = sales.document(hub.links()[str(id)])
    assert amounts(made) == (800, 200, 0, 0, False, "SEK")
    assert [made[name] or "" for name in DELIVERED] == [""] * 6
    assert (made["Remarks"] or "", float(made[f"{document.title()}Rows"][0]["Discount"])) == ("", 0)
    assert (made["TermsOfPayment"], made["OurReference"], made["YourReference"]) == ("10", "Kortets ref", "Kortets er ref")
    assert (made["CostCenter"], made["Project"]) == ("K1", "9")
    sales.quiet()
    hub.declare(from_card=["terms_of_payment"])
    other = sales.deliver(ROW, Fakturadatum="2026-11-20")
    hub.sync()
    made = sales.document(hub.links()[str(other)])
    assert (made["TermsOfPayment"], made["OurReference"] or "", made["CostCenter"] or "", made["Project"] or "") == (
        "10",
        "",
        "",
        "",
    )


@pytest.mark.parametrize("document", ["order", "invoice"])
def test_what_a_delivery_says_of_its_delivery_references_and_objects_is_on_the_document(hub: Hub, document: str) -> None:
    """WEB-12, kind 1: its own address as a block, Our reference from Responsible, Your reference from Person, and edits both ways."""
    sales = Sales(hub, document=document, delivery_fields=PLACES)
    set_card(hub, sales.customer, **CARD)
    user = hub.webcrm.add("User", UserName="Vera Lind")
    person = hub.webcrm.add("Person", OrganisationId=sales.organisation, FirstName="Åsa", LastName="Öberg")
    says = {
        "Leveransnamn": "Bygget", "Leveransadress": "Storgatan 2\nUppgång B", "Leveranspostnr": "852 30", "Leveransort": "Sundsvall",
        "Leveransland": "Norge", "Ert ordernummer": "PO 77", "Kostnadsställe": "B2", "Projekt": "7",
    }  # fmt: skip
    id = sales.deliver(ROW, Fakturadatum="2026-11-20", Responsible=user, PersonId=person, **says)
    hub.sync()
    number = hub.links()[str(id)]
    made = sales.document(number)
    assert amounts(made) == (800, 200, 0, 0, False, "SEK")
    assert [made[name] or "" for name in DELIVERED] == ["Bygget", "Storgatan 2", "Uppgång B", "852 30", "Sundsvall", "Norway"]
    assert (made["OurReference"], made["YourReference"], made["YourOrderNumber"]) == ("Vera Lind", "Åsa Öberg", "PO 77")
    assert (made["CostCenter"], made["Project"]) == ("B2", "7")
    sales.quiet()
    one = {"order": "Order", "invoice": "Invoice"}[document]
    hub.webcrm.delivery(id).update(Leveransort="Timrå")
    hub.fortnox_call("PUT", f"/3/{sales.register}/{number}", {one: {"DeliveryName": "Bygget norra"}})
    hub.age()
    hub.sync()
    assert (sales.document(number)["DeliveryCity"], hub.webcrm.delivery(id)["Leveransnamn"]) == ("Timrå", "Bygget norra")
    assert hub.webcrm.delivery(id)["Leveransland"] == "Norge"
    sales.quiet()
    hub.webcrm.delivery(id).update(Kostnadsställe="X9")
    other = sales.deliver(ROW, Fakturadatum="2026-11-20", Leveransland="Atlantis")
    third = sales.deliver(ROW, Fakturadatum="2026-11-20", Kostnadsställe="X9")
    home = {"Leveransnamn": "Bygget", "Leveranspostnr": "SE-85230", "Leveransland": "SVERIGE"}
    fourth = sales.deliver(ROW, Fakturadatum="2026-11-20", **home)
    hub.age()
    hub.sync()
    texts = " ".join(one["text"] for one in hub.problems("hold", "failed"))
    assert "Atlantis" in texts
    assert "cost centre X9" in texts
    assert not {str(other), str(third)} & set(hub.links())
    assert sales.document(hub.links()[str(fourth)])["DeliveryZipCode"] == "852 30", "in its form (kind 12)"


def test_what_becomes_of_an_invoice_shows_on_its_delivery_where_there_are_fields_for_it(hub: Hub) -> None:
    """Issue 21, kind 9: due date, total, balance, paid, cancelled and credited come from Fortnox, and a change of them in webCRM is put back."""
    told = {"due": "Förfallodatum", "total": "Total", "balance": "Saldo", "paid_on": "Betald", "cancelled": "Makulerad"}
    sales = Sales(hub, document="invoice", delivery_fields={**told, "credited": "Krediterad"})
    id, other = (sales.deliver(ROW, Fakturadatum="2026-11-20") for _ in range(2))
    hub.sync()
    number, second = (hub.links()[str(one)] for one in (id, other))
    shown = hub.webcrm.delivery(id)
    assert (shown["Förfallodatum"][:10], shown["Total"], shown["Saldo"]) == (
        sales.document(number)["DueDate"],
        "1000.00",
        "1000.00",
    )
    sales.quiet()
    hub.fortnox_act(f"/3/invoices/{number}/bookkeep")
    hub.fortnox_act(f"/3/invoices/{second}/cancel")
    paid = {"InvoiceNumber": number, "Amount": 1000, "AmountCurrency": 1000, "PaymentDate": "2026-11-25", "ModeOfPayment": "BG"}
    payment = hub.fortnox_call("POST", "/3/invoicepayments", {"InvoicePayment": paid})
    hub.fortnox_act(f"/3/invoicepayments/{payment['InvoicePayment']['Number']}/bookkeep")
    hub.age()
    hub.sync()
    assert (shown["Saldo"], shown["Betald"][:10], shown["Bokförd"]) == ("0.00", "2026-11-25", "Yes")
    assert (hub.webcrm.delivery(other)["Makulerad"], shown["Makulerad"]) == ("Yes", "No")
    shown.update(Saldo="5")
    hub.age()
    hub.sync()
    assert shown["Saldo"] == "0.00"
    hub.fortnox_act(f"/3/invoices/{number}/credit")
    hub.age()
    hub.sync()
    assert shown["Krediterad"] == "Yes"
    sales.quiet()


# Upsales ----------------------------------------------------------------------------------------------------------------

EXTRA: Final = (
    ("DELIVERY_NAME", "String"), ("DELIVERY_ADDRESS", "String"), ("DELIVERY_ZIPCODE", "String"), ("DELIVERY_CITY", "String"),
    ("DELIVERY_COUNTRY", "String"), ("DELIVERY_DATE", "Date"), ("YOUR_REFERENCE", "String"), ("COMMENTS", "String"),
    ("COST_PLACE", "Select"), ("FORTNOX_PROJECT", "Select"),
)  # fmt: skip


def at_25(shop: Shop) -> None:
    """Let the articles carry 25 %: the rows of a sale say no rate."""
    for number in ("A1", "A2"):
        shop.hub.put("articles", number, VAT=25, SalesAccount=3001)


@pytest.mark.parametrize(("module", "register"), [("invoice", "invoices"), ("order", "orders"), ("order_offer", "offers")])
def test_a_card_with_every_default_gives_a_sale_nothing_but_what_the_settings_name(
    upsales_hub: UpsalesHub, module: str, register: str
) -> None:
    """U1, U2, kind 1: 682 net in kronor, no address, text, freight, fee or discount of the card; and 85.25 of VAT, as 25 % of it."""
    shop = Shop(upsales_hub, module=module)
    at_25(shop)
    set_card(shop.hub, "101", **CARD)
    sale = shop.sell(stage="Offert" if register == "offers" else "Order")
    shop.hub.sync_all()
    made = shop.hub.held(register, shop.number_of(sale, "offers" if register == "offers" else "sales"))
    assert amounts(made) == (682, 170.5, 0, 0, False, "SEK")
    assert [made[name] or "" for name in DELIVERED] == [""] * 6
    assert not made["Remarks"]
    assert (made["TermsOfPayment"], made["YourReference"], made["CostCenter"], made["Project"]) == (
        "10",
        "Kortets er ref",
        "K1",
        "9",
    )
    shop.hub.quiet()


@pytest.mark.parametrize(("module", "register"), [("invoice", "invoices"), ("order", "orders"), ("order_offer", "offers")])
def test_the_vendors_extra_fields_of_a_sale_are_on_its_document_where_the_account_has_them(
    upsales_hub: UpsalesHub, module: str, register: str
) -> None:
    """Systems.md 4.2, kind 1: delivery address and day, Your reference from its own field, comments, cost centre and project; edits both ways."""
    hub = upsales_hub
    for alias, datatype in EXTRA:
        choices = {"default": ["B2: Butiken", "X9: Gammal"] if alias == "COST_PLACE" else ["7: Ombyggnad"]}
        hub.upsales.add_custom_field(
            "order", name=alias, alias=alias, datatype=datatype, **(choices if datatype == "Select" else {})
        )
    shop = Shop(hub, module=module)
    at_25(shop)
    set_card(hub, "101", **CARD)
    says = {
        "DELIVERY_NAME": "Bygget", "DELIVERY_ADDRESS": "Storgatan 2", "DELIVERY_ZIPCODE": "852 30", "DELIVERY_CITY": "Sundsvall",
        "DELIVERY_COUNTRY": "Norge", "DELIVERY_DATE": "2026-12-15", "YOUR_REFERENCE": "Åsa Öberg", "COMMENTS": "Porten mot norr",
        "COST_PLACE": "B2: Butiken", "FORTNOX_PROJECT": "7: Ombyggnad",
    }  # fmt: skip

    def custom(**values: str) -> list[dict[str, Any]]:
        return [{"fieldId": hub.upsales.field_id("order", alias), "value": value} for alias, value in values.items()]

    offers = register == "offers"
    stage, stream = ("Offert", "offers") if offers else ("Order", "sales")
    sale = shop.sell(stage=stage, custom=custom(**says))
    hub.sync_all()
    number = shop.number_of(sale, stream)
    made = hub.held(register, number)
    assert amounts(made) == (682, 170.5, 0, 0, False, "SEK")
    assert [made[name] or "" for name in DELIVERED] == ["Bygget", "Storgatan 2", "", "852 30", "Sundsvall", "Norway"]
    assert (made["DeliveryDate"], made["YourReference"]) == ("2026-12-15", "Åsa Öberg")
    assert str(made["Comments"]).startswith("Porten mot norr")
    assert (made["CostCenter"], made["Project"]) == ("B2", "7")
    hub.quiet()
    one = {"invoices": "Invoice", "orders": "Order", "offers": "Offer"}[register]
    hub.upsales.order(sale).update(DELIVERY_CITY="Timrå")
    hub.fortnox_call("PUT", f"/3/{register}/{number}", {one: {"DeliveryName": "Bygget norra"}})
    hub.sync_all()
    assert (hub.held(register, number)["DeliveryCity"], hub.upsales.order(sale)["DELIVERY_NAME"]) == ("Timrå", "Bygget norra")
    hub.quiet()
    lost = shop.sell(stage=stage, custom=custom(DELIVERY_COUNTRY="Atlantis"))
    gone = shop.sell(stage=stage, custom=custom(COST_PLACE="X9: Gammal"))
    hub.sync_all()
    texts = " ".join(one["text"] for one in hub.problems(stream, "hold", "failed"))
    assert "Atlantis" in texts
    assert "cost centre X9" in texts
    assert not {str(lost), str(gone)} & set(hub.links(stream))
