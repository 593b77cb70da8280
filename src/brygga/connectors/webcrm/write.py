"""Carry out one change in webCRM and say what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from brygga.clients.webcrm import WebCrm
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.webcrm import map as mapping
from brygga.connectors.webcrm.layout import Layout
from brygga.connectors.webcrm.streams import SYSTEM
from brygga.core.diff import same
from brygga.core.policy import Holding
from brygga.core.record import ABSENT, Ref, present
from brygga.errors import BryggaError, OutcomeUnknown, Rejected, Stale

BATCH = 100
"""Organisations made with one request. No limit is published; working clients send hundreds."""


def create_organisations(client: WebCrm, creations: Sequence[Creation], layout: Layout) -> list[Receipt | BryggaError]:
    """Make organisations, one result each, in order. Raises OutcomeUnknown when any of them may have been made."""
    results: dict[int, Receipt | BryggaError] = {}
    bodies: dict[int, dict[str, object]] = {}
    for place, creation in enumerate(creations):
        try:
            bodies[place] = _body(creation, layout)
        except Rejected as error:
            results[place] = error
    sent = list(bodies)
    try:
        answers: list[int | str] = []
        if len(sent) == 1:
            answers = [client.organisations.create(bodies[sent[0]])]
        elif sent:
            answers = client.organisations.upsert([bodies[place] for place in sent])
        for place, answer in zip(sent, answers, strict=True):
            results[place] = _result(answer, creations[place])
    except Rejected as error:
        # The whole request was refused: nothing was made.
        results.update(dict.fromkeys(sent, error))
    return [results[place] for place in range(len(creations))]


def _body(creation: Creation, layout: Layout) -> dict[str, object]:
    holding = Holding(frozenset(layout.places), layout.limits)
    values = {name: holding.fit(name, value) for name, value in present(creation.record)}
    return mapping.organisation_fields(values, layout)


def _result(answer: int | str, creation: Creation) -> Receipt | BryggaError:
    if isinstance(answer, int):
        return Receipt(Ref(SYSTEM, "customer", str(answer)))
    if not answer:
        raise OutcomeUnknown(
            "webCRM neither named the organisation for customer {key} nor said what is wrong with it.",
            repair="Look before repeating it.",
            key=creation.key,
        )
    return Rejected(
        "webCRM did not make the organisation for customer {key}: {text}",
        repair="Correct the customer in Fortnox, or the settings of webCRM, and try again.",
        key=creation.key,
        text=answer,
    )


def update_organisation(client: WebCrm, update: Update, layout: Layout) -> Receipt:
    """Change the given fields of one organisation. PUT replaces the whole object, so it is read first and sent back whole.

    Raises Stale, and writes nothing, when the organisation is gone or no longer holds what the plan saw; Rejected when webCRM
    or one of its dropdowns does not take a value. Between our GET and our PUT somebody may change another field, which is then
    put back: webCRM has no way to prevent that.
    """
    raw = client.organisations.get(update.ref.id)
    if raw is None:
        raise Stale("Organisation {id} is gone from webCRM. Nothing was written.", id=update.ref.id)
    now = dict(present(mapping.customer_from_organisation(raw, layout)))
    moved = [name for name, before in update.before.items() if not same(name, now.get(name, ABSENT), before)]
    if moved:
        raise Stale(
            "Organisation {id} was changed in webCRM since the plan was made ({fields}). Nothing was written.",
            id=update.ref.id,
            fields=", ".join(moved),
        )
    changes = mapping.organisation_fields(update.after, layout)
    client.organisations.replace(update.ref.id, {**raw, **changes})
    return Receipt(update.ref)


def key_of(raw: Mapping[str, object], layout: Layout) -> str:
    """Return what an organisation carries as its key: the customer number, exactly as it stands."""
    return str(raw.get(layout.places["number"]) or "").strip()
