"""webCRM sandbox: deliveries, their rows, the register of articles, products, users and hooks."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from brygga_sandbox import webcrm
from brygga_sandbox.webcrm import Installation, Quirks, Sandbox
from webcrm_caller import UNLIMITED, Caller

DATA = {"QuotationLineData1": "A100", "QuotationLineData2": "Skruv", "QuotationLineData3": "st"}
ITEM = "QuotationLineLinkedDataItem"


@pytest.fixture
def delivery(sandbox: Sandbox) -> int:
    """One organisation (1) with one delivery (1)."""
    sandbox.load("Organisation", [{"OrganisationName": "Fjord AB"}, {"OrganisationName": "Berg AB"}])
    return sandbox.load("Delivery", [{"DeliveryOrganisationId": 1, "DeliveryNumber": "L1"}])[0]


def test_delivery_needs_an_organisation_that_exists(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("Organisation", [{"OrganisationName": "Fjord AB"}])
    assert call("POST", "/Deliveries", {"DeliveryDescription": "Utan"}).status_code == 400
    assert call("POST", "/Deliveries", {"DeliveryOrganisationId": 9}).status_code == 400
    assert call("POST", "/Deliveries", {"DeliveryOrganisationId": 1, "DeliveryPersonId": 3}).status_code == 400
    assert call("POST", "/Deliveries", {"DeliveryOrganisationId": 1}).text == "1"


def test_new_delivery_reads_with_its_defaults_and_the_own_currency_as_a_code(delivery: int, call: Caller) -> None:
    shown = call("GET", f"/Deliveries/{delivery}").json()
    assert (shown["DeliveryStatus"], shown["DeliveryErpStatus"]) == ("New", "NotReadyForSynchronization")
    assert (shown["DeliveryCurrencyName"], shown["DeliveryOrderDate"]) == ("00", "0001-01-01T00:00:00+00:00")


@pytest.mark.parametrize(("sent", "read"), [("SEK", "00"), ("00", "00"), ("", "00"), ("EUR", "EUR")])
def test_currency_of_a_delivery_by_code_or_name(sandbox: Sandbox, call: Caller, delivery: int, sent: str, read: str) -> None:
    call("PUT", "/Deliveries/1", {"DeliveryId": 1, "DeliveryCurrencyName": sent})
    assert sandbox.delivery(1)["CurrencyName"] == read


def test_currency_that_is_not_set_up_is_refused(call: Caller, delivery: int) -> None:
    answer = call("PUT", "/Deliveries/1", {"DeliveryId": 1, "DeliveryCurrencyName": "JPY"})
    assert answer.status_code == 400


def test_two_deliveries_with_one_number_lock_each_other_until_a_person_changes_it(
    sandbox: Sandbox, call: Caller, delivery: int
) -> None:
    second = call("POST", "/Deliveries", {"DeliveryOrganisationId": 2, "DeliveryNumber": "L1"}).json()
    for number in (delivery, second):
        answer = call("PUT", f"/Deliveries/{number}", {"DeliveryId": number, "DeliveryNumber": f"ny{number}"})
        assert answer.status_code == 500
        assert call("GET", f"/Deliveries/{number}").status_code == 200
    [text] = call("PATCH", "/Deliveries", [{"DeliveryId": second, "DeliveryNumber": "ny"}]).json()
    assert "locked" in text
    line = call("POST", "/QuotationLines", {**DATA, "QuotationLineOpportunityId": delivery})
    assert line.status_code == 500
    sandbox.delivery(second).update(Number="L2")
    assert call("PUT", "/Deliveries/1", {"DeliveryId": 1, "DeliveryNumber": "L1"}).status_code == 200


def test_put_does_not_move_a_delivery_and_move_does(sandbox: Sandbox, call: Caller, delivery: int) -> None:
    call("PUT", "/Deliveries/1", {"DeliveryId": 1, "DeliveryOrganisationId": 2, "DeliveryNumber": "L1"})
    assert sandbox.delivery(1)["OrganisationId"] == 1
    assert call("POST", "/Deliveries/1/Move", {"NewOrganisationId": 9}).status_code == 400
    assert call("POST", "/Deliveries/1/Move", {"NewOrganisationId": 2}).status_code == 204
    assert sandbox.delivery(1)["OrganisationId"] == 2


def test_deliveries_are_found_by_organisation_responsible_status_and_creation(
    sandbox: Sandbox, call: Caller, delivery: int
) -> None:
    sandbox.load("Delivery", [{"DeliveryOrganisationId": 2, "DeliveryResponsible": 1, "DeliveryStatus": "Completed"}])

    def ids(path: str) -> list[int]:
        return [found["DeliveryId"] for found in call("GET", "/Deliveries" + path).json()]

    assert ids("/ByOrganisation/1") == [1]
    assert ids("/ByResponsible/1") == [2]
    assert ids("/ByStatus/Completed") == ids("/ByStatus/3") == [2]
    assert ids("/ByStatus/New") == [1]
    assert ids("/FindByCreateDates/2020-01-01/2100-01-01") == [1, 2]
    assert call("GET", "/Deliveries/ByStatus/Klar").status_code == 400
    assert call("GET", "/Deliveries/FindByUpdateDates/2020-01-01/2100-01-01").status_code == 404


def test_row_with_an_empty_data_field_is_refused_and_a_dash_is_taken(sandbox: Sandbox, call: Caller, delivery: int) -> None:
    row = {**DATA, "QuotationLineOpportunityId": delivery, "QuotationLinePrice": 12.5, "QuotationLineQuantity": 3}
    assert call("POST", "/QuotationLines", {**row, "QuotationLineData3": ""}).status_code == 400
    assert call("POST", "/QuotationLines", {**row, "QuotationLineData3": "-"}).text == "1"
    [shown] = call("GET", f"/Deliveries/{delivery}/QuotationLines").json()
    assert (shown["QuotationLineData3"], shown["QuotationLinePrice"], shown["QuotationLineQuantity"]) == ("-", 12.5, 3.0)
    assert "QuotationLineLinkedDataId" not in shown


def test_row_needs_a_delivery_and_can_be_changed_and_deleted(sandbox: Sandbox, call: Caller, delivery: int) -> None:
    assert call("POST", "/QuotationLines", {**DATA, "QuotationLineOpportunityId": 77}).status_code == 400
    call("POST", "/QuotationLines", {**DATA, "QuotationLineOpportunityId": delivery, "QuotationLinePrice": 10})
    body = {**DATA, "QuotationLineId": 1, "QuotationLineOpportunityId": delivery, "QuotationLineQuantity": 2}
    assert call("PUT", "/QuotationLines/1", body).status_code == 200
    assert sandbox.line(1)["Price"] == 0.0
    assert call("DELETE", "/QuotationLines/1").status_code == 200
    assert sandbox.lines_of(delivery) == []


@pytest.mark.parametrize("touches", [False, True])
def test_changed_row_shows_on_its_delivery_only_where_the_installation_does_that(touches: bool) -> None:
    quirks = Quirks(lines_touch_delivery=touches)
    with webcrm.running(Installation(limits=UNLIMITED, quirks=quirks)) as sandbox:
        sandbox.load("Organisation", [{"OrganisationName": "Fjord AB"}])
        sandbox.load("Delivery", [{"DeliveryOrganisationId": 1}])
        before = sandbox.delivery(1)["UpdatedAt"]
        time.sleep(0.005)
        Caller(sandbox)("POST", "/QuotationLines", {**DATA, "QuotationLineOpportunityId": 1})
        assert (sandbox.delivery(1)["UpdatedAt"] != before) is touches


def _item(number: str, **more: Any) -> dict[str, Any]:
    fields = {"Id": 0, "Data1": number, "Data2": "Skruv", "Data3": "st", "Price": 25.0, "CostPrice": 11.5, **more}
    return {ITEM + name: value for name, value in fields.items()}


def test_register_of_articles_takes_each_number_once(sandbox: Sandbox, call: Caller) -> None:
    assert call("POST", "/QuotationLines/LinkedData", _item("A100")).text == "1"
    assert call("POST", "/QuotationLines/LinkedData", _item("A100")).status_code == 400
    assert call("POST", "/QuotationLines/LinkedData", _item("A200", Data2="")).status_code == 400
    changed = _item("A100", Id=1, Price=30.0)
    assert call("PUT", "/QuotationLines/LinkedData/1", changed).status_code == 200
    [shown] = call("GET", "/QuotationLines/LinkedData").json()
    assert (shown[f"{ITEM}Price"], shown[f"{ITEM}CostPrice"]) == (30.0, 11.5)
    assert call("DELETE", "/QuotationLines/LinkedData/1").status_code == 200
    assert call("GET", "/QuotationLines/LinkedData/1").status_code == 404


def test_register_comes_whole_whatever_page_is_asked_for(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load(ITEM, [_item(f"A{n}") for n in range(150)])
    assert len(call("GET", "/QuotationLines/LinkedData", Page=2, Size=50).json()) == 150


def test_row_copies_from_its_article_what_it_does_not_say(sandbox: Sandbox, call: Caller, delivery: int) -> None:
    sandbox.load(ITEM, [_item("A100")])
    row = {"QuotationLineOpportunityId": delivery, "QuotationLineLinkedDataId": 1, "QuotationLinePrice": 20}
    assert call("POST", "/QuotationLines", row).status_code == 200
    line = sandbox.line(1)
    assert (line["Data1"], line["Data2"], line["Price"], line["ListPrice"]) == ("A100", "Skruv", 20.0, 25.0)
    assert call("POST", "/QuotationLines", {**row, "QuotationLineLinkedDataId": 9}).status_code == 400


def test_linked_setup_tells_which_data_fields_are_in_use(call: Caller) -> None:
    setup = call("GET", "/QuotationLines/LinkedSetup").json()
    assert [n for n in range(1, 10) if setup[f"QuotationLineLinkedSetupUseLinkedField{n}"]] == [1, 2, 3]
    assert setup["QuotationLineLinkedSetupIsUniqueValueRequired"] is True


def test_calls_for_linked_data_fail_with_a_sentence_where_it_is_switched_off(call: Caller) -> None:
    with webcrm.running(Installation(limits=UNLIMITED, linked_data=False)) as sandbox:
        off = Caller(sandbox)
        sandbox.load("Organisation", [{"OrganisationName": "Fjord AB"}])
        sandbox.load("Delivery", [{"DeliveryOrganisationId": 1}])
        for path in ("LinkedData", "LinkedSetup"):
            answer = off("GET", f"/QuotationLines/{path}")
            assert (answer.status_code, "not enabled" in answer.json()) == (400, True)
        row = {**DATA, "QuotationLineOpportunityId": 1, "QuotationLineLinkedDataId": 1}
        assert off("POST", "/QuotationLines", row).status_code == 400
    assert call("GET", "/Organisations/LinkedData").status_code == 400


def test_products_are_what_an_organisation_bought_and_can_be_deleted(sandbox: Sandbox, call: Caller, delivery: int) -> None:
    assert call("POST", "/Products", {"ProductCombined": "Licens"}).status_code == 400
    assert call("POST", "/Products", {"ProductCombined": "Licens", "ProductOrganisationId": 1}).text == "1"
    assert len(call("GET", "/Organisations/1/Products").json()) == 1
    assert call("DELETE", "/Products/1").status_code == 200
    assert call("DELETE", "/Deliveries/1").status_code == 405


def test_users_are_listed_and_the_active_ones_apart(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("User", [{"UserName": "Slutat", "UserPassword": "hemligt"}])
    assert [user["UserName"] for user in call("GET", "/Users").json()] == ["Anna Lind", "Slutat"]
    assert [user["UserName"] for user in call("GET", "/Users/AllActive").json()] == ["Anna Lind"]
    assert "UserPassword" not in call("GET", "/Users/2").json()


@pytest.fixture
def listener() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address on this machine that keeps what is posted to it."""
    got: list[dict[str, Any]] = []

    class Keep(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Keep)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/webcrm", got
    server.shutdown()
    server.server_close()


