"""Rows of documents brought together: a row that nobody changed is never rewritten, and an echo is nobody's edit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from brygga.core.diff import same
from brygga.core.document import Document, Row
from brygga.core.echo import Echo, answered, nearly, set_back
from brygga.core.merge import Merged, merge
from brygga.core.money import Money
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side
from brygga.core.record import ABSENT, present

FIELDS = frozenset({"article_number", "description", "quantity", "price", "discount", "discount_kind", "vat"})
HOLDS: dict[Side, Holding] = {LEFT: Holding(frozenset({"rows"}), row_fields=FIELDS), RIGHT: Holding(frozenset({"rows"}))}


def row(text: str, quantity: str = "1", price: str = "100", article: str = "T", **more: Any) -> Row:
    return Row(article_number=article, description=text, quantity=Decimal(quantity), price=Money(Decimal(price), "SEK"), **more)


S, M, XXL = row("T-shirt S"), row("T-shirt M", "2"), row("T-shirt XXL tryck: Kalle", "3")
SHIRTS = (S, M, XXL)


def merged(base: tuple[Row, ...], left: tuple[Row, ...], right: tuple[Row, ...], echo: Echo | None = None, **more: Any) -> Merged:
    policy = more.pop("policy", Policy())
    return merge({"rows": base}, Document(rows=left), Document(rows=right), policy, HOLDS, None, echo or Echo())


def to(side: Side, found: Merged) -> tuple[Row, ...]:
    changes = found.to_left if side == LEFT else found.to_right
    rows: Any = changes["rows"][1]
    return tuple(rows)


def at_fortnox(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return rows as Fortnox shows them: with what it chose itself."""
    return tuple(replace(one, id=f"9{n}", account="3001", unit="st", vat=Decimal(25)) for n, one in enumerate(rows))


def test_a_changed_row_of_three_of_one_article_changes_that_row_alone() -> None:
    there = at_fortnox(SHIRTS)
    found = merged(SHIRTS, SHIRTS, (there[0], replace(there[1], quantity=Decimal(7)), there[2]))
    rows = to(LEFT, found)
    assert rows == (S, replace(M, quantity=Decimal(7)), XXL)
    assert rows[0] is S
    assert rows[2] is XXL
    assert not found.to_right


def test_of_three_rows_of_one_article_one_that_is_taken_away_takes_no_other_with_it() -> None:
    there = at_fortnox(SHIRTS)
    assert to(LEFT, merged(SHIRTS, SHIRTS, (there[0], there[2]))) == (S, XXL)
    assert to(RIGHT, merged(SHIRTS, (M, XXL), there)) == there[1:]


def test_a_moved_row_of_one_article_keeps_what_only_its_own_side_knows_of_it() -> None:
    here = tuple(replace(one, unit=f"own {n}") for n, one in enumerate(SHIRTS))
    there = at_fortnox(SHIRTS)
    rows = to(LEFT, merged(SHIRTS, here, (there[2], there[0], there[1])))
    assert rows == (here[2], here[0], here[1])


def test_an_added_row_stands_where_it_was_put_and_the_others_are_untouched() -> None:
    there = at_fortnox(SHIRTS)
    new = row("T-shirt L", "9", account="3002", unit="st")
    rows = to(LEFT, merged(SHIRTS, SHIRTS, (there[0], new, *there[1:])))
    assert [one.description for one in rows] == ["T-shirt S", "T-shirt L", "T-shirt M", "T-shirt XXL tryck: Kalle"]
    assert rows[0] is S
    assert rows[1].account is ABSENT


def test_a_quantity_that_goes_over_alone_leaves_no_older_ordered_one_beside_it() -> None:
    there = replace(at_fortnox((S,))[0], ordered_quantity=Decimal(1))
    [changed] = to(RIGHT, merged((S,), (replace(S, quantity=Decimal(4)),), (there,)))
    assert (changed.quantity, changed.ordered_quantity, changed.account) == (4, ABSENT, "3001")


def test_what_is_not_mapped_on_a_side_is_never_set_there() -> None:
    there = at_fortnox((S,))
    rows = to(LEFT, merged((S,), (S,), (replace(there[0], unit="kg", account="3051", quantity=Decimal(2)),)))
    assert rows == (replace(S, quantity=Decimal(2)),)


def test_both_sides_change_different_rows_and_both_changes_hold() -> None:
    there = at_fortnox(SHIRTS)
    left = (replace(S, quantity=Decimal(5)), M, XXL)
    right = (there[0], there[1], replace(there[2], price=Money(Decimal(80), "SEK")))
    found = merged(SHIRTS, left, right)
    assert to(LEFT, found) == (left[0], M, replace(XXL, price=Money(Decimal(80), "SEK")))
    assert to(RIGHT, found) == (replace(there[0], quantity=Decimal(5)), there[1], right[2])
    assert found.woven["rows"][2].price == XXL.price


