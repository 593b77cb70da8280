"""What Fortnox says no to on documents: code and message of each, and nothing is written."""

from typing import Any

import pytest

from fortnox_rows import row

UNKNOWN = 2000588  # stands in where only the text is known


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"CustomerNumber": "99"}, 2000204, "Kunde inte hämta/hitta kund (99)"),
        ({"CustomerNumber": "2"}, UNKNOWN, "Kund 2 är inte aktiv."),
        ({"CustomerNumber": None}, 2000699, "Värdet kan inte vara null. (customernumber)"),
        ({"InvoiceRows": [{"ArticleNumber": "X9", "DeliveredQuantity": "1"}]}, 2001302, "Kunde inte hitta artikel"),
        ({"InvoiceRows": [row(AccountNumber=3999)]}, 2001304, "Kunde inte hitta konto"),
        ({"InvoiceRows": [row(AccountNumber=3002)]}, 2000550, "Konto 3002 är inte aktivt"),
        ({"InvoiceRows": [row(VAT=19)]}, UNKNOWN, "Kunde inte hämta/hitta moms"),
        ({"InvoiceRows": [row(VAT="mycket")]}, 2000108, "Värdet måste vara numeriskt (mycket)"),
        ({"InvoiceRows": [{"price": 1}]}, 2001399, "Felaktigt fältnamn (price)"),
        ({"InvoiceRows": {"ArticleNumber": "A1"}}, 2002649, "Felaktig datastruktur."),
        ({"InvoiceRows": ["A1"]}, 2002649, "Felaktig datastruktur."),
        ({"InvoiceRows": [row(quantity="en")]}, 2000108, "Värdet måste vara numeriskt (en)"),
        ({"InvoiceRows": [row(Discount=101, DiscountType="PERCENT")]}, 2000108, "Värdet måste vara numeriskt (101)"),
        ({"InvoiceRows": [{"Total": 5}]}, 2001399, "Felaktigt fältnamn (Total)"),
        ({"Total": 5}, 2001399, "Felaktigt fältnamn (Total)"),
        ({"Balance": 5}, 2001399, "Felaktigt fältnamn (Balance)"),
        ({"VATType": "EXPORT"}, 2001399, "Felaktigt fältnamn (VATType)"),
        ({"YourReferenceNumber": "7"}, 2001399, "Felaktigt fältnamn (YourReferenceNumber)"),
        ({"Currency": "GBP"}, UNKNOWN, "Kunde inte hämta/hitta valuta"),
        ({"TermsOfPayment": "77"}, UNKNOWN, "Kunde inte hämta/hitta betalningsvillkor"),
        ({"WayOfDelivery": "ROR"}, UNKNOWN, "Kunde inte hämta/hitta leveranssätt"),
        ({"TermsOfDelivery": "ROR"}, UNKNOWN, "Kunde inte hämta/hitta leveransvillkor"),
        ({"PriceList": "Z"}, UNKNOWN, "Kunde inte hämta/hitta prislista"),
        ({"Project": "404"}, UNKNOWN, "Kunde inte hämta/hitta projekt"),
        ({"CostCenter": "GAM"}, 2000947, "Kostnadsställe GAM är inte aktivt"),
        ({"Labels": [{"Id": 404}]}, UNKNOWN, "Kunde inte hämta/hitta etikett"),
        ({"Country": "South Korea"}, 2000919, "Ogiltigt land: South Korea"),
        ({"DeliveryCountry": "SE"}, 2000919, "Ogiltigt land: SE"),
        ({"YourReference": "x" * 51}, 2001600, "Er referens är för lång (YourReference)"),
        ({"Comments": "x" * 1025}, 2001896, "Kommentaren är för lång (Comments)"),
        ({"ExternalInvoiceReference1": "x" * 81}, 2000107, "Värdet är för långt (ExternalInvoiceReference1)"),
        ({"InvoiceRows": [row(Description="x" * 256)]}, 2000107, "Värdet är för långt (Description)"),
        ({"Remarks": "snabbt -> fel"}, 2000359, "Värdet innehåller ej tillåtna tecken. (snabbt -> fel)"),
        ({"DocumentNumber": "7"}, UNKNOWN, "Fakturanummer 7 används redan."),
        ({"DocumentNumber": "F7"}, 2000108, "Värdet måste vara numeriskt (F7)"),
        ({"OCR": "75"}, UNKNOWN, "OCR-numret används redan"),
        (
            {"InvoiceType": "CASHINVOICE"},
            UNKNOWN,
            "Betalningssätt (PaymentWay) måste vara CASH, CARD eller AG på en kontantfaktura.",
        ),
        ({"InvoiceType": "GRATIS"}, UNKNOWN, "Ogiltig parameter i anropet."),
        ({"InvoiceDate": "2026-02-30"}, 2000359, "Värdet innehåller ej tillåtna tecken. (2026-02-30)"),
        ({"VATIncluded": "kanske"}, 2000134, "Värdet måste vara en boolean (kanske)"),
        ({"Currency": "EUR", "CurrencyRate": 0}, 2000108, "Värdet måste vara numeriskt (0)"),
    ],
)
def test_an_invoice_is_refused_with_its_code_and_leaves_nothing(
    api: Any, company: Any, fields: dict[str, Any], code: int, message: str
) -> None:
    company.load("customers", [{"CustomerNumber": "2", "Name": "Vilande", "Active": False}])
    company.load("costcenters", [{"Code": "GAM", "Description": "Gammal", "Active": False}])
    api.put("accounts/3002?financialyear=2", "Account", Active=False)
    api.invoice(DocumentNumber="7", OCR="75")
    wish = {"CustomerNumber": "1", **fields}
    api.refused("POST", "invoices", code, message, "Invoice", **wish)
    assert api.get("invoices")["MetaInformation"]["@TotalResources"] == 1


