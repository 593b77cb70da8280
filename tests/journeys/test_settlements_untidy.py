"""Opter's settlements on untidy data: posted exactly as they are said, or held with the haulier and the value named (OPT-03; accounting.md 6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.document import Settlement
from brygga.core.hauliers import doubt_about, is_charged_with_vat, spelled
from brygga.core.settlements import SettlementLine
from opter_hub import OpterHub

HAULIER = {
    "supplierCode": "A01",
    "supplierNumber": "200",
    "name": "Åkeri Nordtrans AB",
    "organisationNumber": "556036-0793",
    "vatNumber": "SE556036079301",
    "bankgiro": "5050-1055",
    "selfBillingAgreement": "2026-01-02",
    "address": {"street": "Åkarvägen 1", "postalCode": "972 41", "city": "Luleå", "countryCode": "SE"},
}
LINE = {"kind": "transport", "text": "Körningar", "net": Decimal("48250.00"), "vatPercent": 25}


@pytest.fixture
def hub(opter_hub: OpterHub) -> OpterHub:
    """A hub whose Fortnox has the accounts of settlements."""
    have = {str(row["Number"]) for row in opter_hub.fortnox_call("GET", "/3/accounts?limit=500")["Accounts"]}
    for number in {"4610", "4535", "2641", "2645", "2614", "3001", "2611", "2440"} - have:
        opter_hub.fortnox_call("POST", "/3/accounts", {"Account": {"Number": int(number), "Description": f"Konto {number}"}})
    return opter_hub


def settle(
    hub: OpterHub, *, lines: tuple[dict[str, Any], ...] = (LINE,), number: str = "1", more: Any = None, **supplier: Any
) -> str:
    """Make a closed settlement with the haulier, changed as wished for; return its id."""
    given = {
        "number": number, "supplier": {**HAULIER, **supplier}, "settlementDate": "2026-10-05", "dueDate": "2026-11-04",
        "lines": lines, "texts": ["Självfakturering"], **(more or {}),
    }  # fmt: skip
    return hub.opter.load("Settlements", [given])[0]


def told(hub: OpterHub) -> list[dict[str, Any]]:
    """Return what waits or failed."""
    return hub.problems("settlements", "hold", "failed", "question")


def posted(hub: OpterHub) -> list[tuple[int, Decimal]]:
    """Return account and signed kronor of the only supplier invoice."""
    [record] = hub.records("supplierinvoices")
    rows = record["SupplierInvoiceRows"]
    return sorted((row["Account"], Decimal(str(row["Debit"])) - Decimal(str(row["Credit"]))) for row in rows)


def untouched(hub: OpterHub) -> bool:
    """Say whether neither a supplier nor a supplier invoice was written."""
    return not [path for _, path, _ in hub.fortnox_writes() if "supplier" in path]


# VAT -----------------------------------------------------------------------------------------------------------------------


def test_u22_no_vat_number_no_input_vat(hub: OpterHub) -> None:
    """U22: 12,062.50 was deducted on net 48,250 for a haulier without a VAT number: held, with what can be done."""
    hub.clear()
    id = settle(hub, vatNumber="")
    hub.sync("settlements")
    [problem] = told(hub)
    assert problem["text"] == (
        "Settlement 1 with Åkeri Nordtrans AB waits: the haulier has no VAT number, so no input VAT may be deducted."
    )
    assert problem["repair"].startswith("Enter the VAT number of Åkeri Nordtrans AB in Opter")
    assert untouched(hub)
    hub.opter.edit("Settlements", id, supplier={**HAULIER, "vatNumber": "SE 556036-0793 01"})
    hub.sync("settlements")
    assert (told(hub), dict(posted(hub))[2641]) == ([], Decimal("12062.50"))


def test_u22_haulier_that_is_said_not_to_be_registered_goes_without_input_vat(hub: OpterHub) -> None:
    """U22's repair carried out: not registered, lines without VAT: the supplier invoice has no input VAT (accounting.md 6)."""
    id = settle(hub, vatNumber="", vatRegistered=False)
    hub.sync("settlements")
    [problem] = told(hub)
    assert "its lines carry 25 % VAT, and the haulier is not registered for VAT." in problem["text"]
    hub.opter.edit("Settlements", id, lines=[{**LINE, "vatPercent": 0}])
    hub.sync("settlements")
    assert (told(hub), posted(hub)) == ([], [(2440, Decimal(-48250)), (4610, Decimal(48250))])
    [record] = hub.records("supplierinvoices")
    assert Decimal(record["VAT"]) == 0


