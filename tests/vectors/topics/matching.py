from collections.abc import Mapping
from typing import Any

from brygga.core.match import Identity, identity_of, match

FIELDS = {
    "customer_number": "number",
    "orgnr": "organisation_number",
    "vat": "vat_number",
    "name": "name",
    "email": "email",
    "phone": "phone",
    "postcode": "invoice_postcode",
}
KINDS = {"COMPANY": "company", "PRIVATE": "private"}


def identity(given: Mapping[str, Any]) -> Identity:
    values = {ours: given.get(theirs) for theirs, ours in FIELDS.items()}
    return identity_of(values | {"kind": KINDS.get(str(given.get("type")), "")})


def run(given: Mapping[str, Any]) -> object:
    decision = match(identity(given["record"]), ((one["id"], identity(one)) for one in given["candidates"]))
    return {"decision": decision.kind, "candidate": decision.candidate, "key": decision.key}
