"""How a person goes through the connect wizard: a hub with no company, an imitated Fortnox, and one of the five systems."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from django.test import Client

from brygga.clients.limits import Unlimited
from brygga.store.permits import Usage
from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox import mobigo, opter, textalk, upsales, webcrm
from brygga_sandbox.opter import Limits
from brygga_sandbox.upsales import Setup
from hub import organisation
from opter_hub import NORD
from textalk_hub import LIV, MUG

URL = "http://127.0.0.1:8000"
"""Where the hub is reached: the address that the sandbox's integration has registered begins with it."""
PASSWORD = "en-ganska-lang-mening"
ENGLISH = {"accept-language": "en"}


@dataclass(frozen=True)
class Scenario:
    """One system: how it is started, what it gives its customer, what is chosen, and what lies in both systems.

    asked    the settings that the form has, no others
    chosen   what is typed over the form's own values
    first    the record that is tried: stream, system and number
    then     one more that is proposed after it, as the form sends it
    """

    system: str
    start: Callable[[], AbstractContextManager[Any]]
    key: Callable[[Any], dict[str, str]]
    streams: tuple[str, ...]
    fill: Callable[[Any, Any], None]
    asked: frozenset[str]
    chosen: Mapping[str, Any] = field(default_factory=dict)
    first: tuple[str, str, str] = ("customers", "left", "1")
    then: str = ""


def _webcrm(books: Any, crm: Any) -> None:
    crm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680"), organisation(OrganisationName="Nytt AB")])
    books.company.load("customers", [{"CustomerNumber": "1042", "Name": "Lindens Bageri AB", "OrganisationNumber": "556016-0680"}])


def _articles(books: Any) -> None:
    rows = [("A1", "Bord"), ("A2", "Stol"), ("100", "Arbetstid"), ("200", "Packning"), ("MUGG-1", "Mugg"), ("Rabatt", "Rabatt")]
    rows += [("Annan-betalning", "Annan betalning"), ("Frakt", "Frakt"), ("Avgift", "Avgift")]
    books.company.load("articles", [{"ArticleNumber": number, "Description": name, "SalesPrice": 100} for number, name in rows])


def _upsales(books: Any, crm: Any) -> None:
    _articles(books)
    for number in ("A1", "A2"):
        blank = dict(books.company.table("prices").blank)
        books.company.put(
            "prices", ("A", number, "0"), {**blank, "PriceList": "A", "ArticleNumber": number, "FromQuantity": 0, "Price": 100}
        )
    books.company.load("customers", [{"CustomerNumber": "101", "Name": "Fjord AB", "OrganisationNumber": "556016-0680"}])
    crm.load("accounts", [{"name": "Fjord AB", "orgNo": "5560160680"}])


def _textalk(books: Any, shop: Any) -> None:
    _articles(books)
    shop.order(items=[MUG], customer=LIV)


def _mobigo(books: Any, system: Any) -> None:
    _articles(books)
    books.company.load(
        "customers", [{"CustomerNumber": "1042", "Name": "Alm Fastigheter AB"}, {"CustomerNumber": "1043", "Name": "Björk AB"}]
    )
    system.load("TimeTypes", [{"name": "Arbete", "articleNumber": "100"}])
    time = {"timeType": "Arbete", "hours": 2, "billableHours": 2, "price": 650, "text": "Felsökning"}
    system.assignment("1001", customerNumber="1042", status="Klart", marked=True, actionText="Bytt packning.", times=[time])


def _opter(books: Any, system: Any) -> None:
    coding = [{"account": "3001", "text": "Styckegods", "net": 1000, "vatPercent": 25}]
    head = {"invoiceDate": "2026-09-04", "dueDate": "2026-10-04", "orders": [{"orderNumber": "4555", "orderDate": "2026-09-04"}]}
    system.load("Customers", [NORD])
    system.load("Invoices", [{"invoiceNumber": "100353", "customerCode": "NORD", "coding": coding, **head}])