@pytest.mark.parametrize(
    ("supplier", "said"),
    [
        ({"vatNumber": "SE556036079201"}, "SE556036079201 is no VAT number, so no input VAT may be deducted."),
        ({"vatNumber": "5560360793"}, "5560360793 is no VAT number"),
        ({"vatNumber": "LT119511515"}, "the VAT number LT119511515 is of another country than the haulier's, SE."),
        ({"countryCode": "FI"}, "the VAT number SE556036079301 is of another country than the haulier's, FI."),
        ({"countryCode": "FI", "vatNumber": "FI20774740"}, "its lines carry 25 % VAT, and the haulier in FI charges none."),
        (
            {"countryCode": "LT", "vatNumber": "LT 119511515", "lines": ({**LINE, "vatPercent": 0},)},
            "the charge is reversed to LT, and the VAT number LT119511515 is not confirmed.",
        ),
        ({"countryCode": "", "address": {"countryCode": ""}}, "the haulier has no country, and VAT depends on it."),
    ],
)
def test_u22_doubtful_vat_number_is_held_with_the_number_named(hub: OpterHub, supplier: dict[str, Any], said: str) -> None:
    """U22's siblings: wrong check digit, another country's number, Swedish VAT from abroad, no country (accounting.md 6, 8.2)."""
    hub.clear()
    settle(hub, **supplier)
    hub.sync("settlements")
    assert [said in problem["text"] for problem in told(hub)] == [True], told(hub)
    assert untouched(hub)


def test_vat_number_of_a_group_goes_over_and_is_told(hub: OpterHub) -> None:
    """accounting.md 8.1: a member of a VAT group carries the group's number; a person reads it, nothing is corrected."""
    settle(hub, vatNumber="SE556016068001")
    [item] = [item for item in hub.sync("settlements")["items"] if item["action"] == "create"]
    assert "the VAT number SE556016068001 holds another organisation number than the haulier's" in item["message"]
    assert len(hub.records("supplierinvoices")) == 1


@pytest.mark.performs(
    "Look {value} up in VIES, and put it under “Kontrollerade VAT-nummer” in the settings of Opter; or say in Opter that {name} is not registered "
    "for VAT."
)
def test_reverse_charge_goes_when_somebody_has_looked_the_number_up(hub: OpterHub) -> None:
    """accounting.md 1.3: a number that is right in form alone reverses no charge; the repair that is proposed lets the settlement go."""
    id = settle(hub, lines=({**LINE, "vatPercent": 0},), countryCode="LT", vatNumber="lt 119511515", organisationNumber="119511515")
    hub.sync("settlements")
    [problem] = told(hub)
    assert problem["repair"].startswith("Look LT119511515 up in VIES, and put it under “Kontrollerade VAT-nummer”")
    assert (untouched(hub), hub.links("settlements")) == (True, {})
    hub.declare(confirmed_vat_numbers=["LT 119511515"])
    hub.sync("settlements", id)
    assert (told(hub), hub.held("suppliers", "200")["VATType"]) == ([], "EUINTERNAL")
    assert dict(posted(hub))[4535] == Decimal(48250)


# Numbers -------------------------------------------------------------------------------------------------------------------


def test_u23_wrong_check_digit_of_a_bankgiro_is_held_before_a_supplier_is_written(hub: OpterHub) -> None:
    """U23: bankgiro 1234-5678 would pay somebody else, or nobody."""
    hub.clear()
    id = settle(hub, bankgiro="1234-5678")
    hub.sync("settlements")
    [problem] = told(hub)
    assert problem["text"] == (
        "Settlement 1 with Åkeri Nordtrans AB waits: 1234-5678 is no bankgiro number, its digits or its check digit are wrong."
    )
    assert untouched(hub)
    hub.opter.edit("Settlements", id, supplier={**HAULIER, "bankgiro": "1234-5674"})
    hub.sync("settlements")
    assert (told(hub), hub.held("suppliers", "200")["BG"]) == ([], "1234-5674")


