"""A row that nobody changed is not written, and a field that is not mapped never (issue 20, kinds 3 and 9; U17, U18)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub import Hub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import ROW, SECOND, Sales

LINE = "QuotationLine"


@pytest.fixture
def sales(hub: Hub) -> Sales:
    """Deliveries become orders; Data3 holds the unit and is not mapped."""
    return Sales(hub)


def change(sales: Sales, number: str, *rows: dict[str, Any]) -> None:
    """Let a person change rows of a document in Fortnox: {} leaves a row as it is."""
    one, field = {"order": ("Order", "OrderRows"), "invoice": ("Invoice", "InvoiceRows")}[sales.kind]
    held = sales.document(number)[field]
    body = [{"RowId": old["RowId"], **row} for old, row in zip(held, rows, strict=True)]
    sales.hub.fortnox_call("PUT", f"/3/{sales.register}/{number}", {one: {field: body}})


def written_lines(hub: Hub) -> list[dict[str, Any]]:
    """Return what was sent to webCRM's rows, in order."""
    return [
        json.loads(seen.body) if seen.body else {}
        for seen in hub.webcrm.requests
        if seen.method not in ("GET", "HEAD") and "/QuotationLines" in seen.path
    ]


def lines(hub: Hub, id: int) -> list[dict[str, Any]]:
    """Return the rows as they stand on the delivery."""
    held = [dict(line) for line in hub.webcrm.lines_of(id)]
    return sorted(held, key=lambda line: (line[f"{LINE}SortOrder"], line[f"{LINE}Id"]))


@pytest.mark.parametrize("document", ["order", "invoice"])
def test_u18_what_is_not_mapped_stays_on_every_row_when_a_person_changes_one_in_fortnox(hub: Hub, document: str) -> None:
    """U18: row 1 is set to 3 in Fortnox: its quantity is 3, Data3, the memo, the prices for cost and list stay on both rows."""
    sales = Sales(hub, document=document)
    own = {"Memo": "Färg: svart", "CostPrice": 210, "ListPrice": 450, "Comment": "intern", "StockStatus": "I lager"}
    id = sales.deliver({**ROW, **own}, {**SECOND, **own, "Enhet": "par"}, Fakturadatum="2026-11-20")
    hub.sync()
    before = lines(hub, id)
    change(sales, hub.links()[str(id)], {"DeliveredQuantity": 3, **({"OrderedQuantity": 3} if document == "order" else {})}, {})
    hub.age()
    hub.clear()
    hub.sync()
    after = lines(hub, id)
    assert after[0][f"{LINE}Quantity"] == 3
    stamps = {f"{LINE}{name}" for name in ("UpdatedAt", "UpdatedBy", "Quantity")}
    for old, new in zip(before, after, strict=True):
        assert {name: value for name, value in new.items() if name not in stamps} == {
            name: value for name, value in old.items() if name not in stamps
        }
    assert after[1] == before[1]
    assert [body[f"{LINE}Id"] for body in written_lines(hub)] == [before[0][f"{LINE}Id"]]
    sales.quiet()


@pytest.mark.performs(
    "Write it with two decimals in {system}, or the row as 1 for {sum} without a discount: that is what it comes to.",
)
def test_u17_a_quantity_finer_than_fortnox_keeps_waits_and_nothing_is_written_back(sales: Sales) -> None:
    """U17: 1.333 x 400 is 533.20 in webCRM and would be 532.00 in Fortnox: held, with row, number and what can be written."""
    hub = sales.hub
    id = sales.deliver(ROW, {**SECOND, "Quantity": 1.333, "Price": 400})
    before = lines(hub, id)
    hub.sync()
    hub.age()
    hub.sync()
    assert sales.documents() == []
    assert lines(hub, id) == before
    [problem] = hub.problems("hold")
    assert "row 2 (Stol), the quantity: Fortnox keeps two decimals, and 1.333 has more" in problem["text"]
    assert "or the row as 1 for 533.20 SEK without a discount" in problem["repair"]
    hub.webcrm.line(before[1][f"{LINE}Id"]).update(Quantity=1, Price=533.2)
    hub.age()
    hub.sync()
    assert float(sales.document(hub.links()[str(id)])["Net"]) == 1333.2
    assert hub.problems("hold") == []
    sales.quiet()


