"""What Fortnox says arrives in a CRM at prices without VAT, and what a sale says is what the document says (issue 20, kinds 1 and 16).

U1, U2, U4 and U20, with their siblings for orders, invoices, offers and credits.
"""

from __future__ import annotations

from typing import Any

import pytest

from hub import Hub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import ROW, SECOND, Sales

LINE = "QuotationLine"
CARD = {
    "ShowPriceVATIncluded": True, "InvoiceFreight": 49, "InvoiceAdministrationFee": 29, "InvoiceDiscount": 10,
    "DeliveryName": "Lagret", "DeliveryAddress1": "Hamnen 1", "DeliveryZipCode": "97231", "DeliveryCity": "Luleå",
}  # fmt: skip
"""A customer card with everything set that Fortnox fills in where a document leaves it out (Fortnox API, section 9.1)."""


def in_fortnox(sales: Sales, *rows: dict[str, Any], **head: Any) -> str:
    """Make a document in Fortnox as a person would, and return its number."""
    one = {"order": "Order", "invoice": "Invoice"}[sales.kind]
    if sales.kind == "order":
        rows = tuple({"OrderedQuantity": row["DeliveredQuantity"], **row} for row in rows)
    body = {"CustomerNumber": sales.customer, f"{one}Rows": list(rows), **head}
    answer = sales.hub.fortnox_call("POST", f"/3/{sales.register}", {one: body})
    return str(answer[one]["DocumentNumber"])


def delivered(sales: Sales, number: str) -> list[dict[str, Any]]:
    """Return the rows of the delivery that a document of Fortnox became."""
    [id] = [left for left, right in sales.hub.links().items() if right == number]
    return [dict(line) for line in sales.hub.webcrm.lines_of(int(id))]


def row(price: float, quantity: float = 1, **more: Any) -> dict[str, Any]:
    return {"ArticleNumber": "A1", "Description": "Bord", "DeliveredQuantity": quantity, "Price": price, "VAT": 25, **more}


def worth(lines: list[dict[str, Any]]) -> float:
    """Return what webCRM's rows come to, each to the öre."""
    return round(
        sum(
            round(line[f"{LINE}Quantity"] * line[f"{LINE}Price"] * (100 - line[f"{LINE}Discount"]) / 100 + 1e-9, 2)
            for line in lines
        ),
        2,
    )


def set_card(hub: Any, number: str, **fields: Any) -> None:
    with hub.fortnox.lock:
        company = hub.fortnox.company
        company.put("customers", number, {**company.get("customers", number), **fields})
        company.commit()


# webCRM -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", ["order", "invoice"])
def test_u20_prices_including_vat_become_net_before_they_are_written(hub: Hub, document: str) -> None:
    """U20: a row of 125 with prices including VAT at 25 % is 100 in webCRM, and never 156.25 anywhere."""
    sales = Sales(hub, document=document)
    number = in_fortnox(sales, row(125, 2), row(99.9, 1), VATIncluded=True)
    hub.sync()
    lines = delivered(sales, number)
    assert [line[f"{LINE}Price"] for line in lines] == [100, 79.92]
    assert worth(lines) == float(sales.document(number)["Net"]) == 279.92
    sales.quiet()
    assert sales.document(number)["VATIncluded"] is True


@pytest.mark.parametrize(
    ("rows", "discounts"),
    [
        ([row(9.99, 10)], [0]),
        ([row(9.99)] * 3, [0, 0, 0]),
        ([row(125, 4, Discount=10, DiscountType="PERCENT")], [10]),
        ([row(199, 3, Discount=50, DiscountType="AMOUNT"), row(106, 1, VAT=6)], None),
    ],
)
def test_u20_every_row_makes_its_net_to_the_ore(hub: Hub, rows: list[dict[str, Any]], discounts: list[float] | None) -> None:
    """U20: odd öre, percentages and amounts off, two rates: the rows come to Fortnox' net; a percentage stays what it is."""
    sales = Sales(hub)
    number = in_fortnox(sales, *rows, VATIncluded=True)
    hub.sync()
    lines = delivered(sales, number)
    assert worth(lines) == float(sales.document(number)["Net"])
    if discounts is not None:
        assert [line[f"{LINE}Discount"] for line in lines] == discounts
    sales.quiet()