def test_both_sides_change_different_fields_of_one_row_and_both_hold() -> None:
    there = at_fortnox((S,))
    found = merged((S,), (replace(S, quantity=Decimal(5)),), (replace(there[0], price=Money(Decimal(80), "SEK")),))
    assert to(LEFT, found) == (replace(S, quantity=Decimal(5), price=Money(Decimal(80), "SEK")),)
    assert to(RIGHT, found) == (replace(there[0], quantity=Decimal(5), price=Money(Decimal(80), "SEK")),)


def test_the_same_field_of_the_same_row_is_a_conflict_or_its_owners() -> None:
    there = at_fortnox((S, M))
    left, right = (replace(S, quantity=Decimal(5)), M), (replace(there[0], quantity=Decimal(6)), there[1])
    assert set(merged((S, M), left, right).conflicts) == {"rows"}
    owned = merged((S, M), left, right, policy=Policy(owners={"rows": LEFT}))
    assert to(RIGHT, owned)[0].quantity == 5
    assert to(RIGHT, owned)[0].account == "3001"


def test_a_row_that_one_side_took_away_and_the_other_changed_is_a_conflict() -> None:
    there = at_fortnox((S, M))
    assert set(merged((S, M), (M,), (replace(there[0], quantity=Decimal(6)), there[1])).conflicts) == {"rows"}


def test_both_sides_add_a_row_and_both_rows_stand_in_the_same_order_on_both() -> None:
    there = at_fortnox((S, M))
    found = merged((S, M), (S, row("A"), M), (there[0], row("B"), there[1]))
    assert [one.description for one in to(LEFT, found)] == ["T-shirt S", "A", "B", "T-shirt M"]
    assert [one.description for one in to(RIGHT, found)] == ["T-shirt S", "A", "B", "T-shirt M"]
    both = merged((S,), (S, row("A")), (at_fortnox((S,))[0], row("A")))
    assert "rows" in both.agreed


def test_a_number_that_a_system_rounded_travels_back_in_neither_direction() -> None:
    fine = row("Konsult", "1.333", "400")
    rounded = replace(fine, quantity=Decimal("1.33"))
    for side in (LEFT, RIGHT):
        halves = ((rounded,), (fine,)) if side == LEFT else ((fine,), (rounded,))
        found = merged((fine,), *halves, Echo({side: {"rows": (rounded,)}}))
        assert (found.to_left, found.to_right, found.conflicts, found.agreed) == ({}, {}, {}, {})
    governed = merged((fine,), (fine,), (rounded,), Echo({RIGHT: {"rows": (rounded,)}}), policy=Policy(governed={"rows": LEFT}))
    assert (governed.to_left, governed.to_right) == ({}, {})


def test_an_edit_beside_an_echo_arrives_and_the_echo_stays_where_it_is() -> None:
    fine, rounded = row("Konsult", "1.333", "400"), row("Konsult", "1.33", "400")
    echo = Echo({RIGHT: {"rows": (rounded, M)}})
    found = merged((fine, M), (fine, M), (rounded, replace(M, quantity=Decimal(9))), echo)
    assert to(LEFT, found) == (fine, replace(M, quantity=Decimal(9)))
    own = merged((fine, M), (fine, M), (replace(rounded, quantity=Decimal(2)), M), echo)
    assert to(LEFT, own) == (replace(fine, quantity=Decimal(2)), M)
    left = merged((fine, M), (fine, replace(M, quantity=Decimal(9))), (rounded, M), echo)
    assert to(RIGHT, left) == (rounded, replace(M, quantity=Decimal(9)))


def test_what_a_system_set_back_is_written_again_and_goes_nowhere() -> None:
    holds = dict.fromkeys((LEFT, RIGHT), Holding(frozenset({"our_reference", "customer_number"})))
    left, right = Document(our_reference="Anna Ek"), Document(our_reference="Bo Ny")
    echo = Echo({}, {RIGHT: {"our_reference": "Bo Ny"}})
    found = merge({"our_reference": "Anna Ek"}, left, right, Policy(), holds, None, echo)
    assert found.to_right == {"our_reference": ("Bo Ny", "Anna Ek")}
    assert not found.to_left
    edited = merge({"our_reference": "Anna Ek"}, left, Document(our_reference="Cia"), Policy(), holds, None, echo)
    assert edited.to_left == {"our_reference": ("Anna Ek", "Cia")}
    empty = merge({"our_reference": ""}, Document(our_reference=""), right, Policy(), holds, None, echo)
    assert (empty.to_left, empty.to_right) == ({}, {})
    before, after = Document(our_reference="Anna Ek", customer_number="1"), Document(our_reference="Bo Ny", customer_number="2")
    assert set_back(before, after, {"customer_number": "2"}, holds, Policy(), RIGHT) == {"our_reference": "Bo Ny"}
    assert set_back(before, after, {"customer_number": "2"}, holds, Policy(governed={"our_reference": RIGHT}), RIGHT) == {}


