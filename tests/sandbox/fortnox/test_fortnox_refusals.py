"""Bad input gets Fortnox' answer: broken JSON, wrong wrapper, unknown field, wrong type, wrong length, wrong path."""

from typing import Any

import pytest

JSON = {"Content-Type": "application/json"}


def test_an_unknown_path_and_a_missing_number(api: Any) -> None:
    api.refused("GET", "nothing", 404, 2000764, "no such route")
    api.refused("GET", "customers/1/bookkeep", 404, 2000764)
    api.refused("PATCH", "customers/1", 404, 2000764)
    api.refused("DELETE", "suppliers/1", 404, 2000764)
    api.refused("PUT", "customers", 400, 2000729, "A valid identifier was not provided.", json={"Customer": {"Name": "A"}})


def test_a_slash_at_the_end_makes_no_difference(api: Any) -> None:
    api.post("customers/", "Customer", Name="A")
    assert api.get("customers/1/")["Customer"]["Name"] == "A"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 2001392),
        (b"   ", 2001392),
        (b"{", 2002115),
        (b'{"Customer":{"Name":"A",}}', 2002115),
        (b'{"Customer":{"Name":NaN}}', 2002115),
        (b"\xff\xfe", 2002115),
        (b"[" * 100_000, 2002115),
        (b"[]", 2001392),
        (b'"Customer"', 2001392),
        (b"{}", 2001392),
        (b'{"customer":{"Name":"A"}}', 2001392),
        (b'{"Article":{"Name":"A"}}', 2001392),
        (b'{"Customer":{"Name":"A"},"More":{}}', 2001392),
        (b'{"Customer":[]}', 2001392),
        (b'{"Customer":null}', 2001392),
        (b'{"Customer":{"Name":' + b"9" * 5000 + b"}}", 2002115),
    ],
)
def test_a_body_that_is_no_customer(api: Any, body: bytes, code: int) -> None:
    api.refused("POST", "customers", 400, code, content=body, headers=JSON)
    assert api.get("customers")["Customers"] == []


def test_ten_megabytes_are_refused_by_the_rule_they_break(api: Any) -> None:
    big = b"x" * 10_000_000
    api.refused("POST", "customers", 400, 2000107, content=b'{"Customer":{"Name":"' + big + b'"}}', headers=JSON)
    api.refused("POST", "customers", 400, 2002115, content=big, headers=JSON)


def test_content_types_that_are_not_json(api: Any) -> None:
    api.refused("GET", "customers", 400, 1000030, "Invalid response type", headers={"Accept": "application/pdf"})
    xml = {"content": b"<Customer/>", "headers": {"Content-Type": "application/xml"}}
    api.refused("POST", "customers", 400, 1000031, "Invalid content type", **xml)


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"Name": "A", "name": "b"}, 2001399, "Felaktigt fältnamn (name)"),
        ({"Name": "A", "price": 1}, 2001399, "Felaktigt fältnamn (price)"),
        ({"Name": "A", "@url": "x"}, 2001399, "Felaktigt fältnamn (@url)"),
        ({"Name": "A", "Country": "Sverige"}, 2001399, "Felaktigt fältnamn (Country)"),
        ({}, 2000699, "Värdet kan inte vara null. (name)"),
        ({"Name": ""}, 2000699, None),
        ({"Name": None}, 2000699, None),
        ({"Name": "API_BLANK"}, 2000699, None),
        ({"Name": 5}, 2005095, "Fältet är av typen string"),
        ({"Name": True}, 2005095, None),
        ({"Name": {}}, 2005095, None),
        ({"Name": ["A"]}, 2005095, None),
        ({"Name": "A", "Active": "ja"}, 2000134, "Värdet måste vara en boolean (ja)"),
        ({"Name": "A", "Active": 1}, 2000134, "Värdet måste vara en boolean (1)"),
        ({"Name": "A", "InvoiceDiscount": "tio"}, 2000108, "Värdet måste vara numeriskt (tio)"),
        ({"Name": "A", "InvoiceDiscount": True}, 2000108, "Värdet måste vara numeriskt (true)"),
        ({"Name": "A", "InvoiceDiscount": []}, 2000108, None),
        ({"Name": "A", "DefaultTemplates": "x"}, 2002649, "Felaktig datastruktur."),
        ({"Name": "A", "DefaultDeliveryTypes": {"Invoice": "FAX"}}, 2000588, None),
        ({"Name": "A", "DefaultDeliveryTypes": {"Faktura": "PRINT"}}, 2001399, "Felaktigt fältnamn (Faktura)"),
        ({"Name": "A" * 1025}, 2000107, None),
        ({"Name": "A", "Comments": "x" * 1025}, 2001896, None),
        ({"Name": "A", "YourReference": "x" * 51}, 2001600, None),
        ({"Name": "A", "GLN": "123"}, 2000107, None),
        ({"Name": "A", "GLN": "73000090320ab"}, 2000108, None),
        ({"Name": "A", "Type": "FIRMA"}, 2001200, "Ogiltig kundtyp"),
        ({"Name": "A", "OrganisationNumber": None}, 2005095, "Fältet är av typen string"),
        ({"Name": "A", "VATNumber": "12"}, 2004194, "Ogiltigt VAT-nummer."),
        ({"Name": "A", "CountryCode": "XX"}, 2000919, "Ogiltigt land: XX"),
        ({"Name": "A", "SalesAccount": "9998"}, 2001304, "Kunde inte hitta konto"),
        ({"Name": "A", "CustomerNumber": "1 2"}, 2000106, "Värdet måste vara alfanumeriskt (1 2)"),
        ({"Name": "A", "Email": "nobody"}, 2000588, "Ogiltig e-postadress (nobody)"),
        ({"Name": "A", "TermsOfPayment": "99"}, 2000588, None),
        ({"Name": "A", "Currency": "NOK"}, 2000588, "Kunde inte hämta/hitta valuta"),
    ],
)
def test_a_field_that_breaks_a_rule(api: Any, fields: dict[str, Any], code: int, message: str | None) -> None:
    api.refused("POST", "customers", 400, code, message, json={"Customer": fields})
    assert api.get("customers")["Customers"] == []