@pytest.mark.parametrize(
    ("supplier", "said"),
    [
        ({"plusgiro": "12 34 56-7"}, "12 34 56-7 is no plusgiro number"),
        ({"iban": "SE35 5000 0000 0549 1000 0004"}, "SE35 5000 0000 0549 1000 0004 is no IBAN"),
        ({"bic": "ESSE"}, "ESSE is no BIC"),
        ({"organisationNumber": "556036-0794"}, "556036-0794 is no Swedish organisation number"),
        ({"email": "info(at)nordtrans"}, "info(at)nordtrans is no e-mail address"),
    ],
)
def test_u23_wrong_number_of_another_kind_is_held_with_the_value_named(hub: OpterHub, supplier: dict[str, Any], said: str) -> None:
    """U23's siblings: plusgiro, IBAN, BIC, organisation number, e-mail."""
    hub.clear()
    settle(hub, **supplier)
    settle(hub, number="2", supplierCode="A02", supplierNumber="201", name="Åkeri Skog AB", organisationNumber="556016-0680",
           vatNumber="SE556016068001")  # fmt: skip
    hub.sync("settlements")
    assert [said in problem["text"] for problem in told(hub)] == [True], told(hub)
    assert [one["SupplierNumber"] for one in hub.records("supplierinvoices")] == ["201"], "the other settlements go"


def test_numbers_of_a_supplier_are_written_as_the_rules_say(hub: OpterHub) -> None:
    """accounting.md 5.1, 8.1 to 8.3: however they were typed, organisation number, giro, IBAN and postcode have one form."""
    settle(
        hub,
        organisationNumber="165560360793",
        vatNumber="se 556036-0793 01",
        bankgiro="50501055",
        plusgiro="28837",
        iban="SE35 5000 0000 0549 1000 0003",
        bic="esse se ss",
        email="Faktura@Nordtrans.Example",
        countryCode="Sverige",
        name="Åkeri “Nordtrans” | AB",
        address={"street": "Åkarvägen 1", "postalCode": "SE-97241", "city": "Luleå", "countryCode": "SE"},
    )
    hub.sync("settlements")
    assert told(hub) == []
    supplier = hub.held("suppliers", "200")
    names = ("OrganisationNumber", "VATNumber", "BG", "PG", "IBAN", "BIC", "Email", "ZipCode", "CountryCode")
    assert [supplier[name] for name in names] == [
        "556036-0793", "SE556036079301", "5050-1055", "28 83-7", "SE3550000000054910000003", "ESSESESS",
        "Faktura@Nordtrans.Example", "972 41", "SE",
    ]  # fmt: skip
    assert "Nordtrans" in supplier["Name"]


# Cards ---------------------------------------------------------------------------------------------------------------------


def test_a_supplier_card_with_every_default_set_fills_nothing_of_the_supplier_invoice(hub: OpterHub) -> None:
    """Kind 1: cost centre, project, references, currency, terms, account and VAT type of the card are not the settlement's."""
    hub.fortnox_call("POST", "/3/costcenters", {"CostCenter": {"Code": "NORR", "Description": "Norr"}})
    hub.fortnox_call("POST", "/3/projects", {"Project": {"ProjectNumber": "7", "Description": "Bro"}})
    card = {
        "SupplierNumber": "200", "Name": "Åkeri Nordtrans AB", "CostCenter": "NORR", "Project": "7", "OurReference": "Bo Ek",
        "YourReference": "Ann Al", "Currency": "EUR", "TermsOfPayment": "10", "PreDefinedAccount": "4010", "VATType": "EUINTERNAL",
    }  # fmt: skip
    hub.fortnox_call("POST", "/3/suppliers", {"Supplier": card})
    settle(hub)
    result = hub.sync("settlements")
    [record] = hub.records("supplierinvoices")
    assert posted(hub) == [(2440, Decimal("-60312.50")), (2641, Decimal("12062.50")), (4610, Decimal("48250.00"))]
    assert (record["Currency"], record["VATType"], record["DueDate"]) == ("SEK", "NORMAL", "2026-11-04")
    assert [record[name] or "" for name in ("CostCenter", "Project", "OurReference", "YourReference")] == [""] * 4
    assert {row["CostCenter"] or row["Project"] or "" for row in record["SupplierInvoiceRows"]} == {""}
    [item] = [item for item in result["items"] if item["action"] == "create"]
    assert "otherwise than was sent" not in str(item["message"])


