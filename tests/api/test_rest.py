"""The REST API over real HTTP: each address as each role, nobody sees another company, and answers are what the document says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from jsonschema_rs import Draft202012Validator

from hub import Hub, organisation

ROLES = ("viewer", "bookkeeper", "owner")


@dataclass
class Api:
    """The API of a hub on a port, with a token for each role of acme and an owner's of another company."""

    hub: Hub
    base: str
    keys: dict[str, str]

    def send(self, method: str, path: str, who: str = "owner", **more: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.keys[who]}"} | more.pop("headers", {})
        return httpx2.request(method, f"{self.base}/api/v1/{path}", headers=headers, **more, verify=False)

    def get(self, path: str, who: str = "viewer", **more: Any) -> httpx2.Response:
        return self.send("GET", path, who, **more)

    def post(self, path: str, body: Any = None, who: str = "bookkeeper") -> httpx2.Response:
        return self.send("POST", path, who, json=body) if body is not None else self.send("POST", path, who)


@pytest.fixture
def api(hub: Hub, pages: str) -> Api:
    """A hub with a link, questions, a hold, runs and a plan; and another company with an integration of its own."""
    hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
    hub.sync()
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "1042", "Name": "Acme Norr AB", "OrganisationNumber": "556036-0793"},
            {"CustomerNumber": "1077", "Name": "Acme Söder AB", "OrganisationNumber": "556036-0793"},
        ],
    )
    nameless = organisation(OrganisationName="")
    hub.webcrm.load("Organisation", [organisation(OrganisationName="Acme AB", OrganisationExtraCustom2="556036-0793"), nameless])
    hub.sync()
    from brygga.store import api_tokens
    from brygga.store.models import Company, Integration, StreamState

    acme = Company.objects.get(slug="acme")
    other = Company.objects.create(slug="other", name="Other AB")
    integration = Integration.objects.create(company=other, system="webcrm")
    StreamState.objects.create(integration=integration, name="customers", schedule={"mode": "manual"})
    keys = {role: api_tokens.make(acme, f"{role}s program", role, "test")[1] for role in ROLES}
    keys["stranger"] = api_tokens.make(other, "stranger", "owner", "test")[1]
    return Api(hub, pages, keys)


def kept_plan() -> str:
    from brygga.store.models import Integration
    from brygga.sync.start import make_plan

    integration = Integration.objects.select_related("company").get(company__slug="acme", system="webcrm")
    return str(make_plan(integration, "customers", who="test", save=True)["plan"])


def walk() -> list[tuple[Any, str, Any]]:
    """Return (operation, path, body) for every operation of the table, with real ids."""
    from brygga.api.operations import OPERATIONS
    from brygga.store.models import Problem, Run

    run = Run.objects.order_by("queued_at")[0].pk
    question = Problem.objects.filter(sort="question", side="left")[0].pk
    ids = {"system": "webcrm", "run": run, "plan": kept_plan(), "problem": str(question), "id": "1"}
    hold = Problem.objects.filter(sort="hold", side="left")[0].pk
    stream = "acme/webcrm.customers"
    bodies = {
        "repair": {"do": "edit", "values": {"name": "Åkes Åkeri"}, "dry_run": True},
        "sync": {"address": stream},
        "make_plan": {"address": stream},
        "reconcile": {"address": stream},
        "read_payments": {"definition": "Fortnox"},
        "save_payments": {"numbers": ["1"]},
        "skip": {"reason": "dubblett"},
        "answer": {"link": "1042"},
        "link": {"address": stream, "left": "77001", "right": "77002"},
    }
    queries = {"mapping": f"?address={stream}", "unlink": f"?address={stream}&left=77001&right=77002"}
    found = [(one, ids | ({"problem": str(hold)} if one.name == "repair" else {})) for one in OPERATIONS]
    return [(one, one.path.format(**places) + queries.get(one.name, ""), bodies.get(one.name)) for one, places in found]


def call(api: Api, one: tuple[Any, str, Any], who: str) -> httpx2.Response:
    operation, path, body = one
    return api.send(operation.method, path, who, **({"json": body} if body is not None else {}))


