"""Vouchers, the SIE file, and tax reductions (Fortnox API, sections 9.9, 9.12, 9.15; accounting.md 11)."""

from decimal import Decimal
from typing import Any

import pytest

from brygga_sandbox.fortnox.documents.sie import voucher_lines
from brygga_sandbox.fortnox.documents.sie_text import encode, sie_amount, sie_field
from fortnox_rows import row

UNKNOWN = 2000588
TOPICS = {
    "test_fields_amounts_and_bytes_of_sie": (
        "sie4",
        lambda case: case["input"]["op"] in ("sie_field", "sie_amount", "sie_bytes"),
    ),
    "test_a_voucher_in_sie": ("sie4", lambda case: case["kind"] == "voucher" and case["input"]["number"]),
}


def voucher(**more: Any) -> dict[str, Any]:
    rows = [{"Account": 1930, "Debit": 100}, {"Account": 3001, "Credit": "100.00", "TransactionInformation": "Kassa"}]
    return {"Description": "Dagskassa", "VoucherSeries": "A", "TransactionDate": "2026-03-01", "VoucherRows": rows, **more}


def test_a_voucher_is_booked_at_once_and_addressed_by_year(api: Any, sandbox: Any) -> None:
    made = api.post("vouchers", "Voucher", **voucher())
    assert made["@url"] == f"{sandbox.base_url}/3/vouchers/A/1?financialyear=2"
    assert (made["VoucherNumber"], made["Year"], made["ReferenceType"], made["ApprovalState"]) == (1, 2, "MANUAL", 0)
    assert [(one["Account"], one["Debit"], one["Credit"], one["Removed"]) for one in made["VoucherRows"]] == [
        (1930, 100, 0, False), (3001, 0, 100, False),
    ]  # fmt: skip
    earlier = api.post("vouchers", "Voucher", **voucher(TransactionDate="2025-12-31"))
    assert (earlier["VoucherNumber"], earlier["Year"]) == (1, 1)
    assert api.get("vouchers/A/1", financialyear=1)["Voucher"]["TransactionDate"] == "2025-12-31"
    assert api.get("vouchers/A/1", financialyeardate="2026-05-05")["Voucher"]["TransactionDate"] == "2026-03-01"
    (listed,) = api.get("vouchers/sublist/A", financialyear=2)["Vouchers"]
    assert set(listed) == {
        "@url", "ApprovalState", "Comments", "Description", "ReferenceNumber", "ReferenceType", "TransactionDate", "VoucherNumber",
        "VoucherSeries", "Year",
    }  # fmt: skip
    assert api.get("vouchers/sublist/B", financialyear=2)["Vouchers"] == []
    api.refused("PUT", "vouchers/A/1", 2000764, "no such route", "Voucher", status=404, **voucher())


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        (
            {"VoucherRows": [{"Account": 1930, "Debit": 100}, {"Account": 3001, "Credit": 99}]},
            UNKNOWN, "Verifikationen balanserar inte",
        ),
        ({"VoucherRows": [{"Account": 1930, "Debit": 0}]}, UNKNOWN, "Verifikationen måste ha minst två rader med belopp."),
        ({"VoucherRows": [{"Account": 1930, "Debit": 1, "Credit": 1}] * 2}, 2002649, "Felaktig datastruktur."),
        (
            {"VoucherRows": [{"Account": 1930, "Debit": -5}, {"Account": 3001, "Credit": -5}]},
            2000108, "Värdet måste vara numeriskt (-5)",
        ),
        (
            {"VoucherRows": [{"Account": 1931, "Debit": 5}, {"Account": 3001, "Credit": 5}]},
            2001304, "Kunde inte hitta konto",
        ),
        (
            {"VoucherRows": [{"Account": 3002, "Debit": 5}, {"Account": 3001, "Credit": 5}]},
            2000550, "Konto 3002 är inte aktivt",
        ),
        ({"VoucherSeries": "B"}, UNKNOWN, "Verifikationsserien är inte manuell (B)"),
        ({"VoucherSeries": "Q"}, UNKNOWN, "Ogiltig verifikationsserie angiven"),
        ({"TransactionDate": "2019-01-01"}, UNKNOWN, "Räkenskapsår saknas för valt datum."),
        ({"TransactionDate": "2026-01-31"}, 2000401, "Företaget har låst perioden t.o.m. 2026-01-31"),
        ({"Year": 1}, UNKNOWN, "Verifikationens datum ligger inte i det valda räkenskapsåret."),
        ({"Project": "77"}, UNKNOWN, "Kunde inte hämta/hitta projekt"),
        ({"Description": None}, 2000699, "Värdet kan inte vara null. (description)"),
        ({"VoucherRows": "alla"}, 2002649, "Felaktig datastruktur."),
    ],
)  # fmt: skip
def test_a_voucher_is_refused_with_its_reason(api: Any, company: Any, fields: dict[str, Any], code: int, message: str) -> None:
    company.set("locked_until", "2026-01-31")
    api.put("accounts/3002?financialyear=2", "Account", Active=False)
    api.refused("POST", "vouchers", code, message, "Voucher", **voucher(**fields))
    assert api.get("vouchers", financialyear=2)["Vouchers"] == []