def test_inactive_supplier_is_named_and_the_others_go(hub: OpterHub) -> None:
    """Kind 11: a supplier that is put away in Fortnox; made active, the settlement goes."""
    card = {"SupplierNumber": "200", "Name": "Åkeri Nordtrans AB", "Active": False}
    hub.fortnox_call("POST", "/3/suppliers", {"Supplier": card})
    settle(hub)
    hub.sync("settlements")
    [problem] = told(hub)
    assert (
        problem["text"]
        == "1: Supplier 200, Åkeri Nordtrans AB, is inactive in Fortnox, so the settlement with it was not made there."
    )
    hub.fortnox_call("PUT", "/3/suppliers/200", {"Supplier": {"Active": True}})
    hub.sync("settlements")
    assert (len(hub.records("supplierinvoices")), told(hub)) == (1, [])


def test_supplier_that_is_paid_to_another_account_in_fortnox_is_told(hub: OpterHub) -> None:
    """Kind 14: the card is people's and stays; that Opter says another bankgiro is read before the money goes."""
    card = {"SupplierNumber": "200", "Name": "Åkeri Nordtrans AB", "OrganisationNumber": "556036-0793", "BG": "1234-5674"}
    hub.fortnox_call("POST", "/3/suppliers", {"Supplier": card})
    settle(hub)
    [item] = [item for item in hub.sync("settlements")["items"] if item["action"] == "create"]
    assert "is paid to 1234-5674 in Fortnox, and Opter says 5050-1055" in item["message"]
    assert hub.held("suppliers", "200")["BG"] == "1234-5674"


def test_cost_centre_that_a_person_gave_a_posting_stays_when_the_settlement_changes(hub: OpterHub) -> None:
    """Kind 3: what is not mapped is never touched; another due day sends no postings at all."""
    hub.fortnox_call("POST", "/3/costcenters", {"CostCenter": {"Code": "NORR", "Description": "Norr"}})
    id = settle(hub)
    hub.sync("settlements")
    [record] = hub.records("supplierinvoices")
    rows = [
        {
            "Account": row["Account"],
            "Debit": str(row["Debit"]),
            "Credit": str(row["Credit"]),
            "CostCenter": "NORR" if row["Account"] == 4610 else "",
        }
        for row in record["SupplierInvoiceRows"]
    ]
    hub.fortnox_call("PUT", f"/3/supplierinvoices/{record['GivenNumber']}", {"SupplierInvoice": {"SupplierInvoiceRows": rows}})
    for change in ({"dueDate": "2026-11-05"}, {"lines": [{**LINE, "net": Decimal("50000.00")}]}):
        hub.opter.edit("Settlements", id, **change)
        hub.age()
        hub.sync("settlements")
    [record] = hub.records("supplierinvoices")
    assert (record["DueDate"], dict(posted(hub))[4610]) == ("2026-11-05", Decimal(50000))
    assert [row["CostCenter"] for row in record["SupplierInvoiceRows"] if row["Account"] == 4610] == ["NORR"]


def test_settlement_that_says_nothing_to_pay_and_comes_to_something_is_held(hub: OpterHub) -> None:
    """Kind 8: a sum of 0 is said, and is not the same as no sum."""
    settle(hub, more={"payable": Decimal("0.00")})
    hub.sync("settlements")
    [problem] = told(hub)
    assert "says 0.00 to pay, and its lines come to 60312.50." in problem["text"]


# Laws ----------------------------------------------------------------------------------------------------------------------

_numbers = st.sampled_from(["", "SE556036079301", "SE556036079201", "LT119511515", "FI20774740", "5560360793", "nej"])
_countries = st.sampled_from(["SE", "LT", "FI", ""])


@given(st.booleans(), _numbers, _countries, st.sampled_from([Decimal(0), Decimal(25)]))
def test_whatever_is_charged_with_vat_has_a_number_of_its_own_country_or_waits(
    registered: bool, number: str, country: str, rate: Decimal
) -> None:
    settlement = Settlement(vat_registered=registered, vat_number=number, country=country, number="1", supplier_name="Åkeri")
    charged = is_charged_with_vat(registered, number, country)
    held = doubt_about(settlement, [SettlementLine("transport", Decimal(100), rate)])
    assert charged or held is not None or not registered
    assert not (held is None and rate and not charged), "VAT on a line of a haulier without VAT never goes in silence"


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=12), _countries)
def test_writing_a_number_as_the_rules_say_never_makes_another_of_it(giro: str, number: str, postcode: str, country: str) -> None:
    typed = Settlement(bankgiro=giro, plusgiro=giro, organisation_number=number, vat_number=number, postcode=postcode, country=country,
                       iban=number, bic=number, email=giro)  # fmt: skip
    once = spelled(typed)
    assert spelled(once) == once
    facts = [doubt_about(one, []) is None for one in (typed, once)]
    assert facts[0] == facts[1]


