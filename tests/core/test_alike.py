"""Who could be the same by name: an address of either kind, the telephone, the only one of its name (U-cases of untidy registers)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from brygga.core.alike import addresses, asked_by
from brygga.core.plan import Create, Held, Item, LinkUp, Question
from brygga.core.planner import Rules, make_plan
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side
from brygga.core.record import Customer, Ref
from brygga.core.seen import Fresh, Seen

FIELDS = frozenset({"name", "phone", "email", "organisation_number", "invoice_street", "invoice_postcode", "invoice_city"})


def rules() -> Rules:
    return Rules(
        Policy(owners=dict.fromkeys(FIELDS, RIGHT)),
        {LEFT: Holding(FIELDS), RIGHT: Holding(FIELDS)},
        {LEFT: "webcrm", RIGHT: "fortnox"},
        key_for=lambda side, ref, record: ref.id,
    )


def fresh(side: Side, id: str, record: Customer, **answer: object) -> Fresh:
    return Fresh(side, Seen(Ref({LEFT: "webcrm", RIGHT: "fortnox"}[side], "customer", id), record), answer)


def decided(*records: Fresh) -> list[Item]:
    return list(make_plan(rules(), [], records, {}).items)


ROAD = {"street": "Storgatan 1 A", "postcode": "114 18", "city": "Stockholm"}
SAME_ROAD = {"street": "STORGATAN 1a", "postcode": "11418", "city": "stockholm"}


def at(kind: str, place: dict[str, str]) -> dict[str, str]:
    return {f"{kind}_{part}": text for part, text in place.items()}


CASES = {
    "visiting address is the other's invoice address": (at("visiting", ROAD), at("invoice", SAME_ROAD), "same name and address"),
    "delivery address is the other's visiting address": (at("delivery", ROAD), at("visiting", SAME_ROAD), "same name and address"),
    "postcode of another kind of address": (
        at("visiting", ROAD), at("invoice", {**ROAD, "street": "Box 7"}), "same name and postcode",
    ),
    "telephone": ({"phone": "08-465 004 10"}, {"phone": "+46 8 46500410"}, "same phone number"),
    "the only one of its name": ({}, {}, "the only one of this name on both sides"),
}  # fmt: skip


@pytest.mark.parametrize(("left", "right", "said"), CASES.values(), ids=list(CASES))
def test_namesakes_with_something_in_common_are_asked_about_and_neither_is_made(
    left: dict[str, str], right: dict[str, str], said: str
) -> None:
    items = decided(
        fresh(LEFT, "1", Customer(name="Bygg & Co AB", **left)), fresh(RIGHT, "9", Customer(name="Bygg & Co AB", **right))
    )
    [question] = [item for item in items if isinstance(item, Question)]
    assert question.candidates[0].id == "9"
    assert said in question.candidates[0].evidence
    assert not [item for item in items if isinstance(item, (Create, LinkUp))]
    assert [item.ref.id for item in items if isinstance(item, Held)] == ["9"], "the other waits for the answer"


def test_not_the_same_makes_both_and_asks_nobody_again() -> None:
    left, right = Customer(name="Ek AB", phone="0846500410"), Customer(name="Ek AB", phone="0846500410")
    items = decided(fresh(LEFT, "1", left, create=True, **{"not": ["9"]}), fresh(RIGHT, "9", right, **{"not": ["1"]}))
    assert sorted((item.side, item.source.id) for item in items if isinstance(item, Create)) == [(LEFT, "9"), (RIGHT, "1")]
    assert not [item for item in items if isinstance(item, Question)]


def test_two_of_one_name_and_nothing_else_in_common_are_no_question() -> None:
    annas = [Customer(name="Anna Ek", phone=f"08465004{n}0", **at("invoice", {**ROAD, "postcode": f"1141{n}"})) for n in range(3)]
    items = decided(fresh(LEFT, "1", annas[0]), fresh(LEFT, "2", annas[1]), fresh(RIGHT, "9", annas[2]))
    assert {type(item) for item in items} == {Create}


def test_two_valid_numbers_that_differ_are_two_whatever_their_name() -> None:
    one, two = (
        Customer(name="Bygg AB", organisation_number=number, phone="0846500410", **at("invoice", ROAD))
        for number in ("556016-0680", "556036-0793")
    )
    assert {type(item) for item in decided(fresh(LEFT, "1", one), fresh(RIGHT, "9", two))} == {Create}


def test_likeness_takes_no_partner_away_from_a_number() -> None:
    """The one without a number comes first; the one with the customer's number is linked all the same."""
    number = "556016-0680"
    items = decided(
        fresh(LEFT, "1", Customer(name="Bygg AB", phone="0846500410")),
        fresh(LEFT, "2", Customer(name="Bygg AB", organisation_number=number)),
        fresh(RIGHT, "9", Customer(name="Bygg AB", organisation_number=number, phone="0846500410")),
    )
    assert [(item.left.id, item.right.id) for item in items if isinstance(item, LinkUp)] == [("2", "9")]


