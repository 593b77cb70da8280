"""Event listeners: the shop POSTs to an address when something happens, and switches a listener off when that fails.

The event names of which one is documented are "Class/what" ("Order/discarded"); created, changed and deleted are [guess], and so are
the body {"eventName", "webshop", "uid", "authToken"} and that five failures in a row switch it off. Only addresses of this machine.
"""

from __future__ import annotations

import http.client
import json
import queue
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from brygga_sandbox.textalk.state import SHOP, State, Values

FAILURES = 5
_HERE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Posted:
    """One event that was posted: to which listener, what, and the status of the answer; None when nobody answered."""

    listener: int
    body: dict[str, Any]
    status: int | None


class Events:
    """Posts to the listeners of a shop in a thread of its own. `misses` events from now on are never posted."""

    def __init__(self, state: State) -> None:
        self.posted: list[Posted] = []
        self.misses = 0
        self._state = state
        self._failed: dict[int, int] = {}
        self._waiting: queue.Queue[tuple[int, str, dict[str, Any]] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        state.listeners.append(self._on_change)

    def _on_change(self, name: str, held: Values) -> None:
        for listener in list(self._state.objects["EventListener"].values()):
            if listener["eventName"] != name or not listener["status"]["active"]:
                continue
            if self.misses:
                self.misses -= 1
                continue
            body = {"eventName": name, "webshop": SHOP, "uid": held["uid"], "authToken": listener.get("authToken", "")}
            self._post(listener["uid"], listener["url"], body)

    def _post(self, uid: int, url: str, body: dict[str, Any]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sandbox-textalk-events", daemon=True)
            self._thread.start()
        self._waiting.put((uid, url, body))

    def _run(self) -> None:
        while (job := self._waiting.get()) is not None:
            uid, url, body = job
            status = _send(url, body)
            self.posted.append(Posted(uid, body, status))
            good = status is not None and status < 300
            self._failed[uid] = 0 if good else self._failed.get(uid, 0) + 1
            listener = self._state.objects["EventListener"].get(uid)
            if self._failed[uid] >= FAILURES and listener is not None:
                listener["status"] = {"active": False, "inactiveSince": self._state.moment()}

    def log(self, uid: int) -> list[dict[str, Any]]:
        """Return what was posted to one listener, oldest first (EventListener.getLog)."""
        return [{"event": one.body, "status": one.status} for one in self.posted if one.listener == uid]

    def close(self) -> None:
        """Post what waits and end the thread."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(10)
            self._thread = None


def _send(url: str, body: dict[str, Any]) -> int | None:
    parts = urlsplit(url)
    if parts.hostname not in _HERE or parts.scheme != "http":
        return None
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=5)
    try:
        connection.request("POST", parts.path or "/", json.dumps(body), {"Content-Type": "application/json"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
