from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from brygga.core.numbers import parse_vat_number


def run(given: Mapping[str, Any]) -> object:
    return asdict(parse_vat_number(given["text"], given.get("default_country")))
