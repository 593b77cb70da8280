"""Connecting a company to Fortnox by its own consent (Fortnox API, section 3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from brygga.clients.fortnox import REAL_ADDRESS, Fortnox
from brygga.clients.fortnox.auth import code_from
from brygga.clients.http import Http
from brygga.clients.limits import Limiter
from brygga.connectors.fortnox.sign_in import kept, sign_in

__all__ = ["Agreed", "company_of", "consent_address", "redeem", "same_number"]


@dataclass(frozen=True, slots=True)
class Agreed:
    """The company that consented: its name, and its organisation number as Fortnox writes it."""

    name: str
    number: str


def consent_address(base_url: str, secrets: Mapping[str, Any], redirect_uri: str, state: str, scopes: Sequence[str]) -> str:
    """Return the address at which a person signs in to the company and accepts."""
    with Http("Fortnox") as http:
        return sign_in(base_url, secrets, http).consent_address(redirect_uri, scopes, state)


def company_of(base_url: str, access_token: str, limiter: Limiter) -> Agreed:
    """Ask which company an access token is for. Raises Unauthorised (no integration licence), Unavailable."""
    with Http("Fortnox", limiter=limiter, lane="person", request_id_header="x-uid") as http:
        raw = Fortnox(base_url or REAL_ADDRESS, token=lambda: access_token, send=http.send).company_information.get()
    return Agreed(str(raw.get("CompanyName") or ""), str(raw.get("OrganizationNumber") or ""))


def same_number(one: str, other: str) -> bool:
    """Say whether two organisation numbers are the same; they may be typed with a dash or a century."""
    return _digits(one) == _digits(other)


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit())[-10:]


def redeem(base_url: str, secrets: Mapping[str, Any], redirect_uri: str, query: Mapping[str, str], state: str) -> dict[str, Any]:
    """Trade what came back from the consent for tokens; returns what is to be kept, the company's tenant id with it.

    Raises Rejected (another state than ours), Unauthorised (a no, or a code that is too old), OutcomeUnknown.
    """
    code = code_from(query, state)
    with Http("Fortnox", request_id_header="x-uid") as http:
        tokens = sign_in(base_url, secrets, http).tokens_for_code(code, redirect_uri)
    return kept(tokens) | {"tenant_id": tokens.tenant_id or ""}
