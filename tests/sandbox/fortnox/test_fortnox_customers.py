"""The customer register: defaults, partial updates, clearing, numbers, deletion, references."""

from typing import Any

import pytest


def test_defaults_of_a_new_customer(api: Any) -> None:
    made = api.post("customers", "Customer", Name="Ny")
    assert (made["CustomerNumber"], made["Currency"], made["Type"], made["VATType"]) == ("1", "SEK", "COMPANY", "SEVAT")
    assert (made["Active"], made["PriceList"], made["ShowPriceVATIncluded"], made["TermsOfPayment"]) == (True, "A", False, "")
    assert set(made["DefaultTemplates"].values()) == {"DEFAULTTEMPLATE"}
    assert set(made["DefaultDeliveryTypes"].values()) == {"PRINT"}


def test_the_company_setting_decides_the_delivery_type(sandbox: Any, api: Any) -> None:
    sandbox.company.set("default_delivery_type", "EMAIL")
    made = api.post("customers", "Customer", Name="Ny", DefaultDeliveryTypes={"Order": "PRINT"})
    assert made["DefaultDeliveryTypes"] == {"Invoice": "EMAIL", "Offer": "EMAIL", "Order": "PRINT"}


def test_put_changes_only_what_is_named(api: Any) -> None:
    api.post("customers", "Customer", Name="A", City="Lund", Phone1="046", DefaultDeliveryTypes={"Invoice": "EMAIL"})
    changed = api.put("customers/1", "Customer", Phone1="0461", DefaultDeliveryTypes={"Order": "EMAIL"})
    assert (changed["Name"], changed["City"], changed["Phone1"]) == ("A", "Lund", "0461")
    assert changed["DefaultDeliveryTypes"] == {"Invoice": "EMAIL", "Offer": "PRINT", "Order": "EMAIL"}


def test_an_empty_text_leaves_null_clears_and_the_old_word_too(api: Any) -> None:
    api.post("customers", "Customer", Name="A", Comments="ett", City="två", InvoiceRemark="tre", InvoiceDiscount=5)
    assert api.put("customers/1", "Customer", Comments="", City="", InvoiceRemark="")["Comments"] == "ett"
    cleared = api.put("customers/1", "Customer", Comments=None, City="API_BLANK", InvoiceRemark=None, InvoiceDiscount=None)
    assert (cleared["Comments"], cleared["City"], cleared["InvoiceRemark"], cleared["InvoiceDiscount"]) == (None, None, "", None)


def test_what_cannot_be_cleared(api: Any) -> None:
    api.post("customers", "Customer", Name="A", OrganisationNumber="556036-0793")
    api.refused("PUT", "customers/1", 400, 2005095, json={"Customer": {"OrganisationNumber": None}})
    assert api.put("customers/1", "Customer", OrganisationNumber="")["OrganisationNumber"] == "556036-0793"
    api.refused("PUT", "customers/1", 400, 2000699, json={"Customer": {"Name": None}})
    assert api.put("customers/1", "Customer", Name="")["Name"] == "A"


def test_the_number_never_changes(api: Any) -> None:
    api.post("customers", "Customer", Name="A")
    api.refused("PUT", "customers/1", 400, 2000588, json={"Customer": {"CustomerNumber": "2"}})
    assert api.put("customers/1", "Customer", CustomerNumber="1", City="Lund")["City"] == "Lund"


def test_numbers_are_given_taken_and_stay_taken(api: Any) -> None:
    api.post("customers", "Customer", Name="A", CustomerNumber="7")
    assert api.post("customers", "Customer", Name="B")["CustomerNumber"] == "8"
    body = {"Customer": {"Name": "C", "CustomerNumber": "7"}}
    api.refused("POST", "customers", 400, 2000637, "Kundnummer 7 används redan.", json=body)
    assert api.call("DELETE", "customers/7").status_code == 204
    longer = "Kundnummer 7 används redan. Kundnumret har redan använts men blivit raderat."
    api.refused("POST", "customers", 400, 2000637, longer, json=body)
    api.refused("GET", "customers/7", 404, 2000433)
    assert api.post("customers", "Customer", Name="D")["CustomerNumber"] == "9"


