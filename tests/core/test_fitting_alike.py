"""What is made and what is changed afterwards fit alike: at rest nothing is planned, whatever the text and the system (kind 13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.connectors.fortnox import articles, document_map
from brygga.connectors.fortnox import map as customers
from brygga.connectors.mobigo import map as mobigo
from brygga.connectors.textalk import map as textalk
from brygga.connectors.upsales import map as upsales
from brygga.core.document import Article, Document, Row
from brygga.core.plan import Create, Settle, Update
from brygga.core.planner import Rules, make_plan, merge_pair
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side
from brygga.core.record import Customer, Record, Ref, present, with_values
from brygga.core.seen import Fresh, Pair, Seen

FORTNOX: Mapping[str, Holding] = {
    "customer": Holding(customers.HELD, customers.LIMITS, customers.spell),
    "article": articles.HOLDING,
    "invoice": Holding(frozenset({"text", "your_order_number", "comments", "rows"}), {"text": 1024, "your_order_number": 30, "rows.description": 255}, document_map.spell),
}  # fmt: skip
LEFTS: Mapping[tuple[str, str], Holding] = {
    ("upsales", "customer"): Holding(upsales.HELD, upsales.LIMITS),
    ("upsales", "article"): Holding(upsales.ARTICLE_HELD, upsales.ARTICLE_LIMITS),
    ("textalk", "customer"): Holding(textalk.CUSTOMER_HELD),
    ("textalk", "article"): Holding(textalk.ARTICLE_HELD, textalk.ARTICLE_LIMITS),
    ("mobigo", "customer"): Holding(frozenset(mobigo.FIELDS["customer"]), mobigo.LIMITS["customer"]),
    ("mobigo", "article"): Holding(frozenset(mobigo.FIELDS["article"]), mobigo.LIMITS["article"]),
    ("webcrm", "customer"): Holding(frozenset({"name", "phone", "invoice_street", "email"}), {"name": 80, "phone": 20}),
    ("opter", "invoice"): Holding(frozenset({"text", "rows"})),
}
words = st.text(st.sampled_from("abcåäö &;<>=≥\"'\t\r\n|–—→&amp;1"), min_size=1, max_size=400).filter(
    lambda text: bool(text.strip())
)


def record_of(kind: str, text: str) -> Record:
    if kind == "customer":
        return Customer(name=text, phone=text, invoice_street=text)
    if kind == "article":
        return Article(number="A1", name=text, unit=text[:5])
    return Document(text=text, rows=(Row(description=text, article_number="A1"),))


@pytest.mark.parametrize(("system", "kind"), list(LEFTS))
@given(text=words)
def test_what_was_made_rests_and_a_cut_text_that_comes_back_is_no_edit(system: str, kind: str, text: str) -> None:
    holds: dict[Side, Holding] = {LEFT: LEFTS[system, kind], RIGHT: FORTNOX[kind]}
    rules = Rules(Policy(), holds, {LEFT: system, RIGHT: "fortnox"}, lambda side, ref, record: ref.id)
    for side, target in ((LEFT, RIGHT), (RIGHT, LEFT)):
        whole = record_of(kind, text)
        source = with_values(
            type(whole)(), {name: holds[side].fit(name, value) for name, value in present(whole) if name in holds[side].fields}
        )
        plan = make_plan(rules, [], [Fresh(side, Seen(Ref(system, kind, "1"), source))], {})
        [made] = [item for item in plan.items if isinstance(item, Create)]
        there = with_values(type(whole)(), dict(made.values))
        base = {name: value for name, value in present(source) if name in made.values}
        halves: dict[Side, Any] = {side: Seen(Ref(system, kind, "1"), source), target: Seen(Ref("fortnox", kind, "2"), there)}
        items = merge_pair(rules, Pair(halves[LEFT], halves[RIGHT], base))
        assert [item for item in items if not isinstance(item, Settle)] == []
        # An update sends nothing that a creation would not have sent.
        changed = merge_pair(rules, Pair(halves[LEFT], halves[RIGHT], dict.fromkeys(base, "before")))
        for item in changed:
            if isinstance(item, Update) and item.side == target:
                assert all(made.values[name] == after for name, (_, after) in item.changes.items())


def test_cut_text_is_told_once() -> None:
    rules = Rules(Policy(), {LEFT: Holding(frozenset({"name"})), RIGHT: FORTNOX["article"]}, {LEFT: "textalk", RIGHT: "fortnox"}, lambda side, ref, record: ref.id)  # fmt: skip
    article = Article(number="A1", name="Mugg med handtag och tryck " * 16)
    [made] = make_plan(rules, [], [Fresh(LEFT, Seen(Ref("textalk", "article", "7"), article))], {}).items
    assert isinstance(made, Create)
    assert len(str(made.values["name"])) <= 200
    assert made.remark is not None
    assert "textalk 7" in str(made.remark.sentence)
