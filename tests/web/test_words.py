"""Every field of a record has a word that people know, so that no page shows them a name of the program."""

from __future__ import annotations

import dataclasses
import inspect
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from brygga.core import contact, document
from brygga.core.document import Row
from brygga.core.money import Money
from brygga.store import values
from brygga.web.templatetags.brygga import chosen, shown
from brygga.web.words import WORDS


def _fields() -> set[str]:
    found = set()
    for module in (contact, document):
        for _, part in inspect.getmembers(module, dataclasses.is_dataclass):
            if isinstance(part, type) and part.__module__ == module.__name__ and part.__name__ != "Email":
                found |= {field.name for field in dataclasses.fields(part)}
    return found


def test_every_field_of_a_record_has_a_word_in_swedish_and_norwegian() -> None:
    names = _fields()
    assert len(names) > 100
    assert sorted(names - set(WORDS)) == []


@pytest.mark.parametrize(
    ("value", "swedish"),
    [
        (Money(Decimal("1000.0"), "SEK"), "1000,00 SEK"),
        (Money(Decimal("12345.678"), "NOK"), "12\xa0345,678 NOK"),
        (Decimal("2.50"), "2,5"),
        (Decimal(100), "100"),
        (None, "–"),
        ("", "–"),
        (True, "ja"),
        (date(2026, 11, 20), "2026-11-20"),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "2026-11-21 00:30"),
    ],
)
def test_a_stored_value_reads_as_people_write_it(value: object, swedish: str) -> None:
    with translation.override("sv"):
        assert shown(values.encode(value)) == swedish
        assert shown(value) == swedish


def test_rows_of_a_document_are_lines_of_text_and_not_json() -> None:
    rows = (
        Row(
            id="1",
            article_number="A1",
            description="Bord",
            quantity=Decimal("2.0"),
            price=Money(Decimal(1000), "SEK"),
            vat=Decimal(25),
        ),
        Row(description="Tack för köpet"),
    )
    with translation.override("sv"):
        assert shown(values.encode(rows)) == "A1 · Bord · 2 × 1000,00 SEK · moms 25 %\nTack för köpet"


def test_a_long_table_of_a_setting_is_shown_by_its_few_values() -> None:
    owners = dict.fromkeys(("name", "phone", "fax", "website", "email", "phone2"), "webcrm") | {
        "number": "fortnox",
        "kind": "fortnox",
    }
    with translation.override("sv"):
        assert chosen(owners) == "webCRM: namn, telefon, fax, hemsida, e-post, telefon 2\nFortnox: kundnummer, typ"
        assert chosen({"number": "Data1"}) == "kundnummer: Data1"
        assert chosen(["Kund – Företag", "Kund – Privat"]) == "Kund – Företag, Kund – Privat"
        assert chosen(True) == "ja"
        assert chosen(0.3) == "0,3"
