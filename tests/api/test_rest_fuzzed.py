"""The API's own document, run by schemathesis against it: no 500, no answer off its shape, whatever is sent."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from hub import Hub, organisation

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
CASES = 16
HARD = {"/payments/read", "/payments/save", "/problems/{problem}/repair", "/problems/{problem}/answer", "/plans/{plan}/apply"}
"""What the cases do not bring about: one answer alone, a plan that /sync has not applied before, and payments, which webCRM has not."""


@pytest.fixture
def filled(hub: Hub) -> str:
    """A company with links, a question and a run; return the key of an owner's token."""
    from brygga.store import api_tokens
    from brygga.store.models import Company

    hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
    numbers = ("1042", "1077")
    hub.fortnox.company.load(
        "customers", [{"CustomerNumber": n, "Name": f"Acme {n}", "OrganisationNumber": "556036-0793"} for n in numbers]
    )
    hub.webcrm.load("Organisation", [organisation(OrganisationName="Acme AB", OrganisationExtraCustom2="556036-0793")])
    hub.sync()
    return api_tokens.make(Company.objects.get(slug="acme"), "fuzz", "owner", "test")[1]


def ids() -> dict[str, str]:
    """Return what the company knows, by the name of the parameter or field."""
    from brygga.store.models import Integration, LinkRow, Problem, Run
    from brygga.sync.start import make_plan

    integration = Integration.objects.select_related("company").get(company__slug="acme", system="webcrm")
    plan = make_plan(integration, "customers", who="test", save=True)["plan"]
    return {
        "system": "webcrm",
        "run": Run.objects.order_by("queued_at")[0].pk,
        "plan": plan,
        "problem": str(Problem.objects.order_by("pk")[0].pk),
        "id": "1",
        "address": "acme/webcrm.customers",
        "sort": "hold",
        "left": "1",
        "right": next(iter(LinkRow.objects.values_list("right_id", flat=True))),
        "link": "1042",
    }


def test_whatever_is_sent_is_answered_as_the_document_says(filled: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    # The caller does not unpack answers.
    headers = {"Authorization": f"Bearer {filled}", "Accept-Encoding": "identity"}
    taken: Counter[tuple[str, int]] = Counter()
    known = ids()
    for found in schema.get_all_operations():
        operation = found.ok()
        # The preflight calls the other systems each time; its own test does so once.
        if operation.path == "/check":
            continue
        allowed = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

        @settings(
            max_examples=CASES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=st.one_of(allowed, wrong), real=st.booleans())
        def send(case: Any, real: bool) -> None:
            if real:
                for place in (case.path_parameters, case.query, case.body):
                    if isinstance(place, dict):
                        place.update({name: known[name] for name in place if name in known})
            response = case.call(headers=headers)
            taken[case.operation.path, response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        send()
    # The cases reach behind every address, and its refusals.
    good = {path for path, status in taken if status in (200, 202)}
    assert good >= set(schema.raw_schema["paths"]) - {"/check"} - HARD, (taken, good)
    assert {status for _, status in taken} >= {200, 202, 400, 404, 422}, taken