def test_every_address_answers_each_role_as_the_document_says_and_refuses_the_lower_ones(api: Api) -> None:
    document = httpx2.get(f"{api.base}/api/v1/openapi.json", verify=False).json()
    from brygga.store.roles import at_least

    # Two that no run has met yet, to be linked by hand.
    api.hub.webcrm.load("Organisation", [organisation(OrganisationId=77001, OrganisationName="Ny AB")])
    api.hub.fortnox.company.load("customers", [{"CustomerNumber": "77002", "Name": "Helt ny AB"}])
    walked = set()
    for one in walk():
        operation = one[0]
        walked.add((operation.method, operation.path))
        for role in ROLES:
            may = at_least(role, operation.role)
            # What writes is tried once only by those who may: an answer is not given twice.
            if may and operation.method != "GET" and role == "owner":
                continue
            answer = call(api, one, role)
            if not may:
                assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json; charset=utf-8"), one
                continue
            if operation.name in ("read_payments", "save_payments"):
                # This company has no system that takes payments.
                assert answer.status_code == 404, (one, role, answer.text)
                continue
            assert answer.status_code == (202 if operation.accepted else 200), (one, role, answer.text)
            said = document["paths"][f"/{operation.path}"][operation.method.lower()]["responses"][str(answer.status_code)]
            shape = said["content"]["application/json"]["schema"] | {"components": document["components"]}
            Draft202012Validator(shape).validate(answer.json())
            assert answer.headers["cache-control"] == "no-store"
    there = {(m.upper(), p[1:]) for p, methods in document["paths"].items() for m in methods}
    assert walked == there


def test_nobody_sees_another_company(api: Api) -> None:
    from brygga.store.models import Problem, Run

    acmes = Run.objects.filter(integration__company__slug="acme")
    steps = walk()
    before = acmes.count(), Problem.objects.filter(choice=None).count()
    for one in steps:
        operation, _path, _body = one
        answer = call(api, one, "stranger")
        if "{" in operation.path or operation.body or operation.method == "DELETE":
            # What names something of acme is not there, as if it did not exist.
            known = operation.path in ("integrations/{system}/settings", "history/{system}/{id}")
            assert known or answer.status_code == 404, (one, answer.text)
        for word in ("acme", "Acme", "Lindens", "556036"):
            assert word not in answer.text.replace("acme/webcrm.customers", ""), (one, answer.text)
        wide = api.send(operation.method, operation.path.split("{")[0] or "x", "stranger", params={"address": "acme"})
        assert "Acme AB" not in wide.text
        assert "Lindens" not in wide.text
    for path in ("status", "runs", "problems", "conflicts", "links", "streams"):
        for address in ("acme", "acme/webcrm", "acme/webcrm.customers", "acmeish", "Acme", "other/../acme", ""):
            answer = api.get(path, "stranger", params={"address": address})
            assert answer.status_code == (200 if address == "" else 404), (path, address)
            assert "acme/webcrm" not in answer.text.replace(address or "\0", "")
    assert (acmes.count(), Problem.objects.filter(choice=None).count()) == before


def test_without_a_good_token_nothing_is_answered(api: Api) -> None:
    for one in walk():
        operation, path, _body = one
        answer = httpx2.request(operation.method, f"{api.base}/api/v1/{path}", verify=False)
        assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer"), one
        assert answer.json()["repair"] == "Send Authorization: Bearer KEY."
    with httpx2.Client(base_url=api.base, verify=False) as signed_in:
        # The session of a page is no token: no other site can use the API through a browser.
        from brygga.store import users

        users.add("anna", "en-ganska-lang-mening", company="acme", role="owner")
        mark = signed_in.get("/login/").text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        form = {"username": "anna", "password": "en-ganska-lang-mening", "csrfmiddlewaretoken": mark}
        assert signed_in.post("/login/", data=form).status_code == 302
        assert signed_in.get("/c/acme/").status_code == 200
        assert signed_in.get("/api/v1/status").status_code == 401


def test_wrong_tokens_are_slowed_down_and_good_ones_are_not(api: Api) -> None:
    from brygga.store.attempts import MOST

    for _ in range(MOST["token"]):
        assert api.get("status", headers={"authorization": "Bearer brygga_guess"}).status_code == 401
    shut = api.get("status", headers={"authorization": "Bearer brygga_guess"})
    assert shut.status_code == 429
    assert 0 < int(shut.headers["retry-after"]) <= 900
    assert api.get("status").status_code == 200


def test_revoked_token_is_refused_at_once(api: Api) -> None:
    from brygga.store import api_tokens
    from brygga.store.models import ApiToken, AuditEntry

    row = ApiToken.objects.get(name="viewers program")
    assert api.get("status").status_code == 200
    row.refresh_from_db()
    assert row.last_used_at is not None
    api_tokens.revoke(row.company, row.pk, "anna")
    assert api.get("status").status_code == 401
    assert AuditEntry.objects.filter(what="token revoked", who="anna", subject="viewers program").count() == 1