SCENARIOS = {
    one.system: one
    for one in (
        Scenario(
            "webcrm",
            webcrm.running,
            lambda crm: {"api_key": crm.auth_code},
            ("customers",),
            _webcrm,
            frozenset({"customer_types", "company_type", "private_type", "customer_number_governed_by", "import_active_customers"}),
        ),
        Scenario(
            "upsales",
            lambda: upsales.running(Setup(price_lists=True)),
            lambda crm: {"api_key": crm.token},
            ("customers", "products", "sales"),
            _upsales,
            frozenset({"module", "placeholder_user", "won_stage", "lost_stage", "price_list"}),
            {
                "module": "invoice",
                "placeholder_user": "Integration",
                "won_stage": "Order",
                "lost_stage": "Förlorad",
                "price_list": "A",
            },
            ("customers", "right", "101"),
        ),
        Scenario(
            "textalk",
            textalk.running,
            lambda shop: {"way": "token", "webshop": str(shop.webshop), "token": shop.token},
            ("buyers",),
            _textalk,
            frozenset({"documents", "create_needed_articles"}),
            {"documents:name": ["Faktura", "Kort"], "documents:value": ["invoice", "cash_invoice"]},
            ("buyers", "left", "guest:liv@dahl.example,liv-dahl"),
            "invoices left:1008",
        ),
        Scenario(
            "mobigo",
            mobigo.running,
            lambda system: {"application_id": system.application_id, "application_key": system.secret},
            ("customers", "articles", "assignments"),
            _mobigo,
            frozenset({"document"}),
            {"document": "order"},
            ("customers", "right", "1042"),
        ),
        Scenario(
            "opter",
            lambda: opter.running(Limits(calls=0)),
            lambda system: {"way": "adapter", "api_key": system.key},
            ("customers", "payments"),
            _opter,
            frozenset({"customer_number", "send", "payment_definitions"}),
            {"payment_definitions:name": ["Fortnox"], "payment_definitions:ignore_payments_before": ["2026-01-01"]},
            ("customers", "left", "NORD"),
            "invoices left:100353",
        ),
    )
}


class _Unmetered(Unlimited):
    """A budget that lets everything through, of which nothing is in use."""

    permits, seconds = 25, 5.0

    def usage(self) -> Usage:
        return Usage(0, 25, {}, 0.0)