@pytest.mark.parametrize(
    ("reduction", "kind", "work", "code", "message"),
    [
        (
            "none", "CLEANING", True, 2004019,
            "Dokument utan angiven skattereduktionstyp får inte innehålla artikelrader med husarbetestyp.",
        ),
        (
            "rut", "CONSTRUCTION", True, 2004021,
            "Dokument med skattereduktionstypen 'rut' får inte innehålla rader med husarbetestypen 'CONSTRUCTION'.",
        ),
        ("rot", "OTHERCOSTS", True, 2002980, "Kan inte sätta typen övrig kostnad på en rad markerad som husarbete."),
        ("rut", "COOKING", True, 2003157, "Skattereduktion för den valda typen av husarbete har upphört."),
        ("rot", None, False, UNKNOWN, "Alla rader på ett dokument med skattereduktion måste ha en husarbetestyp."),
    ],
)  # fmt: skip
def test_house_work_of_the_wrong_kind_is_refused(
    api: Any, reduction: str, kind: str | None, work: bool, code: int, message: str
) -> None:
    rows = [{"ArticleNumber": "A1", "Quantity": "1", "HouseWork": work, **({"HouseWorkType": kind} if kind else {})}]
    api.refused("POST", "offers", code, message, "Offer", CustomerNumber="1", TaxReductionType=reduction, OfferRows=rows)


def test_house_work_inherited_from_the_article_is_refused_too(api: Any) -> None:
    api.post("articles", "Article", ArticleNumber="S", Description="Städ", Housework=True, HouseworkType="CLEANING")
    text = "Dokument utan angiven skattereduktionstyp får inte innehålla artikelrader med husarbetestyp."
    rows = [{"ArticleNumber": "S", "DeliveredQuantity": "1"}]
    api.refused("POST", "invoices", 2004019, text, "Invoice", CustomerNumber="1", InvoiceRows=rows)


