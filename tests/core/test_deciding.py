"""Diff, merge, plan and planner: the laws, a table of cases that a bookkeeper could read, and the brake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.brake import check, weigh
from brygga.core.diff import diff, same
from brygga.core.merge import merge
from brygga.core.plan import Conflict, Create, Held, Hold, LinkUp, Plan, Question, Settle, Skip, Skipped, Unlink, Update, digest
from brygga.core.planner import Rules, make_plan
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side, other
from brygga.core.record import ABSENT, Absent, Customer, Ref, present, with_values
from brygga.core.seen import Fresh, Known, Pair, Seen
from brygga.errors import Sentence, UnsafePlan

NAMES = ("name", "phone", "website", "currency")
HOLDS: dict[Side, Holding] = {LEFT: Holding(frozenset(NAMES)), RIGHT: Holding(frozenset(NAMES))}
values = st.sampled_from(["", "a", "b", "c"])
records = st.builds(Customer, name=values, phone=values, website=values, currency=values)
bases = st.dictionaries(st.sampled_from(NAMES), values)


def held(record: Customer) -> dict[str, object]:
    return dict(present(record))


# Laws ----------------------------------------------------------------------------------------------------------------


@given(base=bases, record=records)
def test_two_equal_sides_agree_whatever_the_base(base: dict[str, str], record: Customer) -> None:
    merged = merge(base, record, record, Policy(), HOLDS)
    assert (merged.to_left, merged.to_right, merged.conflicts) == ({}, {}, {})
    assert merged.agreed == held(record)


@given(base=records, record=records)
def test_the_side_that_changed_wins_when_the_other_holds_the_base(base: Customer, record: Customer) -> None:
    merged = merge(held(base), base, record, Policy(), HOLDS)
    changed = {name: value for name, value in held(record).items() if not same(name, value, held(base)[name])}
    assert {name: after for name, (_, after) in merged.to_left.items()} == changed
    assert merged.to_right == {}
    assert merged.conflicts == {}


@given(base=bases, left=records, right=records)
def test_swapping_the_sides_swaps_the_result(base: dict[str, str], left: Customer, right: Customer) -> None:
    one = merge(base, left, right, Policy(), HOLDS)
    two = merge(base, right, left, Policy(), HOLDS)
    assert one.to_left == two.to_right
    assert one.to_right == two.to_left
    assert set(one.conflicts) == set(two.conflicts)


@given(base=bases, left=records, right=records)
def test_planning_after_applying_gives_an_empty_plan(base: dict[str, str], left: Customer, right: Customer) -> None:
    rules = a_stream(Policy(owners=dict.fromkeys(NAMES, LEFT)))
    left_seen, right_seen = seen(LEFT, "1", left), seen(RIGHT, "2", right)
    plan = make_plan(rules, [Pair(left_seen, right_seen, base)], [], {})
    kept = dict(base)
    for item in plan.items:
        if isinstance(item, Settle):
            kept |= dict(item.agreed)
        assert isinstance(item, (Settle, Update))
        if isinstance(item, Update):
            kept |= dict(item.agreed)
            after = {name: pair[1] for name, pair in item.changes.items()}
            if item.side == LEFT:
                left = with_values(left, after)
            else:
                right = with_values(right, after)
    again = make_plan(rules, [Pair(seen(LEFT, "1", left), seen(RIGHT, "2", right), kept)], [], {})
    assert [item for item in again.items if not isinstance(item, Settle)] == []


# Cases ---------------------------------------------------------------------------------------------------------------

CASES: list[tuple[str, dict[str, str], str, str, Policy, dict[str, Any]]] = [
    # what is shown, base, left, right, policy, expected
    ("changed on the left", {"phone": "1"}, "2", "1", Policy(), {"to_right": {"phone": ("1", "2")}}),
    ("changed on the right", {"phone": "1"}, "1", "2", Policy(), {"to_left": {"phone": ("1", "2")}}),
    ("changed on both to the same", {"phone": "1"}, "2", "2", Policy(), {"agreed": {"phone": "2"}}),
    ("changed on both, no owner", {"phone": "1"}, "2", "3", Policy(), {"conflicts": {"phone": ("1", "2", "3")}}),
    ("changed on both, left owns", {"phone": "1"}, "2", "3", Policy(owners={"phone": LEFT}), {"to_right": {"phone": ("3", "2")}, "settled": ("phone",)}),
    ("cleared on the left", {"phone": "1"}, "", "1", Policy(), {"to_right": {"phone": ("1", "")}}),
    ("never agreed, right is empty", {}, "2", "", Policy(), {"to_right": {"phone": ("", "2")}}),
    ("never agreed, left is empty", {}, "", "2", Policy(), {"to_left": {"phone": ("", "2")}}),
    ("never agreed, both filled", {}, "2", "3", Policy(), {"conflicts": {"phone": (ABSENT, "2", "3")}}),
    ("governed by the right", {"phone": "1"}, "2", "1", Policy(governed={"phone": RIGHT}), {"to_left": {"phone": ("2", "1")}}),
    ("kept apart", {"phone": "1"}, "2", "3", Policy(apart=frozenset({"phone"})), {}),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "base", "left", "right", "policy", "expected"), CASES, ids=[case[0] for case in CASES])
def test_merge(shown: str, base: dict[str, str], left: str, right: str, policy: Policy, expected: dict[str, Any]) -> None:
    merged = merge(base, Customer(phone=left), Customer(phone=right), policy, HOLDS)
    whole = {"agreed": {}, "to_left": {}, "to_right": {}, "settled": (), "conflicts": {}} | expected
    found = {name: getattr(merged, name) for name in whole}
    assert found == whole, shown


def test_a_persons_choice_settles_a_conflict() -> None:
    merged = merge({"phone": "1"}, Customer(phone="2"), Customer(phone="3"), Policy(), HOLDS, {"phone": RIGHT})
    assert merged.to_left == {"phone": ("2", "3")}
    assert merged.conflicts == {}


def test_text_that_one_side_had_to_cut_is_no_change() -> None:
    short: dict[Side, Holding] = {LEFT: Holding(frozenset({"name"}), {"name": 5}), RIGHT: HOLDS[RIGHT]}
    cut = merge({"name": "Långa bolaget"}, Customer(name="Långa"), Customer(name="Långa bolaget"), Policy(), short)
    assert (cut.to_left, cut.to_right, cut.conflicts) == ({}, {}, {})
    both: dict[Side, Holding] = {LEFT: short[LEFT], RIGHT: Holding(frozenset({"name"}), {"name": 8})}
    apart = merge({"name": "Långa bolaget"}, Customer(name="Långa"), Customer(name="Långa bo"), Policy(), both)
    assert (apart.to_left, apart.to_right, apart.conflicts) == ({}, {}, {})
    changed = merge({"name": "Kort"}, Customer(name="Kort"), Customer(name="Långa bolaget"), Policy(), short)
    assert changed.to_left == {"name": ("Kort", "Långa")}


def test_field_that_a_side_lacks_is_left_alone() -> None:
    merged = merge({"phone": "1"}, Customer(phone="2"), Customer(phone=ABSENT), Policy(), HOLDS)
    assert merged.to_right == {}
    only_left: dict[Side, Holding] = {LEFT: HOLDS[LEFT], RIGHT: Holding(frozenset())}
    assert merge({"phone": "1"}, Customer(phone="2"), Customer(phone="1"), Policy(), only_left).to_right == {}
    only_right: dict[Side, Holding] = {LEFT: Holding(frozenset()), RIGHT: HOLDS[RIGHT]}
    assert merge({"phone": "1"}, Customer(phone="1"), Customer(phone="2"), Policy(), only_right).to_left == {}


@pytest.mark.parametrize(
    ("name", "one", "two", "alike"),
    [
        ("phone", "0470-100 20", "+46 (0)470 10020", True),
        ("phone", "0470-10020 vx", "0470-10020", False),
        ("organisation_number", "16556036-0793", "5560360793", True),
        ("vat_number", "se 556036079301", "SE556036079301", True),
        ("email", " A@B.se", "a@b.se", True),
        ("website", "https://www.acme.example/", "www.acme.example", True),
        ("name", "Acme  AB", "Acme AB", True),
        ("name", "ACME AB", "Acme AB", False),
        ("active", True, False, False),
        ("phone", ABSENT, "", False),
    ],
)
def test_spellings_of_one_value(name: str, one: Any, two: Any, alike: bool) -> None:
    assert same(name, one, two) is alike


def test_diff_names_what_differs_and_leaves_out_what_is_absent() -> None:
    assert diff({"phone": "1", "name": "a"}, Customer(phone="2", name="a")) == {"phone": ("1", "2")}
    assert diff({}, Customer(phone="2")) == {"phone": (ABSENT, "2")}
    assert not Absent.ABSENT
    assert repr(ABSENT) == "ABSENT"
    assert str(Ref("webcrm", "customer", "8812")) == "webcrm customer 8812"
    assert other(LEFT) == RIGHT


# Planner -------------------------------------------------------------------------------------------------------------


def seen(side: Side, id: str, record: Customer, **more: Any) -> Seen:
    return Seen(Ref("webcrm" if side == LEFT else "fortnox", "customer", id), record, **more)


def a_stream(policy: Policy | None = None, **more: Any) -> Rules:
    names = frozenset({*NAMES, "organisation_number", "number", "email", "kind", "invoice_postcode"})
    return Rules(
        policy or Policy(),
        {LEFT: Holding(names), RIGHT: Holding(names)},
        {LEFT: "webcrm", RIGHT: "fortnox"},
        lambda side, ref, record: f"key-{ref.id}",
        **more,
    )


def planned(*fresh: Fresh, pool: dict[Side, list[Known]] | None = None, **more: Any) -> list[Any]:
    return list(make_plan(a_stream(**more), [], fresh, pool or {}).items)


ACME = Customer(name="Acme AB", organisation_number="556036-0793")


def test_record_that_matches_nothing_is_made_on_the_other_side() -> None:
    [item] = planned(Fresh(LEFT, seen(LEFT, "1", ACME)))
    assert isinstance(item, Create)
    assert (item.side, item.key, item.values) == (RIGHT, "key-1", {"name": "Acme AB", "organisation_number": "556036-0793"})


def test_two_that_are_certainly_the_same_are_linked_and_merged() -> None:
    items = planned(Fresh(LEFT, seen(LEFT, "1", replace(ACME, phone="1"))), Fresh(RIGHT, seen(RIGHT, "9", replace(ACME, phone=""))))
    assert [item.action for item in items] == ["link", "update"]
    assert items[0].agreed == {"name": "Acme AB", "organisation_number": "556036-0793"}


def test_thin_partner_is_linked_and_compared_later() -> None:
    items = planned(Fresh(LEFT, seen(LEFT, "1", ACME)), Fresh(RIGHT, seen(RIGHT, "9", ACME, complete=False)))
    assert [(item.action, item.complete) for item in items] == [("link", False)]
    [known] = planned(Fresh(LEFT, seen(LEFT, "1", ACME)), pool={RIGHT: [Known("9", held(ACME))]})
    assert (known.action, known.right.id, known.complete) == ("link", "9", False)


def test_two_candidates_are_a_question_and_they_wait() -> None:
    items = planned(Fresh(LEFT, seen(LEFT, "1", ACME)), Fresh(RIGHT, seen(RIGHT, "8", ACME)), Fresh(RIGHT, seen(RIGHT, "9", ACME)))
    assert [item.action for item in items] == ["question", "hold", "hold"]
    assert [candidate.id for candidate in items[0].candidates] == ["8", "9"]


def test_two_of_one_number_in_one_register_are_asked_about_before_anything_is_made() -> None:
    items = planned(Fresh(RIGHT, seen(RIGHT, "8", ACME)), Fresh(RIGHT, seen(RIGHT, "9", ACME)))
    assert [item.action for item in items] == ["question", "question"]
    assert [twin.id for twin in items[0].twins] == ["9"]
    linked_twin = planned(
        Fresh(LEFT, seen(LEFT, "1", ACME)), Fresh(LEFT, seen(LEFT, "2", ACME)), Fresh(RIGHT, seen(RIGHT, "9", ACME))
    )
    assert "question" in [item.action for item in linked_twin]


def test_match_with_a_record_that_is_linked_already_is_a_question() -> None:
    [item] = planned(Fresh(LEFT, seen(LEFT, "2", ACME)), pool={RIGHT: [Known("9", held(ACME), linked_to="1")]})
    assert isinstance(item, Question)
    assert item.candidates[0].linked_to == "1"


def test_answers_of_people_are_carried_out() -> None:
    pool: dict[Side, list[Known]] = {RIGHT: [Known("8", held(ACME)), Known("9", held(ACME))]}
    [linked] = planned(Fresh(LEFT, seen(LEFT, "1", ACME), {"link": "8"}), pool=pool)
    assert isinstance(linked, LinkUp)
    [made] = planned(Fresh(LEFT, seen(LEFT, "1", ACME), {"create": True}), pool=pool)
    assert isinstance(made, Create)
    [asked] = planned(Fresh(LEFT, seen(LEFT, "1", ACME), {"link": "77"}), pool=pool)
    assert isinstance(asked, Question)
    [again] = planned(Fresh(LEFT, seen(LEFT, "1", Customer(name="Ny AB")), {"retry": True}), pool=pool)
    assert isinstance(again, Create)


def test_rules_keep_a_record_where_it_is() -> None:
    skip, hold = Skip(Sentence("x"), "WEB-09"), Hold(Sentence("y"), "WEB-27", Sentence("z"))
    [skipped] = planned(Fresh(LEFT, seen(LEFT, "1", ACME, standing=skip)))
    [waiting] = planned(Fresh(LEFT, seen(LEFT, "1", ACME, standing=hold)))
    assert isinstance(skipped, Skipped)
    assert isinstance(waiting, Held)
    [answered] = planned(Fresh(LEFT, seen(LEFT, "1", ACME, standing=skip), {"create": True}))
    assert isinstance(answered, Skipped)
    [kept] = planned(Fresh(RIGHT, seen(RIGHT, "9", ACME)), makes={LEFT: False}, why_not={LEFT: skip})
    assert isinstance(kept, Skipped)
    [refused] = planned(Fresh(RIGHT, seen(RIGHT, "9", ACME)), admits=lambda side, record: skip)
    assert isinstance(refused, Skipped)
    assert planned(Fresh(RIGHT, seen(RIGHT, "9", ACME), shown=True)) == []
    doubtful = planned(
        Fresh(LEFT, seen(LEFT, "1", ACME, standing=skip)), pool={RIGHT: [Known("8", held(ACME)), Known("9", held(ACME))]}
    )
    assert [item.action for item in doubtful] == ["skip"]


NO: list[Skip | Hold] = [Skip(Sentence("x"), "WEB-09"), Hold(Sentence("x"), "WEB-53", Sentence("Correct it."))]


@given(
    st.sampled_from([(0, None), (None, 0), (1, None), (None, 1), (0, 1)]),
    st.dictionaries(st.sampled_from(["phone", "website", "name"]), st.sampled_from("abc"), min_size=3),
    st.tuples(*[st.sampled_from("abc")] * 6),
)
def test_rule_guards_a_linked_pair_whichever_side_changed(
    which: tuple[int | None, int | None], base: dict[str, str], now: tuple[str, ...]
) -> None:
    """Nothing is written on either side while a rule keeps one of the two, it is said once where something waits; after it all arrives."""
    sides = [Customer(phone=a, website=b, name=c) for a, b, c in (now[:3], now[3:])]
    halves = [
        seen(side, id, record, standing=None if rule is None else NO[rule])
        for side, id, record, rule in zip((LEFT, RIGHT), ("1", "9"), sides, which, strict=True)
    ]
    kept = make_plan(a_stream(), [Pair(*halves, base)], [], {})
    free = make_plan(a_stream(), [Pair(*(replace(half, standing=None) for half in halves), base)], [], {})
    waits = [item for item in free.items if isinstance(item, Update)]
    assert not [item for item in kept.items if isinstance(item, Update)]
    said = [item for item in kept.items if isinstance(item, (Skipped, Held))]
    assert bool(said) == bool(waits)
    assert len({(item.side, item.ref) for item in said}) == len(said)
    assert {item.ref for item in said} <= {half.ref for half in halves if half.standing is not None}
    moved = [item for item in kept.items if isinstance(item, Settle)]
    assert moved == [item for item in free.items if isinstance(item, Settle)], "what both say alike is agreed all the same"


def test_what_settles_a_rule_still_reaches_the_record_that_it_keeps() -> None:
    skip = Skip(Sentence("x"), "UPS-24", frozenset({"website"}))
    pair = Pair(
        seen(LEFT, "1", Customer(phone="2", website="a"), standing=skip),
        seen(RIGHT, "9", Customer(phone="1", website="b")),
        {"phone": "1", "website": "a"},
    )
    items = make_plan(a_stream(), [pair], [], {}).items
    assert [(item.side, set(item.changes)) for item in items if isinstance(item, Update)] == [(LEFT, {"website"})]


def test_unchanged_pairs_are_counted_and_conflicts_listed() -> None:
    same_pair = Pair(seen(LEFT, "1", Customer(phone="1")), seen(RIGHT, "9", Customer(phone="1")), {"phone": "1"})
    both = Pair(seen(LEFT, "2", Customer(phone="2")), seen(RIGHT, "8", Customer(phone="3")), {"phone": "1"})
    plan = make_plan(a_stream(), [same_pair, both], [], {})
    assert plan.unchanged == 1
    assert [type(item) for item in plan.items] == [Conflict]
    assert plan.is_empty


# Plan and brake ------------------------------------------------------------------------------------------------------


def an_update(number: int) -> Update:
    return Update(
        RIGHT,
        Ref("webcrm", "customer", str(number)),
        Ref("fortnox", "customer", str(number)),
        {"phone": ("1", "2")},
        {"phone": "2"},
    )


@pytest.mark.parametrize(
    ("updates", "known", "stops"), [(6, 20, False), (7, 20, True), (19, 19, False), (30, 100, False), (31, 100, True)]
)
def test_brake_stops_more_than_the_share_of_a_register_of_some_size(updates: int, known: int, stops: bool) -> None:
    plan = Plan(tuple(an_update(n) for n in range(updates)), known=known)
    if stops:
        with pytest.raises(UnsafePlan, match="would change in Fortnox"):
            check(weigh(plan.items, plan.known), names={LEFT: "webCRM", RIGHT: "Fortnox"})
    else:
        check(weigh(plan.items, plan.known))


def test_many_records_gone_at_once_stop_the_plan() -> None:
    gone = tuple(Unlink(Ref("webcrm", "customer", str(n)), Ref("fortnox", "customer", str(n)), gone=RIGHT) for n in range(10))
    with pytest.raises(UnsafePlan):
        check(weigh(gone, 20))


def test_plan_is_always_an_object_and_says_its_counts_and_its_digest() -> None:
    assert Plan().is_empty
    plan = Plan((an_update(1),), unchanged=3)
    assert not plan.is_empty
    assert plan.counts() == {"update": 1, "unchanged": 3}
    assert digest({"a": 1}) == digest({"a": 1}) != digest({"a": 2})


def test_text_that_each_side_spells_in_its_own_signs_moves_nothing() -> None:
    own_signs: dict[Side, Holding] = {
        LEFT: Holding(frozenset({"name"}), spell=lambda name, text: text.replace("a", "x")),
        RIGHT: Holding(frozenset({"name"}), spell=lambda name, text: text.replace("b", "y")),
    }
    merged = merge({"name": "ab"}, Customer(name="xb"), Customer(name="ay"), Policy(), own_signs)
    assert (merged.agreed, merged.to_left, merged.to_right, merged.conflicts) == ({}, {}, {}, {})
    assert own_signs[LEFT].fit("active", True) is True


def test_brake_counts_writes_and_losses_only() -> None:
    questions = tuple(Question(LEFT, Ref("webcrm", "customer", str(n)), (), Sentence("x"), {}) for n in range(30))
    check(weigh(questions, 20))
