"""Marked assignments from Mobigo to Fortnox as orders or invoices: rows MOB-04 to MOB-19, MOB-26 to MOB-28, rulings D1 and D10."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from brygga_sandbox.fortnox.documents.document import Document
from brygga_sandbox.fortnox.errors import refusal
from mobigo_hub import MATERIAL, TIME, MobigoHub, assignment, priced


def created(hub: MobigoHub, path: str = "/3/orders") -> list[dict[str, Any]]:
    """Return the bodies of the documents that Fortnox was asked to make, without their envelopes."""
    return [next(iter(body.values())) for method, at, body in hub.fortnox_writes() if (method, at) == ("POST", path)]


def test_marked_assignment_becomes_an_order_with_its_times_and_materials(mobigo_hub: MobigoHub) -> None:
    """MOB-04, MOB-06, MOB-07, MOB-27: article, text, quantity, unit and price; times first."""
    hub = mobigo_hub
    assignment(hub)
    result = hub.sync("assignments")
    assert (result["status"], result["counts"]["created"]) == ("done", 1)
    [order] = created(hub)
    time, material = order["OrderRows"]
    assert (time["ArticleNumber"], time["Description"], float(time["DeliveredQuantity"]), time["Price"]) == (
        "100",
        "Felsökning",
        2.5,
        650,
    )
    assert (material["ArticleNumber"], material["Description"], float(material["DeliveredQuantity"])) == (
        "200",
        "Packning 15 mm",
        4,
    )
    assert (material["Unit"], material["Price"]) == ("st", 12.5)
    [made] = hub.records("orders")
    assert made["CustomerNumber"] == "1042"


def test_assignment_becomes_an_invoice_where_the_settings_say_so(mobigo_hub: MobigoHub) -> None:
    """MOB-05: a setting of the connection; the rest is the same."""
    hub = mobigo_hub
    hub.declare(document="invoice")
    assignment(hub)
    hub.sync("assignments")
    assert len(created(hub, "/3/invoices")) == 1
    assert hub.records("orders") == []
    export = hub.mobigo.get("Assignments", "1001")["export"]
    assert (export["documentType"], export["documentNumber"]) == ("invoice", hub.records("invoices")[0]["DocumentNumber"])


def test_only_billable_rows_follow(mobigo_hub: MobigoHub) -> None:
    """MOB-06, MOB-07: Faktureras decides; a time type without an article stays where that is set, and that is said."""
    hub = mobigo_hub
    hub.declare(unlinked_time_types="leave_out")
    times = [TIME, {**TIME, "billable": False, "text": "Garanti"}, {**TIME, "timeType": "Restid", "text": "Resa"}]
    assignment(hub, times=times, materials=[{**MATERIAL, "billable": False}])
    result = hub.sync("assignments")
    assert [row["Description"] for row in created(hub)[0]["OrderRows"]] == ["Felsökning"]
    [item] = [item for item in result["items"] if item["action"] == "create"]
    assert (item["rule"], "Restid" in item["message"]) == ("MOB-06", True)
    assert "Restid" in hub.mobigo.get("Assignments", "1001")["export"]["message"]


@pytest.mark.performs(
    "Link the time type to an article in Mobigo or under time_types, or mark the rows as not billable.",
)
def test_time_type_is_linked_here_or_holds_the_assignment_where_that_is_set(mobigo_hub: MobigoHub) -> None:
    """MOB-06: the article of a time type may be chosen in the hub; hold lets the whole assignment wait."""
    hub = mobigo_hub
    hub.declare(unlinked_time_types="hold")
    assignment(hub, times=[{**TIME, "timeType": "Restid"}])
    hub.sync("assignments")
    assert created(hub) == []
    [problem] = hub.problems("assignments", "hold")
    assert (problem["rule"], "Restid" in problem["text"]) == ("MOB-06", True)
    hub.declare(time_types={"Restid": "201"})
    hub.sync("assignments")
    assert created(hub)[0]["OrderRows"][0]["ArticleNumber"] == "201"
    assert hub.problems("assignments") == []


def test_times_and_materials_can_be_switched_off_apart(mobigo_hub: MobigoHub) -> None:
    """MOB-06, MOB-07: the sister modules' switches; an assignment that nothing is left of waits."""
    hub = mobigo_hub
    hub.declare(export_times=False)
    assignment(hub)
    assignment(hub, "1002", materials=[])
    hub.sync("assignments")
    assert [[row["ArticleNumber"] for row in order["OrderRows"]] for order in created(hub)] == [["200"]]
    assert [problem["record"] for problem in hub.problems("assignments", "hold")] == ["mobigo:1002"]


