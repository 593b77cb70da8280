"""A payment states what Fortnox would fill, and waits unbooked where Fortnox answered otherwise (issue 20, kinds 1 and 2; row TXT-10)."""

from __future__ import annotations

from typing import Any

import pytest

from fortnox_otherwise import payments_become
from textalk_hub import TextalkHub


def ask(problem: dict[str, Any], name: str) -> None:
    from brygga.sync import repair, resolve

    repair.ask(resolve.find(problem["id"]), name, {}, "britta")


def held(hub: TextalkHub) -> list[dict[str, Any]]:
    """Return what waits of the payments; nothing of them is booked."""
    assert [payment["Booked"] for payment in hub.records("invoicepayments") if not payment["Booked"]] == [False]
    return hub.problems("buyers", "hold", "failed")


@pytest.mark.performs("Correct the payment or delete it in Fortnox, or accept the difference: once, or as a rule.")
def test_a_payment_that_fortnox_registers_otherwise_waits_unbooked_with_both_values_until_a_person_settles_it(
    textalk_hub: TextalkHub,
) -> None:
    """Corrected, accepted once, accepted as a rule: each payment is then booked, and one that is as it was sent never waited."""
    hub = textalk_hub
    hub.declare(paid_methods={"Klarna": "BG"})
    hub.order(method="Klarna", status="paid")
    hub.sync()
    [sent] = [
        next(iter(body.values())) for method, path, body in hub.fortnox_writes() if (method, path) == ("POST", "/3/invoicepayments")
    ]
    assert (sent["Amount"], sent["Currency"], sent["ModeOfPayment"], sent["ModeOfPaymentAccount"]) == (198, "SEK", "BG", 1930)
    assert sent["PaymentDate"]
    assert [one["Booked"] for one in hub.records("invoicepayments")] == [True]

    with payments_become(Amount=189, AmountCurrency=189, ModeOfPayment="PG"):
        order = hub.order(method="Klarna", status="paid")
        hub.sync()
    [problem] = held(hub)
    number = hub.records("invoicepayments")[-1]["Number"]
    assert problem["text"] == f"Payment {number}: the amount is 198.00 SEK in Textalk Webshop and 189.00 SEK in Fortnox."
    assert f"Payment {number}: the mode of payment is “BG” in Textalk Webshop and “PG” in Fortnox." in problem["differences"]
    assert [offer["name"] for offer in problem["repairs"]] == ["correct", "accept", "accept_rule", "edit"]
    hub.age()
    hub.clear()
    hub.sync()
    assert [one["id"] for one in held(hub)] == [problem["id"]]
    assert hub.fortnox_writes() == []
    ask(problem, "correct")
    hub.sync()
    payment = hub.records("invoicepayments")[-1]
    assert (payment["Booked"], float(payment["Amount"]), payment["ModeOfPayment"], payment["ModeOfPaymentAccount"]) == (
        True,
        198,
        "BG",
        1930,
    )
    assert hub.document("invoices", hub.number(order))["Balance"] == 0

    for repair in ("accept", "accept_rule"):
        with payments_become(ModeOfPayment="PG", ModeOfPaymentAccount=1920):
            hub.order(method="Klarna", status="paid")
            hub.sync()
        [problem] = held(hub)
        assert "“BG” in Textalk Webshop and “PG” in Fortnox" in problem["text"]
        ask(problem, repair)
        hub.sync()
        assert hub.records("invoicepayments")[-1]["Booked"] is True
    with payments_become(ModeOfPayment="PG", ModeOfPaymentAccount=1920):
        hub.order(method="Klarna", status="paid")
        hub.sync()
    assert [one["Booked"] for one in hub.records("invoicepayments")] == [True] * 5
    assert hub.problems("buyers", "hold", "failed") == []


@pytest.mark.performs("Correct the payment in Fortnox, or book it there where it is right.")
def test_a_payment_on_another_account_than_its_mode_s_is_not_booked_before_a_person_has_looked(textalk_hub: TextalkHub) -> None:
    """What the shop does not say is compared too: the account of the mode. Booked in Fortnox by a person, it waits no more."""
    hub = textalk_hub
    hub.declare(paid_methods={"Klarna": "BG"})
    with payments_become(ModeOfPaymentAccount=1920):
        hub.order(method="Klarna", status="paid")
        hub.sync()
    [problem] = held(hub)
    assert "mode of payment BG has account 1930, and the payment 1920 in Fortnox" in problem["text"]
    hub.act(f"/3/invoicepayments/{hub.records('invoicepayments')[0]['Number']}/bookkeep")
    hub.age()
    hub.sync()
    assert hub.problems("buyers", "hold", "failed") == []