def test_house_work_in_another_currency_is_refused(api: Any) -> None:
    api.refused(
        "POST", "invoices", UNKNOWN, "Dokument med skattereduktion måste vara i SEK.", "Invoice",
        CustomerNumber="1", Currency="EUR", TaxReductionType="rot",
    )  # fmt: skip


def test_clearing_the_work_flag_on_a_document_without_reduction_fails(api: Any) -> None:
    """Fortnox API, section 9.5: it stamps EMPTYHOUSEWORK."""
    api.invoice(row(HouseWork=True, HouseWorkType="CLEANING"), TaxReductionType="rut")
    text = "Dokument utan angiven skattereduktionstyp får inte innehålla artikelrader med husarbetestyp."
    rows = [{"HouseWork": False}]
    api.refused("PUT", "invoices/1", 2004019, text, "Invoice", TaxReductionType="none", InvoiceRows=rows)
    changed = api.put("invoices/1", "Invoice", TaxReductionType="none", InvoiceRows=[{"HouseWork": False, "HouseWorkType": None}])
    assert (changed["TaxReduction"], changed["TotalToPay"]) == (None, 125)


def test_booking_is_refused_with_its_reason(api: Any, company: Any) -> None:
    def refuse(code: int, message: str, **fields: Any) -> None:
        number = api.invoice(row(), **fields)["DocumentNumber"]
        api.refused("PUT", f"invoices/{number}/bookkeep", code, message.replace("{n}", number))
        assert api.get(f"invoices/{number}")["Invoice"]["Booked"] is False

    ready = "Kunde inte bokföra fakturanummer {n}. Faktura som bokförs måste vara klarmarkerad."
    refuse(2003498, ready, NotCompleted=True)
    refuse(UNKNOWN, "Räkenskapsår saknas för valt datum.", InvoiceDate="2019-05-01")
    company.set("locked_until", "2026-01-31")
    refuse(2002141, "Fakturadatumet ligger i en låst period.", InvoiceDate="2026-01-31")
    company.put("predefinedaccounts", "ADMFEE", {"Name": "ADMFEE", "Account": 0})
    text = "Kunde inte bokföra fakturanummer. Förvalt konto för fakturaavgift saknas."
    refuse(UNKNOWN, text, AdministrationFee=50)
    api.put("accounts/1510?financialyear=2", "Account", Active=False)
    refuse(2000550, "Konto 1510 är inte aktivt")
    api.put("accounts/1510?financialyear=2", "Account", Active=True)
    api.put("accounts/3001?financialyear=2", "Account", CostCenterSettings="MANDATORY")
    refuse(2000946, "Kostnadsställe är obligatoriskt på konto 3001")
    api.put("accounts/3001?financialyear=2", "Account", CostCenterSettings="ALLOWED", ProjectSettings="MANDATORY")
    refuse(UNKNOWN, "Projekt är obligatoriskt på konto 3001")
    assert api.get("vouchers", financialyear=2)["Vouchers"] == []


def test_a_charged_row_needs_a_text_before_booking(api: Any) -> None:
    api.invoice({"DeliveredQuantity": "1", "Price": 5})
    api.refused("PUT", "invoices/1/bookkeep", 2003977, "En rad med antal saknar benämning eller artikel")


def test_the_warehouse_wants_invoices_marked_ready(api: Any, company: Any) -> None:
    company.set("warehouse", True)
    api.post("articles", "Article", ArticleNumber="L", Description="Lager", StockGoods=True)
    made = api.invoice({"ArticleNumber": "L", "DeliveredQuantity": "1", "Price": 5}, OutboundDate="2026-03-11")
    assert made["WarehouseReady"] is False
    text = "Kunde inte bokföra fakturanummer 1. Faktura som bokförs måste vara klarmarkerad."
    api.refused("PUT", "invoices/1/bookkeep", 2003498, text)
    api.refused("PUT", "invoices/1/warehouseready", 2003126, "Utleveransdatum kan inte vara senare än dagens datum")
    api.put("invoices/1", "Invoice", OutboundDate="2026-03-10")
    assert api.act("invoices/1/warehouseready")["WarehouseReady"] is True
    api.refused("PUT", "invoices/1", 2003125, "Ett klarmarkerat dokument kan inte ändras", "Invoice", Comments="x")
    assert api.act("invoices/1/bookkeep")["Booked"] is True