@pytest.mark.performs(
    "Enter the price on the row, 0 where it is free, or give the article a price in Fortnox.",
)
def test_price_is_fortnox_own_where_the_row_has_none_or_the_settings_say_so(mobigo_hub: MobigoHub) -> None:
    """MOB-07: with "hämta pris från artikel" Fortnox' price list decides; its price is looked up first, and where there is none it waits."""
    hub = mobigo_hub
    hub.declare(price_from="article")
    assignment(hub)
    hub.sync("assignments")
    assert created(hub) == []
    [held] = hub.problems("assignments", "hold")
    assert "has no price, and article 100 has none in Fortnox" in held["text"]
    priced(hub, ("100", "710"), ("200", "14.5"))
    hub.sync("assignments")
    assert [(row["Price"], row["VAT"]) for row in created(hub)[0]["OrderRows"]] == [(710, 25), (14.5, 25)]


def test_extra_fields_and_references_fill_the_fields_that_a_person_linked(mobigo_hub: MobigoHub) -> None:
    """MOB-08: a table of the user's; two sources of one field are joined. Kind 12: a postcode is in its form, one that is none is told."""
    hub = mobigo_hub
    links = {"Extrafält 1": "your_order_number", "Märkning": "your_order_number", "Internanteckning": "comments"}
    hub.declare(field_links={**links, "Extrafält 2": "delivery_postcode", "Objekt": "delivery_city"})
    assignment(
        hub, extraFields={"Extrafält 1": "PO-7", "Extrafält 2": "SE-97231"}, references={"marking": "Hus B"}, internalNote="Ring först",
        object="Luleå",
    )  # fmt: skip
    assignment(hub, "1002", extraFields={"Extrafält 2": "9723"}, object="Luleå")
    result = hub.sync("assignments")
    order, other = created(hub)
    assert (order["YourOrderNumber"], order["Comments"]) == ("PO-7 Hus B", "Ring först")
    assert (order["DeliveryZipCode"], other["DeliveryZipCode"]) == ("972 31", "9723")
    assert "1002 (Mobigo 1002): “9723” is no postcode of SE" in str(result)


def test_fixed_links_cannot_be_chosen_and_are_shown_as_fixed(mobigo_hub: MobigoHub) -> None:
    """MOB-09, MOB-16: customer, references, articles and quantities are no choice; the explanation lists them."""
    from brygga.connectors import explain_settings
    from brygga.errors import SettingsError

    for target in ("our_reference", "customer_number", "text", "rows"):
        with pytest.raises(SettingsError, match="field_links"):
            mobigo_hub.declare(field_links={"Extrafält 1": target})
    [row] = [row for row in explain_settings("mobigo") if row["key"] == "field_links"]
    fixed: Any = row["fixed"]
    assert {"Kundnummer", "Åtgärdstext", "Vår referens, Er referens"} <= {one["from"] for one in fixed}


def test_nothing_but_orders_is_written_to_fortnox_and_nothing_but_results_to_mobigo(mobigo_hub: MobigoHub) -> None:
    """MOB-11, MOB-12: no customer, no article, no payment; of the assignment its export result only."""
    hub = mobigo_hub
    before = hub.records("customers")
    hub.mobigo.load("Customers", [{"number": "1042", "name": "Annat namn AB", "phone": "08-465 004 99"}])
    assignment(hub)
    hub.sync("assignments")
    assert {path for _, path, _ in hub.fortnox_writes()} == {"/3/orders"}
    assert [path for _, path, _ in hub.mobigo.writes()] == ["/v1/Core/Assignments/1001/ExportResult"]
    assert hub.records("customers") == before


def test_order_carries_the_customer_as_fortnox_has_it(mobigo_hub: MobigoHub) -> None:
    """MOB-13, MOB-15, MOB-16: only the number is sent; name and references come from Fortnox' customer."""
    hub = mobigo_hub
    hub.mobigo.load("Customers", [{"number": "1042", "name": "Annat namn AB"}])
    assignment(hub, references={"ourReference": "Fel person", "yourReference": "Fel person"})
    hub.sync("assignments")
    [sent], [made] = created(hub), hub.records("orders")
    assert not {"CustomerName", "OurReference", "YourReference", "Address1", "TermsOfPayment"} & set(sent)
    assert (made["CustomerName"], made["OurReference"], made["YourReference"]) == ("Alm Fastigheter AB", "Vera Lind", "Karin Ek")


