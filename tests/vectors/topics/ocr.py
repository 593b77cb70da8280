from collections.abc import Mapping
from typing import Any

from brygga.core.ocr import make_ocr, validate_ocr


def run(given: Mapping[str, Any]) -> object:
    if given["op"] == "make":
        return {"ocr": make_ocr(given["payload"], length_digit=given["length_digit"])}
    return {"valid": validate_ocr(given["ocr"], given["level"], given["length"])}
