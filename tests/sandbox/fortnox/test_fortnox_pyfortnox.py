"""The package pyfortnox from PyPI, which we did not write, does its work on the sandbox over HTTP.

It sends the header tokens that Fortnox retired on 30 April 2025 (Fortnox API, section 3.4). Its own way of sending, `requests.request`, is given one
that takes these headers off and puts the bearer header on; everything else is as the package has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import fortnox as pyfortnox  # type: ignore[import-untyped]
import fortnox.http_client as their_http  # type: ignore[import-untyped]
import pytest
import requests
from fortnox.errors import RateLimitError, RequestError, ServerError  # type: ignore[import-untyped]

from brygga_sandbox import fortnox
from fortnox_company import NOW, TODAY

RETIRED = ("Access-Token", "Client-Secret")


def their_client(sandbox: fortnox.Sandbox) -> Any:
    return pyfortnox.Client(access_token=sandbox.access_token, client_secret=sandbox.client_secret, base_url=sandbox.base_url)


@pytest.fixture
def client(sandbox: fortnox.Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with sandbox.lock:
        sandbox.clock.stop_at(datetime.fromisoformat(NOW))
    with requests.Session() as session:

        def request(method: str, url: str, headers: dict[str, str], **more: Any) -> requests.Response:
            kept = {name: value for name, value in headers.items() if name not in RETIRED}
            bearer = {"Authorization": f"Bearer {headers['Access-Token']}"}
            return session.request(method, url, headers=kept | bearer, **more)

        monkeypatch.setattr(their_http, "requests", SimpleNamespace(request=request))
        yield their_client(sandbox)


def test_the_retired_headers_are_refused(sandbox: fortnox.Sandbox) -> None:
    with pytest.raises(RequestError) as raised:
        their_client(sandbox).customers.list()
    assert (raised.value.http_status, raised.value.code) == (403, 2000311)
    assert str(raised.value) == "Kan inte logga in, access-token eller client-secret saknas(2)."


def test_an_authorisation_code_of_the_retired_flow_is_refused(sandbox: fortnox.Sandbox) -> None:
    retired = pyfortnox.Client(authorization_code="a-code", client_secret="a-secret", base_url=sandbox.base_url)
    with pytest.raises(RequestError) as raised:
        retired.token.access_token()
    assert (raised.value.http_status, raised.value.code) == (403, 2000719)


def test_customers_are_made_read_changed_found_and_removed(client: Any) -> None:
    made = client.customers.create(Name="Ängens Åkeri AB", City="Norrköping", OrganisationNumber="556036-0793")
    assert (made.CustomerNumber, made.Name, made.Currency, made.VATType) == ("1", "Ängens Åkeri AB", "SEK", "SEVAT")
    client.customers.create(Name="Byggaren AB")
    assert [one.CustomerNumber for one in client.customers.list()] == ["1", "2"]
    assert [one.Name for one in client.customers.list(name="åkeri")] == ["Ängens Åkeri AB"]
    assert [one.Name for one in client.customers.list(limit=1, page=2)] == ["Byggaren AB"]
    assert client.customers.update("1", Phone1="011-10 00 00").Phone1 == "011-10 00 00"
    assert client.customers.retrieve("1").City == "Norrköping"
    assert client.customers.destroy("2") is True
    with pytest.raises(RequestError, match="Kan inte hitta kunden") as raised:
        client.customers.retrieve("2")
    assert (raised.value.http_status, raised.value.code) == (404, 2000433)


def test_what_breaks_a_rule_is_refused_with_the_code_it_knows(client: Any) -> None:
    with pytest.raises(RequestError, match=r"Felaktigt fältnamn \(Nam\)") as raised:
        client.customers.create(Nam="A")
    assert raised.value.code == 2001399
    with pytest.raises(RequestError) as raised:
        client.customers.list(filter="sleeping")
    assert raised.value.code == 2000587


def test_small_registers_and_settings_are_read_and_written(client: Any) -> None:
    made = client.units.create(Code="pall", Description="Pall")
    assert client.units.update("pall", Description="Lastpall").Description == "Lastpall"
    assert (made.Code, client.units.destroy("pall")) == ("pall", True)
    assert client.projects.create(Description="Bro").Status == "NOTSTARTED"
    assert client.cost_centers.create(Code="NORR", Description="Norr").Active is True
    assert client.labels.create(Description="Viktig").Id == 1
    assert client.currencies.list("EUR").Code == "EUR"
    assert client.terms_of_payments.create(Code="45", Description="45 dagar").Code == "45"
    assert "FVL" in [one.Code for one in client.terms_of_deliveries.list()]
    assert "BG" in [one.Code for one in client.modes_of_payments.list()]
    assert client.way_of_deliveries.retrieve("H").Description == "Hämtas"
    assert client.company_information.info().OrganizationNumber == "556036-0793"
    assert client.company_settings.info().Name == "Bryggeriet i Norrköping AB"
    assert client.locked_periods.list().EndDate is None
    assert client.predefined_accounts.retrieve("CUSTCLAIM").Account == 1510
    assert client.predefined_voucher_series.retrieve("INVOICE").VoucherSeries == "B"


def test_articles_and_prices(client: Any) -> None:
    article = client.articles.create(Description="Skruv", PurchasePrice=93.5, SalesAccount=3001)
    assert (article.ArticleNumber, article.VAT, article.SalesPrice) == ("1", 25, None)
    assert client.prices.create(ArticleNumber="1", PriceList="A", FromQuantity=0, Price=219).Price == 219
    assert client.articles.retrieve("1").SalesPrice == 219
    client.prices.create(ArticleNumber="1", PriceList="A", FromQuantity=10, Price=199)
    assert client.prices.update("A", "1", 10, Price=189).Price == 189
    assert client.prices.destroy("A", "1", 10) is True
    assert [one.Code for one in client.price_lists.list()] == ["A"]
    assert client.articles.update("1", Description="Träskruv").Description == "Träskruv"


def test_an_offer_becomes_an_order_an_invoice_and_money(client: Any) -> None:
    http = client.http_client  # the package has no functions for actions; its sender has
    client.customers.create(Name="Ström AB", Email="faktura@strom.example")
    client.articles.create(Description="Lampa", SalesAccount=3001)
    row = {"ArticleNumber": "1", "Price": 100}
    offer = client.offers.create(CustomerNumber="1", OfferRows=[{**row, "Quantity": 2}])
    assert (offer.DocumentNumber, offer.Total) == ("1", 250)
    http.put("/offers/1/createorder")
    order = client.orders.retrieve(client.offers.retrieve("1").OrderReference)
    with pytest.raises(RequestError) as raised:
        http.put("/offers/1/createorder")
    assert raised.value.code == 2000499
    row_id = order.OrderRows[0].RowId
    order = client.orders.update("1", OrderRows=[{"RowId": row_id, "DeliveredQuantity": 2}])
    assert (order.Total, order.OrderRows[0].DeliveredQuantity) == (250, "2")
    http.put("/orders/1/createinvoice")
    invoice = client.invoices.retrieve("1")
    assert (invoice.Total, invoice.OrderReference, invoice.OCR, invoice.DueDate) == (250, "1", "133", "2026-04-09")
    assert client.invoices.update("1", Remarks="Tack").Remarks == "Tack"
    _, headers, pdf = http.get("/invoices/1/print")
    assert (headers["Content-Type"], pdf[:5]) == ("application/pdf", b"%PDF-")
    _, _, booked = http.put("/invoices/1/bookkeep")
    assert (booked.Booked, booked.Sent, booked.VoucherSeries, booked.VoucherNumber) == (True, True, "B", 1)
    payment = client.invoice_payments.create(InvoiceNumber=1, Amount=250, PaymentDate=TODAY, ModeOfPayment="BG")
    http.put(f"/invoicepayments/{payment.Number}/bookkeep")
    assert (client.invoices.retrieve("1").Balance, client.invoices.retrieve("1").FinalPayDate) == (0, TODAY)
    assert [one.DocumentNumber for one in client.invoices.list(filter="fullypaid")] == ["1"]
    http.put("/invoices/1/credit")
    assert client.invoices.retrieve("1").CreditInvoiceReference == "2"
    assert (client.invoices.retrieve("2").Credit, client.invoices.retrieve("2").Total) == ("true", -250)


def test_suppliers_and_the_books(client: Any) -> None:
    client.suppliers.create(Name="Grossist AB")
    assert client.suppliers.update("1", City="Lund").City == "Lund"
    goods = [{"Account": 4010, "Debit": 100}, {"Account": 2641, "Debit": 25}]
    made = client.supplier_invoices.create(SupplierNumber="1", Total="125", VAT=25, SupplierInvoiceRows=goods)
    assert (made.GivenNumber, made.Total, len(made.SupplierInvoiceRows)) == ("1", "125", 3)
    client.http_client.put("/supplierinvoices/1/bookkeep")
    assert client.supplier_invoice_payments.create(InvoiceNumber="1", Amount=125, PaymentDate=TODAY).Number == 1
    sides = [{"Account": 1930, "Debit": 100}, {"Account": 3001, "Credit": 100}]
    voucher = client.vouchers.create(Description="Prov", VoucherSeries="A", TransactionDate=TODAY, VoucherRows=sides)
    assert (voucher.VoucherNumber, voucher.Year) == (1, 2)
    with pytest.raises(RequestError):
        client.vouchers.create(Description="Prov", VoucherSeries="A", TransactionDate=TODAY, VoucherRows=sides[:1])
    assert [one.VoucherNumber for one in client.vouchers.retrieve_sublist("A")] == [1]
    assert [one.FromDate for one in client.financial_years.list(date="2026-05-01")] == ["2026-01-01"]
    assert client.accounts.retrieve(3001).VATCode == "MP1"
    assert client.accounts.create(Number=3041, Description="Tjänster").Active is True
    assert client.voucher_series.retrieve("A").NextVoucherNumber == 2
    assert client.sie.retrieve(4).startswith(b"#FLAGGA 0")


def test_files_of_the_inbox(client: Any) -> None:
    kept = client.inbox.create(file=b"%PDF-1.4 kvitto", file_name="kvitto.pdf", path="Inbox_v")
    assert (kept.Name, kept.Size) == ("kvitto.pdf", 15)
    assert client.inbox.retrieve(kept.Id) == b"%PDF-1.4 kvitto"
    assert client.inbox.destroy(kept.Id) is True


def test_limit_and_trouble_are_what_it_takes_them_for(client: Any, sandbox: fortnox.Sandbox) -> None:
    sandbox.faults.arm("rate_limit", path="/3/customers")
    with pytest.raises(RateLimitError):
        client.customers.list()
    sandbox.faults.arm("error_before", path="/3/customers", status=500)
    with pytest.raises(ServerError, match="System exception"):
        client.customers.list()
