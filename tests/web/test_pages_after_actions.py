"""Every page still opens after what people do: each action of each role is done, and then all pages are walked as that role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hub import Hub, organisation
from people import client
from web.test_every_address import addresses

TEMPLATES = Path(__file__).parents[2] / "src" / "brygga" / "web" / "templates"
METHODS = ("items", "keys", "values", "get", "pop", "copy", "update")
"""What a dict can do: a template that writes `held.items` gets the key of that name instead where there is one."""


@pytest.fixture
def places(hub: Hub) -> dict[str, str]:
    """A company with links, a question, a conflict, a held and a skipped record; return what each place of an address stands for."""
    from brygga.store.models import Problem, Run

    with hub.unlimited():
        hub.webcrm.load("Organisation", [organisation(OrganisationName=f"Firma {n} AB", Telefon="0470-1") for n in range(30)])
        hub.sync()
        hub.age()
        # Both sides changed the name: a conflict; a twin with the same number: a question; a number that is none: held.
        hub.webcrm.organisation(1).update(OrganisationName="Firma Ett AB")
        hub.edit_customer(hub.links()["1"], Name="Firma Uno AB")
        hub.fortnox.company.load(
            "customers",
            [
                {"CustomerNumber": "1042", "Name": "Acme Norr AB", "OrganisationNumber": "556036-0793"},
                {"CustomerNumber": "1077", "Name": "Acme Söder AB", "OrganisationNumber": "556036-0793"},
            ],
        )
        hub.webcrm.load(
            "Organisation",
            [
                organisation(OrganisationName="Acme AB", OrganisationExtraCustom2="556036-0793"),
                organisation(OrganisationName="Fel AB", OrganisationExtraCustom2="556036-0794"),
                organisation(OrganisationName="Ny AB", OrganisationExtraCustom2="556016-0680"),
            ],
        )
        hub.sync()
    open_ = Problem.objects.filter(state="open")
    return {
        "slug": "acme",
        "system": "webcrm",
        "stream": "customers",
        "kind": "customer",
        "number": str(open_.filter(sort__in=["question", "conflict"])[0].pk),
        "id": "1",
        "run_id": Run.objects.order_by("-queued_at")[0].pk,
        "rest": "x",
        "step": "choose",
        "secret": "nothing",
    }


def plan_of(hub: Hub) -> dict[str, Any]:
    """Make a plan that creates something, and keep it."""
    from brygga.store.models import Integration
    from brygga.sync.start import make_plan

    count = len(hub.webcrm.requests)
    hub.webcrm.load("Organisation", [organisation(OrganisationName=f"Nykund {count} AB")])
    integration = Integration.objects.select_related("company").get(company__slug="acme", system="webcrm")
    return make_plan(integration, "customers", who="test", save=True)


def walk(who: Client, places: dict[str, str]) -> int:
    """Open every address as this person, those of every run, plan and problem too; return how many pages there were."""
    from brygga.store.models import PlanRow, Problem, Run

    walked = set()
    for path in addresses():
        if path.startswith(("api/", "hooks/", "metrics", "logout", "language/")):
            continue
        fill = [places]
        if "<str:run_id>" in path:
            fill = [{**places, "run_id": pk} for pk in Run.objects.order_by("-queued_at").values_list("pk", flat=True)[:4]]
        elif "<str:plan_id>" in path:
            fill = [{**places, "plan_id": pk} for pk in PlanRow.objects.values_list("pk", flat=True)]
        elif "problems/<int" in path or "conflicts/<int" in path:
            fill = [{**places, "number": str(pk)} for pk in Problem.objects.values_list("pk", flat=True)]
        for held in fill:
            address = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda one, held=held: held[one[1]], path)  # type: ignore[misc]
            # What a page raises is raised here too.
            status = who.get(address).status_code
            assert status < 500, (address, status)
            walked.add(address)
    return len(walked)


def actions(hub: Hub, role: str) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Yield what this role can do: the address, the form, and the status that says that it was done."""
    from brygga.store.models import Membership, Problem

    open_ = Problem.objects.filter(state="open")
    if role == "viewer":
        yield "/account/", {"what": "language", "language": "sv"}, 302
        return
    for form in ({"how": "all"}, {"how": "rule", "only": ["create"]}, {"how": "rule", "below": "10 000"}):
        plan = plan_of(hub)
        fits = 302 if "below" not in form else 400
        yield f"/c/acme/plans/{plan['plan']}/", form, fits
    plan = plan_of(hub)
    created = [item["mark"] for item in plan["items"] if item["action"] == "create"]
    yield f"/c/acme/plans/{plan['plan']}/", {"how": "ticked", "item": created[:1]}, 302
    yield "/c/acme/webcrm/customers/", {"what": "plan"}, 302
    yield "/c/acme/webcrm/customers/", {"what": "run"}, 302
    yield "/c/acme/webcrm/customers/", {"what": "off"}, 302
    yield "/c/acme/webcrm/customers/", {"what": "on"}, 302
    yield "/c/acme/proofs/webcrm/customers/", {}, 302
    yield "/c/acme/connections/", {}, 200
    if conflict := open_.filter(sort="conflict").first():
        yield f"/c/acme/conflicts/{conflict.pk}/", {"what": "all_left"}, 302
    if question := open_.filter(sort="question").first():
        yield f"/c/acme/conflicts/{question.pk}/", {"what": "link", "candidate": "1042"}, 302
    if held := open_.filter(sort="hold").first():
        yield "/c/acme/problems/", {"what": "retry", "problem": str(held.pk)}, 302
        yield f"/c/acme/problems/{held.pk}/", {"repair": "edit", "field:name": "Rätt AB"}, 200
        yield "/c/acme/problems/", {"what": "skip", "problem": str(held.pk), "reason": "dubblett"}, 302
    if role != "owner":
        return
    yield "/c/acme/company/invite/", {"whom": "Eva", "role": "viewer"}, 200
    yield "/c/acme/company/tokens/", {"name": "kassan", "role": "viewer"}, 200
    yield (
        "/c/acme/company/notices/",
        {"what": "add", "to": "eva@acme.example", "language": "sv", "digest": "on"},
        200,
    )  # no mail server: said
    yield "/c/acme/company/notices/", {"what": "add", "to": "https://example.com/", "language": "nb", "urgent": "on"}, 200
    yield "/c/acme/company/notices/", {"what": "rules", "digest_at": "06:30", "silence_hours": "24"}, 302
    yield "/c/acme/settings/webcrm/", {"stream": "customers", "mode": "every", "minutes": "10"}, 302
    yield "/c/acme/mapping/webcrm/customers/", {"place:phone2": "OrganisationExtraCustom8"}, 302
    bookkeeper = Membership.objects.get(user__username="bookkeeper")
    yield f"/c/acme/company/users/{bookkeeper.user_id}/", {"role": "viewer"}, 302