def test_u20_an_edit_of_such_rows_in_webcrm_stays_there_and_says_why(hub: Hub) -> None:
    """U20: the net price is not Fortnox' price, so it never goes back; the text of the order still does."""
    sales = Sales(hub)
    number = in_fortnox(sales, row(125), VATIncluded=True)
    hub.sync()
    [id] = hub.links()
    [line] = delivered(sales, number)
    hub.webcrm.line(line[f"{LINE}Id"]).update(Price=90)
    hub.webcrm.delivery(int(id)).update(Ordertext="Ring först")
    hub.age()
    result = hub.sync()
    assert "changed in Fortnox alone: rows" in " ".join(str(item.get("message")) for item in result["items"])
    assert (sales.document(number)["OrderRows"][0]["Price"], sales.document(number)["Remarks"]) == (125, "Ring först")


def test_the_prices_of_an_order_that_is_switched_to_prices_with_vat_follow_at_net(hub: Hub) -> None:
    """U20: 400 with VAT is 320: a person switched the order in Fortnox, and the delivery says what it comes to now."""
    sales = Sales(hub)
    id = sales.deliver(ROW)
    hub.sync()
    number = hub.links()[str(id)]
    hub.fortnox_call("PUT", f"/3/orders/{number}", {"Order": {"VATIncluded": True}})
    hub.age()
    hub.sync()
    lines = delivered(sales, number)
    assert (lines[0][f"{LINE}Price"], worth(lines)) == (320, float(sales.document(number)["Net"]))
    sales.quiet()


def test_what_was_ordered_stays_when_a_part_is_delivered(hub: Hub) -> None:
    """Kind 16: ordered 10, delivered 3: the delivery's row stays 10, and its edit in webCRM does not undo what is delivered."""
    sales = Sales(hub)
    id = sales.deliver({**ROW, "Quantity": 10}, SECOND)
    hub.sync()
    number = hub.links()[str(id)]
    held = sales.document(number)["OrderRows"]
    body = [{"RowId": held[0]["RowId"], "DeliveredQuantity": 3}, {"RowId": held[1]["RowId"]}]
    hub.fortnox_call("PUT", f"/3/orders/{number}", {"Order": {"OrderRows": body}})
    hub.age()
    hub.sync()
    assert [line[f"{LINE}Quantity"] for line in delivered(sales, number)] == [10, 4]
    assert hub.problems("hold", "conflict", "failed") == []
    hub.webcrm.line(delivered(sales, number)[0][f"{LINE}Id"]).update(Quantity=12)
    hub.age()
    hub.sync()
    order = sales.document(number)["OrderRows"][0]
    assert (float(order["OrderedQuantity"]), float(order["DeliveredQuantity"])) == (10, 3)


def test_an_order_that_is_delivered_in_part_arrives_with_what_was_ordered(hub: Hub) -> None:
    """Kind 16: an order made in Fortnox of which nothing or a part is delivered yet."""
    sales = Sales(hub)
    number = in_fortnox(sales, row(100, 3, OrderedQuantity=10), row(50, 0, OrderedQuantity=2))
    hub.sync()
    assert [line[f"{LINE}Quantity"] for line in delivered(sales, number)] == [10, 2]
    sales.quiet()


def test_freight_and_fee_in_the_head_are_told(hub: Hub) -> None:
    """Kind 16: webCRM has no place for them: said at the creation, with the amounts."""
    sales = Sales(hub, document="invoice")
    number = in_fortnox(sales, row(100), Freight=50, AdministrationFee=25)
    result = hub.sync()
    [made] = [item for item in result["items"] if item["action"] == "create"]
    assert "freight 50.00 SEK and fee 25.00 SEK in its head" in made["message"]
    assert worth(delivered(sales, number)) == 100
    sales.quiet()


@pytest.mark.parametrize(("included", "freight"), [(False, 50), (True, 62.5)])
def test_freight_and_fee_become_rows_where_an_article_stands_for_them(hub: Hub, included: bool, freight: float) -> None:
    """Kind 16: net, as rows of their own; never written back to Fortnox as rows."""
    sales = Sales(hub, document="invoice", freight_article="A2")
    number = in_fortnox(sales, row(125 if included else 100), Freight=freight, VATIncluded=included)
    hub.sync()
    lines = delivered(sales, number)
    assert [(line[f"{LINE}Data1"], line[f"{LINE}Price"]) for line in lines] == [("A1", 100), ("A2", 50)]
    sales.quiet()
    assert len(sales.document(number)["InvoiceRows"]) == 1