def test_missing_customer_refuses_that_assignment_and_only_that(mobigo_hub: MobigoHub) -> None:
    """MOB-13, MOB-14: looked up exactly (104 is not 1042); the others go, the refused one is named and stays unexported."""
    hub = mobigo_hub
    assignment(hub, "1001", customerNumber="104")
    assignment(hub, "1002")
    assignment(hub, "1003", customerNumber=None)
    hub.fortnox.company.load("customers", [{"CustomerNumber": "77", "Name": "Vilande AB", "Active": False}])
    assignment(hub, "1004", customerNumber="77")
    hub.sync("assignments")
    assert len(created(hub)) == 1
    held = {problem["record"]: problem["rule"] for problem in hub.problems("assignments", "hold")}
    assert held == {"mobigo:1001": "MOB-14", "mobigo:1003": "MOB-13", "mobigo:1004": "MOB-14"}
    assert hub.mobigo.get("Assignments", "1001")["export"]["documentNumber"] is None
    hub.fortnox.company.load("customers", [{"CustomerNumber": "104", "Name": "Nya AB"}])
    hub.sync("assignments", "1001")
    assert hub.mobigo.get("Assignments", "1001")["export"]["documentNumber"] is not None


def remarks_and_text_row(hub: MobigoHub, document: str) -> tuple[str, list[str]]:
    """Return Remarks of the one document as sent, and its rows of text."""
    [body] = created(hub, f"/3/{document}s")
    rows = body[f"{document.capitalize()}Rows"]
    return body.get("Remarks", ""), [row["Description"] for row in rows if set(row) == {"Description"}]


@pytest.mark.parametrize("document", ["order", "invoice"])
@pytest.mark.parametrize("length", [0, 1023, 1024, 1025, 1051, 1052, 1053, 5000])
def test_action_text_follows_up_to_1052_characters(mobigo_hub: MobigoHub, length: int, document: str) -> None:
    """MOB-17, MOB-18, MOB-19, D1: 1,024 in Remarks, 28 at most in one text row right after; longer ones go on with a warning."""
    hub = mobigo_hub
    hub.declare(document=document)
    text = "".join("åäö bytt"[place % 8] for place in range(length))[: length - 1] + ("." if length else "")
    assignment(hub, actionText=text)
    result = hub.sync("assignments")
    remarks, rows = remarks_and_text_row(hub, document)
    assert remarks == text[:1024]
    assert rows == ([text[1024:1052]] if length > 1024 else [])
    [item] = [item for item in result["items"] if item["action"] == "create"]
    assert (item["rule"] == "MOB-18") == (length > 1052)
    assert (str(length) in (item["message"] or "")) == (length > 1052)
    assert (hub.mobigo.get("Assignments", "1001")["actionText"] or "") == text
    told = hub.mobigo.get("Assignments", "1001")["export"]["message"] or ""
    assert ("1052" in told) == (length > 1052)


@pytest.mark.parametrize("length", [1051, 1052, 1053, 5000])
def test_emoji_and_line_breaks_are_counted_as_characters_and_the_export_goes_on(mobigo_hub: MobigoHub, length: int) -> None:
    """MOB-18: characters, not bytes. Fortnox takes no emoji: they are left out there, and 1,052 of Mobigo's characters follow."""
    hub = mobigo_hub
    text = ("Åtgärd 🔧 klar\r\nBytt rör, ok.\n" * 200)[: length - 1] + "!"
    assert len(text) == length
    assignment(hub, actionText=text)
    result = hub.sync("assignments")
    assert result["counts"]["created"] == 1
    remarks, rows = remarks_and_text_row(hub, "order")
    kept = text[:1052].replace("🔧", "").replace("\r\n", "\n")
    assert remarks == kept[:1024]
    assert "".join(rows) == kept[1024:].replace("\n", " ")
    [item] = [item for item in result["items"] if item["action"] == "create"]
    assert (item["rule"] == "MOB-18") == (length > 1052)


def test_limit_of_the_action_text_is_a_setting(mobigo_hub: MobigoHub) -> None:
    """D1: 1,052 is the default of a named setting."""
    hub = mobigo_hub
    hub.declare(action_text_limit=100)
    assignment(hub, actionText="x" * 101)
    hub.sync("assignments")
    assert created(hub)[0]["Remarks"] == "x" * 100


