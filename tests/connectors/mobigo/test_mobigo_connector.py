"""The connector of Mobigo over HTTP: what it reads and writes when somebody else works in Mobigo at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from brygga.clients.http import Answer, Call, Http
from brygga.clients.mobigo import Mobigo
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.mobigo.connector import MobigoConnector
from brygga.connectors.mobigo.settings import Settings
from brygga.core.plan import Hold, Skip
from brygga.core.record import Article, Customer, Document, Ref
from brygga.errors import Rejected, SettingsError, Stale
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