# What Fortnox holds ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SupplierNumber": "9"}, "Document 1: the supplier is 200 in Opter and 9 in Fortnox."),
        ({"VAT": "0", "Booked": True}, "Document 1: the VAT is 12062.50 by the rows of Opter and 0.00 in Fortnox."),
        ({"DueDate": "2026-12-24", "Booked": True}, "Document 1: a date is 2026-11-04 in Opter and 2026-12-24 in Fortnox."),
        ({"account": 4535, "Booked": True}, "Document 1: account 4535 has 0.00 in Opter and 48250.00 in Fortnox."),
    ],
)
def test_supplier_invoice_that_says_otherwise_waits_with_both_values(hub: OpterHub, change: dict[str, Any], said: str) -> None:
    """Kind 2: supplier, VAT, days and the amount of each account are compared with the settlement, and nothing is written for it."""
    settle(hub)
    hub.sync("settlements")
    assert told(hub) == []
    [record] = hub.records("supplierinvoices")
    rows = [
        {**row, "Account": change["account"]} if row["Account"] == 4610 and "account" in change else row
        for row in record["SupplierInvoiceRows"]
    ]
    with hub.fortnox.lock:
        changed = {**record, **{name: value for name, value in change.items() if name != "account"}, "SupplierInvoiceRows": rows}
        hub.fortnox.company.put("supplierinvoices", record["GivenNumber"], changed)
        hub.fortnox.company.commit()
    hub.clear()
    hub.age()
    hub.sync("settlements")
    assert [said in problem["text"] for problem in told(hub)] == [True], told(hub)
    assert untouched(hub)


def test_supplier_invoice_that_differs_is_corrected_cancelled_accepted_once_or_as_a_rule(hub: OpterHub) -> None:
    """Kind 2: the same four ways out as any document has; another difference of an accepted one is asked about anew."""
    from brygga.store.models import Problem
    from brygga.sync.repair import ask, offers

    hub.fortnox_call("POST", "/3/suppliers", {"Supplier": {"SupplierNumber": "9", "Name": "Annan"}})
    ids = [settle(hub, number=str(number)) for number in range(1, 6)]
    hub.sync("settlements")
    numbers = [hub.links("settlements")[id] for id in ids]

    def changed(place: int, **values: Any) -> None:
        with hub.fortnox.lock:
            record = hub.held("supplierinvoices", numbers[place])
            hub.fortnox.company.put("supplierinvoices", numbers[place], {**record, **values})
            hub.fortnox.company.commit()

    def again() -> list[str]:
        for _ in range(2):
            hub.age()
            hub.sync("settlements")
        return [problem["text"] for problem in told(hub)]

    for place in range(4):
        changed(place, SupplierNumber="9")
    assert len(again()) == 4
    for place, name in enumerate(("correct", "cancel", "accept", "accept_rule")):
        problem = Problem.objects.get(record_id=ids[place], state=Problem.State.OPEN)
        assert [offer.name for offer in offers(problem)][:4] == ["correct", "cancel", "accept", "accept_rule"]
        ask(problem, name, {}, "anna")
        again()
        assert not Problem.objects.filter(record_id=ids[place], state=Problem.State.OPEN), name
    held = [hub.held("supplierinvoices", number) for number in numbers]
    assert [(one["SupplierNumber"], bool(one["Cancelled"])) for one in held[:4]] == [
        ("200", False), ("9", True), ("9", False), ("9", False),
    ]  # fmt: skip
    changed(4, SupplierNumber="9")
    assert again() == [], "as a rule"
    changed(2, DueDate="2026-12-24", Booked=True)
    assert again() == ["Document 3: a date is 2026-11-04 in Opter and 2026-12-24 in Fortnox."]
    booked = Problem.objects.get(record_id=ids[2], state=Problem.State.OPEN)
    assert [offer.name for offer in offers(booked)] == ["accept", "accept_rule", "edit"], (
        "what is booked is neither corrected nor cancelled"
    )
    ask(booked, "accept", {}, "anna")
    assert again() == []
