"""Sums of a proof by day, VAT rate and account: for the documents of all five systems, against what Fortnox itself holds."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from hub import Hub
from journeys.test_mobigo_exports import assignment
from journeys.test_opter_invoices import CODED, costs
from journeys.test_opter_payments import exported, pay, run
from journeys.test_opter_settlements import accounts, settlement
from journeys.test_webcrm_deliveries import Sales
from mobigo_hub import MobigoHub
from opter_hub import OpterHub
from textalk_hub import MUG, TextalkHub
from upsales_hub import Shop, UpsalesHub


def proof(address: str) -> dict[str, Any]:
    """Return the proof of one stream, which may be a part of another's runs."""
    from brygga.sync.reconcile import reconcile

    return {line["address"]: line for line in reconcile(address)}[address]


def part(stream: str, of: str) -> dict[str, Any]:
    from brygga.sync.reconcile import reconcile

    return {line["address"]: line for line in reconcile(of)}[stream]


def by_rate(found: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        row["rate"]: ((row["left"]["net"], row["left"]["vat"]), (row["right"]["net"], row["right"]["vat"]))
        for row in found["rates"]
    }


def by_account(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {row["account"]: (row["left"], row["right"]) for row in found["accounts"]}


def all_same(found: dict[str, Any]) -> bool:
    return all(row["same"] for name in ("days", "rates", "accounts") for row in found[name])


def sold(*documents: dict[str, Any], rows: str) -> dict[str, Decimal]:
    """Return account -> net of Fortnox' own documents whose prices are without VAT."""
    sums: dict[str, Decimal] = {}
    for document in documents:
        for row in document[rows]:
            account = str(row.get("AccountNumber") or "")
            if account not in ("", "0"):
                sums[account] = sums.get(account, Decimal(0)) + Decimal(str(row["Total"]))
    return sums


def test_deliveries_of_webcrm_are_divided_by_the_rates_of_their_rows(hub: Hub) -> None:
    sales = Sales(hub, document="invoice")
    first = sales.deliver(Fakturadatum="2026-11-20")
    sales.deliver(Fakturadatum="2026-11-19")
    hub.sync()
    found = proof("acme/webcrm.deliveries")
    assert (found["verdict"], found["measure"], found["uncounted"], found["undivided"]) == ("equal", "total", 0, 0), found
    assert by_rate(found) == {"25": (("2604.00", "651.00"), ("2604.00", "651.00"))}
    assert found["sums"]["left"]["totals"] == found["sums"]["right"]["totals"] == {"SEK": "3255.00"}
    assert [(day["date"], day["left"]["totals"], day["same"]) for day in found["days"]] == [
        ("2026-11-20", {"SEK": "1627.50"}, True),
        ("2026-11-19", {"SEK": "1627.50"}, True),
    ]
    held = sold(*sales.documents(), rows="InvoiceRows")
    assert {account: Decimal(right) for account, (_, right) in by_account(found).items()} == held
    assert all_same(found)
    # One table more in webCRM alone: the day, the rate and the account of it differ, and nothing else does.
    line = hub.webcrm.lines_of(first)[0]
    hub.webcrm.line(line["QuotationLineId"]).update(Quantity=3)
    found = proof("acme/webcrm.deliveries")
    assert found["verdict"] == "differs"
    assert by_rate(found) == {"25": (("3004.00", "751.00"), ("2604.00", "651.00"))}
    assert [(day["date"], day["same"]) for day in found["days"]] == [("2026-11-20", False), ("2026-11-19", True)]


@pytest.mark.parametrize("module", ["invoice", "order_offer"])
def test_sales_of_upsales_stand_under_the_rates_that_fortnox_gave_their_rows(upsales_hub: UpsalesHub, module: str) -> None:
    shop = Shop(upsales_hub, module=module)
    for article, rate in (("A1", 25), ("A2", 12)):
        shop.hub.put("articles", article, VAT=rate)
    sale = shop.sell()
    shop.hub.sync("sales")
    found = proof("acme/upsales.sales")
    # A sale says no VAT: the sums are without it, and its VAT is not made up.
    assert (found["measure"], found["sums"]["left"]["totals"], found["sums"]["right"]["totals"]) == (
        "net", {"SEK": "682.00"}, {"SEK": "682.00"},
    )  # fmt: skip
    assert by_rate(found) == {
        "25": (("180.00", None), ("180.00", "45.00")),
        "12": (("502.00", None), ("502.00", "60.24")),
    }
    held = sold(shop.document(sale), rows="InvoiceRows" if module == "invoice" else "OrderRows")
    assert {account: Decimal(left) for account, (left, _) in by_account(found).items()} == held
    assert all_same(found)


def test_orders_of_the_shop_with_two_rates_and_prices_with_vat(textalk_hub: TextalkHub) -> None:
    hub = textalk_hub
    book = {"articleNumber": "BOOK", "incVat": "199.40", "vatRate": 0.06}
    hub.order(items=[MUG, book])
    hub.sync()
    found = part("acme/textalk.invoices", "acme/textalk.buyers")
    [invoice] = hub.records("invoices")
    assert (found["verdict"], found["measure"], found["linked"]) == ("equal", "total", 1), found
    assert found["sums"]["left"]["totals"] == found["sums"]["right"]["totals"]
    [right] = found["sums"]["right"]["totals"].values()
    # Fortnox rounds to whole kronor, the shop does not; the difference is shown by itself.
    assert Decimal(right) + Decimal(found["sums"]["right"]["round_off"]["SEK"]) == Decimal(str(invoice["Total"]))
    vats = {rate: right for rate, (_, right) in by_rate(found).items()}
    assert sum(Decimal(vat) for _, vat in vats.values()) == Decimal(str(invoice["TotalVAT"]))
    assert set(vats) == {"25", "6"}
    assert all_same(found)


@pytest.mark.parametrize(("document", "register"), [("order", "orders"), ("invoice", "invoices")])
def test_assignments_of_mobigo_stand_under_the_rates_and_accounts_of_fortnox(
    mobigo_hub: MobigoHub, document: str, register: str
) -> None:
    hub = mobigo_hub
    hub.declare(document=document)
    assignment(hub)
    hub.sync("assignments")
    found = proof("acme/mobigo.assignments")
    [made] = hub.records(register)
    assert (found["measure"], found["linked"]) == ("net", 1)
    assert by_rate(found) == {
        "25": (("1675.00", None), ("1675.00", str(made["TotalVAT"]) + "0" * (str(made["TotalVAT"])[-2] == ".")))
    }
    held = sold(made, rows="InvoiceRows" if document == "invoice" else "OrderRows")
    assert {account: Decimal(left) for account, (left, _) in by_account(found).items()} == held
    assert all_same(found)


def test_invoices_of_opter_with_two_rates_and_accounts(opter_hub: OpterHub) -> None:
    hub = opter_hub
    costs(hub, "LUL")
    hub.invoice(coding=CODED)
    hub.sync()
    found = part("acme/opter.invoices", "acme/opter.customers")
    assert (found["verdict"], found["measure"]) == ("equal", "total"), found
    assert by_rate(found) == {
        "25": (("10530.26", "2632.57"), ("10530.26", "2632.57")),
        "12": (("100.00", "12.00"), ("100.00", "12.00")),
    }
    assert by_account(found) == {"3001": ("10530.26", "10530.26"), "3002": ("100.00", "100.00")}
    assert all_same(found)


def test_settlements_of_opter_by_their_postings(opter_hub: OpterHub) -> None:
    hub = opter_hub
    accounts(hub, "4610", "2641", "3001", "2611", "2440")
    settlement(hub)
    hub.sync("settlements")
    found = proof("acme/opter.settlements")
    assert (found["verdict"], found["linked"]) == ("equal", 1), found
    assert by_account(found) == {
        "2440": ("-57187.50", "-57187.50"),
        "2611": ("-625.00", "-625.00"),
        "2641": ("12062.50", "12062.50"),
        "3001": ("-2500.00", "-2500.00"),
        "4610": ("48250.00", "48250.00"),
    }
    assert found["sums"]["right"]["totals"] == {"SEK": "57187.50"}
    assert all_same(found)


def test_payments_are_summed_by_day_on_both_sides(opter_hub: OpterHub) -> None:
    hub = opter_hub
    hub.declare(send="opter")
    exported(hub, "100353")
    pay(hub, amount=1000)
    run(hub)
    run(hub, save=True)
    found = proof("acme/opter.payments")
    assert [(day["date"], day["left"]["totals"], day["right"]["totals"]) for day in found["days"]] == [
        ("2026-10-01", {"SEK": "1000.00"}, {"SEK": "1000.00"})
    ]


def test_a_proof_beyond_the_details_of_one_reading_divides_by_what_was_kept(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from brygga.store.models import TallyRow
    from brygga.sync import open as opening
    from brygga.sync.context import Pace

    sales = Sales(hub, document="invoice")
    for _ in range(3):
        sales.deliver(Fakturadatum="2026-11-20")
    hub.sync()
    assert TallyRow.objects.count() == 6
    TallyRow.objects.filter(side="right").order_by("pk").first().delete()  # type: ignore[union-attr]
    monkeypatch.setattr(opening, "Context", partial(opening.Context, pace=Pace(details_at_once=1)))
    found = proof("acme/webcrm.deliveries")
    # The one detail goes to the one of which nothing is kept; the others stand as they were.
    assert (found["undivided"], by_rate(found)) == (0, {"25": (("3906.00", "976.50"), ("3906.00", "976.50"))})
    TallyRow.objects.all().delete()
    found = proof("acme/webcrm.deliveries")
    # The list tells sums with VAT, rounded, and no division: what was not read is not said to be equal.
    assert (found["linked"], found["uncounted"]) == (3, 2)
    found = proof("acme/webcrm.deliveries")
    assert (found["linked"], found["uncounted"]) == (3, 1)


def test_command_prints_the_same_sums(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    from brygga.cli.look import reconcile as command

    sales = Sales(hub, document="invoice")
    sales.deliver(Fakturadatum="2026-11-20")
    hub.sync()
    capsys.readouterr()
    with pytest.raises(Exception, match="0"):
        command("acme/webcrm.deliveries", json=True)
    [found] = json.loads(capsys.readouterr().out)
    assert by_rate(found) == {"25": (("1302.00", "325.50"), ("1302.00", "325.50"))}
    with pytest.raises(Exception, match="0"):
        command("acme/webcrm.deliveries")
    shown = capsys.readouterr().out
    assert "25 %" in shown
    assert "1302.00" in shown
    assert date(2026, 11, 20).isoformat() in shown
