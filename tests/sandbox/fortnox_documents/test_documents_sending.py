"""Mail, print, preview, reminders: GETs that act, and what they leave behind (Fortnox API, section 9.7)."""

from typing import Any

import pytest

from fortnox_rows import row

PATHS = [("invoices", "Invoice"), ("orders", "Order"), ("offers", "Offer")]


def sent_out(company: Any) -> list[tuple[str, str, str, str]]:
    return [(one["document"], one["number"], one["how"], one["to"]) for one in company.table("outbox").all()]


@pytest.mark.parametrize(("path", "one"), PATHS)
def test_a_get_of_email_sends_each_time(api: Any, company: Any, path: str, one: str) -> None:
    """A GET with an effect: two GETs are two mails."""
    made = api.post(path, one, CustomerNumber="1")
    assert made["EmailInformation"]["EmailAddressTo"] == "faktura@strom.example"
    for _ in range(2):
        assert api.get(f"{path}/1/email")[one]["Sent"] is True
    assert sent_out(company) == [(one, "1", "email", "faktura@strom.example")] * 2


@pytest.mark.parametrize(("path", "one"), PATHS)
def test_print_marks_as_sent_and_preview_does_not(api: Any, company: Any, path: str, one: str) -> None:
    api.post(path, one, CustomerNumber="1")
    for action, sent in (("preview", False), ("print", True)):
        response = api.call("GET", f"{path}/1/{action}")
        assert (response.status_code, response.headers["content-type"]) == (200, "application/pdf")
        assert response.content.startswith(b"%PDF-")
        assert api.get(f"{path}/1")[one]["Sent"] is sent
    assert sent_out(company) == [(one, "1", "print", "")]


@pytest.mark.parametrize(("path", "one"), PATHS)
def test_externalprint_marks_as_sent_and_sends_nothing(api: Any, company: Any, path: str, one: str) -> None:
    api.post(path, one, CustomerNumber="1")
    assert api.act(f"{path}/1/externalprint")["Sent"] is True
    assert sent_out(company) == []
    assert len(api.get(path, sent="true")[one + "s"]) == 1


def test_mail_needs_an_address_and_bank_details(api: Any, company: Any) -> None:
    api.invoice()
    company.set("bank_details", False)
    for action in ("email", "print"):
        api.refused("GET", f"invoices/1/{action}", 2000588, "Bankuppgifter saknas")
    company.set("bank_details", True)
    api.put("customers/1", "Customer", Email=None)
    api.invoice(EmailInformation={"EmailSubject": "Hej"})
    api.refused("GET", "invoices/2/email", 2000588, "E-postadress saknas på dokumentet.")
    assert sent_out(company) == []
    changed = api.put("invoices/2", "Invoice", EmailInformation={"EmailAddressTo": "ny@strom.example"})
    assert (changed["EmailInformation"]["EmailAddressTo"], changed["EmailInformation"]["EmailSubject"]) == (
        "ny@strom.example",
        "Hej",
    )


def test_addresses_come_from_the_customer_by_kind_of_document(api: Any) -> None:
    api.put(
        "customers/1",
        "Customer",
        EmailInvoice="f@strom.example",
        EmailInvoiceCC="kopia@strom.example",
        EmailOrder="o@strom.example",
    )
    invoice, order = api.invoice(), api.post("orders", "Order", CustomerNumber="1")
    mail = invoice["EmailInformation"]
    assert (mail["EmailAddressTo"], mail["EmailAddressCC"], mail["EmailAddressBCC"], mail["EmailAddressFrom"]) == (
        "f@strom.example", "kopia@strom.example", None, None,
    )  # fmt: skip
    assert (mail["EmailSubject"], mail["EmailBody"]) == ("Faktura 1 bifogas", " ")
    assert (order["EmailInformation"]["EmailAddressTo"], order["EmailInformation"]["EmailSubject"]) == (
        "o@strom.example",
        "Order 1 bifogas",
    )


def test_a_reminder_is_counted_and_only_for_what_is_overdue(api: Any, sandbox: Any, company: Any) -> None:
    api.invoice(row(), InvoiceDate="2026-01-01", DueDate="2026-01-15")
    text = "Fakturan kan inte påminnas, den är inte förfallen eller redan betald."
    api.refused("GET", "invoices/1/printreminder", 2000588, text)
    api.act("invoices/1/bookkeep")
    for _ in range(2):
        assert api.call("GET", "invoices/1/printreminder").content.startswith(b"%PDF-")
    found = api.get("invoices/1")["Invoice"]
    assert (found["Reminders"], found["LastRemindDate"], found["Sent"]) == (2, "2026-03-10", False)
    assert sent_out(company) == [("Invoice", "1", "printreminder", "")] * 2
    assert [event["type"] for event in sandbox.topics.events].count("reminder-sent-v1") == 2