def test_the_cash_method_locks_a_sent_invoice_but_for_its_due_date(api: Any, company: Any) -> None:
    company.set("accounting_method", "CASH")
    api.invoice(row())
    api.act("invoices/1/externalprint")
    text = "Fakturan är skickad och kan inte ändras."
    api.refused("PUT", "invoices/1", UNKNOWN, text, "Invoice", DueDate="2026-05-01", Comments="x")
    assert api.put("invoices/1", "Invoice", DueDate="2026-05-01")["DueDate"] == "2026-05-01"


@pytest.mark.parametrize(
    ("fields", "code", "message", "status"),
    [
        ({"InvoiceNumber": 99, "Amount": 1}, 2000434, "Kan inte hitta fakturan.", 404),
        ({"Amount": 1}, 2000699, "Värdet kan inte vara null. (invoicenumber)", 400),
        ({"InvoiceNumber": 1, "Amount": 0}, UNKNOWN, "Beloppet kan inte vara 0.", 400),
        ({"InvoiceNumber": 2, "Amount": 1}, UNKNOWN, "Fakturan är inte bokförd.", 400),
        ({"InvoiceNumber": 3, "Amount": 1}, UNKNOWN, "Fakturan är makulerad.", 400),
        (
            {"InvoiceNumber": 1, "Amount": 1, "PaymentDate": "2026-03-09"},
            UNKNOWN, "The payment date cannot precede the invoice date", 400,
        ),
        (
            {"InvoiceNumber": 1, "Amount": 1, "Currency": "EUR"},
            UNKNOWN, "Currency EUR and Currency SEK does not match", 400,
        ),
        ({"InvoiceNumber": 1, "Amount": 1, "ModeOfPayment": "X"}, UNKNOWN, "Kunde inte hämta/hitta betalningssätt", 400),
        ({"InvoiceNumber": 1, "Amount": 1, "ModeOfPaymentAccount": 1999}, 2001304, "Kunde inte hitta konto", 400),
        (
            {"InvoiceNumber": 1, "Amount": 1, "WriteOffs": [{"AccountNumber": 3999, "Amount": 1}]},
            2001304, "Kunde inte hitta konto", 400,
        ),
    ],
)  # fmt: skip
def test_a_payment_is_refused_with_its_reason(api: Any, fields: dict[str, Any], code: int, message: str, status: int) -> None:
    for _ in range(3):
        api.invoice(row())
    api.act("invoices/1/bookkeep")
    api.act("invoices/3/cancel")
    api.refused("POST", "invoicepayments", code, message, "InvoicePayment", status=status, **fields)
    assert api.get("invoicepayments")["InvoicePayments"] == []


