"""What a shop order, customer and article become, without any system: discounts, cards, rates abroad, both ways of the maps."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.connectors.textalk import buyer, order_map, order_rows, settings
from brygga.connectors.textalk import map as mapping
from brygga.core.document import Document
from brygga.core.money import Money
from brygga.core.record import Article, present

METHODS: Mapping[int, dict[str, Any]] = {
    1: {"uid": 1, "name": {"sv": "Faktura", "no": "Faktura"}},
    2: {"uid": 2, "name": {"sv": "Presentkort", "no": "Gavekort"}},
    3: {"uid": 3, "name": {"sv": "Kort"}},
}
CHOSEN = {"documents": {"Faktura": "invoice", "Presentkort": "order", "3": "cash_invoice"}}


def cost(gross: str, rate: str = "0.25") -> dict[str, Any]:
    return {"currency": "SEK", "incVat": Decimal(gross), "vatRate": Decimal(rate)}


def an_order(**more: Any) -> dict[str, Any]:
    """Return an order of one mug for 100 kronor, paid by invoice."""
    return {
        "uid": 7,
        "orderNumber": 5001,
        "ordered": "2026-03-01T23:30:00+00:00",
        "currency": "SEK",
        "customer": {
            "uid": 0,
            "address": {"firstName": "Liv", "lastName": "Dahl", "country": "SE"},
            "info": {"email": "liv@dahl.example"},
        },
        "items": [{"articleNumber": "M-1", "articleName": "Mugg", "choices": {"quantity": 1}, "costs": {"total": cost("100.00")}}],
        "costs": {"cart": cost("100.00"), "payment": cost("0"), "shipment": cost("0"), "total": cost("100.00")},
        "payments": [{"method": 1, "amount": Decimal("100.00"), "status": "unpaid"}],
        **more,
    }


def made(order: dict[str, Any], **chosen: Any) -> Document:
    return order_map.document(order, METHODS, settings.read({**CHOSEN, **chosen}))


def held(order: dict[str, Any], **chosen: Any) -> str:
    with pytest.raises(order_map.Held) as caught:
        made(order, **chosen)
    return str(caught.value.hold.sentence)


def test_day_of_an_order_is_stockholms_and_its_customer_the_guest() -> None:
    document = made(an_order())
    assert (str(document.date), document.customer_ref, document.total) == (
        "2026-03-02",
        "guest:liv@dahl.example,liv-dahl",
        Money(Decimal("100.00"), "SEK"),
    )


def test_discount_of_a_line_stays_on_its_row_whether_the_line_is_before_or_after_it() -> None:
    off = {"discountInfo": {"incVat": Decimal(10)}}
    [item] = an_order()["items"]
    paid = [{"method": 1, "amount": Decimal(90), "status": "unpaid"}]
    sums = {"payment": cost("0"), "shipment": cost("0"), "total": cost("90")}
    apart = an_order(items=[{**item, **off}], costs={"cart": cost("90"), **sums}, payments=paid)
    inside = an_order(items=[{**item, **off, "costs": {"total": cost("90")}}], costs={"cart": cost("90"), **sums}, payments=paid)
    assert [(row.article_number, row.price, row.discount, row.discount_kind) for row in made(apart).lines] == [
        ("M-1", Money(Decimal("100.00"), "SEK"), 10, "amount")
    ]
    assert [(row.article_number, row.price, row.discount) for row in made(inside).lines] == [
        ("M-1", Money(Decimal("90.00"), "SEK"), 0)
    ]


def test_cart_that_is_less_than_its_lines_is_a_discount_of_the_whole_order() -> None:
    paid = [{"method": 1, "amount": Decimal(90), "status": "unpaid"}]
    sums = {"cart": cost("90"), "payment": cost("0"), "shipment": cost("0"), "total": cost("90")}
    rows = made(an_order(costs=sums, payments=paid)).lines
    assert [(row.article_number, row.price) for row in rows] == [
        ("M-1", Money(Decimal("100.00"), "SEK")),
        ("Rabatt", Money(Decimal("-10.00"), "SEK")),
    ]


def test_buyers_are_told_by_number_then_uid_then_mailbox_and_name_and_ids_are_the_same_in_every_spelling() -> None:
    def id_of(uid: int = 0, country: str = "SE", **info: str) -> str:
        order = an_order()
        order["customer"] = {"uid": uid, "address": {"firstName": "Liv", "lastName": "Dahl", "country": country}, "info": info}
        return buyer.buyer_of(order, settings.read({}).info_fields)

    spelt = {id_of(orgNumber=text, email="a@b.example") for text in ("556016-0680", "5560160680", " 16556016-0680", "556016 0680")}
    assert spelt == {"org:5560160680"}
    assert id_of(vatNumber="se 556016068001") == "vat:SE556016068001"
    assert id_of(7, orgNumber="640823-3234") == "7", "a personal number stands in no id"
    assert id_of(email="LIV@Dahl.example ") == id_of(email="mailto:liv@dahl.example") == "guest:liv@dahl.example,liv-dahl"
    assert id_of() == "order:7"
    long = id_of(email="liv@" + "d" * 60 + ".example", company="Ett mycket långt företagsnamn " * 5)
    assert (
        len(long) <= 100,
        long == id_of(email="LIV@" + "d" * 60 + ".example", company="Ett mycket långt företagsnamn " * 5),
    ) == (True, True)


@given(st.text(max_size=900))
def test_text_of_a_row_is_said_whole_in_pieces_that_fit(text: str) -> None:
    words = " ".join(text.split())
    pieces = order_rows._pieces(words)
    assert all(len(piece) <= 255 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(words.split())


def test_one_ore_between_rows_and_total_or_collected_holds_the_order_with_both_sums() -> None:
    costs = {"cart": cost("100"), "payment": cost("0"), "shipment": cost("0"), "total": cost("100.01")}
    assert "the rows come to 100.00, and the shop's total is 100.01" in held(an_order(costs=costs))
    short = [{"method": 1, "amount": Decimal("99.99"), "status": "unpaid"}]
    assert "the shop collected 99.99" in held(an_order(payments=short))


def test_gift_card_alone_decides_by_its_own_method_and_a_single_purpose_card_takes_its_vat_back() -> None:
    whole = [{"method": 2, "amount": Decimal(100), "status": "paid"}]
    document = made(an_order(payments=whole))
    card = document.lines[-1]
    assert (document.kind, card.article_number, card.account) == ("order", "Annan-betalning", "2421")
    assert card.vat == 0
    assert document.total == Money(Decimal("0.00"), "SEK")
    assert made(an_order(payments=whole), other_payments={"Gavekort": 25}).lines[-1].vat == 25


def test_two_methods_that_could_decide_are_asked_about() -> None:
    half = [{"method": method, "amount": Decimal(50), "status": "paid"} for method in (1, 3)]
    assert "which of them decides" in held(an_order(payments=half))


def test_rate_with_a_fraction_cannot_stand_on_a_row_even_with_an_account() -> None:
    """accounting.md 1.5: Finland's 25.5 percent."""
    [item] = an_order()["items"]
    finnish = an_order(items=[{**item, "costs": {"total": cost("100", "0.255")}}])
    finnish["customer"]["address"]["country"] = "FI"
    assert "25.5 percent VAT to FI" in held(finnish, accounts_abroad={"FI 25": "3106"})


