"""One impossible value holds its field: whatever fields a system does not take, all others arrive, and what hangs together stays so."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.apart import LOOSE, left_out, parts, said
from brygga.core.document import Document, Settlement
from brygga.core.record import Article, Customer, Price
from brygga.errors import BryggaError, NotFound, Rejected, Sentence

EVERY = [(kind, one.name) for kind in (Customer, Article, Document) for one in fields(kind) if one.name in LOOSE[kind]]


def written(record: Any, names: set[str], impossible: set[str], *, names_it: bool) -> tuple[set[str], set[str], int]:
    """Write a change to a system that refuses it while it holds something impossible; return what arrived, what waits, and the calls."""

    def refusal(part: frozenset[str]) -> BryggaError | None:
        wrong = sorted(part & impossible)
        return Rejected("No: {field}.", field=wrong[0] if names_it else "–") if wrong else None

    arrived: set[str] = set()
    waits: set[str] = set()
    calls, queue = 1, [(frozenset(names), refusal(frozenset(names)))]
    while queue:
        part, error = queue.pop()
        if error is None:
            arrived |= part
            continue
        divided = parts(record, part, error)
        if len(divided) == 1:
            waits |= part
            continue
        calls += len(divided)
        queue += [(one, refusal(one)) for one in divided]
    return arrived, waits, calls


@pytest.mark.parametrize("names_it", [True, False])
@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_a_value_that_is_not_taken_holds_its_field_alone(kind: Any, name: str, names_it: bool) -> None:
    names = {one.name for one in fields(kind)}
    arrived, waits, _ = written(kind(), names, {name}, names_it=names_it)
    assert waits == {name}
    assert arrived == names - {name}


@given(st.data(), st.sampled_from([Customer, Article, Document]), st.booleans())
def test_several_values_that_are_not_taken_hold_theirs(data: Any, kind: Any, names_it: bool) -> None:
    names = data.draw(st.sets(st.sampled_from([one.name for one in fields(kind)]), min_size=1))
    impossible = data.draw(st.sets(st.sampled_from(sorted(names))))
    arrived, waits, calls = written(kind(), names, impossible, names_it=names_it)
    assert arrived | waits == names
    assert not arrived & impossible
    bound = names - LOOSE[kind]
    assert waits - impossible <= bound
    assert not waits & bound or bound <= waits, "what amounts hang on stays together"
    assert calls <= 2 * len(names) + 1


@pytest.mark.parametrize("kind", [Price, Settlement])
def test_what_is_one_piece_is_not_taken_apart(kind: Any) -> None:
    names = {one.name for one in fields(kind)}
    assert parts(kind(), names, Rejected("No.")) == [frozenset(names)]
    assert left_out(kind(), names, Rejected("No.")) == frozenset()


def test_a_no_to_the_record_is_asked_once() -> None:
    assert parts(Customer(), {"phone", "email"}, NotFound("Gone.")) == [frozenset({"phone", "email"})]


def test_a_card_is_made_without_what_is_not_taken_and_a_document_waits() -> None:
    sent = {"name", "phone", "terms_of_payment"}
    named = Rejected("No {fields}.", fields="terms_of_payment")
    assert left_out(Customer(), sent, named) == {"terms_of_payment"}
    assert left_out(Customer(), sent, Rejected("No.")) == {"phone", "terms_of_payment"}
    assert left_out(Customer(), sent, Rejected("No {field}.", field="name")) == frozenset()
    assert left_out(Document(), {"text", "rows"}, Rejected("No.")) == frozenset()


def test_what_is_told_names_record_field_and_value() -> None:
    told = str(said("Ek AB (webCRM 7)", "Fortnox", {"terms_of_payment": ("30", "K")}, Sentence("There is none.")))
    assert told.startswith("Ek AB (webCRM 7): Fortnox does not take ")
    assert "terms_of_payment “K”" in told
    assert told.endswith("There is none.")
