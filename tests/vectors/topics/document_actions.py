"""What may be done with a document in which state."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga.core.document_state import DocumentState, may


def run(given: Mapping[str, Any]) -> dict[str, object]:
    document = given["document"]
    state = DocumentState(
        kind=document["type"],
        booked=document["booked"],
        cancelled=document["cancelled"],
        sent=document["sent"],
        credited=document["credited"],
        balance=Decimal(document["balance"]),
        total=Decimal(document["total"]),
        method=document["method"],
        order_invoiced=document["order_invoiced"],
        period_locked=document["period_locked"],
    )
    verdict = may(state, given["action"])
    return {"allowed": verdict.allowed, "reason": verdict.reason}
