"""webCRM sandbox: whatever is sent, it answers, and never with an error of its own making."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brygga_sandbox.server import Request, carry_out
from brygga_sandbox.webcrm import Installation, Sandbox
from brygga_sandbox.webcrm.fields import ENTITIES
from webcrm_caller import UNLIMITED

WORDS = [
    "Organisations", "Persons", "Deliveries", "QuotationLines", "Products", "Users", "Hooks", "LinkedData", "LinkedSetup",
    "FindByUpdateDates", "FindByCreateDates", "ByStatus", "ByOrganisation", "AllActive", "Move", "1", "2", "0", "-1", "١", "9" * 30,
    "2026-01-01", "0001-01-01", "9999-12-31T23:59:59-14:00", "Queries", "FieldsMetadata", "All", "Organisation", "%20", "",
]  # fmt: skip
NAMES = [name for entity in ENTITIES.values() for name in entity.fields] + ["NewOrganisationId", "Filter", "TargetUrl", "Okänt"]

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["1", "Yes", "0001-01-01"])
)
objects = st.dictionaries(st.sampled_from(NAMES), scalars | st.lists(scalars, max_size=2) | st.just(1), max_size=6)
bodies = st.one_of(objects, st.lists(objects | scalars, max_size=3), scalars)
SQL = st.lists(
    st.sampled_from(
        ["SELECT", "*", "FROM", "Delivery", "Person", "JOIN", "ON", "WHERE", "ORDER", "BY", "DeliveryId", "=", "'1'", "1", "(", ")", "LIKE",
         "AND", "OR", "DeliveryUpdatedAt", ">=", "'2026-01-01'", ",", ".", "IS", "NOT", "NULL", "PersonOrganisationId", "'", "t"]
    ),
    max_size=12,
).map(lambda words: "SELECT * FROM Delivery " + " ".join(words))  # fmt: skip


def _filled() -> tuple[Sandbox, str]:
    sandbox = Sandbox(Installation(limits=UNLIMITED))
    sandbox.load("Organisation", [{"OrganisationName": "Fjord AB"}, {"OrganisationName": "Berg AB"}])
    sandbox.load("Person", [{"PersonOrganisationId": 1, "PersonLastName": "Ek"}])
    sandbox.load("Delivery", [{"DeliveryOrganisationId": 1, "DeliveryNumber": "1"}, {"DeliveryOrganisationId": 2}])
    sandbox.load("QuotationLine", [{"QuotationLineOpportunityId": 1}])
    sandbox.load("QuotationLineLinkedDataItem", [{"QuotationLineLinkedDataItemData1": "1"}])
    form = {"content-type": "application/x-www-form-urlencoded"}
    login, _ = carry_out(sandbox, Request("POST", "/Auth/ApiLogin", headers=form, body=f"authCode={sandbox.auth_code}".encode()))
    return sandbox, login.json()["AccessToken"]


SANDBOX, TOKEN = _filled()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
    st.lists(st.sampled_from(WORDS), max_size=4),
    bodies,
    st.lists(st.tuples(st.sampled_from(["Page", "Size", "script"]), st.sampled_from(["1", "0", "x", "", "9" * 40])), max_size=2),
)
def test_any_call_is_answered(method: str, segments: list[str], body: object, query: list[tuple[str, str]]) -> None:
    request = Request(method, "/" + "/".join(segments), query, {"authorization": f"Bearer {TOKEN}"}, json.dumps(body).encode())
    response, _ = carry_out(SANDBOX, request)
    assert response.status in (200, 204, 400, 404, 405, 500, 501)
    if response.status == 500:
        assert b"locked" in response.body


@settings(max_examples=300, deadline=None)
@given(SQL)
def test_any_script_is_answered(script: str) -> None:
    request = Request("GET", "/Queries", [("script", script)], {"authorization": f"Bearer {TOKEN}"})
    response, _ = carry_out(SANDBOX, request)
    assert response.status in (200, 400)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.sampled_from(["multipart/form-data; boundary=x", "multipart/form-data", "application/json", ""]))
def test_any_login_is_answered(body: bytes, kind: str) -> None:
    for path in ("/Auth/ApiLogin", "/Auth/ApiRefresh"):
        response, _ = carry_out(SANDBOX, Request("POST", path, headers={"content-type": kind}, body=body))
        assert response.status in (200, 400)
