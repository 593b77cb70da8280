"""VATType, account, box of the VAT return and text on the invoice."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga.core.money import percent_text
from brygga.core.vat import Line, vat_treatment


def run(given: Mapping[str, Any]) -> dict[str, object]:
    treatment = vat_treatment(
        Line(
            supply=given["supply"],
            customer_type=given["customer_type"],
            ship_to=given["ship_to"],
            vat_number_valid=given["vat_number_valid"],
            construction=given["construction"],
            oss=given["oss"],
            rate=Decimal(given["rate"]),
            oss_rate=None if given["oss_rate"] is None else Decimal(given["oss_rate"]),
        )
    )
    return {
        "vat_type": treatment.vat_type,
        "row_vat": percent_text(treatment.row_vat),
        "predefined_account": treatment.predefined_account,
        "default_account": treatment.default_account,
        "vat_box": treatment.vat_box,
        "invoice_text": treatment.invoice_text,
    }
