"""How a company stands, on one page: each integration's records, times and amounts, the request budgets, what the last days moved.

All of it is read from the store, in as many queries however large the company is; no system is asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Sum
from django.utils import timezone

from brygga import connectors
from brygga.store.models import Company, Connection, DayCount, Integration, LinkRow, Problem, Proof, StreamState, TallyRow
from brygga.sync.open import budget_of

DAYS = 30
PERIODS = ("yesterday", "month")
_WAITING = (Problem.Sort.HOLD, Problem.Sort.CONFLICT, Problem.Sort.QUESTION, Problem.Sort.FAILED)


def standing(company: Company) -> dict[str, Any]:
    """Return how a company stands, as JSON: integrations, budgets, and written and failed records of each of the last 30 days."""
    today = timezone.localdate()
    integrations = list(Integration.objects.filter(company=company).order_by("system"))
    return {
        "company": company.slug,
        "integrations": _integrations(company, integrations, today),
        "budgets": _budgets(company, today),
        "days": _days(company, today),
    }


def _integrations(company: Company, integrations: Iterable[Integration], today: date) -> list[dict[str, Any]]:
    sorts = _sorts(company)
    linked: Counter[int] = Counter()
    for pk, number in (
        LinkRow.objects.filter(integration__company=company).values_list("integration").annotate(Count("pk")).order_by()
    ):
        linked[pk] = number
    states: dict[int, list[StreamState]] = defaultdict(list)
    for state in StreamState.objects.filter(integration__company=company).order_by("pk"):
        states[state.integration_id].append(state)
    proofs = _proofs(company)
    amounts = _amounts(company, today)
    rows = []
    for one in integrations:
        mine = states[one.pk]
        nexts = [at for state in mine for at in (state.next_left_at, state.next_right_at) if at]
        successes = [state.last_success_at for state in mine if state.last_success_at]
        counts = sorts[one.pk]
        rows.append(
            {
                "address": f"{company.slug}/{one.system}",
                "system": one.system,
                "active": one.active,
                "in_step": linked[one.pk],
                "waiting": counts["hold"],
                "to_choose": counts["conflict"] + counts["question"],
                "failed": counts["failed"],
                "skipped": counts["skip"],
                "last_success": _when(max(successes, default=None)),
                "never_run": [state.name for state in mine if state.last_success_at is None],
                "next": _when(min(nexts, default=None)),
                "streams": [state.name for state in mine],
                "proofs": proofs[one.pk],
                "amounts": amounts.get(one.pk, []),
            }
        )
    return rows


def _sorts(company: Company) -> dict[int, Counter[str]]:
    """Return integration -> sort -> how many; what a person left out counts as skipped."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    rows = Problem.objects.filter(integration__company=company).exclude(state=Problem.State.SOLVED).order_by()
    for pk, sort, state, number in rows.values_list("integration", "sort", "state").annotate(Count("pk")):
        found[pk]["skip" if state == Problem.State.DISMISSED else sort] += number
    return found


