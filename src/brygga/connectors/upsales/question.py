"""before_order_save: Upsales asks before a person's save of an order, and the person reads the text that says no.

Answered from what is known already, without a call to anybody. Refused is what could not be carried over and would part the two
systems: a change of an order that is booked, sent, cancelled or carried on in Fortnox (ruling D6), and the loss of a sale whose
invoice is booked (UPS-10). What merely waits, as a row without article number, is saved and held with its repair.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from brygga.connectors.upsales import sale_map as mapping
from brygga.connectors.upsales.layout import Layout
from brygga.connectors.upsales.sale_streams import BUT_ROWS
from brygga.connectors.upsales.sales import Sales
from brygga.connectors.upsales.settings import Settings
from brygga.core.diff import same
from brygga.core.document_state import TOLD
from brygga.core.formerly import as_held
from brygga.core.record import Value, present
from brygga.errors import BryggaError, Sentence

_PATH: Final = re.compile(r"/?before[_-]?order[_-]?save(?:/(\d{1,12}))?/?", re.IGNORECASE)
"""Under which path the question comes is not recorded: its own name, spelled as one likes, with or without the order's id."""
_OWN: Final = "@api.upsales.com"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order is not saved, what the person can do, and the fields (in our words) that it is about."""

    sentence: Sentence
    repair: Sentence
    fields: tuple[str, ...] = ()


def _no(says: str, repair: str, facts: dict[str, str], fields: tuple[str, ...] = ()) -> Refusal:
    return Refusal(Sentence(says, facts), Sentence(repair, facts), fields)


def is_question(path: str) -> bool:
    """Say whether an address is that of the question."""
    return _PATH.fullmatch(path) is not None


def order_of(path: str, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the order as it would be saved; None for a new one, for an app's own save, and where the question does not say."""
    found = _PATH.fullmatch(path)
    order, user = body.get("data"), body.get("user")
    email = str(user.get("email") or "") if isinstance(user, Mapping) else ""
    if found is None or not isinstance(order, Mapping) or email.strip().lower().endswith(_OWN):
        return None
    id = order.get("id") or int(found[1] or 0)
    return {**order, "id": id} if isinstance(id, int) and not isinstance(id, bool) and id > 0 else None


def products_of(order: Mapping[str, Any]) -> set[int]:
    """Return the products on an order's rows."""
    return mapping.product_ids(order) if _has_rows(order) else set()


def refusal(
    order: Mapping[str, Any],
    kind: str,
    settings: Settings,
    layout: Layout,
    base: Mapping[str, Value],
    lock: Mapping[str, Any] | None,
) -> Refusal | None:
    """Say why an order may not be saved, None when it may.

    kind, base, lock   of its link: the kind of its document, what both systems held when they last agreed, and why the document may
                       no longer be changed
    """
    if lock is None:
        return None
    state, facts = str(lock.get("state")), {str(name): str(value) for name, value in dict(lock.get("facts") or {}).items()}
    if order.get("probability") == 0 and kind != "offer":
        if state == "credit" or (state == "credited" and settings.credit_invoices == "sale"):
            return _no(
                "Document {number} is credited in Fortnox and its credit is a sale of its own, so neither of the two can be lost.",
                "Leave both won: together they make nothing.",
                facts,
            )
        if state != "booked":
            return None
        return _no(
            "Invoice {number} is booked in Fortnox, so the sale cannot be lost.",
            "Make a credit invoice in Fortnox first.",
            facts,
        )
    if state == "cancelled" and order.get("probability") == 100:
        return _no(
            "Document {number} is cancelled in Fortnox, so its sale cannot be won again.",
            "Make a new sale.",
            facts,
        )
    changed = _changed(order, kind, settings, layout, base)
    if state == "rows":
        changed = tuple(name for name in changed if name not in BUT_ROWS)
    return _locked(state, facts, changed) if changed else None


def _locked(state: str, facts: dict[str, str], changed: tuple[str, ...]) -> Refusal | None:
    """Say of a change what keeps it from Fortnox."""
    match state:
        case "booked":
            return _no(
                "Invoice {number} is booked in Fortnox and is not changed any more: {fields}.",
                "Make a credit invoice in Fortnox, or save the sale without this change.",
                facts,
                changed,
            )
        case "credited":
            return _no(
                "Invoice {number} is credited in Fortnox and is not changed any more: {fields}.",
                "Make a new sale, or save this one without the change.",
                facts,
                changed,
            )
        case "credit":
            return _no(
                "Credit invoice {number} is changed in Fortnox alone: {fields}.",
                "Correct it in Fortnox, or save the sale without this change.",
                facts,
                changed,
            )
        case "rows":
            return _no(
                "The rows of document {number} have prices with VAT, no article, freight in the head or a part that is delivered, so they are "
                "changed in Fortnox alone: {fields}.",
                "Correct it in Fortnox, or save the sale without this change.",
                facts,
                changed,
            )
        case "became":
            return _no(
                "Document {number} has become {became} in Fortnox and is not changed any more: {fields}.",
                "Change {became} in Fortnox, or save the sale without this change.",
                facts,
                changed,
            )
        case "sent":
            return _no(
                "Document {number} has been sent from Fortnox and is not changed any more: {fields}.",
                "Correct it in Fortnox, or save the sale without this change.",
                facts,
                changed,
            )
    return None


def _changed(order: Mapping[str, Any], kind: str, settings: Settings, layout: Layout, base: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the fields in which an order would no longer hold what was agreed, of those that its document could not follow in."""
    if not _has_rows(order) or not layout.is_known:
        return ()
    sales = Sales(layout.client, layout, settings, kind)
    try:
        document = sales.document(dict(order))
    except (BryggaError, ValueError, TypeError, AttributeError):
        # What cannot be read is judged by the run that reads it from Upsales itself.
        return ()
    holding = sales.capability().holding()
    return tuple(
        name
        for name, value in present(document)
        if name in base
        and name not in TOLD
        and not same(name, base[name], value)
        and not same(name, as_held(holding, name, base[name], value), value)
    )


def _has_rows(order: Mapping[str, Any]) -> bool:
    rows = order.get("orderRow")
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