def test_only_the_last_voucher_of_a_series_goes(api: Any) -> None:
    for _ in range(2):
        api.post("vouchers", "Voucher", **voucher())
    text = "Endast den sista verifikationen i en serie kan tas bort."
    api.refused("DELETE", "vouchers/A/1?financialyear=2", UNKNOWN, text)
    assert api.call("DELETE", "vouchers/A/2?financialyear=2").status_code == 204
    assert api.post("vouchers", "Voucher", **voucher())["VoucherNumber"] == 2
    api.invoice(row())
    api.act("invoices/1/bookkeep")
    text = "Verifikationen hör till ett dokument och kan inte tas bort."
    api.refused("DELETE", "vouchers/B/1?financialyear=2", UNKNOWN, text)


def test_a_voucher_that_goes_is_announced_as_one_that_comes(api: Any, sandbox: Any) -> None:
    api.post("vouchers", "Voucher", **voucher())
    api.call("DELETE", "vouchers/A/1?financialyear=2")
    with sandbox.lock:
        events = [event for event in sandbox.topics.events if event["topic"] == "vouchers"]
    told = [(one["type"], one["entityId"], one["year"], one["series"], one["id"]) for one in events]
    assert told == [("voucher-created-v1", "1", 2, "A", "1"), ("voucher-deleted-v1", "1", 2, "A", "1")]


def test_the_balance_of_an_account_follows_its_vouchers(api: Any) -> None:
    api.post("vouchers", "Voucher", **voucher())
    assert api.get("accounts/1930", financialyear=2)["Account"]["BalanceCarriedForward"] == 100


# -- SIE


def test_fields_amounts_and_bytes_of_sie(case: Any) -> None:
    given, expected = case["input"], case["expected"]
    match given["op"]:
        case "sie_field":
            assert sie_field(given["text"]) == expected["result"]
        case "sie_amount":
            assert sie_amount(Decimal(given["value"])) == expected["result"]
        case _:
            content = encode(given["text"])
            assert (content.hex(), content.decode("cp437")) == (expected["hex"], expected["text"])


def test_a_voucher_in_sie(case: Any) -> None:
    given = case["input"]
    rows = [
        {
            "Account": one["account"],
            "Debit": max(Decimal(one["amount"]), Decimal(0)),
            "Credit": max(-Decimal(one["amount"]), Decimal(0)),
            "CostCenter": "",
            "Project": "",
            "TransactionInformation": one["text"],
        }
        for one in given["rows"]
        if not one["objects"]
    ]
    made = {"VoucherSeries": given["series"], "VoucherNumber": given["number"], "TransactionDate": given["date"]}
    assert voucher_lines({**made, "Description": given["text"], "VoucherRows": rows}) == case["expected"]["lines"]