def test_missing_article_refuses_the_assignment_by_default(mobigo_hub: MobigoHub) -> None:
    """D10: the assignment waits with the article named; the others go."""
    hub = mobigo_hub
    assignment(hub, "1001", materials=[{**MATERIAL, "articleNumber": "999"}])
    assignment(hub, "1002")
    hub.sync("assignments")
    assert len(created(hub)) == 1
    [problem] = hub.problems("assignments", "hold")
    assert (problem["record"], "999" in problem["text"]) == ("mobigo:1001", True)
    assert "articles" not in {path.split("/")[2] for _, path, _ in hub.fortnox_writes()}


def test_missing_article_is_made_with_basic_data_where_that_is_set(mobigo_hub: MobigoHub) -> None:
    """D10: number, name and unit, once, though two assignments need it."""
    hub = mobigo_hub
    hub.declare(create_missing_articles=True)
    for number in ("1001", "1002"):
        assignment(hub, number, materials=[{**MATERIAL, "articleNumber": "999", "name": "Ventil"}])
    hub.sync("assignments")
    assert created(hub, "/3/articles") == [{"ArticleNumber": "999", "Description": "Ventil", "Unit": "st"}]
    assert len(created(hub)) == 2


def test_only_marked_or_chosen_assignments_go_and_each_becomes_one_document(mobigo_hub: MobigoHub) -> None:
    """MOB-26: two of one customer are two documents; what is neither marked nor chosen stays."""
    hub = mobigo_hub
    for number in ("1001", "1002"):
        assignment(hub, number)
    assignment(hub, "1003", marked=False)
    assignment(hub, "1004", marked=False)
    hub.sync("assignments")
    assert len(hub.records("orders")) == 2
    hub.sync("assignments", "1004")
    assert len(hub.records("orders")) == 3
    assert hub.mobigo.get("Assignments", "1003")["export"]["documentNumber"] is None


def test_assignments_are_chosen_on_the_command_line(mobigo_hub: MobigoHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """MOB-26, MOB-27: brygga sync acme/mobigo.assignments --only mobigo:1001 --only mobigo:1002."""
    from brygga.cli import main, say

    hub = mobigo_hub
    for number in ("1001", "1002", "1003"):
        assignment(hub, number, marked=False)
    only = ["--only", "mobigo:1001", "--only", "mobigo:1003"]
    monkeypatch.setattr(sys, "argv", ["brygga", "sync", "acme/mobigo.assignments", *only, "--json"])
    monkeypatch.setattr(say.out, "_file", sys.stdout, raising=False)
    with contextlib.suppress(SystemExit):
        main.main()
    assert sorted(hub.links("assignments")) == ["1001", "1003"]


def test_status_and_attestation_hold_where_the_settings_ask_for_them(mobigo_hub: MobigoHub) -> None:
    """MOB-26: the sister modules' conditions; by default every marked one goes."""
    hub = mobigo_hub
    hub.declare(only_completed=True, only_attested=True)
    assignment(hub, "1001", status="Pågående", attested=True)
    assignment(hub, "1002", attested=False)
    assignment(hub, "1003", attested=True)
    hub.sync("assignments")
    assert list(hub.links("assignments")) == ["1003"]
    assert {problem["record"] for problem in hub.problems("assignments", "hold")} == {"mobigo:1001", "mobigo:1002"}


def test_number_and_archived_mark_come_back_and_nothing_is_exported_twice(mobigo_hub_on_both: MobigoHub) -> None:
    """MOB-28: the document's number stands on the assignment; marked or chosen again, it stays as it is."""
    hub = mobigo_hub_on_both
    assignment(hub)
    hub.sync("assignments")
    [order] = hub.records("orders")
    known = hub.mobigo.get("Assignments", "1001")
    assert (known["export"]["documentNumber"], known["export"]["archived"]) == (order["DocumentNumber"], True)
    assert (known["status"], known["export"]["marked"]) == ("Arkiverat", False)
    hub.mobigo.edit("Assignments", "1001", actionText="Ändrad efteråt")
    hub.mobigo.mark("1001")
    hub.sync("assignments")
    hub.sync("assignments", "1001")
    assert len(hub.records("orders")) == 1
    assert any("1001" in row["text"] for row in hub.check() if row["subject"] == "assignments")


def test_assignment_exported_by_another_way_is_left_alone(mobigo_hub: MobigoHub) -> None:
    """MOB-28: a document number that stands on the assignment already is enough, whoever wrote it."""
    hub = mobigo_hub
    assignment(hub, export={"documentType": "invoice", "documentNumber": "55", "exported": "2026-01-02T08:00:00.000Z"})
    result = hub.sync("assignments")
    assert created(hub) == []
    assert [(item["rule"], "55" in item["message"]) for item in result["items"]] == [("MOB-28", True)]


def test_archived_mark_is_left_out_where_that_is_set(mobigo_hub: MobigoHub) -> None:
    """MOB-28: "Sätt automatiskt Arkiverad-flagga" switched off; the number comes all the same."""
    hub = mobigo_hub
    hub.declare(archive=False)
    assignment(hub)
    hub.sync("assignments")
    known = hub.mobigo.get("Assignments", "1001")
    assert (known["status"], known["export"]["archived"]) == ("Klart", False)
    assert known["export"]["documentNumber"]


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "html"])
def test_answer_lost_after_post_gives_one_order(mobigo_hub: MobigoHub, kind: str) -> None:
    """MOB-28: the order is looked for by our key before anything is repeated."""
    hub = mobigo_hub
    assignment(hub)
    hub.fortnox.faults.arm(kind, method="POST", path="/3/orders")
    hub.sync("assignments")
    hub.sync("assignments")
    assert len(hub.records("orders")) == 1
    assert hub.mobigo.get("Assignments", "1001")["export"]["documentNumber"] == hub.records("orders")[0]["DocumentNumber"]


