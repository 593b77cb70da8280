"""Which archived file, or which web address, belongs to which article, voucher or supplier invoice."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed
from collections.abc import Mapping
from typing import Any

from brygga_sandbox.fortnox import lists
from brygga_sandbox.fortnox.errors import not_found, refusal, refusal_text
from brygga_sandbox.fortnox.payload import Quirks
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.tables import Record


class _FileConnection(Resource):
    """A file that belongs to a record; the file's id is the key, so a file belongs to one record."""

    verbs = "LRCD"
    key_field = "FileId"
    thing = "kopplingen"

    def file(self, call: Call, record: Record) -> Record:
        """Return the file. Raises 404 when the id names none."""
        found = call.company.get("files", record["FileId"])
        if found is None:
            raise refusal_text("Kan inte hitta filen.", 404)
        return found


class ArticleFileConnections(_FileConnection):
    """Files of articles."""

    name, tag, one, many = (
        "articlefileconnections",
        "ArticleFileConnections",
        "ArticleFileConnection",
        "ArticleFileConnections",
    )
    scopes = ("connectfile", "article")
    searches = {"articlenumber": lists.exactly("ArticleNumber")}

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse an unknown article or file."""
        if record["ArticleNumber"] not in call.company.table("articles"):
            raise refusal(2001302)
        self.file(call, record)


class VoucherFileConnections(_FileConnection):
    """Files of vouchers; the year is the id of a financial year, the latest when it is left out."""

    name, tag, one, many = (
        "voucherfileconnections",
        "VoucherFileConnections",
        "VoucherFileConnection",
        "VoucherFileConnections",
    )
    scopes = ("connectfile", "bookkeeping")
    modules = ("Bokföring",)
    changes = {"VoucherDescription": {"where": "LD"}}
    searches = {
        "voucherseries": lists.exactly("VoucherSeries"),
        "vouchernumber": lists.exactly("VoucherNumber"),
        "voucheryear": lists.exactly("VoucherYear"),
        "voucherdescription": lists.contains("VoucherDescription"),
    }

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse an unknown voucher or file; fill the year, the voucher's text and the file's name."""
        company = call.company
        if record["VoucherYear"] is None:
            record["VoucherYear"] = (company.current_year() or {}).get("Id")
        wanted = (record["VoucherSeries"], str(record["VoucherNumber"]), record["VoucherYear"])
        voucher = next((one for one in company.table("vouchers").records.values() if _voucher(one) == wanted), None)
        if voucher is None:
            raise not_found(None, "verifikationen")
        record["VoucherDescription"] = voucher.get("Description") or ""
        record["Name"] = self.file(call, record)["Name"]


def _voucher(record: Record) -> tuple[Any, str, Any]:
    return (record.get("VoucherSeries"), str(record.get("VoucherNumber")), record.get("Year"))


class SupplierInvoiceFileConnections(_FileConnection):
    """Files of supplier invoices."""

    name, tag, one, many = (
        "supplierinvoicefileconnections",
        "SupplierInvoiceFileConnections",
        "SupplierInvoiceFileConnection",
        "SupplierInvoiceFileConnections",
    )
    scopes = ("connectfile", "supplierinvoice")
    changes = {
        "FileId": {"where": "LDC*"},
        "SupplierInvoiceNumber": {"where": "LDC*"},
        "Name": {"where": "LD"},
        "SupplierName": {"where": "LD"},
    }
    searches = {"supplierinvoicenumber": lists.exactly("SupplierInvoiceNumber")}

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse an unknown supplier invoice or file; fill the names."""
        invoice = call.company.get("supplierinvoices", str(record["SupplierInvoiceNumber"]))
        if invoice is None:
            raise not_found(None, "leverantörsfakturan")
        record["Name"] = self.file(call, record)["Name"]
        record["SupplierName"] = invoice.get("SupplierName") or ""


class ArticleUrlConnections(Resource):
    """Web addresses of articles."""

    name, tag, one, many = "articleurlconnections", "ArticleUrlConnection", "ArticleUrlConnection", "ArticleUrlConnections"
    key_field = "Id"
    inner_id = True
    scopes = ("article", "connectfile")
    thing = "kopplingen"
    quirks = Quirks(free_text=frozenset({"URLConnection"}))
    searches = {"articlenumber": lists.exactly("ArticleNumber")}

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse an unknown article."""
        if record["ArticleNumber"] not in call.company.table("articles"):
            raise refusal(2001302)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse an unknown article."""
        self.prepare(call, record, sent)


class SupplierInvoiceExternalUrlConnections(Resource):
    """Web addresses of supplier invoices; there is no list."""

    name, tag = "supplierinvoiceexternalurlconnections", "SupplierInvoiceExternalUrlConnections"
    one, many = "SupplierInvoiceExternalURLConnection", ""
    verbs = "RCUD"
    key_field = "Id"
    inner_id = True
    scopes = ("supplierinvoice",)
    thing = "kopplingen"
    changes = {
        "ExternalURLConnection": {"where": "DCU*"},
        "SupplierInvoiceNumber": {"where": "DCU*"},
        "Url": {"where": ""},
    }
    quirks = Quirks(free_text=frozenset({"ExternalURLConnection"}))

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse an unknown supplier invoice."""
        if str(record["SupplierInvoiceNumber"]) not in call.company.table("supplierinvoices"):
            raise not_found(None, "leverantörsfakturan")

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse an unknown supplier invoice."""
        self.prepare(call, record, sent)
