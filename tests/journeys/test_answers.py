"""Fortnox' answer is compared with what was sent: what differs waits with both values, until a person settles it (issue 20, kind 2)."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from fortnox_otherwise import rows_become
from hub import Hub
from opter_hub import OpterHub
from textalk_hub import TextalkHub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import Sales


def ask(problem: dict[str, Any], name: str) -> None:
    """Press the button of a repair as a bookkeeper does."""
    from brygga.sync import repair, resolve

    repair.ask(resolve.find(problem["id"]), name, {}, "britta")


def audited(what: str) -> list[dict[str, Any]]:
    from brygga.store.models import AuditEntry

    return [dict(entry.detail) for entry in AuditEntry.objects.filter(what=what, who="britta")]


def test_a_price_that_fortnox_changed_holds_the_delivery_and_correcting_it_writes_the_sources_again(hub: Hub) -> None:
    """webCRM: both values are named, nothing comes back to the delivery, and the repair that writes 400 again settles it."""
    sales = Sales(hub)
    with rows_become(Price=390):
        id = sales.deliver()
        hub.sync()
    [problem] = hub.problems("hold")
    assert problem["text"].endswith("row 1: the price is 400 in webCRM and 390 in Fortnox.")
    assert [offer["name"] for offer in problem["repairs"]] == ["correct", "cancel", "accept", "accept_rule", "edit"]
    hub.age()
    hub.clear()
    hub.sync()
    assert [one["id"] for one in hub.problems("hold")] == [problem["id"]]
    assert (hub.fortnox_writes(), hub.webcrm.writes()) == ([], [])
    assert sorted(line["QuotationLinePrice"] for line in hub.webcrm.lines_of(id)) == [0, 125.5, 400]
    ask(problem, "correct")
    hub.sync()
    order = sales.document(hub.links()[str(id)])
    assert [float(row["Price"]) for row in order["OrderRows"]] == [400, 0, 125.5]
    assert hub.problems() == []
    sales.quiet()


def test_a_difference_that_was_accepted_once_lets_the_sale_go_on_and_another_is_asked_about(upsales_hub: UpsalesHub) -> None:
    """Upsales: accepted by its values; when Fortnox answers something else the next time, it waits again."""
    shop = Shop(upsales_hub)
    with rows_become(Price=95):
        sale = shop.sell()
        upsales_hub.sync("sales")
    [problem] = upsales_hub.problems("sales", "hold")
    assert any("the price is 100 in Upsales and 95 in Fortnox" in text for text in [problem["text"], *problem["differences"]])
    ask(problem, "accept")
    upsales_hub.age()
    upsales_hub.clear()
    upsales_hub.sync("sales")
    assert upsales_hub.problems("sales", "hold") == []
    assert upsales_hub.fortnox_writes() == []
    [line] = audited("difference accepted")
    assert ["100", "95"] in line["fields"].values()
    row = upsales_hub.upsales.order(sale)["orderRow"][0]
    assert (row["price"], row["listPrice"]) == (90, 100)
    with rows_become(Price=80):
        rows = [dict(one) for one in upsales_hub.upsales.order(sale)["orderRow"]]
        upsales_hub.upsales.order(sale).update(orderRow=[rows[0], {**rows[1], "quantity": 5}])
        upsales_hub.age()
        upsales_hub.sync("sales")
    [again] = upsales_hub.problems("sales", "hold")
    assert any("the price is 100 in Upsales and 80 in Fortnox" in text for text in [again["text"], *again["differences"]])


def test_a_paid_shop_order_that_fortnox_answers_otherwise_is_not_booked_before_it_is_accepted(textalk_hub: TextalkHub) -> None:
    """Textalk: the cash invoice of an order that was paid by card waits as a draft, and is booked after the acceptance."""
    textalk_hub.declare(paid_methods={"Kort": "KORT"}, cash_ways={"Kort": "CARD"})
    with rows_become(Description="Mugg (utgått)"):
        order = textalk_hub.order(method="Kort", status="paid")
        textalk_hub.sync()
    [problem] = textalk_hub.problems("buyers", "hold")
    assert "the text is “Mugg” in Textalk Webshop and “Mugg (utgått)” in Fortnox" in problem["text"]
    number = textalk_hub.number(order)
    assert textalk_hub.document("invoices", number)["Booked"] is False
    ask(problem, "accept")
    textalk_hub.sync()
    assert textalk_hub.document("invoices", number)["Booked"] is True
    assert textalk_hub.problems("buyers", "hold") == []


def test_a_sort_of_difference_that_is_accepted_as_a_rule_holds_no_invoice_any_more(opter_hub: OpterHub) -> None:
    """Opter: neither booked nor sent before; afterwards it is a setting that is seen, and the next invoice goes through at once."""
    hub = opter_hub
    hub.declare(send="opter")
    with rows_become(Description="Frakt enligt avtal"):
        hub.invoice()
        hub.sync()
        [problem] = hub.problems("customers", "hold")
        assert "“Frakt enligt avtal” in Fortnox" in problem["text"]
        assert (hub.held("invoices", "100353")["Booked"], hub.held("invoices", "100353")["Sent"]) == (False, False)
        ask(problem, "accept_rule")
        assert hub.integration().settings["accepted_differences"] == ["text"]
        hub.sync()
        assert (hub.held("invoices", "100353")["Booked"], hub.held("invoices", "100353")["Sent"]) == (True, True)
        hub.invoice("100354")
        hub.sync()
    assert hub.held("invoices", "100354")["Booked"] is True
    assert hub.problems("customers", "hold") == []
    assert audited("settings changed")


@pytest.mark.performs(
    "Correct or cancel the document in Fortnox, or accept the difference: once, or as a rule.",
)
def test_a_document_that_differs_is_cancelled_from_the_command_line(opter_hub: OpterHub) -> None:
    """The repair is looked at first, then asked for; the next sync cancels the invoice in Fortnox and the problem is settled."""
    from brygga.cli.main import build

    hub = opter_hub
    with rows_become(Price=999):
        hub.invoice()
        hub.sync()
    [problem] = hub.problems("customers", "hold")
    assert any("999" in text for text in [problem["text"], *problem["differences"]])
    shown = CliRunner().invoke(build(), ["repair", str(problem["id"]), "--do", "cancel", "--dry-run"])
    assert (shown.exit_code, "cancelled: False -> True" in shown.output) == (0, True), shown.output
    asked = CliRunner().invoke(build(), ["repair", str(problem["id"]), "--do", "cancel"])
    assert asked.exit_code == 0, asked.output
    hub.sync()
    assert hub.held("invoices", "100353")["Cancelled"] is True
    assert hub.problems("customers", "hold") == []


@pytest.mark.parametrize(
    ("fields", "sort"),
    [
        ({"Price": 390}, "price"),
        ({"Quantity": 3}, "quantity"),
        ({"Discount": 5, "DiscountType": "PERCENT"}, "discount"),
        ({"VAT": 12}, "vat_rate"),
        ({"Description": "Bord, begagnat"}, "text"),
        ({"ArticleNumber": "A2"}, "article"),
    ],
)
def test_each_thing_that_fortnox_changes_of_a_row_is_said(hub: Hub, fields: dict[str, Any], sort: str) -> None:
    """Row by row: article, text, quantity, price, discount and VAT."""
    from brygga.store.models import Problem

    sales = Sales(hub)
    with rows_become(**fields):
        sales.deliver()
        hub.sync()
    [problem] = Problem.objects.filter(sort="hold", state="open")
    assert sort in {one["sort"] for one in problem.detail["differences"]}
    assert hub.webcrm.writes() != []