def test_the_sie_file_holds_the_books_in_code_page_437(api: Any) -> None:
    api.post("costcenters", "CostCenter", Code="N", Description="Norr")
    api.put("customers/1", "Customer", Name="Åkeri Öst")
    api.invoice(row(), CostCenter="N")
    api.act("invoices/1/bookkeep")
    api.post("vouchers", "Voucher", **voucher())
    response = api.call("GET", "sie/4", params={"financialyear": 2})
    assert response.headers["content-type"] == "application/octet-stream"
    assert b"\x8fkeri \x99st" in response.content
    lines = response.content.decode("cp437").split("\r\n")
    assert lines[:3] == ["#FLAGGA 0", '#PROGRAM "Brygga sandbox" 1', "#FORMAT PC8"]
    for line in (
        "#SIETYP 4", "#RAR 0 20260101 20261231", "#RAR -1 20250101 20251231", "#KONTO 1510 Kundfordringar", "#OBJEKT 1 N Norr",
        '#VER B 1 20260310 "Kundfaktura 1, Åkeri Öst"', "#TRANS 3001 {1 N} -100.00 20260310",
        "#TRANS 3001 {} -100.00 20260301 Kassa", "#UB 0 1510 125.00", "#RES 0 3001 -200.00",
    ):  # fmt: skip
        assert line in lines, line
    rows = [Decimal(line.split("} ")[1].split()[0]) for line in lines if line.startswith("#TRANS")]
    assert len(rows) == 5
    assert sum(rows) == 0
    assert "#VER" not in api.call("GET", "sie/1", params={"financialyear": 2}).text
    only = api.call("GET", "sie/4", params={"financialyear": 2, "fromdate": "2026-03-05"}).text
    assert "#VER B" in only
    assert "#VER A" not in only


def test_a_sie_type_or_year_that_does_not_exist_is_refused(api: Any) -> None:
    api.refused("GET", "sie/5", 2000588, "Ogiltig parameter i anropet.")
    api.refused("GET", "sie/4?financialyear=99", UNKNOWN, "Kunde inte hämta/hitta räkenskapsår")


# -- tax reductions

PERSON = {
    "CustomerName": "Eva Ek",
    "SocialSecurityNumber": "19900101-2385",
    "ReferenceDocumentType": "INVOICE",
    "ReferenceNumber": "1",
}


@pytest.fixture
def work(api: Any) -> Any:
    """A client with invoice 1: work of 10,000 including VAT, of which RUT gives half."""
    api.invoice(row(8000, HouseWork=True, HouseWorkType="CLEANING"), row(100, HouseWorkType="OTHERCOSTS"), TaxReductionType="rut")
    return api


def reduction(api: Any) -> tuple[Any, Any]:
    found = api.get("invoices/1")["Invoice"]
    return found["TaxReduction"], found["TotalToPay"]


def test_the_deduction_is_what_is_asked_for(work: Any) -> None:
    assert reduction(work) == (5000, 5125)
    made = work.post("taxreductions", "TaxReduction", **PERSON, AskedAmount=3000)
    assert (made["Id"], made["TypeOfReduction"], reduction(work)) == (1, "", (3000, 7125))
    (listed,) = work.get("taxreductions", filter="invoices", referencenumber="1")["TaxReductions"]
    assert "AskedAmount" not in listed
    other = {**PERSON, "CustomerName": "Bo Ek", "SocialSecurityNumber": "19850505-1234"}
    work.post("taxreductions", "TaxReduction", **other, AskedAmount=2000)
    assert reduction(work) == (5000, 5125)
    assert work.put("taxreductions/2", "TaxReduction", AskedAmount=1000)["AskedAmount"] == 1000
    assert reduction(work) == (4000, 6125)
    assert work.call("DELETE", "taxreductions/2").status_code == 204
    assert reduction(work) == (3000, 7125)
    work.refused("DELETE", "taxreductions/1", 2001246, "Den sista skattereduktionen kan inte tas bort.")


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"AskedAmount": 5001}, 2003228, "Begärt belopp överskrider möjlig skattereduktion"),
        ({"AskedAmount": 10.5}, 2004217, "Begärt belopp måste vara ett heltal"),
        ({"AskedAmount": -1}, 2004218, "Begärt belopp kan inte vara negativt"),
        ({"ReferenceNumber": "9"}, 2000434, "Kan inte hitta fakturan."),
        ({"SocialSecurityNumber": "1990abcd-2385"}, 2000108, "Värdet måste vara numeriskt (1990abcd-2385)"),
    ],
)
def test_an_application_is_refused_with_its_reason(work: Any, fields: dict[str, Any], code: int, message: str) -> None:
    wish = {**PERSON, "AskedAmount": 1, **fields}
    work.refused("POST", "taxreductions", code, message, "TaxReduction", status=404 if code == 2000434 else 400, **wish)
    assert work.get("taxreductions")["TaxReductions"] == []


