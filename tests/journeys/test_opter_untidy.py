"""Opter's invoices on untidy data: every one becomes exactly what Opter says, or waits with the reason (rows OPT-01, OPT-26)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from brygga.clients.limits import Unlimited
from brygga_sandbox import fortnox as fortnox_sandbox
from opter_hub import OpterHub


@pytest.fixture
def folder_hub(sqlite_database: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[OpterHub]:
    """A hub between a Fortnox and a folder of Opter's files."""
    (tmp_path / "in").mkdir()
    with fortnox_sandbox.running(rate_limit=False) as fortnox:
        monkeypatch.setattr("brygga.sync.open.Permits", lambda budget, **window: Unlimited())
        monkeypatch.setenv("FORTNOX_CLIENT_ID", fortnox.client_id)
        monkeypatch.setenv("FORTNOX_CLIENT_SECRET", fortnox.client_secret)
        monkeypatch.setenv("OPTER_KEY", "-")
        folder: Any = type("Folder", (), {"base_url": tmp_path.as_uri(), "path": tmp_path, "requests": []})()
        made = OpterHub(sqlite_database.home, fortnox, folder)
        made.declare(send="opter")
        yield made


def file_of(hub: Any, rows: str, *, number: str = "100353", more: str = "") -> None:
    """Let Opter export one invoice with these rows."""
    text = (
        f'<OpterInvoices version="1"><Invoice number="{number}" date="2026-09-04" due="2026-10-04" {more}>'
        '<Customer code="NORD" number="1042" name="Nordbygg AB" organisationNumber="556016-0680">'
        '<Address street="Storgatan 1" postalCode="972 38" city="Luleå" countryCode="SE"/></Customer>'
        f"{rows}</Invoice></OpterInvoices>"
    )
    (hub.opter.path / "in" / f"{number}.xml").write_text(text, encoding="utf-8")


def told(hub: OpterHub) -> list[str]:
    """Return the text of what waits or failed among customers and invoices."""
    return [problem["text"] for problem in hub.problems("customers", "hold", "failed", "question")]


def total(record: Any) -> Decimal:
    """Return what an invoice of Fortnox comes to before it is rounded to whole kronor."""
    return Decimal(str(record["Total"])) - Decimal(str(record["RoundOff"]))


# One rounding --------------------------------------------------------------------------------------------------------------


def test_u24_half_an_ore_of_vat_from_a_file_goes_up_and_the_invoice_is_booked(folder_hub: OpterHub) -> None:
    """U24: 1234.50 at 25 percent is 308.63 of VAT; an even half left the invoice unbooked and blamed Opter."""
    hub = folder_hub
    file_of(hub, '<Coding account="3001" text="Styckegods" net="1234.50" vatPercent="25"/>')
    hub.sync()
    invoice = hub.held("invoices", "100353")
    assert (Decimal(str(invoice["TotalVAT"])), total(invoice), invoice["Booked"]) == (Decimal("308.63"), Decimal("1543.13"), True)
    assert told(hub) == []


def test_vat_of_rows_that_say_none_is_reckoned_on_the_sum_of_their_rate(folder_hub: OpterHub) -> None:
    """U24's sibling: three rows of 99.99 are 74.99 of VAT on their sum, not three times 25.00."""
    hub = folder_hub
    rows = '<Coding account="3001" text="Bud" net="99.99" vatPercent="25"/>'
    file_of(hub, rows * 3)
    hub.sync()
    invoice = hub.held("invoices", "100353")
    assert (Decimal(str(invoice["TotalVAT"])), invoice["Booked"], told(hub)) == (Decimal("74.99"), True, [])


# Cards, rates and what lacks -----------------------------------------------------------------------------------------------


def test_u5_a_discount_on_the_customer_s_card_takes_nothing_off_an_invoice(opter_hub: OpterHub) -> None:
    """U5: 1000 net is 1250; a card with 10 percent, freight and fee made it 1222.50."""
    hub = opter_hub
    hub.sync()
    card = {
        "CustomerNumber": "1042", "Name": "Nordbygg AB", "OrganisationNumber": "556016-0680", "InvoiceDiscount": 10,
        "InvoiceFreight": 49, "InvoiceAdministrationFee": 29, "ShowPriceVATIncluded": True,
    }  # fmt: skip
    hub.fortnox_call("POST", "/3/customers", {"Customer": card})
    hub.declare(send="opter")
    hub.invoice()
    hub.sync()
    invoice = hub.held("invoices", "100353")
    assert (total(invoice), invoice["Booked"], told(hub)) == (1250, True, [])


