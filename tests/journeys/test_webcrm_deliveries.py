"""Deliveries of webCRM ↔ orders and invoices of Fortnox, as the vendor's document describes them: rows WEB-36 to WEB-53."""

from __future__ import annotations

from typing import Any

import pytest

from hub import Hub
from webcrm_sales import Sales, fortnox_document


@pytest.fixture
def sales(hub: Hub) -> Sales:
    return Sales(hub)


def test_a_delivery_becomes_an_order_with_its_rows_and_gets_the_number_back(hub_on_both: Hub) -> None:
    """WEB-36, WEB-41, WEB-42: one order with the rows in their order; its number is written to the delivery, once."""
    sales = Sales(hub_on_both)
    id = sales.deliver(OrderDate="2026-11-20T00:00:00", Ordertext="Ring före leverans")
    result = sales.hub.sync()
    assert result["counts"]["created"] == 1, result
    number = sales.hub.links()[str(id)]
    order = sales.document(number)
    assert (order["CustomerNumber"], order["OrderDate"], order["Remarks"]) == (sales.customer, "2026-11-20", "Ring före leverans")
    assert [(row["ArticleNumber"], row["Description"]) for row in order["OrderRows"]] == [
        ("A1", "Bord"),
        ("", "Levereras till lastkajen"),
        ("A2", "Stol"),
    ]
    assert [path for method, path, _ in sales.hub.fortnox_writes() if method == "POST"] == ["/3/orders"]
    assert sales.hub.webcrm.delivery(id)["Ordernummer"] == number
    sales.quiet()


def test_a_delivery_becomes_an_invoice_where_that_is_chosen(hub: Hub) -> None:
    """WEB-36, WEB-49 to WEB-51: the invoice date goes over, the invoice number comes back."""
    sales = Sales(hub, document="invoice")
    id = sales.deliver(Fakturadatum="2026-11-20", Fakturatext="Tack för köpet")
    sales.hub.sync()
    number = sales.hub.links()[str(id)]
    invoice = sales.document(number)
    assert (invoice["InvoiceDate"], invoice["Remarks"]) == ("2026-11-20", "Tack för köpet")
    assert sales.hub.webcrm.delivery(id)["Fakturanummer"] == number
    sales.quiet()


def test_changes_go_both_ways_field_by_field(sales: Sales) -> None:
    """WEB-37, WEB-43, WEB-44, WEB-45: each side's change reaches the other, and neither undoes the other's."""
    id = sales.deliver(OrderDate="2026-11-20T00:00:00")
    sales.hub.sync()
    number = sales.hub.links()[str(id)]
    sales.hub.webcrm.delivery(id).update(Ordertext="Från webCRM")
    with sales.hub.fortnox.lock:
        sales.hub.fortnox.company.put("orders", number, {**sales.document(number), "DeliveryDate": "2026-12-01"})
        sales.hub.fortnox.company.commit()
    sales.hub.age()
    sales.hub.sync()
    assert sales.document(number)["Remarks"] == "Från webCRM"
    assert str(sales.hub.webcrm.delivery(id)["Leveransdatum"]).startswith("2026-12-01")
    sales.quiet()


def test_an_order_made_in_fortnox_becomes_a_delivery_with_its_rows(sales: Sales) -> None:
    """WEB-38, WEB-39, WEB-40: description “faktura”, status New, rows and number."""
    number = fortnox_document(sales)
    sales.hub.sync()
    [id] = sales.hub.links()
    delivery = sales.hub.webcrm.delivery(int(id))
    assert (delivery["Beskrivning"], delivery["Status"], delivery["Ordernummer"]) == ("faktura", "New", number)
    assert [line["QuotationLineData1"] for line in sales.hub.webcrm.lines_of(int(id))] == ["A1", "-", "A2"]
    sales.quiet()


def test_an_order_that_fortnox_has_invoiced_already_becomes_a_whole_delivery(sales: Sales) -> None:
    """WEB-38, WEB-46: its rows come after its head, and that it is final by then keeps neither from arriving; later edits stay out."""
    hub = sales.hub
    number = fortnox_document(sales)
    hub.fortnox_act(f"/3/orders/{number}/createinvoice")
    invoice = str(sales.document(number)["InvoiceReference"])
    hub.sync()
    [id] = hub.links()
    delivery = hub.webcrm.delivery(int(id))
    assert [line["QuotationLineData1"] for line in hub.webcrm.lines_of(int(id))] == ["A1", "-", "A2"]
    assert (delivery["Ordernummer"], delivery["Fakturanummer"], delivery["Fortnox-status"]) == (number, invoice, "Låst i Fortnox")
    sales.quiet()
    assert hub.problems("hold", "failed", "conflict") == []
    delivery.update(Ordertext="För sent")
    hub.age()
    hub.clear()
    result = hub.sync()
    assert hub.fortnox_writes() == []
    assert [item["rule"] for item in result["items"] if item["action"] == "skip"] == ["WEB-37"]


