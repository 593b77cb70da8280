"""Signing in to the contract: application id and secret (Basic) for an access token of an hour (systems.md 3.4)."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from brygga.clients.http import Call, Send
from brygga.clients.mobigo import wire
from brygga.errors import SettingsError, Unauthorised

MARGIN = 60.0
"""Seconds before its end at which an access token is renewed."""


class Session:
    """Gives the headers that prove who we are, and signs in when it must. Both are asked for at each sign-in."""

    def __init__(self, send: Send, base_url: str, credentials: Callable[[], str], clock: Callable[[], float] = time.time) -> None:
        self._send = send
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials
        self._clock = clock
        self._access = ""
        self._until = 0.0

    def headers(self) -> Mapping[str, str]:
        """Return the Authorization header. Raises Unauthorised."""
        if not self._access or self._clock() >= self._until - MARGIN:
            self.sign_in()
        return {"Authorization": f"Bearer {self._access}"}

    def sign_in(self) -> None:
        """Sign in. Raises Unauthorised when Mobigo does not know the application, SettingsError at a wrong address, BadData."""
        answer = self._send(Call("POST", f"{self._base_url}/v1/Auth/Token", True, authorise=self._basic))
        if answer.status in (401, 403):
            raise Unauthorised(
                "Mobigo does not accept the application id and its secret.",
                repair="Check both where Mobigo's adapter is set up, and enter them here.",
            )
        if answer.status == 404:
            raise SettingsError(
                "There is no Mobigo adapter at the address: {call} is not known there.",
                repair="Correct base_url.",
                call=answer.call,
            )
        wire.refuse(answer)
        body = answer.json()
        try:
            self._access, until = str(body["accessToken"]), datetime.fromisoformat(body["expires"])
        except (KeyError, TypeError, ValueError):
            raise answer.unreadable("has no accessToken with its expires") from None
        # The server's clock may differ from ours by hours: how long the token lasts is not believed beyond an hour.
        self._until = min(until.timestamp(), self._clock() + 3600) if until.timestamp() > self._clock() else self._clock() + 600

    def _basic(self) -> Mapping[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(self._credentials().encode()).decode()}
