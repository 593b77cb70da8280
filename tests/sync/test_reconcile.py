"""brygga reconcile: both sides read whole, each record in exactly one place, and what differs named."""

from __future__ import annotations

from typing import Any

from hub import Hub, organisation


def reconciled(stream: str = "acme/webcrm.customers") -> dict[str, Any]:
    from brygga.sync.reconcile import reconcile

    [found] = reconcile(stream)
    return found


def test_after_a_sync_both_sides_are_equal_and_nothing_is_written(hub: Hub) -> None:
    hub.webcrm.load("Organisation", [organisation(OrganisationName=f"Firma {n} AB") for n in range(3)])
    hub.sync()
    hub.clear()
    found = reconciled()
    assert (found["verdict"], found["linked"]) == ("equal", 3), found
    assert found["counts"]["left"] | {"system": ""} == {
        "system": "", "read": 3, "linked": 3, "skipped": 0, "waiting": 0, "unaccounted": 0, "waiting_sums": {},
    }  # fmt: skip
    assert hub.fortnox_writes() == []
    assert hub.webcrm.writes() == []


def test_what_was_never_synced_is_unaccounted_for_on_its_side(hub: Hub) -> None:
    hub.sync()
    hub.webcrm.load("Organisation", [organisation()])
    found = reconciled()
    assert found["verdict"] == "differs"
    assert [row["system"] for row in found["unaccounted"]] == ["webCRM"]


def test_a_record_that_a_rule_keeps_back_is_accounted_for(hub: Hub) -> None:
    hub.webcrm.load("Organisation", [organisation(OrganisationType="Prospekt")])
    hub.sync()
    found = reconciled()
    assert (found["verdict"], found["counts"]["left"]["skipped"]) == ("equal", 1)


def test_an_edit_that_was_not_synced_is_named_with_both_values(hub: Hub) -> None:
    [id] = hub.webcrm.load("Organisation", [organisation(OrganisationTelephone="0470-100 20")])
    hub.sync()
    hub.edit_customer(hub.links()[str(id)], WWW="www.lindens.example")
    hub.webcrm.organisation(id).update(Telefon="0470-100 21")
    found = reconciled()
    assert found["verdict"] == "differs"
    assert found["differing"][0]["fields"]["phone"] == ["0470-100 20", "0470-100 21"]


def test_a_customer_that_is_gone_is_named(hub: Hub) -> None:
    [id] = hub.webcrm.load("Organisation", [organisation()])
    hub.sync()
    number = hub.links()[str(id)]
    with hub.fortnox.lock:
        hub.fortnox.company.delete("customers", number)
        hub.fortnox.company.commit()
    assert reconciled()["gone"] == [{"system": "Fortnox", "id": number}]