def test_what_a_system_assigns_is_no_echo_and_what_it_changes_is() -> None:
    holding = Holding(frozenset({"number", "name", "text"}), {"text": 3})
    agreed, sent = {"number": "", "name": "A", "text": "abcd"}, {"number": "", "name": "A", "text": "abc"}
    answer = {"number": "17", "name": "B", "text": "abc"}
    assert answered(agreed, sent, answer, holding, Policy(), RIGHT, new=True) == {"name": "B"}
    assert answered(agreed, sent, answer, holding, Policy(governed={"name": RIGHT}), RIGHT, new=True) == {}
    assert answered({"text": ""}, {"text": ""}, {"text": "x"}, holding, Policy(), RIGHT, new=False) == {"text": "x"}


def test_a_write_that_was_rounded_is_found_again() -> None:
    assert nearly("rows", (row("K", "1.33"),), (row("K", "1.333"),))
    assert not nearly("rows", (row("K", "1.32"),), (row("K", "1.333"),))
    assert nearly("freight", Money(Decimal("1.01"), "SEK"), Money(Decimal("1.005"), "SEK"))


# Laws ----------------------------------------------------------------------------------------------------------------

numbers = st.sampled_from(["1", "2", "3"])
some_rows = st.builds(row, st.sampled_from(["a", "b", ""]), numbers, numbers, st.sampled_from(["T", "U"]))
texts = st.builds(lambda words: Row(description=words), st.sampled_from(["hej", "då"]))
documents = st.lists(st.one_of(some_rows, texts), max_size=5).map(tuple)


@given(base=documents, rows=documents)
def test_two_equal_sides_agree(base: tuple[Row, ...], rows: tuple[Row, ...]) -> None:
    found = merged(base, rows, rows)
    assert (found.to_left, found.to_right, found.conflicts) == ({}, {}, {})


@given(base=documents, rows=documents)
def test_one_change_gives_the_other_side_exactly_that(base: tuple[Row, ...], rows: tuple[Row, ...]) -> None:
    found = merged(base, base, rows)
    assert not found.to_right
    assert same("rows", to(LEFT, found) if found.to_left else base, rows)


@given(base=documents, left=documents, right=documents)
def test_swapped_sides_get_the_same_rows(base: tuple[Row, ...], left: tuple[Row, ...], right: tuple[Row, ...]) -> None:
    holds = dict.fromkeys((LEFT, RIGHT), HOLDS[RIGHT])
    one = merge({"rows": base}, Document(rows=left), Document(rows=right), Policy(), holds)
    two = merge({"rows": base}, Document(rows=right), Document(rows=left), Policy(), holds)
    assert set(one.conflicts) == set(two.conflicts)
    assert one.to_left.keys() == two.to_right.keys()
    if one.to_left and not one.to_right:
        assert one.to_left == two.to_right


@given(base=documents, left=documents, right=documents)
def test_nothing_moves_once_both_changes_are_written(base: tuple[Row, ...], left: tuple[Row, ...], right: tuple[Row, ...]) -> None:
    found = merged(base, left, right)
    if found.conflicts or not (found.to_left and found.to_right):
        return
    new_left, new_right = to(LEFT, found), to(RIGHT, found)
    # After the first write what Fortnox changed itself is still to go, and nothing is lost.
    between = merge(
        {"rows": left}, Document(rows=left), Document(rows=new_right), Policy(), HOLDS, None, Echo({RIGHT: found.woven})
    )
    assert not between.to_right
    assert not between.conflicts
    after = merged(new_left, new_left, new_right, Echo({RIGHT: {"rows": new_right}}))
    assert (after.to_left, after.to_right, after.conflicts) == ({}, {}, {})
    assert len(new_left) == len(new_right)


@given(documents)
def test_what_is_present_of_a_document_is_what_merges(rows: tuple[Row, ...]) -> None:
    assert dict(present(Document(rows=rows)))["rows"] == rows


def test_an_amount_off_that_is_a_percentage_elsewhere_is_said_again_when_the_quantity_changes() -> None:
    amount = row("T-shirt S", "4", "799.80", discount=Decimal("33.33"), discount_kind="amount")
    percent = replace(amount, discount=Decimal("1.0418"), discount_kind="percent")
    found = merged((amount,), (percent,), (replace(amount, quantity=Decimal(5)),))
    assert to(LEFT, found) == (replace(amount, quantity=Decimal(5)),)
    back = merged((amount,), (replace(percent, quantity=Decimal(5)),), (amount,))
    assert to(RIGHT, back) == (replace(percent, quantity=Decimal(5)),)


def test_quantity_and_price_changed_apart_wait_where_the_discount_is_an_amount_in_one_system_alone() -> None:
    amount = row("T-shirt S", "4", "799.80", discount=Decimal("33.33"), discount_kind="amount")
    percent = replace(amount, discount=Decimal("1.0418"), discount_kind="percent")
    found = merged((amount,), (replace(percent, price=Money(Decimal(500), "SEK")),), (replace(amount, quantity=Decimal(5)),))
    assert found.conflicts
