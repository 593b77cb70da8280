"""Reconciliation: both sides of a stream read whole, the proof that they agree, or the list of what differs; printable."""

from __future__ import annotations

from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from brygga import connectors, engine
from brygga.store.models import AuditEntry, Company, Proof, StreamState
from brygga.sync.look import kind_of
from brygga.sync.overview import parts_of_streams
from brygga.web.access import in_company, may
from brygga.web.integration import integration_of

EARLIER = 30
SHOWN = 200


@in_company()
def proof(request: HttpRequest, company: Company, system: str, stream: str) -> HttpResponse:
    """Show the newest proof of a stream, or an earlier one; a bookkeeper may ask for another. A worker reads both sides."""
    integration = integration_of(company, system)
    names = list(StreamState.objects.filter(integration=integration).order_by("pk").values_list("name", flat=True))
    # A stream whose records are parts of another's runs is proven with that one.
    whole = next((name for name in names if stream in connectors.parts_of(system, name)), None)
    if whole is None:
        raise Http404
    if request.method == "POST":
        run = engine.request(integration, whole, trigger="prove")
        engine.nudge(run.pk)
        who, subject = request.user.get_username(), f"{integration.address}.{whole}"
        AuditEntry.objects.create(company=company, who=who, what="asked for a proof", subject=subject, detail={"run": run.pk})
        return redirect("run", slug=company.slug, run_id=run.pk)
    rows = Proof.objects.filter(integration=integration, stream=stream).order_by("-made_at", "-pk")
    wanted = request.GET.get("number", "")
    one = rows.filter(pk=int(wanted)).first() if wanted.isdigit() else rows.first()
    context = {
        "company": company,
        "integration": integration,
        "stream": stream,
        "kind": kind_of(integration, stream),
        "proof": one,
        "earlier": rows.defer("body")[:EARLIER],
        "most": SHOWN,
        "streams": parts_of_streams(system, names),
        "may_write": may(request.user, company, "bookkeeper"),
    }
    if one is not None:
        # Proofs of before there were sums by rate and account lack them.
        sums = one.body.get("sums", {})
        context |= {
            "counts": [one.body["counts"][side] | {"sums": sums.get(side, {"totals": {}})} for side in ("left", "right")],
            "round_off": {code: amount for code, amount in sums.get("right", {}).get("round_off", {}).items() if Decimal(amount)},
            "differing": one.body["differing"][:SHOWN],
            "gone": one.body["gone"][:SHOWN],
            "unaccounted": one.body["unaccounted"][:SHOWN],
            "days": one.body["days"][:SHOWN],
            "money": any(one.body.get(name) for name in ("days", "rates", "accounts")),
        }
    return render(request, "brygga/proof.html", context)
