"""Customers between webCRM and Fortnox, as the vendor's document describes them: rows WEB-02 to WEB-28."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub import Hub, organisation

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def one(hub: Hub, **more: Any) -> str:
    """Put one organisation into webCRM and return its id."""
    [number] = hub.webcrm.load("Organisation", [organisation(**more)])
    return str(number)


def linked(hub: Hub, customer: dict[str, Any] | None = None, **more: Any) -> tuple[str, str]:
    """Return organisation id and customer number of a pair that is in step."""
    id = one(hub, **{"OrganisationExtraCustom2": "556016-0680", **more})
    hub.sync()
    number = hub.links()[id]
    if customer:
        hub.edit_customer(number, **customer)
        hub.sync()
    hub.clear()
    return id, number


def test_organisation_of_a_synced_type_becomes_a_customer_and_gets_its_number_back(hub_on_both: Hub) -> None:
    """WEB-08, WEB-13, WEB-18, WEB-19, WEB-28: Fortnox governs and assigns the number; it is written to the organisation."""
    hub = hub_on_both
    id = one(hub, OrganisationExtraCustom2="556016-0680")
    result = hub.sync()
    assert result["counts"]["created"] == 1
    number = hub.links()[id]
    assert hub.customer(number)["Name"] == "Lindens Bageri AB"
    assert hub.customer(number)["Type"] == "COMPANY"
    assert hub.webcrm.organisation(int(id))["Kundnummer"] == number
    assert [path for method, path, _ in hub.fortnox_writes() if method == "POST"] == ["/3/customers"]


def test_organisation_of_another_type_stays_in_webcrm(hub: Hub) -> None:
    """WEB-09: a type that is not chosen is not synced; the record is listed as skipped with the rule."""
    one(hub, OrganisationType="Prospekt")
    result = hub.sync()
    assert hub.fortnox_writes() == []
    assert result["counts"]["skipped"] == 1
    assert [item["rule"] for item in result["items"]] == ["WEB-09"]


def test_organisation_that_lost_its_type_keeps_its_link_and_sends_nothing(hub: Hub) -> None:
    """WEB-09, ruling D8: updates stop, the link stays; what changes in Fortnox still comes."""
    id, number = linked(hub)
    hub.webcrm.organisation(int(id)).update(Type="Prospekt", Telefon="08-465 004 99")
    hub.sync()
    assert hub.fortnox_writes() == []
    assert hub.links() == {id: number}
    hub.edit_customer(number, WWW="www.lindens.example")
    hub.sync(sides=("right",))
    assert hub.webcrm.organisation(int(id))["Hemsida"] == "www.lindens.example"
    assert hub.webcrm.organisation(int(id))["Typ"] == "Prospekt"


@pytest.mark.parametrize("spelling", ["Kund – Företag", "Kund - Företag", "Kund — företag", " Kund–Företag "])
def test_dashes_and_spaces_of_a_type_do_not_matter(hub: Hub, spelling: str) -> None:
    """WEB-10: the default values are compared after trimming, with every dash as the same."""
    hub.declare(customer_types=[spelling, "Kund – Privat"], company_type=spelling)
    id = one(hub)
    hub.sync()
    assert id in hub.links()


def test_customer_made_in_fortnox_becomes_an_organisation_with_the_fitting_type(hub: Hub) -> None:
    """WEB-04, WEB-11, WEB-18: without a filter by type; a new one gets the value for company or private."""
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "501", "Name": "Björk Bygg AB", "Type": "COMPANY"},
            {"CustomerNumber": "502", "Name": "Karin Ek", "Type": "PRIVATE"},
        ],
    )
    hub.sync()
    made = {row["OrganisationExtraCustom1"]: row for row in hub.webcrm.all("Organisation")}
    assert made["501"]["OrganisationType"] == "Kund – Företag"
    assert made["502"]["OrganisationType"] == "Kund – Privat"


FIELDS = [
    # row, webCRM's label, value there, Fortnox' fields
    ("WEB-13", "Namn", "Lindens Konditori AB", {"Name": "Lindens Konditori AB"}),
    ("WEB-14", "Fakturaadress", "Box 12\nc/o Ek", {"Address1": "Box 12", "Address2": "c/o Ek"}),
    ("WEB-14", "Fakturapostnr", "352 30", {"ZipCode": "352 30"}),
    ("WEB-14", "Fakturaort", "Växjö", {"City": "Växjö"}),
    ("WEB-15", "Telefon", "0470-100 21", {"Phone1": "0470-100 21"}),
    ("WEB-16", "Hemsida", "www.lindens.example", {"WWW": "www.lindens.example"}),
    ("WEB-17", "Fax", "0470-100 29", {"Fax": "0470-100 29"}),
    ("WEB-18", "Typ", "Kund – Privat", {"Type": "PRIVATE"}),
    ("WEB-20", "Organisationsnummer", "556036-0793", {"OrganisationNumber": "556036-0793"}),
    ("WEB-21", "Besöksadress", "Storgatan 1", {"VisitingAddress": "Storgatan 1"}),
    ("WEB-21", "Postnummer", "352 31", {"VisitingZipCode": "352 31"}),
    ("WEB-21", "Ort", "Alvesta", {"VisitingCity": "Alvesta"}),
    ("WEB-22", "Betalningsvillkor", "15: 15 dagar netto", {"TermsOfPayment": "15"}),
    ("WEB-23", "Valuta", "EUR", {"Currency": "EUR"}),
    ("WEB-24", "VAT-nummer", "SE556016068001", {"VATNumber": "SE556016068001"}),
]


@pytest.mark.parametrize(("row", "label", "value", "fields"), FIELDS, ids=[f"{row}-{label}" for row, label, *_ in FIELDS])
def test_field_changed_in_webcrm_is_all_that_fortnox_receives(
    hub: Hub, row: str, label: str, value: str, fields: dict[str, str]
) -> None:
    """WEB-13 to WEB-24 from webCRM: one PUT with this field and no other."""
    id, number = linked(hub)
    hub.webcrm.organisation(int(id)).update({label: value})
    hub.sync()
    assert hub.fortnox_writes() == [("PUT", f"/3/customers/{number}", {"Customer": fields})]
    assert hub.plan()["items"] == []


@pytest.mark.parametrize(("row", "label", "value", "fields"), FIELDS, ids=[f"{row}-{label}" for row, label, *_ in FIELDS])
def test_field_changed_in_fortnox_is_all_that_changes_in_webcrm(
    hub: Hub, row: str, label: str, value: str, fields: dict[str, str]
) -> None:
    """WEB-13 to WEB-24 from Fortnox: only this field gets another value, and the echo makes no write."""
    id, number = linked(hub)
    before = hub.webcrm.organisation(int(id)).raw()
    hub.edit_customer(number, **fields)
    hub.sync(sides=("right",))
    after = hub.webcrm.organisation(int(id)).raw()
    # What webCRM derives by itself is none of ours.
    derived = {"OrganisationUpdatedAt", "OrganisationUpdatedBy", "OrganisationCompareName", "OrganisationTelephoneSearch"}
    changed = {name for name in after if after[name] != before[name]} - derived
    assert len(changed) == 1
    assert hub.webcrm.organisation(int(id))[label] == value
    hub.clear()
    hub.sync()
    assert hub.webcrm.writes() == []
    assert hub.fortnox_writes() == []


def test_our_own_write_makes_no_echo_and_the_next_run_asks_each_system_twice_at_most(hub_on_both: Hub) -> None:
    """WEB-01, WEB-04: nothing is registered twice; a run without changes writes nothing."""
    hub = hub_on_both
    hub.fortnox.company.load(
        "customers", [{"CustomerNumber": str(n), "Name": f"Kund {n} AB", "Type": "COMPANY"} for n in range(60, 75)]
    )
    hub.webcrm.load("Organisation", [organisation(OrganisationName=f"Firma {n} AB") for n in range(15)])
    hub.sync()
    hub.clear()
    result = hub.sync()
    assert hub.webcrm.writes() == []
    assert hub.fortnox_writes() == []
    assert result["requests"]["fortnox"] <= 2
    assert result["requests"]["webcrm"] <= 2
    assert len(hub.links()) == 30


def test_active_customers_are_imported_at_the_start_and_inactive_ones_are_left_out(hub: Hub) -> None:
    """WEB-25: the import brings all active customers; an inactive one is skipped with the rule."""
    hub.declare(import_active_customers=True)
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "701", "Name": "Alm AB", "Active": True},
            {"CustomerNumber": "702", "Name": "Gamla AB", "Active": False},
        ],
    )
    result = hub.sync()
    assert set(hub.links().values()) == {"701"}
    assert [item["rule"] for item in result["items"] if item["right"] == "702"] == ["WEB-25"]


def test_without_the_import_only_what_changes_from_then_on_comes(hub: Hub) -> None:
    """WEB-25: the import is a choice; without it a customer comes when it is next changed in Fortnox (WEB-11)."""
    hub.declare(import_active_customers=False)
    hub.fortnox.company.load(
        "customers", [{"CustomerNumber": "701", "Name": "Alm AB"}], modified=datetime(2026, 1, 5, 9, 0, tzinfo=STOCKHOLM)
    )
    hub.sync()
    assert hub.links() == {}
    hub.edit_customer("701", Phone1="08-465 004 10")
    hub.sync()
    assert set(hub.links().values()) == {"701"}


def test_number_typed_in_webcrm_is_the_customers_number(hub: Hub) -> None:
    """WEB-26, WEB-27: where webCRM governs, the typed number is the one that Fortnox gets."""
    hub.declare(customer_number_governed_by="webcrm")
    id = one(hub, OrganisationExtraCustom1="K-77")
    hub.sync()
    assert hub.links() == {id: "K-77"}


def test_organisation_without_a_number_is_held_where_webcrm_governs(hub: Hub) -> None:
    """WEB-27: none is made up; the organisation waits, and goes when the number has been typed."""
    hub.declare(customer_number_governed_by="webcrm")
    id = one(hub)
    result = hub.sync()
    assert hub.fortnox_writes() == []
    [problem] = hub.problems("hold")
    assert (problem["rule"], problem["record"]) == ("WEB-27", f"webcrm:{id}")
    assert result["counts"]["held"] == 1
    hub.webcrm.organisation(int(id)).update(Kundnummer="K-78")
    hub.sync()
    assert hub.links() == {id: "K-78"}
    assert hub.problems() == []


def test_number_changed_in_webcrm_is_put_back_where_fortnox_governs(hub: Hub) -> None:
    """WEB-26, WEB-28: the side that governs alone decides the number."""
    id, number = linked(hub)
    hub.webcrm.organisation(int(id)).update(Kundnummer="999")
    hub.sync()
    assert hub.webcrm.organisation(int(id))["Kundnummer"] == number
    assert hub.fortnox_writes() == []


def test_both_sides_changed_different_fields_and_both_arrive(hub: Hub) -> None:
    """WEB-04, ruling D3: field by field against what both last agreed on."""
    id, number = linked(hub)
    hub.webcrm.organisation(int(id)).update(Telefon="0470-100 21")
    hub.edit_customer(number, WWW="www.lindens.example")
    hub.sync()
    assert hub.customer(number)["Phone1"] == "0470-100 21"
    assert hub.webcrm.organisation(int(id))["Hemsida"] == "www.lindens.example"


def test_same_field_changed_on_both_sides_goes_to_its_owner(hub: Hub) -> None:
    """Ruling D3: contact data belongs to webCRM, terms to Fortnox; that an owner decided is shown."""
    id, number = linked(hub)
    hub.webcrm.organisation(int(id)).update({"Telefon": "0470-100 21", "Betalningsvillkor": "15: 15 dagar netto"})
    hub.edit_customer(number, Phone1="0470-100 22", TermsOfPayment="20")
    hub.sync()
    assert hub.customer(number)["Phone1"] == "0470-100 21"
    assert hub.customer(number)["TermsOfPayment"] == "20"
    assert hub.webcrm.organisation(int(id))["Betalningsvillkor"] == "20: 20 dagar netto"


def test_two_customers_with_one_number_are_a_question_and_nothing_is_written(hub_on_both: Hub) -> None:
    """WEB-20, accounting.md 8.4: the question names both; the answer links one, and the other waits for its own."""
    hub = hub_on_both
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "1042", "Name": "Acme Norr AB", "OrganisationNumber": "556036-0793", "ZipCode": "35230"},
            {"CustomerNumber": "1077", "Name": "Acme Söder AB", "OrganisationNumber": "5560360793", "ZipCode": "21120"},
        ],
    )
    id = one(hub, OrganisationName="Acme AB", OrganisationExtraCustom2="556036-0793")
    hub.sync()
    assert hub.webcrm.writes() == []
    assert hub.fortnox_writes() == []
    [question] = hub.problems("question")
    assert {candidate["id"] for candidate in question["candidates"]} == {"1042", "1077"}
    hub.answer(question, link="1042")
    hub.sync()
    assert hub.links()[id] == "1042"
    assert hub.customer("1077")["Name"] == "Acme Söder AB"
    [left_over] = hub.problems("question")
    assert left_over["record"] == "fortnox:1077"
    hub.answer(left_over, create=True)
    hub.sync()
    assert set(hub.links().values()) == {"1042", "1077"}


def test_customer_gone_from_fortnox_unlinks_and_deletes_nothing(hub: Hub) -> None:
    """DESIGN 5: the link goes, the organisation stays, and a person is told."""
    id, number = linked(hub)
    with hub.fortnox.lock:
        hub.fortnox.company.delete("customers", number)
        hub.fortnox.company.commit()
    hub.webcrm.organisation(int(id)).update(Telefon="0470-100 21")
    hub.sync()
    assert hub.links() == {}
    assert hub.webcrm.organisation(int(id))["Namn"] == "Lindens Bageri AB"
    [problem] = hub.problems("question")
    assert number in problem["text"]
    assert hub.fortnox_writes() == []


def test_organisations_and_not_private_consumers_are_read(hub: Hub) -> None:
    """WEB-02: webCRM's B2B registers only; no call goes to PersonsB2C."""
    one(hub)
    hub.sync()
    assert not [seen.path for seen in hub.webcrm.requests if "b2c" in seen.path.lower()]


