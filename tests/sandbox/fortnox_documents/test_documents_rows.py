"""Rows: what a PUT does to them, text rows, limits, what the article fills in (Fortnox API, sections 9.5 and 9.8)."""

from typing import Any

import pytest

from fortnox_rows import row


def test_rows_without_ids_go_by_position_and_inherit_what_is_left_out(api: Any) -> None:
    api.invoice(row(100, "1", Discount=10, DiscountType="PERCENT"), row(200), row(300))
    made = api.put("invoices/1", "Invoice", InvoiceRows=[{"DeliveredQuantity": "2"}, {"Price": 250}])
    first, second = made["InvoiceRows"]
    assert (first["DeliveredQuantity"], first["Price"], first["Discount"], first["Total"]) == ("2", 100, 10, 180)
    assert (second["ArticleNumber"], second["Price"], second["Total"]) == ("A1", 250, 250)
    assert made["Net"] == 430


def test_rows_with_an_id_are_updated_others_are_new_and_those_not_named_vanish(api: Any) -> None:
    made = api.invoice(row(100), row(200), row(300))
    one, _, three = [line["RowId"] for line in made["InvoiceRows"]]
    changed = api.put("invoices/1", "Invoice", InvoiceRows=[{"RowId": three}, row(50), {"RowId": one, "Price": 110}])
    assert [line["Price"] for line in changed["InvoiceRows"]] == [300, 50, 110]
    assert not {line["RowId"] for line in changed["InvoiceRows"]} & {line["RowId"] for line in made["InvoiceRows"]}


def test_row_ids_are_new_after_every_update_even_of_the_head(api: Any) -> None:
    before = api.invoice(row())["InvoiceRows"][0]["RowId"]
    after = api.put("invoices/1", "Invoice", Comments="Hej")["InvoiceRows"][0]["RowId"]
    assert after != before
    api.refused(
        "PUT", "invoices/1", 2000588, f"Raden {before} finns inte på dokumentet.", "Invoice", InvoiceRows=[{"RowId": before}]
    )


def test_null_clears_the_article_and_an_empty_text_does_not(api: Any) -> None:
    api.invoice(row())
    assert api.put("invoices/1", "Invoice", InvoiceRows=[{"ArticleNumber": ""}])["InvoiceRows"][0]["ArticleNumber"] == "A1"
    assert api.put("invoices/1", "Invoice", InvoiceRows=[{"Unit": ""}])["InvoiceRows"][0]["Unit"] == "st"
    changed = api.put("invoices/1", "Invoice", InvoiceRows=[{"ArticleNumber": None, "Description": "Fri rad"}])
    assert changed["InvoiceRows"][0]["ArticleNumber"] == ""
    api.refused("PUT", "invoices/1", 2000699, "Värdet kan inte vara null. (unit)", "Invoice", InvoiceRows=[{"Unit": None}])


def test_a_header_change_keeps_rows_and_totals(api: Any) -> None:
    before = api.invoice(row(99.5, "3", Discount=5), {"Description": "Text"})
    after = api.put("invoices/1", "Invoice", YourReference="Bo")
    assert after["Total"] == before["Total"]
    drop = {"RowId"}
    assert [{k: v for k, v in line.items() if k not in drop} for line in after["InvoiceRows"]] == [
        {k: v for k, v in line.items() if k not in drop} for line in before["InvoiceRows"]
    ]


def test_a_row_with_text_only_has_account_zero_and_no_line_breaks(api: Any) -> None:
    made = api.invoice({"Description": "Rad ett\r\nrad två"}, {}, {"Description": "x" * 300})
    text, empty, long = made["InvoiceRows"]
    assert (text["AccountNumber"], text["VAT"], text["DeliveredQuantity"], text["Description"]) == (0, 0, "0", "Rad ettrad två")
    assert empty["Description"] == ""
    assert len(long["Description"]) == 255
    assert made["Total"] == 0


def test_a_text_row_that_gets_a_price_finds_account_and_vat(api: Any) -> None:
    api.invoice({"Description": "Timmar"})
    made = api.put("invoices/1", "Invoice", InvoiceRows=[{"DeliveredQuantity": "2", "Price": 50}])
    (line,) = made["InvoiceRows"]
    assert (line["Description"], line["AccountNumber"], line["VAT"], line["Total"]) == ("Timmar", 3001, 25, 100)


def test_the_article_fills_text_unit_vat_account_and_cost(api: Any) -> None:
    made = api.invoice({"ArticleNumber": "A1", "DeliveredQuantity": "2", "Price": 100})
    (line,) = made["InvoiceRows"]
    assert (line["Description"], line["Unit"], line["VAT"], line["AccountNumber"], line["Cost"]) == ("Skruv", "st", 25, 3001, 40)
    assert (line["ContributionValue"], line["ContributionPercent"]) == ("120", "60")
    assert (made["ContributionValue"], made["ContributionPercent"]) == (120, 60)


def test_five_hundred_rows_go_and_one_more_does_not(api: Any) -> None:
    assert len(api.invoice(*[row(1)] * 500)["InvoiceRows"]) == 500
    api.refused(
        "POST", "invoices", 2000588, "Dokumentet kan inte ha fler än 500 rader.", "Invoice",
        CustomerNumber="1", InvoiceRows=[row(1)] * 501,
    )  # fmt: skip


def test_an_order_counts_what_is_delivered(api: Any) -> None:
    """Fortnox API, section 9.6."""
    made = api.post(
        "orders", "Order", CustomerNumber="1", OrderRows=[{"ArticleNumber": "A1", "OrderedQuantity": "1", "Price": 100}]
    )
    assert (made["OrderRows"][0]["DeliveredQuantity"], made["Total"]) == ("0", 0)


def test_an_offer_without_rows_is_refused_on_change_only(api: Any) -> None:
    api.post("offers", "Offer", CustomerNumber="1", OfferRows=[])
    api.refused("PUT", "offers/1", 2002649, "Felaktig datastruktur.", "Offer", OfferRows=[])


def test_rows_that_an_order_made_cannot_be_sent(api: Any) -> None:
    api.post("orders", "Order", CustomerNumber="1", OrderRows=[row()])
    api.act("orders/1/createinvoice")
    text = "En eller flera rader har koppling till en order, det går därför inte att uppdatera raderna via API."
    api.refused("PUT", "invoices/1", 2000588, text, "Invoice", InvoiceRows=[row(7)])
    assert api.put("invoices/1", "Invoice", Comments="Bara huvudet")["Comments"] == "Bara huvudet"


@pytest.mark.parametrize("path", ["invoices", "orders", "offers"])
def test_a_removed_article_may_stay_on_its_row(api: Any, path: str) -> None:
    one = path[:-1].capitalize()
    quantity = "Quantity" if path == "offers" else "DeliveredQuantity"
    wish = {"ArticleNumber": "A1", quantity: "1", "Price": 5}
    api.post(path, one, **{"CustomerNumber": "1", f"{one}Rows": [wish]})
    api.put("articles/A1", "Article", Active=False)
    assert api.put(f"{path}/1", one, **{f"{one}Rows": [{"Price": 6}]})["Net"] == 6
    api.refused("POST", path, 2000588, "Artikel A1 är inte aktiv.", one, **{"CustomerNumber": "1", f"{one}Rows": [wish]})
