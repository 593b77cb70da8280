"""Fortnox says no, for each cause that is known: the problem names the invoice and what mends it, a person does that, and the invoice is there."""

from __future__ import annotations

from typing import Any

import pytest

from brygga.connectors.fortnox import refusals
from brygga_sandbox.fortnox import resource
from brygga_sandbox.fortnox.errors import Refusal
from opter_hub import OpterHub

LEAVE_OUT = (refusals.LOCKED, refusals.PAID, refusals.PROGRAM, refusals.TAX_REDUCTION, refusals.REVERSE)
"""Causes whose repair ends, or may end, with a document that a person makes or keeps in Fortnox: the record is left out, with the reason."""
CODES = {cause: code for code, (cause, _) in reversed(refusals.CAUSES.items())}
MESSAGES = {cause: part for part, cause, _ in reversed(refusals.WORDS)}


def causes() -> dict[str, tuple[refusals.Cause, Refusal]]:
    """Return the number of an invoice -> a cause, and what Fortnox says: each cause that a code or Fortnox' words can have, and one unknown."""
    known = [*CODES, *(cause for cause in MESSAGES if cause not in CODES)]
    found = {
        str(100500 + place): (cause, Refusal(int(CODES.get(cause, "2000588")), f"Kan inte: {MESSAGES.get(cause, 'nej')}", 400))
        for place, cause in enumerate(known)
    }
    return {**found, "100599": (refusals.UNKNOWN, Refusal(2001322, "Något gick fel", 400))}


@pytest.mark.performs(
    "Make it in Fortnox, or correct it in the record. The record is tried again by itself.",
    "Link the record to the one that has it (brygga link), or give it another one.",
    "Correct the value in the record, here or in its own system. The record is tried again by itself.",
    "Activate it in Fortnox, or choose another in the record or in the settings. The record is tried again by itself.",
    "Give the record one, or take the demand away from the account in Fortnox. The record is tried again by itself.",
    "Open the period or make the financial year in Fortnox, or give the record a later date. The record is tried again by itself.",
    "Set it up in Fortnox under Inställningar, Bokföring, Förvalda konton. The record is tried again by itself.",
    "Look at the document in Fortnox. If it is right there, leave the record out here, with the reason.",
    "Look at the invoice's payments in Fortnox. If they are right, leave the record out here, with the reason.",
    "Mark the document as delivered or ready in Fortnox' warehouse, or mend there what it names. The record is tried again by itself.",
    "Correct the kind of work, the persons or the amounts in the record, or make this document by hand in Fortnox.",
    "Correct the rows or the total in the record. The record is tried again by itself.",
    "Choose accounts with the right VAT code in the settings, or book this one by hand in Fortnox.",
    "Choose an account of that VAT rate in the settings, or correct the account's VAT code in Fortnox. "
    "The record is tried again by itself.",
    "Complete the row in the record. The record is tried again by itself.",
    "Give Fortnox what it names, under Inställningar, Företagsinställningar. The record is tried again by itself.",
    "This is a fault of the hub and not of the record: report it with the request's number. Until then make this one by hand in Fortnox.",
    "Nothing has to be done: the record is tried again by itself. If it lasts, ask Fortnox with the request's number.",
    "Mend what Fortnox' words name, in Fortnox or in the record, and try again; or ask Fortnox with the request's number.",
)
def test_every_cause_of_a_refusal_names_the_invoice_and_is_mended_as_its_repair_says(
    opter_hub: OpterHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from brygga.store.models import Problem
    from brygga.sync.resolve import answer

    hub, refused = opter_hub, causes()
    create = resource.Resource.create

    def creating(self: Any, call: Any) -> Any:
        number = str(self.payload(call).get("DocumentNumber") or "") if self.name == "invoices" else ""
        if number in refused:
            raise refused[number][1]
        return create(self, call)

    monkeypatch.setattr(resource.Resource, "create", creating)
    for number in refused:
        hub.invoice(number=number)
    hub.invoice(number="100600")
    hub.sync()
    told = {row.record_id: row for row in Problem.objects.filter(state=Problem.State.OPEN)}
    assert set(told) == set(refused)
    for number, (cause, said) in refused.items():
        row = told[number]
        assert row.repair["template"] == cause.repair
        assert f"Nordbygg AB ({number})" in row.sentence["text"]
        assert said.message in row.sentence["text"]
    # Persons mend each as it says: in Fortnox, in the record, or by leaving it out with the reason.
    expected = {"100600"}
    for number, (cause, _) in list(refused.items()):
        if cause in LEAVE_OUT:
            answer(told[number].pk, {"skip": "Står rätt i Fortnox"}, "test")
            continue
        del refused[number]
        expected.add(number)
        if cause is refusals.UNKNOWN:
            answer(told[number].pk, {"retry": True}, "test")
        elif not cause.again:
            hub.opter.edit("Invoices", number, remark="Rättad")
    Problem.objects.filter(state=Problem.State.OPEN).update(look_at="2020-01-01T00:00:00Z")
    hub.sync()
    assert {str(one["DocumentNumber"]) for one in hub.records("invoices")} == expected
    assert [row.record_id for row in Problem.objects.filter(state=Problem.State.OPEN)] == []