def _wait_for(posted: list[Any], count: int) -> None:
    for _ in range(300):
        if len(posted) >= count:
            return
        time.sleep(0.01)


def test_hook_posts_each_event_of_its_kind_also_our_own(
    sandbox: Sandbox, call: Caller, listener: tuple[str, list[dict[str, Any]]]
) -> None:
    url, got = listener
    hook = {"Id": 0, "IsEnabled": True, "TargetUrl": url, "EventType": "Update", "Filter": ["All"]}
    number = call("POST", "/Organisations/Hooks", hook).json()
    assert call("GET", f"/Organisations/Hooks/{number}").json()["TargetUrl"] == url
    sandbox.load("Organisation", [{"OrganisationId": 8812, "OrganisationName": "Fjord AB"}])
    sandbox.organisation(8812).update(City="Växjö")
    call("PUT", "/Organisations/8812", {"OrganisationId": 8812, "OrganisationName": "Fjord AB"})
    call("POST", "/Organisations", {"OrganisationName": "Ny AB"})
    event = {"HookId": number, "EventType": "Update", "EntityType": "Organisation", "EntityId": 8812}
    _wait_for(got, 2)
    assert got == [event, event]
    call("PUT", f"/Organisations/Hooks/{number}", {**hook, "Id": number, "IsEnabled": False})
    sandbox.organisation(8812).update(City="Älmhult")
    call("DELETE", f"/Organisations/Hooks/{number}")
    assert call("GET", "/Organisations/Hooks").json() == []
    sandbox.hooks.close()
    assert len(got) == 2


