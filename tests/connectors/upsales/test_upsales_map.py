"""Upsales' maps: values both ways, rows to the öre, bundles, and what the settings take."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.clients.upsales import CustomField
from brygga.connectors.upsales import map as mapping
from brygga.connectors.upsales import sale_map, settings
from brygga.connectors.upsales.company_places import ALIASES, places
from brygga.connectors.upsales.sale_streams import trouble_of_rows
from brygga.connectors.upsales.streams import standing
from brygga.core.document import Row
from brygga.core.money import Money, round_ore
from brygga.core.record import ABSENT, Article, Customer, present
from brygga.core.totals import Priced, row_total
from brygga.errors import SettingsError

CHOSEN = {
    "module": "invoice", "placeholder_user": "Integration", "won_stage": "Order", "lost_stage": "Förlorad", "price_list": "A",
}  # fmt: skip
IDS = {
    "FORTNOX_CUSTOMER_ID": 1,
    "VAT_NO": 2,
    "EMAIL": 3,
    "FORTNOX_ID": 4,
    "IS_PAID": 5,
    "FN_BALANCE": 6,
    "FN_TOTAL": 7,
    "DUE_DATE": 8,
}

CHOICES = {
    "TERMS_OF_PAYMENT": ("0 dagar", "30 dagar", "Kontant"),
    "VAT_TYPE": ("SE", "SE omvänd skatteskyldighet", "EU omvänd skatteskyldighet", "EU momspliktig", "Export"),
}
MORE = places(
    (
        CustomField(20 + place, alias, alias, "Select" if alias in CHOICES else "String", CHOICES.get(alias, ()))
        for place, alias in enumerate(ALIASES.values())
    ),
    {},
    "",
)

words = st.text(st.characters(codec="latin-1", categories=("L", "N")), max_size=6)


def customers() -> st.SearchStrategy[Customer]:
    """Customers that differ in everything that MORE and the plain fields hold."""
    coded = {
        "currency": st.sampled_from(["SEK", "EUR"]),
        "terms_of_payment": st.sampled_from(["", "0", "30", "K"]),
        "vat_type": st.sampled_from(["", "SEVAT", "EUREVERSEDVAT", "EXPORT"]),
        **{f"{place}_country": st.sampled_from(["", "SE", "NO", "DE"]) for place in (*mapping.PLACES, "delivery")},
    }
    plain = (mapping.HELD | MORE.held) - coded.keys()
    texts = st.lists(words, min_size=len(plain), max_size=len(plain)).map(lambda some: dict(zip(sorted(plain), some, strict=True)))
    return st.builds(lambda one, two: Customer(**one, **two), texts, st.fixed_dictionaries(coded))


@given(customers(), customers())
def test_a_customer_written_and_read_is_the_same_whatever_stood_there(old: Customer, new: Customer) -> None:
    raw = {"id": 1, **mapping.account_fields(dict(present(old)), {}, IDS, MORE)}
    after = {**raw, **mapping.account_fields(dict(present(new)), raw, IDS, MORE)}
    assert mapping.customer_from_account(after, IDS, MORE) == new


def test_terms_and_kind_of_vat_are_codes_in_fortnox_and_the_choices_of_the_account_in_upsales() -> None:
    """UPS-20: the vendor's choices are names; one that says no code moves nothing, and what has no choice is shown as none."""
    said = {
        text: MORE.said("terms_of_payment", text)
        for text in ("30 dagar", "30: Trettio dagar", "AG: Autogiro", "Kontant", "Efter möte")
    }
    assert list(said.values()) == ["30", "30", "AG", "K", ABSENT]
    assert [MORE.spelled("terms_of_payment", code) for code in ("30", "PF", "")] == ["30", "", ""]
    assert (MORE.written("vat_type", "EUVAT"), MORE.said("vat_type", "EU momspliktig")) == ("EU momspliktig", "EUVAT")
    assert MORE.said("vat_type", "Moms") is ABSENT
    own = places([CustomField(30, "Villkor", "VILLKOR")], {"terms_of_payment": "VILLKOR"}, "Other")
    assert own.held == {"terms_of_payment", "delivery_street", "delivery_postcode", "delivery_city", "delivery_country"}
    assert own.written("terms_of_payment", "PF") == own.spelled("terms_of_payment", "PF") == "PF"
    made = mapping.account_fields({"delivery_city": "Luleå"}, {"addresses": [{"type": "Mail", "city": "Växjö"}]}, IDS, own)
    assert made == {"addresses": [{"type": "Mail", "city": "Växjö"}, {"type": "Other", "city": "Luleå"}]}
    assert mapping.customer_from_account(made, IDS, own).delivery_city == "Luleå"


