"""Key sets and JSON types of recorded answers hold for the sandbox's registers."""

import json
from pathlib import Path
from typing import Any

import pytest

Profile = dict[str, dict[str, dict[str, int]]]


def kind(value: Any) -> str:
    """Return the JSON type in the profile's words; numbers inside texts count as texts."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text" if value else '""'
    return "obj" if isinstance(value, dict) else "list"


WORDS = {"str": "text", "str#": "text", "bool-str": "text", "int": "number", "float": "number"}


def assert_fits(profile: Profile, name: str, answer: dict[str, Any]) -> None:
    recorded = profile[name]
    assert set(answer) == set(recorded)
    for key, value in answer.items():
        allowed = {WORDS.get(word, word) for word in recorded[key]}
        assert kind(value) in allowed, f"{name}.{key} is {value!r}, recorded {sorted(allowed)}"
        if isinstance(value, dict):
            assert_fits(profile, f"{name}.{key}", value)


@pytest.fixture
def profile(shared_facts: Path) -> Profile:
    found: Profile = json.loads((shared_facts / "fortnox" / "recorded-profile.json").read_text("utf-8"))
    return found


def test_a_bare_customer_looks_as_recorded(profile: Profile, api: Any) -> None:
    made = api.post("customers", "Customer", Name="Ström AB")
    assert_fits(profile, "Customer (detail)", made)
    assert_fits(profile, "Customer (detail)", api.get("customers/1")["Customer"])
    listed = api.get("customers")
    assert_fits(profile, "MetaInformation", listed["MetaInformation"])
    assert_fits(profile, "Customers (list)", listed["Customers"][0])


def test_a_full_customer_looks_as_recorded(profile: Profile, api: Any) -> None:
    api.post("costcenters", "CostCenter", Code="10", Description="Norr")
    api.post("projects", "Project", Description="Bro")
    texts = dict.fromkeys(
        ["Address1", "Address2", "City", "Comments", "DeliveryAddress1", "DeliveryCity", "ExternalReference", "InvoiceRemark"],
        "Text 1",
    )
    more = {"CountryCode": "SE", "DeliveryCountryCode": "NO", "VisitingCountryCode": "KR", "SalesAccount": 3001}
    fees = {"InvoiceAdministrationFee": 29, "InvoiceDiscount": 5, "InvoiceFreight": "100", "CostCenter": "10", "Project": "1"}
    numbers = {"GLN": "7300009032094", "VATNumber": "SE556036079301", "OrganisationNumber": "556036-0793"}
    made = api.post("customers", "Customer", Name="Full AB", **texts, **more, **fees, **numbers)
    assert made["VisitingCountry"] == "Korea, Republic of"
    assert made["InvoiceFreight"] == 100
    assert_fits(profile, "Customer (detail)", made)


def test_articles_look_as_recorded(profile: Profile, api: Any) -> None:
    api.post("articles", "Article", Description="Arbete", PurchasePrice=93.5)
    api.post("articles", "Article", Description="Skruv", PurchasePrice=268, QuantityInStock=21, StockGoods=True)
    api.post("prices", "Price", ArticleNumber="1", PriceList="A", FromQuantity=0, Price=219)
    assert_fits(profile, "Article (detail)", api.get("articles/1")["Article"])
    plain, tracked = api.get("articles")["Articles"]
    assert_fits(profile, "Articles (list)", plain)
    assert_fits(profile, "Articles (list)", tracked)
    assert (plain["PurchasePrice"], plain["SalesPrice"], plain["VAT"], plain["QuantityInStock"]) == ("93.5", "219", "25", "0")
    assert (tracked["StockValue"], tracked["DisposableQuantity"], tracked["SalesPrice"]) == (5628, 21, None)


def test_the_small_registers_look_as_recorded(profile: Profile, api: Any) -> None:
    api.post("units", "Unit", Code="pall", Description="Pall")
    api.post("labels", "Label", Description="Viktig")
    api.post("projects", "Project", Description="Bro")
    assert_fits(profile, "Project (detail)", api.get("projects/1")["Project"])
    assert_fits(profile, "Projects (list)", api.get("projects")["Projects"][0])
    assert_fits(profile, "TermsOfPayment (detail)", api.get("termsofpayments/30")["TermsOfPayment"])
    for row in api.get("termsofpayments")["TermsOfPayments"]:
        assert_fits(profile, "TermsOfPayments (list)", row)
    assert_fits(profile, "Unit (detail)", api.get("units/pall")["Unit"])
    for row in api.get("units")["Units"]:
        assert_fits(profile, "Units (list)", row)
    labels = api.get("labels")
    assert list(labels) == ["Labels"]
    assert_fits(profile, "Labels (list)", labels["Labels"][0])
    assert_fits(profile, "CompanyInformation (detail)", api.get("companyinformation")["CompanyInformation"])
    assert_fits(profile, "Me (detail)", api.get("me")["Me"])


def test_every_register_answers_its_list(api: Any, sandbox: Any) -> None:
    for resource in sandbox.resources.values():
        if ("GET", f"/3/{resource.address}") not in resource.operations():
            continue
        body = api.get(resource.address)
        assert (resource.many or resource.one) in body or resource.one in body, resource.name
