"""Which quotation applies, and conversion with the unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from brygga.core.currency import available_quote, quote_date, to_sek


def run(given: Mapping[str, Any]) -> dict[str, object]:
    if given["op"] == "quote_date":
        return {"result": quote_date(date.fromisoformat(given["day"])).isoformat()}
    if given["op"] == "available_quote":
        return {"result": available_quote(datetime.fromisoformat(given["now"])).isoformat()}
    if given["op"] == "to_sek":
        return {"result": str(to_sek(Decimal(given["amount"]), Decimal(given["rate"]), Decimal(given["unit"])))}
    raise ValueError(f"{given['op']} is no operation on currency rates")
