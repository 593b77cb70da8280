"""What is worked out while a register is read decides nothing: the plan is the one that is made afterwards."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from brygga.core.foresight import Foresight
from brygga.core.match import KEYS, identity_of
from brygga.core.plan import LinkUp
from brygga.core.planner import Rules, foresee, make_plan
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side
from brygga.core.record import Customer, Ref
from brygga.core.seen import Fresh, Known, Seen

SYSTEMS = {LEFT: "webcrm", RIGHT: "fortnox"}
RULES = Rules(
    policy=Policy(),
    holds={LEFT: Holding(frozenset({"name"})), RIGHT: Holding(frozenset({"name"}))},
    systems=SYSTEMS,
    key_for=lambda side, ref, record: ref.id,
)
# Few values, so that records share them.
numbers = st.sampled_from(["", "556036-0793", "556047-3521", "811228-9874"])
customers = st.builds(
    Customer,
    name=st.sampled_from(["Ek AB", "Alm AB", ""]),
    number=st.sampled_from(["", "7", "8"]),
    organisation_number=numbers,
    vat_number=st.sampled_from(["", "SE556036079301"]),
    email=st.sampled_from(["", "x@example.se"]),
    invoice_postcode=st.sampled_from(["", "114 18"]),
)
read = st.lists(st.tuples(st.sampled_from([LEFT, RIGHT]), customers), max_size=9)


def fresh(side: Side, place: int, record: Customer, complete: bool = True) -> Fresh:
    return Fresh(side, Seen(Ref(SYSTEMS[side], "customer", str(place)), record, complete))


def foreseen(records: list[Fresh]) -> Foresight:
    foresight = Foresight(identity_of, KEYS)
    for one in records:
        foresight.see(one.side, one.seen)
    return foresight


@given(read)
def test_plan_is_the_same_with_and_without_foresight(found: list[tuple[Side, Customer]]) -> None:
    records = [fresh(side, place, record) for place, (side, record) in enumerate(found)]
    assert make_plan(RULES, (), records, {}, foresight=foreseen(records)) == make_plan(RULES, (), records, {})


@given(read, st.randoms(use_true_random=False))
def test_plan_is_the_same_where_more_or_other_things_are_matched_than_were_foreseen(
    found: list[tuple[Side, Customer]], chance: Any
) -> None:
    before = [fresh(side, place, record) for place, (side, record) in enumerate(found)]
    foresight = foreseen([*before, *chance.sample(before, len(before) // 3)])
    records = [one for one in before if chance.random() < 0.8]
    chance.shuffle(records)
    pool: dict[Side, list[Known]] = {RIGHT: [Known("k", {"number": "7"}, linked_to="9")]} if chance.random() < 0.3 else {}
    assert make_plan(RULES, (), records, pool, foresight=foresight) == make_plan(RULES, (), records, pool)


@given(read)
def test_record_that_was_completed_after_it_was_seen_is_looked_at_anew(found: list[tuple[Side, Customer]]) -> None:
    foresight = foreseen([fresh(side, place, Customer(name="Ek AB"), complete=False) for place, (side, _) in enumerate(found)])
    records = [fresh(side, place, record) for place, (side, record) in enumerate(found)]
    assert make_plan(RULES, (), records, {}, foresight=foresight) == make_plan(RULES, (), records, {})


@given(read, st.integers(0, 9))
def test_plan_is_the_same_where_it_was_made_in_advance_of_some_of_the_records(found: list[tuple[Side, Customer]], cut: int) -> None:
    records = [fresh(side, place, record) for place, (side, record) in enumerate(found)]
    foresight = foreseen(records[:cut])
    before = foresee(RULES, records[:cut], foresight)
    for one in records[cut:]:
        foresight.see(one.side, one.seen)
    plan = make_plan(RULES, (), records, {}, foresight=foresight, foreseen=before)
    assert plan == make_plan(RULES, (), records, {})
    assert before.holds_for(records, {}) == (cut >= len(records))


def test_decisions_made_in_advance_do_not_hold_beside_what_is_known_from_before_or_was_read_anew() -> None:
    left, right = fresh(LEFT, 1, Customer(number="7", name="Ek AB")), fresh(RIGHT, 2, Customer(number="7", name="Ek AB"))
    before = foresee(RULES, [left, right], foreseen([left, right]))
    linked: dict[Side, list[Known]] = {RIGHT: [Known("2", {"number": "7"}, linked_to="9")]}
    anew = fresh(RIGHT, 2, Customer(number="8", name="Al AB"))
    for records, pool in (([left, right], linked), ([left, anew], {})):
        assert not before.holds_for(records, pool)
        assert make_plan(RULES, (), records, pool, foreseen=before) == make_plan(RULES, (), records, pool)
        assert make_plan(RULES, (), records, pool) != make_plan(RULES, (), [left, right], {})


def test_later_record_of_the_same_number_takes_an_early_decision_back() -> None:
    left = fresh(LEFT, 1, Customer(number="7", name="Ek AB"))
    first, second = (fresh(RIGHT, place, Customer(number="7", name="Ek AB")) for place in (2, 3))
    foresight = foreseen([left, first])
    assert [type(item) for item in make_plan(RULES, (), [left, first], {}, foresight=foresight).items] == [LinkUp]
    foresight.see(RIGHT, second.seen)
    plan = make_plan(RULES, (), [left, first, second], {}, foresight=foresight)
    assert not any(isinstance(item, LinkUp) for item in plan.items)
    assert plan == make_plan(RULES, (), [left, first, second], {})