def test_invoice_in_euro_without_a_rate_waits(folder_hub: OpterHub) -> None:
    """Kind 8: no rate is not a rate of 1; with one it goes."""
    hub = folder_hub
    hub.fortnox_call("PUT", "/3/currencies/EUR", {"Currency": {"BuyRate": 11.25}})
    row = '<Coding account="3308" text="Bud" net="100.00" vatPercent="0"/>'
    file_of(hub, row, more='currency="EUR"')
    hub.sync()
    assert told(hub) == ["Invoice 100353 is in EUR and has no exchange rate in Opter."]
    file_of(hub, row, more='currency="EUR" rate="11,40"')
    hub.sync()
    assert Decimal(str(hub.held("invoices", "100353")["CurrencyRate"])) == Decimal("11.4")


@pytest.mark.parametrize(
    ("more", "row", "said"),
    [
        ('kind="kredit"', 'net="100.00" vatPercent="25"', "is of the kind kredit, which is none of invoice, credit, interest."),
        ('ocr="10035385"', 'net="100.00" vatPercent="25"', "its OCR number 10035385 is none"),
        ("", 'net="100.00" vatPercent="25" vat="6.00"', "VAT at 25 % is 6.00 in Opter, and 100.00 at that rate gives 25.00."),
        ("", 'net="100.005" vatPercent="25"', "Fortnox keeps two decimals, and 100.005 has more."),
    ],
)
def test_invoice_that_says_what_cannot_be_waits_with_the_value_named(folder_hub: OpterHub, more: str, row: str, said: str) -> None:
    """Kinds 6, 10 and 14: an unknown kind, a wrong check digit, VAT that is not its rate's, parts of an öre; nothing is made."""
    hub = folder_hub
    file_of(hub, f'<Coding account="3001" text="Bud" {row}/>', more=more)
    hub.sync()
    assert [said in text for text in told(hub)] == [True], told(hub)
    assert hub.records("invoices") == []


def test_missing_cost_centre_holds_its_own_invoice_and_the_others_go(opter_hub: OpterHub) -> None:
    """Kind 11: 38 of 62 of Opter's own invoices were stopped by a raw refusal; made in Fortnox, the invoice goes."""
    hub = opter_hub
    coding = [{"account": "3001", "text": "Bud", "net": Decimal(100), "vatPercent": 25, "economicUnits": {"costCenter": "LUL"}}]
    hub.invoice(coding=coding)
    hub.invoice("100354")
    hub.sync()
    [text] = told(hub)
    assert "100353" in text
    assert "LUL" in text
    assert [one["DocumentNumber"] for one in hub.records("invoices")] == ["100354"]
    hub.fortnox_call("POST", "/3/costcenters", {"CostCenter": {"Code": "LUL", "Description": "Luleå"}})
    hub.sync()
    assert (sorted(one["DocumentNumber"] for one in hub.records("invoices")), told(hub)) == (["100353", "100354"], [])


def test_invoice_below_nothing_that_is_no_credit_waits_and_the_credit_goes(folder_hub: OpterHub) -> None:
    """Kind 1: a negative invoice is no invoice in Fortnox; it waits, with what can be done."""
    hub = folder_hub
    file_of(hub, '<Coding account="3001" text="Avdrag" net="-100.00" vatPercent="25"/>')
    hub.sync()
    assert hub.records("invoices") == []
    assert ["comes to -125.00, and is no credit" in text for text in told(hub)] == [True], told(hub)


def test_two_invoices_of_a_customer_that_moved_bear_each_its_own_address(folder_hub: OpterHub) -> None:
    """Kind 4: the file of each invoice says where it is to; the newer one changed the card, and the older invoice is as it was."""
    hub = folder_hub
    for number, street in (("100353", "Storgatan 1"), ("100354", "Nygatan 9")):
        file_of(hub, '<Coding account="3001" text="Styckegods" net="100.00" vatPercent="25"/>', number=number)
        file = hub.opter.path / "in" / f"{number}.xml"
        file.write_text(file.read_text(encoding="utf-8").replace("Storgatan 1", street), encoding="utf-8")
    items = hub.sync()["items"]
    assert [str(one["message"]).partition(". Each")[0] for one in items if one["kind"] == "invoice" and one["message"]] == [
        "Invoice 100354 is to Nordbygg AB (NORD) at “Nygatan 9, 972 38, Luleå, SE”, and invoice 100353 before it to “Storgatan 1, 972 38, Luleå, SE”"
    ]
    held = {str(one["DocumentNumber"]): one for one in hub.records("invoices")}
    assert {number: one["Address1"] for number, one in held.items()} == {"100353": "Storgatan 1", "100354": "Nygatan 9"}
    assert {(one["ZipCode"], one["City"], one["CustomerName"]) for one in held.values()} == {("972 38", "Luleå", "Nordbygg AB")}
    assert told(hub) == []
    hub.clear()
    hub.age()
    hub.sync()
    assert (hub.fortnox_writes(), told(hub)) == ([], [])


