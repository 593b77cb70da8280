"""Spelling makes no second customer, and what is written is in the form of the rules (accounting.md 8; kinds 5, 12 and 13)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core import spelling
from brygga.core.diff import same
from brygga.core.document import Document
from brygga.core.match import BUYER_KEYS, Index, identity_of
from brygga.core.policy import Holding
from brygga.core.record import ABSENT, Customer, Ref
from brygga.core.seen import Seen
from brygga.core.spelling import document_spelled, readable, spelled
from brygga.core.vat import place_of_supply

WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
NUMBERS = st.sampled_from(["556016-0680", "556036-0793", "811228-9874", "212000-0142"])
SPACES = st.sampled_from(["", " ", "\u00a0", "\u2009", "\u200b", "\t"])


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, str]:
    """Return a number and one of the ways in which people type it."""
    number = draw(NUMBERS)
    six, four = number.split("-")
    century = draw(st.sampled_from(["", "16"])) if six[2] >= "2" else draw(st.sampled_from(["", "19"]))
    dash = draw(st.sampled_from(["-", "", " ", "–", "\u2011", "−", "."]))
    typed = f"{draw(SPACES)}{century}{six}{dash}{draw(SPACES)}{four}{draw(SPACES)}"
    return number, draw(st.sampled_from([typed, typed.translate(WIDE)]))


@given(spellings())
def test_number_is_the_same_and_written_alike_however_it_is_typed(found: tuple[str, str]) -> None:
    number, typed = found
    assert spelling.organisation_number(typed, "SE") == number
    assert same("organisation_number", typed, number)
    assert identity_of({"organisation_number": typed}) == identity_of({"organisation_number": number})


@pytest.mark.parametrize("country", ["NO", "DE", "US"])
@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("165560160680", "556016-0680"),
        ("16556016-0680", "556016-0680"),
        ("SE556016068001", "556016-0680"),
        ("556016–0680", "556016-0680"),
        ("5560160680", "5560160680"),
        ("923609016", "923609016"),
    ],
)
def test_a_swedish_number_of_a_company_abroad_is_written_so_where_only_swedes_write_one_so(
    country: str, typed: str, written: str
) -> None:
    """8.1: sixteen before ten digits, a dash before the last four, or SE and 01 around them; ten bare digits may be another country's."""
    assert spelling.organisation_number(typed, country) == written


@given(spellings())
def test_company_that_is_linked_is_found_by_any_spelling_of_its_number(found: tuple[str, str]) -> None:
    number, typed = found
    index = Index([("1", identity_of({"organisation_number": number, "kind": "company"}))], BUYER_KEYS)
    decision = index.decide(identity_of({"organisation_number": typed, "kind": "company", "name": "Another AB"}))
    assert (decision.kind, decision.candidate) == ("link", "1")


@pytest.mark.parametrize("typed", ["SE556016068001", "se 556016-0680 01", "ＳＥ５５６０１６０６８００１"])
def test_vat_number_alone_is_a_question_and_no_new_customer(typed: str) -> None:
    index = Index([("1", identity_of({"organisation_number": "556016-0680"}))], BUYER_KEYS)
    decision = index.decide(identity_of({"vat_number": typed, "name": "Ek AB"}))
    assert (decision.kind, decision.candidate) == ("review", "1")
    assert spelling.vat_number(typed) == "SE556016068001"


@given(
    st.sampled_from(
        ["LIV@DAHL.EXAMPLE", " liv@dahl.example", "Liv Dahl <liv@Dahl.example>", "mailto:liv@dahl.example", "ｌｉｖ@dahl.example"]
    )
)
def test_address_of_e_mail_is_the_same_in_any_case(typed: str) -> None:
    person = {"kind": "private", "name": "Liv Dahl"}
    index = Index([("1", identity_of({**person, "email": "liv@dahl.example"}))], BUYER_KEYS)
    assert index.decide(identity_of({**person, "email": typed})).kind == "link"
    assert same("email", typed, "liv@dahl.example")


def test_another_name_at_the_same_address_of_e_mail_is_another_buyer() -> None:
    """A shared mailbox is no identity: never the first one who used it."""
    index = Index([("1", identity_of({"kind": "private", "name": "Liv Dahl", "email": "hem@dahl.example"}))], BUYER_KEYS)
    for name, kind in (("Per Dahl", "private"), ("Liv Dahl", "company"), ("", "private")):
        assert index.decide(identity_of({"kind": kind, "name": name, "email": "hem@dahl.example"})).kind == "new"


@pytest.mark.parametrize(
    ("typed", "country", "written"),
    [("SE-111 22", "SE", "111 22"), ("11122", "", "111 22"), ("１１１２２", "SE", "111 22"), ("11122", "DE", "11122"), ("N-0150", "NO", "0150"), ("01150", "SE", "01150")],
)  # fmt: skip
def test_postcode_is_written_in_the_form_of_its_country(typed: str, country: str, written: str) -> None:
    assert spelling.postcode(typed, country) == written


