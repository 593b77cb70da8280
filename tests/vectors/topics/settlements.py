"""Haulier settlements as supplier invoice rows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga.core.settlements import Haulier, SettlementLine, code_settlement


def run(given: Mapping[str, Any]) -> dict[str, object]:
    haulier = given["haulier"]
    coding = code_settlement(
        Haulier(haulier["country"], haulier["vat_registered"], haulier["self_billing_agreement"]),
        [SettlementLine(line["kind"], Decimal(line["net"]), Decimal(line["vat"])) for line in given["lines"]],
    )
    if coding.reason is not None:
        return {"document": coding.document, "reason": coding.reason}
    return {
        "rows": {account: str(amount) for account, amount in coding.rows.items()},
        "input_vat": str(coding.input_vat),
        "output_vat": str(coding.output_vat),
        "payable": str(coding.payable),
        "vat_type": coding.vat_type,
        "document": coding.document,
        "must_state": list(coding.must_state),
    }
