from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from brygga.core.giro import validate_giro


def run(given: Mapping[str, Any]) -> object:
    return asdict(validate_giro(given["kind_"], given["text"]))