@pytest.mark.parametrize("service", ["eprint", "einvoice"])
def test_letter_and_electronic_invoice_need_an_agreement(api: Any, company: Any, service: str) -> None:
    api.invoice(row())
    api.refused("GET", f"invoices/1/{service}", 2000588, "Kan inte skicka dokument om inte företaget är registrerat")
    company.set(service, True)
    assert api.get(f"invoices/1/{service}")["Invoice"]["Sent"] is True
    assert sent_out(company) == [("Invoice", "1", service, "")]


def test_the_customer_fills_what_is_left_out_and_an_empty_text_keeps_it_out(api: Any) -> None:
    """Fortnox API, section 12.14."""
    api.put(
        "customers/1", "Customer", DeliveryCity="Lund", OurReference="Anna", YourReference="Bo", InvoiceRemark="Tack",
        InvoiceFreight=49, InvoiceAdministrationFee="29", ShowPriceVATIncluded=True, TermsOfPayment="10", CountryCode="NO",
    )  # fmt: skip
    names = ("DeliveryCity", "OurReference", "YourReference", "Remarks", "Freight", "AdministrationFee", "VATIncluded", "Country")
    made = api.invoice()
    assert [made[name] for name in names] == ["Lund", "Anna", "Bo", "Tack", 49, 29, True, "Norway"]
    assert (made["TermsOfPayment"], made["DueDate"]) == ("10", "2026-03-20")
    bare = api.invoice(DeliveryCity="", OurReference="", Remarks="", Freight=0, AdministrationFee=0, VATIncluded=False)
    assert [bare[name] for name in names] == ["", "", "Bo", "", 0, 0, False, "Norway"]


def test_an_empty_text_leaves_and_null_clears(api: Any) -> None:
    """Fortnox API, section 5.1."""
    api.invoice(Comments="Intern", Remarks="Tryckt", DeliveryDate="2026-03-12")
    kept = api.put("invoices/1", "Invoice", Comments="", Remarks="")
    assert (kept["Comments"], kept["Remarks"]) == ("Intern", "Tryckt")
    cleared = api.put("invoices/1", "Invoice", Comments=None, Remarks="API_BLANK", DeliveryDate=None)
    assert (cleared["Comments"], cleared["Remarks"], cleared["DeliveryDate"]) == ("", "", None)


def test_a_new_date_moves_the_due_date_unless_it_is_sent(api: Any) -> None:
    api.invoice()
    assert api.put("invoices/1", "Invoice", InvoiceDate="2026-04-01")["DueDate"] == "2026-05-01"
    assert api.put("invoices/1", "Invoice", InvoiceDate="2026-04-02", DueDate="2026-04-03")["DueDate"] == "2026-04-03"


def test_another_customer_brings_its_own_data(api: Any, company: Any) -> None:
    company.load("customers", [{"CustomerNumber": "2", "Name": "Export AS", "VATType": "EXPORT", "City": "Oslo"}])
    api.invoice(row())
    made = api.put("invoices/1", "Invoice", CustomerNumber="2")
    assert (made["CustomerName"], made["City"]) == ("Export AS", "Oslo")


def test_whatever_is_put_or_posted_without_a_content_type_is_refused_actions_too_and_nothing_happens(api: Any) -> None:
    api.invoice({"ArticleNumber": "A1", "DeliveredQuantity": 1, "Price": 100})
    for path in ("invoices/1/bookkeep", "invoices/1/credit", "invoices/1/cancel", "invoices/1/externalprint", "invoices/1"):
        refused = api.call("PUT", path)
        assert (refused.status_code, refused.json()["ErrorInformation"]["code"]) == (400, 1000031), path
    assert api.call("POST", "invoices").json()["ErrorInformation"]["code"] == 1000031
    invoice = api.get("invoices/1")["Invoice"]
    assert (invoice["Booked"], invoice["Cancelled"], invoice["Sent"]) == (False, False, False)
    assert api.act("invoices/1/bookkeep")["Booked"] is True
