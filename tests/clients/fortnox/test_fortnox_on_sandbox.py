"""The client on a Fortnox in a box, over HTTP on a port of this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from brygga.clients.fortnox import Fortnox, rows
from brygga.clients.fortnox.auth import SignIn
from brygga.clients.fortnox.resource import Listed, Tracked
from brygga.clients.fortnox.websocket import Events, address_under
from brygga.clients.http import Http
from brygga.clients.limits import SlidingWindow
from brygga.errors import NotFound, Rejected, Unauthorised
from brygga_sandbox import fortnox as box
from fortnox_far import ROOT, script


@pytest.fixture(scope="module")
def sandbox() -> Iterator[box.Sandbox]:
    with box.running(rate_limit=False) as running:
        yield running


@pytest.fixture
def own(sandbox: box.Sandbox) -> Fortnox:
    return Fortnox(sandbox.base_url, token=lambda: sandbox.access_token, send=Http("Fortnox").send)


def test_every_list_and_every_change_is_readable(own: Fortnox) -> None:
    since = datetime.now(UTC) - timedelta(days=1)
    refused = {}
    answered = script("coverage").sandbox_operations()
    there = {name: one for name, one in vars(own).items() if ("GET", one.path) in answered}
    assert len(there) > 35
    for name, resource in there.items():
        try:
            if isinstance(resource, Listed):
                assert len(list(resource.list())) == resource.count()
            if isinstance(resource, Tracked):
                list(resource.changed(since))
        except Unauthorised as error:
            refused[name] = error.facts["code"]
    assert set(refused.values()) <= {"2001101"}, "only a missing module may stand in the way"
    assert not {"customers", "articles", "invoices", "orders", "offers", "vouchers", "suppliers"} & set(refused)


def test_sign_in_rotates_and_revokes(sandbox: box.Sandbox) -> None:
    about = sandbox.describe()
    sign_in = SignIn(about["client_id"], about["client_secret"], base_url=sandbox.base_url)
    tokens = sign_in.client_credentials(str(about["tenant_id"]))
    assert (tokens.tenant_id, tokens.refresh_token) == (str(about["tenant_id"]), None)
    fresh = sign_in.refresh(about["refresh_token"])
    with pytest.raises(Unauthorised, match="Invalid refresh token"):
        sign_in.refresh(about["refresh_token"])
    assert fresh.refresh_token
    assert Fortnox(sandbox.base_url, token=lambda: fresh.access_token).me.get()["Locale"] == "sv_SE"
    sign_in.revoke(fresh.refresh_token)
    with pytest.raises(Unauthorised, match="Connect Fortnox again"):
        sign_in.refresh(fresh.refresh_token)
    with pytest.raises(Unauthorised, match="access token"):
        Fortnox(sandbox.base_url, token=lambda: "nobody's").me.get()


def test_an_offer_becomes_an_order_an_invoice_a_voucher_and_a_payment(own: Fortnox) -> None:
    customer = own.customers.create({"Name": "Ängens Åkeri AB", "TermsOfPayment": "30"})["CustomerNumber"]
    article = own.articles.create({"Description": "Lampa", "VAT": 25, "Unit": "st", "SalesAccount": 3001})["ArticleNumber"]
    offer = own.offers.create({"CustomerNumber": customer, "OfferRows": [{"ArticleNumber": article, "Quantity": 2, "Price": 100}]})
    order = own.offers.create_order(offer["DocumentNumber"])
    with pytest.raises(Rejected) as raised:
        own.offers.create_order(offer["DocumentNumber"])
    assert raised.value.code == "2000499"

    row = own.orders.get(order)["OrderRows"][0]["RowId"]
    delivered = {row: {"OrderedQuantity": 2, "DeliveredQuantity": 2}}
    changed = {"OrderRows": rows.edited(own.orders.get(order)["OrderRows"], change=delivered, add=[{"Description": "Port 4"}])}
    updated = own.orders.update(order, {**changed, "ExternalInvoiceReference1": f"key-{order}"})
    assert [one["Description"] for one in updated["OrderRows"]] == ["Lampa", "Port 4"]
    assert row not in rows.row_ids(updated["OrderRows"])
    assert [one["DocumentNumber"] for one in own.orders.find_by_external_reference(f"key-{order}")] == [order]
    assert own.orders.find_by_external_reference("key-") == []

    invoice = own.orders.create_invoice(order)
    assert own.invoices.preview(invoice).startswith(b"%PDF")
    assert own.invoices.get(invoice)["Sent"] is False
    assert own.invoices.print(invoice).startswith(b"%PDF")
    assert own.invoices.get(invoice)["Sent"] is True
    booked = own.invoices.bookkeep(invoice)
    assert (booked["Booked"], booked["Total"]) == (True, 250)
    voucher = own.vouchers.get(booked["VoucherSeries"], booked["VoucherNumber"], booked["VoucherYear"])
    assert sum(Decimal(one["Debit"]) - Decimal(one["Credit"]) for one in voucher["VoucherRows"]) == 0

    paid = {"InvoiceNumber": int(invoice), "Amount": 250, "PaymentDate": date.today(), "ModeOfPayment": "BG"}  # noqa: DTZ011
    payment = own.invoice_payments.create(paid)["Number"]
    own.invoice_payments.bookkeep(payment)
    assert own.invoices.get(invoice)["Balance"] == 0
    assert [one["Number"] for one in own.invoice_payments.of_invoice(invoice)] == [payment]
    credit = own.invoices.credit(invoice)
    assert own.invoices.get(credit)["Credit"] == "true"


def test_rows_replaced_inherit_nothing(own: Fortnox) -> None:
    customer = own.customers.create({"Name": "Ersätt AB"})["CustomerNumber"]
    article = own.articles.create({"Description": "Skruv", "VAT": 25})["ArticleNumber"]
    old = {"ArticleNumber": article, "DeliveredQuantity": 1, "Price": 80, "Discount": 10, "DiscountType": "PERCENT"}
    invoice = own.invoices.create({"CustomerNumber": customer, "InvoiceRows": [old, old]})
    new = {"Description": "Ny", "Price": 5, "DeliveredQuantity": 2, "VAT": 25, "AccountNumber": 3001, "Unit": "st"}
    after = own.invoices.update(invoice["DocumentNumber"], {"InvoiceRows": rows.replaced(invoice["InvoiceRows"], [new])})
    assert [(one["ArticleNumber"], one["Discount"], one["Total"]) for one in after["InvoiceRows"]] == [("", 0, 10)]


def test_the_books_files_and_registers(own: Fortnox) -> None:
    year = own.financial_years.on(date.today())  # noqa: DTZ011
    assert year is not None
    lines = [{"Account": 1930, "Debit": Decimal("100.10")}, {"Account": 3001, "Credit": Decimal("100.10")}]
    record = {"Description": "Prov", "VoucherSeries": "A", "TransactionDate": date.today(), "VoucherRows": lines}  # noqa: DTZ011
    voucher = own.vouchers.create(record)["VoucherNumber"]
    assert own.sie.export(4, financialyear=year["Id"]).decode("cp437").splitlines()[0] == "#FLAGGA 0"
    own.vouchers.delete("A", voucher, year["Id"])
    assert voucher not in [one["VoucherNumber"] for one in own.vouchers.of_series("A", financialyear=year["Id"])]
    with pytest.raises(NotFound):
        own.customers.get("no-such")

    file = own.inbox.upload("kvitto.pdf", b"%PDF-1.4 kvitto", path="Inbox_v")
    assert own.inbox.file(file["Id"]) == own.archive.archived_file(file["ArchiveFileId"]) == b"%PDF-1.4 kvitto"
    own.inbox.delete(file["Id"])
    assert own.units.get("förp")["Description"] == "förpackning"
    label = own.labels.create({"Description": "Butik"})["Id"]
    own.labels.delete(label)
    assert label not in [one["Id"] for one in own.labels.list()]


def test_events_are_received_and_replayed_from_an_offset(sandbox: box.Sandbox, own: Fortnox) -> None:
    secret = sandbox.describe()["client_secret"]

    def listening(offset: str | None) -> Events:
        events = Events.open(address_under(sandbox.base_url), client_secret=secret)
        assert events.add_tenants([sandbox.access_token]).added == (sandbox.tenant_id,)
        events.add_topics({"customers": offset})
        events.subscribe()
        return events

    with listening(None) as events:
        number = own.customers.create({"Name": "Händelse AB"})["CustomerNumber"]
        created = events.next(5)
    assert created is not None
    assert (created.kind, created.action, created.entity_id) == ("customer", "created", number)
    own.customers.update(number, {"City": "Växjö"})
    with listening(created.offset) as events:
        updated = events.next(5)
    assert updated is not None
    assert (updated.action, updated.entity_id) == ("updated", number)


def test_more_reads_than_a_window_holds_draw_no_429() -> None:
    statuses: list[int | None] = []
    window = SlidingWindow()
    with box.running() as limited, Http("Fortnox", limiter=window, log=lambda m, p, status, s: statuses.append(status)) as http:
        fortnox = Fortnox(limited.base_url, token=lambda: limited.access_token, send=http.send)
        for _ in range(30):
            fortnox.units.get("st")
    assert statuses == [200] * 30


def test_the_example_of_the_docs_runs_as_it_stands() -> None:
    """docs/use-the-client.md: every python block is one program, every text block what it prints."""
    page = (ROOT / "docs" / "use-the-client.md").read_text("utf-8")
    program = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    expected = "".join(re.findall(r"```text\n(.*?)```", page, re.DOTALL))
    with box.running() as empty:
        about = empty.describe()
        environment = {
            **os.environ,
            "FORTNOX_URL": empty.base_url,
            "FORTNOX_CLIENT_ID": about["client_id"],
            "FORTNOX_CLIENT_SECRET": about["client_secret"],
            "FORTNOX_TENANT_ID": str(about["tenant_id"]),
            "PYTHONIOENCODING": "utf-8",
        }
        ran = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    assert ran.stderr == ""
    assert ran.stdout == expected
