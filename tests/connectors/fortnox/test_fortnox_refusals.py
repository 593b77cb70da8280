"""What Fortnox refuses is told with cause, field, record and repair, for every code that is known; the others in Fortnox' own words."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from brygga.clients.fortnox.wire import LICENCES_AND_RIGHTS, refusal
from brygga.clients.http import Answer, Call
from brygga.connectors.fortnox import refusals
from brygga.core.money import Money
from brygga.core.record import ABSENT
from brygga.errors import NotFound, OutcomeUnknown, Rejected, SettingsError, Unauthorised, Unavailable
from brygga_sandbox.fortnox import errors as sandbox
from hub import Hub, organisation

UNEXPLAINED = {"2001322", "2000798", "2000015", "2000166", "2002951", "2001889"}
"""Listed by a help site or special-cased by a program, without a word on what they mean."""
ELSEWHERE = {*LICENCES_AND_RIGHTS, "1000003", "2000764", "2000719", "2000721"}
"""A connection's, an address' or Fortnox' own: no record is refused by them."""


def answer(code: str, message: str = "Kan inte.", status: int = 400) -> Answer:
    body = json.dumps({"ErrorInformation": {"error": 1, "message": message, "code": int(code)}}).encode()
    return Answer(status, {"x-uid": "req-1"}, body, Call("POST", "https://api.fortnox.se/3/invoices", False))


def test_every_code_of_the_facts_is_known_or_known_to_be_unexplained(shared_facts: Path) -> None:
    with (shared_facts / "fortnox" / "errors.csv").open(encoding="utf-8") as file:
        codes = {row["code"] for row in csv.DictReader(file)}
    assert codes - refusals.CAUSES.keys() - ELSEWHERE == UNEXPLAINED


def test_every_code_that_the_sandbox_can_say_is_known() -> None:
    assert {str(code) for code in sandbox.TEXTS} - refusals.CAUSES.keys() - ELSEWHERE <= UNEXPLAINED


@pytest.mark.parametrize("code", sorted(refusals.CAUSES))
def test_each_code_names_the_record_the_cause_and_what_to_do(code: str) -> None:
    error = refusals.told(refusal(answer(code)), {"customer_name": "Lindens Bageri AB", "number": "12"})
    assert isinstance(error, Rejected)
    said = str(error.sentence)
    assert "Lindens Bageri AB (12)" in said
    assert f"“Kan inte.” (code {code}, request req-1)" in said
    assert "{" not in said
    assert len(str(error.repair)) > 20
    assert error.code == code


@pytest.mark.parametrize("code", sorted(ELSEWHERE))
def test_what_concerns_no_record_is_another_error_with_a_repair_of_its_own(code: str) -> None:
    error = refusal(
        answer(code, status=403 if code in LICENCES_AND_RIGHTS or (code.startswith("20007") and code != "2000764") else 400)
    )
    assert isinstance(error, (Unauthorised, Unavailable, OutcomeUnknown, SettingsError))
    assert error.repair is not None
    assert refusals.told(error, {}) is error


@pytest.mark.parametrize("code", [*sorted(UNEXPLAINED), "9999999"])
def test_a_code_that_nobody_explains_says_so_and_shows_fortnox_words(code: str) -> None:
    error = refusals.told(refusal(answer(code, "Något gick fel (X)")), {"name": "Björk AB"})
    assert "Björk AB for a reason that no document of Fortnox explains" in str(error.sentence)
    assert f"“Något gick fel (X)” (code {code}" in str(error.sentence)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("Kunde inte hämta/hitta valuta", "currency"),
        ("Kunde inte hämta/hitta leveranssätt", "way_of_delivery"),
        ("Projekt är obligatoriskt på konto 4010", "project"),
        ("Räkenskapsår saknas för valt datum", "date"),
        ("OCR-numret används redan", "ocr"),
    ],
)
def test_messages_without_a_code_of_their_own_are_known_by_their_words(message: str, field: str) -> None:
    error = refusals.told(refusal(answer(str(sandbox.UNKNOWN_CODE), message)), {"customer_name": "Björk AB"})
    assert error.sentence.facts["fields"] == field


def test_what_was_told_already_and_what_is_not_there_stay_as_they_are() -> None:
    told: list[Any] = [
        NotFound("Fortnox does not have {call}.", call="x"),
        Rejected("A payment is corrected until it is booked, and never after."),
    ]
    assert all(refusals.told(error, {"name": "x"}) is error for error in told)


def test_a_record_without_name_and_number_is_said_as_far_as_it_goes() -> None:
    assert refusals.named({"name": ABSENT, "total": Money.__name__}, "") == "–"
    assert (refusals.named({}, "17"), refusals.named({"subject": "Avtal"})) == ("17", "Avtal")


@pytest.mark.parametrize("code", ["2000919", "2000637", "9999999"])
def test_a_refusal_of_fortnox_is_a_problem_with_cause_record_and_repair(
    hub: Hub, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.webcrm.load("Organisation", [organisation(OrganisationName="Lindens Bageri AB")])
    refused = refusal(answer(code, "Det går inte"))
    monkeypatch.setattr("brygga.connectors.fortnox.write.create_customers", lambda client, creations, settings: [refused])
    assert hub.sync()["status"] == "partial"
    [problem] = hub.problems("failed")
    cause, _field = refusals.cause_of(code, "")
    assert "Lindens Bageri AB" in problem["text"]
    assert "Det går inte" in problem["text"]
    assert problem["repair"] == cause.repair
    monkeypatch.undo()
    hub.answer(problem, retry=True)
    hub.sync()
    assert [record["Name"] for record in hub.customers()] == ["Lindens Bageri AB"]
    assert hub.problems() == []