def test_an_invoice_made_in_fortnox_becomes_a_completed_delivery(hub: Hub) -> None:
    """WEB-38, WEB-40, WEB-52."""
    sales = Sales(hub, document="invoice")
    number = fortnox_document(sales)
    sales.hub.sync()
    [id] = sales.hub.links()
    assert sales.hub.webcrm.delivery(int(id))["Status"] == "Completed"
    assert sales.hub.webcrm.delivery(int(id))["Fakturanummer"] == number


def test_a_changed_row_goes_over_though_the_head_is_untouched(sales: Sales) -> None:
    """WEB-41: a row that changes does not show on its delivery in webCRM; it is found all the same."""
    id = sales.deliver()
    sales.hub.sync()
    line = sales.hub.webcrm.lines_of(id)[0]["QuotationLineId"]
    sales.hub.webcrm.line(line).update(Quantity=3)
    sales.hub.age()
    sales.hub.sync()
    order = sales.document(sales.hub.links()[str(id)])
    assert order["OrderRows"][0]["DeliveredQuantity"] in ("3", 3)
    sales.quiet()


def test_a_booked_invoice_is_changed_in_neither_way(hub: Hub) -> None:
    """WEB-37, WEB-52: the mark “booked” comes over; a later edit in webCRM is listed with the rule and stays there."""
    sales = Sales(hub, document="invoice")
    id = sales.deliver(Fakturadatum="2026-11-20")
    hub.sync()
    number = hub.links()[str(id)]
    hub.fortnox_act(f"/3/invoices/{number}/bookkeep")
    hub.age()
    hub.sync()
    assert hub.webcrm.delivery(id)["Bokförd"] == "Yes"
    hub.webcrm.delivery(id).update(Fakturatext="För sent")
    hub.age()
    hub.clear()
    result = hub.sync()
    assert hub.fortnox_writes() == []
    assert [item["rule"] for item in result["items"] if item["action"] == "skip"] == ["WEB-37"]


def test_the_invoice_of_an_order_shows_on_the_delivery(sales: Sales) -> None:
    """WEB-46, WEB-47, WEB-48: number, date and the booked mark of the invoice, only from Fortnox."""
    hub = sales.hub
    id = sales.deliver()
    hub.sync()
    number = hub.links()[str(id)]
    hub.fortnox_act(f"/3/orders/{number}/createinvoice")
    hub.age()
    hub.sync()
    delivery = hub.webcrm.delivery(id)
    invoice = sales.document(number)["InvoiceReference"]
    assert delivery["Fakturanummer"] == str(invoice)
    assert str(delivery["Fakturadatum"]).startswith("20")
    assert delivery["Bokförd"] in ("No", "")
    hub.fortnox_act(f"/3/invoices/{invoice}/bookkeep")
    hub.age()
    hub.sync()
    assert hub.webcrm.delivery(id)["Bokförd"] == "Yes"
    sales.quiet()


def test_a_document_waits_while_its_organisation_has_not_a_right_type(sales: Sales) -> None:
    """WEB-53: held in both ways, and carried over when the type is right again."""
    hub = sales.hub
    hub.webcrm.organisation(sales.organisation).update(Type="Prospekt")
    id = sales.deliver()
    fortnox_document(sales)
    result = hub.sync()
    assert hub.links() == {}
    assert {item["rule"] for item in result["items"]} == {"WEB-53"}
    hub.webcrm.organisation(sales.organisation).update(Type="Kund – Företag")
    hub.age()
    hub.sync()
    assert str(id) in hub.links()
    assert len(hub.links()) == 2


def test_sums_that_differ_though_the_rows_are_alike_are_said_and_nothing_is_written(sales: Sales) -> None:
    """WEB-41: an order of Fortnox that comes to another net than its rows and the delivery's."""
    hub = sales.hub
    id = sales.deliver()
    hub.sync()
    number = hub.links()[str(id)]
    with hub.fortnox.lock:
        hub.fortnox.company.put("orders", number, {**sales.document(number), "Net": 1041.6})
        hub.fortnox.company.commit()
    hub.age()
    hub.clear()
    hub.sync()
    [problem] = hub.problems("hold")
    assert ("1302" in problem["text"], "1041.6" in problem["text"]) == (True, True), problem["text"]
    assert hub.fortnox_writes() == []


