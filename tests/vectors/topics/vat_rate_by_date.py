"""Which VAT rate a date gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from brygga.core.money import percent_text
from brygga.core.vat_rates import vat_rate


def run(given: Mapping[str, Any]) -> dict[str, object]:
    found = vat_rate(
        given["category"],
        given["document"],
        delivery_date=_day(given["delivery_date"]),
        advance_payment_date=_day(given["advance_payment_date"]),
        original_delivery_date=_day(given["original_delivery_date"]),
    )
    return {"rate": percent_text(found.percent), "tax_point": found.tax_point.isoformat()}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