def test_hook_for_ones_own_deliveries_passes_over_the_others(
    sandbox: Sandbox, call: Caller, delivery: int, listener: tuple[str, list[dict[str, Any]]]
) -> None:
    url, got = listener
    hook = {"IsEnabled": True, "TargetUrl": url, "EventType": "Create", "Filter": ["Responsible"]}
    assert call("POST", "/Deliveries/Hooks", hook).status_code == 200
    call("POST", "/Deliveries", {"DeliveryOrganisationId": 1})
    call("POST", "/Deliveries", {"DeliveryOrganisationId": 1, "DeliveryResponsible": 1})
    _wait_for(got, 1)
    assert [event["EntityId"] for event in got] == [3]


@pytest.mark.parametrize(
    "wrong", [{"TargetUrl": "ftp://x"}, {"EventType": "Change"}, {"Filter": ["Alla"]}, {"Filter": []}, {"IsEnabled": "ja"}]
)
def test_hook_that_makes_no_sense_is_refused(call: Caller, wrong: dict[str, Any]) -> None:
    hook = {"IsEnabled": True, "TargetUrl": "http://127.0.0.1:9/", "EventType": "Create", "Filter": ["All"]}
    assert call("POST", "/Organisations/Hooks", {**hook, **wrong}).status_code == 400


