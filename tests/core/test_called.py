"""A sentence that does not say whose it is has the record's name or number before it, and never twice."""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.called import before, called, gone
from brygga.core.plan import Hold, Skip, held_by
from brygga.errors import BadData

ROWS = {"rows": ({"article_number": "A1"},)}


@pytest.mark.parametrize(
    ("said", "values", "id", "wanted"),
    [
        ("Article A1 is not in Fortnox.", {"customer_name": "Linden AB", **ROWS}, "7", "Linden AB (7)"),
        ("Linden AB: article A1 is not in Fortnox.", {"customer_name": "Linden AB", **ROWS}, "7", "7"),
        ("Delivery 7: article A1 is not in Fortnox.", {"customer_name": "Linden AB", **ROWS}, "7", ""),
        ("Order 1001 has no country.", {"your_order_number": "1001", **ROWS}, "88412", ""),
        ("'XX' is no country code.", {"name": "Liv Dahl"}, "liv@dahl.example", "Liv Dahl"),
        ("Liv Dahl lives nowhere.", {"name": "Liv Dahl"}, "12", ""),
        ("Row 17 has no price.", {}, "7", "7"),
    ],
)
def test_what_a_sentence_lacks_of_its_record_stands_before_it(said: str, values: dict[str, object], id: str, wanted: str) -> None:
    assert before(said, values, id) == wanted


@given(st.text("abcÅ ", min_size=1).filter(str.strip), st.integers(1, 99999), st.booleans())
def test_a_sentence_with_what_was_put_before_it_lacks_nothing(name: str, number: int, document: bool) -> None:
    values = {"name": name, **(ROWS if document else {})}
    first = before("Something is wrong.", values, str(number))
    assert before(f"{first}: Something is wrong.", values, str(number)) == ""
    assert called(values, str(number)) == f"{name.strip()} ({number})"


def test_no_hold_is_made_without_a_repair_and_no_skip_without_a_rule() -> None:
    """The fields have no default, so that the type checker finds each that forgets them."""
    for made, wanted in ((Hold, {"sentence", "rule", "repair"}), (Skip, {"sentence", "rule"})):
        needed = {one.name for one in dataclasses.fields(made) if one.default is MISSING and one.default_factory is MISSING}
        assert needed == wanted


def test_what_a_system_says_wrongly_is_held_with_something_to_do() -> None:
    held = held_by(BadData("Mobigo sent {place} “{value}”, which is no date.", place="date", value="x"), "MOB-07", "Mobigo")
    assert (held.rule, str(held.repair)) == ("MOB-07", "Correct it in Mobigo. It is read again by itself.")


def test_a_price_that_is_gone_is_told_by_its_article_list_and_quantity() -> None:
    said = str(gone("Fortnox", "price", "A|200|10"))
    assert said == "Fortnox no longer has the price of article 200 in price list A from quantity 10."
    assert str(gone("Fortnox", "article", "200")) == "Fortnox no longer has 200."