@pytest.mark.parametrize("name", ["A — B", "A -> B", "<b>", "A|B", 'A "B"', "A\tB", "A 🙂", "A\ud800"])
def test_characters_that_fortnox_does_not_take(api: Any, name: str) -> None:
    text = '{"Customer":{"Name":' + __import__("json").dumps(name) + "}}"
    message = api.refused("POST", "customers", 400, 2000359, content=text.encode(), headers=JSON)
    assert message == f"Värdet innehåller ej tillåtna tecken. ({name})"


@pytest.mark.parametrize(
    "name", ["Åkeri & Söner (Öst) – 50 % ½ ² £ € ¢ ¥ © ™ °", "Émile Łódź Ærø", "A\r\nB", "´`’ \\ / ; ^ ¤ # § $ = + * _ ! ? @"]
)
def test_characters_that_fortnox_takes(api: Any, name: str) -> None:
    assert api.post("customers", "Customer", Name=name)["Name"] == name
    assert api.get("customers/1")["Customer"]["Name"] == name


def test_a_refused_call_leaves_nothing_behind(sandbox: Any, api: Any) -> None:
    before = len(sandbox.topics.events)
    api.refused("POST", "pricelists", 400, 2001399, json={"PriceList": {"Code": "B", "Description": "B", "X": 1}})
    api.refused("POST", "prices", 400, 2000513, json={"Price": {"PriceList": "A", "ArticleNumber": "9", "Price": 1}})
    assert len(sandbox.company.table("prices")) == 0
    assert len(sandbox.topics.events) == before


def test_headers_and_escapes_are_as_recorded(api: Any) -> None:
    response = api.call("POST", "customers", json={"Customer": {"Name": "Å/Ö"}})
    assert response.headers["location"] == "customers"
    assert response.headers["server"] == "Fortnox"
    assert len(response.headers["x-uid"]) == 8
    assert len(response.headers["x-build"]) == 10
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-krakend"] == "Version 2.13.3"
    assert '"Name":"\\u00c5\\/\\u00d6"' in response.text
    assert '"@url":"http:\\/\\/127.0.0.1' in response.text


def test_each_register_has_its_own_not_found(api: Any) -> None:
    for path, code, message in (
        ("customers/9", 2000433, "Kan inte hitta kunden."),
        ("articles/9", 2000428, "Kan inte hitta artikeln."),
        ("termsofpayments/9", 2000429, "Kan inte hitta betalningsvillkoret."),
        ("units/9", 2000432, "Kan inte hitta enheten."),
        ("projects/9", 2001161, "Kan inte hitta projektet."),
        ("currencies/NOK", 2000427, None),
        ("pricelists/Z", 2000431, None),
        ("prices/A/9", 2000430, None),
        ("termsofdeliveries/9", 2000435, None),
        ("accounts/9998", 2000423, None),
        ("predefinedaccounts/NONE", 2001403, None),
    ):
        api.refused("GET", path, 404, code, message)
