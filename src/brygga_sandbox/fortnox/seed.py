"""What a new company has: year, chart of accounts, VAT, series, terms, units, currencies, price list, templates.

Registers as recorded of a test company (Fortnox API, section 9.14). No customers, articles or documents: those are
loaded by whoever needs them.
"""

import csv
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Record

NAMES = ("Bryggeriet i Norrköping AB", "Åkeri Ström & Söner AB", "Lindqvist Service AB", "Öbergs Handel AB")
ORGANISATION_NUMBERS = ("556036-0793", "556012-5790", "556703-7485", "556074-7569")
TERMS_OF_PAYMENT = {
    "0": "Kontant 0 dagar",
    "10": "10 dagar",
    "14": "14 dagar",
    "15": "15 dagar",
    "20": "20 dagar",
    "30": "30 dagar",
    "60": "60 dagar",
    "AG": "Autogiro",
    "K": "Kontant",
    "PF": "Postförskott",
}
UNITS = {
    "förp": ("förpackning", "pack"),
    "h": ("timmar", "h"),
    "km": ("Kilometer", "km"),
    "st": ("styck", "pcs"),
    "utl": ("Utlägg", "exp"),
}
CURRENCIES = {"SEK": ("Svenska kronor", "1"), "EUR": ("Euro", "11.25"), "USD": ("US-dollar", "10.4")}
TERMS_OF_DELIVERY = {"FVL": "Fritt vårt lager", "FKL": "Fritt kundens lager", "CIF": "Kostnad försäkring frakt"}
WAYS_OF_DELIVERY = {"B": "Brev", "H": "Hämtas", "P": "Post", "BUD": "Bud"}
MODES_OF_PAYMENT = {"BG": ("Bankgiro", 1930), "PG": ("Plusgiro", 1920), "KT": ("Kontant", 1910), "KK": ("Kontokort", 1686)}
TEMPLATES = (
    ("invoice", "st", "Standard faktura"),
    ("invoice", "ik", "Kontantfaktura"),
    ("order", "oc", "Orderbekräftelse"),
    ("offer", "of", "Offert"),
)
VOUCHER_SERIES = {
    "A": ("Manuella verifikationer", True),
    "B": ("Kundfakturor", False),
    "C": ("Inbetalningar", False),
    "D": ("Leverantörsfakturor", False),
    "E": ("Utbetalningar", False),
    "F": ("Kontantfakturor", False),
    "G": ("Periodiseringar", False),
    "L": ("Lön", True),
}
PREDEFINED_SERIES = {
    "ACCRUAL": "G",
    "ASSET": "A",
    "CASHINVOICE": "F",
    "EXPENSE": "A",
    "INVOICE": "B",
    "INVOICEPAYMENT": "C",
    "MANUAL": "A",
    "PERIODICALCLOSING": "A",
    "PRODUCT": "A",
    "SALARY": "L",
    "SUPPLIERINVOICE": "D",
    "SUPPLIERPAYMENT": "E",
    "VAT": "A",
}
# Accounts besides the data file that predefined accounts and normal bookkeeping need.
MORE_ACCOUNTS = {
    1220: "Inventarier och verktyg",
    1630: "Avräkning för skatter och avgifter (skattekonto)",
    1790: "Övriga förutbetalda kostnader och upplupna intäkter",
    1940: "Övriga bankkonton",
    2081: "Aktiekapital",
    2091: "Balanserad vinst eller förlust",
    2099: "Årets resultat",
    2615: "Utgående moms import av varor, 25 %",
    2617: "Utgående moms omvänd betalningsskyldighet varor och tjänster i Sverige, 25 %",
    2640: "Ingående moms",
    2990: "Övriga upplupna kostnader och förutbetalda intäkter",
    3990: "Övriga ersättningar och intäkter",
    4000: "Inköp av varor från Sverige",
    4011: "Inköp av handelsvaror, konto av Fortnox",
    4730: "Erhållna rabatter",
    5010: "Lokalhyra",
    5710: "Frakter, transporter och försäkringar vid varudistribution",
    6110: "Kontorsmateriel",
    7010: "Löner till kollektivanställda",
    8999: "Årets resultat",
}
# Accounts of names whose usual account the reference tells without having observed it.
USUAL = {"BG": 1930, "PG": 1920, "CUSTCLAIM": 1510, "INVAT": 2641, "PRODUCT_CRE": 2614, "CONSTRUCTION_CRE": 2614}
EASY_VAT = {"SALES_25_SE": 3001, "SALES_12_SE": 3002, "SALES_6_SE": 3003, "SALES_0_SE": 3004}