@pytest.mark.parametrize("role", ["viewer", "bookkeeper", "owner"])
def test_every_page_opens_after_each_action_of_each_role(hub: Hub, places: dict[str, str], role: str) -> None:
    from brygga.store.models import AuditEntry, PlanRow, Run
    from brygga.sync.start import execute

    client("bookkeeper")
    who = client(role)
    for address, form, status in actions(hub, role):
        if "plan_id" not in places and (plan := PlanRow.objects.first()):
            places["plan_id"] = plan.pk
        answer = who.post(address, form)
        assert answer.status_code == status, (address, form, answer.status_code, answer.content.decode()[:2000])
        with hub.unlimited():
            for run in Run.objects.filter(ended_at=None, trigger="person"):
                execute(run.pk)
        assert walk(who, {"plan_id": "1", **places}) > 40, address
    if role != "viewer":
        assert AuditEntry.objects.filter(what="approved a plan", detail__has_key="items").exists()
        assert walk(client("viewer"), places) > 40


def test_what_people_call_their_things_never_breaks_a_page(hub: Hub, places: dict[str, str]) -> None:
    """Fields, systems, counts and details with the names of what a dict can do."""
    from brygga.store.models import AuditEntry, Company, LinkRow, PlanRow, Problem, Run

    hostile: dict[str, Any] = {name: f"hostile-{name}" for name in METHODS}
    pairs = {name: [f"before-{name}", f"after-{name}"] for name in METHODS}
    plan = plan_of(hub)
    places["plan_id"] = str(plan["plan"])
    AuditEntry.objects.create(company=Company.objects.get(slug="acme"), who="anna", what="x", subject="y", detail=hostile)
    row = PlanRow.objects.get(pk=plan["plan"])
    row.body["items"][0] |= {"fields": pairs, "message": ""}
    row.body["counts"] = dict.fromkeys(METHODS, 3)
    row.save()
    Run.objects.filter(pk=places["run_id"]).update(counts=dict.fromkeys(METHODS, 3), requests=dict.fromkeys(METHODS, 4))
    LinkRow.objects.filter(left_id="1").update(base=hostile)
    for problem in Problem.objects.all():
        problem.detail = {**problem.detail, "record": {**problem.detail.get("record", {}), **hostile}}
        problem.save()
    owner = client("owner")
    assert walk(owner, places) > 40
    held = Problem.objects.filter(sort="hold")[0]
    shown = {
        "/c/acme/company/audit/": "hostile-items",
        f"/c/acme/plans/{places['plan_id']}/": "after-values",
        f"/c/acme/runs/{places['run_id']}/": "items 4",
        "/c/acme/records/webcrm/customer/1/": "hostile-get",
        f"/c/acme/problems/{held.pk}/": "hostile-keys",
    }
    for address, text in shown.items():
        assert text in owner.get(address).content.decode(), address


def test_no_template_asks_a_dict_for_what_it_can_do() -> None:
    """`|pairs` is the way: a lookup with a dot finds a key of that name before the method."""
    found = [
        f"{path.name}: {match[0]}"
        for path in TEMPLATES.rglob("*.html")
        for match in re.finditer(r"[\w.]+\.(?:items|keys|values)\b", path.read_text(encoding="utf-8"))
    ]
    assert found == []
