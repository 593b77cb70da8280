from collections.abc import Mapping
from datetime import date
from typing import Any

from brygga.core.numbers import parse_se_identity


def run(given: Mapping[str, Any]) -> object:
    found = parse_se_identity(given["text"], date.fromisoformat(given["as_of"]))
    return {
        "kind_": found.kind,
        "ten": found.ten,
        "twelve": found.twelve,
        "display": found.display,
        "vat_number": found.vat_number,
        "personal_data": found.personal_data,
    }
