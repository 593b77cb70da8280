"""What a repair tells a person to do in the other system, a person does, and the record goes with the next run: a table, many in one world.

The tables of the shop and the CRMs stand in `test_repairs_in_crm.py`; that none is missing is tested in `test_repairs_all.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from mobigo_hub import MATERIAL, TIME, MobigoHub
from opter_hub import NORD, OpterHub
from repairs import Case, walk

# Opter --------------------------------------------------------------------------------------------------------------------------

FREIGHT = {"account": "3001", "text": "Styckegods", "net": Decimal(1000), "vatPercent": 25}


def invoice(number: str, **wrong: Any) -> Callable[[OpterHub], str]:
    return lambda hub: hub.invoice(number=number, **wrong)


def invoice_edit(**fields: Any) -> Callable[[OpterHub, str], object]:
    return lambda hub, id: hub.opter.edit("Invoices", id, **fields)


def other_customer(code: str, number: str, **wrong: Any) -> Callable[[OpterHub], str]:
    def spoil(hub: OpterHub) -> str:
        card = {
            **NORD,
            "customerCode": code,
            "customerNumber": "77" + number[-2:],
            "name": f"{code} AB",
            "organisationNumber": None,
        }
        hub.opter.load("Customers", [{**card, **wrong}])
        hub.invoice(number=number, customerCode=code)
        return code

    return spoil


def add_year(hub: OpterHub, id: str) -> None:
    year = {"FromDate": "2027-01-01", "ToDate": "2027-12-31", "AccountChartType": "BAS 2026", "AccountingMethod": "ACCRUAL"}
    hub.fortnox_call("POST", "/3/financialyears", {"FinancialYear": year})


def add_account(hub: OpterHub, id: str) -> None:
    hub.fortnox_call("POST", "/3/accounts", {"Account": {"Number": 3077, "Description": "Expressgods"}})


def add_cost_centre(hub: OpterHub, id: str) -> None:
    hub.fortnox_call("POST", "/3/costcenters", {"CostCenter": {"Code": "LUL", "Description": "Luleå"}})


def add_currency(hub: OpterHub, id: str) -> None:
    hub.fortnox_call(
        "POST", "/3/currencies", {"Currency": {"Code": "NOK", "Description": "Norsk krona", "BuyRate": 0.98, "SellRate": 0.98}}
    )


def other_total(number: str) -> Callable[[OpterHub], str]:
    def spoil(hub: OpterHub) -> str:
        hub.invoice(number=number)
        with hub.opter.lock:
            hub.opter.state.registers["Invoices"][number].values["total"] = Decimal(1300)
        return number

    return spoil


def card_edit(**fields: Any) -> Callable[[OpterHub, str], object]:
    return lambda hub, id: hub.opter.edit("Customers", id, **fields)


OPTER = (
    Case("Choose its customer in Opter.", invoice("100411", customerCode=""), invoice_edit(customerCode="NORD")),
    Case(
        "Let it be a credit in Opter, with the invoice that it credits, or correct its rows.",
        invoice("100412", net="-1000.00"),
        invoice_edit(coding=[FREIGHT]),
    ),
    Case(
        "Make the account coding of the invoice anew in Opter.",
        other_total("100413"),
        invoice_edit(coding=[FREIGHT]),
    ),
    Case(
        "Correct how the office makes OCR numbers in Opter (ocrType), or leave them out.",
        invoice("100414", ocrNumber="1004141"),
        invoice_edit(ocrNumber=""),
    ),
    Case(
        "Add {currency} to the currencies of Fortnox.",
        invoice("100415", currency="NOK", currencyRate=Decimal("0.98")),
        add_currency,
    ),
    Case(
        "Enter the rate of {currency} on the invoice in Opter.",
        invoice("100416", currency="EUR", currencyRate=None),
        invoice_edit(currencyRate=Decimal("11.25")),
    ),
    Case("Correct the kind where Opter's invoices are exported.", invoice("100417", kind="proforma"), invoice_edit(kind="invoice")),
    Case(
        "Export invoice {original} first.",
        invoice("100419", kind="credit", creditedInvoiceNumber="100420", net="-1000.00"),
        lambda hub, id: hub.invoice(number="100420"),
    ),
    Case(
        "Correct the organisation number of {name} in {system}.",
        other_customer("ORGNR", "100421", organisationNumber="556016-0681"),
        card_edit(organisationNumber="556016-0680"),
        goes=True,
    ),
    Case(
        "Correct the VAT number of {name} in {system}, with its country's letters.",
        other_customer("MOMS", "100422", vatNumber="SE12"),
        card_edit(vatNumber="SE556016068001"),
        goes=True,
    ),
    Case(
        "Correct the address of {name} in {system}: one address in the field.",
        other_customer("EPOST", "100423", email="a@b.example; c@d.example"),
        card_edit(email="a@b.example"),
        goes=True,
    ),
    Case(
        "Correct each of {values} of {name} in {system}.",
        other_customer("TVA", "100424", email="a@b@c", vatNumber="SE12"),
        card_edit(email="a@b.example", vatNumber=""),
        goes=True,
    ),
    Case(
        "Correct it in {system}. It is read again by itself.",
        invoice("100425", invoiceDate="i går"),
        invoice_edit(invoiceDate="2026-09-04"),
    ),
    Case("Close the invoice period in Opter.", invoice("100401", status="Open"), invoice_edit(status="Closed")),
    Case(
        "Add the account in Fortnox, or correct the account coding in Opter.",
        invoice("100403", coding=[{**FREIGHT, "account": "3077"}]),
        add_account,
    ),
    Case(
        "Add it in Fortnox under Register or Inställningar, or correct it in {system}.",
        invoice("100404", coding=[{**FREIGHT, "economicUnits": {"costCenter": "LUL"}}]),
        add_cost_centre,
    ),
    Case(
        "Correct the VAT of its rows in Opter.",
        invoice("100405", coding=[{**FREIGHT, "vat": Decimal(60)}]),
        invoice_edit(coding=[FREIGHT]),
    ),
    Case(
        "Give it a customer number in Opter, or let the customer code be the number (customer_number).",
        other_customer("UTAN", "100406", customerNumber=""),
        card_edit(customerNumber="7706"),
    ),
    Case(
        "Correct the currency's code in Opter: SEK, EUR, DKK.",
        other_customer("VALUTA", "100407", currency="kr"),
        lambda hub, id: hub.opter.edit("Customers", id, currency="SEK"),
    ),
    # Last: a new account goes into the latest financial year there is.
    Case(
        "Make the financial year in Fortnox under Inställningar, or correct the day in {system}.",
        invoice("100418", invoiceDate="2027-03-04", dueDate="2027-04-03"),
        add_year,
    ),
)


def test_what_opter_s_invoices_are_told_is_done_in_opter_and_in_fortnox(opter_hub: OpterHub) -> None:
    hub = opter_hub
    walk(hub, OPTER, lambda: hub.sync())
    assert len(hub.records("invoices")) == len(OPTER) + 1


# Mobigo -------------------------------------------------------------------------------------------------------------------------


def assignment(number: str, **wrong: Any) -> Callable[[MobigoHub], str]:
    given = {
        "customerNumber": "1042",
        "status": "Klart",
        "marked": True,
        "attested": True,
        "times": [TIME],
        "materials": [MATERIAL],
        **wrong,
    }
    return lambda hub: hub.mobigo.assignment(number, **given)


def assignment_edit(**fields: Any) -> Callable[[MobigoHub, str], object]:
    return lambda hub, id: hub.mobigo.edit("Assignments", id, **fields)


def longest(count: int) -> list[dict[str, Any]]:
    return [{**MATERIAL, "quantity": 1, "price": 1} for _ in range(count)]


def rows_edit(keep: int | None = None, **fields: Any) -> Callable[[MobigoHub, str], object]:
    """Correct the materials of an assignment, or keep only the first of them, as a person in the program would."""

    def mend(hub: MobigoHub, number: str) -> None:
        with hub.mobigo.lock:
            record = hub.mobigo.state.found("Assignments", number)
            del record.materials[len(record.materials) if keep is None else keep :]
            for row in record.materials:
                row.update(fields)
            hub.mobigo.state.changed(record)

    return mend


MOBIGO = (
    Case("Attest it in Mobigo, or switch only_attested off.", assignment("2011", attested=False), assignment_edit(attested=True)),
    Case(
        "Mark its times or materials as billable in Mobigo, and link its time types to articles.",
        assignment("2012", times=[], materials=[{**MATERIAL, "billable": False}]),
        rows_edit(billable=True),
    ),
    Case(
        "Divide it into several assignments in Mobigo.",
        assignment("2013", times=[], materials=longest(501)),
        rows_edit(1),
    ),
    Case(
        "Complete the row in Mobigo.",
        assignment("2014", materials=[{"articleNumber": "", "name": "", "quantity": 1, "price": 10}]),
        rows_edit(name="Packning"),
    ),
    Case("Correct the rows or the sum in Mobigo.", assignment("2015", total=Decimal(1)), assignment_edit(total=Decimal(1675))),
    Case(
        "Complete the row in Mobigo, or mark it as not billable.",
        assignment("2016", materials=[{**MATERIAL, "quantity": None}]),
        rows_edit(quantity=Decimal(4)),
    ),
    Case(
        "Set it to Klart in Mobigo, or switch only_completed off.",
        assignment("2001", status="Pågående"),
        assignment_edit(status="Klart"),
    ),
    Case("Choose its customer in Mobigo.", assignment("2002", customerNumber=None), assignment_edit(customerNumber="1042")),
    Case(
        "Make the customer in Fortnox with that number, or correct the assignment's customer in Mobigo.",
        assignment("2003", customerNumber="1099"),
        lambda hub, id: hub.fortnox.company.load("customers", [{"CustomerNumber": "1099", "Name": "Ny kund AB"}]),
    ),
    Case(
        "Make the article in Fortnox, correct the row in Mobigo, or switch create_missing_articles on.",
        assignment("2004", materials=[{**MATERIAL, "articleNumber": "299"}]),
        lambda hub, id: hub.fortnox.company.load("articles", [{"ArticleNumber": "299", "Description": "Ny", "Unit": "st"}]),
    ),
)


def test_what_mobigo_s_assignments_are_told_is_done_in_mobigo_and_in_fortnox(mobigo_hub: MobigoHub) -> None:
    hub = mobigo_hub
    hub.declare(only_completed=True, only_attested=True)
    walk(hub, MOBIGO, lambda: hub.sync("assignments"))
    assert len(hub.records("orders")) == len(MOBIGO)
