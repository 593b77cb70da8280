"""Rows to totals, VAT per rate and per row, rounding to whole kronor."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga.core.money import percent_text
from brygga.core.totals import Priced, invoice_totals


def run(given: Mapping[str, Any]) -> dict[str, object]:
    totals = invoice_totals(
        [_priced(row) for row in given["rows"]],
        prices_include_vat=given["prices_include_vat"],
        vat_method=given["vat_method"],
        round_to_krona=given["round_to_krona"],
    )
    return {
        "row_totals": [str(total) for total in totals.row_totals],
        "per_rate": {
            percent_text(rate): {"net": str(part.net), "vat": str(part.vat), "gross": str(part.gross)}
            for rate, part in totals.per_rate.items()
        },
        "net": str(totals.net),
        "vat": str(totals.vat),
        "total": str(totals.total),
        "round_off": str(totals.round_off),
    }


def _priced(row: Mapping[str, Any]) -> Priced:
    kind = row["discount_type"]
    return Priced(
        quantity=Decimal(row["qty"]),
        price=Decimal(row["price"]),
        rate=Decimal(row["vat"]),
        discount=None if row["discount"] is None else Decimal(row["discount"]),
        discount_kind=None if kind is None else kind.lower(),
    )