@given(
    st.sampled_from(["Liv Dahl", "Ek", "Anna Maria Ek"]), st.booleans(), st.sampled_from(["Storgatan 1", "Storgatan 1\n2 tr", ""])
)
def test_customer_written_to_the_shop_is_read_back_the_same(name: str, company: bool, street: str) -> None:
    fields = settings.read({}).info_fields
    values: dict[str, Any] = {
        **dict.fromkeys(mapping.CUSTOMER_HELD, ""),
        "name": name,
        "kind": "company" if company else "private",
        "invoice_street": street,
        "delivery_street": street,
        "delivery_city": "Umeå" if street else "",
        "number": "17",
    }
    patch = mapping.customer_fields(values, {}, fields)
    back = dict(present(mapping.customer(patch, fields, registered=True)))
    assert back == values


@given(st.decimals(0, 100000, places=2), st.sampled_from(["0.25", "0.12", "0.06", "0"]), st.booleans())
def test_price_without_vat_survives_the_way_to_the_shop_and_back(net: Decimal, rate: str, included: bool) -> None:
    raw = {"vatRate": Decimal(rate), "vatIsIncluded": included, "hidden": False}
    patch = mapping.article_fields({"list_price": Money(net, "SEK")}, raw, "SEK")
    read: Article = mapping.article({**raw, **patch}, "SEK")
    assert read.list_price == Money(net, "SEK")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"documents": {"Faktura": "credit"}}, "Faktura"),
        ({"accounts": {"goods": "3001"}}, "goods or services and a rate"),
        ({"accounts": {"goods 25": "301"}}, "no account of four digits"),
        ({"other_payments": {"Poäng": "sometimes"}}, "multi_purpose or a VAT rate"),
        ({"export_orders": "sometimes"}, "export_orders"),
        ({"exportorders": "never"}, "export_orders"),
    ],
)
def test_wrong_setting_is_named_with_what_it_takes(given: dict[str, Any], said: str) -> None:
    from brygga.errors import SettingsError

    with pytest.raises(SettingsError, match=said):
        settings.read(given)
