"""The connector of Mobigo over HTTP: what it reads and writes when somebody else works in Mobigo at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from brygga.clients.http import Answer, Call, Http
from brygga.clients.mobigo import Mobigo
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.mobigo.connector import MobigoConnector
from brygga.connectors.mobigo.settings import Settings
from brygga.core.plan import Hold, Skip
from brygga.core.record import Article, Customer, Document, Ref
from brygga.errors import BadData, OutcomeUnknown, Rejected, SettingsError, Stale
from brygga_sandbox import mobigo as sandbox_of
from brygga_sandbox.mobigo import Limits, Sandbox


@dataclass
class World:
    sandbox: Sandbox
    connector: MobigoConnector
    between: list[Callable[[], None]] = field(default_factory=list)
    """What happens in Mobigo after the next GET that we make."""

    def ref(self, kind: str, register: str, key: str) -> Ref:
        return Ref("mobigo", kind, str(self.sandbox.get(register, key)["id"]))


@pytest.fixture
def world() -> Iterator[World]:
    with sandbox_of.running(Limits(calls=0)) as sandbox:
        http = Http("Mobigo", sleep=lambda seconds: None)

        def send(call: Call, lane: str | None = None) -> Answer:
            answer = http.send(call, lane)
            if call.method == "GET" and made.between:
                made.between.pop()()
            return answer

        client = Mobigo(send, sandbox.base_url, lambda: f"{sandbox.application_id}:{sandbox.secret}")
        made = World(sandbox, MobigoConnector(client, Settings(("customers", "articles"), "order"), http.close))
        yield made
        made.connector.close()


def test_field_that_somebody_changed_since_the_plan_is_not_overwritten(world: World) -> None:
    world.sandbox.load("Customers", [{"number": "1", "name": "Alm AB", "phone": "08-465 004 10"}])
    ref = world.ref("customer", "Customers", "1")
    world.sandbox.edit("Customers", "1", phone="08-465 004 11")
    with pytest.raises(Stale, match="phone"):
        world.connector.update("customer", Update(ref, {"phone": "08-465 004 10"}, {"phone": "08-465 004 12"}))
    assert world.sandbox.get("Customers", "1")["phone"] == "08-465 004 11"


def test_edit_between_our_get_and_our_put_is_kept(world: World) -> None:
    """The version of the object: a PUT of the whole object would put the other field back."""
    world.sandbox.load("Customers", [{"number": "1", "name": "Alm AB", "category": "Nord"}])
    ref = world.ref("customer", "Customers", "1")
    world.between.append(lambda: world.sandbox.edit("Customers", "1", category="Syd"))
    with pytest.raises(Stale):
        world.connector.update("customer", Update(ref, {"name": "Alm AB"}, {"name": "Alm Fastigheter AB"}))
    assert (world.sandbox.get("Customers", "1")["name"], world.sandbox.get("Customers", "1")["category"]) == ("Alm AB", "Syd")


def test_change_of_one_field_leaves_all_others(world: World) -> None:
    extra = {"Fritt fält 1": "Portkod 1234"}
    address = {"street": "Box 12", "street2": "c/o Ek", "city": "Växjö"}
    world.sandbox.load("Customers", [{"number": "1", "name": "Alm", "extraFields": extra, "address": address}])
    before = world.sandbox.get("Customers", "1")
    world.connector.update("customer", Update(world.ref("customer", "Customers", "1"), {"name": "Alm"}, {"name": "Alm AB"}))
    after = world.sandbox.get("Customers", "1")
    assert {name for name in after if after[name] != before[name]} == {"name", "version", "updated"}


def test_record_that_is_gone_is_stale_and_none(world: World) -> None:
    assert world.connector.get("customer", "77") is None
    assert world.connector.get("order", "77") is None
    with pytest.raises(Stale, match="gone"):
        world.connector.update("customer", Update(Ref("mobigo", "customer", "77"), {}, {"name": "x"}))


def test_one_refused_record_of_a_batch_leaves_the_others(world: World) -> None:
    creations = [Creation(n, Customer(number=n, name="Alm AB", invoice_country=c)) for n, c in (("1", "SE"), ("2", "Sverige"))]
    made, refused = world.connector.create("customer", creations)
    assert isinstance(made, Receipt)
    assert isinstance(refused, Rejected)
    found = world.connector.find("customer", ["1", "2"], datetime.now(UTC))
    assert {key: seen.ref for key, seen in found.items()} == {"1": made.ref}


def test_text_longer_than_mobigo_takes_is_cut_and_a_whole_refused_call_concerns_each(world: World) -> None:
    [made] = world.connector.create("article", [Creation("1", Article(number="1", name="x" * 300))])
    assert isinstance(made, Receipt)
    assert len(world.sandbox.get("Articles", "1")["name"]) == 200
    world.sandbox.faults.arm("error_before", method="POST", status=413)
    results = world.connector.create("article", [Creation(n, Article(number=n, name="A")) for n in "23"])
    assert all(isinstance(one, Rejected) for one in results)


def test_only_the_number_is_written_to_an_assignment_and_never_another(world: World) -> None:
    """MOB-11, MOB-28."""
    world.sandbox.assignment("1001", customerNumber="1042", times=[{"timeType": "Arbete", "billableHours": 1}])
    ref = Ref("mobigo", "order", "1001")
    with pytest.raises(Rejected) as refused:
        world.connector.update("order", Update(ref, {}, {"text": "x"}))
    assert refused.value.rule == "MOB-11"
    world.connector.update("order", Update(ref, {"number": ""}, {"number": "17"}))
    with pytest.raises(Rejected) as other:
        world.connector.update("order", Update(ref, {"number": ""}, {"number": "18"}))
    assert (other.value.rule, "17" in str(other.value)) == ("MOB-28", True)
    seen = world.connector.get("order", "1001")
    assert seen is not None
    assert isinstance(seen.standing, Skip)
    [made] = world.connector.create("order", [Creation("k", Document())])
    assert isinstance(made, Rejected)
    assert world.connector.find("order", ["k"], datetime.now(UTC)) == {}


def test_value_that_is_none_holds_its_own_record_only(world: World) -> None:
    raw: dict[str, Any] = {"id": 1, "number": "1", "price": "tolv"}
    from brygga.connectors.mobigo import read

    assert isinstance(read.seen_record(raw, "article").standing, Hold)
    assert isinstance(read.seen_assignment({"number": "1", "total": "mycket"}, Settings()).standing, Hold)


def test_kind_that_mobigo_does_not_have_is_refused(world: World) -> None:
    with pytest.raises(SettingsError, match="Mobigo"):
        world.connector.get("offer", "1")


def test_check_says_what_is_wrong_with_the_connection(world: World) -> None:
    """MOB-10: a wrong secret and an adapter of another contract are rows, not exceptions."""
    world.sandbox.secret = "another"
    world.sandbox.sign_in.tokens.clear()
    world.sandbox.sign_in.applications.clear()
    [refused] = [row for row in world.connector.check() if row.level == "error"]
    assert (refused.subject, refused.exit_status) == ("sign-in", 3)


def test_check_names_time_types_that_are_not_there_and_registers_out_of_reach(world: World) -> None:
    world.sandbox.load("TimeTypes", [{"name": "Arbete", "articleNumber": "100"}])
    world.connector.settings = Settings(("articles",), "order", time_types={"Restid": "101"})
    assert any("Restid" in str(row.sentence) for row in world.connector.check() if row.level == "warning")
    world.sandbox.faults.arm("error_before", method="GET", path=".*/TimeTypes", times=None, status=503)
    assert [row.subject for row in world.connector.check() if row.level == "error"] == ["registers"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Customers/1", b"[]"),
        ("Customers", b'{"items": [{"name": "x"}], "page": 1, "totalPages": 1, "totalItemCount": 1}'),
        ("Customers", b'{"items": "none"}'),
        ("Me", b'{"name": "x"}'),
    ],
)
def test_answer_of_another_shape_is_bad_data(world: World, path: str, body: bytes) -> None:
    """The record is held, or the run fails: nothing is made of what the contract does not describe."""

    def send(call: Call, lane: str | None = None) -> Answer:
        if call.url.endswith("/Token"):
            return Answer(200, {}, b'{"accessToken": "a", "expires": "2099-01-01T00:00:00Z"}', call)
        return Answer(200, {}, body, call)

    client = Mobigo(send, "http://mobigo.example", lambda: "a:b")
    ask: dict[str, Callable[[], object]] = {
        "Me": client.me,
        "Customers": lambda: list(client.customers.records()),
        "Customers/1": lambda: client.customers.get("1"),
    }
    with pytest.raises(BadData):
        ask[path]()


@pytest.mark.parametrize("body", [b"{}", b'{"items": []}', b'{"items": [{"status": "no"}]}', b"<html></html>"])
def test_answer_of_a_batch_that_cannot_be_read_is_an_unknown_outcome(world: World, body: bytes) -> None:
    def send(call: Call, lane: str | None = None) -> Answer:
        if call.url.endswith("/Token"):
            return Answer(200, {}, b'{"accessToken": "a", "expires": "2099-01-01T00:00:00Z"}', call)
        return Answer(200, {}, body, call)

    with pytest.raises(OutcomeUnknown):
        Mobigo(send, "http://mobigo.example", lambda: "a:b").articles.create([{"number": "1", "name": "A"}])


def test_token_without_an_end_is_bad_data() -> None:
    client = Mobigo(lambda call: Answer(200, {}, b'{"accessToken": "a"}', call), "http://mobigo.example", lambda: "a:b")
    with pytest.raises(BadData):
        client.session.sign_in()


def test_text_of_a_row_that_fortnox_cuts_is_told(world: World) -> None:
    """MOB-07: 255 characters of a row's text."""
    world.sandbox.assignment("1001", customerNumber="1", materials=[{"articleNumber": "7", "name": "x" * 255, "quantity": 1}])
    seen = world.connector.get("order", "1001")
    assert seen is not None
    assert seen.remark is None
    times = [{"timeType": "Arbete", "billableHours": 1, "text": "x" * 256}]
    world.sandbox.load("TimeTypes", [{"name": "Arbete", "articleNumber": "100"}])
    world.sandbox.assignment("1002", customerNumber="1", times=times)
    seen = world.connector.get("order", "1002")
    assert seen is not None
    assert seen.remark is not None
    assert (seen.remark.rule, "255" in str(seen.remark.sentence)) == ("MOB-07", True)


def test_line_that_mobigo_refuses_or_somebody_changed_meanwhile_is_reported(world: World, tmp_path: Path) -> None:
    """MOB-23: with its line and Mobigo's words; the others are taken."""
    path = tmp_path / "artiklar.csv"
    path.write_text("Artikelnummer;Benämning;Pris;Aktiv\n1;Rör;5;ja\n2;Böj;6;nej\n3;Kran;7;kanske\n", encoding="utf-8")
    world.sandbox.load("Articles", [{"number": "1", "name": "Röret"}])
    world.between.append(lambda: world.sandbox.edit("Articles", "1", unit="m"))
    report = world.connector.import_file("articles", path)
    assert [fault.line for fault in report.faults] == [2, 4]
    assert (world.sandbox.get("Articles", "1")["name"], world.sandbox.get("Articles", "2")["active"]) == ("Röret", False)
    assert [raw["articleNumber"] for raw in world.sandbox.all("Prices")] == ["2"]
    for method in ("PUT", "POST"):
        world.sandbox.faults.arm("error_before", method=method, status=413)
        assert [fault.line for fault in world.connector.import_file("articles", path).faults] == [2, 4]
    assert world.connector.import_file("articles", path).total("created") == 1
