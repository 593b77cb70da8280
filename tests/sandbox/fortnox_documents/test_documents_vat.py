"""VAT type, rate and account of rows: the shared cases on documents made over HTTP."""

from typing import Any

TOPICS = {
    "test_account_and_rate_of_a_row": ("vat_treatment", lambda case: case["expected"]["predefined_account"] is not None),
    "test_a_rate_of_another_country_needs_an_account": (
        "vat_treatment",
        lambda case: case["expected"]["predefined_account"] is None,
    ),
}


def test_account_and_rate_of_a_row(api: Any, company: Any, case: Any) -> None:
    """Accounting.md 1.3 and 1.4: what the hub decided on the customer gives the account and rate of a bare row."""
    given, expected = case["input"], case["expected"]
    company.set("easy_vat", True)
    api.put("customers/1", "Customer", VATType=expected["vat_type"], Type=given["customer_type"], VATNumber="DE123456788")
    service = given["supply"] == "services"
    sales = company.get("predefinedaccounts", f"SALES_{given['rate']}_SE{'2' if service else ''}")["Account"]
    api.post("articles", "Article", ArticleNumber="X", Description="X", Type="SERVICE" if service else "STOCK", SalesAccount=sales)
    made = api.invoice({"ArticleNumber": "X", "DeliveredQuantity": "1", "Price": 100})
    (row,) = made["InvoiceRows"]
    account = company.get("predefinedaccounts", expected["predefined_account"])["Account"]
    assert (row["VAT"], row["AccountNumber"]) == (int(expected["row_vat"]), account)
    if expected["default_account"] is not None:
        assert row["AccountNumber"] == int(expected["default_account"])
    if not service:  # a row without article counts as goods
        wish = {"Description": "Vara", "DeliveredQuantity": "1", "Price": 100}
        if expected["row_vat"] != "0":
            wish["VAT"] = int(expected["row_vat"])
        (bare,) = api.invoice(wish)["InvoiceRows"]
        assert bare["AccountNumber"] == account


def test_a_rate_of_another_country_needs_an_account(api: Any, company: Any, case: Any) -> None:
    company.set("easy_vat", True)
    wish: dict[str, Any] = {
        "Description": "Vara",
        "DeliveredQuantity": "1",
        "Price": 100,
        "VAT": float(case["expected"]["row_vat"]),
    }
    fields = {"CustomerNumber": "1", "InvoiceRows": [wish]}
    if wish["VAT"] != int(wish["VAT"]):
        api.refused("POST", "invoices", 2000108, f"Värdet måste vara numeriskt ({wish['VAT']})", "Invoice", **fields)
        return
    api.refused("POST", "invoices", 2000588, "Kunde inte hämta/hitta moms", "Invoice", **fields)
    company.set("vat_rates", [25, 12, 6, 0, int(wish["VAT"])])
    api.refused("POST", "invoices", 2004167, "Raden med egen momssats saknar konto", "Invoice", **fields)
    (row,) = api.invoice({**wish, "AccountNumber": 3106})["InvoiceRows"]
    assert (row["VAT"], row["AccountNumber"]) == (int(wish["VAT"]), 3106)


def test_the_rate_follows_from_the_account(api: Any) -> None:
    rows = [
        {"Description": "Rad", "DeliveredQuantity": "1", "Price": 1, "AccountNumber": n} for n in (3001, 3002, 3003, 3004, 2421)
    ]
    made = api.invoice(*rows)
    assert [row["VAT"] for row in made["InvoiceRows"]] == [25, 12, 6, 0, 0]
    assert [row["VATCode"] for row in made["InvoiceRows"]] == ["MP1", "MP2", "MP3", "MF", None]


def test_the_customers_account_beats_the_articles(api: Any) -> None:
    api.put("customers/1", "Customer", SalesAccount="3520")
    made = api.invoice({"ArticleNumber": "A1", "DeliveredQuantity": "1", "Price": 1})
    assert made["InvoiceRows"][0]["AccountNumber"] == 3520


def test_fees_of_an_export_carry_no_vat(api: Any) -> None:
    api.put("customers/1", "Customer", VATType="EXPORT")
    made = api.invoice({"ArticleNumber": "A1", "DeliveredQuantity": "1", "Price": 100}, Freight=50)
    assert (made["TotalVAT"], made["FreightVAT"], made["Total"]) == (0, 0, 150)


def test_a_rate_that_is_no_whole_percent_is_not_cut_to_one(api: Any) -> None:
    row = {"ArticleNumber": "A1", "DeliveredQuantity": 1, "Price": 100, "VAT": 25.5}
    api.refused("POST", "orders", 2000588, "Kunde inte hämta/hitta moms", "Order", CustomerNumber="1", OrderRows=[row])
