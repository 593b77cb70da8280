"""webCRM's connector over HTTP: what it asks, what it writes, and what it does when something is wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.webcrm import read, settings
from brygga.connectors.webcrm.connector import WebCrmConnector
from brygga.core.plan import Hold, Skip
from brygga.core.record import Customer, Ref
from brygga.errors import BadData, OutcomeUnknown, Rejected, SettingsError, Stale
from webcrm_scripted import Reply, Scripted, sample

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
SINCE = datetime(2026, 11, 20, 9, 54, tzinfo=UTC)
REF = Ref("webcrm", "customer", "8812")


def connected(*replies: Reply, **given: object) -> tuple[WebCrmConnector, Scripted]:
    server = Scripted([sample("fields_metadata_200"), *replies])
    return WebCrmConnector(server.client(), settings.read(given), lambda: NOW), server


def answers(*organisations: dict[str, Any]) -> httpx2.Response:
    whole = [{"OrganisationName": "A", "OrganisationType": "Kund – Företag", **one} for one in organisations]
    return httpx2.Response(200, json=whole)


def kund(**raw: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(sample("organisation_200").content)
    return {**whole, **raw}


def test_a_run_without_changes_asks_twice() -> None:
    connector, server = connected(answers())
    assert list(connector.changed("customer", SINCE)) == []
    assert connector.capability("customer").batch == 100
    fields, changes = [request.url.path for request in server.requests]
    assert fields == "/FieldsMetadata/Organisation"
    assert changes.startswith("/Organisations/FindByUpdateDates/2026-11-20T09:52:00Z/")


def test_everything_is_read_when_nothing_was_read_before() -> None:
    connector, server = connected(answers({"OrganisationId": 1}, {"OrganisationId": 2, "OrganisationType": "Prospekt"}))
    one, two = connector.changed("customer", None)
    assert (one.ref, one.record.name, one.complete, one.standing) == (Ref("webcrm", "customer", "1"), "A", True, None)
    assert isinstance(two.standing, Skip)
    assert server.requests[-1].url.path == "/Organisations"


def test_a_list_that_moves_under_our_hands_is_read_anew() -> None:
    first = answers(*({"OrganisationId": id} for id in range(1, 501)))
    moved = answers({"OrganisationId": 3})
    connector, server = connected(first, answers(), moved, first, answers({"OrganisationId": 501}), answers())
    ids = [seen.ref.id for seen in connector.changed("customer", SINCE)]
    assert "501" in ids
    assert len(ids) == 500 + 1 + 501
    assert server.requests[3].url.path.startswith("/Organisations/FindByUpdateDates/2026-11-20T09:58:00Z/")


def test_a_list_that_never_rests_is_given_up_for_the_next_run() -> None:
    full = [answers(*({"OrganisationId": id} for id in range(1, 501))) for _ in range(3)]
    replies = [reply for page in full for reply in (page, answers({"OrganisationId": 999}), answers({"OrganisationId": 3}))]
    connector, server = connected(*replies)
    assert len(list(connector.changed("customer", SINCE))) == 3 * 502
    assert server.replies == []


def test_a_broken_organisation_waits_and_is_not_dropped() -> None:
    connector, _ = connected(answers({"OrganisationId": 1, "OrganisationName": None}))
    [seen] = connector.changed("customer", SINCE)
    assert isinstance(seen.standing, Hold)


def test_one_organisation_is_read_or_is_gone() -> None:
    connector, _ = connected(httpx2.Response(200, json=kund()), httpx2.Response(404))
    seen = connector.get("customer", "8812")
    assert seen is not None
    assert (seen.record.number, seen.record.invoice_street) == ("1042", "Ekonomiavdelningen\nBox 114")
    assert connector.get("customer", "8813") is None


def test_html_in_place_of_organisations_is_bad_data() -> None:
    connector, _ = connected(sample("page_of_a_proxy_200"))
    with pytest.raises(BadData, match="is not JSON"):
        list(connector.changed("customer", SINCE))


def test_a_named_field_that_is_missing_stops_before_anything_is_read() -> None:
    connector, server = connected(fields={"email": "E-post"})
    with pytest.raises(SettingsError, match="E-post"):
        list(connector.changed("customer", SINCE))
    assert len(server.requests) == 1


def test_the_made_one_is_found_by_its_customer_number_exactly() -> None:
    found = [{"OrganisationId": id, "OrganisationExtraCustom1": number} for id, number in ((1, "10421"), (2, "1042 "), (3, ""))]
    connector, _ = connected(answers(*found))
    made = connector.find("customer", ["1042", "77"], SINCE)
    assert {key: seen.ref.id for key, seen in made.items()} == {"1042": "2"}


def test_one_is_posted_and_its_id_is_the_bare_integer() -> None:
    """WEB-11, WEB-28."""
    connector, server = connected(httpx2.Response(200, json=9001))
    record = Customer(number="1042", name="N" * 201, kind="private", terms_of_payment="30", currency="SEK", active=True)
    [receipt] = connector.create("customer", [Creation("1042", record)])
    assert receipt == Receipt(Ref("webcrm", "customer", "9001"))
    assert server.asked[-1] == "POST /Organisations"
    assert server.body() == {
        "OrganisationId": 0,
        "OrganisationExtraCustom1": "1042",
        "OrganisationName": "N" * 200,
        "OrganisationType": "Kund - Privat",
        "OrganisationCustom1": "30: 30 dagar netto",
        "OrganisationCustom2": "00: SEK",
    }


def test_many_are_patched_and_each_has_its_own_outcome() -> None:
    connector, server = connected(sample("bulk_200"))
    records = [Customer(name="A"), Customer(name="B", currency="USD"), Customer(name=""), Customer(name="C")]
    made = connector.create("customer", [Creation(str(n), record) for n, record in enumerate(records)])
    assert [type(one) for one in made] == [Receipt, Rejected, Rejected, Receipt]
    assert "currency USD" in str(made[1])
    assert str(made[2]).startswith("webCRM did not make the organisation for customer 2: Organisation name is missing")
    assert [body["OrganisationName"] for body in server.body()] == ["A", "", "C"]
    assert isinstance(made[3], Receipt)
    assert made[3].ref.id == "9002"


def test_nothing_is_sent_when_no_record_can_be() -> None:
    connector, server = connected()
    [error] = connector.create("customer", [Creation("1", Customer(name="A", currency="USD"))])
    assert isinstance(error, Rejected)
    assert len(server.requests) == 1


def test_a_refused_request_is_the_outcome_of_each_record() -> None:
    connector, _ = connected(httpx2.Response(400, json="Creating too fast"))
    made = connector.create("customer", [Creation("1", Customer(name="A")), Creation("2", Customer(name="B"))])
    assert [type(one) for one in made] == [Rejected, Rejected]


def test_a_lost_answer_of_a_creation_is_an_unknown_outcome() -> None:
    connector, _ = connected(httpx2.ReadError("gone"))
    with pytest.raises(OutcomeUnknown):
        connector.create("customer", [Creation("1", Customer(name="A")), Creation("2", Customer(name="B"))])


def test_a_bulk_answer_that_says_nothing_is_an_unknown_outcome() -> None:
    connector, _ = connected(httpx2.Response(200, json=["9001", ""]))
    with pytest.raises(OutcomeUnknown, match="customer 2"):
        connector.create("customer", [Creation("1", Customer(name="A")), Creation("2", Customer(name="B"))])


def update(before: dict[str, str], after: dict[str, str]) -> Update:
    return Update(REF, before, after)


def test_an_update_sends_the_whole_object_with_only_the_changed_field_altered() -> None:
    """WEB-15."""
    connector, server = connected(httpx2.Response(200, json=kund()), httpx2.Response(200))
    receipt = connector.update("customer", update({"phone": "0470-100 20"}, {"phone": "0470-100 21"}))
    assert receipt.ref == REF
    sent, before = server.body(), kund()
    assert {name for name in sent if sent[name] != before[name]} == {"OrganisationTelephone"}
    assert sent["OrganisationTelephone"] == "0470-100 21"
    assert set(sent) == set(before)
    assert [request.method for request in server.requests if request.url.path == "/Organisations/8812"] == ["GET", "PUT"]


def test_the_same_number_in_another_spelling_is_not_stale() -> None:
    connector, server = connected(httpx2.Response(200, json=kund()), httpx2.Response(200))
    connector.update("customer", update({"phone": "+46 470 100 20"}, {"phone": "0470-100 21"}))
    assert server.requests[-1].method == "PUT"


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (httpx2.Response(200, json=kund(OrganisationTelephone="040-1")), r"8812 was changed in webCRM .* \(phone\)\. Nothing"),
        (httpx2.Response(404), r"8812 is gone from webCRM\. Nothing was written"),
    ],
)
def test_what_no_longer_holds_what_the_plan_saw_is_stale(found: httpx2.Response, sentence: str) -> None:
    connector, server = connected(found)
    with pytest.raises(Stale, match=sentence):
        connector.update("customer", update({"phone": "0470-100 20"}, {"phone": "0470-100 21"}))
    assert all(request.method == "GET" for request in server.requests)


# Check -----------------------------------------------------------------------------------------------------------------


def findings(*replies: Reply, **given: object) -> dict[str, str]:
    server = Scripted(list(replies))
    rows = WebCrmConnector(server.client(), settings.read(given)).check()
    return {f"{row.level} {row.subject}": f"{row.sentence} {row.repair or ''}".strip() for row in rows}


def test_a_well_set_up_installation_has_only_good_rows() -> None:
    rows = findings(sample("fields_metadata_200"))
    assert rows["ok sign-in"] == "webCRM accepts the application token."
    assert rows["ok number"] == "number is kept in OrganisationExtraCustom1."
    assert {row.split()[0] for row in rows} == {"ok"}


def test_a_refused_token_is_one_row_with_its_repair() -> None:
    server = Scripted(sign_in=lambda request: sample("token_refused_200"))
    [row] = WebCrmConnector(server.client(), settings.read({})).check()
    assert (row.level, row.subject) == ("error", "sign-in")
    assert row.repair is not None
    assert "API > REST" in str(row.repair)


def test_fields_that_cannot_be_read_are_a_row() -> None:
    rows = findings(httpx2.Response(403))
    assert "PLUS or ENTERPRISE" in rows["error fields"]


def test_a_field_that_the_settings_name_and_webcrm_lacks_is_a_row() -> None:
    assert "E-post" in findings(sample("fields_metadata_200"), fields={"email": "E-post"})["error fields"]
    rows = findings(sample("fields_metadata_200"), fields={"email": "OrganisationXText7"})
    assert rows["error email"].startswith("webCRM has no field OrganisationXText7 for email.")


def changed_metadata(**fields: dict[str, object]) -> httpx2.Response:
    """Return the metadata with these fields changed by label, or without them."""
    raw = json.loads(sample("fields_metadata_200").content)
    kept = [{**one, **fields.get(one["FieldMetadataLabel"], {})} for one in raw]
    return httpx2.Response(200, json=[one for one in kept if one["FieldMetadataLabel"]])


def test_types_that_the_dropdown_lacks_are_rows() -> None:
    """WEB-10."""
    rows = findings(sample("fields_metadata_200"), customer_types=["Kund – Företag", "Kund – Privat", "Kund – Norge"])
    assert rows["error Type"].startswith("The Type field has no value “Kund – Norge”. Add it in webCRM, or name one of these")
    unknown = findings(changed_metadata(Typ={"FieldMetadataDropdownListData": []}))
    assert "could not be compared" in unknown["warning Type"]


def test_missing_and_short_fields_and_odd_countries_are_warnings() -> None:
    """WEB-12."""
    odd = [{"Text": "Sverige", "Value": "Sverige"}, {"Text": "Atlantis", "Value": "Atlantis"}]
    rows = findings(
        changed_metadata(
            Valuta={"FieldMetadataLabel": ""},
            Kundnummer={"FieldMetadataTextFieldMaxLength": 4},
            Land={"FieldMetadataDropdownListData": odd},
        )
    )
    assert rows["warning currency"].startswith("webCRM has no field labelled “Valuta”, so currency is not synced.")
    assert rows["warning number"].startswith("OrganisationExtraCustom1 holds 4 characters only")
    assert "Atlantis" in rows["warning visiting_country"]


def test_a_country_dropdown_that_is_understood_needs_no_word() -> None:
    known = [{"Text": "Sverige", "Value": "Sverige"}, {"Text": "Norge", "Value": "Norge"}]
    rows = findings(changed_metadata(Land={"FieldMetadataDropdownListData": known}))
    assert {row.split()[0] for row in rows} == {"ok"}


def test_the_clock_is_aware() -> None:
    assert read.now().tzinfo is not None
