"""The made-up companies: believable, the same for the same seed, and nobody's."""

import re
from collections import Counter

from stdnum import exceptions
from stdnum.de import vat as german
from stdnum.dk import cvr as danish
from stdnum.fi import alv as finnish
from stdnum.gb import vat as british
from stdnum.no import mva as norwegian
from stdnum.se import orgnr, personnummer
from stdnum.se import vat as swedish

from brygga_sandbox import webcrm
from brygga_sandbox.population import fortnox_customers, population, webcrm_organisations
from brygga_sandbox.webcrm import Installation

PEOPLE = population(1, 300)
FICTION = re.compile(
    r"08-465 004 \d\d|031-390 06 \d\d|040-628 04 \d\d|0980-319 2\d\d|070-174 06 \d\d"
    r"|\+44 20 7946 0\d{3}|\+49 30 23125 \d{3}"
)
VAT = {"SE": swedish, "NO": norwegian, "DK": danish, "FI": finnish, "DE": german, "GB": british}


def test_the_same_seed_gives_the_same_companies_and_another_seed_others() -> None:
    assert population(1, 300) == PEOPLE
    assert population(2, 300) != PEOPLE
    assert fortnox_customers(PEOPLE) == fortnox_customers(PEOPLE)
    assert webcrm_organisations(PEOPLE, Installation()) == webcrm_organisations(PEOPLE, Installation())


def test_there_is_something_of_every_kind_and_about_sixty_of_a_hundred_stand_in_both() -> None:
    assert set(Counter(party.kind for party in PEOPLE)) == {"ab", "hb", "enskild", "brf", "kommun", "private", "foreign"}
    assert {party.country for party in PEOPLE} == set(VAT)
    assert 0.5 < sum(party.where == "both" for party in PEOPLE) / len(PEOPLE) < 0.7
    assert any(not party.number for party in PEOPLE if party.kind == "ab")
    assert any(not party.email for party in PEOPLE)


def test_every_number_has_its_check_digit() -> None:
    for party in population(3, 2000):
        if party.kind in ("private", "enskild"):
            assert not party.number or personnummer.is_valid(party.number)
        elif party.kind != "foreign":
            assert not party.number or orgnr.is_valid(party.number)
        if party.vat:
            try:
                VAT[party.country].validate(party.vat)
            except exceptions.ValidationError as wrong:
                raise AssertionError(f"{party.vat}: {wrong!r}") from wrong


def test_numbers_come_from_series_that_nobody_has_and_none_is_given_twice() -> None:
    people = population(4, 5000)
    firsts = [party for party in people if party.twin_of is None]
    numbers = Counter(party.number for party in firsts if party.number and party.kind not in ("private", "enskild"))
    assert max(numbers.values()) == 1
    assert {number[:3] for number in numbers} == {"558", "968", "768", "212"}
    assert not any(number.startswith("2120") for number in numbers)
    persons = [party.number for party in firsts if party.kind in ("private", "enskild") and party.number]
    assert {number[7:10] for number in persons} == {"238", "239"}


def test_telephones_and_mail_reach_nobody() -> None:
    for party in PEOPLE:
        assert all(FICTION.fullmatch(number) for number in (party.phone, party.mobile, party.fax) if number)
        assert all(mail.endswith(".example") for mail in (party.email, party.invoice_email) if mail)
        assert not party.www or party.www.endswith(".example")


def test_each_system_has_its_own_part_with_its_own_spelling() -> None:
    customers = {record["CustomerNumber"]: record for record in fortnox_customers(PEOPLE)}
    organisations = webcrm_organisations(PEOPLE, Installation())
    assert len(customers) == sum(party.where != "webcrm" for party in PEOPLE)
    assert len(organisations) == sum(party.where != "fortnox" for party in PEOPLE)
    shared = [(o, customers[o["OrganisationExtraCustom1"]]) for o in organisations if "OrganisationExtraCustom1" in o]
    assert len(shared) > 50
    assert 0.1 < sum(o["OrganisationName"] != c["Name"] for o, c in shared) / len(shared) < 0.5
    assert {o["OrganisationType"] for o in organisations} == {"Kund – Företag", "Kund – Privat", "Prospekt", "Leverantör"}


def test_second_entries_stand_beside_the_first_in_one_system() -> None:
    by_key = {party.key: party for party in PEOPLE}
    twins = [party for party in PEOPLE if party.twin_of is not None]
    assert len(twins) == 7
    for twin in twins:
        first = by_key[twin.twin_of or 0]
        assert twin.where in (first.where, "fortnox", "webcrm")
        assert first.where in (twin.where, "both")


def test_webcrm_takes_every_organisation_of_the_population() -> None:
    with webcrm.running() as sandbox:
        numbers = sandbox.load("Organisation", webcrm_organisations(PEOPLE, sandbox.installation))
        assert len(numbers) == len(sandbox.all("Organisation")) > 200
