"""Hooks: a caller registers an address for one kind of event, and each such event is posted there.

What the real service posts, and whether it signs it, is not documented. Here it is a small JSON object that says which
record it is about and nothing of its content: {"HookId", "EventType", "EntityType", "EntityId"} [guess]. It is posted
once; an address that does not answer gets nothing more. Only addresses on this machine are posted to.
"""

import http.client
import json
import queue
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from brygga_sandbox.webcrm import dates
from brygga_sandbox.webcrm.auth import Application
from brygga_sandbox.webcrm.errors import invalid, missing
from brygga_sandbox.webcrm.state import Change, Record, State

FILTERS = {
    "Organisation": ("All", "Owner", "Owner2"),
    "Person": ("All", "OrganisationOwner", "OrganisationOwner2"),
    "Delivery": ("All", "Responsible", "Responsible2", "Responsible3", "OrganisationOwner", "OrganisationOwner2"),
    "QuotationLine": ("All", "OrganisationOwner", "OrganisationOwner2"),
    "Product": ("All", "OrganisationOwner", "OrganisationOwner2"),
    "User": ("All",),
}
EVENTS = ("Create", "Update", "Delete")
_RESPONSIBLE = {
    "Responsible": "DeliveryResponsible",
    "Responsible2": "DeliveryAssignedTo",
    "Responsible3": "DeliveryAssignedTo2",
}
_HERE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Posted:
    """One event that was posted: where to, what, and the status of the answer; None when nobody answered."""

    url: str
    body: dict[str, Any]
    status: int | None


class Hooks:
    """The hooks of an installation, and the thread that posts to them."""

    def __init__(self, state: State) -> None:
        """Listen to *state*; the posting thread starts with the first event."""
        self.state = state
        self.posted: list[Posted] = []
        self._waiting: queue.Queue[tuple[str, dict[str, Any]] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        state.listeners.append(self._on_change)

    def of(self, entity: str, by: str) -> list[dict[str, Any]]:
        """Return the caller's own hooks for *entity*, as the API shows them."""
        return [_shown(hook) for hook in self.state.hooks.values() if hook["Entity"] == entity and hook["CreatedBy"] == by]

    def get(self, entity: str, number: int, by: str) -> dict[str, Any]:
        """Return one of the caller's own hooks; 404 for another."""
        hook = self.state.hooks.get(number)
        if hook is None or hook["Entity"] != entity or hook["CreatedBy"] != by:
            raise missing()
        return hook

    def shown(self, entity: str, number: int, by: str) -> dict[str, Any]:
        """Return one of the caller's own hooks as the API shows it; 404 for another."""
        return _shown(self.get(entity, number, by))

    def register(self, entity: str, body: object, application: Application) -> int:
        """Take up a hook and return its number."""
        number = max(self.state.hooks, default=0) + 1
        wish = self._read(entity, body)
        now = dates.write(self.state.now(), self.state.wire.zone)
        by = {"CreatedAt": now, "CreatedBy": application.name, "UpdatedAt": now, "UpdatedBy": application.name}
        self.state.hooks[number] = {"Id": number, "Entity": entity, "User": application.user, **wish, **by}
        return number

    def replace(self, entity: str, number: int, body: object, application: Application) -> None:
        """Change one of the caller's own hooks to what the body says."""
        hook = self.get(entity, number, application.name)
        hook.update(self._read(entity, body))
        hook["UpdatedAt"] = dates.write(self.state.now(), self.state.wire.zone)

    def remove(self, entity: str, number: int, by: str) -> None:
        """Forget one of the caller's own hooks."""
        self.get(entity, number, by)
        del self.state.hooks[number]

    def _read(self, entity: str, body: object) -> dict[str, Any]:
        given = body if isinstance(body, dict) else {}
        if not isinstance(given.get("TargetUrl"), str) or urlsplit(given["TargetUrl"]).scheme not in ("http", "https"):
            raise invalid("TargetUrl", "The TargetUrl field is not a valid fully-qualified http or https URL.")
        if not isinstance(given.get("IsEnabled"), bool):
            raise invalid("IsEnabled", "Required property 'IsEnabled' not found in JSON.")
        words = given.get("Filter")
        if not isinstance(words, list) or not words or any(word not in FILTERS[entity] for word in words):
            raise invalid("Filter", f"Filter must name one or more of {', '.join(FILTERS[entity])}.")
        if given.get("EventType") not in EVENTS:
            raise invalid("EventType", f"EventType must be one of {', '.join(EVENTS)}.")
        return {name: given[name] for name in ("TargetUrl", "IsEnabled", "Filter", "EventType")}

    def _on_change(self, change: Change) -> None:
        for hook in self.state.hooks.values():
            wanted = hook["IsEnabled"] and (hook["Entity"], hook["EventType"]) == (change.entity, change.event)
            if wanted and self._concerns(hook, change):
                body = {"HookId": hook["Id"], "EventType": change.event, "EntityType": change.entity}
                self._post(hook["TargetUrl"], {**body, "EntityId": change.number})

    def _concerns(self, hook: dict[str, Any], change: Change) -> bool:
        """Tell whether a hook's filter lets the change through: All does, the others ask whose record it is."""
        user = hook["User"]
        record = self.state[change.entity].records.get(change.number)
        for word in hook["Filter"]:
            if word == "All":
                return True
            if record is None:
                continue
            if word in ("Owner", "Owner2") and record.values.get("Organisation" + word) == user:
                return True
            if word in _RESPONSIBLE and record.values.get(_RESPONSIBLE[word]) == user:
                return True
            owner = self._organisation(record)
            if word.startswith("OrganisationOwner") and owner is not None and owner.values.get(word) == user:
                return True
        return False

    def _organisation(self, record: Record) -> Record | None:
        number = record.values.get(record.entity + "OrganisationId")
        return self.state["Organisation"].records.get(number) if isinstance(number, int) else None

    def _post(self, url: str, body: dict[str, Any]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sandbox-webcrm-hooks", daemon=True)
            self._thread.start()
        self._waiting.put((url, body))

    def _run(self) -> None:
        while (job := self._waiting.get()) is not None:
            url, body = job
            self.posted.append(Posted(url, body, _send(url, body)))

    def close(self) -> None:
        """Post what waits and end the thread."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(10)


def _shown(hook: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in hook.items() if name not in ("Entity", "User")}


def _send(url: str, body: dict[str, Any]) -> int | None:
    """Post *body* to *url*; return the status, or None when it is not on this machine or does not answer."""
    parts = urlsplit(url)
    if parts.hostname not in _HERE or parts.scheme != "http":
        return None
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=5)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, json.dumps(body), {"Content-Type": "application/json"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