def test_answers_are_what_the_commands_print(api: Api) -> None:
    from typer.testing import CliRunner

    from brygga.cli.main import build

    runner = CliRunner()
    for path, arguments in {
        "status": ["status", "acme"],
        "runs": ["runs", "acme"],
        "problems": ["problems", "acme"],
        "conflicts": ["conflicts", "acme"],
        "links": ["links", "acme"],
        "history/webcrm/1": ["show", "acme/webcrm:1"],
    }.items():
        shown = runner.invoke(build(), [*arguments, "--json"])
        assert api.get(path).json() == json.loads(shown.stdout), path


def test_lists_come_in_pages_that_lead_to_each_other(api: Api) -> None:
    from brygga.store import links
    from brygga.store.models import Integration

    one = Integration.objects.get(company__slug="acme")
    for number in range(25):
        links.put(one.pk, "customer", f"L{number}", f"R{number}", {})
    whole = api.get("links").json()
    found: list[Any] = []
    address = f"{api.base}/api/v1/links?per_page=7"
    while address:
        answer = httpx2.get(address, headers={"authorization": f"Bearer {api.keys['viewer']}"}, verify=False)
        assert answer.headers["x-total-count"] == str(len(whole))
        found += answer.json()
        onward = [part for part in answer.headers.get("link", "").split(", ") if 'rel="next"' in part]
        address = api.base + "/api" + onward[0].split("/api", 1)[1].split(">")[0] if onward else ""
    assert found == whole
    assert len(api.get("runs", params={"per_page": "1", "page": "2"}).json()) == 1
    rows = api.get("problems").json()
    assert len(rows) >= 2
    single = [api.get("problems", params={"per_page": "1", "page": str(page + 1)}).json()[0] for page in range(len(rows))]
    assert single == rows
    assert api.get("problems", params={"page": str(len(rows) + 1)}).json() == []
    for wrong in ("0", "-1", "x", "501", "1" * 40):
        assert api.get("links", params={"per_page": wrong}).status_code == 400, wrong


def test_program_asks_for_a_run_and_follows_it(api: Api) -> None:
    from brygga.store.models import AuditEntry, Run
    from brygga.sync.start import execute

    answer = api.post("sync", {"address": "acme/webcrm.customers", "only": ["webcrm:1"]})
    (asked,) = answer.json()
    assert answer.headers["location"].endswith(f"/api/v1/runs/{asked['run']}")
    row = Run.objects.get(pk=asked["run"])
    assert (row.status, row.trigger, row.only) == ("queued", "person", ["left:1"])
    execute(row.pk)
    done = api.get(f"runs/{asked['run']}").json()
    assert done["status"] in ("done", "partial")
    assert done["address"] == "acme/webcrm.customers"
    assert AuditEntry.objects.get(what="asked for a run").who == "bookkeepers program (token)"


def test_program_plans_looks_and_applies_exactly_that_once(api: Api) -> None:
    from brygga.store.models import Run
    from brygga.sync.start import execute

    api.hub.webcrm.organisation(1).update(Telefon="0470-100 21")
    (asked,) = api.post("plan", {"address": "acme/webcrm.customers"}).json()
    assert api.get(f"plans/{asked['run']}").status_code == 404
    api.hub.clear()
    execute(asked["run"])
    assert api.hub.fortnox_writes() == []
    plan = api.get(f"plans/{asked['run']}").json()
    assert {"phone": [None, "0470-100 21"]} in [item["fields"] for item in plan["items"]] or any(
        item["fields"].get("phone", [None, None])[1] == "0470-100 21" for item in plan["items"]
    )
    (applying,) = api.post(f"plans/{plan['plan']}/apply").json()
    again = api.post(f"plans/{plan['plan']}/apply")
    assert (again.status_code, again.json()["detail"]) == (409, f"Plan {plan['plan']} is approved already.")
    execute(applying["run"])
    assert [body for _, _, body in api.hub.fortnox_writes()] == [{"Customer": {"Phone1": "0470-100 21"}}]
    assert Run.objects.get(pk=applying["run"]).plan_id == plan["plan"]


