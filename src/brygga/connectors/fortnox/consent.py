"""Connecting a company to Fortnox by its own consent (Fortnox API, section 3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from brygga.clients.fortnox.auth import code_from
from brygga.clients.http import Http
from brygga.connectors.fortnox.sign_in import kept, sign_in

__all__ = ["consent_address", "redeem"]


def consent_address(base_url: str, secrets: Mapping[str, Any], redirect_uri: str, state: str, scopes: Sequence[str]) -> str:
    """Return the address at which a person signs in to the company and accepts."""
    with Http("Fortnox") as http:
        return sign_in(base_url, secrets, http).consent_address(redirect_uri, scopes, state)


def redeem(base_url: str, secrets: Mapping[str, Any], redirect_uri: str, query: Mapping[str, str], state: str) -> dict[str, Any]:
    """Trade what came back from the consent for tokens; returns what is to be kept, the company's tenant id with it.

    Raises Rejected (another state than ours), Unauthorised (a no, or a code that is too old), OutcomeUnknown.
    """
    code = code_from(query, state)
    with Http("Fortnox", request_id_header="x-uid") as http:
        tokens = sign_in(base_url, secrets, http).tokens_for_code(code, redirect_uri)
    return kept(tokens) | {"tenant_id": tokens.tenant_id or ""}
