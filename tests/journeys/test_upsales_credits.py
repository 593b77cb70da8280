"""Credit invoices of Fortnox in Upsales: rows UPS-10 and UPS-25."""

from __future__ import annotations

from typing import Any

import pytest

from upsales_hub import Shop, UpsalesHub


def booked(shop: Shop) -> tuple[int, str]:
    """Sell, and book the invoice in Fortnox: the sale, and the invoice's number."""
    sale = shop.sell()
    shop.hub.sync_all()
    number = shop.number_of(sale)
    shop.hub.fortnox_act(f"/3/invoices/{number}/bookkeep")
    shop.hub.sync_all()
    return sale, number


def credited(shop: Shop, number: str) -> str:
    """Credit an invoice in Fortnox and book the credit; return its number."""
    shop.hub.fortnox_act(f"/3/invoices/{number}/credit")
    credit = str(shop.hub.held("invoices", number)["CreditInvoiceReference"])
    shop.hub.fortnox_act(f"/3/invoices/{credit}/bookkeep")
    return credit


def pay(shop: Shop, number: str, amount: float) -> None:
    day = shop.hub.held("invoices", number)["InvoiceDate"]
    payment = {"InvoiceNumber": int(number), "Amount": amount, "PaymentDate": day}
    made = shop.hub.fortnox_call("POST", "/3/invoicepayments", {"InvoicePayment": payment})
    shop.hub.fortnox_act(f"/3/invoicepayments/{made['InvoicePayment']['Number']}/bookkeep")


def test_a_credit_becomes_a_sale_of_its_own_that_makes_the_sum_nothing(upsales_hub_on_both: UpsalesHub) -> None:
    """UPS-25: negative quantities in the won stage, its number, total and balance; the credited sale stays won; no echo."""
    shop = Shop(upsales_hub_on_both)
    hub = shop.hub
    sale, number = booked(shop)
    before = hub.upsales.order(sale).raw()
    credit = credited(shop, number)
    hub.sync_all()
    links = {right: int(left) for left, right in hub.links("sales").items()}
    other = hub.upsales.order(links[credit])
    assert (other["description"], other["stage"]["name"], other["probability"]) == (
        f"Kreditfaktura {credit} (krediterar faktura {number})",
        "Order",
        100,
    )
    assert [(row["quantity"], row["price"], row["listPrice"]) for row in other["orderRow"]] == [(-2, 90, 100), (-4, 125.5, 125.5)]
    total = float(hub.held("invoices", number)["Total"])
    assert (other["FORTNOX_ID"], other["FN_TOTAL"], other["FN_BALANCE"], other["IS_PAID"]) == (credit, -total, -total, False)
    assert other["value"] + hub.upsales.order(sale)["value"] == 0
    after = hub.upsales.order(sale).raw()
    assert {name: after[name] for name in ("stage", "probability", "orderRow", "value")} == {
        name: before[name] for name in ("stage", "probability", "orderRow", "value")
    }
    hub.sync_all()
    hub.quiet()


def test_balance_and_paid_follow_fortnox_when_invoice_and_credit_are_settled(upsales_hub: UpsalesHub) -> None:
    """UPS-25: crediting alone pays nothing; settled against each other (Fortnox has no netting of its own) both are paid."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    sale, number = booked(shop)
    credit = credited(shop, number)
    hub.sync_all()
    total = float(hub.held("invoices", number)["Total"])
    assert (hub.upsales.order(sale)["FN_BALANCE"], hub.upsales.order(sale)["IS_PAID"]) == (total, False)
    pay(shop, number, total)
    pay(shop, credit, -total)
    hub.sync_all()
    other = {right: int(left) for left, right in hub.links("sales").items()}[credit]
    for one in (sale, other):
        assert (hub.upsales.order(one)["FN_BALANCE"], hub.upsales.order(one)["IS_PAID"]) == (0, True)
    hub.quiet()


def test_credits_stay_in_fortnox_where_that_is_chosen(upsales_hub: UpsalesHub) -> None:
    """UPS-25: no sale is made, it is listed why; the credited sale shows what Fortnox says, and may be lost now."""
    shop = Shop(upsales_hub, credit_invoices="none", cancel_in_fortnox=True)
    hub = shop.hub
    sale, number = booked(shop)
    credit = credited(shop, number)
    hub.sync_all()
    assert list(hub.links("sales").values()) == [number]
    [problem] = hub.problems("sales", "skip")
    assert (problem["right"], problem["rule"]) == (credit, "UPS-25")
    assert f"credits invoice {number}" in problem["text"]
    hub.clear()
    hub.upsales.order(sale).update(stage={"id": hub.upsales.stage("Förlorad")})
    hub.sync_all()
    assert hub.fortnox_writes() == []
    assert [one for one in hub.problems("sales", "hold", "failed") if one["left"] == str(sale)] == []


@pytest.mark.parametrize("what", ["credited", "credit"])
def test_neither_the_credited_sale_nor_its_credit_is_lost_alone(upsales_hub: UpsalesHub, what: str) -> None:
    """UPS-10: where the credit is a sale, each of the two alone would make the sum wrong: a person is told, nothing is written."""
    shop = Shop(upsales_hub, cancel_in_fortnox=True)
    hub = shop.hub
    sale, number = booked(shop)
    hub.fortnox_act(f"/3/invoices/{number}/credit")
    hub.sync_all()
    other = next(int(left) for left, right in hub.links("sales").items() if right != number)
    chosen = sale if what == "credited" else other
    hub.clear()
    hub.upsales.order(chosen).update(stage={"id": hub.upsales.stage("Förlorad")})
    hub.sync_all()
    assert hub.fortnox_writes() == []
    [problem] = [one for one in hub.problems("sales", "hold") if one["left"] == str(chosen)]
    assert "was lost in Upsales" in problem["text"]
    assert "Win the sale again" in problem["repair"]
    hub.upsales.order(chosen).update(stage={"id": hub.upsales.stage("Order")})
    hub.sync_all()
    assert [one["text"] for one in hub.problems("sales", "hold")] == []


def test_a_credit_is_changed_in_fortnox_alone(upsales_hub: UpsalesHub) -> None:
    """UPS-25: a part credit, its rows reduced in Fortnox, reaches the sale; an edit in Upsales is listed and stays there."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    sale, number = booked(shop)
    hub.fortnox_act(f"/3/invoices/{number}/credit")
    hub.sync_all()
    credit = str(hub.held("invoices", number)["CreditInvoiceReference"])
    other = next(int(left) for left, right in hub.links("sales").items() if right == credit)
    rows: list[dict[str, Any]] = [{"RowId": row["RowId"]} for row in hub.held("invoices", credit)["InvoiceRows"]]
    hub.fortnox_call("PUT", f"/3/invoices/{credit}", {"Invoice": {"InvoiceRows": rows[:1]}})
    hub.sync_all()
    assert hub.upsales.order(other)["value"] == -180
    hub.clear()
    hub.upsales.order(other).update(REMARKS="Retur")
    hub.age()
    result = hub.sync("sales")
    assert hub.fortnox_writes() == []
    assert [item["rule"] for item in result["items"] if item["action"] == "skip"] == ["UPS-25"]
    assert hub.upsales.order(sale)["value"] == 682