@pytest.mark.parametrize("place", ["apply.links.put_many", "apply._follow", "apply._update"])
def test_process_that_dies_after_the_order_was_made_leaves_one_order(
    mobigo_hub: MobigoHub, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """MOB-28: before the link, after it, and before the number comes back; the next run finds the order and brings its number."""
    hub = mobigo_hub
    assignment(hub)

    def dies(*given: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as death:
        death.setattr(f"brygga.sync.{place}", dies)
        with pytest.raises(KeyboardInterrupt):
            hub.sync("assignments")
    assert len(hub.records("orders")) == 1
    assert hub.mobigo.get("Assignments", "1001")["export"]["documentNumber"] is None
    hub.sync("assignments")
    assert len(hub.records("orders")) == 1
    assert hub.mobigo.get("Assignments", "1001")["export"]["documentNumber"] == hub.records("orders")[0]["DocumentNumber"]


def test_mobigo_out_of_reach_when_the_number_comes_back_is_made_good_by_the_next_run(mobigo_hub: MobigoHub) -> None:
    """MOB-28: the order stands, the number follows later, and there is no second order."""
    hub = mobigo_hub
    assignment(hub)
    hub.mobigo.faults.arm("error_before", method="PUT", path=".*/ExportResult", times=3, status=503)
    hub.sync("assignments")
    assert hub.mobigo.get("Assignments", "1001")["export"]["documentNumber"] is None
    hub.sync("assignments")
    assert len(hub.records("orders")) == 1
    assert hub.mobigo.get("Assignments", "1001")["export"]["documentNumber"]


def test_document_that_fortnox_refuses_fails_alone(mobigo_hub: MobigoHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """MOB-14: a refusal concerns its own assignment; the sentence names it with what Fortnox said."""
    hub, whole = mobigo_hub, Document.prepare

    def prepare(self: Any, call: Any, record: Any, sent: Mapping[str, Any]) -> None:
        # A refusal that nobody can foresee.
        if any(row.get("ArticleNumber") == "201" for row in sent.get("OrderRows", ())):
            raise refusal(2004021)
        whole(self, call, record, sent)

    monkeypatch.setattr(Document, "prepare", prepare)
    assignment(hub, "1001", materials=[{**MATERIAL, "articleNumber": "201"}])
    assignment(hub, "1002")
    result = hub.sync("assignments")
    assert (result["counts"]["created"], result["counts"]["failed"]) == (1, 1)
    assert [problem["record"] for problem in hub.problems("assignments", "failed")] == ["mobigo:1001"]


def test_a_project_that_fortnox_does_not_have_holds_its_assignment_alone(mobigo_hub: MobigoHub) -> None:
    """MOB-08: what a linked reference names is looked up first."""
    hub = mobigo_hub
    hub.declare(field_links={"Projekt": "project"})
    assignment(hub, "1001", references={"project": "finns inte"})
    assignment(hub, "1002")
    assert hub.sync("assignments")["counts"]["created"] == 1
    [held] = hub.problems("assignments", "hold")
    assert held["text"] == "Uppdrag 1001: project finns inte is not in Fortnox, or is completed there."
