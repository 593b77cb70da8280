"""Who is the same (accounting.md 8.4): a table to read, the laws, and the speed of the index."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.duplicates import duplicates
from brygga.core.match import NEW, Decision, Identity, Index, compare, identity_of, match
from brygga.core.record import ABSENT, Customer, present

A, B = "556036-0793", "556047-3521"
VAT_A, VAT_B = "SE556036079301", "SE556047352101"
PERSON = "811228-9874"
GERMAN = "DE136695976"
SHORT = {
    "nr": "number",
    "kind": "kind",
    "org": "organisation_number",
    "vat": "vat_number",
    "name": "name",
    "mail": "email",
    "phone": "phone",
    "zip": "invoice_postcode",
    "land": "invoice_country",
}


def who(**values: str) -> Identity:
    return identity_of({SHORT[name]: value for name, value in values.items()})


def decide(record: Mapping[str, str], *candidates: Mapping[str, str]) -> Decision:
    return match(who(**record), [(letter, who(**one)) for letter, one in zip("abcdef", candidates, strict=False)])


ANNA = {"kind": "private", "name": "Anna Berg", "mail": "anna@example.se"}
TABLE: list[tuple[str, Mapping[str, str], list[Mapping[str, str]], str]] = [
    # what it shows, record, candidates, decision candidate key
    ("nothing to go by", {"name": "Ek AB"}, [{"name": "Ek AB"}], "new - -"),
    ("rule 1: contradicts itself", {"org": A, "vat": VAT_B}, [{"org": A}], "conflict a orgnr"),
    ("rule 1: with nobody else", {"org": A, "vat": VAT_B}, [], "conflict - orgnr"),
    ("rule 1: the candidate does", {"org": A}, [{"org": A, "vat": VAT_B}], "conflict a orgnr"),
    ("rule 2: number governs", {"nr": "7"}, [{"nr": "8"}, {"nr": "7", "name": "X"}], "link b customer_number"),
    ("rule 2: two organisations", {"nr": "7", "org": A}, [{"nr": "7", "org": B}], "conflict a customer_number"),
    ("rule 2: two ways", {"nr": "7", "org": A}, [{"nr": "7"}, {"nr": "8", "org": A}], "conflict - customer_number"),
    ("rule 2: one has no number", {"nr": "7", "org": A}, [{"nr": "7"}], "link a customer_number"),
    ("rule 2: number given twice", {"nr": "7"}, [{"nr": "7"}, {"nr": "7"}], "review - customer_number"),
    ("rule 3: spelled otherwise", {"org": A}, [{"org": "16 5560360793"}], "link a orgnr"),
    ("rule 3: VAT in the number's field", {"org": VAT_A}, [{"org": A}], "link a orgnr"),
    ("rule 3: shared, place tells", {"org": A, "zip": "11418"}, [{"org": A, "zip": "222 22"}, {"org": A, "zip": "114 18"}],
     "link b orgnr+postcode"),
    ("rule 3: shared, no place", {"org": A}, [{"org": A, "zip": "11418"}, {"org": A}], "review - orgnr"),
    ("rule 3: shared, same place", {"org": A, "zip": "11418"}, [{"org": A, "zip": "11418"}] * 2, "review - orgnr"),
    ("rule 3: person and trader", {"org": PERSON, "kind": "private"}, [{"org": PERSON, "kind": "company"}], "review a orgnr"),
    ("rule 3: one person", {"org": PERSON, "kind": "private"}, [{"org": PERSON, "kind": "private"}], "link a orgnr"),
    ("rule 3: kind not known", {"org": PERSON, "kind": "private"}, [{"org": PERSON}], "link a orgnr"),
    ("rule 3: company of wrong kind", {"org": A, "kind": "private"}, [{"org": A, "kind": "company"}], "link a orgnr"),
    ("rule 3: Norwegian", {"org": "974760673", "land": "Norge"}, [{"org": "NO 974 760 673 MVA", "land": "NO"}], "link a orgnr"),
    ("rule 3: number nobody checks", {"org": "HRB 12345", "land": "DE"}, [{"org": "hrb-12345", "land": "Tyskland"}],
     "review a orgnr"),
    ("rule 1: zeros are missing", {"org": "000000-0000"}, [{"org": "000000-0000"}], "new - -"),
    ("rule 1: zeros abroad too", {"org": "0000", "land": "DE"}, [{"org": "0000", "land": "DE"}], "new - -"),
    ("rule 1: wrong Norwegian", {"org": "974760674", "land": "NO"}, [{"org": "974760674", "land": "NO"}], "new - -"),
    ("rule 4: VAT links", {"vat": GERMAN}, [{"vat": "de 136 695 976", "name": "X"}], "link a vat"),
    ("rule 4: VAT group", {"vat": GERMAN, "org": A}, [{"vat": GERMAN, "org": B}], "conflict a vat"),
    ("rule 4: shared, place tells", {"vat": GERMAN, "zip": "10115"}, [{"vat": GERMAN}, {"vat": GERMAN, "zip": "10115"}],
     "link b vat+postcode"),
    ("rule 4: shared", {"vat": GERMAN}, [{"vat": GERMAN}, {"vat": GERMAN}], "review - vat"),
    ("rule 4: shared with another", {"vat": GERMAN, "org": A, "zip": "1"}, [{"vat": GERMAN, "org": B}, {"vat": GERMAN, "zip": "1"}],
     "review - vat"),
    ("number in the other field", {"vat": VAT_A}, [{"org": A}], "review a vat"),
    ("number in the other field, mirrored", {"org": A}, [{"vat": VAT_A}], "review a vat"),
    ("rule 5: two companies", {"org": A, "name": "Ek AB", "zip": "11418"}, [{"org": B, "name": "Ek AB", "zip": "11418"}], "new - -"),
    ("rule 5: beats the e-mail", {"org": A, "mail": "info@example.se"}, [{"org": B, "mail": "info@example.se"}], "new - -"),
    ("rule 5: leaves one", {"org": A, "mail": "x@example.se"}, [{"org": B, "mail": "x@example.se"}, {"mail": "x@example.se"}],
     "review b email"),
    ("rule 6: one private person", ANNA, [ANNA], "link a email+name"),
    ("rule 6: in a family", ANNA, [{**ANNA, "name": "Bo Berg"}, ANNA], "link b email+name"),
    ("rule 6: twice in the register", ANNA, [ANNA, ANNA], "review - email"),
    ("rule 6: with a company", ANNA, [{**ANNA, "kind": "company"}], "review a email"),
    ("rule 6: without a name", {**ANNA, "name": ""}, [{**ANNA, "name": ""}], "review a email"),
    ("rule 6: a shared mailbox", {"mail": "info@example.se"}, [{"mail": "info@example.se"}] * 3, "review - email"),
    ("rule 7: name and place", {"name": "Ek AB", "zip": "11418"}, [{"name": "EK Aktiebolag", "zip": "114 18"}],
     "review a name+postcode"),
    ("rule 7: and the phone", {"name": "Ek", "zip": "11418", "phone": "08-465 004 10"},
     [{"name": "Ek", "zip": "11418"}, {"name": "Ek", "zip": "11418", "phone": "+46846500410"}], "review b phone+name+postcode"),
    ("rule 7: phone alone is nothing", {"phone": "08-465 004 10"}, [{"phone": "08-465 004 10"}], "new - -"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "candidates", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_rule_decides(record: Mapping[str, str], candidates: list[Mapping[str, str]], expected: str) -> None:
    found = decide(record, *candidates)
    assert f"{found.kind} {found.candidate or '-'} {found.key or '-'}" == expected
    assert found.score == 0 if found.kind in ("new", "conflict") else 0 < found.score <= 100
    assert len(found.candidates) == 1 if found.candidate else len(found.candidates) != 1


POOL = {
    "nr": st.sampled_from(["", "1", "2"]),
    "kind": st.sampled_from(["", "private", "company"]),
    "org": st.sampled_from(["", A, B, PERSON, "1"]),
    "vat": st.sampled_from(["", VAT_A, VAT_B, GERMAN]),
    "name": st.sampled_from(["", "Ek AB", "Anna Berg"]),
    "mail": st.sampled_from(["", "anna@example.se", "info@example.se"]),
    "phone": st.sampled_from(["", "08-465 004 10"]),
    "zip": st.sampled_from(["", "114 18", "222 22"]),
    "land": st.sampled_from(["", "SE"]),
}
records = st.fixed_dictionaries(POOL)
registers = st.lists(records, max_size=5)


@given(records, registers)
def test_link_never_joins_two_organisations_and_never_guesses(record: Mapping[str, str], register: list[Mapping[str, str]]) -> None:
    mine, others = who(**record), [(str(number), who(**one)) for number, one in enumerate(register)]
    found = match(mine, others)
    if found.kind != "link":
        return
    assert found.candidate is not None
    partner = dict(others)[found.candidate]
    assert not (mine.organisation_number and partner.organisation_number) or mine.organisation_number == partner.organisation_number
    assert not mine.contradicts_itself
    assert not partner.contradicts_itself
    same_number = [one for _, one in others if mine.organisation_number and one.organisation_number == mine.organisation_number]
    assert len(same_number) < 2 or found.key == "orgnr+postcode"


@given(records, registers, st.randoms())
def test_order_of_the_register_decides_nothing(
    record: Mapping[str, str], register: list[Mapping[str, str]], random: object
) -> None:
    others = [(str(number), who(**one)) for number, one in enumerate(register)]
    first = match(who(**record), others)
    random.shuffle(others)  # type: ignore[attr-defined]
    second = match(who(**record), others)
    assert (first.kind, first.candidate, first.key, set(first.candidates)) == (
        second.kind,
        second.candidate,
        second.key,
        set(second.candidates),
    )


@given(records, registers)
def test_evidence_holds_no_value(record: Mapping[str, str], register: list[Mapping[str, str]]) -> None:
    said = "; ".join(decide(record, *register).evidence)
    for value in (A, B, PERSON, "8112289874", "5560360793", "anna", "Berg", "114 18"):
        assert value not in said


def test_evidence_says_what_agrees_and_what_does_not() -> None:
    found = decide({"org": A, "name": "Ek AB", "zip": "11418"}, {"org": A, "name": "Ask AB", "zip": "114 18"})
    assert found.evidence == ("same organisation number", "other name", "same postcode")
    assert found.score == 98
    assert compare(Identity(), who(org=A)) == ()
    assert match(who(), []) == NEW


def test_identity_shows_no_personal_data_when_printed() -> None:
    shown = repr(who(org=PERSON, mail="anna@example.se", phone="070-174 06 05", vat="SE811228987401"))
    for value in ("8112289874", "anna", "701740605"):
        assert value not in shown


def test_identity_of_a_customer_leaves_absent_fields_out() -> None:
    customer = Customer(number=" 1001 ", name="Ek AB", organisation_number=A, invoice_country="SE", email=ABSENT, active=True)
    assert identity_of(dict(present(customer))) == Identity(customer_number="1001", organisation_number="5560360793", name="ek")
    assert identity_of({"name": ABSENT, "number": None}) == Identity()
    assert who(zip="SW1A 1AA").postcode == "SW1A1AA"


def test_index_finds_records_of_one_number_in_a_register() -> None:
    index = Index([("a", who(org=A)), ("b", who(org=A, vat=VAT_A)), ("c", who(vat=VAT_A)), ("d", who(org=B, vat=VAT_A))])
    assert index.same_number(who(org=A, vat=VAT_A)) == ["a", "b", "c"]
    assert index.same_number(who(name="Ek AB")) == []


def test_duplicates_of_one_register_by_their_strongest_key() -> None:
    register = {
        "a": who(org=A, name="Ek AB", zip="11418"),
        "b": who(org=A, name="Ek AB", zip="11418"),
        "c": who(org=B, name="Ask AB", zip="22222", vat=GERMAN),
        "d": who(org=A, vat=GERMAN),
        "e": who(**ANNA),  # type: ignore[arg-type]
        "f": who(**ANNA),  # type: ignore[arg-type]
        "g": who(name="Ask AB", zip="22222"),
        "h": who(nr="9", org=A),
        "i": who(nr="9", org=B),
        "j": who(name="Ask AB", phone="08-465 004 10", zip="22222"),
        "k": who(name="Ask AB", phone="08-465 004 10", zip="22222"),
    }
    found = [(group.key, "".join(group.ids)) for group in duplicates(register.items())]
    assert found == [
        ("customer_number", "hi"),
        ("orgnr", "abdh"),
        ("orgnr", "ci"),
        ("email+name", "ef"),
        ("phone+name+postcode", "jk"),
        ("name+postcode", "cgjk"),
    ]
    assert duplicates([]) == ()


@given(registers)
def test_duplicates_are_at_least_two_and_each_group_comes_once(register: list[Mapping[str, str]]) -> None:
    groups = [frozenset(group.ids) for group in duplicates((str(number), who(**one)) for number, one in enumerate(register))]
    assert all(len(group) > 1 for group in groups)
    assert len(groups) == len(set(groups))


def test_ten_times_as_many_records_take_ten_times_as_long_to_match() -> None:
    """With a look at each pair they would take a hundred times as long."""

    def register(side: str, count: int) -> list[tuple[str, Identity]]:
        return [
            (
                str(n),
                Identity(
                    f"{side}{n}" if n % 7 else str(n),
                    "company",
                    f"{n:010}",
                    name=f"n{n % 500}",
                    email=f"{n % 50}@x.se",
                    postcode=str(n % 90),
                ),
            )
            for n in range(count)
        ]

    def spent(count: int) -> float:
        index, records = Index(register("L", count)), register("R", count)
        begun = time.thread_time()
        kinds = [index.decide(record).kind for _, record in records]
        assert kinds.count("link") == count
        return time.thread_time() - begun

    assert spent(10_000) < 40 * min(spent(1_000) for _ in range(3))