def test_hook_to_another_machine_is_never_called(sandbox: Sandbox, call: Caller) -> None:
    hook = {"IsEnabled": True, "TargetUrl": "http://webb.example/", "EventType": "Create", "Filter": ["All"]}
    call("POST", "/Organisations/Hooks", hook)
    call("POST", "/Organisations", {"OrganisationName": "Fjord AB"})
    _wait_for(sandbox.hooks.posted, 1)
    assert [posted.status for posted in sandbox.posted()] == [None]


def test_state_is_kept_in_its_folder(tmp_path: Any) -> None:
    installation = Installation(limits=UNLIMITED)
    with webcrm.running(installation, state=tmp_path) as sandbox:
        sandbox.load("Organisation", [{"OrganisationId": 8812, "OrganisationName": "Fjord AB", "OrganisationType": "Prospekt"}])
        sandbox.load("Delivery", [{"DeliveryOrganisationId": 8812, "DeliveryOrderDate": "2026-03-01", "DeliveryOrderValue": 12.5}])
        hook = {"IsEnabled": False, "TargetUrl": "http://127.0.0.1:9/", "EventType": "Create", "Filter": ["All"]}
        Caller(sandbox)("POST", "/Persons/Hooks", hook)
        before = {entity: sandbox.all(entity) for entity in ("Organisation", "Delivery", "User")}
    with webcrm.running(installation, state=tmp_path) as sandbox:
        assert {entity: sandbox.all(entity) for entity in before} == before
        assert len(Caller(sandbox)("GET", "/Persons/Hooks").json()) == 1
        assert sandbox.load("Organisation", [{"OrganisationName": "Ny AB"}]) == [8813]


def test_person_makes_a_delivery_with_rows_that_the_api_would_refuse(sandbox: Sandbox, call: Caller) -> None:
    number = sandbox.add_delivery(
        {"Fakturadatum": "2026-03-01", "Ordertext": "Rad ett\nRad två", "Status": "OnGoing"},
        [{"Artikelnummer": "A100", "Quantity": 2, "Price": 12.5}, {"Benämning": "Utan artikel"}],
    )
    shown = call("GET", f"/Deliveries/{number}").json()
    assert (shown["DeliveryOrganisationId"], shown["DeliveryCustom1"], shown["DeliveryPlus1"]) == (
        0,
        "2026-03-01",
        "Rad ett\r\nRad två",
    )
    first, second = call("GET", f"/Deliveries/{number}/QuotationLines").json()
    assert (first["QuotationLineData1"], first["QuotationLineQuantity"], first["QuotationLineSortOrder"]) == ("A100", 2.0, 1)
    assert (second["QuotationLineData1"], second["QuotationLineData2"]) == ("", "Utan artikel")
    assert sandbox.writes() == []
