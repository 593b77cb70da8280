"""Records of one register that look like the same: two customers in Fortnox with one organisation number.

Told from what the hub has read, linked or not; no system is asked, and nothing is merged: no system of ours has a verb for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from brygga.core.match import Identity, differ, identity_of
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.seen import Known
from brygga.store import links, problems
from brygga.store.models import Integration, Problem
from brygga.sync.look import kind_of, streams_chosen

KEYS: Final = ("organisation_number", "vat_number", "email", "name")
"""By what they are told, the surest first. Two of the same e-mail or name are only likely the same, and are said to be so."""
_SHOWN: Final = ("number", "name", "organisation_number", "vat_number", "email", "invoice_city", "active")


def duplicate_rows(address: str = "") -> list[dict[str, Any]]:
    """Return the groups of records that look like the same, the surest first, for the streams of customers that the address names.

    Each record says what it is linked to, and the number of the open question about it, where there is one.
    """
    found: list[dict[str, Any]] = []
    done: set[tuple[int, Side]] = set()
    for integration, stream in streams_chosen(address):
        if kind_of(integration, stream) != "customer":
            continue
        for side in (LEFT, RIGHT):
            # A register is looked through once, however many streams of it there are.
            if (integration.pk, side) not in done:
                done.add((integration.pk, side))
                found += _groups(integration, stream, side)
    return sorted(found, key=lambda group: KEYS.index(group["by"]))


def _groups(integration: Integration, stream: str, side: Side) -> Iterator[dict[str, Any]]:
    records = {
        one.id: one for one in (*problems.known(integration.pk, stream, side), *links.known(integration.pk, "customer", side))
    }
    identities = {id: identity_of(record.values) for id, record in records.items()}
    told: set[frozenset[str]] = set()
    for key in KEYS:
        buckets: dict[str, list[str]] = {}
        for id, identity in identities.items():
            if value := _value(identity, key):
                buckets.setdefault(value, []).append(id)
        for ids in buckets.values():
            group = _not_different(ids, identities)
            whose = {records[id].linked_to for id in group}
            if len(whose) == 1 and whose != {""}:
                # Several contacts of one customer are what the link says.
                continue
            if len(group) > 1 and not any(set(group) <= known for known in told):
                told.add(frozenset(group))
                yield _row(integration, stream, side, key, [records[id] for id in group])


def _value(identity: Identity, key: str) -> str:
    """Return what two records would have to share; a name counts together with its postcode only."""
    if key == "name":
        return f"{identity.name} {identity.postcode}" if identity.name and identity.postcode else ""
    return str(getattr(identity, key))


def _not_different(ids: list[str], identities: Mapping[str, Identity]) -> list[str]:
    """Return the records that nothing tells apart from at least one other of them: a branch has a number of its own."""
    return [id for id in ids if any(other != id and not differ(identities[id], identities[other]) for other in ids)]


def _row(integration: Integration, stream: str, side: Side, key: str, records: list[Known]) -> dict[str, Any]:
    ids = [record.id for record in records]
    questions = Problem.objects.filter(
        integration=integration, stream=stream, side=side, record_id__in=ids, state=Problem.State.OPEN, sort=Problem.Sort.QUESTION
    )
    asked = dict(questions.values_list("record_id", "pk"))
    return {
        "address": f"{integration.address}.{stream}",
        "system": integration.system if side == LEFT else "fortnox",
        "by": key,
        "sure": key in ("organisation_number", "vat_number"),
        "records": [
            {
                "id": record.id,
                "linked_to": record.linked_to or None,
                "question": asked.get(record.id),
                "values": {name: record.values[name] for name in _SHOWN if record.values.get(name) not in (None, "")},
            }
            for record in sorted(records, key=lambda one: (not one.linked_to, one.id))
        ],
    }