def test_a_payment_in_a_locked_period_is_refused_when_booked(api: Any, company: Any) -> None:
    api.invoice(row())
    api.act("invoices/1/bookkeep")
    api.post("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=125)
    company.set("locked_until", "2026-03-31")
    api.refused("PUT", "invoicepayments/1/bookkeep", 2000401, "Företaget har låst perioden t.o.m. 2026-03-31")
    assert api.get("invoices/1")["Invoice"]["Balance"] == 125


def test_documents_that_are_not_there_are_404(api: Any) -> None:
    for path, code, message in (
        ("invoices/9", 2000434, "Kan inte hitta fakturan."),
        ("orders/9", 2000439, "Kan inte hitta ordern."),
        ("invoices/9/bookkeep", 2000434, "Kan inte hitta fakturan."),
    ):
        api.refused("PUT" if "bookkeep" in path else "GET", path, code, message, status=404)
    api.refused("DELETE", "invoices/9", 2000764, "no such route", status=404)


def test_an_order_number_that_is_taken_has_its_own_code(api: Any) -> None:
    api.post("orders", "Order", CustomerNumber="1", DocumentNumber="12345678901")
    api.refused(
        "POST", "orders", 2000861, "Ordernummer 12345678901 används redan.", "Order",
        CustomerNumber="1", DocumentNumber="12345678901",
    )  # fmt: skip
    assert api.post("orders", "Order", CustomerNumber="1")["DocumentNumber"] == "12345678902"


def test_what_is_cut_and_what_is_refused(api: Any) -> None:
    """Fortnox API, section 5: no single rule for what is too long."""
    made = api.post("orders", "Order", CustomerNumber="1", YourOrderNumber="x" * 70, DeliveryAddress1="y" * 90)
    assert (len(made["YourOrderNumber"]), len(made["DeliveryAddress1"])) == (30, 60)


def test_contracts_and_accruals_are_refused_on_purpose(api: Any) -> None:
    text = "Det finns ingen aktiv licens för önskat scope"
    for path in ("contracts", "contracttemplates", "contractaccruals", "invoiceaccruals", "supplierinvoiceaccruals"):
        api.refused("GET", path, 2001101, text, status=403)


def test_a_wrong_verb_on_an_action_is_refused(api: Any) -> None:
    api.invoice(row())
    api.refused("GET", "invoices/1/bookkeep", UNKNOWN, "Felaktig action på faktura (GET).")
    api.refused("PUT", "invoices/1/email", UNKNOWN, "Felaktig action på faktura (PUT).")


def test_the_last_days_of_the_calendar_are_taken(api: Any) -> None:
    assert api.invoice(InvoiceDate="9999-12-30")["DueDate"] == "9999-12-31"
    assert api.post("offers", "Offer", CustomerNumber="1", OfferDate="9999-12-30")["ExpireDate"] == "9999-12-31"


def test_a_cancelled_invoice_keeps_its_number_and_takes_nothing(api: Any) -> None:
    api.invoice(row())
    assert api.act("invoices/1/cancel")["Balance"] == 0
    api.refused("PUT", "invoices/1", UNKNOWN, "Fakturan är makulerad och kan inte ändras.", "Invoice", Comments="x")
    api.refused("PUT", "invoices/1/bookkeep", UNKNOWN, "Fakturan är makulerad och kan inte bokföras.")
    api.refused("PUT", "invoices/1/credit", UNKNOWN, "Fakturan är makulerad och kan inte krediteras.")
    api.refused("PUT", "invoices/1/cancel", UNKNOWN, "Fakturan är redan makulerad.")
    assert api.invoice()["DocumentNumber"] == "2"


def test_an_invoice_with_a_payment_is_not_cancelled(api: Any, company: Any) -> None:
    company.set("accounting_method", "CASH")
    api.invoice(row())
    api.post("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=5)
    api.refused("PUT", "invoices/1/cancel", UNKNOWN, "Fakturan har betalningar och kan inte makuleras.")


@pytest.mark.parametrize(("field", "thing"), [("Project", "projekt"), ("CostCenter", "kostnadsställe")])
def test_a_row_with_a_dimension_that_no_register_has_is_refused(api: Any, company: Any, field: str, thing: str) -> None:
    text = f"Kunde inte hämta/hitta {thing}"
    api.refused("POST", "invoices", 2000588, text, "Invoice", CustomerNumber="1", InvoiceRows=[row(**{field: "77"})])
    api.refused("POST", "offers", 2000588, text, "Offer", CustomerNumber="1", OfferRows=[{"Description": "x", field: "77"}])
    company.load("suppliers", [{"SupplierNumber": "1", "Name": "Grossist AB"}])
    goods = [{"Account": 4010, "Debit": 100, field: "77"}]
    api.refused(
        "POST", "supplierinvoices", 2000588, text, "SupplierInvoice", SupplierNumber="1", Total="100", SupplierInvoiceRows=goods
    )
