"""A company of the Fortnox sandbox with at least one of everything, made over the API itself."""

from __future__ import annotations

from typing import Any

import httpx2

from brygga_sandbox import fortnox

TODAY = "2026-03-10"
NOW = "2026-03-10T09:00:00+01:00"
ROW = {"ArticleNumber": "1", "Price": 100}
GOODS = [{"Account": 4010, "Debit": 100}, {"Account": 2641, "Debit": 25}]
SIDES = [{"Account": 1930, "Debit": 100}, {"Account": 3001, "Credit": 100}]

# Wrapper and payload of each record, in an order in which each finds what it names.
RECORDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("labels", "Label", {"Description": "Viktig"}),
    ("costcenters", "CostCenter", {"Code": "NORR", "Description": "Norr"}),
    ("projects", "Project", {"Description": "Bro"}),
    ("units", "Unit", {"Code": "pall", "Description": "Pall", "CodeEnglish": "pallet"}),
    ("termsofpayments", "TermsOfPayment", {"Code": "45", "Description": "45 dagar"}),
    ("termsofdeliveries", "TermsOfDelivery", {"Code": "EXW", "Description": "Fritt fabrik"}),
    ("wayofdeliveries", "WayOfDelivery", {"Code": "CY", "Description": "Cykelbud"}),
    ("modesofpayments", "ModeOfPayment", {"Code": "SW", "Description": "Swish", "AccountNumber": 1930}),
    ("currencies", "Currency", {"Code": "NOK", "Description": "Norska kronor", "BuyRate": 0.97, "SellRate": 0.98}),
    ("accounts", "Account", {"Number": 3041, "Description": "Tjänster", "VATCode": "MP1"}),
    ("voucherseries", "VoucherSeries", {"Code": "Q", "Description": "Ny", "Manual": True}),
    ("pricelists", "PriceList", {"Code": "B", "Description": "Återförsäljare"}),
    ("emailsenders/trusted", "TrustedSender", {"Email": "faktura@exempel.se"}),
    ("suppliers", "Supplier", {"Name": "Grossist AB", "TermsOfPayment": "20"}),
    ("articles", "Article", {"Description": "Skruv", "PurchasePrice": 93.5, "SalesAccount": 3001, "Unit": "st"}),
    ("articles", "Article", {"Description": "Bräda", "StockGoods": True, "QuantityInStock": 21, "PurchasePrice": 268}),
    ("prices", "Price", {"ArticleNumber": "1", "PriceList": "A", "FromQuantity": 0, "Price": 219}),
    ("prices", "Price", {"ArticleNumber": "1", "PriceList": "A", "FromQuantity": 10, "Price": 199}),
    ("customers", "Customer", {"Name": "Ström & Söner AB", "Email": "faktura@strom.example", "CountryCode": "SE"}),
    ("customers", "Customer", {"Name": "Byggaren AB", "City": "Norrköping", "ZipCode": "60224", "Project": "1"}),
    ("offers", "Offer", {"CustomerNumber": "1", "OfferRows": [{**ROW, "Quantity": 1}]}),
    ("orders", "Order", {"CustomerNumber": "1", "OrderRows": [{**ROW, "OrderedQuantity": 2, "DeliveredQuantity": 1}]}),
    ("orders", "Order", {"CustomerNumber": "2"}),
    ("invoices", "Invoice", {"CustomerNumber": "1", "InvoiceRows": [{**ROW, "DeliveredQuantity": 3}, {"Description": "Text"}]}),
    ("invoices", "Invoice", {"CustomerNumber": "1", "InvoiceRows": [{**ROW, "DeliveredQuantity": 1, "Price": 99.5}]}),
    ("invoices", "Invoice", {"CustomerNumber": "2"}),
    ("vouchers", "Voucher", {"Description": "Prov", "VoucherSeries": "A", "TransactionDate": TODAY, "VoucherRows": SIDES}),
    ("supplierinvoices", "SupplierInvoice", {"SupplierNumber": "1", "Total": "125", "VAT": 25, "SupplierInvoiceRows": GOODS}),
    ("supplierinvoices", "SupplierInvoice", {"SupplierNumber": "1", "Total": "250", "VAT": "50"}),
    ("articleurlconnections", "ArticleUrlConnection", {"ArticleNumber": "1", "URLConnection": "https://exempel.se/1"}),
)
# What is done with them before payments and connections can be made.
BOOKED = ("invoices/1/bookkeep", "invoices/2/bookkeep", "supplierinvoices/1/bookkeep")
LATER: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("invoicepayments", "InvoicePayment", {"InvoiceNumber": 1, "Amount": 375, "PaymentDate": TODAY, "ModeOfPayment": "BG"}),
    ("invoicepayments", "InvoicePayment", {"InvoiceNumber": 2, "Amount": 20, "PaymentDate": TODAY, "ModeOfPayment": "BG"}),
    ("supplierinvoicepayments", "SupplierInvoicePayment", {"InvoiceNumber": "1", "Amount": 25, "PaymentDate": TODAY}),
    ("supplierinvoicepayments", "SupplierInvoicePayment", {"InvoiceNumber": "1", "Amount": 20, "PaymentDate": TODAY}),
)
PAID = ("invoicepayments/1/bookkeep", "supplierinvoicepayments/1/bookkeep", "invoices/2/credit")
PERSON = {"CustomerName": "Anna Ek", "SocialSecurityNumber": "19900101-2384", "PropertyDesignation": "Bro 1:2"}


