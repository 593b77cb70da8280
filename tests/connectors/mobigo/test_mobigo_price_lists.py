"""Fortnox' price lists and prices as records: all of them, with few calls, also where Fortnox answers one price only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from brygga.clients.fortnox import Fortnox
from brygga.clients.http import Answer, Call, Http
from brygga.connectors.contract import Creation, Update
from brygga.connectors.fortnox.connector import FortnoxConnector
from brygga.core.money import Money
from brygga.core.plan import Skip
from brygga.core.record import Price, PriceList, Ref
from brygga.errors import Rejected
from brygga_sandbox import fortnox as sandbox_of


@dataclass
class World:
    sandbox: Any
    client: Fortnox
    connector: FortnoxConnector


@pytest.fixture
def world() -> Iterator[World]:
    with sandbox_of.running(rate_limit=False) as sandbox:
        http = Http("Fortnox")
        token = str(sandbox.access_token)
        single: dict[str, bool] = {"on": False}

        def send(call: Call, lane: str | None = None) -> Answer:
            answer = http.send(call, lane)
            if single["on"] and call.url.endswith("/3/prices"):
                return Answer(200, answer.headers, b'{"Price": {"ArticleNumber": "1"}}', call)
            return answer

        client = Fortnox(sandbox.base_url, token=lambda: token, send=send)
        company = sandbox.company
        company.load("articles", [{"ArticleNumber": str(n), "Description": f"Artikel {n}"} for n in range(1, 4)])
        company.load("articles", [{"ArticleNumber": "9", "Description": "Utgått", "Active": False}])
        company.load("pricelists", [{"Code": "B", "Description": "Återförsäljare"}])
        prices = [{"PriceList": code, "ArticleNumber": str(n), "FromQuantity": 0, "Price": n} for code in "AB" for n in (1, 2, 3)]
        company.load("prices", [*prices, {"PriceList": "B", "ArticleNumber": "1", "FromQuantity": 10, "Price": 0.5}])
        company.load("prices", [{"PriceList": "B", "ArticleNumber": "9", "FromQuantity": 0, "Price": 1}])
        made = World(sandbox, client, FortnoxConnector(client))
        made.sandbox.single = single
        yield made
        http.close()


def test_lists_and_prices_come_whole_with_a_call_for_each_500(world: World) -> None:
    """MOB-03: code and name; list, article, from-quantity and price."""
    world.sandbox.requests.clear()
    lists = {seen.ref.id: seen.record for seen in world.connector.changed("price_list", None)}
    prices = {seen.ref.id: seen for seen in world.connector.changed("price", datetime.now(UTC))}
    named = lists["B"]
    assert isinstance(named, PriceList)
    assert named.name == "Återförsäljare"
    step = prices["B|1|10"].record
    assert isinstance(step, Price)
    assert (step.price, step.from_quantity) == (Money(Decimal("0.5"), "SEK"), Decimal(10))
    assert isinstance(prices["B|9|0"].standing, Skip)
    paths = [seen.path for seen in world.sandbox.requests]
    assert sorted(paths) == ["/3/articles", "/3/pricelists", "/3/prices"]


def test_prices_are_asked_for_article_by_article_where_fortnox_shows_one(world: World) -> None:
    """Fortnox API, section 9.3: its document says one price; then the steps of each active article are read."""
    whole = {seen.ref.id for seen in world.connector.changed("price", None) if seen.standing is None}
    world.sandbox.single["on"] = True
    assert {seen.ref.id for seen in world.connector.changed("price", None)} == whole


def test_one_list_and_one_price_are_read_by_their_ids(world: World) -> None:
    one = world.connector.get("price", "B|1|10")
    assert one is not None
    assert one.ref == Ref("fortnox", "price", "B|1|10")
    assert world.connector.get("price", "B|1|11") is None
    assert world.connector.get("price_list", "Q") is None
    found = world.connector.find("price", ["B|1|0", "Q|1|0"], datetime.now(UTC))
    assert list(found) == ["B|1|0"]


def test_nothing_is_written_to_price_lists_and_prices(world: World) -> None:
    """MOB-11: people keep them in Fortnox."""
    world.sandbox.requests.clear()
    for kind in ("price", "price_list"):
        [refused] = world.connector.create(kind, [Creation("k", PriceList(code="Q"))])
        assert isinstance(refused, Rejected)
        with pytest.raises(Rejected):
            world.connector.update(kind, Update(Ref("fortnox", kind, "A"), {}, {"name": "x"}))
    assert world.sandbox.requests == []
