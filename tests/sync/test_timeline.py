"""What is known of one record: its own writes, not those of another kind or side that has the same number, and what a person chose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from brygga.errors import SettingsError
from brygga.store import journal
from brygga.store.models import AuditEntry, Company, Integration, Problem
from brygga.sync.timeline import counterparts, timeline
from databases import DatabaseUnderTest

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def _written(integration: Integration, side: str, kind: str, source: str, target: str, at: datetime) -> None:
    intent = journal.Intent(side, kind, "update", "key", source, target, {"name": "Ada"}, {"name": "Åda"}, {"name": "Åda"})  # type: ignore[arg-type]
    (entry,) = journal.begin(integration, f"{kind}s", "run-1", [intent], at)
    journal.done(entry, target, at + timedelta(seconds=1), {"request": "r-1"})


@pytest.fixture
def acme(database: DatabaseUnderTest) -> Integration:
    return Integration.objects.create(company=Company.objects.create(slug="acme", name="Acme AB"), system="webcrm")


def test_records_of_another_kind_or_side_with_the_same_number_are_not_in_it(acme: Integration) -> None:
    _written(acme, "right", "customer", "1", "1201", NOW)
    _written(acme, "left", "customer", "1", "77", NOW)  # Fortnox' customer 1, webCRM's 77
    _written(acme, "right", "delivery", "1", "5", NOW)
    assert [(event["left"], event["right"]) for event in timeline("acme/webcrm:1", "customer")] == [("1", "1201")]
    assert [(event["left"], event["right"]) for event in timeline("acme/fortnox:1", "customer")] == [("77", "1")]
    assert [event["kind"] for event in timeline("acme/webcrm:1")] == ["customer", "delivery"]
    (event,) = timeline("acme/webcrm:77")
    assert event["fields"] == {"name": ["Ada", "Åda"]}
    assert event["answer"] == {"request": "r-1"}
    assert event["ended"] == "2026-11-20T10:00:01+01:00"


def test_what_was_found_chosen_and_solved_stands_between_the_writes(acme: Integration) -> None:
    now = timezone.now()
    problem = Problem.objects.create(
        integration=acme, stream="customers", kind="customer", side="left", record_id="8", left_id="8", sort="hold", cause="x",
        sentence={"template": "The name of {id} is missing.", "facts": {"id": "8"}}, first_seen_at=now - timedelta(minutes=5), last_seen_at=now,
    )  # fmt: skip
    AuditEntry.objects.create(
        company=acme.company, who="eva", what="answered", subject="acme/webcrm.customers customer 8",
        detail={"problem": problem.pk, "choice": {"retry": True}},
    )  # fmt: skip
    problem.solved_at, problem.state = now + timedelta(minutes=2), "solved"
    problem.save()
    _written(acme, "right", "customer", "8", "1202", now + timedelta(minutes=1))
    found, answered, written, solved = timeline("acme/webcrm:8", "customer")
    assert (found["event"], found["text"]) == ("found", "The name of 8 is missing.")
    assert (answered["who"], answered["choice"]) == ("eva", {"retry": True})
    assert (written["event"], solved["event"]) == ("write", "solved")
    assert timeline("acme/webcrm:9") == []


def test_a_text_that_names_no_record_is_refused(acme: Integration) -> None:
    with pytest.raises(SettingsError, match="is not a record"):
        timeline("acme/webcrm")


def test_links_of_a_record_are_those_of_its_own_company(acme: Integration) -> None:
    from brygga.store import links

    other = Integration.objects.create(company=Company.objects.create(slug="other", name="Other AB"), system="webcrm")
    links.put(acme.pk, "customer", "1", "1201", {"name": "Ada"})
    links.put(other.pk, "customer", "1", "9", {"name": "Bo"})
    assert [link.right_id for link in counterparts(acme.company, "webcrm", "1", "customer")] == ["1201"]
    assert counterparts(acme.company, "fortnox", "9") == []