def test_address_counts_with_street_postcode_and_city_in_any_spelling() -> None:
    assert addresses(at("invoice", ROAD)) == addresses(at("delivery", SAME_ROAD))
    assert addresses({"invoice_street": "Storgatan 1", "invoice_city": "Stockholm"}) == frozenset()
    assert asked_by(("number",)) == frozenset()


# A population ---------------------------------------------------------------------------------------------------------------


@dataclass
class People:
    """Two registers with hidden pairs: the same company, entered by two people who share nothing but what the pair is hidden by."""

    left: list[Fresh] = field(default_factory=list)
    right: list[Fresh] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)


def population(seed: int, size: int = 60) -> People:
    chance, people = random.Random(seed), People()
    kinds = ("invoice", "visiting", "delivery")
    for n in range(size):
        name = f"{chance.choice(('Nordiska', 'Svenska', 'Lilla'))} {chance.choice(('Bygg', 'Kaffe', 'Kontor'))} {n // 4} AB"
        road = {"street": f"Storgatan {n} {chance.choice('ABC')}", "postcode": f"1{n % 10}{n % 7}1{n % 9}", "city": "Stockholm"}
        other_road = {"street": f"Box {n}", "postcode": f"9{n % 10}{n % 7}2{n % 9}", "city": "Umeå"}
        phone = f"08465{n:05d}"
        hidden = chance.choice(("address", "phone", "name", "alone"))
        left: dict[str, str] = {}
        right = at(chance.choice(kinds), other_road)
        if hidden == "address":
            left, right = at(chance.choice(kinds), road), at(chance.choice(kinds), {**road, "street": road["street"].upper()})
        elif hidden == "phone":
            left, right = {"phone": phone}, {**right, "phone": "+46" + phone[1:]}
        elif hidden == "name":
            name = f"Ensam {n} {seed} HB"
        people.left.append(fresh(LEFT, f"l{n}", Customer(name=name.upper() if chance.random() < 0.3 else name, **left)))
        if hidden != "alone":
            people.right.append(fresh(RIGHT, f"r{n}", Customer(name=name, **right)))
            people.pairs.append((f"l{n}", f"r{n}"))
    chance.shuffle(people.left)
    chance.shuffle(people.right)
    return people


@pytest.mark.parametrize("seed", range(20))
def test_no_hidden_pair_of_a_population_is_doubled(seed: int) -> None:
    people = population(seed)
    items = decided(*people.left, *people.right)
    made = {(item.side, item.source.id) for item in items if isinstance(item, Create)}
    doubled = [pair for pair in people.pairs if (RIGHT, pair[0]) in made or (LEFT, pair[1]) in made]
    assert not doubled
    # Each question is answered as it is, and the rest of the plan follows: every pair is linked and nothing is asked for ever.
    answers = {pair[0]: pair[1] for pair in people.pairs} | {pair[1]: pair[0] for pair in people.pairs}
    asked = {(item.side, item.ref.id): item for item in items if isinstance(item, Question)}
    again = [
        Fresh(one.side, one.seen, {"link": answers[one.seen.ref.id]} if one.seen.ref.id in answers else {"create": True})
        if (one.side, one.seen.ref.id) in asked
        else one
        for one in (*people.left, *people.right)
    ]
    then = decided(*again)
    linked = {(item.left.id, item.right.id) for item in then if isinstance(item, LinkUp)}
    assert linked <= set(people.pairs)
    assert {end for pair in people.pairs for end in pair} - {end for pair in linked for end in pair} <= {
        item.ref.id for item in then if isinstance(item, (Question, Held))
    }
