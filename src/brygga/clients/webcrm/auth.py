"""Signing in to webCRM: the application token (a GUID, `authCode`) for an access token of one hour.

Sources: systems.md 7.1. The application token names the installation and its access rights; it is made in webCRM under
Configuration > Integration > API > REST. It is not single-use: two processes may be signed in at the same time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

from brygga.clients.http import Answer, Call, Send
from brygga.clients.webcrm import wire
from brygga.errors import SettingsError, Unauthorised

MARGIN = 60.0
"""Seconds before its end at which an access token is renewed."""

_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True)
class Token:
    """What signing in gave. `expires_at` in seconds since 1970."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: float = 0.0

    def fresh(self, now: float) -> bool:
        return bool(self.access) and now < self.expires_at - MARGIN


class TokenStore(Protocol):
    """Where the token rests between runs, so that a run need not sign in."""

    def load(self) -> Token | None: ...

    def save(self, token: Token) -> None: ...


class InMemory:
    """A token store that lives as long as its process."""

    def __init__(self) -> None:
        self._token: Token | None = None

    def load(self) -> Token | None:
        return self._token

    def save(self, token: Token) -> None:
        self._token = token


class Session:
    """Gives the headers that prove who we are, and signs in when it must.

    auth_code   gives the application token; asked at each sign-in and kept nowhere
    """

    def __init__(
        self,
        send: Send,
        base_url: str,
        auth_code: Callable[[], str],
        tokens: TokenStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._send = send
        self._base_url = base_url.rstrip("/")
        self._auth_code = auth_code
        self._tokens = tokens or InMemory()
        self._clock = clock

    def headers(self) -> Mapping[str, str]:
        """Return the Authorization header, renewing the token when it is near its end. Raises Unauthorised."""
        token = self._tokens.load()
        if token is None or not token.fresh(self._clock()):
            token = (token and token.refresh and self.renew(token.refresh)) or self.sign_in()
        return {"Authorization": f"Bearer {token.access}"}

    def sign_in(self) -> Token:
        """Sign in with the application token. Raises Unauthorised when webCRM does not know it."""
        content = urlencode({"authCode": self._auth_code()}).encode()
        answer = self._send(Call("POST", f"{self._base_url}/Auth/ApiLogin", True, headers=_FORM, content=content))
        token = self._token_of(answer)
        if token is None:
            raise Unauthorised(
                "webCRM does not accept the application token.",
                repair="Make a new one in webCRM under Configuration > Integration > API > REST, and enter it here.",
            )
        return token

    def renew(self, refresh: str) -> Token | None:
        """Trade the refresh token for a new access token; None when it is no longer good and we must sign in.

        The definition has the refresh token in a header, working clients send it as a form field: both are sent.
        """
        content = urlencode({"refreshToken": refresh}).encode()
        headers = {**_FORM, "refreshToken": refresh}
        return self._token_of(self._send(Call("POST", f"{self._base_url}/Auth/ApiRefresh", True, headers=headers, content=content)))

    def _token_of(self, answer: Answer) -> Token | None:
        """Read and keep the token of an answer; None when webCRM refused. Raises SettingsError at a wrong address, BadData."""
        if answer.status in (400, 401, 403):
            return None
        if answer.status == 404:
            raise SettingsError(
                "There is no webCRM at the address: {call} is not known there.", repair="Correct base_url.", call=answer.call
            )
        wire.refuse(answer)
        body = answer.json()
        if not isinstance(body, dict):
            raise answer.unreadable("is not an object")
        if body.get("IsError") or not body.get("AccessToken"):
            return None
        try:
            lasts = float(body.get("ExpiresIn") or 3600)
        except (TypeError, ValueError):
            raise answer.unreadable("has an ExpiresIn that is not a number") from None
        token = Token(str(body["AccessToken"]), str(body.get("RefreshToken") or ""), self._clock() + lasts)
        self._tokens.save(token)
        return token
