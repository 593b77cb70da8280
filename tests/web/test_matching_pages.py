"""The matching desk: candidates and twins side by side, conflicts with base, left and right, duplicates of each register."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from hub import Hub, organisation
from people import client


@pytest.fixture
def doubled(hub: Hub) -> Hub:
    """Two customers of Fortnox with one organisation number, two more with one e-mail address, and an organisation for the first."""
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "1042", "Name": "Acme Norr AB", "OrganisationNumber": "556036-0793", "City": "Umeå"},
            {"CustomerNumber": "1077", "Name": "Acme Söder AB", "OrganisationNumber": "5560360793", "City": "Lund"},
            {"CustomerNumber": "2001", "Name": "Rosens Blommor", "Email": "info@rosen.example"},
            {"CustomerNumber": "2002", "Name": "Blommor i Kil", "Email": "INFO@rosen.example"},
            {"CustomerNumber": "2003", "Name": "Ensam AB", "OrganisationNumber": "556074-7551"},
        ],
    )
    hub.webcrm.load("Organisation", [organisation(OrganisationName="Acme AB", OrganisationExtraCustom2="556036-0793")])
    hub.sync()
    return hub


def test_duplicates_are_grouped_the_sure_first_with_what_they_are_linked_to(doubled: Hub) -> None:
    from brygga.sync.duplicates import duplicate_rows

    found = duplicate_rows("acme/webcrm.customers")
    assert [(row["system"], row["by"], row["sure"]) for row in found[:1]] == [("fortnox", "organisation_number", True)]
    assert {one["id"] for one in found[0]["records"]} == {"1042", "1077"}
    mail = [row for row in found if row["by"] == "email" and row["system"] == "fortnox"]
    assert {one["id"] for one in mail[0]["records"]} == {"2001", "2002"}
    assert all(record["id"] != "2003" for row in found for record in row["records"])
    page = client("viewer").get("/c/acme/duplicates/").content.decode()
    assert "Acme Söder AB" in page
    assert page.index("the same") < page.index("likely the same:")


def test_empty_register_has_no_duplicates_and_says_so(hub: Hub) -> None:
    assert "No two records" in client("viewer").get("/c/acme/duplicates/").content.decode()


def test_duplicates_are_told_on_the_command_line(
    doubled: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from brygga.cli import main, say

    monkeypatch.setattr(sys, "argv", ["brygga", "duplicates", "acme", "--json"])
    monkeypatch.setattr(say.out, "_file", sys.stdout, raising=False)
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main.main()
    assert json.loads(capsys.readouterr().out)[0]["by"] == "organisation_number"


def question() -> Any:
    from brygga.store.models import Problem

    return Problem.objects.filter(sort="question", side="left")[0]


def test_candidates_stand_side_by_side_and_a_refused_answer_keeps_what_was_typed(doubled: Hub) -> None:
    bookkeeper, page = client("bookkeeper"), f"/c/acme/conflicts/{question().pk}/"
    shown = bookkeeper.get(page).content.decode()
    assert "Acme Norr AB" in shown
    assert "Acme Söder AB" in shown
    refused = bookkeeper.post(page, {"what": "skip", "reason": " "})
    assert (refused.status_code, "Say why the record is left out." in refused.content.decode()) == (400, True)
    assert bookkeeper.post(page, {"what": "link", "candidate": "1042"}).status_code == 302
    doubled.sync()
    assert "1042" in doubled.links().values()


def conflicted(hub: Hub) -> Any:
    """Let both sides change a field that nobody owns."""
    from django.utils import timezone

    from brygga.errors import Sentence
    from brygga.store.models import LinkRow, Problem
    from brygga.store.problems import Trouble, put

    hub.webcrm.load("Organisation", [organisation(OrganisationName="Fjord AB", OrganisationExtraCustom2="556016-0680")])
    hub.sync()
    link = LinkRow.objects.order_by("-pk")[0]
    fields = {"phone": ["1", "2", "3"], "fax": ["", "4", "5"]}
    trouble = Trouble(
        "conflict", "left", "customer", link.left_id, Sentence("Both."), link.left_id, link.right_id, detail={"fields": fields}
    )
    return put(link.integration_id, "customers", trouble, timezone.now()) and Problem.objects.get(sort="conflict")


def test_conflict_is_settled_field_by_field_or_all_from_one_side(hub: Hub) -> None:
    problem = conflicted(hub)
    bookkeeper, page = client("bookkeeper"), f"/c/acme/conflicts/{problem.pk}/"
    half = bookkeeper.post(page, {"what": "take", "take:phone": "right"})
    shown = half.content.decode()
    assert (half.status_code, "No side is chosen for" in shown) == (400, True)
    assert 'name="take:phone" value="right" checked' in shown
    assert bookkeeper.post(page, {"what": "all_left"}).status_code == 302
    problem.refresh_from_db()
    assert problem.choice == {"fields": {"phone": "left", "fax": "left"}}
