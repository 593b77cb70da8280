"""Opter's three streams with writes: invoices with their customers, settlements with their hauliers, payments that are saved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from brygga.sync.payments import Wish
from brygga.sync.start import begin_run, execute
from opter_hub import NORD
from proof.worlds import OpterWorld

HAULIER = {
    "name": "Åkeri Nordtrans AB",
    "vatNumber": "SE556036079301",
    "bankgiro": "5050-1055",
    "selfBillingAgreement": "2026-01-02",
    "address": {"street": "Åkarvägen 1", "postalCode": "972 41", "city": "Luleå", "countryCode": "SE"},
}
LINES = (
    {"kind": "transport", "text": "Körningar", "net": Decimal("48250.00"), "vatPercent": 25},
    {"kind": "deduction", "text": "Terminalhyra", "net": Decimal("2500.00"), "vatPercent": 25},
)
FIRST = 100353


def number_of(mark: str) -> str:
    """Return the invoice number of a mark: both sides have digits only."""
    return str(FIRST + int(mark[1:]))


class OpterInvoices:
    """Opter: an invoice of a new customer, made in Fortnox, its PDF put there and attached, booked and mailed, number back."""

    def __init__(self, world: OpterWorld) -> None:
        self.world = world
        world.declare(send="fortnox_with_pdf")
        world.sync()

    def sync(self) -> object:
        return self.world.sync()

    def act(self, mark: str) -> None:
        number = number_of(mark)
        buyer = {**NORD, "customerCode": mark, "customerNumber": f"7{number}", "name": f"{mark} AB", "organisationNumber": ""}
        self.world.opter.load("Customers", [buyer])
        self.world.invoice(number, customerCode=mark)

    def books(self, mark: str) -> object:
        number = number_of(mark)
        customers = [one["Name"].replace(mark, "*") for one in self.world.records("customers") if mark in str(one["Name"])]
        invoices = [one for one in self.world.records("invoices") if str(one["CustomerNumber"]) == f"7{number}"]
        export = self.world.export_of(number) if mark_known(self.world, number) else {}
        files = {one["ArchiveFileId"]: one["Name"].replace(number, "*") for one in self.world.records("files")}
        along = [one for one in self.world.records("fileattachments") if str(one["entityId"]) == number]
        return (
            customers,
            [(files[one["fileId"]], one["includeOnSend"]) for one in along],
            [name for name in files.values() if "*" in name],
            [
                (one["DocumentNumber"] == number, float(one["Total"]), len(one["InvoiceRows"]), one["Booked"], one["Sent"])
                for one in invoices
            ],
            (export.get("documentNumber") == number, export.get("booked"), bool(export.get("voucher"))),
        )


class OpterSettlements:
    """Opter: a settlement with a new haulier, made in Fortnox as a supplier with an invoice, its PDF connected, number back."""

    def __init__(self, world: OpterWorld) -> None:
        self.world = world
        world.declare(settlement_pdf=True)
        self.ids: dict[str, str] = {}
        accounts = [
            {"Number": int(number), "Description": f"Konto {number}"} for number in ("4610", "2641", "3001", "2611", "2440")
        ]
        have = {str(one["Number"]) for one in world.records("accounts")}
        world.fortnox.company.load("accounts", [one for one in accounts if str(one["Number"]) not in have])
        world.sync("settlements")

    def sync(self) -> object:
        return self.world.sync("settlements")

    def act(self, mark: str) -> None:
        number = number_of(mark)
        supplier = {**HAULIER, "supplierCode": mark, "supplierNumber": f"8{number}", "name": f"{mark} Åkeri AB"}
        given = {"number": number, "supplier": supplier, "settlementDate": "2026-10-05", "dueDate": "2026-11-04", "lines": LINES}
        [self.ids[mark]] = self.world.opter.load("Settlements", [given])

    def books(self, mark: str) -> object:
        suppliers = [one for one in self.world.records("suppliers") if mark in str(one["Name"])]
        numbers = {str(one["SupplierNumber"]) for one in suppliers}
        invoices = [one for one in self.world.records("supplierinvoices") if str(one["SupplierNumber"]) in numbers]
        export = self.world.opter.get("Settlements", self.ids[mark])["export"] if mark in self.ids else None
        given = [str(one["GivenNumber"]) for one in invoices]
        connected = [one for one in self.world.records("supplierinvoicefileconnections") if one["SupplierInvoiceNumber"] in given]
        file = f"Avräkning {self.ids.get(mark)}.pdf"
        return (
            [one["Name"] == file for one in connected],
            [one["Name"] for one in self.world.records("files")].count(file),
            [one["Name"].replace(mark, "*") for one in suppliers],
            [(float(one["Total"]), len(one["SupplierInvoiceRows"])) for one in invoices],
            given == [str((export or {}).get("documentNumber"))],
        )


class OpterPayments:
    """Fortnox: a part payment of an exported invoice and one of the rest, booked there; read, saved, registered in Opter."""

    def __init__(self, world: OpterWorld) -> None:
        self.world = world
        world.declare(send="opter")
        world.sync()

    def sync(self) -> object:
        self._run(Wish())
        return self._run(Wish(save=True, who="anna"))

    def _run(self, wish: Wish) -> Any:
        return execute(begin_run(self.world.integration(), "payments", trigger="person", only=wish.only()).pk)

    def act(self, mark: str) -> None:
        number = number_of(mark)
        with self.world.undisturbed():
            self.world.invoice(number)
            self.world.pass_time(301)
            self.world.sync()
            if not self.world.held("invoices", number)["Booked"]:
                self.world.fortnox_call("PUT", f"/3/invoices/{number}/bookkeep")
            for amount in (500, 750):
                body = {"InvoiceNumber": int(number), "Amount": amount, "PaymentDate": "2026-10-01"}
                made = self.world.fortnox_call("POST", "/3/invoicepayments", {"InvoicePayment": body})["InvoicePayment"]
                self.world.fortnox_call("PUT", f"/3/invoicepayments/{made['Number']}/bookkeep")

    def books(self, mark: str) -> object:
        number = number_of(mark)
        registered = [one for one in self.world.opter.registrations() if one["invoiceNumber"] == number]
        invoice = self.world.opter.get("Invoices", number) if mark_known(self.world, number) else {"balance": None}
        return sorted((float(one["amount"]), one["definition"]) for one in registered), invoice["balance"]


def mark_known(world: OpterWorld, number: str) -> bool:
    """Say whether Opter has an invoice of that number."""
    return any(one["invoiceNumber"] == number for one in world.opter.all("Invoices"))
