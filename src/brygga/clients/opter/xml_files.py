"""Opter's files: invoices and settlements in, payments out (docs/opter-files.md). Pure: bytes to objects of the contract, and back.

A file is read whole before anything of it counts. What is wrong names the file, the record and the attribute. Entities and document types are
refused before parsing, so that a file cannot reach outside itself or grow without bound.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from brygga.clients.opter.wire import Raw
from brygga.errors import SettingsError

LARGEST: Final = 64 * 1024 * 1024
INVOICES, SETTLEMENTS, PAYMENTS = "OpterInvoices", "OpterSettlements", "OpterPayments"
_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODED = re.compile(rb"^\s*<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)[\"']")
_ENCODINGS = ("utf-8", "iso-8859-1")
_ADDRESS = ("street", "street2", "postalCode", "city", "countryCode")
_UNITS = ("costCenter", "project", "unit3", "unit4", "unit5")


def root_of(content: bytes, name: str) -> ET.Element:
    """Return the root of a file. Raises SettingsError for what is no file of ours: too large, another encoding, a document type."""
    if len(content) > LARGEST:
        raise _wrong(name, "is larger than 64 MB", "Let Opter export fewer invoices at a time.")
    if _FORBIDDEN.search(content):
        raise _wrong(name, "has a document type or entities", "Export the file without them.")
    found = _ENCODED.search(content)
    if found and found[1].decode("ascii").lower() not in _ENCODINGS:
        raise _wrong(name, f"is written in {found[1].decode('ascii')}", "Export it in UTF-8 or ISO-8859-1.")
    try:
        root = ET.fromstring(content)  # noqa: S314 - without document types there is nothing to expand
    except ET.ParseError as error:
        raise _wrong(name, f"is no XML ({error})", "Export the file anew.") from None
    if root.tag not in (INVOICES, SETTLEMENTS, PAYMENTS):
        raise _wrong(name, f"begins with {root.tag}", f"It has to be {INVOICES} or {SETTLEMENTS}.")
    return root


def records(content: bytes, name: str, vat_codes: Mapping[str, Decimal]) -> tuple[str, list[Raw], list[Raw]]:
    """Return what a file holds: its root, its invoices or settlements, and the customers of the invoices, as the contract has them.

    vat_codes  code -> percent, for rows that name a VAT code instead of a rate (Opter's table Codes)
    Raises SettingsError for the first thing that is wrong, with its place.
    """
    root = root_of(content, name)
    if root.tag == INVOICES:
        found = [_invoice(one, _Place(name, one, "Invoice"), vat_codes) for one in root.iter("Invoice")]
        customers = {raw["customerCode"]: raw["customer"] for raw in found}
        return (
            INVOICES,
            [{key: value for key, value in raw.items() if key != "customer"} for raw in found],
            list(customers.values()),
        )
    if root.tag == SETTLEMENTS:
        return SETTLEMENTS, [_settlement(one, _Place(name, one, "Settlement"), vat_codes) for one in root.iter("Settlement")], []
    raise _wrong(name, f"begins with {root.tag}", f"It has to be {INVOICES} or {SETTLEMENTS}.")


class _Place:
    """Where in a file something stands: for values, and for what is said when one is wrong."""

    def __init__(self, file: str, element: ET.Element, what: str) -> None:
        self.file, self.element, self.what = file, element, what
        self.number = element.get("number") or "–"

    def text(self, name: str, *, required: bool = False, of: ET.Element | None = None) -> str:
        value = ((self.element if of is None else of).get(name) or "").strip()
        if required and not value:
            raise self.wrong(name, "is missing")
        return value

    def amount(self, name: str, default: str = "", of: ET.Element | None = None) -> Decimal:
        text = self.text(name, of=of) or default
        try:
            found = Decimal(text.replace(",", "."))
        except InvalidOperation:
            raise self.wrong(name, f"“{text}” is no number") from None
        if not found.is_finite():
            raise self.wrong(name, f"“{text}” is no number")
        return found

    def day(self, name: str, of: ET.Element | None = None) -> str:
        text = self.text(name, required=True, of=of)
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise self.wrong(name, f"“{text}” is no day as 2026-09-04") from None

    def truth(self, name: str, *, default: bool, of: ET.Element | None = None) -> bool:
        text = self.text(name, of=of).lower()
        if text in ("true", "1", "false", "0"):
            return text in ("true", "1")
        if text:
            raise self.wrong(name, f"“{text}” is neither true nor false")
        return default

    def rate(self, row: ET.Element, codes: Mapping[str, Decimal]) -> Decimal:
        code = self.text("vatCode", of=row)
        if not code:
            return self.amount("vatPercent", of=row)
        if code not in codes:
            raise self.wrong("vatCode", f"“{code}” is not in the table of codes")
        return codes[code]

    def wrong(self, name: str, what: str) -> SettingsError:
        return _wrong(self.file, f"{self.what} {self.number}: {name} {what}", "Correct it in Opter and export the file anew.")


def _wrong(file: str, what: str, repair: str) -> SettingsError:
    return SettingsError("The file {file} cannot be read: {what}. Nothing of it was taken in.", repair=repair, file=file, what=what)


def _address(element: ET.Element | None) -> Raw:
    return {name: (element.get(name) or "" if element is not None else "") for name in _ADDRESS}


def _invoice(element: ET.Element, at: _Place, codes: Mapping[str, Decimal]) -> Raw:
    number = at.text("number", required=True)
    buyer = element.find("Customer")
    if buyer is None:
        raise at.wrong("Customer", "is missing")
    coding = [_coding(row, at, codes) for row in element.iter("Coding")]
    _share_vat(coding)
    net, vat = sum((row["net"] for row in coding), Decimal(0)), sum((row["vat"] for row in coding), Decimal(0))
    round_off = at.amount("roundOff", "0")
    currency = at.text("currency") or "SEK"
    address = _address(buyer.find("Address"))
    customer = {
        name: at.text(name, of=buyer) for name in ("name", "organisationNumber", "vatNumber", "phone", "email", "invoiceEmail")
    }
    customer |= {"customerCode": at.text("code", required=True, of=buyer), "customerNumber": at.text("number", of=buyer)}
    return {
        "invoiceNumber": number,
        "kind": at.text("kind") or "invoice",
        "creditedInvoiceNumber": at.text("credits"),
        "ocrNumber": at.text("ocr"),
        "officeCode": at.text("office"),
        "invoiceDate": at.day("date"),
        "dueDate": at.day("due"),
        "customerCode": customer["customerCode"],
        "customerNumber": customer["customerNumber"],
        "customerName": customer["name"],
        "postalAddress": address,
        "currency": currency,
        "currencyRate": at.amount("rate") if at.text("rate") else None,
        "status": "Closed",
        "orders": [
            {"orderNumber": at.text("number", of=one), "orderDate": at.text("date", of=one)} for one in element.iter("Order")
        ],
        "remark": at.text("remark"),
        "coding": coding,
        "net": net,
        "vat": vat,
        "roundOff": round_off,
        "total": at.amount("total", str(net + vat + round_off)),
        "pdf": at.text("pdf"),
        "export": None,
        "customer": {**customer, "currency": currency, "postalAddress": address, "visitingAddress": address},
    }


def _coding(row: ET.Element, at: _Place, codes: Mapping[str, Decimal]) -> Raw:
    net, rate = at.amount("net", of=row), at.rate(row, codes)
    return {
        "account": at.text("account", required=True, of=row),
        "economicUnits": {name: at.text(name, of=row) for name in _UNITS},
        "text": at.text("text", of=row),
        "net": net,
        "vatPercent": rate,
        "vat": at.amount("vat", of=row) if at.text("vat", of=row) else None,
    }


def _share_vat(coding: Sequence[Raw]) -> None:
    """Give rows without VAT of their own that of their rate: reckoned on the sum, a half away from zero (accounting.md 3.1).

    The last of the rows takes what rounding leaves, so that they add up to the VAT of the sum.
    """
    ore = Decimal("0.01")
    for rate in dict.fromkeys(row["vatPercent"] for row in coding):
        rows = [row for row in coding if row["vatPercent"] == rate and row["vat"] is None]
        left = (sum((row["net"] for row in rows), Decimal(0)) * rate / 100).quantize(ore, ROUND_HALF_UP)
        for row in rows:
            last = row is rows[-1]
            row["vat"] = left if last else (row["net"] * rate / 100).quantize(ore, ROUND_HALF_UP)
            left -= row["vat"]


_SUPPLIER = (
    "name", "organisationNumber", "vatNumber", "countryCode", "phone", "phone2", "fax", "email", "website", "bankAccount", "iban", "bic",
    "bankgiro", "plusgiro",
)  # fmt: skip


def _settlement(element: ET.Element, at: _Place, codes: Mapping[str, Decimal]) -> Raw:
    haulier = element.find("Supplier")
    if haulier is None:
        raise at.wrong("Supplier", "is missing")
    supplier: Raw = {name: at.text(name, of=haulier) for name in _SUPPLIER}
    supplier |= {
        "supplierCode": at.text("code", required=True, of=haulier),
        "supplierNumber": at.text("number", of=haulier),
        "vatRegistered": at.truth("vatRegistered", of=haulier, default=True),
        "selfBillingAgreement": at.text("selfBillingAgreement", of=haulier) or None,
        "address": _address(haulier.find("Address")),
    }
    supplier["countryCode"] = supplier["countryCode"] or supplier["address"]["countryCode"]
    return {
        "id": f"{supplier['supplierCode']}-{at.text('number', required=True)}",
        "number": at.text("number"),
        "supplier": supplier,
        "settlementDate": at.day("date"),
        "dueDate": at.day("due"),
        "currency": at.text("currency") or "SEK",
        "status": "Closed",
        "lines": [
            {
                "kind": at.text("kind", required=True, of=line),
                "text": at.text("text", of=line),
                "net": at.amount("net", of=line),
                "vatPercent": at.rate(line, codes),
                "account": at.text("account", of=line),
            }
            for line in element.iter("Line")
        ],
        "payable": at.amount("payable") if at.text("payable") else None,
        "texts": [text for text in (at.text("text"),) if text],
        "pdf": at.text("pdf"),
        "export": None,
    }


# Payments out ---------------------------------------------------------------------------------------------------------------


def payments_file(payments: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a file of payments in UTF-8: one element each, sums with a full stop, the rate for one unit where there is one."""
    root = ET.Element(PAYMENTS, {"version": "1"})
    for one in payments:
        given = {name: _shown(one.get(name)) for name in _PAYMENT}
        ET.SubElement(root, "Payment", {name: value for name, value in given.items() if value})
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


_PAYMENT = ("reference", "invoiceNumber", "ocrNumber", "amount", "currency", "currencyRate", "paymentDate", "registeredDate")


def payments_of(content: bytes, name: str) -> Iterator[Raw]:
    """Yield the payments of a file that we wrote. Raises SettingsError."""
    root = root_of(content, name)
    reads: Mapping[str, Callable[[str], Any]] = {"amount": Decimal, "currencyRate": Decimal}
    for element in root.iter("Payment"):
        yield {key: reads.get(key, str)(value) for key, value in element.attrib.items()}


def _shown(value: object) -> str:
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)
