"""The overview: records, times, amounts on both sides, budgets and 30 days, from what the hub keeps; no system is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hub import Hub
from journeys.test_webcrm_deliveries import Sales

SHELF = {"Artikelnummer": "A9", "Benämning": "Hylla", "Enhet": "st", "Quantity": 1, "Price": 90, "VatPercentage": 25}


@pytest.fixture
def sales(hub: Hub) -> Sales:
    """Two invoices in step, of yesterday and of today, and one of yesterday whose article Fortnox does not have."""
    sales = Sales(hub, document="invoice")
    for day in (yesterday(), today()):
        sales.deliver(Fakturadatum=day.isoformat())
    sales.deliver(SHELF, Fakturadatum=yesterday().isoformat())
    hub.sync()
    hub.clear()
    return sales


def today() -> Any:
    from django.utils import timezone

    return timezone.localdate()


def yesterday() -> Any:
    return today() - timedelta(days=1)


def standing() -> dict[str, Any]:
    from brygga.store.models import Company
    from brygga.sync.overview import standing as of

    return of(Company.objects.get(slug="acme"))


def page() -> str:
    from brygga.store.models import Company, Membership

    user, made = User.objects.get_or_create(username="eva")
    if made:
        Membership.objects.create(user=user, company=Company.objects.get(slug="acme"), role="viewer")
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    answer = client.get("/c/acme/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_amounts_of_yesterday_and_the_month_on_both_sides_and_what_waits(sales: Sales) -> None:
    [one] = standing()["integrations"]
    [line] = one["amounts"]
    both = {"count": 1, "amount": "1627.50"}
    assert line["kind"] == "invoice"
    assert line["yesterday"] == {"left": both, "right": both, "measure": "total", "same": True}
    if yesterday().month == today().month:
        assert line["month"]["right"] == {"count": 2, "amount": "3255.00"}
    assert line["waiting"] == {"count": 1, "amount": "112.50"}
    shown = page()
    assert "1627.50\N{NO-BREAK SPACE}SEK" in shown
    assert "112.50\N{NO-BREAK SPACE}SEK" in shown
    # Nobody was asked for it.
    assert sales.hub.fortnox.requests == []
    assert sales.hub.webcrm.requests == []


def test_what_waited_is_no_longer_waiting_once_it_is_in(sales: Sales) -> None:
    hub = sales.hub
    with hub.fortnox.lock:
        blank = dict(hub.fortnox.company.table("articles").blank)
        hub.fortnox.company.put("articles", "A9", {**blank, "ArticleNumber": "A9", "Description": "Hylla"})
        hub.fortnox.company.commit()
    for problem in hub.problems():
        hub.answer(problem, retry=True)
    hub.sync()
    [line] = standing()["integrations"][0]["amounts"]
    assert line["waiting"] == {"count": 0, "amount": None}
    assert line["yesterday"]["left"] == line["yesterday"]["right"] == {"count": 2, "amount": "1740.00"}


def test_change_on_one_side_shows_as_a_difference_once_both_were_read(sales: Sales) -> None:
    from brygga.sync.reconcile import reconcile

    line = sales.hub.webcrm.lines_of(1)[0]
    sales.hub.webcrm.line(line["QuotationLineId"]).update(Quantity=3)
    reconcile("acme/webcrm.deliveries")
    [found] = standing()["integrations"][0]["amounts"]
    assert (found["yesterday"]["same"], found["yesterday"]["left"]["amount"]) == (False, "2127.50")
    assert "differs" in page()


def test_budgets_days_and_states(sales: Sales) -> None:
    now = standing()
    fortnox, webcrm = now["budgets"]
    assert (fortnox["system"], fortnox["limit"], webcrm["limit"]) == ("fortnox", 25, None)
    assert 0 <= fortnox["used"] <= 25
    assert fortnox["today"] > 0
    assert len(now["days"]) == 30
    assert now["days"][-1]["date"] == today().isoformat()
    assert now["days"][-1]["written"] >= 3
    [one] = now["integrations"]
    assert (one["in_step"], one["waiting"], one["failed"], one["skipped"]) == (3, 1, 0, 0)
    assert one["never_run"] == ["articles"]
    shown = page()
    assert "Show as a table" in shown
    assert shown.count("<rect") == 3 * 30


def test_page_takes_as_many_queries_however_much_there_is(sales: Sales) -> None:
    from django.db import connection

    from brygga.store.models import DayCount, Integration, LinkRow, TallyRow

    page()
    with CaptureQueriesContext(connection) as few:
        page()
    one = Integration.objects.get()
    for place in range(300):
        link = LinkRow.objects.create(integration=one, kind="invoice", left_id=f"x{place}", right_id=f"x{place}")
        for side in ("left", "right"):
            TallyRow.objects.create(
                integration=one, link=link, kind="invoice", side=side, record_id=f"x{place}", day=today(), currency="SEK", total_ore=1, net_ore=1
            )  # fmt: skip
    for days in range(1, 29):
        DayCount.objects.create(integration=one, day=today() - timedelta(days=days), written=1)
    with CaptureQueriesContext(connection) as many:
        page()
    assert len(many) == len(few)


def test_payments_are_in_the_navigation_only_where_there_are_some(sales: Sales) -> None:
    from brygga.store.models import Integration, StreamState

    assert "/c/acme/payments/" not in page()
    StreamState.objects.create(integration=Integration.objects.get(), name="payments", schedule={"mode": "manual"})
    assert 'href="/c/acme/payments/"' in page()
