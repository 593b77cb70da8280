"""Carry out one change in Fortnox and say what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from brygga.clients.fortnox import Fortnox
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.fortnox import map as mapping
from brygga.connectors.fortnox.read import get_customer, ref, seen_detail
from brygga.connectors.fortnox.settings import Settings
from brygga.core.diff import same
from brygga.core.policy import Holding
from brygga.core.record import ABSENT, Customer, present, with_values
from brygga.errors import BadData, BryggaError, Rejected, SettingsError, Stale

KEY = "ExternalReference"
"""The field of a customer that carries our key, so that "was it made?" has an answer (DESIGN 6.2)."""

HOLDING = Holding(mapping.HELD, mapping.LIMITS, mapping.spell, formerly=mapping.spell_formerly)

STATED: Mapping[str, object] = {"Active": True, "Currency": "SEK", "ShowPriceVATIncluded": False}
"""What Fortnox would fill of a new customer by itself (section 9.1) and documents take from it. Terms, price list and ways of sending
are the company's own, and are wanted."""


def create_customers(client: Fortnox, creations: Sequence[Creation], settings: Settings) -> list[Receipt | BryggaError]:
    """Make customers one by one, one result each, in order.

    CustomerNumber is sent only where the record has one: the other side governs numbers (WEB-27); else Fortnox assigns it.
    Raises OutcomeUnknown for the first whose answer is lost.
    """
    return [_create(client, creation, settings) for creation in creations]


def _create(client: Fortnox, creation: Creation, settings: Settings) -> Receipt | BryggaError:
    customer = with_values(
        Customer(), {name: HOLDING.fit(name, value) for name, value in present(creation.record) if name in HOLDING.fields}
    )
    try:
        body = mapping.customer_fields(dict(present(customer)), "create")
        decided = creation.record.vat_type if isinstance(creation.record, Customer) else ABSENT
        body["VATType"] = decided or mapping.vat_type(customer, settings)
        made = client.customers.create({**STATED, **body, KEY: creation.key})
    except (Rejected, BadData, SettingsError) as error:
        return error
    return Receipt(ref(made), seen_detail(made))


def update_customer(client: Fortnox, update: Update) -> Receipt:
    """Change the given fields of one customer and return it as Fortnox holds it now.

    The detail is read first. Raises Stale, and writes nothing, when it is gone or does not hold what the plan saw. Sent is only
    what differs from the detail.
    """
    number = update.ref.id
    raw = get_customer(client, number)
    if raw is None:
        raise Stale("Customer {number} is gone from Fortnox. Nothing was written.", number=number)
    now = dict(present(mapping.customer_from_detail(raw)))
    moved = [name for name, before in update.before.items() if not same(name, now.get(name, ABSENT), before)]
    if moved:
        raise Stale(
            "Customer {number} was changed in Fortnox since the plan was made ({fields}). Nothing was written.",
            number=number,
            fields=", ".join(moved),
        )
    if "number" in update.after:
        raise Rejected(
            "Customer {number} cannot become {wanted}: Fortnox never changes a customer number.",
            repair="Put {number} back in the other system, or unlink the two.",
            rule="WEB-26",
            number=number,
            wanted=update.after["number"],
        )
    changes = mapping.customer_fields(update.after, "update")
    changes = {field: value for field, value in changes.items() if not _holds(raw.get(field), value)}
    if not changes:
        return Receipt(update.ref, seen_detail(raw))
    return Receipt(update.ref, seen_detail(client.customers.update(number, changes)))


def _holds(now: object, wanted: object) -> bool:
    if wanted in (None, mapping.BLANK):
        return now in (None, "")
    return now == wanted