def test_only_what_changed_is_sent_and_lists_go_whole() -> None:
    other = {"type": "Other", "address": "Lagret", "city": "Lessebo"}
    raw = {"addresses": [other], "custom": [{"fieldId": 9, "value": "x"}, {"fieldId": 1, "value": "101"}]}
    assert mapping.account_fields({"phone": "1"}, raw, IDS) == {"phone": "1"}
    made = mapping.account_fields({"email": "a@b.example", "visiting_city": "Alvesta"}, raw, IDS)
    assert made["addresses"] == [other, {"type": "Visit", "city": "Alvesta"}]
    assert {one["fieldId"]: one["value"] for one in made["custom"]} == {9: "x", 1: "101", 3: "a@b.example"}
    assert mapping.account_fields({"visiting_city": ""}, raw, IDS) == {}


def test_the_invoice_address_comes_before_the_one_for_mail() -> None:
    mail, invoice = {"type": "Mail", "city": "Växjö"}, {"type": "Invoice", "city": "Lund"}
    assert mapping.customer_from_account({"addresses": [mail, invoice]}, IDS).invoice_city == "Lund"
    assert mapping.customer_from_account({"addresses": [mail]}, IDS).invoice_city == "Växjö"


def test_a_company_without_a_name_is_held_and_one_without_a_sale_left_alone() -> None:
    held = standing(Customer(name="", number="101"), "8", False)
    assert held is not None
    assert str(held.sentence) == "Company 8 has no name."
    alone = standing(Customer(name="Fjord AB", number=""), "8", False)
    assert alone is not None
    assert alone.rule == "UPS-18"
    assert standing(Customer(name="Fjord AB", number=""), "8", True) is None


def test_a_product_keeps_the_prices_of_other_lists_and_currencies() -> None:
    raw = {
        "currencies": [
            {"currency": "SEK", "price": 5, "priceListId": 2},
            {"currency": "SEK", "price": 7, "priceListId": 1},
            {"currency": "EUR", "price": 1, "priceListId": 1},
        ]
    }
    made = mapping.product_fields({"list_price": Money(Decimal("9.50"), "SEK")}, raw, IDS)
    assert [one["price"] for one in made["currencies"]] == [5, Decimal("9.50"), 1]
    assert mapping.product_fields({"name": "Bord"}, raw, IDS) == {"name": "Bord"}
    assert mapping.article_from_product({"id": 1, "name": "Bord", "active": 0}) == Article(
        number="", name="Bord", list_price=Money(Decimal(0), "SEK"), cost_price=Money(Decimal(0), "SEK"), active=False
    )


# Sales --------------------------------------------------------------------------------------------------------------------

money = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(100000), places=2)
quantities = st.integers(1, 500).map(Decimal) | st.decimals(min_value=Decimal("0.01"), max_value=Decimal(500), places=2)


@given(
    quantities, money, st.one_of(st.just(("percent", Decimal(0))), st.tuples(st.just("percent"), st.integers(1, 100).map(Decimal)))
)
def test_a_row_of_fortnox_is_worth_the_same_in_upsales(quantity: Decimal, price: Decimal, off: tuple[str, Decimal]) -> None:
    _same_worth(quantity, price, *off, strict=quantity == int(quantity))


@given(st.integers(1, 500).map(Decimal), money, st.integers(0, 100))
def test_a_row_with_an_amount_off_is_worth_the_same_in_upsales(quantity: Decimal, price: Decimal, share: int) -> None:
    _same_worth(quantity, price, "amount", round_ore(quantity * price * share / 100), strict=True)


def _same_worth(quantity: Decimal, price: Decimal, kind: str, discount: Decimal, *, strict: bool) -> None:
    row = Row(
        article_number="A1",
        quantity=quantity,
        price=Money(price, "SEK"),
        discount=discount,
        discount_kind=kind if discount else ABSENT,
    )
    [made] = sale_map.rows_to_sale([row, Row(description="text")], {"A1": 1})
    total = row_total(Priced(quantity, price, Decimal(0), discount, kind), "row")
    # Upsales keeps doubles and reckons with them.
    worth = Decimal(repr(float(made["price"]) * float(quantity)))
    assert sale_map.value_of({"value": worth}) == total
    stored = {**made, "price": Decimal(repr(float(made["price"]))), "productId": 1}
    [line] = sale_map.lines_of({"orderRow": [stored]}, "onlyBundle")
    if not strict and sale_map.sum_of([line]) != total:
        # A hundredth of a unit can make half an öre: then the sale is held, and nothing is off by one.
        raw = {"id": 5, "value": worth, "orderRow": [stored]}
        assert trouble_of_rows(raw, {1: {"articleNo": "A1"}}, settings.read(CHOSEN)) is not None
        return
    assert sale_map.sum_of([line]) == total


