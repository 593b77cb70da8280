"""What people call a record, to stand before a sentence that does not say it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from brygga.core.record import ABSENT
from brygga.errors import Sentence

NAMES: Final = ("name", "customer_name", "supplier_name", "subject")
NUMBERS: Final = ("own_number", "your_order_number", "invoice_number", "number")
"""The fields that hold what people call a record by, the likeliest first."""


def called(values: Mapping[str, Any], id: str = "") -> str:
    """Return a record's name and number, "Linden AB (1042)", as far as it has them; *id* is its number where it has none."""
    return _both(_first(values, NAMES), _first(values, NUMBERS) or id)


def before(said: str, values: Mapping[str, Any], id: str) -> str:
    """Return what a sentence lacks of the record that it is about: its name, its number or both; "" where it says enough.

    A document is known by its number, as one customer has many; another record by its name or its number.
    """
    name, numbers = _first(values, NAMES), [str(values.get(field) or "").strip() for field in NUMBERS] + [id]
    numbered = any(_says(said, number) for number in numbers if number)
    named = bool(name) and name in said
    if numbered or (named and not values.get("rows")):
        return ""
    number = _first(values, NUMBERS) or id
    if not values.get("rows") and name:
        return name
    return number if named else _both(name, number)


def gone(system: str, kind: str, id: str) -> Sentence:
    """Say that a system no longer has a record; a price by its list, article and quantity, which make its id."""
    parts = id.split("|")
    if kind == "price" and len(parts) == 3:
        facts = {"system": system, "list": parts[0], "article": parts[1], "quantity": parts[2]}
        return Sentence(
            "{system} no longer has the price of article {article} in price list {list} from quantity {quantity}.", facts
        )
    return Sentence("{system} no longer has {id}.", {"system": system, "id": id})


def _first(values: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    found = (values.get(field) for field in fields)
    return next((str(one).strip() for one in found if one is not ABSENT and one is not None and str(one).strip()), "")


def _both(name: str, number: str) -> str:
    return f"{name} ({number})" if name and number else name or number


def _says(said: str, number: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(number)}(?!\w)", said) is not None
