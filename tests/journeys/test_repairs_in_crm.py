"""What a repair tells a person to do in the shop, in the CRM or in Fortnox for them, a person does, and the record goes with the next run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub import Hub, organisation
from repairs import Case, walk
from textalk_hub import MUG, TextalkHub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import ROW, Sales

# Textalk ------------------------------------------------------------------------------------------------------------------------


def order(**wrong: Any) -> Callable[[TextalkHub], int]:
    return lambda hub: hub.order(**{"payment": "Faktura", **wrong})


TEXTALK = (
    Case(
        "Make article {article} in Fortnox, or let missing articles be made (“Skapa artiklar som saknas”).",
        order(items=[{**MUG, "articleNumber": "FAT-9"}]),
        lambda hub, id: hub.fortnox.company.load("articles", [{"ArticleNumber": "FAT-9", "Description": "Fat", "Unit": "st"}]),
        names=("5001",),
    ),
)


def test_what_the_shop_s_orders_are_told_is_done_in_fortnox(textalk_hub: TextalkHub) -> None:
    hub = textalk_hub
    hub.declare(create_needed_articles=False)
    walk(hub, TEXTALK, lambda: hub.sync())
    assert len(hub.records("invoices")) == len(TEXTALK)


# Upsales ------------------------------------------------------------------------------------------------------------------------


def upsales_row(shop: Shop) -> list[dict[str, Any]]:
    return [{"product": {"id": shop.table}, "quantity": 2, "price": 90, "listPrice": 100}]


def sale(**wrong: Any) -> Callable[[Shop], int]:
    """Make a sale and then let it be wrong, as somebody who saves it again."""

    def spoil(shop: Shop) -> int:
        id = shop.sell()
        shop.hub.upsales.order(id).update(**wrong)
        return id

    return spoil


def sale_edit(**fields: Any) -> Callable[[Shop, str], object]:
    return lambda shop, id: shop.hub.upsales.order(int(id)).update(**fields)


UPSALES = (
    Case("Add its products in Upsales.", sale(orderRow=[]), lambda shop, id: sale_edit(orderRow=upsales_row(shop))(shop, id)),
    Case(
        "Split it into several sales in Upsales.",
        lambda shop: shop.sell(*[{"product": shop.table, "quantity": 1, "price": 1, "listPrice": 1}] * 501),
        lambda shop, id: sale_edit(orderRow=upsales_row(shop))(shop, id),
    ),
    Case(
        "Add {currency} to the currencies of Fortnox, or choose another one in Upsales.",
        sale(currency="NOK", currencyRate=0.98),
        sale_edit(currency="SEK", currencyRate=1),
        names=("Möbler till kontoret",),
    ),
    Case(
        "Make the article in Fortnox, or choose another product in Upsales.",
        lambda shop: shop.sell({"product": own_product(shop, articleNo="UTAN-1"), "quantity": 1, "price": 50, "listPrice": 50}),
        lambda shop, id: shop.hub.article("UTAN-1", "Lampa", 50),
        names=("Möbler till kontoret",),
    ),
    Case(
        "Choose a product that came from Fortnox, or give this one the number of its article there.",
        lambda shop: shop.sell({"product": own_product(shop), "quantity": 1, "price": 50, "listPrice": 50}),
        lambda shop, id: shop.hub.upsales.order(int(id)).update(orderRow=upsales_row(shop)),
    ),
)


def own_product(shop: Shop, **fields: Any) -> int:
    return int(shop.hub.upsales.add("products", name="Lampa", listPrice=50, **fields))


def test_what_upsales_sales_are_told_is_done_in_upsales_and_in_fortnox(upsales_hub: UpsalesHub) -> None:
    shop = Shop(upsales_hub)
    made = walk(shop, UPSALES, shop.hub.sync_all)
    assert set(made.values()) <= set(shop.hub.links("sales"))


# webCRM -------------------------------------------------------------------------------------------------------------------------


def delivery(**wrong: Any) -> Callable[[Sales], int]:
    return lambda sales: sales.deliver({**ROW, **wrong}, Fakturadatum="2026-11-20")


def article_made(sales: Sales, id: str) -> None:
    sales.hub.fortnox.company.load("articles", [{"ArticleNumber": "FINNS-EJ", "Description": "Fritt arbete"}])


def delivery_edit(**fields: Any) -> Callable[[Sales, str], object]:
    return lambda sales, id: sales.hub.webcrm.delivery(int(id)).update(**fields)


def rows_edit(**fields: Any) -> Callable[[Sales, str], object]:
    """Correct the row of a delivery."""

    def mend(sales: Sales, id: str) -> None:
        for line in sales.hub.webcrm.lines_of(int(id)):
            sales.hub.webcrm.line(int(line["QuotationLineId"])).update(**fields)

    return mend


def shorten(sales: Sales, id: str) -> None:
    for line in sales.hub.webcrm.lines_of(int(id))[1:]:
        sales.hub.webcrm.line(int(line["QuotationLineId"])).delete()


def of_nobody(sales: Sales) -> int:
    return int(sales.hub.webcrm.add_delivery({"Fakturadatum": "2026-11-20"}, [ROW]))


def of_a_prospect(sales: Sales) -> int:
    [prospect] = sales.hub.webcrm.load("Organisation", [organisation(OrganisationName="Prospekt AB", OrganisationType="Prospekt")])
    return int(sales.hub.webcrm.add_delivery({"Fakturadatum": "2026-11-20"}, [ROW], organisation=prospect))


def empty(sales: Sales) -> int:
    return int(sales.hub.webcrm.add_delivery({"Fakturadatum": "2026-11-20"}, [], organisation=sales.organisation))


def fill(sales: Sales, id: str) -> None:
    labels = {label: f"Data{place}" for place, label in sales.hub.webcrm.installation.data_labels.items()}
    row = {labels.get(name, name): value for name, value in ROW.items()}
    sales.hub.webcrm.add("QuotationLine", {"OpportunityId": int(id), "OrganisationId": sales.organisation, **row})
    delivery_edit(Comment="Raden är lagd")(sales, id)


def becomes_a_customer(sales: Sales, id: str) -> None:
    number = int(sales.hub.webcrm.delivery(int(id))["DeliveryOrganisationId"])
    sales.hub.webcrm.organisation(number).update(OrganisationType="Kund – Företag")


WEBCRM = (
    Case("Give the organisation a type that is synced.", of_a_prospect, becomes_a_customer),
    Case("Add its rows in webCRM.", empty, fill),
    Case(
        "Choose its organisation in webCRM.",
        of_nobody,
        lambda sales, id: delivery_edit(DeliveryOrganisationId=sales.organisation)(sales, id),
    ),
    Case("Correct the VAT rate of the row in webCRM.", delivery(VatPercentage=17), rows_edit(VatPercentage=25)),
    Case(
        "Split it into several deliveries in webCRM.",
        lambda sales: sales.deliver(*[ROW] * 501, Fakturadatum="2026-11-20"),
        shorten,
    ),
    Case(
        "Make the article in Fortnox, or choose another one on the row in webCRM.", delivery(Artikelnummer="FINNS-EJ"), article_made
    ),
    Case(
        "Fill in its invoice date (Fakturadatum) in webCRM.",
        lambda sales: sales.deliver(ROW, Fakturadatum=""),
        lambda sales, id: sales.hub.webcrm.delivery(int(id)).update(Fakturadatum="2026-11-20"),
    ),
    Case(
        "Make the financial year in Fortnox under Inställningar, or correct the day in {system}.",
        lambda sales: sales.deliver(ROW, Fakturadatum="1999-01-01"),
        lambda sales, id: sales.hub.webcrm.delivery(int(id)).update(Fakturadatum="2026-11-20"),
    ),
    Case(
        "Add {currency} to the currencies of Fortnox, or choose another one in webCRM.",
        lambda sales: sales.deliver(ROW, Fakturadatum="2026-11-20", CurrencyName="GBP"),
        lambda sales, id: sales.hub.webcrm.delivery(int(id)).update(CurrencyName="SEK"),
    ),
)


def test_what_webcrm_s_deliveries_are_told_is_done_in_webcrm_and_in_fortnox(hub: Hub) -> None:
    """The sentence of a missing article names its delivery, wherever it is shown."""
    sales = Sales(hub, document="invoice")

    def both() -> None:
        """Sync the customers and then the deliveries, as the clock does."""
        for hub.stream in ("customers", "deliveries"):
            hub.sync()

    made = walk(sales, WEBCRM, both)
    assert set(made.values()) <= set(hub.links())


def test_a_line_of_a_run_and_an_item_of_a_plan_name_the_delivery(hub: Hub) -> None:
    sales = Sales(hub)
    id = sales.deliver({**ROW, "Artikelnummer": "FINNS-EJ"})
    [item] = [one for one in hub.plan()["items"] if one["action"] == "hold"]
    assert str(id) in f"{item['about']['called']} {item['message']}"
    assert [str(id) in str(one["message"]) for one in hub.sync()["items"]] == [True]
    assert [str(id) in one["text"] for one in hub.problems("hold")] == [True]