@cache
def _data(name: str) -> list[dict[str, str]]:
    text = files("brygga_sandbox.fortnox").joinpath(f"data/{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def fill_company(company: Company, number: int = 0) -> None:
    """Fill a fresh company; `number` chooses among names and organisation numbers."""
    _company(company, number)
    _years_and_accounts(company)
    _predefined(company)
    _choices(company)


def _company(company: Company, number: int) -> None:
    name = NAMES[number % len(NAMES)] if number < len(NAMES) else f"Företag {number} AB"
    organisation = ORGANISATION_NUMBERS[number % len(ORGANISATION_NUMBERS)]
    address = {"Address": "Kungsgatan 12", "City": "Norrköping", "CountryCode": "SE", "ZipCode": "602 24"}
    visit = {"VisitAddress": "Kungsgatan 12", "VisitCity": "Norrköping", "VisitCountryCode": "SE", "VisitZipCode": "60224"}
    company.set("information", {**address, **visit, "CompanyName": name, "OrganizationNumber": organisation})
    company.set(
        "company_settings",
        {
            **address,
            **visit,
            "Name": name,
            "OrganizationNumber": organisation,
            "VATNumber": f"SE{organisation.replace('-', '')}01",
            "BG": "5050-1055",
            "PG": "",
            "IBAN": "SE3550000000054910000003",
            "BIC": "ESSESESS",
            "Country": "Sverige",
            "VisitCountry": "Sverige",
            "Domicile": "Norrköping",
            "ContactFirstName": "Anna",
            "ContactLastName": "Ek",
            "Email": "info@foretaget.example",
            "Phone1": "011-10 00 00",
            "TaxEnabled": True,
        },
    )
    user: dict[str, Any] = {"Id": "1", "Name": "Anna Ek", "Email": "anna@foretaget.example", "SysAdmin": True, "Locale": "sv_SE"}
    company.set("user", user)


def _years_and_accounts(company: Company) -> None:
    this = company.today().year
    for year in (this - 1, this):
        add_year(company, date(year, 1, 1), date(year, 12, 31))
    for name in ("BAS 2025", "BAS 2026"):
        company.put("accountcharts", name, {"Name": name})


def add_year(company: Company, first: date, last: date) -> int:
    """Add a financial year with the chart of accounts and the voucher series; return its id."""
    number = company.count("financialyears")
    record = {"Id": number, "FromDate": first.isoformat(), "ToDate": last.isoformat(), "AccountChartType": "BAS 2026"}
    company.put("financialyears", str(number), {**record, "AccountingMethod": company["accounting_method"]})
    for row in _data("accounts"):
        put_account(company, number, int(row["number"]), row["description"], row["vat_code"] or None)
    for account, description in MORE_ACCOUNTS.items():
        put_account(company, number, account, description)
    for code, (description, manual) in VOUCHER_SERIES.items():
        series = {"Code": code, "Description": description, "Manual": manual, "Year": number, "NextVoucherNumber": 1}
        table = company.table("voucherseries")
        company.put("voucherseries", (number, code), {**table.blank, **series})
    return number


def vat_codes() -> dict[str, str]:
    """Return which VAT code a predefined account must have with EasyVat."""
    return {row["name"]: row["vat_code"] for row in _data("predefined_accounts") if row["vat_code"]}


def put_account(company: Company, year: int, number: int, description: str, vat_code: str | None = None) -> None:
    """Write an account of a year as an active one without balance."""
    table = company.table("accounts")
    record: Record = {**table.blank, "Number": number, "Description": description, "Year": year, "VATCode": vat_code}
    company.put("accounts", (year, number), record)


def _predefined(company: Company) -> None:
    for row in _data("predefined_accounts"):
        account = int(row["account"] or USUAL.get(row["name"]) or EASY_VAT.get(row["name"].rstrip("2")) or 0)
        company.put("predefinedaccounts", row["name"], {"Name": row["name"], "Account": account})
    for name, series in PREDEFINED_SERIES.items():
        company.put("predefinedvoucherseries", name, {"Name": name, "VoucherSeries": series})


def _choices(company: Company) -> None:
    for code, description in TERMS_OF_PAYMENT.items():
        company.put("termsofpayments", code, {"Code": code, "Description": description})
    for code, (description, english) in UNITS.items():
        company.put("units", code, {"Code": code, "Description": description, "CodeEnglish": english})
    yesterday = (company.today() - timedelta(days=1)).isoformat()
    for code, (description, rate) in CURRENCIES.items():
        rates = {"BuyRate": Decimal(rate), "SellRate": Decimal(rate), "Unit": 1}
        currency = {"Code": code, "Description": description, "Date": yesterday, "IsAutomatic": code != "SEK", **rates}
        company.put("currencies", code, currency)
    for code, description in TERMS_OF_DELIVERY.items():
        company.put("termsofdeliveries", code, {"Code": code, "Description": description, "DescriptionEnglish": ""})
    for code, description in WAYS_OF_DELIVERY.items():
        company.put("wayofdeliveries", code, {"Code": code, "Description": description, "DescriptionEnglish": ""})
    for code, (description, account) in MODES_OF_PAYMENT.items():
        company.put("modesofpayments", code, {"Code": code, "Description": description, "AccountNumber": str(account)})
    for kind, template, name in TEMPLATES:
        company.put("printtemplates", template, {"Template": template, "Name": name, "_type": kind})
    price_list = {"Code": "A", "Description": "Prislista A", "Comments": "", "PreSelected": True}
    company.put("pricelists", "A", price_list)
