"""Reconciliation: both sides of a stream read whole, the proof that they agree, or the list of what differs; printable."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from brygga import engine
from brygga.store.models import AuditEntry, Company, Proof, StreamState
from brygga.sync.look import kind_of
from brygga.web.access import in_company, may
from brygga.web.integration import integration_of

EARLIER = 30
SHOWN = 200


@in_company()
def proof(request: HttpRequest, company: Company, system: str, stream: str) -> HttpResponse:
    """Show the newest proof of a stream, or an earlier one; a bookkeeper may ask for another. A worker reads both sides."""
    integration = integration_of(company, system)
    if not StreamState.objects.filter(integration=integration, name=stream).exists():
        raise Http404
    if request.method == "POST":
        run = engine.request(integration, stream, trigger="prove")
        engine.nudge(run.pk)
        who, subject = request.user.get_username(), f"{integration.address}.{stream}"
        AuditEntry.objects.create(company=company, who=who, what="asked for a proof", subject=subject, detail={"run": run.pk})
        return redirect("run", slug=company.slug, run_id=run.pk)
    rows = Proof.objects.filter(integration=integration, stream=stream).order_by("-made_at")
    wanted = request.GET.get("number", "")
    one = rows.filter(pk=int(wanted)).first() if wanted.isdigit() else rows.first()
    context = {
        "company": company,
        "integration": integration,
        "stream": stream,
        "kind": kind_of(integration, stream),
        "proof": one,
        "earlier": rows[:EARLIER],
        "most": SHOWN,
        "may_write": may(request.user, company, "bookkeeper"),
    }
    if one is not None:
        context |= {
            "counts": [one.body["counts"][side] for side in ("left", "right")],
            "differing": one.body["differing"][:SHOWN],
            "gone": one.body["gone"][:SHOWN],
            "unaccounted": one.body["unaccounted"][:SHOWN],
            "days": [_day(day) for day in one.body["days"][:SHOWN]],
        }
    return render(request, "brygga/proof.html", context)


def _day(day: dict[str, object]) -> dict[str, object]:
    """Return a day with both sides' sums as texts, and whether they are the same."""
    left, right = day["left"], day["right"]
    assert isinstance(left, dict)
    assert isinstance(right, dict)
    sums = {
        side: ", ".join(f"{amount} {code}" for code, amount in sorted(one["totals"].items()))
        for side, one in (("left", left), ("right", right))
    }
    # A system that does not tell a total of its own is compared by the number of documents.
    comparable = bool(sums["left"] and sums["right"])
    same = left["count"] == right["count"] and (not comparable or sums["left"] == sums["right"])
    return {"date": day["date"], "left": left["count"], "right": right["count"], "sums": sums, "same": same}