def sale(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    value = sum((Decimal(str(row["price"])) * row["quantity"] for row in rows), Decimal(0))
    return {"id": 5, "description": "x", "value": value, "orderRow": [{"productId": 1, **row} for row in rows], **more}


@pytest.mark.parametrize(
    ("price", "listed", "discount", "shown"),
    [
        ("90", "100", "20", "100"),
        ("100", "100", "0", "100"),
        ("120", "100", "0", "120"),
        ("66.666666666666671", "100", "66.67", "100"),
        ("-50", "0", "100", "0"),
    ],
)
def test_the_discount_is_the_list_price_less_the_price(price: str, listed: str, discount: str, shown: str) -> None:
    row = {"quantity": 2, "price": Decimal(price), "listPrice": Decimal(listed)}
    [line] = sale_map.lines_of(sale(row), "onlyBundle")
    assert (line.off, line.list_price) == (Decimal(discount), Decimal(shown))


def test_rows_that_do_not_make_the_value_hold_the_sale() -> None:
    products = {1: {"articleNo": "A1", "name": "Bord"}}
    chosen = settings.read(CHOSEN)
    good = {**sale({"quantity": 2, "price": 90, "listPrice": 100}), "currency": "SEK"}
    assert trouble_of_rows(good, products, chosen) is None
    held = trouble_of_rows({**good, "value": Decimal("180.01")}, products, chosen)
    assert held is not None
    assert "the value 180.01 in Upsales, and its rows make 180.00 in Fortnox" in str(held.sentence)
    many = trouble_of_rows(sale(*[{"quantity": 1, "price": 1, "listPrice": 1}] * 501, currency="SEK"), products, chosen)
    assert many is not None
    assert "501 rows" in str(many.sentence)
    gone = trouble_of_rows(good, {1: None}, chosen)
    assert gone is not None
    assert "is gone from Upsales" in str(gone.sentence)


def test_a_balance_of_nothing_is_paid() -> None:
    made = sale_map.sale_fields({"balance": Money(Decimal(0), "SEK"), "due": None}, {}, "invoice", IDS)
    assert {one["fieldId"]: one["value"] for one in made["custom"]} == {8: "", 6: 0, 5: 1}


# Settings -----------------------------------------------------------------------------------------------------------------


def test_settings_say_what_is_missing_in_the_vendors_words() -> None:
    assert settings.read({}).missing() == (
        "Modul att synka", "Uppsamlingsanvändare", "Vunnen orderfas", "Förlorad orderfas", "Prislista",
    )  # fmt: skip
    chosen = settings.read(CHOSEN)
    assert (chosen.missing(), chosen.kind, chosen.offers, chosen.approved) == ((), "invoice", False, False)
    offers = settings.read({**CHOSEN, "module": "order_offer", "offer_stage": 7, "approved": True})
    assert (offers.missing(), offers.kind, offers.offers, offers.offer_stage) == ((), "order", True, "7")
    assert offers.approved
    with pytest.raises(SettingsError, match="Uppsamlingsanvändare"):
        settings.complete(replace(chosen, placeholder_user=""))


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"module": "both"}, "Modul att synka"),
        ({"modul": "order"}, "Is module meant"),
        ({"product_bundles": "all"}, "Produktpaket"),
        ({"won_stage": ["Order"]}, "Vunnen orderfas"),
        ({"owners": {"number": "upsales"}}, "Vem äger fältet"),
        ({"approved": "yes"}, "Jag har sett förhandsvisningen"),
        ({"brake": 2}, "Broms"),
    ],
)
def test_a_setting_that_is_wrong_is_named(given_: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        settings.read({**CHOSEN, **given_})


def test_settings_are_explained_with_their_terms() -> None:
    rows = {str(row["key"]): row for row in settings.explain()}
    assert rows["placeholder_user"]["term"] == "Uppsamlingsanvändare"
    assert rows["owners"]["default"] == {
        name: "fortnox" if name in settings.FORTNOX_OWNS else "upsales" for name in settings.CUSTOMER_FIELDS
    }