@pytest.mark.parametrize(
    ("fine", "part"), [({"Quantity": 1000, "Price": 0.125}, "price"), ({"Quantity": 2.005, "Price": 400}, "quantity")]
)
def test_prices_and_quantities_too_fine_wait_also_when_the_delivery_has_its_order(
    sales: Sales, fine: dict[str, Any], part: str
) -> None:
    """U17: what was fine to send and is changed to a number that is too fine waits; the order stays as it was."""
    hub = sales.hub
    id = sales.deliver(ROW)
    hub.sync()
    number = hub.links()[str(id)]
    hub.webcrm.line(lines(hub, id)[0][f"{LINE}Id"]).update(**fine)
    before = lines(hub, id)
    hub.age()
    hub.clear()
    hub.sync()
    assert hub.fortnox_writes() == []
    assert lines(hub, id) == before
    assert float(sales.document(number)["Net"]) == 800
    [problem] = hub.problems("hold")
    assert f"the {part}: Fortnox keeps two decimals" in problem["text"]


def test_a_percentage_too_fine_goes_over_as_its_amount_and_stays_as_it_is_in_webcrm(sales: Sales) -> None:
    """U17: 12.345 % of 2 x 500 is 123.45: an amount in Fortnox, the same to the öre; told, and the percentage is untouched."""
    hub = sales.hub
    id = sales.deliver({**ROW, "Price": 500, "Discount": 12.345})
    before = lines(hub, id)
    result = hub.sync()
    [row] = sales.document(hub.links()[str(id)])["OrderRows"]
    assert (row["DiscountType"], float(row["Discount"])) == ("AMOUNT", 123.45)
    assert float(sales.document(hub.links()[str(id)])["Net"]) == 876.55
    [made] = [item for item in result["items"] if item["action"] == "create"]
    assert "the discount of 12.345 % goes there as 123.45" in made["message"]
    sales.quiet()
    assert lines(hub, id) == before


def test_rows_of_one_article_are_rows_of_their_own(sales: Sales) -> None:
    """Kind 9: three rows of one article, each with its own text, unit and discount; the middle one is changed in Fortnox."""
    hub = sales.hub
    rows = [{**ROW, "Benämning": f"Bord {size}", "Discount": off} for size, off in (("S", 0), ("M", 10), ("XXL med tryck", 0))]
    id = sales.deliver(*rows)
    hub.sync()
    number = hub.links()[str(id)]
    assert [row["Description"] for row in sales.document(number)["OrderRows"]] == ["Bord S", "Bord M", "Bord XXL med tryck"]
    before = lines(hub, id)
    change(sales, number, {}, {"Price": 350}, {})
    hub.age()
    hub.clear()
    hub.sync()
    after = lines(hub, id)
    assert [line[f"{LINE}Price"] for line in after] == [400, 350, 400]
    assert (after[0], after[2]) == (before[0], before[2])
    assert len(written_lines(hub)) == 1
    sales.quiet()


def test_a_row_put_in_between_leaves_the_others_but_for_their_place(sales: Sales) -> None:
    """WEB-41: a new row of Fortnox comes between two; the second one only moves."""
    hub = sales.hub
    id = sales.deliver(ROW, SECOND)
    hub.sync()
    number = hub.links()[str(id)]
    held = sales.document(number)["OrderRows"]
    body = [{"RowId": held[0]["RowId"]}, {"Description": "Levereras till lastkajen"}, {"RowId": held[1]["RowId"]}]
    hub.fortnox_call("PUT", f"/3/orders/{number}", {"Order": {"OrderRows": body}})
    before = lines(hub, id)
    hub.age()
    hub.clear()
    hub.sync()
    after = lines(hub, id)
    assert [line[f"{LINE}Data2"] for line in after] == ["Bord", "Levereras till lastkajen", "Stol"]
    assert after[0] == before[0]
    assert (after[2][f"{LINE}Data3"], after[2][f"{LINE}Id"]) == ("st", before[1][f"{LINE}Id"])
    sales.quiet()


@pytest.mark.parametrize(("kind", "off"), [("AMOUNT", 33.0), ("AMOUNT", 799.95), ("PERCENT", 7.5), ("PERCENT", 100)])
def test_a_discount_given_in_fortnox_takes_off_the_same_in_webcrm(sales: Sales, kind: str, off: float) -> None:
    """Kind 16: webCRM knows percentages of the price only; an amount off becomes the one that leaves the same öre."""
    hub = sales.hub
    id = sales.deliver({**ROW, "Quantity": 3, "Price": 266.65})
    hub.sync()
    number = hub.links()[str(id)]
    change(sales, number, {"Discount": off, "DiscountType": kind})
    hub.age()
    hub.sync()
    [line] = lines(hub, id)
    left = line[f"{LINE}Quantity"] * line[f"{LINE}Price"] * (100 - line[f"{LINE}Discount"]) / 100
    assert round(left, 2) == float(sales.document(number)["Net"])
    assert line[f"{LINE}Price"] == 266.65
    sales.quiet()


