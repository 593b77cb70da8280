"""Who sees and may do what: every address is walked as each role, as a stranger and signed out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hub import Hub, organisation

PASSWORD = "en-ganska-lang-mening"


@pytest.fixture
def company(hub: Hub) -> Iterator[Hub]:
    """A company with something on every page: a link, a question, a hold, a run and a plan."""
    hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
    hub.sync()
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "1042", "Name": "Acme Norr AB", "OrganisationNumber": "556036-0793"},
            {"CustomerNumber": "1077", "Name": "Acme Söder AB", "OrganisationNumber": "556036-0793"},
        ],
    )
    hub.webcrm.load("Organisation", [organisation(OrganisationName="Acme AB", OrganisationExtraCustom2="556036-0793")])
    hub.sync()
    from brygga.store import users
    from brygga.store.models import Company

    Company.objects.create(slug="other", name="Other AB")
    for role in ("owner", "bookkeeper", "viewer"):
        users.add(role, PASSWORD, company="acme", role=role)
    users.add("stranger", PASSWORD, company="other", role="owner")
    users.add("root", PASSWORD, administrator=True)
    return hub


def client(name: str) -> Client:
    signed_in = Client()
    signed_in.force_login(User.objects.get(username=name))
    return signed_in


def addresses() -> list[str]:
    """Return one address of every page of a company."""
    from brygga.store.models import Integration, Problem, Run
    from brygga.sync.start import make_plan

    integration = Integration.objects.select_related("company").get(company__slug="acme")
    plan = make_plan(integration, "customers", who="test", save=True)["plan"]
    run = Run.objects.order_by("queued_at")[0].pk
    question = Problem.objects.filter(sort="question")[0].pk
    return [
        "/c/acme/",
        "/c/acme/webcrm/",
        "/c/acme/problems/",
        "/c/acme/conflicts/",
        f"/c/acme/conflicts/{question}/",
        "/c/acme/links/",
        "/c/acme/links/?q=1",
        "/c/acme/records/webcrm/customer/1/",
        f"/c/acme/runs/{run}/",
        f"/c/acme/runs/{run}/progress",
        f"/c/acme/plans/{plan}/",
        "/c/acme/connections/",
    ]


def test_every_page_shows_to_each_role_and_to_nobody_else(company: Hub) -> None:
    for address in addresses():
        for name in ("owner", "bookkeeper", "viewer", "root"):
            assert client(name).get(address).status_code == 200, (name, address)
        assert client("stranger").get(address).status_code == 404, address
        answer = Client().get(address)
        assert (answer.status_code, str(answer.headers["location"]).startswith("/login/")) == (302, True), address


def test_viewer_may_not_write_anywhere_and_a_stranger_finds_nothing(company: Hub) -> None:
    from brygga.store.models import Problem, Run

    question = Problem.objects.filter(sort="question")[0].pk
    before = Run.objects.count()
    plan = next(address for address in addresses() if "/plans/" in address)
    for address in (
        "/c/acme/webcrm/customers/",
        "/c/acme/problems/",
        f"/c/acme/conflicts/{question}/",
        "/c/acme/connections/",
        "/c/acme/connections/fortnox",
        plan,
    ):
        assert client("viewer").post(address, {"what": "run"}).status_code == 403, address
        assert client("stranger").post(address, {"what": "run"}).status_code == 404, address
    assert client("bookkeeper").post("/c/acme/connections/fortnox").status_code == 403
    assert Run.objects.count() == before


def test_a_form_without_its_mark_is_refused(company: Hub) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="owner"))
    assert strict.post("/c/acme/webcrm/customers/", {"what": "run"}).status_code == 403


def test_bookkeeper_answers_a_question_and_the_next_run_carries_it_out(company: Hub) -> None:
    from brygga.store.models import Problem

    question = Problem.objects.get(sort="question", side="left")
    page = client("bookkeeper").get(f"/c/acme/conflicts/{question.pk}/", headers={"accept-language": "en"})
    assert "Acme Norr AB" in page.content.decode()
    done = client("bookkeeper").post(f"/c/acme/conflicts/{question.pk}/", {"what": "link", "candidate": "1042"})
    assert done.status_code == 302
    company.sync()
    assert company.links()[question.record_id] == "1042"


def test_answer_that_does_not_fit_is_refused_in_words(company: Hub) -> None:
    from brygga.store.models import Problem

    held = Problem.objects.filter(sort="hold")[0]
    address = f"/c/acme/conflicts/{held.pk}/"
    answer = client("bookkeeper").post(address, {"what": "take"}, follow=True, headers={"accept-language": "en"})
    assert "is no conflict of fields" in answer.content.decode()
    assert Problem.objects.get(pk=held.pk).choice is None


def test_run_now_asks_for_a_run_and_leads_to_it(company: Hub) -> None:
    from brygga.store.models import AuditEntry, Run
    from brygga.sync.start import execute

    asked = client("bookkeeper").post("/c/acme/webcrm/customers/", {"what": "run"})
    run = Run.objects.order_by("-queued_at")[0]
    assert (asked.status_code, run.status, run.trigger) == (302, "queued", "person")
    waiting = client("viewer").get(asked.headers["location"]).content.decode()
    assert "hx-get" in waiting
    execute(run.pk)
    assert "hx-get" not in client("viewer").get(asked.headers["location"]).content.decode()
    assert AuditEntry.objects.filter(who="bookkeeper", what="asked for a run").exists()


def test_plan_first_shows_the_plan_and_approving_applies_exactly_that(company: Hub) -> None:
    from brygga.store.models import Run
    from brygga.sync.start import execute

    company.webcrm.organisation(1).update(Telefon="0470-100 21")
    client("bookkeeper").post("/c/acme/webcrm/customers/", {"what": "plan"})
    run = Run.objects.order_by("-queued_at")[0]
    company.clear()
    execute(run.pk)
    assert company.fortnox_writes() == []
    page = client("viewer").get(f"/c/acme/plans/{run.pk}/").content.decode()
    assert "0470-100 21" in page
    client("bookkeeper").post(f"/c/acme/plans/{run.pk}/")
    applying = Run.objects.order_by("-queued_at")[0]
    execute(applying.pk)
    assert [body for _, _, body in company.fortnox_writes()] == [{"Customer": {"Phone1": "0470-100 21"}}]


def test_stream_is_switched_off_and_on_with_its_schedule_kept(company: Hub) -> None:
    from brygga.store.models import StreamState

    client("bookkeeper").post("/c/acme/webcrm/customers/", {"what": "off"})
    assert StreamState.objects.get(name="customers").schedule["mode"] == "off"
    client("bookkeeper").post("/c/acme/webcrm/customers/", {"what": "on"})
    assert StreamState.objects.get(name="customers").schedule == {"mode": "every", "every": 360, "offset": 0}


def test_skip_wants_a_reason_and_keeps_it(company: Hub) -> None:
    from brygga.store.models import Problem

    held = Problem.objects.filter(sort="hold")[0]
    refused = client("bookkeeper").post("/c/acme/problems/", {"what": "skip", "problem": held.pk, "reason": " "}, follow=True)
    assert Problem.objects.get(pk=held.pk).state == "open"
    assert "note error" in refused.content.decode()
    client("bookkeeper").post("/c/acme/problems/", {"what": "skip", "problem": held.pk, "reason": "dubblett"})
    assert Problem.objects.get(pk=held.pk).choice == {"skip": "dubblett"}


def test_problem_of_another_company_cannot_be_answered(company: Hub) -> None:
    from brygga.store.models import Problem

    held = Problem.objects.filter(sort="hold")[0]
    client("stranger").post("/c/other/problems/", {"what": "retry", "problem": held.pk})
    assert Problem.objects.get(pk=held.pk).choice is None
    assert client("stranger").get(f"/c/other/conflicts/{held.pk}/").status_code == 404


def test_first_administrator_needs_the_code_and_the_page_goes_away(hub: Hub) -> None:
    from brygga.store import users

    fresh = Client()
    assert fresh.get("/").headers["location"] == "/setup/"
    form = {"code": "falsk", "name": "anna", "password": PASSWORD}
    assert not User.objects.exists()
    assert fresh.post("/setup/", form).status_code == 200
    assert not User.objects.exists()
    weak = fresh.post("/setup/", {**form, "code": users.setup_code(), "password": "kort"})
    assert weak.status_code == 200
    assert not User.objects.exists()
    assert 'value="anna"' in weak.content.decode()
    assert fresh.post("/setup/", {**form, "code": users.setup_code()}).status_code == 302
    assert User.objects.get().is_superuser
    assert Client().get("/setup/").status_code == 404


def test_every_answer_carries_the_policy_and_no_inline_script(company: Hub) -> None:
    for address in ("/login/", *addresses()):
        answer: Any = client("owner").get(address, follow=True)
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        text = answer.content.decode()
        assert " style=" not in text
        assert "<script>" not in text
        assert " onclick=" not in text
