from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from brygga.core.contact import name_key, normalise_email, normalise_phone, normalise_postcode
from brygga.core.countries import country_to_iso


def run(given: Mapping[str, Any]) -> object:
    text = given["text"]
    if given["op"] == "normalise_email":
        return asdict(normalise_email(text))
    found = {
        "normalise_phone": lambda: normalise_phone(text, given["country"]),
        "normalise_postcode": lambda: normalise_postcode(text, given["country"]),
        "country_to_iso": lambda: country_to_iso(text),
        "name_key": lambda: name_key(text),
    }[given["op"]]()
    return {"value": found}
