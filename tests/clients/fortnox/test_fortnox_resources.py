"""Lists, records, changes: what crosses the border to Fortnox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx2
import pytest

from brygga.clients.fortnox import Fortnox
from brygga.clients.http import Http
from brygga.errors import BadData, NotFound, OutcomeUnknown, Rejected, SettingsError, Unauthorised
from fortnox_far import Far


def page(number: int, pages: int, rows: list[dict[str, object]], name: str = "Customers", total: int = 0) -> httpx2.Response:
    meta = {"@TotalResources": total, "@TotalPages": pages, "@CurrentPage": number}
    return httpx2.Response(200, json={"MetaInformation": meta, name: rows})


def one(name: str, **record: object) -> httpx2.Response:
    return httpx2.Response(200, json={name: record})


def test_a_list_is_read_page_by_page_with_500_a_page_and_only_as_far_as_asked(far: Far, fortnox: Fortnox) -> None:
    far.will(page(1, 2, [{"CustomerNumber": "1"}, {"CustomerNumber": "2"}]), page(2, 2, [{"CustomerNumber": "3"}]))
    rows = fortnox.customers.list(filter="active", sortby="customernumber", sortorder="ascending")
    assert next(rows)["CustomerNumber"] == "1"
    assert len(far.requests) == 1
    assert [row["CustomerNumber"] for row in rows] == ["2", "3"]
    query = "/3/customers?filter=active&sortby=customernumber&sortorder=ascending&limit=500&page="
    assert far.asked == [("GET", f"{query}1"), ("GET", f"{query}2")]


def test_a_list_that_grows_while_it_is_read_is_read_to_its_new_end(far: Far, fortnox: Fortnox) -> None:
    far.will(page(1, 1, [{"CustomerNumber": "1"}]))
    assert [row["CustomerNumber"] for row in fortnox.customers.list()] == ["1"]
    far.will(page(1, 2, [{"CustomerNumber": "1"}]), page(2, 3, [{"CustomerNumber": "2"}]), page(3, 3, [{"CustomerNumber": "3"}]))
    assert [row["CustomerNumber"] for row in fortnox.customers.list()] == ["1", "2", "3"]


def test_a_list_refuses_a_wrong_search_at_once(far: Far, fortnox: Fortnox) -> None:
    with pytest.raises(SettingsError):
        fortnox.customers.list(colour="red")
    assert far.requests == []


def test_an_empty_list_is_one_request_and_a_list_that_is_not_paged_too(far: Far, fortnox: Fortnox) -> None:
    far.will("customers_none_200", "labels_200")
    assert list(fortnox.customers.list()) == []
    assert [row["Id"] for row in fortnox.labels.list()] == [1, 2]
    assert far.asked == [("GET", "/3/customers?limit=500&page=1"), ("GET", "/3/labels")]


def test_a_list_that_would_be_too_long_or_too_short_is_bad_data(far: Far, fortnox: Fortnox) -> None:
    far.will(page(1, 2, [{"CustomerNumber": "1"}]), page(1, 2, [{"CustomerNumber": "1"}]))
    with pytest.raises(BadData, match="is page 1 and not 2"):
        list(fortnox.customers.list())
    far.will(httpx2.Response(200, json={"Customers": [{"CustomerNumber": str(number)} for number in range(500)]}))
    with pytest.raises(BadData, match="does not say how many"):
        list(fortnox.customers.list())


def test_counting_costs_one_small_page(far: Far, fortnox: Fortnox) -> None:
    far.will(page(1, 267, [{"CustomerNumber": "1"}], total=267))
    assert fortnox.customers.count(filter="active") == 267
    assert far.asked == [("GET", "/3/customers?filter=active&limit=1&page=1")]


def test_what_changed_is_asked_for_in_swedish_minutes(far: Far, fortnox: Fortnox) -> None:
    far.will(page(1, 1, [], "Invoices"))
    assert list(fortnox.invoices.changed(datetime(2026, 7, 1, 10, 30, 59, tzinfo=UTC), filter="unbooked")) == []
    assert far.requests[0].url.params["lastmodified"] == "2026-07-01 12:30"
    assert far.requests[0].url.params["filter"] == "unbooked"


def test_find_leaves_out_hits_that_only_contain_the_value(far: Far, fortnox: Fortnox) -> None:
    far.will("customers_200")
    found = fortnox.customers.find(organisationnumber="556677-8899")
    assert [row["CustomerNumber"] for row in found] == ["1042"]
    assert far.asked == [("GET", "/3/customers?organisationnumber=556677-8899&limit=500&page=1")]


def test_find_reads_the_record_when_the_list_does_not_show_the_field(far: Far, fortnox: Fortnox) -> None:
    far.will(
        page(1, 1, [{"CustomerNumber": "1042"}, {"CustomerNumber": "1077"}]), "customer_200", one("Customer", GLN="7350000000020")
    )
    found = fortnox.customers.find(gln="7350000000013")
    assert [row["CustomerNumber"] for row in found] == ["1042"]
    assert [path for _, path in far.asked[1:]] == ["/3/customers/1042", "/3/customers/1077"]


def test_an_external_reference_is_compared_whole_since_the_filter_matches_beginnings(far: Far, fortnox: Fortnox) -> None:
    far.will("invoices_by_reference_200")
    found = fortnox.invoices.find_by_external_reference("acme-webcrm-invoice-1")
    assert [row["DocumentNumber"] for row in found] == ["97"]
    assert far.requests[0].url.params["externalinvoicereference1"] == "acme-webcrm-invoice-1"


def test_a_record_is_read_created_changed_and_removed(far: Far, fortnox: Fortnox) -> None:
    far.will("customer_200", one("Customer", CustomerNumber="1043"), one("Customer", CustomerNumber="1043"), httpx2.Response(204))
    assert fortnox.customers.get("1042")["OrganisationNumber"] == "556677-8899"
    assert fortnox.customers.create({"Name": "Åsas Bygg"})["CustomerNumber"] == "1043"
    assert far.sent == {"Customer": {"Name": "Åsas Bygg"}}
    fortnox.customers.update("1043", {"Phone1": "0470-100 21", "Comments": None})
    assert far.sent == {"Customer": {"Phone1": "0470-100 21", "Comments": None}}
    fortnox.customers.delete("1043")
    assert far.asked == [
        ("GET", "/3/customers/1042"),
        ("POST", "/3/customers"),
        ("PUT", "/3/customers/1043"),
        ("DELETE", "/3/customers/1043"),
    ]
    assert {request.headers["authorization"] for request in far.requests} == {"Bearer the-token"}
    assert {request.headers["accept"] for request in far.requests} == {"application/json"}


def test_a_record_is_not_given_another_number(far: Far, fortnox: Fortnox) -> None:
    with pytest.raises(SettingsError, match="Code of Units cannot be changed"):
        fortnox.units.update("st", {"Code": "styck", "Description": "styck"})
    assert far.asked == []


def test_a_code_with_a_letter_of_ours_is_encoded(far: Far, fortnox: Fortnox) -> None:
    far.will(one("Unit", Code="förp"))
    fortnox.units.get("förp")
    assert far.asked == [("GET", "/3/units/f%C3%B6rp")]


def test_not_found_is_not_found_and_another_404_is_not(far: Far, fortnox: Fortnox) -> None:
    far.will("customer_404", "gateway_404")
    with pytest.raises(NotFound) as raised:
        fortnox.customers.get("1")
    assert (raised.value.code, raised.value.request_id) == ("2000433", "f5eedac5")
    with pytest.raises(BadData):
        fortnox.customers.get("1")


def test_a_create_without_an_answer_is_sent_once(far: Far, fortnox: Fortnox) -> None:
    far.will(httpx2.ReadTimeout("slow"))
    with pytest.raises(OutcomeUnknown, match="POST /3/invoices"):
        fortnox.invoices.create({"CustomerNumber": "1042"})
    assert len(far.requests) == 1


def test_a_refused_token_is_renewed_once_and_the_call_made_again(far: Far, http: Http) -> None:
    asked: list[str] = []

    def renew() -> str:
        asked.append("again")
        return "new"

    far.will("token_401", one("Customer", CustomerNumber="1043"), "token_401", "token_401")
    fortnox = Fortnox(token=lambda: "old", send=http.send, renew=renew)
    fortnox.customers.create({"Name": "Test"})
    with pytest.raises(Unauthorised):
        fortnox.customers.get("1")
    assert [request.headers["authorization"] for request in far.requests] == ["Bearer old", "Bearer new"] * 2
    assert asked == ["again", "again"]


def test_a_sandbox_has_everything_under_one_address(far: Far, http: Http) -> None:
    far.will(one("Me", Name="Åsa"), one("MeInformation", Name="Åsa"))
    fortnox = Fortnox("http://127.0.0.1:8101/", token=lambda: "t", send=http.send)
    assert [fortnox.me.get()["Name"] for _ in range(2)] == ["Åsa", "Åsa"]
    assert str(far.requests[0].url) == "http://127.0.0.1:8101/3/me"


def test_the_locked_period_is_a_day_or_nothing(far: Far, fortnox: Fortnox) -> None:
    far.will(one("LockedPeriod", EndDate=None), one("LockedPeriod", EndDate="2026-09-30"))
    assert [fortnox.locked_period.until() for _ in range(2)] == [None, date(2026, 9, 30)]
    assert far.asked[0] == ("GET", "/3/settings/lockedperiod")


def test_customer_references_take_another_envelope_than_they_give(far: Far, fortnox: Fortnox) -> None:
    rows = [{"Id": 1, "CustomerNumber": "1", "Reference": "Åsa"}, {"Id": 2, "CustomerNumber": "10", "Reference": "Bo"}]
    far.will(one("CustomerReference", CustomerReferenceRows=rows), one("CustomerReference", CustomerReferenceRows=rows[:1]))
    assert [row["Reference"] for row in fortnox.customer_references.of("1")] == ["Åsa"]
    fortnox.customer_references.create({"CustomerNumber": "1", "Reference": "Åsa"})
    assert far.sent == {"CustomerReferenceRow": {"CustomerNumber": "1", "Reference": "Åsa"}}


def test_prices_are_named_by_list_article_and_quantity(far: Far, fortnox: Fortnox) -> None:
    step = one("Price", Price=Decimal(10).__int__())
    far.will(step, step, step, httpx2.Response(204), page(1, 1, [{"Price": 10}], "Prices"), one("Price", Price=1), step)
    fortnox.prices.get("A", "100/1")
    fortnox.prices.get("A", "100", Decimal("10.0"))
    fortnox.prices.update("A", "100", {"Price": Decimal("9.90")}, 0)
    assert far.requests[-1].content == b'{"Price":{"Price":9.9}}'
    fortnox.prices.delete("A", "100", 10)
    assert fortnox.prices.of_article("A", "100") == [{"Price": 10}]
    assert fortnox.prices.all() == [{"Price": 1}]
    fortnox.prices.create({"ArticleNumber": "100", "PriceList": "A", "FromQuantity": 0, "Price": 10})
    assert [path for _, path in far.asked] == [
        "/3/prices/A/100%2F1",
        "/3/prices/A/100/10",
        "/3/prices/A/100/0",
        "/3/prices/A/100/10",
        "/3/prices/sublist/A/100",
        "/3/prices",
        "/3/prices",
    ]


def test_a_price_is_set_whether_or_not_there_is_one(far: Far, fortnox: Fortnox) -> None:
    missing = httpx2.Response(404, json={"ErrorInformation": {"Error": 1, "Message": "Kan inte hitta priset.", "Code": 2000430}})
    far.will(one("Price", Price=1), missing, one("Price", Price=1))
    fortnox.prices.put("A", "100", Decimal("9.90"))
    fortnox.prices.put("A", "100", Decimal("9.90"), 10)
    assert far.asked == [("PUT", "/3/prices/A/100/0"), ("PUT", "/3/prices/A/100/10"), ("POST", "/3/prices")]
    assert far.requests[2].content == b'{"Price":{"PriceList":"A","ArticleNumber":"100","FromQuantity":10,"Price":9.9}}'


def test_a_voucher_is_named_by_series_number_and_year_and_must_balance(far: Far, fortnox: Fortnox) -> None:
    far.will(one("Voucher", VoucherNumber=25), one("Voucher", VoucherNumber=26), httpx2.Response(204), page(1, 1, [], "Vouchers"))
    fortnox.vouchers.get("B", 25, 1)
    voucher = {"Description": "Lön", "VoucherSeries": "A", "TransactionDate": date(2026, 5, 1)}
    rows = [{"Account": 1930, "Debit": Decimal("100.10")}, {"Account": 3001, "Credit": Decimal("100.10")}]
    fortnox.vouchers.create({**voucher, "VoucherRows": rows})
    fortnox.vouchers.delete("A", 26, 1)
    assert list(fortnox.vouchers.of_series("B", financialyear=1)) == []
    assert far.asked == [
        ("GET", "/3/vouchers/B/25?financialyear=1"),
        ("POST", "/3/vouchers"),
        ("DELETE", "/3/vouchers/A/26?financialyear=1"),
        ("GET", "/3/vouchers/sublist/B?financialyear=1&limit=500&page=1"),
    ]
    with pytest.raises(Rejected, match=r"differ by 100\.1"):
        fortnox.vouchers.create({**voucher, "VoucherRows": rows[:1]})
    assert len(far.requests) == 4


def test_accounts_belong_to_a_year(far: Far, fortnox: Fortnox) -> None:
    account = one("Account", Number=3001)
    far.will(account, account, account, httpx2.Response(204), page(1, 1, [], "Accounts"))
    fortnox.accounts.get(3001, 3)
    fortnox.accounts.create({"Number": 3001, "Description": "Försäljning"}, 3)
    fortnox.accounts.update(3001, {"Active": False})
    fortnox.accounts.delete(3001)
    list(fortnox.accounts.list(financialyear=3))
    assert [path for _, path in far.asked] == [
        "/3/accounts/3001?financialyear=3",
        "/3/accounts?financialyear=3",
        "/3/accounts/3001",
        "/3/accounts/3001",
        "/3/accounts?financialyear=3&limit=500&page=1",
    ]


def test_the_financial_year_of_a_day_is_checked_and_may_be_missing(far: Far, fortnox: Fortnox) -> None:
    year = {"Id": 3, "FromDate": "2026-01-01", "ToDate": "2026-12-31"}
    far.will(page(1, 1, [year], "FinancialYears"), page(1, 0, [], "FinancialYears"))
    assert fortnox.financial_years.on(date(2026, 5, 1)) == year
    assert fortnox.financial_years.on(date(2031, 5, 1)) is None
    assert far.asked[0] == ("GET", "/3/financialyears?date=2026-05-01&limit=500&page=1")


def test_payments_of_an_invoice_are_compared_and_booked_by_an_action(far: Far, fortnox: Fortnox) -> None:
    rows = [{"Number": "1", "InvoiceNumber": 9}, {"Number": "2", "InvoiceNumber": 97}]
    far.will(page(1, 1, rows, "InvoicePayments"), one("InvoicePayment", Number="1", Booked=True))
    assert [row["Number"] for row in fortnox.invoice_payments.of_invoice("9")] == ["1"]
    fortnox.invoice_payments.bookkeep("1")
    assert far.asked[1] == ("PUT", "/3/invoicepayments/1/bookkeep")
    assert (far.requests[1].headers["content-type"], far.requests[1].content) == ("application/json", b"{}")


def test_supplier_invoices_have_their_actions(far: Far, fortnox: Fortnox) -> None:
    invoices = fortnox.supplier_invoices
    acts: list[Callable[[object], object]] = [
        invoices.approve_for_booking,
        invoices.approve_for_payment,
        invoices.bookkeep,
        invoices.cancel,
        invoices.credit,
    ]
    for act in acts:
        far.will(one("SupplierInvoice", GivenNumber="5"))
        act(5)
    names = ["approvalbookkeep", "approvalpayment", "bookkeep", "cancel", "credit"]
    assert far.asked == [("PUT", f"/3/supplierinvoices/5/{name}") for name in names]
    assert {(one.headers["content-type"], one.content) for one in far.requests} == {("application/json", b"{}")}


def test_a_file_is_uploaded_as_a_form_and_read_as_bytes(far: Far, fortnox: Fortnox) -> None:
    far.will(
        httpx2.Response(201, json={"File": {"Id": "f1"}}),
        httpx2.Response(200, content=b"\x00\x01"),
        httpx2.Response(200, content=b"x"),
    )
    assert fortnox.inbox.upload('kvitto "1".pdf', b"%PDF-1.4\r\n--", path="Inbox_v")["Id"] == "f1"
    request = far.requests[0]
    boundary = request.headers["content-type"].removeprefix("multipart/form-data; boundary=")
    assert request.content.startswith(f"--{boundary}\r\n".encode())
    assert b'name="file"; filename="kvitto _1_.pdf"' in request.content
    assert request.content.endswith(f"\r\n\r\n%PDF-1.4\r\n--\r\n--{boundary}--\r\n".encode())
    assert fortnox.archive.file("f1") == b"\x00\x01"
    fortnox.archive.archived_file("a-1")
    assert [path for _, path in far.asked] == ["/3/inbox?path=Inbox_v", "/3/archive/f1", "/3/archive?fileid=a-1"]


def test_attachments_speak_the_newer_service_s_words(far: Far, fortnox: Fortnox) -> None:
    listed = httpx2.Response(200, json=[{"id": "u1", "fileId": "f1"}])
    far.will(listed, listed, listed, "attachment_404")
    assert fortnox.attachments.of("F", [97, 98])[0]["id"] == "u1"
    fortnox.attachments.counts("F", [97])
    fortnox.attachments.attach([{"entityId": 97, "entityType": "F", "fileId": "f1", "includeOnSend": True}])
    assert far.sent == [{"entityId": 97, "entityType": "F", "fileId": "f1", "includeOnSend": True}]
    with pytest.raises(NotFound, match="file_not_found"):
        fortnox.attachments.detach("u1")
    base = "/api/fileattachments/attachments-v1"
    assert [path for _, path in far.asked] == [
        f"{base}?entityid=97&entityid=98&entitytype=F",
        f"{base}/numberofattachments?entityids=97&entitytype=F",
        base,
        f"{base}/u1",
    ]


def test_a_sie_file_is_bytes_and_html_in_its_place_is_bad_data(far: Far, fortnox: Fortnox) -> None:
    far.will(httpx2.Response(200, content='#FLAGGA 0\r\n#FNAMN "Å"'.encode("cp437")), httpx2.Response(200, text="<html>"))
    assert fortnox.sie.export(4, financialyear=3).decode("cp437").endswith('"Å"')
    with pytest.raises(BadData, match="not a SIE file"):
        fortnox.sie.export(4)
    assert far.asked[0] == ("GET", "/3/sie/4?financialyear=3")
