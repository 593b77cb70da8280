"""Tell Opter which document of Fortnox an invoice or a settlement became, and that it is booked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from brygga.clients.opter import Opter, OpterFolder
from brygga.connectors.contract import Receipt, Update
from brygga.errors import Rejected, Stale


def note_invoice(client: Opter | OpterFolder, update: Update, now: Callable[[], datetime]) -> Receipt:
    """Note number and voucher on an invoice. Saying it again changes nothing. Raises Rejected, Stale."""
    if set(update.after) - {"number", "voucher"}:
        raise Rejected("Of an invoice only its document's number and voucher are written to Opter.", rule="OPT-01")
    export = _export(client.invoices.get(update.ref.id), update.ref.id)
    number = str(update.after.get("number") or export.get("documentNumber") or "")
    voucher = str(update.after.get("voucher", export.get("message") if export.get("booked") else "") or "")
    client.invoices.exported(update.ref.id, number, now(), booked=bool(voucher), message=voucher)
    return Receipt(update.ref)


def note_settlement(client: Opter | OpterFolder, update: Update, now: Callable[[], datetime]) -> Receipt:
    """Note the supplier invoice's number on a settlement, and whether it is booked. Raises Rejected, Stale."""
    if set(update.after) - {"external_reference1", "booked"}:
        raise Rejected("Of a settlement only its document's number and state are written to Opter.", rule="OPT-03")
    export = _export(client.settlements.get(update.ref.id), update.ref.id)
    number = str(update.after.get("external_reference1") or export.get("documentNumber") or "")
    booked = update.after.get("booked", export.get("booked")) is True
    client.settlements.exported(update.ref.id, number, now(), booked=booked)
    return Receipt(update.ref)


def _export(raw: Any, id: str) -> dict[str, Any]:
    if raw is None:
        raise Stale("Record {id} is gone from Opter. Nothing was written.", id=id)
    return dict(raw.get("export") or {})