def test_a_number_of_letters_and_signs(api: Any) -> None:
    made = api.post("customers", "Customer", Name="A", CustomerNumber="Å-1/2+_x")
    assert made["@url"].endswith("/3/customers/%C3%85-1%2F2%2B_x")
    assert api.get("customers/%C3%85-1%2F2%2B_x")["Customer"]["Name"] == "A"


def test_the_country_follows_its_code(api: Any) -> None:
    made = api.post("customers", "Customer", Name="A", CountryCode="se", DeliveryCountryCode="GB")
    assert (made["CountryCode"], made["Country"], made["DeliveryCountry"]) == ("SE", "Sverige", "United Kingdom")
    cleared = api.put("customers/1", "Customer", CountryCode=None)
    assert (cleared["CountryCode"], cleared["Country"]) == (None, None)


def test_an_invoice_customer_by_network_keeps_its_organisation_number(api: Any) -> None:
    api.post("customers", "Customer", Name="A", OrganisationNumber="123", DefaultDeliveryTypes={"Invoice": "ELECTRONICINVOICE"})
    api.refused("PUT", "customers/1", 400, 2000588, json={"Customer": {"OrganisationNumber": "456"}})


def test_a_customer_with_an_open_deal_cannot_be_deleted(sandbox: Any, api: Any) -> None:
    api.post("customers", "Customer", Name="A")
    with sandbox.lock:
        sandbox.company.table("orders").put("1", {"CustomerNumber": "1", "InvoiceReference": "0"}, 0)
        sandbox.company.commit()
    api.refused("DELETE", "customers/1", 400, 2000588)
    with sandbox.lock:
        sandbox.company.table("orders").put("1", {"CustomerNumber": "1", "Cancelled": True}, 0)
        sandbox.company.commit()
    assert api.call("DELETE", "customers/1").status_code == 204


def test_the_list_shows_phone_and_hides_the_rest(api: Any) -> None:
    api.post("customers", "Customer", Name="A", Phone1="011-1", VATNumber="SE556036079301")
    row = api.get("customers", phone="011")["Customers"][0]
    assert row["Phone"] == "011-1"
    assert not {"Type", "VATType", "VATNumber", "Currency", "TermsOfPayment", "Phone1"} & set(row)


@pytest.mark.parametrize("email", ["a@exempel.se", "fornamn.efternamn@sub.exempel.co.uk", "anna@öberg.se"])
def test_mail_addresses_that_are_taken(api: Any, email: str) -> None:
    assert api.post("customers", "Customer", Name="A", EmailInvoice=email)["EmailInvoice"] == email


def test_references_of_a_customer(api: Any) -> None:
    api.post("customers", "Customer", Name="A")
    body = {"CustomerReferenceRow": {"CustomerNumber": "1", "Reference": "Eva"}}
    made = api.call("POST", "customerreferences", json=body)
    assert made.status_code == 201
    row = made.json()["CustomerReference"]["CustomerReferenceRows"][0]
    assert row == {"CustomerNumber": "1", "Id": 1, "Reference": "Eva"}
    assert api.get("customerreferences", customer="1")["CustomerReference"]["CustomerReferenceRows"] == [row]
    assert api.get("customerreferences", customer="2")["CustomerReference"]["CustomerReferenceRows"] == []
    change = {"CustomerReferenceRow": {"Reference": "Ewa"}}
    assert (
        api.call("PUT", "customerreferences/1", json=change).json()["CustomerReference"]["CustomerReferenceRows"][0]["Reference"]
        == "Ewa"
    )
    assert api.call("DELETE", "customerreferences/1").status_code == 204
    api.refused(
        "POST", "customerreferences", 400, 2000204, json={"CustomerReferenceRow": {"CustomerNumber": "9", "Reference": "x"}}
    )
