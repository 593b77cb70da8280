"""/metrics over HTTP: behind a token of its own, readable by Prometheus' own parser, with what the tables hold."""

from __future__ import annotations

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from hub import Hub, organisation


def test_metrics_are_away_without_a_token_and_shut_without_the_right_one(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from brygga.store import api_tokens
    from brygga.store.models import Company

    monkeypatch.delenv("BRYGGA_METRICS_TOKEN", raising=False)
    assert Client().get("/metrics").status_code == 404
    monkeypatch.setenv("BRYGGA_METRICS_TOKEN", "rätt")
    _row, key = api_tokens.make(Company.objects.get(), "a program", "owner", "test")
    for header in ("", "Bearer ", "Bearer fel", f"Bearer {key}", "Basic r\xe4tt"):
        assert Client(headers={"authorization": header}).get("/metrics").status_code == 401, header


def test_metrics_say_what_the_tables_hold(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from brygga.store.models import Connection

    monkeypatch.setenv("BRYGGA_METRICS_TOKEN", "a-token")
    hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
    hub.sync()
    Connection.objects.filter(system="fortnox").update(health="login")
    answer = Client(headers={"authorization": "Bearer a-token"}).get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = {
        (sample.name, *(f"{k}={v}" for k, v in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }
    assert found["brygga_links", "company=acme", "kind=customer", "system=webcrm"] == 1
    assert found["brygga_connection_health", "company=acme", "health=login", "system=fortnox"] == 1
    assert found["brygga_connection_health", "company=acme", "health=ok", "system=fortnox"] == 0
    assert found["brygga_stream_last_success_timestamp_seconds", "company=acme", "stream=customers", "system=webcrm"] > 1.7e9
    assert found[("brygga_runs_queued",)] == 0
    assert found["brygga_messages", "state=sent"] == 0
    assert any(name[0] == "brygga_requests_in_window" and 0 <= value <= 25 for name, value in found.items())


def test_health_answers_without_a_token(hub: Hub) -> None:
    answer = Client().get("/health")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok"})
