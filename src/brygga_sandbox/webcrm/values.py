"""Between a record as it is kept and as it is sent: reading a body field by field, and writing an answer.

Kept are only fields that hold something: text, int, float (the definition's double), bool and aware date-times. Whatever
is not kept is written as webCRM writes an empty field of that kind, which is never null.
"""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from brygga_sandbox.webcrm import dates
from brygga_sandbox.webcrm.errors import bad_request, invalid
from brygga_sandbox.webcrm.fields import ENTITIES, WRITE_ONLY, Entity, Field
from brygga_sandbox.webcrm.installation import FieldSetup, Installation

Stored = str | int | float | bool | datetime
Given = dict[str, Stored | None]
"""Fields as a body gave them; None is a field that was given empty. A field that is missing was not given."""

_INT32 = 2**31 - 1


class Wire:
    """Reads and writes the records of one installation."""

    def __init__(self, installation: Installation) -> None:
        """Prepare the empty record of each entity."""
        self.installation = installation
        self.zone = installation.zone
        self._names = {name: {field.lower(): field for field in entity.fields} for name, entity in ENTITIES.items()}
        self._empty = {name: self._empty_record(entity) for name, entity in ENTITIES.items()}
        self._coded = {"Delivery": "DeliveryCurrencyName", "User": "UserCurrencyName"}

    def _empty_record(self, entity: Entity) -> dict[str, Any]:
        return {name: self._empty_field(field) for name, field in entity.fields.items() if name not in WRITE_ONLY}

    def _empty_field(self, field: Field) -> Any:
        setup = self.installation.fields.get(field.name)
        if field.kind == "text":
            if setup is not None and setup.display == "C":
                return "No"
            if setup is not None and setup.choices and self.installation.quirks.placeholders:
                return self.installation.placeholder
            return ""
        if field.kind == "date":
            # The custom dates of an installation read with an hour and an offset, as recorded; the others without.
            return dates.NEVER_LOCAL if "XDate" in field.name else dates.NEVER
        if field.kind == "enum":
            return field.words[0]
        return {"int": 0, "number": 0.0, "bool": False}[field.kind]

    def write(self, entity: str, kept: Mapping[str, Stored]) -> dict[str, Any]:
        """Return the record as the API shows it: every field of the entity, empty ones in webCRM's manner."""
        answer = dict(self._empty[entity])
        for name, value in kept.items():
            if isinstance(value, datetime):
                answer[name] = dates.write(value, self.zone)
            elif name in answer:
                answer[name] = value
        coded = self._coded.get(entity)
        in_code = coded is not None and self.installation.quirks.coded_base_currency
        if coded is not None and in_code and answer[coded] in ("", self.installation.currency):
            answer[coded] = "00"
        return answer

    def read(self, entity: str, body: object) -> Given:
        """Return the fields that *body*, one JSON object, gives. Unknown names are ignored, as ASP.NET does [guess].

        Names are taken in any mixture of capitals. Raises a 400 refusal naming the field that has a wrong type, an
        unknown word, a text beyond the definition's maxLength or a value that its list does not have.
        """
        if not isinstance(body, dict):
            raise bad_request("A non-empty request body is required.")
        names, fields = self._names[entity], ENTITIES[entity].fields
        given: Given = {}
        for key, value in body.items():
            name = names.get(str(key).lower())
            if name is not None:
                given[name] = self._read_field(fields[name], value)
        return given

    def _read_field(self, field: Field, value: object) -> Stored | None:
        if value is None:
            return None
        if field.kind == "text":
            return self._read_text(field, value)
        if field.kind == "date":
            return self._read_date(field, value)
        if field.kind == "enum":
            return _read_word(field, value)
        if field.kind == "bool":
            if not isinstance(value, bool):
                raise invalid(field.name, f"Could not convert {json.dumps(value)} to a boolean.")
            return value or None
        return _read_number(field, value) or None

    def _read_date(self, field: Field, value: object) -> datetime | None:
        if not isinstance(value, str):
            raise invalid(field.name, f"Could not convert {json.dumps(value)} to a date-time.")
        try:
            return dates.parse(value, self.zone) if value else None
        except dates.BadDate as wrong:
            raise invalid(field.name, f"Could not convert {json.dumps(value)} to a date-time.") from wrong

    def _read_text(self, field: Field, value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise invalid(field.name, f"Could not convert {json.dumps(value)} to a string.")
        text = value if isinstance(value, str) else json.dumps(value)
        if field.longest is not None and len(text) > field.longest:
            raise invalid(field.name, f"The field {field.name} must be at most {field.longest} characters long.")
        setup = self.installation.fields.get(field.name)
        if field.name == self._coded.get("Delivery"):
            return self._read_currency(field, text)
        return (text if setup is None else self._read_shown(field, setup, text)) or None

    def _read_shown(self, field: Field, setup: FieldSetup, text: str) -> str:
        """Return *text* as the field's set-up keeps it: a choice of its list, Yes or No, or cut to its length."""
        if setup.display == "C":
            if text not in ("", "Yes", "No"):
                raise invalid(field.name, f"'{text}' is not a value of the check box {field.name}: Yes or No.")
            return "" if text == "No" else text
        if setup.choices:
            if text.strip() in ("", self.installation.placeholder):
                return ""
            if text not in setup.choices and self.installation.quirks.unknown_choice == "refuse":
                raise invalid(field.name, f"'{text}' is not a value of the list {field.name}.")
            return text
        return text[: setup.longest] if setup.longest and field.longest is None else text

    def _read_currency(self, field: Field, text: str) -> str | None:
        if text in ("", "00", self.installation.currency):
            return None
        if text not in self.installation.currencies:
            raise invalid(field.name, f"The currency '{text}' is not set up.")
        return text


def derive(entity: str, values: dict[str, Stored]) -> None:
    """Fill in what the service works out itself: a person's whole name, and names and telephones as they are searched."""
    worked_out: dict[str, str] = {}
    if entity == "Person":
        parts = (str(values.get(f"Person{part}Name", "")).strip() for part in ("First", "Middle", "Last"))
        worked_out["PersonName"] = " ".join(part for part in parts if part)
        worked_out["PersonTelephoneSearch"] = _digits(values.get("PersonDirectPhone"))
    elif entity == "Organisation":
        name = str(values.get("OrganisationName", "")).lower()
        worked_out["OrganisationCompareName"] = "".join(sign for sign in name if sign.isalnum())
        worked_out["OrganisationTelephoneSearch"] = _digits(values.get("OrganisationTelephone"))
    for field, text in worked_out.items():
        values.pop(field, None)
        if text:
            values[field] = text


def _digits(value: object) -> str:
    return "".join(sign for sign in str(value or "") if sign.isdigit())


def _read_word(field: Field, value: object) -> str:
    """Return the word of a closed list, given as itself (in any capitals) or as its number, as .NET takes enums."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(field.words):
        return field.words[value]
    if isinstance(value, str):
        for word in field.words:
            if word.lower() == value.lower():
                return word
    raise invalid(field.name, f"Error converting value {json.dumps(value)} to one of {', '.join(field.words)}.")


def _read_number(field: Field, value: object) -> int | float:
    """Return an int32 or a double, given as a number or as a text that is one."""
    wrong = invalid(field.name, f"Could not convert {json.dumps(value)} to {'an integer' if field.kind == 'int' else 'a number'}.")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong
    try:
        number = float(value)
    except (ValueError, OverflowError) as cause:
        raise wrong from cause
    if not math.isfinite(number):
        raise wrong
    if field.kind == "number":
        return number
    if number != int(number) or abs(number) > _INT32:
        raise wrong
    return int(number)