def test_check_says_that_the_package_and_the_licence_are_there(hub: Hub) -> None:
    """WEB-03: PLUS or ENTERPRISE for webCRM's API, an integration licence for Fortnox; a missing one is said as such."""
    from brygga.sync.check import check_company

    assert {row["level"] for row in check_company("acme")} <= {"ok", "warning"}
    hub.fortnox.company.integration_licences = set()
    rows = [row for row in check_company("acme") if row["level"] == "error"]
    assert any("licen" in (row["text"] + (row["repair"] or "")).lower() for row in rows)


def test_custom_field_that_the_installation_lacks_is_named(hub: Hub) -> None:
    """WEB-12: what webCRM lacks is made there as custom fields; a configured one that is not there is an error with its name."""
    from brygga.sync.check import check_company

    hub.fields["invoice_city"] = "Fakturaort som ingen har gjort"
    hub.declare()
    errors = [row for row in check_company("acme") if row["level"] == "error"]
    assert any("Fakturaort som ingen har gjort" in row["text"] for row in errors)
    one(hub)
    result = hub.sync()
    assert result["status"] == "failed"
    assert "Fakturaort som ingen har gjort" in result["message"]
    assert hub.fortnox_writes() == []


def test_each_system_runs_every_six_minutes_three_apart() -> None:
    """WEB-05, WEB-06, WEB-07: webCRM at minutes 0, 6, 12 …, Fortnox at 3, 9, 15 …"""
    from brygga.engine.dispatcher import first_times, following

    schedule = {"mode": "every", "every": 360, "offset": 0}
    now = datetime(2026, 11, 20, 9, 59, 30, tzinfo=STOCKHOLM)
    left, right = first_times(schedule, now, spread=0)
    assert [at.astimezone(STOCKHOLM).strftime("%H:%M") for at in (left, right)] == ["10:00", "10:03"]
    again = [following(schedule, at, at) for at in (left, right)]
    assert [at.astimezone(STOCKHOLM).strftime("%H:%M") for at in again if at] == ["10:06", "10:09"]


def test_type_that_webcrm_does_not_have_is_named_and_the_record_waits(hub: Hub) -> None:
    """WEB-10, WEB-18: the check names the value; a sync writes nothing half, and goes on when the settings are right."""
    from brygga.sync.check import check_company

    hub.declare(customer_types=["Kund – Företagg", "Kund – Privat"], company_type="Kund – Företagg")
    hub.fortnox.company.load("customers", [{"CustomerNumber": "5", "Name": "Alm AB"}])
    errors = [row for row in check_company("acme") if row["level"] == "error"]
    assert any("Kund – Företagg" in row["text"] and "Kund – Företag," in row["repair"] for row in errors)
    result = hub.sync()
    assert result["counts"]["failed"] == 1
    assert hub.webcrm.all("Organisation") == []
    [problem] = hub.problems("failed")
    assert (problem["record"], "Kund – Företagg" in problem["text"]) == ("fortnox:5", True)
    hub.declare(customer_types=["Kund – Företag", "Kund – Privat"], company_type="Kund – Företag")
    hub.answer(problem, retry=True)
    hub.sync()
    assert list(hub.links().values()) == ["5"]
