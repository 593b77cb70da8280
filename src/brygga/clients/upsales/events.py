"""What Upsales POSTs to an app: `/clientupdate/<id>` and so on with {data, user: {email}, apiKey, config} (systems.md 4.1).

An event only wakes: the record itself is read by its id. Events are not known to be signed, so nothing in them is believed but
that something may have changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_PATH = re.compile(r"/(client|contact|order)(insert|update|delete)/(\d{1,12})/?$")
_OWN = "@api.upsales.com"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to which record; `own` when an app's key did it, ours or another's: an echo, to be passed over."""

    entity: Literal["client", "contact", "order"]
    action: Literal["insert", "update", "delete"]
    id: str
    own: bool


def read_event(path: str, body: Mapping[str, Any]) -> Event | None:
    """Read an event from the address that it was posted to and its body; None for one that is of no use to us."""
    found = _PATH.search(path)
    if found is None:
        return None
    user = body.get("user")
    email = str(user.get("email") or "") if isinstance(user, Mapping) else ""
    entity: Any = found[1]
    action: Any = found[2]
    return Event(entity, action, found[3], email.strip().lower().endswith(_OWN))
