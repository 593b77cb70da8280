"""An upgrade at rest writes nothing: what earlier versions wrote is nobody's edit, whatever the text and its limit (kind 3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from brygga.connectors.fortnox import articles, document_map
from brygga.connectors.fortnox import map as customers
from brygga.core.diff import same
from brygga.core.document import Document, Row
from brygga.core.formerly import as_held
from brygga.core.plan import Settle, Update
from brygga.core.planner import Rules, merge_pair
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side
from brygga.core.record import Customer, Ref, present, with_values
from brygga.core.seen import Pair, Seen

DOCUMENTS = Holding(
    frozenset({"text", "rows"}), {"text": 40, "rows.description": 12}, document_map.spell, formerly=document_map.spell_formerly
)
CUSTOMERS = Holding(customers.HELD, {"name": 30, "invoice_street": 20}, customers.spell, formerly=customers.spell_formerly)
words = st.text(st.sampled_from("abcåäö &;<>=≥\"'\r\n|–—→&amp;15"), min_size=1, max_size=90).filter(lambda text: bool(text.strip()))


def rules_of(holding: Holding) -> Rules:
    holds: dict[Side, Holding] = {LEFT: replace(holding, limits={}, spell=lambda name, text: text, formerly=None), RIGHT: holding}
    return Rules(Policy(), holds, {LEFT: "webcrm", RIGHT: "fortnox"}, lambda side, ref, record: ref.id)


def once(holding: Holding, name: str, text: str) -> str:
    """Return a text as an earlier version wrote it: sign by sign, cut within a word."""
    assert holding.formerly is not None
    limit = holding.limits[name]
    written = holding.formerly(name, text)
    return written if len(written) <= limit else written[:limit].rstrip()


def writes(rules: Rules, left: Any, right: Any, base: dict[str, Any]) -> list[Update]:
    pair = Pair(Seen(Ref("webcrm", "x", "1"), left), Seen(Ref("fortnox", "x", "2"), right), base)
    items = merge_pair(rules, pair)
    assert all(isinstance(item, (Settle, Update)) for item in items)
    settled = {name: value for item in items if isinstance(item, Settle) for name, value in item.agreed.items()}
    assert all(same(name, value, dict(present(left))[name]) for name, value in settled.items())
    return [item for item in items if isinstance(item, Update)]


@given(name=words, street=words)
@example(name="Möbler ≥ 5 meter och inte en meter mindre", street="Storgatan 12 vid ån och bron")
def test_customer_written_by_an_earlier_version_rests(name: str, street: str) -> None:
    left = Customer(name=name, invoice_street=street)
    right = Customer(name=once(CUSTOMERS, "name", name), invoice_street=once(CUSTOMERS, "invoice_street", street))
    assert writes(rules_of(CUSTOMERS), left, right, dict(present(left))) == []


@given(texts=st.lists(words, min_size=1, max_size=4), text=words, new=st.lists(st.booleans(), min_size=4, max_size=4))
def test_rows_written_by_an_earlier_version_rest_also_beside_new_ones(texts: list[str], text: str, new: list[bool]) -> None:
    left = Document(text=text, rows=tuple(Row(description=one, article_number=f"A{at}") for at, one in enumerate(texts)))
    rows = tuple(
        replace(row, description=str(DOCUMENTS.fit("rows.description", row.description)) if now else once(DOCUMENTS, "rows.description", str(row.description)))
        for row, now in zip(left.lines, new, strict=False)
    )  # fmt: skip
    right = Document(text=once(DOCUMENTS, "text", text), rows=rows)
    assert writes(rules_of(DOCUMENTS), left, right, dict(present(left))) == []


def test_change_of_one_row_goes_over_and_the_others_stay_as_they_were_written() -> None:
    texts = ("Skruv M6 elförzinkad", "Mutter M6 elförzinkad")
    left = Document(rows=tuple(Row(description=one, article_number=one[:2]) for one in texts))
    right = Document(
        rows=tuple(replace(row, description=once(DOCUMENTS, "rows.description", str(row.description))) for row in left.lines)
    )
    edited = Document(rows=(replace(left.lines[0], description="Spik"), left.lines[1]))
    [update] = writes_of_edit(edited, right, dict(present(left)))
    assert (update.side, texts_of(update)) == (RIGHT, ["Spik", right.lines[1].description])
    person = Document(rows=(replace(right.lines[0], description="Spik"), right.lines[1]))
    [update] = writes_of_edit(left, person, dict(present(left)))
    assert (update.side, texts_of(update)) == (LEFT, ["Spik", texts[1]])


def writes_of_edit(left: Document, right: Document, base: dict[str, Any]) -> list[Update]:
    pair = Pair(Seen(Ref("webcrm", "x", "1"), left), Seen(Ref("fortnox", "x", "2"), right), base)
    return [item for item in merge_pair(rules_of(DOCUMENTS), pair) if isinstance(item, Update)]


def texts_of(update: Update) -> list[Any]:
    rows: Any = update.changes["rows"][1]
    return [row.description for row in rows]


def test_a_persons_own_shorter_text_is_an_edit() -> None:
    left = Customer(name="Möbelsnickarna i Örebro län aktiebolag")
    [update] = writes(rules_of(CUSTOMERS), left, Customer(name="Möbelsnickarna i Örebro"), dict(present(left)))
    assert (update.side, update.changes["name"][1]) == (LEFT, "Möbelsnickarna i Örebro")


OLD = [
    ("organisation_number", "5560427220", "556042-7220"),
    ("organisation_number", "SE556042722001", "556042-7220"),
    ("invoice_postcode", "SE-111 22", "111 22"),
    ("invoice_postcode", "S-11122", "111 22"),
    ("delivery_postcode", "NO-0152", "0152"),
    ("invoice_country", "Sverige", "SE"),
    ("vat_number", "SE 556042-7220 01", "SE556042722001"),
    ("vat_number", "ＳＥ５５６０４２７２２００１", "SE556042722001"),
    ("email", "Anna Ek <anna@ek.example>", "anna@ek.example"),
]


@pytest.mark.parametrize(("field", "before", "now"), OLD)
def test_old_spelling_in_fortnox_is_left_alone_until_the_value_changes(field: str, before: str, now: str) -> None:
    """Five thousand customers whose number lacks a dash are no five thousand changes of the first run after an upgrade."""
    held, spelled = (with_values(Customer(name="Ek"), {field: value}) for value in (before, now))
    assert writes(rules_of(CUSTOMERS), spelled, held, dict(present(held))) == []


def test_article_cut_by_an_earlier_version_is_as_it_is_held() -> None:
    name = "Mugg med handtag och tryck " * 16
    assert as_held(articles.HOLDING, "name", name, name[:200].rstrip()) == name[:200].rstrip()
    assert as_held(articles.HOLDING, "name", name, "Kopp") == articles.HOLDING.fit("name", name)
