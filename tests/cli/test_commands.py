"""The commands as people and programs use them: what they print, what they refuse, and their exit status."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from databases import DatabaseUnderTest
from hub import Hub, organisation


@dataclass
class Said:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Brygga = Callable[..., Said]


@pytest.fixture
def brygga(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Brygga:
    """Run the command in this process, as `main` would."""
    from brygga.cli import main, say

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["brygga", *arguments])
        capsys.readouterr()
        # The consoles were made when the module was imported; what they write must reach this test.
        monkeypatch.setattr(say.out, "_file", sys.stdout, raising=False)
        monkeypatch.setattr(say.err, "_file", sys.stderr, raising=False)
        status = 0
        try:
            main.main()
        except SystemExit as stop:
            status = int(stop.code or 0)
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return run


GOOD = """[company.acme]
name = "Acme AB"

[company.acme.fortnox]
base_url = "http://127.0.0.1:1"
client_id = "env:FID"
client_secret = "env:FSECRET"
tenant_id = "1"

[company.acme.webcrm]
base_url = "http://127.0.0.1:1"
api_key = "env:WKEY"

[company.acme.webcrm.settings]
document = "order"

[company.acme.webcrm.streams]
customers = { every = "6m", offset = "0m" }
"""


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FID", "FSECRET", "WKEY"):
        monkeypatch.setenv(name, f"value-of-{name}")


def write(folder: Path, text: str) -> str:
    path = folder / "acme.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.usefixtures("keys")
def test_file_is_applied_once_and_again_changes_nothing(brygga: Brygga, sqlite_database: DatabaseUnderTest, tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    dry = brygga("apply", file, "--dry-run")
    assert "would change: company acme: created" in dry.out
    assert brygga("status", "--json").json == []
    assert "stream acme/webcrm.customers: every 6m, offset 0m" in brygga("apply", file).out
    again = brygga("apply", file, "--json")
    assert again.json["changes"] == []
    changed = brygga("apply", write(tmp_path, GOOD.replace('"order"', '"invoice"').replace('"6m"', '"12m"')))
    assert "document order -> invoice" in changed.out
    assert "every 6m, offset 0m -> every 12m, offset 0m" in changed.out


BAD = [
    ("[company.acme]\n", "[company.acme]\nnam = 1\n", "line 2: nam is not known here"),
    ('client_secret = "env:FSECRET"', 'client_secret = "hemligt"', "line 7: client_secret stands in clear text"),
    ('api_key = "env:WKEY"', 'api_key = "env:NOT_THERE"', "line 12: the environment has no NOT_THERE"),
    ('document = "order"', 'document = "ordr"', "line 15: settings.document"),
    ('document = "order"', 'dokument = "order"', "line 15: settings has no setting dokument. Is document meant?"),
    ('every = "6m"', 'every = "2026-13-01"', "line 18: this is not a schedule"),
    ("customers = {", "kunder = {", "line 18: kunder is not known here"),
    ('"http://127.0.0.1:1"', '"ftp://x"', "line 5: ftp://x is not an address"),
    ("[company.acme.webcrm]", "[company.acme.webcrm", "is not TOML"),
    ('tenant_id = "1"', 'tenant_id = "1"\n[company.acme.fortnox.settings]\nsells = "cars"', "line 10: settings.sells"),
    ('document = "order"', 'customer_types = ["Kund – Företag"]', "private_type"),
]


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(("good", "bad", "said"), BAD, ids=[said.split(":")[-1].strip()[:30] for _, _, said in BAD])
def test_bad_file_names_line_and_key_and_writes_nothing(
    brygga: Brygga, sqlite_database: DatabaseUnderTest, tmp_path: Path, good: str, bad: str, said: str
) -> None:
    refused = brygga("apply", write(tmp_path, GOOD.replace(good, bad, 1)))
    assert refused.status == 2
    assert said in refused.err
    assert "acme.toml" in refused.err
    assert "hemligt" not in refused.err
    assert brygga("status", "--json").json == []


def test_address_that_names_nothing_lists_what_there_is(brygga: Brygga, hub: Hub) -> None:
    for address in ("nobody", "acme/upsales", "acme/webcrm.orders"):
        refused = brygga("sync", address)
        assert refused.status == 2
        assert "There is: acme" in refused.err


def test_sync_prints_the_contract_as_json(brygga: Brygga, hub: Hub) -> None:
    """DESIGN 3.3: address, run, status, counts, requests, items with fields as [before, after]."""
    [id] = hub.webcrm.load("Organisation", [organisation(OrganisationTelephone="0470-100 20")])
    said = brygga("sync", "acme/webcrm.customers", "--json")
    assert said.status == 0
    result = said.json
    assert (result["address"], result["status"]) == ("acme/webcrm.customers", "done")
    assert set(result["counts"]) == {"created", "updated", "linked", "unchanged", "skipped", "held", "conflicts", "failed"}
    assert result["requests"]["fortnox"] > 0
    created = next(item for item in result["items"] if item["action"] == "create")
    assert (created["left"], created["side"], created["outcome"]) == (str(id), "right", "done")
    assert created["fields"]["phone"] == [None, "0470-100 20"]
    hub.webcrm.organisation(id).update(Telefon="0470-100 21")
    again = brygga("sync", "acme/webcrm.customers", "--json").json
    assert [item["fields"] for item in again["items"]] == [{"phone": ["0470-100 20", "0470-100 21"]}]


def test_plan_is_kept_and_applied_exactly_or_says_what_changed(brygga: Brygga, hub: Hub) -> None:
    [id] = hub.webcrm.load("Organisation", [organisation()])
    plan = brygga("plan", "acme/webcrm.customers", "--save", "--json").json
    assert [item["action"] for item in plan["items"]] == ["create"]
    assert hub.fortnox_writes() == []
    hub.webcrm.organisation(id).update(Telefon="0470-100 99")
    stale = brygga("sync", "acme/webcrm.customers", "--plan", plan["plan"])
    assert stale.status == 1
    assert "records have changed since" in stale.out
    assert hub.fortnox_writes() == []
    fresh = brygga("plan", "acme/webcrm.customers", "--save", "--json").json
    done = brygga("sync", "acme/webcrm.customers", "--plan", fresh["plan"], "--json")
    assert done.json["counts"]["created"] == 1
    assert brygga("sync", "acme/webcrm.customers", "--plan", fresh["plan"]).status == 1
    assert len(hub.customers()) == 1


def test_only_the_named_record_is_synced(brygga: Brygga, hub: Hub) -> None:
    one, two = hub.webcrm.load("Organisation", [organisation(), organisation(OrganisationName="Björks AB")])
    brygga("sync", "acme/webcrm.customers", "--only", f"webcrm:{two}")
    assert list(hub.links()) == [str(two)]
    assert str(one) not in hub.links()
    refused = brygga("sync", "acme/webcrm.customers", "--only", "opter:7")
    assert refused.status == 2


def test_problems_are_grouped_with_their_repair_and_answered(brygga: Brygga, hub: Hub) -> None:
    hub.declare(customer_number_governed_by="webcrm")
    [id] = hub.webcrm.load("Organisation", [organisation()])
    assert brygga("sync", "acme/webcrm.customers").status == 1
    listed = brygga("problems")
    assert listed.status == 1
    assert "Type its customer number in webCRM." in listed.out
    [row] = brygga("problems", "--json").json
    assert (row["record"], row["rule"]) == (f"webcrm:{id}", "WEB-27")
    assert brygga("skip", str(row["id"]), "--reason", " ").status == 2
    assert "is skipped" in brygga("skip", str(row["id"]), "--reason", "ska bort").out
    assert brygga("problems").status == 0
    assert brygga("status", "--json").json[0]["skipped"] == 1
    assert brygga("retry", "999999").status == 2


def test_links_by_hand_and_their_undoing(brygga: Brygga, hub: Hub) -> None:
    [id] = hub.webcrm.load("Organisation", [organisation(OrganisationName="Egna namnet AB")])
    hub.fortnox.company.load("customers", [{"CustomerNumber": "900", "Name": "Helt annat AB"}])
    assert "are linked" in brygga("link", "acme/webcrm.customers", str(id), "900").out
    assert brygga("link", "acme/webcrm.customers", str(id), "900").status == 2
    brygga("sync", "acme/webcrm.customers")
    assert hub.links() == {str(id): "900"}
    assert "no longer linked" in brygga("unlink", "acme/webcrm.customers", str(id), "900").out
    assert {row["sort"] for row in brygga("conflicts", "--json").json} == {"question"}
    assert brygga("links", "--json").json == []


def test_record_that_is_in_no_system_is_not_linked_nor_synced(brygga: Brygga, hub: Hub) -> None:
    """A person's word is checked like a system's: both sides of a link, an answer to a question, a record to be synced alone."""
    [id] = hub.webcrm.load("Organisation", [organisation(OrganisationName="Egna namnet AB")])
    hub.fortnox.company.load("customers", [{"CustomerNumber": "900", "Name": "Helt annat AB"}])
    stream = "acme/webcrm.customers"
    for left, right, named in ((str(id), "901", "Fortnox has no customer 901"), ("999", "900", "webCRM has no customer 999")):
        refused = brygga("link", stream, left, right)
        assert (refused.status, named in refused.err) == (2, True), refused.err
    assert brygga("links", "--json").json == []
    assert brygga("problems", "--json").json == []
    for command in ("sync", "plan"):
        refused = brygga(command, stream, "--only", f"webcrm:{id}", "--only", "webcrm:999")
        assert (refused.status, "webCRM has no customer 999" in refused.err) == (2, True), refused.err
    assert (brygga("runs", "--json").json, hub.links(), hub.fortnox_writes()) == ([], {}, [])
    brygga("sync", stream, "--only", f"webcrm:{id}")
    assert list(hub.links()) == [str(id)]


def test_answer_names_a_record_that_is_there(brygga: Brygga, hub: Hub) -> None:
    [id] = hub.webcrm.load("Organisation", [organisation(OrganisationName="Egna namnet AB")])
    hub.fortnox.company.load("customers", [{"CustomerNumber": "900", "Name": "Helt annat AB"}])
    stream = "acme/webcrm.customers"
    brygga("link", stream, str(id), "900")
    brygga("unlink", stream, str(id), "900")
    question = next(row for row in brygga("conflicts", "--json").json if row["record"] == f"webcrm:{id}")
    refused = brygga("resolve", str(question["id"]), "--link", "901")
    assert (refused.status, "Fortnox has no customer 901" in refused.err) == (2, True), refused.err
    assert brygga("resolve", str(question["id"]), "--link", "900").status == 0
    brygga("sync", stream)
    assert hub.links() == {str(id): "900"}


def test_system_out_of_reach_ends_with_status_three_and_the_cursor_stays(brygga: Brygga, hub: Hub) -> None:
    hub.webcrm.load("Organisation", [organisation()])
    hub.webcrm.withdraw_application()
    refused = brygga("sync", "acme/webcrm.customers")
    assert refused.status == 3
    assert "webCRM does not accept the application token" in refused.out
    assert brygga("check", "acme").status == 3


def test_html_from_webcrm_is_a_sentence_and_status_three(brygga: Brygga, hub: Hub) -> None:
    hub.webcrm.load("Organisation", [organisation()])
    hub.webcrm.faults.arm("html", times=None)
    refused = brygga("sync", "acme/webcrm.customers")
    assert refused.status == 3
    assert "is not JSON" in refused.out
    assert hub.fortnox_writes() == []
    hub.webcrm.faults.clear()
    assert brygga("sync", "acme/webcrm.customers").status == 0
    assert len(hub.customers()) == 1


def test_fortnox_without_the_customer_module_is_said_as_such(brygga: Brygga, hub: Hub) -> None:
    hub.webcrm.load("Organisation", [organisation()])
    hub.fortnox.company.modules = set()
    refused = brygga("sync", "acme/webcrm.customers")
    assert refused.status == 3
    assert "licens" in refused.out.lower()
    assert hub.links() == {}


def test_company_is_connected_by_consent_and_the_refresh_token_is_used_once(
    brygga: Brygga, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fortnox API, section 3.1: without a tenant id the consent gives a code, the code gives rotating refresh tokens."""
    from brygga.store.models import Connection
    from brygga.sync.connect import begin, fortnox_of

    monkeypatch.setenv("BRYGGA_URL", "http://127.0.0.1:8000")
    text = hub.file.read_text(encoding="utf-8").replace(f'tenant_id = "{hub.fortnox.tenant_id}"', "")
    hub.file.write_text(text, encoding="utf-8")
    brygga("apply", str(hub.file))
    Connection.objects.filter(system="fortnox").update(tenant="")
    address = begin(fortnox_of("acme"))
    page = httpx2.get(address, verify=False)
    assert page.status_code == 200
    back = accept(address, page.text)
    assert back.startswith("http://127.0.0.1:8000/connect/fortnox?")
    said = brygga("connect", "acme", "--answer", back)
    assert said.status == 0, said.err
    assert "is connected" in said.out
    hub.webcrm.load("Organisation", [organisation()])
    assert brygga("sync", "acme/webcrm.customers").status == 0
    assert brygga("connect", "acme", "--answer", back).status != 0


