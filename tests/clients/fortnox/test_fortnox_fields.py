"""What is stopped before it leaves."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from brygga.clients.fortnox import Fortnox, fields
from brygga.errors import Rejected, SettingsError
from fortnox_far import ROOT, Far, script


def test_only_given_fields_are_sent_and_a_number_for_a_quantity_leaves_as_text() -> None:
    given = {
        "CustomerNumber": "1042",
        "InvoiceDate": date(2026, 5, 1),
        "InvoiceRows": [
            {"Description": "Lampa", "DeliveredQuantity": Decimal("1.50"), "Price": Decimal("43.75"), "AccountNumber": 0}
        ],
        "EmailInformation": {"EmailAddressTo": "a@b.se"},
        "Comments": None,
    }
    assert fields.checked("Invoices", given, "update") == {
        "CustomerNumber": "1042",
        "InvoiceDate": "2026-05-01",
        "InvoiceRows": [{"Description": "Lampa", "DeliveredQuantity": "1.5", "Price": Decimal("43.75"), "AccountNumber": 0}],
        "EmailInformation": {"EmailAddressTo": "a@b.se"},
        "Comments": None,
    }


@pytest.mark.parametrize(
    ("resource", "given", "why"),
    [
        ("Invoices", {"Total": 219}, "Total of Fortnox' Invoices is read-only"),
        ("Invoices", {"InvoiceRows": [{"TotalExcludingVAT": 1}]}, r"InvoiceRows\[0\].TotalExcludingVAT .* is read-only"),
        ("Customers", {"Country": "Sverige"}, "Country .* is read-only"),
        ("Articles", {"SalesPrice": 100}, "SalesPrice .* is read-only"),
        ("Customers", {"name": "Test"}, "no field name .*case-sensitive"),
        ("Invoices", {"@url": "x"}, "no field @url"),
    ],
)
def test_read_only_and_unknown_fields_are_stopped(resource: str, given: dict[str, object], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        fields.checked(resource, given, "update")


@pytest.mark.parametrize(
    ("resource", "given", "code", "why"),
    [
        ("Customers", {"ZipCode": "12345678901"}, "2000107", "has 11 characters, at most 10"),
        ("Customers", {"GLN": "735"}, "2000107", "has 3 characters, at least 13"),
        ("Customers", {"Type": "FIRMA"}, "2000588", "“FIRMA”, not one of PRIVATE, COMPANY"),
        ("Customers", {"Active": "true"}, "2000134", "true or false"),
        ("Customers", {"OrganisationNumber": None}, "2005095", "cannot be emptied"),
        ("Customers", {"Name": None}, "2000699", "cannot be emptied"),
        ("Customers", {"Name": "a<b"}, "2000359", r"does not take \(<\)"),
        ("Customers", {"Phone1": 1.5}, "2005095", "must be a text"),
        ("Customers", {"InvoiceDiscount": 2.5}, "2000108", "Decimal or an int"),
        ("Customers", {"InvoiceDiscount": "fem"}, "2000108", r"must be a number \(fem\)"),
        ("Orders", {"YourOrderNumber": "x" * 31}, "2000107", "at most 30"),
        ("Orders", {"DeliveryAddress1": "x" * 61}, "2000107", "at most 60"),
        ("Orders", {"OrderDate": "2026-02-30"}, "2000588", "must be a date"),
        ("Orders", {"OrderDate": datetime(2026, 2, 1)}, "2000588", "must be a date"),  # noqa: DTZ001
        ("Orders", {"OrderRows": []}, "2002649", "empty list on an update"),
        ("Orders", {"OrderRows": [{"Unit": None}]}, "2000699", r"OrderRows\[0\].Unit cannot be emptied"),
        ("Orders", {"OrderRows": ["x"]}, "2002649", "list of objects"),
        ("Orders", {"OrderRows": {"Price": 1}}, "2001392", "must be a list"),
        ("Orders", {"EmailInformation": "x"}, "2001392", "must be an object"),
        ("Invoices", {"InvoiceRows": [{"Description": "x"}] * 501}, "2002649", "at most 500 rows"),
        ("Invoices", {"InvoiceRows": [{"VAT": Decimal("12.5")}]}, "2000108", "whole number"),
        ("Invoices", {"InvoiceRows": [{"AccountNumber": 10000}]}, "2000108", r"0\.\.9999"),
        ("Invoices", {}, "2001392", "Nothing was given"),
    ],
)
def test_a_value_that_fortnox_would_refuse_or_cut_is_stopped_with_its_code(
    resource: str, given: dict[str, object], code: str, why: str
) -> None:
    with pytest.raises(Rejected, match=why) as raised:
        fields.checked(resource, given, "update")
    assert raised.value.code == code


def test_a_refused_text_is_not_shown() -> None:
    with pytest.raises(Rejected) as raised:
        fields.checked("Customers", {"Name": "Ahmed Öberg <hemligt>"}, "update")
    assert "Ahmed" not in str(raised.value)


def test_what_is_required_is_required_on_create_only() -> None:
    with pytest.raises(Rejected, match="Customers Name is required"):
        fields.checked("Customers", {"City": "Växjö"}, "create")
    with pytest.raises(Rejected, match="Name has 0 characters"):
        fields.checked("Customers", {"Name": ""}, "create")
    assert fields.checked("Customers", {"City": "Växjö"}, "update") == {"City": "Växjö"}
    assert fields.checked("Customers", {"Name": "Test", "Address1": ""}, "create") == {"Name": "Test", "Address1": ""}


def test_an_unknown_search_parameter_or_value_is_stopped_before_anything_is_sent(far: Far, fortnox: Fortnox) -> None:
    with pytest.raises(SettingsError, match=r"/3/customers has no parameter Name\. It has: city, customernumber"):
        fortnox.customers.list(Name="Test")
    with pytest.raises(SettingsError, match=r"does not take filter=aktiv\. It takes: active, inactive"):
        fortnox.customers.list(filter="aktiv")
    with pytest.raises(SettingsError, match="sortorder=up"):
        fortnox.customers.list(sortby="name", sortorder="up")
    assert far.asked == []


def test_the_tables_are_those_of_the_published_definition(shared_facts: Path, tmp_path: Path) -> None:
    """The compact tables are made by scripts/fortnox_fields.py; whoever changes one runs it again."""
    maker = script("fortnox_fields")
    maker.main(shared_facts / "fortnox", tmp_path)
    for name in ("fields.csv", "parameters.csv"):
        kept = (ROOT / "src" / "brygga" / "clients" / "fortnox" / name).read_text("utf-8")
        assert kept == (tmp_path / name).read_text("utf-8")
    with (tmp_path / "fields.csv").open(encoding="utf-8") as file:
        known = {(row["resource"], row["field"]) for row in csv.DictReader(file)}
    assert set(maker.CORRECTIONS) <= known, "a correction names a field that is not there"