def test_a_discount_that_webcrm_cannot_say_is_told_and_its_rows_stay(sales: Sales) -> None:
    """Kind 16: an amount off that is more than the row comes to is no percentage of its price."""
    hub = sales.hub
    id = sales.deliver(ROW)
    hub.sync()
    before = lines(hub, id)
    change(sales, hub.links()[str(id)], {"Discount": 900, "DiscountType": "AMOUNT"})
    hub.age()
    hub.sync()
    assert lines(hub, id) == before
    [problem] = hub.problems("failed")
    assert "discount of 900 on 800" in problem["text"]


# Upsales ------------------------------------------------------------------------------------------------------------------


def as_read(shop: Shop, sale: int) -> list[dict[str, Any]]:
    """Return the rows of a sale as Upsales answers them, but for the ids, which every PUT gives anew."""
    return [{name: value for name, value in one.items() if name != "id"} for one in shop.hub.upsales.order(sale)["orderRow"]]


@pytest.mark.parametrize("module", ["invoice", "order"])
def test_u18_rows_of_a_sale_keep_what_is_not_mapped_when_a_person_changes_one_in_fortnox(
    upsales_hub: UpsalesHub, module: str
) -> None:
    """U18 for Upsales: its PUT takes the place of all rows, so custom fields, purchase cost, tier and a price over the list price go along."""
    shop = Shop(upsales_hub, module=module)
    colour = int(shop.hub.upsales.add_custom_field("orderrow", alias="COLOUR", name="Färg", datatype="String"))
    own = {"purchaseCost": 37.5, "tierQuantity": 5, "custom": [{"fieldId": colour, "value": "svart"}]}
    first, second = shop.rows()
    dear = {"product": shop.table, "quantity": 1, "price": 120, "listPrice": 100, "sortId": 30, **own}
    sale = shop.sell({**first, **own, "sortId": 10}, {**second, **own, "sortId": 20}, dear)
    shop.hub.sync_all()
    before = as_read(shop, sale)
    one = "Invoice" if module == "invoice" else "Order"
    held = shop.document(sale)[f"{one}Rows"]
    wanted = {"DeliveredQuantity": 5} if module == "invoice" else {"DeliveredQuantity": 5, "OrderedQuantity": 5}
    body = [{"RowId": held[0]["RowId"]}, {"RowId": held[1]["RowId"], **wanted}, {"RowId": held[2]["RowId"]}]
    shop.hub.fortnox_call("PUT", f"/3/{shop.register}/{shop.number_of(sale)}", {one: {f"{one}Rows": body}})
    shop.hub.sync_all()
    after = as_read(shop, sale)
    assert after == [before[0], {**before[1], "quantity": 5}, before[2]]
    shop.hub.sync_all()
    shop.hub.quiet()


@pytest.mark.parametrize("fine", [{"quantity": 1.333, "price": 400}, {"quantity": 1000, "price": 0.125}])
def test_u17_a_sale_with_a_row_too_fine_waits_and_stays_as_it_is(upsales_hub: UpsalesHub, fine: dict[str, Any]) -> None:
    """U17 for Upsales."""
    shop = Shop(upsales_hub)
    sale = shop.sell({"product": shop.table, "listPrice": fine["price"], **fine})
    before = as_read(shop, sale)
    shop.hub.sync_all()
    assert shop.hub.posts() == []
    [problem] = shop.hub.problems("sales", "hold")
    assert "Fortnox keeps two decimals" in problem["text"]
    assert "or the row as 1 for" in problem["repair"]
    assert as_read(shop, sale) == before


def test_rows_of_one_product_are_rows_of_their_own_in_upsales(upsales_hub: UpsalesHub) -> None:
    """Kind 9 for Upsales: three rows of one product with other prices; the middle one is changed in Fortnox."""
    shop = Shop(upsales_hub)
    rows = [{"product": shop.table, "quantity": 1, "price": price, "listPrice": 100} for price in (100, 90, 80)]
    sale = shop.sell(*rows)
    shop.hub.sync_all()
    held = shop.document(sale)["InvoiceRows"]
    body = [
        {"RowId": held[0]["RowId"]},
        {"RowId": held[1]["RowId"], "DeliveredQuantity": 4, "Discount": 0},
        {"RowId": held[2]["RowId"]},
    ]
    shop.hub.fortnox_call("PUT", f"/3/invoices/{shop.number_of(sale)}", {"Invoice": {"InvoiceRows": body}})
    shop.hub.sync_all()
    assert [(one["quantity"], one["price"]) for one in as_read(shop, sale)] == [(1, 100), (4, 100), (1, 80)]