def test_program_answers_a_question_and_the_next_run_carries_it_out(api: Api) -> None:
    question = next(row for row in api.get("conflicts").json() if row["record"].startswith("webcrm:"))
    assert {one["id"] for one in question["candidates"]} == {"1042", "1077"}
    refused = api.post(f"problems/{question['id']}/answer", {"link": "1042", "create": True})
    assert (refused.status_code, refused.json()["repair"]) == (400, "Give link, create or take.")
    unfit = api.post(f"problems/{question['id']}/answer", {"take": {"phone": "left"}})
    assert unfit.status_code == 422
    assert api.post(f"problems/{question['id']}/answer", {"link": "1042"}).status_code == 200
    api.hub.sync()
    assert api.hub.links()[question["record"].partition(":")[2]] == "1042"


def test_program_links_and_unlinks(api: Api) -> None:
    stream = "acme/webcrm.customers"
    ends = {"address": stream, "left": "2", "right": "1042"}
    assert api.post("links", ends).status_code == 200
    again = api.post("links", ends)
    assert (again.status_code, "is linked already" in again.json()["detail"]) == (422, True)
    assert api.send("DELETE", "links", "bookkeeper", params=ends).status_code == 200
    assert "2" not in api.hub.links()
    for wrong, named in (({"left": "99999"}, "webCRM has no customer 99999"), ({"right": "4711"}, "Fortnox has no customer 4711")):
        refused = api.post("links", {**ends, **wrong})
        assert (refused.status_code, named in refused.json()["detail"]) == (404, True), refused.text
    lonely = api.post("sync", {"address": stream, "only": ["webcrm:99999"]})
    assert (lonely.status_code, "has no customer" in lonely.json()["detail"]) == (404, True)
    wide = api.post("links", {**ends, "address": "acme"})
    assert (wide.status_code, wide.json()["title"]) == (400, "Bad Request")


UNREADABLE: list[tuple[dict[str, Any], int]] = [
    ({"content": b"{", "headers": {"content-type": "application/json"}}, 400),
    ({"content": b"[1]", "headers": {"content-type": "application/json"}}, 400),
    ({"content": b"[" * 100_000, "headers": {"content-type": "application/json"}}, 400),
    ({"content": b"a=b", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 415),
    ({"json": {"address": ["acme"]}}, 404),
    ({"json": {"only": "webcrm:1"}}, 400),
    ({"json": {"only": ["nowhere:1"]}}, 422),
    ({"json": {"address": "acme/web\0crm"}}, 400),
    ({"json": {"adress": "acme/webcrm.customers"}}, 400),
    ({"params": {"address": "acme/webcrm.customers"}}, 400),
]


def test_body_that_cannot_be_read_starts_nothing_and_says_why(api: Api) -> None:
    from brygga.store.models import Run

    before = Run.objects.count()
    for sent, status in UNREADABLE:
        answer = api.send("POST", "sync", "bookkeeper", **{**sent, "headers": dict(sent.get("headers", {}))})
        assert answer.status_code == status, sent
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["detail"]
    assert Run.objects.count() == before


def test_what_no_database_could_hold_is_refused_before_it_gets_there(api: Api) -> None:
    for path in ("runs/%00", "links?address=acme%00", "history/webcrm/%00"):
        assert api.get(path).status_code == 400, path
    ends = {"address": "acme/webcrm.customers", "left": "L" * 101, "right": "R"}
    answer = api.post("links", ends)
    assert (answer.status_code, answer.json()["detail"]) == (400, "left is longer than 100 signs.")


def test_wrong_method_and_wrong_address_say_what_is_right(api: Api) -> None:
    answer = api.send("PUT", "links")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, DELETE")
    nowhere = api.get("nowhere/at/all")
    assert (nowhere.status_code, nowhere.json()["repair"]) == (404, "/api/v1/docs lists the addresses.")


def test_settings_hold_no_credential(api: Api) -> None:
    text = api.get("integrations/webcrm/settings").text + api.get("companies").text
    for secret in (api.hub.webcrm.auth_code, api.hub.fortnox.client_secret):
        assert secret not in text
    assert "customer_types" in text


def test_page_of_the_api_is_translated_asks_nobody_else_and_has_no_serious_finding(api: Api, browser: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for scheme in ("light", "dark"):
        context = browser.new_context(locale="sv-SE", color_scheme=scheme, viewport={"width": 390, "height": 800})
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(f"{api.base}/api/v1/")
        assert all(url.startswith(api.base) for url in asked)
        assert "/problems/{problem}/answer" in page.inner_text("main")
        findings = Axe().run(page)
        assert [f["id"] for f in findings.response["violations"] if f["impact"] in ("serious", "critical")] == [], (
            findings.generate_report()
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        context.close()