# Rows and accounts -----------------------------------------------------------------------------------------------------------


def test_rows_of_one_account_keep_their_own_texts_and_sums_where_that_is_chosen(folder_hub: OpterHub) -> None:
    """Kind 9: Opter's own export joins the texts of an account (systems.md 6.2); chosen so, each text is a row, also when one is renamed."""
    hub = folder_hub
    hub.declare(send="by_hand", invoice_rows="text")
    row = '<Coding account="3001" text="{}" net="{}" vatPercent="25"/>'
    rows = [("Styckegods", "100.00"), ("Kranbil", "40.00"), ("Styckegods", "60.00")]
    file_of(hub, "".join(row.format(*one) for one in rows))
    hub.sync()
    shown = [(one["Description"], float(one["Price"])) for one in hub.held("invoices", "100353")["InvoiceRows"]][1:]
    assert shown == [("Styckegods", 160), ("Kranbil", 40)]
    file_of(hub, "".join(row.format(*one) for one in [rows[0], ("Kranbil 3 tim", "40.00"), rows[2]]))
    hub.age()
    hub.sync()
    shown = [(one["Description"], float(one["Price"])) for one in hub.held("invoices", "100353")["InvoiceRows"]][1:]
    assert (shown, told(hub)) == ([("Styckegods", 160), ("Kranbil 3 tim", 40)], [])


@pytest.mark.performs("Correct the account or the rate of the row, or the VAT code of account {account} in Fortnox.")
def test_row_on_an_account_of_another_rate_waits_and_goes_when_it_is_corrected(opter_hub: OpterHub) -> None:
    """Kind 7: 25 percent on 3003, which stands for 6 in Fortnox, puts revenue and VAT into different boxes; the others go."""
    hub = opter_hub
    wrong = {"account": "3003", "text": "Bud", "net": Decimal(100), "vatPercent": 25}
    hub.invoice(coding=[{"account": "3001", "text": "Bud", "net": Decimal(100), "vatPercent": 25}, wrong])
    hub.invoice("100354")
    hub.invoice("100355", coding=[{**wrong, "vatPercent": 0}])
    hub.sync()
    assert [one["DocumentNumber"] for one in hub.records("invoices")] == ["100354"]
    assert ["account 3003 stands for 6 % in Fortnox" in text for text in told(hub)] == [True, True], told(hub)
    assert "25 % VAT" in "".join(told(hub))
    for number in ("100353", "100355"):
        hub.opter.edit("Invoices", number, coding=[{**wrong, "account": "3001"}])
    hub.age()
    hub.sync()
    assert (sorted(one["DocumentNumber"] for one in hub.records("invoices")), told(hub)) == (["100353", "100354", "100355"], [])


def test_u21_a_customer_with_untidy_numbers_is_written_as_the_rules_say_and_a_card_of_defaults_fills_nothing(
    opter_hub: OpterHub,
) -> None:
    """U21, kind 1: 111 22 and 556042-7220 cross the border; terms may come from the card, amounts, remark and delivery address never do."""
    hub = opter_hub
    untidy = {"street": "Storgatan 1", "postalCode": "SE-111 22", "city": "Stockholm", "countryCode": "SE"}
    hub.opter.load("Customers", [{"customerCode": "SPRID", "customerNumber": "1077", "name": "Spridd AB", "organisationNumber": "556 042 72 20",
                                  "postalAddress": untidy}])  # fmt: skip
    hub.invoice(customerCode="SPRID")
    hub.sync()
    [made] = [body["Customer"] for method, path, body in hub.fortnox_writes() if (method, path) == ("POST", "/3/customers")]
    assert (made["ZipCode"], made["OrganisationNumber"]) == ("111 22", "556042-7220")
    card = {"InvoiceFreight": "49", "InvoiceAdministrationFee": "29", "InvoiceDiscount": 10, "ShowPriceVATIncluded": True,
            "TermsOfPayment": "10", "InvoiceRemark": "Ring", "DeliveryName": "Lager", "DeliveryCity": "Luleå"}  # fmt: skip
    with hub.fortnox.lock:
        hub.fortnox.company.put("customers", "1077", {**hub.held("customers", "1077"), **card})
        hub.fortnox.company.commit()
    hub.invoice("100354", customerCode="SPRID")
    hub.age()
    hub.sync()
    for number in ("100353", "100354"):
        held = hub.held("invoices", number)
        assert (held["Net"], total(held), held["VATIncluded"], held["Freight"], held["AdministrationFee"]) == (
            1000,
            1250,
            False,
            0,
            0,
        )
        assert (held["Remarks"], held["DeliveryName"], held["DeliveryCity"]) == ("", "", "")
    assert told(hub) == []