def test_the_order_value_of_a_delivery_from_fortnox_is_its_net_and_follows_its_rows(hub: Hub) -> None:
    """Kind 16: a pipeline of zeros is no pipeline."""
    sales = Sales(hub)
    number = in_fortnox(sales, row(125, 2), VATIncluded=True)
    hub.sync()
    [id] = hub.links()
    assert hub.webcrm.delivery(int(id))["Ordervärde"] == 200
    held = sales.document(number)["OrderRows"]
    hub.fortnox_call(
        "PUT",
        f"/3/orders/{number}",
        {"Order": {"OrderRows": [{"RowId": held[0]["RowId"], "DeliveredQuantity": 3, "OrderedQuantity": 3}]}},
    )
    hub.age()
    hub.sync()
    assert hub.webcrm.delivery(int(id))["Ordervärde"] == 300
    sales.quiet()


def test_an_order_value_that_the_rows_do_not_come_to_is_told(hub: Hub) -> None:
    """What goes over are the rows; that the delivery says another value is said."""
    sales = Sales(hub)
    id = sales.deliver(ROW, OrderValue=1000)
    result = hub.sync()
    [made] = [item for item in result["items"] if item["action"] == "create"]
    assert "has the order value 1000.00 in webCRM, and its rows, which went over, come to 800.00" in made["message"]
    assert hub.webcrm.delivery(id)["Ordervärde"] == 1000


@pytest.mark.parametrize("document", ["order", "invoice"])
def test_u4_a_delivery_is_what_it_says_whatever_the_customers_card_says(hub: Hub, document: str) -> None:
    """U4: 800 net as order and as invoice, on a card with freight, fee, discount and prices including VAT: 1000 with VAT."""
    sales = Sales(hub, document=document)
    set_card(hub, sales.customer, **CARD)
    id = sales.deliver(ROW, Fakturadatum="2026-11-20")
    before = [dict(line) for line in hub.webcrm.lines_of(id)]
    hub.sync()
    made = sales.document(hub.links()[str(id)])
    sums = {name: float(made[name]) for name in ("Net", "TotalVAT", "Total", "Freight", "AdministrationFee")}
    assert sums == {"Net": 800, "TotalVAT": 200, "Total": 1000, "Freight": 0, "AdministrationFee": 0}
    assert (made["VATIncluded"], float(made[f"{document.title()}Rows"][0]["Discount"])) == (False, 0)
    sales.quiet()
    assert [dict(line) for line in hub.webcrm.lines_of(id)] == before


# Upsales ----------------------------------------------------------------------------------------------------------------


def kept(shop: Shop, sale: int) -> list[dict[str, Any]]:
    """Return the rows of a sale as Upsales answers them, without their ids."""
    rows = shop.hub.upsales.order(sale)["orderRow"]
    return [{name: value for name, value in one.items() if name != "id"} for one in rows]


def at_25(shop: Shop) -> None:
    """Let the articles carry 25 %: the rows of a sale say no rate."""
    for number in ("A1", "A2"):
        shop.hub.put("articles", number, VAT=25, SalesAccount=3001)


@pytest.mark.parametrize("card", [{"ShowPriceVATIncluded": True}, {"InvoiceFreight": 49, "InvoiceAdministrationFee": 29}, CARD])
@pytest.mark.parametrize("module", ["invoice", "order"])
def test_u1_u2_a_sale_is_what_it_says_whatever_the_customers_card_says(
    upsales_hub: UpsalesHub, module: str, card: dict[str, Any]
) -> None:
    """U1, U2: 2 x 90 (list 100) and 4 x 125.50: 682 net and 852.50 with VAT, rounded by the company's rule; the sale untouched."""
    shop = Shop(upsales_hub, module=module)
    at_25(shop)
    set_card(shop.hub, "101", **card)
    sale = shop.sell()
    before = kept(shop, sale)
    shop.hub.sync_all()
    made = shop.document(sale)
    assert (made["VATIncluded"], float(made["Net"]), float(made["TotalVAT"])) == (False, 682, 170.5)
    assert float(made["Total"]) - float(made["RoundOff"]) == 852.5
    assert (float(made["Freight"]), float(made["AdministrationFee"])) == (0, 0)
    shop.hub.quiet()
    assert kept(shop, sale) == before


