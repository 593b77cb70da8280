"""webCRM's client over HTTP: signing in, pages, false refusals, and what each call sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest
import time_machine

from brygga.clients.webcrm import InMemory, Spaced, Token
from brygga.errors import BadData, NotFound, OutcomeUnknown, Rejected, SettingsError, Unauthorised, Unavailable

Make = Callable[..., Any]
Sample = Callable[[str], httpx2.Response]
OK = httpx2.Response(200)


def test_signs_in_once_and_sends_the_token(webcrm: Make, page: Make) -> None:
    server = webcrm(page([1]), page([2]))
    client = server.client()
    list(client.organisations.all())
    list(client.organisations.all())
    assert [parse_qs(request.content.decode()) for request in server.sign_ins] == [{"authCode": ["the-guid"]}]
    assert server.sign_ins[0].url.path == "/Auth/ApiLogin"
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer eyJ.first.token"}


def test_a_token_that_rests_needs_no_sign_in(webcrm: Make, page: Make) -> None:
    tokens = InMemory()
    tokens.save(Token("kept", "refresh", 4e12))
    server = webcrm(page([]))
    assert list(server.client(tokens).organisations.all()) == []
    assert server.sign_ins == []
    assert server.requests[0].headers["authorization"] == "Bearer kept"


def test_a_token_near_its_end_is_renewed_with_header_and_form(webcrm: Make, page: Make) -> None:
    tokens = InMemory()
    tokens.save(Token("old", "refresh-0", 0.0))
    server = webcrm(page([]))
    list(server.client(tokens).organisations.all())
    [renewal] = server.sign_ins
    assert renewal.url.path == "/Auth/ApiRefresh"
    assert renewal.headers["refreshtoken"] == "refresh-0"
    assert parse_qs(renewal.content.decode()) == {"refreshToken": ["refresh-0"]}
    assert tokens.load() is not None
    assert tokens.load().access == "eyJ.first.token"


def test_a_refused_renewal_signs_in(webcrm: Make, page: Make, sample: Sample) -> None:
    tokens = InMemory()
    tokens.save(Token("old", "used-up", 0.0))
    answers = iter([httpx2.Response(401), sample("token_200")])
    server = webcrm(page([]), sign_in=lambda request: next(answers))
    list(server.client(tokens).organisations.all())
    assert [request.url.path for request in server.sign_ins] == ["/Auth/ApiRefresh", "/Auth/ApiLogin"]


@pytest.mark.parametrize("refusal", ["token_refused_200", 401, 400])
def test_an_unknown_application_token_says_where_to_make_one(webcrm: Make, sample: Sample, refusal: str | int) -> None:
    server = webcrm(sign_in=lambda request: sample(refusal) if isinstance(refusal, str) else httpx2.Response(refusal))
    with pytest.raises(Unauthorised, match=r"does not accept the application token\. Make a new one .* API > REST"):
        list(server.client().organisations.all())
    assert server.requests == []


@pytest.mark.parametrize(
    ("body", "what"),
    [(b"[]", "is not an object"), (b'{"AccessToken": "a", "ExpiresIn": "long"}', "ExpiresIn"), (b"<html>", "is not JSON")],
)
def test_a_sign_in_answered_with_something_else_is_bad_data(webcrm: Make, body: bytes, what: str) -> None:
    server = webcrm(sign_in=lambda request: httpx2.Response(200, content=body))
    with pytest.raises(BadData, match=what):
        list(server.client().organisations.all())


def test_a_wrong_address_is_a_setting_to_correct(webcrm: Make) -> None:
    server = webcrm(sign_in=lambda request: httpx2.Response(404, text="<html>"))
    with pytest.raises(SettingsError, match=r"no webCRM at the address: POST /Auth/ApiLogin .* Correct base_url"):
        list(server.client().organisations.all())


def test_secrets_do_not_show_in_a_repr() -> None:
    assert "kept" not in repr(Token("kept", "kept"))


def test_a_false_401_signs_in_and_asks_again_once(webcrm: Make, page: Make) -> None:
    server = webcrm(httpx2.Response(401), page([8812]))
    assert [raw["OrganisationId"] for [raw] in server.client().organisations.all()] == [8812]
    assert len(server.sign_ins) == 2
    assert len(server.requests) == 2


def test_a_write_after_a_false_401_is_sent_once_more(webcrm: Make) -> None:
    server = webcrm(httpx2.Response(401), httpx2.Response(200, json=9001))
    assert server.client().organisations.create({"OrganisationName": "Nybygget AB"}) == 9001
    assert server.asked == ["POST /Organisations"] * 2


@pytest.mark.parametrize("statuses", [(401, 401), (403,)])
def test_a_lasting_refusal_is_for_a_person(webcrm: Make, statuses: tuple[int, ...]) -> None:
    server = webcrm(*(httpx2.Response(status) for status in statuses))
    with pytest.raises(Unauthorised, match=r"does not let us GET /Organisations/1 \(status 40\d\)\..*PLUS or ENTERPRISE"):
        server.client().organisations.get(1)
    assert len(server.requests) == len(statuses)


def test_pages_end_with_a_short_one(webcrm: Make, page: Make) -> None:
    server = webcrm(page([1, 2]), page([3]))
    pages = list(server.client().organisations.all(size=2))
    assert [[raw["OrganisationId"] for raw in found] for found in pages] == [[1, 2], [3]]
    assert server.asked == ["GET /Organisations?Page=1&Size=2", "GET /Organisations?Page=2&Size=2"]


def test_pages_end_with_an_empty_one(webcrm: Make, page: Make) -> None:
    server = webcrm(page([1, 2]), page([]))
    assert len(list(server.client().organisations.all(size=2))) == 1
    assert len(server.requests) == 2


def test_the_wait_in_a_429_body_is_kept_and_the_call_repeated(webcrm: Make, page: Make, sample: Sample) -> None:
    server = webcrm(sample("busy_429"), page([1]))
    assert len(list(server.client().organisations.all())) == 1
    assert any(seconds >= 3 for seconds in server.slept)


def test_calls_keep_20_milliseconds_apart() -> None:
    times, slept = [10.0], []
    limiter = Spaced(clock=lambda: times[0], sleep=slept.append)
    for _ in range(3):
        limiter.acquire("poll")
    assert slept == [pytest.approx(0.02), pytest.approx(0.04)]
    times[0] = 20.0
    limiter.acquire("poll")
    assert len(slept) == 2
    limiter.closed(5)
    limiter.acquire("poll")
    assert slept[2] == pytest.approx(5)


def test_reads_are_tried_three_times_and_writes_once(webcrm: Make) -> None:
    reading = webcrm(*[httpx2.Response(503)] * 3)
    with pytest.raises(Unavailable):
        reading.client().organisations.get(1)
    assert len(reading.requests) == 3
    writing = webcrm(httpx2.Response(503))
    with pytest.raises(OutcomeUnknown):
        writing.client().organisations.replace(1, {})
    assert len(writing.requests) == 1


def test_a_broken_connection_after_a_write_is_an_unknown_outcome(webcrm: Make) -> None:
    server = webcrm(httpx2.ReadError("reset"))
    with pytest.raises(OutcomeUnknown, match="may or may not"):
        server.client().organisations.create({})


@time_machine.travel(datetime(2026, 11, 20, 10, tzinfo=UTC), tick=False)
def test_updated_organisations_are_asked_from_start_to_before_end(webcrm: Make, page: Make) -> None:
    server = webcrm(page([]))
    since, until = datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 20, 10, tzinfo=UTC)
    list(server.client().organisations.updated(since, until))
    assert server.asked == ["GET /Organisations/FindByUpdateDates/2026-11-20T09:00:00Z/2026-11-20T10:00:00Z?Page=1&Size=500"]


def test_an_open_window_ends_ahead_of_now_however_old_its_beginning(webcrm: Make, page: Make) -> None:
    server = webcrm(page([]), page([]))
    client = server.client()
    list(client.organisations.updated(datetime(2019, 1, 1, tzinfo=UTC)))
    list(client.organisations.created(datetime(2019, 1, 1, tzinfo=UTC)))
    for request, which in zip(server.requests, ("Update", "Create"), strict=True):
        start, _, end = request.url.path.removeprefix(f"/Organisations/FindBy{which}Dates/").partition("/")
        assert start == "2019-01-01T00:00:00Z"
        assert datetime.fromisoformat(end) > datetime.now(UTC) + timedelta(hours=1)


def test_put_sends_the_whole_object_with_its_id(webcrm: Make) -> None:
    server = webcrm(OK)
    server.client().organisations.replace("8812", {"OrganisationName": "Ängsviks", "OrganisationCity": ""})
    assert server.asked == ["PUT /Organisations/8812"]
    assert server.body() == {"OrganisationName": "Ängsviks", "OrganisationCity": "", "OrganisationId": 8812}


def test_patch_answers_in_order(webcrm: Make, sample: Sample) -> None:
    server = webcrm(sample("bulk_200"))
    records = [{"OrganisationName": "A"}, {}, {"OrganisationId": 7, "OrganisationName": "C"}]
    assert server.client().organisations.upsert(records) == [9001, "Organisation name is missing", 9002]
    assert [record["OrganisationId"] for record in server.body()] == [0, 0, 7]


def test_a_refused_write_says_what_webcrm_said(webcrm: Make) -> None:
    server = webcrm(httpx2.Response(400, json={"Message": "Name is too long"}))
    with pytest.raises(Rejected, match="webCRM refused POST /Organisations: Name is too long"):
        server.client().organisations.create({})


def test_persons_of_an_organisation(webcrm: Make) -> None:
    server = webcrm(httpx2.Response(200, json=[{"PersonId": 4}]), httpx2.Response(200, json={"PersonId": 4}))
    client = server.client()
    assert list(client.organisations.persons(8812)) == [[{"PersonId": 4}]]
    assert client.persons.get(4) == {"PersonId": 4}
    assert server.asked == ["GET /Organisations/8812/Persons?Page=1&Size=500", "GET /Persons/4"]


def test_deliveries_are_found_by_query_as_they_have_no_update_dates(webcrm: Make, sample: Sample) -> None:
    server = webcrm(lambda request: httpx2.Response(200, content=b"[" + sample("delivery_200").content + b"]"))
    [[delivery]] = server.client().deliveries.updated(datetime(2026, 11, 19, tzinfo=UTC))
    assert delivery["DeliveryId"] == 5531
    params = server.requests[0].url.params
    assert server.requests[0].url.path == "/Queries"
    assert params["script"] == (
        "SELECT * FROM Delivery WHERE DeliveryUpdatedAt >= '2026-11-19T00:00:00Z' ORDER BY DeliveryUpdatedAt, DeliveryId"
    )
    assert (params["Page"], params["Size"]) == ("1", "500")


@time_machine.travel(datetime(2026, 11, 20, 10, tzinfo=UTC), tick=False)
def test_lists_of_deliveries_and_their_rows(webcrm: Make) -> None:
    server = webcrm(*[lambda request: httpx2.Response(200, json=[])] * 5)
    client = server.client()
    for pages in (
        client.deliveries.of_organisation(8812),
        client.deliveries.of_responsible(12),
        client.deliveries.with_status("Completed"),
        client.deliveries.quotation_lines(5531),
        client.deliveries.created(datetime(2026, 11, 19, tzinfo=UTC)),
    ):
        assert list(pages) == []
    assert [request.url.path for request in server.requests] == [
        "/Deliveries/ByOrganisation/8812",
        "/Deliveries/ByResponsible/12",
        "/Deliveries/ByStatus/Completed",
        "/Deliveries/5531/QuotationLines",
        "/Deliveries/FindByCreateDates/2026-11-19T00:00:00Z/2026-11-22T10:00:00Z",
    ]


def test_rows_and_the_product_register(webcrm: Make, sample: Sample) -> None:
    server = webcrm(
        sample("linked_data_200"),
        httpx2.Response(200, json={"QuotationLineLinkedDataItemId": 71}),
        httpx2.Response(200, json=72),
        OK,
        OK,
        sample("linked_setup_200"),
        httpx2.Response(404),
    )
    lines = server.client().quotation_lines
    assert [item["QuotationLineLinkedDataItemId"] for item in lines.linked_data.all()] == [71]
    assert lines.linked_data.get(71) == {"QuotationLineLinkedDataItemId": 71}
    assert lines.linked_data.create({"QuotationLineLinkedDataItemData1": "A100"}) == 72
    lines.linked_data.replace(72, {"QuotationLineLinkedDataItemData1": "A101"})
    lines.linked_data.delete(72)
    assert lines.linked_data.setup()["QuotationLineLinkedSetupIsUniqueValueRequired"] is True
    with pytest.raises(NotFound):
        lines.delete(4)
    assert server.asked == [
        "GET /QuotationLines/LinkedData",
        "GET /QuotationLines/LinkedData/71",
        "POST /QuotationLines/LinkedData",
        "PUT /QuotationLines/LinkedData/72",
        "DELETE /QuotationLines/LinkedData/72",
        "GET /QuotationLines/LinkedSetup",
        "DELETE /QuotationLines/4",
    ]


def test_an_installation_without_linked_data_says_so(webcrm: Make) -> None:
    server = webcrm(httpx2.Response(400, json="Linked data is not enabled"), httpx2.Response(404))
    lines = server.client().quotation_lines
    with pytest.raises(Rejected, match="Linked data is not enabled"):
        lines.linked_data.all()
    assert lines.linked_data.setup() == {}


def test_users(webcrm: Make) -> None:
    server = webcrm(*[httpx2.Response(200, json=[{"UserId": 12}])] * 2, httpx2.Response(200, json={"UserId": 12}))
    users = server.client().users
    assert list(users.all()) == list(users.active()) == [[{"UserId": 12}]]
    assert users.get(12) == {"UserId": 12}
    assert [request.url.path for request in server.requests] == ["/Users", "/Users/AllActive", "/Users/12"]


def test_hooks(webcrm: Make) -> None:
    server = webcrm(httpx2.Response(200, json=[{"Id": 3}]), httpx2.Response(200, json=4), OK, OK)
    hooks = server.client().hooks("Organisations")
    assert list(hooks.all()) == [[{"Id": 3}]]
    assert hooks.create("https://hub.example/webcrm", "Update") == 4
    hooks.replace(4, "https://hub.example/webcrm", "Update", ("Owner",), enabled=False)
    hooks.delete(4)
    assert server.asked[1:] == ["POST /Organisations/Hooks", "PUT /Organisations/Hooks/4", "DELETE /Organisations/Hooks/4"]
    assert server.body(2) == {
        "Id": 4,
        "TargetUrl": "https://hub.example/webcrm",
        "EventType": "Update",
        "Filter": ["Owner"],
        "IsEnabled": False,
    }


def test_fields_of_an_entity(webcrm: Make, sample: Sample) -> None:
    server = webcrm(sample("fields_metadata_200"))
    fields = server.client().fields_metadata.of("Organisation")
    assert server.asked == ["GET /FieldsMetadata/Organisation"]
    assert [one.name for one in fields if one.label == "Kundnummer"] == ["OrganisationExtraCustom1"]


def test_the_application_token_is_in_no_url_log_or_error(webcrm: Make) -> None:
    server = webcrm(httpx2.Response(400, text="no"))
    with pytest.raises(Rejected) as caught:
        server.client().organisations.get(1)
    assert "the-guid" not in repr(caught.value) + str(server.sign_ins[0].url)
