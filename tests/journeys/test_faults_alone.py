"""A fault of the program at one record, in a map or in a write, holds that record by name and is logged once; the others go."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from mobigo_hub import MobigoHub
from opter_hub import OpterHub


def breaks(at: Callable[..., object], when: Callable[..., bool]) -> Callable[..., Any]:
    """Return *at* with a mistake in it: it raises for the calls that *when* names."""

    def broken(*args: Any, **named: Any) -> Any:
        if when(*args, **named):
            raise ValueError("could not convert string to float: '1.234,50'")
        return at(*args, **named)

    return broken


def told(hub: OpterHub | MobigoHub, stream: str) -> list[tuple[str, str]]:
    return [(row["sort"], row["text"]) for row in hub.problems(stream)]


def invoices() -> dict[str, str]:
    from brygga.store.models import LinkRow

    return dict(LinkRow.objects.filter(kind="invoice").values_list("left_id", "right_id"))


def said(record: str) -> str:
    return f"The hub failed at {record} (ValueError). The others go on; the log of the worker says where."


@pytest.mark.performs(
    "This is a fault of the hub and not of the record: report it, with the time. Until it is mended, make this one by hand in Fortnox, or "
    "correct what is unusual in the record. It is tried again by itself."
)
def test_a_fault_in_a_map_or_a_write_holds_its_invoice_and_the_others_go(
    opter_hub: OpterHub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One breaks where it is read, one where it is written: the others of the run arrive, and these two when the fault is mended."""
    from brygga.connectors.fortnox import card
    from brygga.connectors.opter import map as opter_map
    from brygga.sync.resolve import answer

    hub = opter_hub
    caplog.set_level(logging.ERROR, "brygga.fault")

    places = (
        (opter_map, "invoice_from", lambda raw, *rest: raw["invoiceNumber"] == "100401"),
        (card, "stated", lambda body, *rest: body.get("DocumentNumber") == "100402"),
    )
    numbers = ("100401", "100402")
    for number in ("100400", *numbers, "100403"):
        hub.invoice(number=number)
    with monkeypatch.context() as patch:
        for owner, name, when in places:
            patch.setattr(owner, name, breaks(getattr(owner, name), when))
        for _ in range(2):
            hub.sync()
    assert sorted(invoices()) == ["100400", "100403"]
    assert sorted(text for _, text in told(hub, "customers")) == [said("Nordbygg AB (Opter 100402)"), said("Opter 100401")]
    assert len([one for one in caplog.records if one.name == "brygga.fault"]) == 2
    for problem in hub.problems("customers"):
        answer(problem["id"], {"retry": True}, "test")
    hub.sync()
    assert sorted(invoices()) == ["100400", *sorted(numbers), "100403"]
    assert told(hub, "customers") == []


def test_a_fault_after_the_write_left_is_looked_for_and_nothing_is_doubled(
    opter_hub: OpterHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer of Fortnox breaks us once the invoice is made: it is found by its key, linked, and never made twice."""
    from brygga.connectors.fortnox.documents import Documents

    hub = opter_hub
    hub.invoice(number="100402")
    hub.invoice(number="100403")
    broken: list[str] = []

    def first_of(self: object, raw: Any) -> bool:
        if raw["DocumentNumber"] in ("100402", 100402) and not broken:
            broken.append("once")
            return True
        return False

    monkeypatch.setattr(Documents, "_seen", breaks(Documents._seen, first_of))
    hub.sync()
    assert broken == ["once"]
    assert invoices() == {"100402": "100402", "100403": "100403"}
    assert sorted(str(one["DocumentNumber"]) for one in hub.records("invoices")) == ["100402", "100403"]
    assert told(hub, "customers") == []


def test_a_linked_record_that_breaks_the_map_is_told_and_not_taken_for_in_step(
    opter_hub: OpterHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from brygga.connectors.opter import map as opter_map

    hub = opter_hub
    hub.invoice(number="100402")
    hub.sync()
    hub.age()
    hub.opter.edit("Invoices", "100402", dueDate="2026-10-05")
    with monkeypatch.context() as patch:
        patch.setattr(opter_map, "invoice_from", breaks(opter_map.invoice_from, lambda raw, *rest: True))
        hub.sync()
    assert told(hub, "customers") == [("hold", said("Opter 100402"))]


def test_one_record_that_breaks_a_call_for_a_hundred_is_made_by_itself_the_next_time(
    mobigo_hub: MobigoHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call for many fails as a whole; what failed goes alone in the next run, so that one spoils it for no other twice."""
    from brygga.connectors.mobigo import map as mobigo_map

    hub = mobigo_hub
    hub.declare(document="order")
    faulty = lambda raw, values: values.get("number") == "1043"  # noqa: E731
    monkeypatch.setattr(mobigo_map, "changed_raw", breaks(mobigo_map.changed_raw, faulty))
    hub.sync("customers")
    for problem in hub.problems("customers"):
        hub.retry(problem)
    hub.sync("customers")
    assert set(hub.links("customers").values()) == {"1042"}
    assert [("Björk Bygg AB" in text, sort) for sort, text in told(hub, "customers")] == [(True, "failed")]
