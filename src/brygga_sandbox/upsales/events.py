"""Events: Upsales POSTs each change to the address of an app, the app's own changes too (systems.md 4.1, events to an app).

The address ends in `/orderinsert/<id>`, `/clientupdate/<id>` and so on; the body is {data, user: {email}, apiKey, config}. An app's
own changes bear a user whose address ends in @api.upsales.com. `before_order_save` is asked before a person's save of an order, a new one
too, and may be answered with {"error": text}: then nothing is saved and the person reads the text. Not recorded, and so read in the way
that is hardest for an app [guess]: the path (`/beforeordersave/<id>`, 0 for a new order), that the body is as an event's with the order
as it would be, and that an app that does not answer in time, with status 200 and JSON, stops the save as well (`Setup.unanswered`).
What an app's key writes is not asked about. Products, stages and users send nothing. Only addresses on this machine are posted to; what is not answered is not posted again [guess].
"""

from __future__ import annotations

import http.client
import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from brygga_sandbox.upsales.state import Change, State

NAMES = {"accounts": "client", "contacts": "contact", "orders": "order"}
_HERE = ("127.0.0.1", "localhost", "::1")


class Stopped(Exception):
    """An app answered before_order_save with an error: nothing was saved, and the person reads the text."""


@dataclass
class App:
    """An app of the account: where it listens, and the key that it calls the API with.

    misses  how many events from now on are never posted; doubles how many are posted twice
    """

    url: str
    token: str
    email: str = "74@api.upsales.com"
    config: dict[str, Any] = field(default_factory=dict)
    misses: int = 0
    doubles: int = 0


@dataclass(frozen=True)
class Posted:
    """One event that was posted: where to, what, and the status of the answer; None when nobody answered."""

    url: str
    body: dict[str, Any]
    status: int | None


class Events:
    """The apps of an account, and the thread that posts to them."""

    def __init__(self, state: State, show: Callable[[str, int], dict[str, Any]]) -> None:
        """Listen to *state*; *show* gives a record as the API shows it."""
        self._setup = state.setup
        self.apps: list[App] = []
        self.posted: list[Posted] = []
        self._show = show
        self._waiting: queue.Queue[tuple[str, dict[str, Any]] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        state.listeners.append(self._on_change)

    def _on_change(self, change: Change) -> None:
        if change.kind not in NAMES or not self.apps:
            return
        data = {"id": change.id} if change.event == "delete" else self._show(change.kind, change.id)
        for app in self.apps:
            if app.misses:
                app.misses -= 1
                continue
            url = f"{app.url}/{NAMES[change.kind]}{change.event}/{change.id}"
            body = {"data": data, "user": {"email": change.by}, "apiKey": app.token, "config": app.config}
            for _ in range(2 if app.doubles else 1):
                self._post(url, body)
            app.doubles = max(0, app.doubles - 1)

    def ask_before_save(self, order: dict[str, Any], by: str) -> None:
        """Ask every app whether a person may save an order. Raises Stopped with the first text that says no."""
        for app in self.apps:
            body = {"data": order, "user": {"email": by}, "apiKey": app.token, "config": app.config}
            status, answer = _send(f"{app.url}/beforeordersave/{order.get('id') or 0}", body, self._setup.patience)
            self.posted.append(Posted(f"{app.url}/beforeordersave", body, status))
            understood = status == 200 and (answer is None or isinstance(answer, dict))
            if not understood and self._setup.unanswered == "stop":
                raise Stopped("The app did not answer.")
            if understood and answer and answer.get("error"):
                raise Stopped(str(answer["error"]))

    def _post(self, url: str, body: dict[str, Any]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sandbox-upsales-events", daemon=True)
            self._thread.start()
        self._waiting.put((url, body))

    def _run(self) -> None:
        while (job := self._waiting.get()) is not None:
            url, body = job
            self.posted.append(Posted(url, body, _send(url, body)[0]))

    def close(self) -> None:
        """Post what waits and end the thread."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(10)
            self._thread = None


def _send(url: str, body: dict[str, Any], patience: float = 5.0) -> tuple[int | None, Any]:
    """POST *body*; return status and JSON of the answer.

    (None, None) when it is not on this machine or does not answer in *patience* seconds; an answer that is no JSON gives its status
    and "".
    """
    parts = urlsplit(url)
    if parts.hostname not in _HERE or parts.scheme != "http":
        return None, None
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=patience)
    try:
        connection.request("POST", parts.path or "/", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException):
        return None, None
    finally:
        connection.close()
    try:
        return answer.status, json.loads(text) if text else None
    except ValueError:
        return answer.status, ""