class Caller:
    """A signed-in client; paths below /3/."""

    def __init__(self, sandbox: fortnox.Sandbox) -> None:
        self.http = httpx2.Client(
            base_url=sandbox.base_url, headers={"Authorization": f"Bearer {sandbox.access_token}"}, timeout=20, verify=False
        )

    def __call__(self, method: str, path: str, **more: Any) -> httpx2.Response:
        return self.http.request(method, f"/3/{path}", **more)

    def made(self, path: str, wrapper: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Make a record. Raises AssertionError with the refusal."""
        response = self("POST", path, json={wrapper: payload})
        assert response.status_code == 201, (path, payload, response.text)
        found: dict[str, Any] = next(iter(response.json().values()))
        return found

    def done(self, path: str) -> None:
        """Carry out an action. Raises AssertionError with the refusal."""
        response = self("PUT", path, json={})
        assert response.status_code == 200, (path, response.text)


def furnish(sandbox: fortnox.Sandbox) -> dict[str, str]:
    """Fill the first tenant, its clock stopped at `NOW`; return the ids that differ from run to run.

    Numbers are those that a new company gives: customers 1 and 2, invoices 1 (booked and paid), 2 (booked, credited by 4) and 3, and
    so on. `file` is a file of the inbox that is connected, `loose` one that is not, `archived` the latter's id as a
    file of the archive, `attachment` its attachment to invoice 3.
    """
    call = Caller(sandbox)
    with call.http:
        for path, wrapper, payload in RECORDS:
            call.made(path, wrapper, payload)
        for path in BOOKED:
            call.done(path)
        for path, wrapper, payload in LATER:
            call.made(path, wrapper, payload)
        for path in PAID:
            call.done(path)
        return _more(call)


def _more(call: Caller) -> dict[str, str]:
    row = {**ROW, "DeliveredQuantity": 10, "HouseWork": True, "HouseWorkType": "CONSTRUCTION", "HouseWorkHoursToReport": 8}
    rot = {"CustomerNumber": "1", "TaxReductionType": "rot", "InvoiceRows": [row]}
    invoice = call.made("invoices", "Invoice", rot)["DocumentNumber"]
    wish = {"ReferenceDocumentType": "INVOICE", "ReferenceNumber": int(invoice), "AskedAmount": 100, **PERSON}
    reduction = call.made("taxreductions", "TaxReduction", wish)
    call.made("customerreferences", "CustomerReferenceRow", {"CustomerNumber": "1", "Reference": "Anna Ek"})
    ids = {"taxreduction": str(reduction["Id"])}
    for name, folder in (("file", "Inbox_v"), ("loose", "Inbox_kf")):
        response = call(
            "POST", f"inbox?path={folder}", files={"file": (f"{name}.pdf", b"%PDF-1.4 " + name.encode(), "application/pdf")}
        )
        assert response.status_code == 201, response.text
        loose = response.json()["File"]
        ids[name] = loose["Id"]
    file = ids["file"]
    connected = {"FileId": file, "VoucherNumber": "1", "VoucherSeries": "A", "VoucherYear": "2"}
    call.made("voucherfileconnections", "VoucherFileConnection", connected)
    call.made("articlefileconnections", "ArticleFileConnection", {"FileId": file, "ArticleNumber": "1"})
    call.made("supplierinvoicefileconnections", "SupplierInvoiceFileConnection", {"FileId": file, "SupplierInvoiceNumber": "1"})
    url = {"SupplierInvoiceNumber": 1, "ExternalURLConnection": "https://exempel.se/1"}
    call.made("supplierinvoiceexternalurlconnections", "SupplierInvoiceExternalURLConnection", url)
    wishes = [{"entityId": 3, "entityType": "F", "fileId": loose["ArchiveFileId"], "includeOnSend": True}]
    response = call.http.post("/api/fileattachments/attachments-v1", json=wishes)
    assert response.status_code in (200, 201), response.text
    ids |= {"attachment": response.json()[0]["id"], "archived": loose["ArchiveFileId"]}
    return ids
