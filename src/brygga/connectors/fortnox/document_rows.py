"""Rows of an update: which of the old rows stay, which are new, which go (Fortnox API, section 9.5). Pure.

A row that stays keeps what only Fortnox knows of it: its account, its cost centre, its project. So rows are first brought
together by article and text, in their order, and only then by place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from brygga.clients.fortnox.rows import replaced, row_ids
from brygga.connectors.fortnox.document_form import Form
from brygga.connectors.fortnox.document_map import row_field, row_from, row_to
from brygga.core.diff import same, same_row
from brygga.core.document import Row
from brygga.core.record import ABSENT
from brygga.core.rows import together

Raw = Mapping[str, Any]


def changed_rows(raw: Sequence[Raw], wanted: Sequence[Row], form: Form) -> list[dict[str, Any]] | None:
    """Return the rows to send so that the document holds *wanted*; None when it does already. *raw* was read just now."""
    now = [row_from(row, form, _currency(wanted)) for row in raw]
    if len(now) == len(wanted) and all(same_row(one, two) for one, two in zip(now, wanted, strict=True)):
        return None
    partners = together(now, wanted)
    if not any(partner is not None for partner in partners):
        return [dict(row) for row in replaced(raw, [_whole(row, form) for row in wanted])]
    ids = row_ids(raw)
    sent: list[dict[str, Any]] = []
    for row, partner in zip(wanted, partners, strict=True):
        sent.append(row_to(row, form) if partner is None else {"RowId": ids[partner], **_changes(now[partner], row, form)})
    return sent


def _changes(now: Row, wanted: Row, form: Form) -> dict[str, Any]:
    """Return what differs of a row that stays; a discount goes with its type."""
    if wanted.is_text:
        return {} if same_row(now, wanted) else {"Description": str(wanted.description or "")}
    changes: dict[str, Any] = {}
    for name in wanted.__dataclass_fields__:
        value = getattr(wanted, name)
        if value is ABSENT or name in ("id", "total", "cost", "supply", "vat_code", "delivery_date"):
            continue
        if not same(name, getattr(now, name), value):
            changes |= row_field(name, value, form)
    if (
        form.register == "orders"
        and form.quantity in changes
        and "OrderedQuantity" not in changes
        and wanted.ordered_quantity is ABSENT
    ):
        changes["OrderedQuantity"] = wanted.quantity
    if "Discount" in changes and "DiscountType" not in changes:
        changes["DiscountType"] = "AMOUNT" if wanted.discount_kind == "amount" else "PERCENT"
    return changes


def _whole(row: Row, form: Form) -> dict[str, Any]:
    """Return a row that takes another's place: everything that it would inherit is said."""
    made = row_to(row, form)
    return {"ArticleNumber": None, **made} if not row.is_text else made


def _currency(wanted: Sequence[Row]) -> str:
    return next((row.price.currency for row in wanted if row.price is not ABSENT), "SEK")
