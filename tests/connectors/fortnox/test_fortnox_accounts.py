"""Every row states an account that stands for its rate, whatever the card and the article say, over HTTP (issue kind 7)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from brygga.clients.fortnox import Fortnox
from brygga.clients.http import Http
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.fortnox.connector import FortnoxConnector
from brygga.core.document import Document, Row
from brygga.core.money import Money
from brygga.core.record import ABSENT
from brygga.errors import BadData
from brygga_sandbox import fortnox as sandbox_module

DAY = date(2026, 11, 20)


class World:
    def __init__(self, sandbox: Any, client: Fortnox) -> None:
        self.sandbox, self.client, self.connector = sandbox, client, FortnoxConnector(client)

    def accounts(self, *rows: Row, kind: str = "invoice", customer: str = "1") -> list[int]:
        """Return the accounts that Fortnox holds for rows that are completed and made."""
        whole = self.connector.completed(Document(kind=kind, customer_number=customer, date=DAY, rows=rows))
        [made] = self.connector.create(kind, [Creation(f"brygga:acme:x:{kind}:1", whole)])
        assert isinstance(made, Receipt), made
        return [int(row.account) for row in made.seen.record.lines]

    def account(self, number: int, code: str | None) -> None:
        company, year = self.sandbox.company, self.sandbox.company.current_year()
        blank = company.table("accounts").blank
        held = {**blank, "Number": number, "Description": "Eget", "VATCode": code, "Active": True, "Year": year["Id"]}
        company.put("accounts", (year["Id"], number), held)
        company.commit()


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(sandbox_module.running(rate_limit=False))
        http = Http("Fortnox", sleep=lambda seconds: None)
        stack.callback(http.close)
        client = Fortnox(sandbox.base_url, token=lambda: sandbox.access_token, send=http.send)
        made = World(sandbox, client)
        made.account(3051, "MP1")
        made.account(2421, None)
        client.customers.create({"CustomerNumber": "1", "Name": "Lindens Bageri AB", "SalesAccount": "3051"})
        client.customers.create({"CustomerNumber": "2", "Name": "Ek AB"})
        client.customers.create({"CustomerNumber": "3", "Name": "Nord AS", "VATType": "EXPORT", "CountryCode": "NO"})
        for number, account in (("BORD", 3001), ("TE", 3002), ("BOK", 3003), ("KORT", 2421)):
            client.articles.create({"ArticleNumber": number, "Description": number.title(), "SalesAccount": account, "Unit": "st"})
        yield made


def row(article: str, vat: int, **fields: Any) -> Row:
    price = Money(Decimal("100.00"), "SEK")
    return Row(
        article_number=article or ABSENT, description=article or "Fri", quantity=Decimal(2), price=price, vat=Decimal(vat), **fields
    )


@pytest.mark.parametrize("kind", ["offer", "order", "invoice"])
def test_the_cards_account_takes_only_rows_of_its_own_rate(world: World, kind: str) -> None:
    rows = row("BORD", 25), row("TE", 12), row("BOK", 6), row("", 25)
    assert world.accounts(*rows, kind=kind) == [3051, 3002, 3003, 3051]


def test_a_debt_of_an_article_is_no_revenue_whatever_account_the_card_has(world: World) -> None:
    world.client.customers.update("1", {"SalesAccount": "3004"})
    assert world.accounts(row("KORT", 0), row("BORD", 25)) == [2421, 3001]


def test_the_rows_own_account_stays(world: World) -> None:
    assert world.accounts(row("BOK", 6, account="3003"), row("BORD", 25, account="3001")) == [3003, 3001]


def test_a_predefined_account_of_the_rate_is_taken_where_the_articles_stands_for_another(world: World) -> None:
    assert world.accounts(row("BOK", 25), row("BORD", 12), customer="2") == [3001, 3002]


@pytest.mark.parametrize("vat", [12, 0])
def test_a_rate_that_no_account_stands_for_waits_with_the_accounts_that_do_not_fit(world: World, vat: int) -> None:
    with world.sandbox.lock:
        for name in ("SALES_12_SE", "SALES_12_SE2", "SALES_0_SE", "SALES_0_SE2"):
            world.sandbox.company.put("predefinedaccounts", name, {"Name": name, "Account": 0})
        world.sandbox.company.commit()
    with pytest.raises(BadData, match=rf"\(BORD\) has {vat} % VAT.*3051, 3001") as refused:
        world.connector.completed(Document(kind="invoice", customer_number="1", date=DAY, rows=(row("BORD", vat),)))
    assert "BORD" in str(refused.value.repair)


def test_swedish_vat_to_a_buyer_outside_the_eu_waits_and_without_vat_it_goes_to_the_account_of_exports(world: World) -> None:
    with pytest.raises(BadData, match=r"25 % VAT.*customer 3.*without VAT.*EXPORT"):
        world.connector.completed(Document(kind="invoice", customer_number="3", date=DAY, rows=(row("BORD", 25),)))
    assert world.accounts(row("BORD", 0), customer="3") == [3105]


def test_an_account_that_is_not_there_in_the_documents_own_year_waits(world: World) -> None:
    with world.sandbox.lock:
        company, year = world.sandbox.company, world.sandbox.company.current_year()
        company.put("accounts", (year["Id"], 3003), {**company.table("accounts").records[year["Id"], 3003], "Active": False})
        company.commit()
    with pytest.raises(BadData, match="account 3003 is not in Fortnox' chart"):
        world.connector.completed(Document(kind="invoice", customer_number="2", date=DAY, rows=(row("BOK", 6, account="3003"),)))
    with pytest.raises(BadData, match=r"6 % VAT.*3003"):
        world.connector.completed(Document(kind="invoice", customer_number="2", date=DAY, rows=(row("BOK", 6),)))


def test_the_chart_and_a_card_are_read_once_in_a_run(world: World) -> None:
    world.sandbox.requests.clear()
    for _ in range(3):
        world.connector.completed(Document(kind="invoice", customer_number="2", date=DAY, rows=(row("BORD", 25), row("BOK", 6))))
    asked = [one.path for one in world.sandbox.requests]
    assert asked.count("/3/accounts") == 1
    assert asked.count("/3/customers/2") == 1


def test_another_rate_on_a_row_brings_another_account_with_it(world: World) -> None:
    whole = world.connector.completed(Document(kind="invoice", customer_number="2", date=DAY, rows=(row("BOK", 6),)))
    [made] = world.connector.create("invoice", [Creation("brygga:acme:x:invoice:1", whole)])
    assert isinstance(made, Receipt)
    now = made.seen.record.lines
    wanted = (replace(now[0], vat=Decimal(25), account=ABSENT),)
    changed = world.connector.update("invoice", Update(made.ref, {"rows": now}, {"rows": wanted}))
    assert [(one.vat, one.account) for one in changed.seen.record.lines] == [(25, "3001")]
