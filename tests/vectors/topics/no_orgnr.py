from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from brygga.core.numbers import parse_no_orgnr


def run(given: Mapping[str, Any]) -> object:
    return asdict(parse_no_orgnr(given["text"]))