def _proofs(company: Company) -> dict[int, list[dict[str, Any]]]:
    """Return integration -> the newest proof of each of its streams."""
    newest = (
        Proof.objects.filter(integration__company=company).values("integration", "stream").annotate(newest=Max("pk")).order_by()
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Proof.objects.filter(pk__in=[row["newest"] for row in newest]).order_by("stream")
    for pk, stream, made_at, verdict in rows.values_list("integration", "stream", "made_at", "verdict"):
        found[pk].append({"stream": stream, "made_at": _when(made_at), "verdict": verdict})
    return found


# Amounts --------------------------------------------------------------------------------------------------------------------


def _amounts(company: Company, today: date) -> dict[int, list[dict[str, Any]]]:
    """Return integration -> a line for each kind and currency: yesterday and the month on both sides, and what waits."""
    periods = {
        "yesterday": Q(day=today - timedelta(days=1)),
        "month": Q(day__gte=today.replace(day=1), day__lte=today),
    }
    found: dict[int, dict[tuple[str, str], dict[str, Any]]] = defaultdict(dict)

    def line(pk: int, kind: str, currency: str) -> dict[str, Any]:
        return found[pk].setdefault((kind, currency), {"kind": kind, "currency": currency, "waiting": {"count": 0, "amount": None}})

    for name, when in periods.items():
        for pk, kind, currency, halves in _sums(TallyRow.objects.filter(when, integration__company=company).exclude(link=None)):
            line(pk, kind, currency)[name] = _both(halves)
    waits = Problem.objects.filter(
        integration=OuterRef("integration"), side=OuterRef("side"), record_id=OuterRef("record_id"), kind=OuterRef("kind"),
        state=Problem.State.OPEN, sort__in=_WAITING,
    )  # fmt: skip
    for pk, kind, currency, halves in _sums(TallyRow.objects.filter(Exists(waits), integration__company=company, link=None)):
        counts, amounts = zip(*((half["count"], _told(half)[1]) for half in halves.values()), strict=True)
        known = [amount for amount in amounts if amount is not None]
        line(pk, kind, currency)["waiting"] = {"count": sum(counts), "amount": str(sum(known, Decimal(0))) if known else None}
    empty = _both({})
    return {
        pk: [{**row, **{name: row.get(name, empty) for name in PERIODS}} for _, row in sorted(lines.items())]
        for pk, lines in found.items()
    }


def _sums(rows: Any) -> list[tuple[int, str, str, dict[str, dict[str, Any]]]]:
    """Return (integration, kind, currency, side -> sums) of kept tallies, added up by the database in whole hundredths."""
    found: dict[tuple[int, str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    grouped = rows.order_by().values("integration", "kind", "currency", "side").annotate(
        count=Count("pk"), totals=Count("total_ore"), nets=Count("net_ore"), total=Sum("total_ore"), net=Sum("net_ore")
    )  # fmt: skip
    for row in grouped:
        found[row["integration"], row["kind"], row["currency"]][row["side"]] = row
    return [(*key, halves) for key, halves in found.items()]


_NOTHING: Mapping[str, Any] = {"count": 0, "totals": 0, "nets": 0, "total": 0, "net": 0}


def _both(halves: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return both sides' count and amount by the one measure that both tell of every record; None where there is none."""
    sides = {side: halves.get(side, _NOTHING) for side in ("left", "right")}
    measure = next((one for one in ("total", "net") if all(half[f"{one}s"] == half["count"] for half in sides.values())), "")
    told = {
        side: {"count": half["count"], "amount": str(_exact(half[measure] or 0)) if measure else None}
        for side, half in sides.items()
    }
    return {**told, "measure": measure or None, "same": told["left"] == told["right"]}


def _told(half: Mapping[str, Any]) -> tuple[str, Decimal | None]:
    for measure in ("total", "net"):
        if half[f"{measure}s"] == half["count"]:
            return measure, _exact(half[measure] or 0)
    return "", None


def _exact(ore: int) -> Decimal:
    return Decimal(int(ore)).scaleb(-2)


# Budgets and days -----------------------------------------------------------------------------------------------------------


def _budgets(company: Company, today: date) -> list[dict[str, Any]]:
    """Return for each connection how much of its request budget is in use now, and how many requests left today."""
    sent: Counter[str] = Counter()
    for requests in DayCount.objects.filter(integration__company=company, day=today).values_list("requests", flat=True):
        sent.update(requests)
    rows = []
    for connection in Connection.objects.filter(company=company).order_by("system"):
        permits = budget_of(connection)
        row: dict[str, Any] = {"system": connection.system, "today": sent[connection.system], "limit": None}
        if permits is not None:
            usage = permits.usage()
            row |= {
                "limit": permits.permits,
                "seconds": permits.seconds,
                "used": usage.given,
                "share": round(100 * usage.given / permits.permits),
                "closed_for": round(usage.closed_for),
            }
        rows.append(row)
    return rows


def _days(company: Company, today: date) -> list[dict[str, Any]]:
    """Return what each of the last days wrote and what failed, the oldest first."""
    first = today - timedelta(days=DAYS - 1)
    rows = DayCount.objects.filter(integration__company=company, day__gte=first).order_by()
    sums = {day: (written, failed) for day, written, failed in rows.values_list("day").annotate(Sum("written"), Sum("failed"))}
    days = [first + timedelta(days=ahead) for ahead in range(DAYS)]
    return [{"date": day.isoformat(), "written": sums.get(day, (0, 0))[0], "failed": sums.get(day, (0, 0))[1]} for day in days]


def _when(at: Any) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def parts_of_streams(system: str, streams: Iterable[str]) -> list[str]:
    """Return the streams with those that are parts of their runs: all that can be reconciled."""
    return [part for stream in streams for part in connectors.parts_of(system, stream)]
