"""The shop's way in for a person: user and password once, for a token of the hub's own (systems.md 5.1)."""

from __future__ import annotations

from brygga.clients.http import Http
from brygga.clients.textalk import lasting_token

__all__ = ["token_by_login"]


def token_by_login(base_url: str, webshop: str, user: str, password: str) -> str:
    """Return a lasting token of the shop; the password is kept nowhere. Raises as `clients.textalk.lasting_token`."""
    with Http("Textalk Webshop") as http:
        return lasting_token(http.send, base_url, webshop, user, password)
