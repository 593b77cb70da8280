"""Fortnox' connector over HTTP: what it asks, what it writes, and what it does when something is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from fortnox_golden import detail

from brygga.clients.fortnox import Fortnox
from brygga.clients.http import Http
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.fortnox import settings
from brygga.connectors.fortnox.connector import FortnoxConnector
from brygga.core.merge import merge
from brygga.core.policy import LEFT, RIGHT, Holding, Policy
from brygga.core.record import ABSENT, Customer, Ref
from brygga.errors import BadData, OutcomeUnknown, Rejected, SettingsError, Stale

SINCE = datetime(2026, 11, 20, 9, 54, tzinfo=UTC)
REF = Ref("fortnox", "customer", "1042")
KEY = "brygga:acme:webcrm:customer:8812"


@dataclass
class Scripted:
    """A Fortnox that answers from a list and keeps what it was asked."""

    replies: list[httpx2.Response | Exception]
    requests: list[httpx2.Request] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    @property
    def asked(self) -> list[str]:
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]

    def body(self) -> Any:
        return json.loads(self.requests[-1].content)


def connected(*replies: httpx2.Response | Exception, **given: object) -> tuple[FortnoxConnector, Scripted]:
    server = Scripted(list(replies))
    http = Http("Fortnox", transport=httpx2.MockTransport(server), sleep=lambda seconds: None)
    client = Fortnox("https://api.fortnox.example", token=lambda: "token", send=http.send)
    return FortnoxConnector(client, settings.read(given)), server


def whole(status: int = 200, **changed: Any) -> httpx2.Response:
    return httpx2.Response(status, json={"Customer": {**detail(), **changed}})


def page(*rows: dict[str, Any]) -> httpx2.Response:
    meta = {"@TotalResources": len(rows), "@TotalPages": 1, "@CurrentPage": 1}
    return httpx2.Response(200, json={"Customers": list(rows), "MetaInformation": meta})


def row(number: str, **changed: Any) -> dict[str, Any]:
    texts = ("Name", "Address1", "Address2", "City", "Email", "OrganisationNumber", "Phone", "ZipCode")
    return {**dict.fromkeys(texts, ""), "CustomerNumber": number, **changed}


def refused(status: int, code: int, message: str) -> httpx2.Response:
    return httpx2.Response(status, json={"ErrorInformation": {"error": 1, "message": message, "code": code}})


# Reading ---------------------------------------------------------------------------------------------------------------


def test_changes_come_from_the_list_alone() -> None:
    connector, server = connected(page(row("7", Name="A", Phone="040-1"), row("8", Name="B")))
    one, two = connector.changed("customer", SINCE)
    assert (one.ref, one.complete, one.record.phone, one.record.kind) == (Ref("fortnox", "customer", "7"), False, "040-1", ABSENT)
    assert one.listed != two.listed
    assert one.record.active is ABSENT
    assert server.asked == ["GET /3/customers?lastmodified=2026-11-20+10%3A54&limit=500&page=1"]


def test_everything_comes_as_active_and_inactive_as_a_row_does_not_say_it() -> None:
    """WEB-25."""
    connector, server = connected(page(row("7")), page(row("9")))
    assert [(seen.ref.id, seen.record.active) for seen in connector.changed("customer", None)] == [("7", True), ("9", False)]
    assert [request.url.params["filter"] for request in server.requests] == ["active", "inactive"]


def test_a_customer_without_a_number_is_bad_data() -> None:
    connector, _ = connected(page(row("")))
    with pytest.raises(BadData, match="without a customer number"):
        list(connector.changed("customer", SINCE))


def test_one_customer_is_read_whole_or_is_gone() -> None:
    connector, _ = connected(whole(), refused(404, 2000433, "Kan inte hitta kunden."))
    seen = connector.get("customer", "1042")
    assert seen is not None
    assert (seen.complete, seen.record.invoice_street, seen.record.kind) == (True, "Ekonomiavdelningen\nBox 114", "company")
    assert connector.get("customer", "1043") is None


def test_the_made_one_is_found_by_our_key_exactly() -> None:
    connector, server = connected(
        page(row("7"), row("8"), row("9"), row("10")),
        whole(CustomerNumber="7", ExternalReference=f"{KEY}0"),
        refused(404, 2000433, "Kan inte hitta kunden."),
        whole(CustomerNumber="9"),
    )
    found = connector.find("customer", [KEY], SINCE)
    assert {key: seen.ref.id for key, seen in found.items()} == {KEY: "9"}
    assert len(server.requests) == 4


def test_nothing_is_found_when_nothing_was_made() -> None:
    connector, _ = connected(page(row("7")), whole(ExternalReference=None))
    assert connector.find("customer", [KEY], SINCE) == {}


# Making -----------------------------------------------------------------------------------------------------------------


def test_fortnox_assigns_the_number_and_carries_our_key() -> None:
    """WEB-28."""
    connector, server = connected(whole(201))
    record = Customer(number="", name="Ängsviks", kind="company", phone="0470-100 20", our_reference="R" * 51, fax="")
    [receipt] = connector.create("customer", [Creation(KEY, record)])
    assert isinstance(receipt, Receipt)
    assert (receipt.ref, receipt.seen and receipt.seen.record.number) == (REF, "1042")
    assert server.body() == {
        "Customer": {
            "Active": True,
            "Currency": "SEK",
            "ShowPriceVATIncluded": False,
            "Name": "Ängsviks",
            "Type": "COMPANY",
            "Phone1": "0470-100 20",
            "OurReference": "R" * 50,
            "VATType": "SEVAT",
            "ExternalReference": KEY,
        }
    }


def test_a_number_that_the_other_side_governs_is_sent() -> None:
    """WEB-27."""
    connector, server = connected(whole(201))
    connector.create("customer", [Creation(KEY, Customer(number="A-1", name="A"))])
    assert server.body()["Customer"]["CustomerNumber"] == "A-1"


@pytest.mark.parametrize(
    ("record", "reply", "sentence"),
    [
        (Customer(name="A", number="1"), refused(400, 2000637, "Kundnummer 1 används redan."), r"“Kundnummer 1 används redan\.”"),
        (Customer(name="A", website="a.example/~b"), None, r"WWW holds characters that Fortnox does not take"),
        (Customer(name="A", visiting_country="EL"), None, r"EL is the VAT prefix of Greece"),
    ],
)
def test_a_refusal_concerns_its_own_record(record: Customer, reply: httpx2.Response | None, sentence: str) -> None:
    connector, _ = connected(*([reply] if reply else []), whole(201))
    error, receipt = connector.create("customer", [Creation(KEY, record), Creation(KEY, Customer(name="B"))])
    assert isinstance(error, (Rejected, BadData))
    assert isinstance(receipt, Receipt)
    with pytest.raises(type(error), match=sentence):
        raise error


def test_a_lost_answer_of_a_creation_is_an_unknown_outcome() -> None:
    connector, server = connected(httpx2.ReadError("gone"))
    with pytest.raises(OutcomeUnknown):
        connector.create("customer", [Creation(KEY, Customer(name="A"))])
    assert len(server.requests) == 1


# Changing ---------------------------------------------------------------------------------------------------------------


def test_the_changed_field_is_all_that_is_sent() -> None:
    """WEB-15."""
    connector, server = connected(whole(), whole(Phone1="0470-100 21"))
    receipt = connector.update("customer", Update(REF, {"phone": "+46 470-100 20"}, {"phone": "0470-100 21"}))
    assert server.asked == ["GET /3/customers/1042", "PUT /3/customers/1042"]
    assert server.body() == {"Customer": {"Phone1": "0470-100 21"}}
    assert receipt.seen is not None
    assert receipt.seen.record.phone == "0470-100 21"


def test_of_a_street_only_the_line_that_differs_is_sent() -> None:
    """WEB-14."""
    connector, server = connected(whole(), whole())
    before, after = "Ekonomiavdelningen\nBox 114", "Ekonomiavdelningen\nBox 115"
    connector.update("customer", Update(REF, {"invoice_street": before}, {"invoice_street": after}))
    assert server.body() == {"Customer": {"Address2": "Box 115"}}


def test_an_emptied_field_is_cleared() -> None:
    connector, server = connected(whole(), whole())
    before = {"phone": "0470-100 20", "vat_number": "SE556677889901", "email_invoice": ""}
    connector.update("customer", Update(REF, before, {"phone": "", "vat_number": "", "email_invoice": ""}))
    assert server.body() == {"Customer": {"Phone1": None, "VATNumber": "API_BLANK"}}


def test_what_fortnox_holds_already_is_not_written() -> None:
    connector, server = connected(whole())
    receipt = connector.update("customer", Update(REF, {"phone": "0470-100 20"}, {"phone": "0470-100 20"}))
    assert receipt.seen is not None
    assert [request.method for request in server.requests] == ["GET"]


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (whole(Phone1="040-1", City="Lund"), r"Customer 1042 was changed in Fortnox .* \(phone\)\. Nothing was written"),
        (refused(404, 2000433, "Kan inte hitta kunden."), r"Customer 1042 is gone from Fortnox"),
    ],
)
def test_what_no_longer_holds_what_the_plan_saw_is_stale(reply: httpx2.Response, sentence: str) -> None:
    connector, server = connected(reply)
    with pytest.raises(Stale, match=sentence):
        connector.update("customer", Update(REF, {"phone": "0470-100 20"}, {"phone": "0470-100 21"}))
    assert len(server.requests) == 1


def test_a_customer_number_is_never_changed() -> None:
    """WEB-26."""
    connector, server = connected(whole())
    with pytest.raises(Rejected, match=r"1042 cannot become 1043: Fortnox never changes.*Put 1042 back") as caught:
        connector.update("customer", Update(REF, {"number": "1042"}, {"number": "1043"}))
    assert caught.value.rule == "WEB-26"
    assert len(server.requests) == 1


# Check -----------------------------------------------------------------------------------------------------------------


COMPANY = httpx2.Response(
    200, json={"CompanyInformation": {"CompanyName": "Acme AB", "OrganizationNumber": "556677-8899", "DatabaseNumber": 1}}
)


def listing(name: str, *codes: str) -> httpx2.Response:
    meta = {"@TotalResources": len(codes), "@TotalPages": 1, "@CurrentPage": 1}
    return httpx2.Response(200, json={name: [{"Code": code} for code in codes], "MetaInformation": meta})


EMPTY = [
    listing(name)
    for name in (
        *(
            "CostCenters",
            "Projects",
            "TermsOfPayments",
            "TermsOfDeliveries",
            "WayOfDeliveries",
            "PriceLists",
            "ModesOfPayments",
            "Units",
        ),
        *("Invoices", "Customers"),
    )
]
"""What a company without registers, invoices and customers answers to the looks that only inform."""


def findings(*replies: httpx2.Response, **given: object) -> dict[str, str]:
    connector, _ = connected(*replies, *EMPTY, **given)
    return {f"{row.level} {row.subject}": f"{row.sentence} {row.repair or ''}".strip() for row in connector.check()}


def test_a_good_connection_says_what_it_found() -> None:
    rows = findings(
        COMPANY,
        page(row("7")),
        listing("TermsOfPayments", "30", "K"),
        listing("Currencies", "SEK"),
        listing("Vouchers", "A", "B"),
        organisation_number="5566778899",
    )
    assert rows == {
        "ok company": "Connected to Acme AB, 556677-8899 (database 1).",
        "ok customers": "The customer register can be read: 1 customers.",
        "ok terms of payment": "Terms of payment: 30, K.",
        "ok currencies": "Currencies: SEK.",
        "ok bookkeeping": "The books can be read: 2 vouchers.",
    }


def test_the_wrong_company_is_refused() -> None:
    rows = findings(COMPANY, organisation_number="16 559900-1122")
    assert list(rows) == ["error company"]
    assert "leads to Acme AB (556677-8899), but 16 559900-1122 is meant" in rows["error company"]


def test_a_missing_integration_licence_ends_the_check_with_its_repair() -> None:
    """WEB-03."""
    rows = findings(refused(403, 2001103, "Api-licens saknas."))
    assert list(rows) == ["error company"]
    assert "Buy the integration licence" in rows["error company"]


def test_each_missing_right_is_its_own_row() -> None:
    rows = findings(
        COMPANY,
        refused(403, 2001101, "Det finns ingen aktiv licens för önskat scope"),
        listing("TermsOfPayments"),
        listing("Currencies", "EUR"),
        refused(403, 2001101, "Det finns ingen aktiv licens för önskat scope"),
    )
    assert "where payments are imported" in rows["warning bookkeeping"]
    assert "Order the module" in rows["error customers"]
    assert rows["warning terms of payment"].startswith("Fortnox has no terms of payment.")
    assert rows["warning currencies"].startswith("Fortnox' currencies lack SEK: EUR.")


def test_fortnox_settings_are_checked() -> None:
    with pytest.raises(SettingsError, match=r"sells \(Säljer varor eller tjänster\).*Allowed: goods, services"):
        settings.read({"sells": "both"})
    with pytest.raises(SettingsError, match="a text is wanted"):
        settings.read({"organisation_number": 5566778899})


def test_capability_names_what_a_customer_can_hold() -> None:
    connector, _ = connected()
    can = connector.capability("customer")
    assert {"number", "kind", "active", "invoice_street"} <= can.fields
    assert (can.limits["our_reference"], can.batch) == (50, 1)


def test_a_name_spelled_anew_in_fortnox_stays_as_typed_on_the_other_side() -> None:
    connector, _ = connected()
    can = connector.capability("customer")
    holds = {LEFT: Holding(can.fields), RIGHT: Holding(can.fields, can.limits, can.spell)}
    typed, spelled = Customer(name="O'Learys"), Customer(name="O’Learys")
    assert merge({}, Customer(name="O'Learys"), Customer(name=""), Policy(), holds).to_right == {"name": ("", "O’Learys")}
    for base in ({"name": "O'Learys"}, {}):
        merged = merge(base, typed, spelled, Policy(), holds)
        assert (merged.to_left, merged.to_right, merged.conflicts) == ({}, {}, {})
        assert merged.agreed == {"name": "O'Learys"}