@pytest.mark.parametrize(
    ("field", "value"),
    [("organisation_number", "556016-0681"), ("organisation_number", "000000-0000"), ("email", "a@b.example; c@d.example"), ("email", "anna at ek"), ("vat_number", "DE123456780")],
)  # fmt: skip
def test_value_that_is_none_is_left_out_and_told_with_the_rest_going(field: str, value: str) -> None:
    before = Customer(name="Ek AB", invoice_postcode="11122", **{field: value})  # type: ignore[arg-type]
    after = spelled(Seen(Ref("webcrm", "customer", "7"), before), "webCRM")
    assert getattr(after.record, field) is ABSENT
    assert after.record.invoice_postcode == "111 22"
    assert after.unfit is not None
    assert after.unfit.repair is not None
    assert "Ek AB (webCRM 7)" in str(after.unfit.sentence)


def test_number_like_a_persons_is_not_shown_though_it_is_wrong() -> None:
    after = spelled(Seen(Ref("webcrm", "customer", "7"), Customer(name="Anna Ek", organisation_number="811228-9875")), "webCRM")
    assert after.unfit is not None
    assert "9875" not in str(after.unfit.sentence)


@given(st.text(max_size=60))
def test_texts_are_made_readable_once(text: str) -> None:
    once = readable(text)
    assert readable(once) == once
    assert not any(unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in once)


def test_entities_line_ends_and_what_cannot_be_seen() -> None:
    assert readable("Kaf&eacute; &aring;&auml;&ouml; &amp;amp; S&#246;ner\r\nBox\u00ad 1\u200b\x07") == "Kafé åäö & Söner\nBox 1"
    assert readable("R&D; AT&T &copy 5") == "R&D; AT&T &copy 5", "what is no entity stays"


@given(st.text(max_size=400), st.integers(5, 120))
def test_cut_text_is_cut_once_and_between_words(text: str, limit: int) -> None:
    holding = Holding(frozenset({"name"}), {"name": limit})
    cut = holding.fit("name", text)
    assert isinstance(cut, str)
    assert len(cut) <= limit
    assert holding.fit("name", cut) == cut
    assert text.startswith(cut)


def test_cut_leaves_no_half_word() -> None:
    holding = Holding(frozenset({"name"}), {"name": 20})
    assert holding.fit("name", "Lindens Bageri och Konditori AB") == "Lindens Bageri och"
    assert holding.fit("name", "Lindens-Bageri-och-Konditori") == "Lindens-Bageri-och-K"


def test_northern_ireland_is_told_by_its_postcode() -> None:
    assert [place_of_supply(*one) for one in (("GB", "BT1 5GS"), ("GB", "EC1A 1BB"), ("XI", ""), ("se", "111 22"))] == [
        "XI",
        "GB",
        "XI",
        "SE",
    ]


def test_letters_of_a_vat_number_are_taken_for_the_country_that_has_them() -> None:
    """EL and XI are no countries (8.2, 8.3)."""
    assert [spelling.country(one) for one in ("EL", "xi", "Sverige", "DE", "Atlantis")] == ["GR", "GB", "SE", "DE", "Atlantis"]


@pytest.mark.parametrize(
    ("typed", "written", "told"),
    [
        ({"delivery_postcode": "11122"}, {"delivery_postcode": "111 22"}, ""),
        (
            {"delivery_postcode": "SE-111 22", "delivery_country": "SVERIGE"},
            {"delivery_postcode": "111 22", "delivery_country": "SE"},
            "",
        ),
        ({"delivery_postcode": "0150", "invoice_country": "Norge"}, {"delivery_postcode": "0150", "invoice_country": "NO"}, ""),
        ({"invoice_postcode": "BT1 5GS", "invoice_country": "GB"}, {"invoice_postcode": "BT1 5GS", "invoice_country": "GB"}, ""),
        (
            {"delivery_postcode": "1112", "delivery_country": "Sverige"},
            {"delivery_postcode": "1112", "delivery_country": "SE"},
            "“1112”",
        ),
        ({"delivery_country": "Atlantis"}, {"delivery_country": "Atlantis"}, ""),
        ({}, {}, ""),
    ],
)
def test_a_documents_own_addresses_are_in_the_form_of_a_cards(typed: dict[str, str], written: dict[str, str], told: str) -> None:
    """Kind 12, accounting.md 8.3: what is no postcode stays as it is typed, and the sentence names the record and the value."""
    seen = document_spelled(Seen(Ref("upsales", "order", "7"), Document(subject="Pump", **typed)), "Upsales")
    assert seen.record == Document(subject="Pump", **written)
    assert document_spelled(seen, "Upsales").record == seen.record, "once more changes nothing"
    said = str(seen.remark.sentence) if seen.remark else ""
    assert (told in said and "Pump (Upsales 7)" in said) if told else said == ""
