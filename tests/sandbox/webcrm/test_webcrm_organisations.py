"""webCRM sandbox: organisations and persons, what is refused and what is emptied, cut or kept."""

from datetime import datetime
from typing import Literal

import pytest

from brygga_sandbox import webcrm
from brygga_sandbox.webcrm import Installation, Quirks, Sandbox
from webcrm_caller import UNLIMITED, Caller

NOON = datetime.fromisoformat("2026-03-02T12:00:00+01:00")


def test_post_answers_the_new_number_as_a_bare_integer(sandbox: Sandbox, call: Caller) -> None:
    answer = call("POST", "/Organisations", {"OrganisationName": "Fjord AB", "OrganisationId": 0})
    assert (answer.status_code, answer.text) == (200, "1")


def test_empty_fields_read_as_webcrm_writes_them(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("Organisation", [{"OrganisationId": 8812, "OrganisationName": "Fjord AB"}])
    shown = call("GET", "/Organisations/8812").json()
    assert shown["OrganisationType"] == "-- välj --"
    assert shown["OrganisationCustom3"] == "-- välj --"
    assert shown["OrganisationCustom5"] == "No"
    assert shown["OrganisationTelephone"] == ""
    assert shown["OrganisationOwner"] == 0
    assert shown["OrganisationVatVerifiedAt"] == "0001-01-01T00:00:00+00:00"
    assert shown["OrganisationXDate1"] == "0001-01-01T01:00:00+01:00"


@pytest.mark.parametrize(("language", "word"), [("da", "-- vælg --"), ("en", "-- select --")])
def test_unset_list_is_named_in_the_language_of_the_installation(language: str, word: str) -> None:
    with webcrm.running(Installation(language=language, limits=UNLIMITED)) as sandbox:
        [number] = sandbox.load("Organisation", [{"OrganisationName": "Fjord AB"}])
        assert Caller(sandbox)("GET", f"/Organisations/{number}").json()["OrganisationType"] == word


@pytest.mark.parametrize(("season", "offset"), [("2026-01-15T10:00:00+00:00", "+01:00"), ("2026-07-15T10:00:00+00:00", "+02:00")])
def test_times_carry_the_local_offset_of_their_season(sandbox: Sandbox, call: Caller, season: str, offset: str) -> None:
    sandbox.clock.stop_at(datetime.fromisoformat(season))
    call.login(sandbox.auth_code)
    call("POST", "/Organisations", {"OrganisationName": "Fjord AB"})
    shown = call("GET", "/Organisations/1").json()["OrganisationUpdatedAt"]
    assert shown.endswith(offset)
    assert datetime.fromisoformat(shown) == datetime.fromisoformat(season)


def test_put_empties_every_field_that_is_left_out(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load(
        "Organisation",
        [{"OrganisationId": 8812, "OrganisationName": "Fjord AB", "OrganisationCity": "Växjö", "OrganisationOwner": 1}],
    )
    answer = call("PUT", "/Organisations/8812", {"OrganisationId": 8812, "OrganisationTelephone": "08-465 004 12"})
    shown = call("GET", "/Organisations/8812").json()
    assert (answer.status_code, answer.content) == (200, b"")
    assert shown["OrganisationTelephone"] == "08-465 004 12"
    assert (shown["OrganisationName"], shown["OrganisationCity"], shown["OrganisationOwner"]) == ("", "", 0)
    assert shown["OrganisationCreatedBy"] == "Import"


def test_put_of_the_whole_record_changes_the_one_field_that_differs(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("Organisation", [{"OrganisationId": 8812, "OrganisationName": "Fjord AB", "OrganisationCity": "Växjö"}])
    whole = call("GET", "/Organisations/8812").json()
    call("PUT", "/Organisations/8812", {**whole, "OrganisationTelephone": "08-465 004 12"})
    [change] = sandbox.changes(by="Fortnox-integration")
    assert change.fields == {
        "OrganisationTelephone": (None, "08-465 004 12"),
        "OrganisationTelephoneSearch": (None, "0846500412"),
    }


def test_put_without_number_with_another_or_on_nothing_is_refused(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("Organisation", [{"OrganisationId": 8812, "OrganisationName": "Fjord AB"}])
    assert call("PUT", "/Organisations/8812", {"OrganisationName": "X"}).status_code == 400
    assert call("PUT", "/Organisations/8812", {"OrganisationId": 1, "OrganisationName": "X"}).status_code == 400
    assert call("PUT", "/Organisations/9", {"OrganisationId": 9, "OrganisationName": "X"}).status_code == 404
    assert sandbox.organisation(8812)["Name"] == "Fjord AB"


def test_patch_answers_a_text_for_each_item_in_order_and_each_stands_alone(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("Organisation", [{"OrganisationId": 7, "OrganisationName": "Fjord AB"}])
    answer = call(
        "PATCH",
        "/Organisations",
        [
            {"OrganisationName": "Ny AB"},
            {"OrganisationName": "L" * 201},
            {"OrganisationId": 7, "OrganisationName": "Fjord Bygg AB"},
            {"OrganisationId": 99, "OrganisationName": "Ingen AB"},
            {"OrganisationId": 0, "OrganisationName": "Till AB", "OrganisationType": "Kund – Företag"},
            "inget objekt",
        ],
    )
    first, too_long, changed, unknown, last, nonsense = answer.json()
    assert (answer.status_code, first, changed, last) == (200, "8", "7", "9")
    assert "200" in too_long
    assert "99" in unknown
    assert not nonsense.isdigit()
    assert [o["OrganisationName"] for o in sandbox.all("Organisation")] == ["Fjord Bygg AB", "Ny AB", "Till AB"]


def test_patch_empties_what_is_left_out_unless_the_installation_merges() -> None:
    for patch, city in (("replace", ""), ("merge", "Växjö")):
        with webcrm.running(Installation(limits=UNLIMITED, quirks=Quirks(patch=patch))) as sandbox:  # type: ignore[arg-type]
            sandbox.load("Organisation", [{"OrganisationName": "Fjord AB", "OrganisationCity": "Växjö"}])
            Caller(sandbox)("PATCH", "/Organisations", [{"OrganisationId": 1, "OrganisationName": "Fjord Bygg AB"}])
            assert (sandbox.organisation(1)["Name"], sandbox.organisation(1)["City"]) == ("Fjord Bygg AB", city)


@pytest.mark.parametrize(("patched", "text"), [("number", "1"), ("nothing", "")])
def test_patch_answers_for_a_changed_record_as_the_installation_does(patched: Literal["number", "nothing"], text: str) -> None:
    with webcrm.running(Installation(limits=UNLIMITED, quirks=Quirks(patched=patched))) as sandbox:
        sandbox.load("Organisation", [{"OrganisationName": "Fjord AB"}])
        answer = Caller(sandbox)("PATCH", "/Organisations", [{"OrganisationId": 1, "OrganisationName": "Fjord Bygg AB"}])
        assert (answer.json(), sandbox.organisation(1)["Name"]) == ([text], "Fjord Bygg AB")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("OrganisationTelephone", "0" * 51),
        ("OrganisationAddress", "g" * 251),
        ("OrganisationOwner", "Anna"),
        ("OrganisationOwner", 2**31),
        ("OrganisationXDate1", "i morgon"),
        ("OrganisationNoAds", "ja"),
        ("OrganisationType", "Kund - Företag"),
        ("OrganisationCustom3", "10"),
        ("OrganisationCustom5", "true"),
        ("OrganisationCity", ["Växjö"]),
    ],
)
def test_value_that_the_field_cannot_hold_is_refused_by_name(sandbox: Sandbox, call: Caller, field: str, value: object) -> None:
    answer = call("POST", "/Organisations", {"OrganisationName": "Fjord AB", field: value})
    assert answer.status_code == 400
    assert field in answer.json()
    assert sandbox.all("Organisation") == []


def test_text_longer_than_the_page_takes_is_cut_where_the_definition_has_no_length(sandbox: Sandbox, call: Caller) -> None:
    call("POST", "/Organisations", {"OrganisationName": "Fjord AB", "OrganisationPostCode": "3" * 30})
    assert sandbox.organisation(1)["PostCode"] == "3" * 20


def test_placeholder_and_empty_text_unset_a_list(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("Organisation", [{"OrganisationName": "Fjord AB", "OrganisationType": "Prospekt"}] * 2)
    for number, word in ((1, ""), (2, "-- välj --")):
        call("PUT", f"/Organisations/{number}", {"OrganisationId": number, "OrganisationType": word})
        assert sandbox.organisation(number)["Type"] == "-- välj --"


def test_pages_run_from_one_and_an_empty_one_is_the_end(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("Organisation", ({"OrganisationName": f"Bolag {n}"} for n in range(120)))
    sizes = [len(call("GET", "/Organisations", Page=page, Size=50).json()) for page in (1, 2, 3, 4)]
    assert sizes == [50, 50, 20, 0]
    assert len(call("GET", "/Organisations").json()) == 50
    assert len(call("GET", "/Organisations", page=1, size=100).json()) == 100


@pytest.mark.parametrize(
    "query", [{"Page": 0}, {"Page": 1_000_001}, {"Size": 0}, {"Size": 1001}, {"Size": "alla"}, {"Page": "--1"}]
)
def test_page_and_size_out_of_range_are_refused(sandbox: Sandbox, call: Caller, query: dict[str, object]) -> None:
    assert call("GET", "/Organisations", **query).status_code == 400


@pytest.mark.parametrize(
    ("start", "end", "hit"),
    [
        ("2026-03-02T12:00:00+01:00", "2026-03-02T12:00:01+01:00", True),
        ("2026-03-02T11:00:00Z", "2026-03-02T11:00:01Z", True),
        ("2026-03-02T11:00:00.0000000Z", "2027-01-01", True),
        ("2026-03-02T12:00:00", "2026-03-02 12:00:01", True),
        ("2026-03-02", "2026-03-03", True),
        ("0001-01-01T00:00:00+00:00", "2026-03-03", True),
        ("2026-03-02T11:00:00+01:00", "2026-03-02T12:00:00+01:00", False),
        ("2026-03-02T12:00:01", "2026-03-03", False),
    ],
)
def test_find_by_update_dates_takes_the_start_and_not_the_end(
    sandbox: Sandbox, call: Caller, start: str, end: str, hit: bool
) -> None:
    sandbox.clock.stop_at(NOON)
    sandbox.load("Organisation", [{"OrganisationName": "Fjord AB"}])
    found = call("GET", f"/Organisations/FindByUpdateDates/{start}/{end}", Page=1, Size=10)
    assert found.status_code == 200
    assert bool(found.json()) is hit


def test_find_by_dates_with_nonsense_is_refused(sandbox: Sandbox, call: Caller) -> None:
    assert call("GET", "/Organisations/FindByUpdateDates/i-dag/2026-01-01").status_code == 400
    assert call("GET", "/Organisations/FindByUpdateDates/2026-13-01/2026-01-01").status_code == 400


def test_update_by_a_person_shows_among_the_updated_and_not_among_the_created(sandbox: Sandbox, call: Caller) -> None:
    sandbox.clock.stop_at(NOON)
    sandbox.load("Organisation", [{"OrganisationId": 8812, "OrganisationName": "Fjord AB"}])
    sandbox.clock.advance(3600)
    call.login(sandbox.auth_code)
    sandbox.organisation(8812).update({"Kundnummer": "1042"}, Address="Gatan 1\nPort B")
    after = "2026-03-02T12:30:00/2026-03-03"
    [found] = call("GET", f"/Organisations/FindByUpdateDates/{after}").json()
    assert (found["OrganisationExtraCustom1"], found["OrganisationAddress"]) == ("1042", "Gatan 1\r\nPort B")
    assert found["OrganisationUpdatedBy"] == "Anna Lind"
    assert call("GET", f"/Organisations/FindByCreateDates/{after}").json() == []


def test_organisation_cannot_be_deleted_through_the_api(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("Organisation", [{"OrganisationName": "Fjord AB"}])
    answer = call("DELETE", "/Organisations/1")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PUT")
    sandbox.organisation(1).delete()
    assert call("GET", "/Organisations/1").status_code == 404


def test_person_needs_last_name_and_organisation_and_stays_with_it(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("Organisation", [{"OrganisationName": "Fjord AB"}, {"OrganisationName": "Berg AB"}])
    assert call("POST", "/Persons", {"PersonLastName": "Ek", "PersonOrganisationId": 9}).status_code == 400
    assert call("POST", "/Persons", {"PersonFirstName": "Eva", "PersonOrganisationId": 1}).status_code == 400
    assert call("POST", "/Persons", {"PersonFirstName": "Eva", "PersonLastName": "Ek", "PersonOrganisationId": 1}).text == "1"
    call("PUT", "/Persons/1", {"PersonId": 1, "PersonLastName": "Ek", "PersonOrganisationId": 2, "PersonStatus": "Resigned"})
    [person] = call("GET", "/Organisations/1/Persons").json()
    assert (person["PersonName"], person["PersonStatus"]) == ("Ek", "Resigned")


def test_fields_metadata_tells_labels_lengths_and_list_values(sandbox: Sandbox, call: Caller) -> None:
    fields = {f["FieldMetadataFriendlyFieldName"]: f for f in call("GET", "/FieldsMetadata/Organisation").json()}
    assert fields["OrganisationExtraCustom1"]["FieldMetadataLabel"] == "Kundnummer"
    assert fields["OrganisationName"]["FieldMetadataTextFieldMaxLength"] == 200
    assert fields["OrganisationCustom15"]["FieldMetadataDisplayType"] == "NONE"
    terms = fields["OrganisationCustom3"]["FieldMetadataDropdownListData"]
    assert {"Text": "10 dagar netto", "Value": "10: 10 dagar netto"} in terms
    assert "Kund – Företag" in [choice["Value"] for choice in fields["OrganisationType"]["FieldMetadataDropdownListData"]]
    assert len(call("GET", "/FieldsMetadata/All").json()) == len(call("GET", "/FieldsMetadata").json()) > len(fields)
    assert call("GET", "/FieldsMetadata/Katt").status_code == 400


def test_ten_thousand_organisations_load_and_read_fast(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("Organisation", ({"OrganisationName": f"Bolag {n} AB"} for n in range(10_000)))
    began = datetime.now(NOON.tzinfo)
    pages = [call("GET", "/Organisations", Page=page, Size=1000).json() for page in range(1, 12)]
    assert [len(page) for page in pages] == [1000] * 10 + [0]
    assert (datetime.now(NOON.tzinfo) - began).total_seconds() < 5


def test_unknown_address_is_404_and_one_that_is_not_imitated_says_so(sandbox: Sandbox, call: Caller) -> None:
    assert call("GET", "/Katter").status_code == 404
    assert call("GET", "/Opportunities").status_code == 501
    assert call("POST", "/Organisations", "nej").status_code == 400