def test_a_personal_number_without_its_century_loses_the_deduction_without_a_word(work: Any) -> None:
    """Fortnox API, section 9.9, measured."""
    work.post("taxreductions", "TaxReduction", **{**PERSON, "SocialSecurityNumber": "900101-2385"}, AskedAmount=3000)
    assert reduction(work) == (0, 10125)


def test_a_person_asks_once_for_a_document(work: Any) -> None:
    work.post("taxreductions", "TaxReduction", **PERSON, AskedAmount=1)
    again = {**PERSON, "SocialSecurityNumber": "199001012385", "AskedAmount": 1}
    work.refused("POST", "taxreductions", 2000600, "Personen finns redan på dokumentet (199001012385)", "TaxReduction", **again)


def test_every_change_of_the_document_gives_applications_new_ids(work: Any) -> None:
    work.post("taxreductions", "TaxReduction", **PERSON, AskedAmount=3000)
    work.put("invoices/1", "Invoice", Comments="x")
    (listed,) = work.get("taxreductions")["TaxReductions"]
    assert listed["Id"] == 2
    text = "Summan av raderna överskrider möjlig skattereduktion"
    work.refused("PUT", "invoices/1", 2003227, text, "Invoice", InvoiceRows=[{"Price": 100}, {}])
    clear = {"HouseWork": False, "HouseWorkType": None}
    work.put("invoices/1", "Invoice", TaxReductionType="none", InvoiceRows=[clear, clear])
    assert work.get("taxreductions")["TaxReductions"] == []


def test_applications_go_along_from_offer_to_invoice(api: Any) -> None:
    rows = [{"ArticleNumber": "A1", "Quantity": "1", "Price": 8000, "HouseWork": True, "HouseWorkType": "CLEANING"}]
    api.post("offers", "Offer", CustomerNumber="1", TaxReductionType="rut", OfferRows=rows)
    api.post("taxreductions", "TaxReduction", **{**PERSON, "ReferenceDocumentType": "OFFER"}, AskedAmount=3000)
    api.act("offers/1/createorder")
    api.act("orders/1/createinvoice")
    assert reduction(api) == (3000, 7000)
    kinds = [one["ReferenceDocumentType"] for one in api.get("taxreductions")["TaxReductions"]]
    assert kinds == ["OFFER", "ORDER", "INVOICE"]


def test_green_technology_is_summed_from_its_kinds_of_work(api: Any) -> None:
    api.invoice(row(8000, HouseWork=True, HouseWorkType="SOLARCELLS"), TaxReductionType="green")
    assert reduction(api) == (1500, 8500)
    api.refused("POST", "taxreductions", 2004263, "Uppgift saknas i TaxReductionAmounts", "TaxReduction", **PERSON, AskedAmount=1)
    twice = [{"WorkType": "SOLARCELLS", "AskedAmount": 1}] * 2
    text = "Arbetstypen förekommer mer än en gång"
    api.refused("POST", "taxreductions", 2004262, text, "TaxReduction", **PERSON, TaxReductionAmounts=twice)
    wrong = [{"WorkType": "WIND", "AskedAmount": 1}]
    api.refused("POST", "taxreductions", 2004209, "Ogiltig arbetstyp (WIND)", "TaxReduction", **PERSON, TaxReductionAmounts=wrong)
    amounts = [{"WorkType": "SOLARCELLS", "AskedAmount": 1200}]
    assert api.post("taxreductions", "TaxReduction", **PERSON, TaxReductionAmounts=amounts)["AskedAmount"] == 1200
    assert reduction(api) == (1200, 8800)