def accept(address: str, page: str) -> str:
    """Choose the first company on the consent page, press its button and return where the browser is sent."""
    fields = {html.unescape(name): html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)">', page)}
    company = re.search(r'<option value="(\d+)"', page)
    assert company, page
    answer = httpx2.post(
        address.partition("?")[0],
        data={**fields, "tenant": company[1], "decision": "approve"},
        follow_redirects=False,
        verify=False,
    )
    assert answer.status_code in (302, 303), answer.text
    return str(answer.headers["location"])


def test_secret_stands_in_no_output_and_not_in_the_database(brygga: Brygga, hub: Hub) -> None:
    hub.webcrm.load("Organisation", [organisation()])
    said = [
        brygga("sync", "acme/webcrm.customers", "--json"),
        brygga("status"),
        brygga("runs", "--json"),
        brygga("check", "--json"),
    ]
    stored = b"".join(
        path.read_bytes() for path in hub.home.rglob("*") if (path.is_file() and "sqlite" in path.name) or path.suffix == ".db"
    )
    for secret in (hub.fortnox.client_secret, hub.webcrm.auth_code, hub.fortnox.access_token):
        assert all(secret not in one.out + one.err for one in said)
        assert secret.encode() not in stored


def test_command_works_as_a_process_of_its_own(hub: Hub, sqlite_database: DatabaseUnderTest) -> None:
    environment = {**os.environ, **sqlite_database.environment()}
    done = subprocess.run(
        [sys.executable, "-m", "brygga.cli.main", "sync", "acme/webcrm.customers", "--json"],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["status"] == "done"


def test_settings_of_a_connector_are_explained(brygga: Brygga) -> None:
    assert "Alternativ i Typ-fältet som styr synk" in brygga("apply", "--explain", "webcrm").out
    assert any(row["key"] == "document" for row in brygga("apply", "--explain", "webcrm", "--json").json)
    assert brygga("apply", "--explain", "sap").status == 2
    assert brygga("apply").status == 2


def test_users_are_added_with_a_role(brygga: Brygga, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRYGGA_NEW_PASSWORD", "kort")
    assert brygga("user", "add", "karin").status == 2
    monkeypatch.setenv("BRYGGA_NEW_PASSWORD", "en-ganska-lang-mening")
    assert brygga("user", "add", "karin", "--company", "acme", "--role", "bookkeeper").status == 0
    assert brygga("user", "add", "karin", "--company", "acme", "--role", "king").status == 2
    assert brygga("user", "list", "--json").json == [{"name": "karin", "administrator": False, "roles": ["acme: bookkeeper"]}]


def test_the_command_says_which_version_it_is_and_what_it_is_for() -> None:
    from typer.testing import CliRunner

    from brygga.cli.main import build

    said = CliRunner().invoke(build(), ["--version"])
    assert said.exit_code == 0
    assert re.fullmatch(r"brygga \d+\.\d+\.\d+\n", said.stdout)
    assert "Keeps Fortnox in step" in CliRunner().invoke(build(), ["--help"]).stdout


def test_plan_of_one_record_shows_that_one_alone(brygga: Brygga, hub: Hub) -> None:
    hub.webcrm.load("Organisation", [organisation(), organisation(OrganisationName="Två AB")])
    shown = brygga("plan", "acme/webcrm.customers", "--only", "webcrm:2", "--save", "--json")
    assert shown.status == 0
    body = shown.json
    assert [item["left"] for item in body["items"]] == ["2"]
    assert brygga("sync", "acme/webcrm.customers", "--plan", body["plan"]).status == 0
    assert list(hub.links()) == ["2"]