@contextmanager
def both_systems(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    """Start Fortnox and the other system, with their records; the hub's budgets have tests of their own."""
    monkeypatch.setenv("BRYGGA_URL", URL)
    monkeypatch.setattr("brygga.engine.nudge", lambda run_id: None)
    for place in ("open", "connect"):
        monkeypatch.setattr(f"brygga.sync.{place}.Permits", lambda budget, **window: _Unmetered())
    with ExitStack() as stack:
        books = stack.enter_context(fortnox_sandbox.running(rate_limit=False, companies=2))
        other = stack.enter_context(scenario.start())
        scenario.fill(books, other)
        with books.lock:
            books.company.commit()
        yield books, other


def agree(address: str, *, decision: str = "approve", tenant: int | None = None) -> str:
    """Answer Fortnox' consent page as a person would; return the address that the browser is sent to."""
    page = httpx2.get(address, verify=False)
    assert page.status_code == 200, page.text
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    fields = {html.unescape(name): html.unescape(value) for name, value in hidden}
    company = tenant or int(re.search(r'<option value="(\d+)"', page.text)[1])  # type: ignore[index]
    form = {**fields, "tenant": str(company), "decision": decision}
    answer = httpx2.post(address.partition("?")[0], data=form, follow_redirects=False, verify=False)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def consent_link(page: str) -> str:
    """Return the address of the consent that a page shows."""
    return html.unescape(re.search(r'href="([^"]+/oauth-v1/auth[^"]*)"', page)[1])  # type: ignore[index]


def carry_out() -> None:
    """Do what a worker would with the runs that wait, in their order."""
    from brygga.store.models import Run
    from brygga.sync.start import execute

    for run in Run.objects.filter(status=Run.Status.QUEUED).order_by("queued_at", "pk"):
        execute(run.pk)


class Walk:
    """One person at the pages of the wizard for one system."""

    def __init__(self, scenario: Scenario, books: Any, other: Any) -> None:
        self.scenario, self.books, self.other = scenario, books, other
        self.client = Client(headers=ENGLISH)

    def page(self, step: str, **form: Any) -> Any:
        """Get a step, or send its form and follow where it leads."""
        address = f"/c/{self.slug}/wizard/{self.scenario.system}/{step}/"
        if step == "settings" and form:
            form = {"shown": list(self.scenario.asked), **form}
        return self.client.post(address, form, follow=True) if form else self.client.get(address, follow=True)

    def here(self, answer: Any) -> str:
        """Return the step that an answer shows."""
        return str(answer.context["here"])

    def fortnox_writes(self) -> list[tuple[str, str]]:
        """Return the writes that Fortnox saw, signing in left out."""
        seen = [(one.method, one.path) for one in self.books.requests]
        return [one for one in seen if one[0] not in ("GET", "HEAD") and "/oauth-v1/" not in one[1]]

    slug = "acme-bygg-ab"

    def to_a_company(self) -> None:
        """The first administrator of a fresh hub, and the first company."""
        from brygga.store import users

        assert "The first administrator" in self.client.get("/", follow=True).content.decode()
        form = {"code": users.setup_code(), "name": "owner", "password": PASSWORD}
        answer = self.client.post("/setup/", form, follow=True)
        assert "Connect a company" in answer.content.decode()
        answer = self.client.post("/wizard/", {"name": "Acme Bygg AB"}, follow=True)
        assert answer.redirect_chain[-1][0] == f"/c/{self.slug}/wizard/"

    def to_keys(self) -> Any:
        """Choose what shall move and give the keys of the integration."""
        assert self.here(self.page("choose", stream=list(self.scenario.streams))) == "fortnox"
        keys = {"client_id": self.books.client_id, "client_secret": self.books.client_secret, "address": self.books.base_url}
        return self.page("fortnox", what="keys", **keys)

    def to_fortnox(self) -> Any:
        """Consent in Fortnox and come back."""
        back = agree(consent_link(self.to_keys().content.decode()))
        return self.client.get(back.removeprefix("http://127.0.0.1:8000"), follow=True)

    def to_check(self) -> Any:
        self.to_fortnox()
        assert self.here(self.page("fortnox", what="right")) == "system"
        return self.page("system", **self.scenario.key(self.other), address=self.other.base_url)

    def to_forecast(self) -> Any:
        self.to_check()
        shown = self.page("check", what="on")
        assert self.here(shown) == "settings"
        return self.page("settings", **self.typed(shown))

    def typed(self, shown: Any) -> dict[str, Any]:
        """Return the form of the settings as a browser sends it, with what is chosen typed over it."""
        fields = shown.context["form"].fields
        assert {one.key for one in fields} == self.scenario.asked
        sent: dict[str, list[str]] = {}
        for shown_field in fields:
            for cell in (cell for row in shown_field.rows for cell in row):
                if shown_field.kind != "switch" or cell.text:
                    sent.setdefault(cell.name, []).append(cell.text)
        return sent | dict(self.scenario.chosen)


def begun(system: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    scenario = SCENARIOS[system]
    with both_systems(scenario, monkeypatch) as (books, other):
        walk = Walk(scenario, books, other)
        walk.to_a_company()
        yield walk


@pytest.fixture
def walk(request: pytest.FixtureRequest, sqlite_database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    """A walk with one company and nothing connected, for webCRM where nothing else is asked for."""
    yield from begun(getattr(request, "param", "webcrm"), monkeypatch)
