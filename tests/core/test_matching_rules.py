"""Who is the same: one table that a bookkeeper could read (accounting.md 8.4), and duplicates within one register."""

from __future__ import annotations

import pytest

from brygga.core.duplicates import duplicates
from brygga.core.match import Identity, Index, identity_of, match

ACME = "5560360793"
OTHER = "5560160680"
PERSON = "8112289874"

CASES = [
    # what is shown, the record, the candidates, verdict, candidate, key
    ("own VAT number holds another number", Identity(organisation_number=ACME, vat_organisation=OTHER), {}, "conflict", None, "orgnr"),
    ("one number", Identity(customer_number="7"), {"a": Identity(customer_number="7")}, "link", "a", "customer_number"),
    ("a number twice", Identity(customer_number="7"), {"a": Identity(customer_number="7"), "b": Identity(customer_number="7")}, "review", None, "customer_number"),
    ("one number, two organisations", Identity(customer_number="7", organisation_number=ACME), {"a": Identity(customer_number="7", organisation_number=OTHER)}, "conflict", "a", "customer_number"),
    ("number and organisation lead apart", Identity(customer_number="7", organisation_number=ACME), {"a": Identity(customer_number="7"), "b": Identity(organisation_number=ACME)}, "conflict", None, "customer_number"),
    ("organisation number", Identity(organisation_number=ACME), {"a": Identity(organisation_number=ACME)}, "link", "a", "orgnr"),
    ("several, told apart by postcode", Identity(organisation_number=ACME, postcode="11122"), {"a": Identity(organisation_number=ACME, postcode="11122"), "b": Identity(organisation_number=ACME)}, "link", "a", "orgnr+postcode"),
    ("several, not told apart", Identity(organisation_number=ACME), {"a": Identity(organisation_number=ACME), "b": Identity(organisation_number=ACME)}, "review", None, "orgnr"),
    ("a number no rule checks", Identity(organisation_number="?DE123"), {"a": Identity(organisation_number="?DE123")}, "review", "a", "orgnr"),
    ("private customer and trader", Identity(organisation_number=PERSON, kind="private"), {"a": Identity(organisation_number=PERSON, kind="company")}, "review", "a", "orgnr"),
    ("VAT number", Identity(vat_number="DE1"), {"a": Identity(vat_number="DE1")}, "link", "a", "vat"),
    ("VAT number of another organisation", Identity(vat_number="DE1", organisation_number=ACME), {"a": Identity(vat_number="DE1", organisation_number=OTHER)}, "conflict", "a", "vat"),
    ("VAT number twice, told apart", Identity(vat_number="DE1", postcode="1"), {"a": Identity(vat_number="DE1", postcode="1"), "b": Identity(vat_number="DE1")}, "link", "a", "vat+postcode"),
    ("VAT number twice", Identity(vat_number="DE1"), {"a": Identity(vat_number="DE1"), "b": Identity(vat_number="DE1")}, "review", None, "vat"),
    ("number only inside the VAT number", Identity(vat_organisation=ACME), {"a": Identity(organisation_number=ACME)}, "review", "a", "vat"),
    ("candidate contradicts itself", Identity(customer_number="7"), {"a": Identity(customer_number="7", organisation_number=ACME, vat_organisation=OTHER)}, "conflict", "a", "customer_number"),
    ("e-mail of two private persons of one name", Identity(email="a@b.example", kind="private", name="karin ek"), {"a": Identity(email="a@b.example", kind="private", name="karin ek")}, "link", "a", "email+name"),
    ("e-mail alone", Identity(email="a@b.example"), {"a": Identity(email="a@b.example")}, "review", "a", "email"),
    ("e-mail of another organisation", Identity(email="a@b.example", organisation_number=ACME), {"a": Identity(email="a@b.example", organisation_number=OTHER)}, "new", None, None),
    ("name, postcode, telephone", Identity(name="ek", postcode="1", phone="+4681"), {"a": Identity(name="ek", postcode="1", phone="+4681")}, "review", "a", "phone+name+postcode"),
    ("name and postcode", Identity(name="ek", postcode="1"), {"a": Identity(name="ek", postcode="1")}, "review", "a", "name+postcode"),
    ("name and postcode of another", Identity(name="ek", postcode="1", organisation_number=ACME), {"a": Identity(name="ek", postcode="1", organisation_number=OTHER)}, "new", None, None),
    ("nothing in common", Identity(name="ek"), {"a": Identity(name="alm")}, "new", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "record", "candidates", "verdict", "candidate", "key"), CASES, ids=[case[0] for case in CASES])
def test_matching(
    shown: str, record: Identity, candidates: dict[str, Identity], verdict: str, candidate: str | None, key: str | None
) -> None:
    decision = match(record, candidates.items())
    assert (decision.kind, decision.candidate, decision.key) == (verdict, candidate, key), shown
    assert decision.score == 0 or decision.kind in ("link", "review")


def test_evidence_names_fields_and_never_values() -> None:
    record = Identity(organisation_number=PERSON, email="karin@ek.example", name="karin ek")
    decision = match(record, {"a": record}.items())
    assert decision.evidence == ("same organisation number", "same name", "same e-mail address")


def test_identity_of_foreign_and_norwegian_records() -> None:
    assert identity_of({"organisation_number": "974 760 673", "invoice_country": "NO"}).organisation_number == "NO974760673"
    assert identity_of({"organisation_number": "12", "invoice_country": "NO"}).organisation_number == ""
    assert identity_of({"organisation_number": "HRB 17", "invoice_country": "DE"}).organisation_number == "?DEHRB17"
    assert identity_of({"organisation_number": "12", "invoice_country": "SE"}).organisation_number == ""


def test_records_with_one_number_in_one_register_are_found() -> None:
    index = Index(
        {"a": Identity(organisation_number=ACME), "b": Identity(organisation_number=ACME), "c": Identity(vat_number="DE1")}.items()
    )
    assert index.same_number(Identity(organisation_number=ACME)) == ["a", "b"]


def test_duplicates_within_a_register_are_grouped_once_by_their_strongest_key() -> None:
    records = {
        "1": Identity(customer_number="7", organisation_number=ACME, name="acme", postcode="1"),
        "2": Identity(customer_number="7", organisation_number=OTHER),
        "3": Identity(organisation_number=ACME, name="acme", postcode="1"),
        "4": Identity(vat_number="DE1", organisation_number=OTHER),
        "5": Identity(vat_number="DE1", organisation_number=PERSON),
        "6": Identity(name="ek", postcode="2", phone="+461", kind="private", email="e@k.example"),
        "7": Identity(name="ek", postcode="2", phone="+461", kind="private", email="e@k.example"),
    }
    found = {(group.key, group.ids) for group in duplicates(records.items())}
    assert found == {("customer_number", ("1", "2")), ("orgnr", ("1", "3")), ("orgnr", ("2", "4")), ("email+name", ("6", "7"))}
