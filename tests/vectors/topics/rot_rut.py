from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from brygga.core.rot_rut import tax_reduction


def run(given: Mapping[str, Any]) -> object:
    found = tax_reduction(
        given["kind_"],
        Decimal(given["labour_incl_vat"]),
        Decimal(given["total_incl_vat"]),
        date.fromisoformat(given["payment_date"]),
        Decimal(given["used_rot"]),
        Decimal(given["used_total"]),
    )
    return {"reduction": str(found.reduction), "customer_pays": str(found.customer_pays)}