def test_an_offer_and_the_order_made_of_it_keep_the_sale(upsales_hub: UpsalesHub) -> None:
    """U1, U2 for offers: the same card; the offer and its order come to the sale's 682."""
    shop = Shop(upsales_hub, module="order_offer")
    at_25(shop)
    set_card(shop.hub, "101", **CARD)
    sale = shop.sell(stage="Offert")
    before = kept(shop, sale)
    shop.hub.sync_all()
    offer = shop.hub.held("offers", shop.number_of(sale, "offers"))
    assert (offer["VATIncluded"], float(offer["Net"]), float(offer["Freight"])) == (False, 682, 0)
    shop.hub.upsales.order(sale).update(stage={"id": shop.hub.upsales.stage("Order")})
    shop.hub.sync_all()
    order = shop.document(sale)
    assert (float(order["Net"]), float(order["TotalVAT"]), float(order["AdministrationFee"])) == (682, 170.5, 0)
    assert kept(shop, sale) == before


@pytest.mark.parametrize("module", ["invoice", "order"])
def test_freight_and_fee_of_a_document_are_told_or_become_rows_of_the_sale(upsales_hub: UpsalesHub, module: str) -> None:
    """Kind 16: told without an article; with one they are rows at net, and the sale is worth them too."""
    shop = Shop(upsales_hub, module=module)
    shop.in_fortnox(Freight=50)
    shop.hub.age()
    result = shop.hub.sync("sales")
    [made] = [item for item in result["items"] if item["action"] == "create"]
    assert "freight 50.00 SEK and fee 0 in its head" in made["message"]
    shop.hub.declare(freight_article="A2")
    number = shop.in_fortnox(Freight=50)
    shop.hub.sync_all()
    [sale] = [left for left, right in shop.hub.links("sales").items() if right == number]
    assert shop.hub.upsales.order(int(sale))["value"] == 732
    shop.hub.sync_all()
    shop.hub.quiet()


def test_a_part_delivery_does_not_change_what_was_sold(upsales_hub: UpsalesHub) -> None:
    """Kind 16: ordered 10, delivered 3: the sale stays 10 and its value too."""
    shop = Shop(upsales_hub, module="order")
    sale = shop.sell({"product": shop.table, "quantity": 10, "price": 100, "listPrice": 100})
    shop.hub.sync_all()
    number = shop.number_of(sale)
    [held] = shop.document(sale)["OrderRows"]
    shop.hub.fortnox_call(
        "PUT", f"/3/orders/{number}", {"Order": {"OrderRows": [{"RowId": held["RowId"], "DeliveredQuantity": 3}]}}
    )
    shop.hub.sync_all()
    assert (shop.hub.upsales.order(sale)["orderRow"][0]["quantity"], shop.hub.upsales.order(sale)["value"]) == (10, 1000)
    assert shop.hub.problems("sales", "hold", "conflict", "failed") == []
    assert float(shop.document(sale)["OrderRows"][0]["DeliveredQuantity"]) == 3
    shop.hub.quiet()


def test_a_salesperson_keeps_the_sale_when_its_company_changes(upsales_hub: UpsalesHub) -> None:
    """Kind 17: Fortnox takes the references of the new customer's card; the sale stays Anna's, in both systems."""
    shop = Shop(upsales_hub)
    user = next(one["id"] for one in shop.hub.upsales.all("users") if one["name"] == "Anna Lind")
    shop.hub.fortnox.company.load("customers", [{"CustomerNumber": "102", "Name": "Älv AB", "OrganisationNumber": "556036-0793"}])
    shop.hub.sync_all()
    other = int(next(left for left, right in shop.hub.links("customers").items() if right == "102"))
    sale = shop.sell(user={"id": user})
    shop.hub.sync_all()
    shop.hub.upsales.order(sale).update(client={"id": other})
    for _ in range(3):
        shop.hub.sync_all()
    assert (shop.document(sale)["CustomerNumber"], shop.document(sale)["OurReference"]) == ("102", "Anna Lind")
    assert shop.hub.upsales.order(sale)["user"]["name"] == "Anna Lind"
    shop.hub.quiet()
