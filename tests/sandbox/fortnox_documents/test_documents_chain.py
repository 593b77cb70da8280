"""Offer to order to invoice: what goes along, what is locked (Fortnox API, sections 9.4, 9.6 and 11)."""

from typing import Any

import pytest

from fortnox_rows import row

OFFER = {"CustomerNumber": "1", "OfferRows": [{"ArticleNumber": "A1", "Quantity": "2", "Price": 100, "Discount": 10}]}


def test_an_offer_becomes_an_order_once_and_is_locked(api: Any) -> None:
    api.post("offers", "Offer", **OFFER, Comments="Intern", Remarks="Tryckt", YourReferenceNumber="B 7", OurReference="Anna")
    offer = api.act("offers/1/createorder")
    assert (offer["DocumentNumber"], offer["OrderReference"]) == ("1", "1")
    order = api.get("orders/1")["Order"]
    assert (order["OfferReference"], order["Comments"], order["Remarks"]) == ("1", "Intern", "")
    assert (order["YourOrderNumber"], order["OurReference"], order["Total"]) == ("B 7", "Anna", offer["Total"])
    (line,) = order["OrderRows"]
    assert (line["OrderedQuantity"], line["DeliveredQuantity"], line["Discount"], line["DiscountType"]) == ("2", "2", 10, "AMOUNT")
    text = "Det finns redan en skapad order för offerten."
    api.refused("PUT", "offers/1/createorder", 2000499, text)
    api.refused("PUT", "offers/1/createinvoice", 2000499, text)
    api.refused("PUT", "offers/1", 2001243, "Offerten är låst, en order har skapats.", "Offer", Comments="x")
    api.refused("PUT", "offers/1/cancel", 2001243, "Offerten är låst, en order har skapats.")
    assert len(api.get("orders")["Orders"]) == 1


def test_remarks_go_along_with_copy_remarks(api: Any) -> None:
    api.post("offers", "Offer", **OFFER, Remarks="Tryckt", CopyRemarks=True)
    api.act("offers/1/createorder")
    assert api.get("orders/1")["Order"]["Remarks"] == "Tryckt"


def test_an_offer_becomes_an_invoice(api: Any) -> None:
    api.post("offers", "Offer", **OFFER)
    offer = api.act("offers/1/createinvoice")
    invoice = api.get(f"invoices/{offer['InvoiceReference']}")["Invoice"]
    assert (invoice["OfferReference"], invoice["Total"], invoice["InvoiceRows"][0]["DeliveredQuantity"]) == (
        "1",
        offer["Total"],
        "2",
    )
    assert (invoice["OCR"], invoice["DueDate"], invoice["Balance"]) == ("133", "2026-04-09", offer["Total"])


def test_an_order_becomes_an_invoice_once_and_is_locked(api: Any) -> None:
    references = {"ExternalInvoiceReference1": "webb-1001", "ExternalInvoiceReference2": "x", "YourOrderNumber": "B 7"}
    api.post("orders", "Order", CustomerNumber="1", OrderRows=[row(100, "3")], OurReference="Anna", **references)
    order = api.act("orders/1/createinvoice")
    assert (order["DocumentNumber"], order["InvoiceReference"]) == ("1", "1")
    invoice = api.get("invoices/1")["Invoice"]
    assert {name: invoice[name] for name in references} == references
    assert (invoice["OrderReference"], invoice["OurReference"], invoice["Total"]) == ("1", "Anna", 375)
    api.refused("PUT", "orders/1/createinvoice", 2000588, "Ordern är redan fakturerad på faktura 1.")
    api.refused("PUT", "orders/1", 2000588, "Ordern är fakturerad och kan inte ändras.", "Order", Comments="x")
    api.refused("PUT", "orders/1/cancel", 2000588, "Ordern är fakturerad och kan inte ändras.")
    assert api.get("invoices")["MetaInformation"]["@TotalResources"] == 1


def test_what_was_not_delivered_becomes_a_back_order_where_the_company_wants_it(api: Any, company: Any) -> None:
    company.set("back_orders", True)
    api.post("orders", "Order", CustomerNumber="1", OrderRows=[row(100, "2", OrderedQuantity="5")])
    api.act("orders/1/createinvoice")
    rest = api.get("orders/2")["Order"]
    assert (rest["OrderType"], rest["OrderRows"][0]["OrderedQuantity"], rest["OrderRows"][0]["DeliveredQuantity"]) == (
        "Backorder",
        "3",
        "0",
    )
    assert [o["DocumentNumber"] for o in api.get("orders", ordertype="back")["Orders"]] == ["2"]


@pytest.mark.parametrize(
    ("path", "text"), [("offers", "Offerten är makulerad."), ("orders", "Ordern är makulerad och kan inte faktureras.")]
)
def test_a_cancelled_document_goes_no_further(api: Any, path: str, text: str) -> None:
    one = path[:-1].capitalize()
    api.post(path, one, CustomerNumber="1")
    assert api.act(f"{path}/1/cancel")["Cancelled"] is True
    api.refused("PUT", f"{path}/1/createinvoice", 2000588, text)
    state = {"offers": "Offerten", "orders": "Ordern"}[path] + " är makulerad och kan inte ändras."
    api.refused("PUT", f"{path}/1", 2000588, state, one, Comments="x")
    api.refused("PUT", f"{path}/1/cancel", 2000588, state)


def test_an_order_that_is_not_ready_is_not_invoiced(api: Any) -> None:
    api.post("orders", "Order", CustomerNumber="1", NotCompleted=True)
    api.refused("PUT", "orders/1/createinvoice", 2000588, "Ordern är inte färdig och kan inte faktureras.")


def test_ready_marking_wants_delivery_and_locks(api: Any) -> None:
    api.post("orders", "Order", CustomerNumber="1", DeliveryState="reservation", OrderRows=[row()], OutboundDate="2026-03-11")
    api.refused("PUT", "orders/1/warehouseready", 2003124, "Enbart ordrar som levererats ut kan klarmarkeras")
    assert api.put("orders/1", "Order", DeliveryState="delivery")["WarehouseReady"] is False
    api.refused("PUT", "orders/1", 2000588, "Leveransstatus kan inte backas.", "Order", DeliveryState="registration")
    api.refused("PUT", "orders/1/warehouseready", 2003126, "Utleveransdatum kan inte vara senare än dagens datum")
    api.put("orders/1", "Order", OutboundDate="2026-03-10")
    assert api.act("orders/1/warehouseready")["WarehouseReady"] is True
    api.refused("PUT", "orders/1", 2003125, "Ett klarmarkerat dokument kan inte ändras", "Order", Comments="x")


def test_the_chain_is_announced(api: Any, sandbox: Any, company: Any) -> None:
    api.post("offers", "Offer", **OFFER)
    api.act("offers/1/createorder")
    api.act("orders/1/createinvoice")
    api.post("offers", "Offer", **OFFER)
    api.act("offers/2/cancel")
    seen = [(event["topic"], event["type"], event["entityId"]) for event in sandbox.topics.events]
    assert seen == [
        ("offers", "offer-created-v1", "1"),
        ("orders", "order-created-v1", "1"),
        ("offers", "offer-updated-v1", "1"),
        ("invoices", "invoice-created-v1", "1"),
        ("orders", "order-updated-v1", "1"),
        ("offers", "offer-created-v1", "2"),
        ("offers", "offer-canceled-v1", "2"),
    ]