def test_a_customer_with_prices_incl_vat_gets_the_same_net(sales: Sales) -> None:
    """WEB-41: prices in webCRM are without VAT, whatever the customer's card in Fortnox says."""
    hub = sales.hub
    with hub.fortnox.lock:
        company = hub.fortnox.company
        company.put("customers", sales.customer, {**company.get("customers", sales.customer), "ShowPriceVATIncluded": True})
        company.commit()
    id = sales.deliver()
    hub.sync()
    order = sales.document(hub.links()[str(id)])
    assert (order["VATIncluded"], float(order["Net"])) == (False, 1302.0)


def test_a_run_over_many_unchanged_deliveries_costs_three_requests_a_system(sales: Sales) -> None:
    """WEB-05: 10,000 deliveries with five rows each lie there; nothing has changed since the last run."""
    from datetime import UTC, datetime, timedelta

    hub = sales.hub
    earlier = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    stamp = {"CreatedAt": earlier, "UpdatedAt": earlier}
    numbers = hub.webcrm.load(
        "Delivery",
        [
            {"DeliveryOrganisationId": sales.organisation, **{f"Delivery{name}": at for name, at in stamp.items()}}
            for _ in range(10_000)
        ],
    )
    row = {"QuotationLineData1": "A1", "QuotationLineData2": "Bord", "QuotationLineData3": "st", "QuotationLineQuantity": 1}
    hub.webcrm.load(
        "QuotationLine",
        [
            {"QuotationLineOpportunityId": number, **row, **{f"QuotationLine{name}": at for name, at in stamp.items()}}
            for number in numbers
            for _ in range(5)
        ],
    )
    hub.sync()
    hub.clear()
    result = hub.sync()
    assert all(count <= 3 for count in result["requests"].values()), result["requests"]
    assert result["counts"]["created"] == 0


@pytest.mark.parametrize(
    ("kind", "dose"),
    [
        ("rate_limit", {"times": 3, "retry_after": 60}),
        ("revoke_tokens", {"times": 3}),
        ("error_before", {"times": 1, "status": 400}),
    ],
)
def test_rows_that_stop_in_the_middle_are_carried_on_and_nobody_is_asked(sales: Sales, kind: str, dose: dict[str, Any]) -> None:
    """WEB-38, WEB-41: webCRM is busy, or refuses a row, after the first one: that it has one row is nobody's edit."""
    number = fortnox_document(sales)
    sales.hub.webcrm.faults.arm(kind, method="POST", path=".*QuotationLines.*", skip=1, **dose)
    sales.hub.sync()
    for _ in range(2):
        sales.hub.age()
        sales.hub.sync()
    [id] = sales.hub.links()
    assert [line["QuotationLineData1"] for line in sales.hub.webcrm.lines_of(int(id))] == ["A1", "-", "A2"]
    assert len(sales.document(number)["OrderRows"]) == 3
    assert sales.hub.problems("conflict", "failed") == []
    sales.quiet()


def test_row_that_webcrm_refuses_is_told_until_it_is_corrected_in_fortnox(sales: Sales) -> None:
    """WEB-41: the refusal is a problem of its own, and what Fortnox says then goes over whole."""
    number = fortnox_document(sales)
    sales.hub.webcrm.faults.arm("error_before", method="POST", path=".*QuotationLines.*", skip=1, times=None, status=400)
    for _ in range(3):
        sales.hub.sync()
        sales.hub.age()
    assert [problem["sort"] for problem in sales.hub.problems("conflict", "failed")] == ["failed"]
    sales.hub.webcrm.faults.clear()
    rows = sales.document(number)["OrderRows"]
    changed = [
        {"RowId": rows[0]["RowId"]},
        {"ArticleNumber": "A2", "Description": "Stol", "DeliveredQuantity": 7, "Price": 10, "VAT": 25},
    ]
    sales.hub.fortnox_call("PUT", f"/3/orders/{number}", {"Order": {"OrderRows": changed}})
    for _ in range(3):
        sales.hub.sync()
        sales.hub.age()
    [id] = sales.hub.links()
    lines = sales.hub.webcrm.lines_of(int(id))
    assert [(line["QuotationLineData1"], float(line["QuotationLineQuantity"])) for line in lines][1] == ("A2", 7)
    assert (len(lines), len(sales.document(number)["OrderRows"])) == (2, 2)
    assert sales.hub.problems("conflict", "failed") == []
