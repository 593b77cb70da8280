"""What the connector finds out about one account: stages, users, custom fields; and how it bears a faulty Upsales."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from brygga.clients.limits import Unlimited
from brygga.connectors import Account, connect
from brygga.connectors.contract import Creation, Update
from brygga.connectors.upsales import settings
from brygga.connectors.upsales.connector import UpsalesConnector
from brygga.core.record import Customer, Ref
from brygga.errors import OutcomeUnknown, Rejected, SettingsError, Stale
from brygga_sandbox import upsales
from brygga_sandbox.upsales import Sandbox, Setup

CHOSEN = {
    "module": "invoice", "placeholder_user": "Integration", "won_stage": "Order", "lost_stage": "Förlorad", "price_list": "A",
    "approved": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with upsales.running(Setup(calls=0)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


def connected(sandbox: Sandbox, **more: Any) -> UpsalesConnector:
    account = Account(sandbox.base_url, lambda: sandbox.token, settings.read({**CHOSEN, **more}), limiter=Unlimited())
    connector = connect("upsales", account)
    assert isinstance(connector, UpsalesConnector)
    return connector


def findings(sandbox: Sandbox, **more: Any) -> dict[str, str]:
    return {one.subject: f"{one.sentence} {one.repair or ''}" for one in connected(sandbox, **more).check() if one.level == "error"}


def test_the_check_names_what_the_account_lacks(sandbox: Sandbox) -> None:
    assert findings(sandbox) == {}
    assert "no longer in Upsales" in findings(sandbox, won_stage="Signerad")["stages"]
    assert "has probability 50 %; it has to have 100 %" in findings(sandbox, won_stage="Offert")["stages"]
    assert "1 to 99 %" in findings(sandbox, module="order_offer", offer_stage="Order")["stages"]
    assert "no active user “Nils”" in findings(sandbox, placeholder_user="Nils")["user"]
    assert "Modul att synka" in findings(sandbox, module="")["settings"]


def test_a_name_that_two_have_is_to_be_said_by_its_id(sandbox: Sandbox) -> None:
    sandbox.state.put("users", {"name": "Integration", "email": "two@fjord.example", "active": 1})
    sandbox.state.put("orderstages", {"name": "Order", "probability": 100})
    assert "2 active users called “Integration”: 3, 4" in findings(sandbox)["user"]
    assert "2 stages called “Order”" in findings(sandbox)["stages"]
    assert findings(sandbox, placeholder_user="two@fjord.example", won_stage=7) == {}
    sandbox.state["users"][4].values["active"] = 0
    assert "user" not in findings(sandbox)


def test_custom_fields_are_made_once(sandbox: Sandbox) -> None:
    for _ in range(2):
        connected(sandbox).prepare("order")
    assert len([path for method, path, _ in sandbox.writes() if path == "/api/v2/customfields/order"]) == 11
    with sandbox.lock:
        paid = next(field for field in sandbox.state.fields["order"].values() if field["alias"] == "IS_PAID")
    assert (paid["name"], paid["datatype"], paid["editable"], paid["visible"]) == ("Betald", "Boolean", 0, 1)


def test_a_custom_field_whose_answer_is_lost_is_not_made_twice(sandbox: Sandbox) -> None:
    sandbox.faults.arm("lost_answer", method="POST", path="/api/v2/customfields/account")
    with pytest.raises(OutcomeUnknown):
        connected(sandbox).prepare("account")
    connected(sandbox).prepare("account")
    assert len(sandbox.state.fields["account"]) == 3


def test_an_update_of_what_moved_or_is_gone_writes_nothing(sandbox: Sandbox) -> None:
    connector = connected(sandbox)
    sandbox.load("accounts", [{"name": "Fjord AB", "phone": "2"}])
    connector.prepare("account")
    sandbox.requests.clear()
    for id, says in (("1", "was changed in Upsales"), ("9", "is gone from Upsales")):
        with pytest.raises(Stale, match=says):
            connector.update("customer", Update(Ref("upsales", "customer", id), {"phone": "1"}, {"phone": "3"}))
    assert sandbox.writes() == []


def test_a_company_is_found_again_by_its_number_exactly(sandbox: Sandbox) -> None:
    connector = connected(sandbox)
    assert connector.find("customer", ["101"], connector_began()) == {}
    made = connector.create(
        "customer", [Creation("101", Customer(number="101", name="Fjord AB")), Creation("1011", Customer(name=""))]
    )
    assert isinstance(made[1], Rejected)
    assert "name is required" in str(made[1])
    assert {key: one.ref.id for key, one in connector.find("customer", ["101", "10"], connector_began()).items()} == {"101": "1"}


def test_a_kind_that_upsales_does_not_have_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(SettingsError, match="no records of kind payment"):
        connected(sandbox).get("payment", "1")


def connector_began() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)
