from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from brygga.core.sie import TransRow, Unbalanced, Voucher, sie_voucher
from brygga.core.sie_text import sie_amount, sie_bytes, sie_field, sie_parse_line, sie_text


def flat(objects: Iterable[Any]) -> tuple[str, ...]:
    """Read an object list written as fields, as pairs, or as maps of dimension and object."""
    fields: list[str] = []
    for one in objects:
        fields.extend(one.values() if isinstance(one, Mapping) else [one] if isinstance(one, str) else one)
    return tuple(str(text) for text in fields)


def voucher(given: Mapping[str, Any]) -> Voucher:
    rows = tuple(
        TransRow(row["account"], Decimal(row["amount"]), flat(row.get("objects") or ()), row.get("text") or "")
        for row in given["rows"]
    )
    return Voucher(given["series"], given["number"], date.fromisoformat(given["date"]), given["text"], rows)


def run(given: Mapping[str, Any]) -> object:
    op = given["op"]
    if op == "sie_field":
        return {"result": sie_field(given["text"])}
    if op == "sie_amount":
        return {"result": sie_amount(Decimal(given["value"]))}
    if op == "sie_parse_line":
        return {"tokens": sie_parse_line(given["line"])}
    if op == "sie_bytes":
        return {"text": sie_text(given["text"]), "hex": sie_bytes(given["text"]).hex()}
    try:
        return {"lines": sie_voucher(voucher(given))}
    except Unbalanced as error:
        return {"error": "unbalanced", "difference": sie_amount(error.difference)}
