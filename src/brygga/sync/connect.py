"""Connect a company to Fortnox by consent: the address for the person, and what comes back. The same for page and command."""

from __future__ import annotations

import secrets as chance
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from brygga import config, connectors
from brygga.connectors.fortnox.consent import consent_address, redeem
from brygga.errors import SettingsError
from brygga.store import secrets
from brygga.store.models import AuditEntry, Connection
from brygga.sync.address import company


def fortnox_of(slug: str) -> Connection:
    """Return the company's connection to Fortnox. Raises SettingsError when it is not declared."""
    found = Connection.objects.select_related("company").filter(company=company(slug), system="fortnox").first()
    if found is None or not secrets.read(found).get("client_id"):
        raise SettingsError(
            "{slug} has no integration for Fortnox yet.",
            repair="Declare [company.{slug}.fortnox] with client_id and client_secret.",
            slug=slug,
        )
    return found


def redirect_uri() -> str:
    """Return the address to which Fortnox sends the person back; it must be registered with the integration."""
    return f"{config.current().url}/connect/fortnox"


def begin(connection: Connection) -> str:
    """Return the address of the consent; a random word that must come back is kept with the connection."""
    held = secrets.read(connection)
    state = chance.token_urlsafe(24)
    secrets.write(connection, {**held, "consent_state": state})
    return consent_address(connection.base_url, held, redirect_uri(), state, scopes(connection))


def scopes(connection: Connection) -> tuple[str, ...]:
    """Return the scopes of Fortnox that the systems of the connection's company need."""
    systems = Connection.objects.filter(company=connection.company).values_list("system", flat=True)
    return connectors.fortnox_scopes(set(systems))


def finish(connection: Connection, query: Mapping[str, str], who: str) -> str:
    """Take what came back from the consent and keep the tokens. Raises Rejected, Unauthorised, OutcomeUnknown."""
    held = secrets.read(connection)
    found = redeem(connection.base_url, held, redirect_uri(), query, str(held.get("consent_state", "")))
    tenant = str(found.pop("tenant_id"))
    kept = {key: value for key, value in held.items() if key != "consent_state"}
    secrets.write(connection, {**kept, **found, "expires_at": time.time() + float(found["expires_in"])})
    # The refresh token rules from now on: the tenant is only told, not used to sign in.
    connection.account_number = tenant
    connection.health, connection.health_sentence = Connection.Health.OK, None
    connection.save(update_fields=["account_number", "health", "health_sentence"])
    AuditEntry.objects.create(
        company=connection.company, who=who, what="connected", subject=str(connection), detail={"tenant": tenant}
    )
    return f"{connection} is connected (tenant {tenant or 'unknown'})."


def query_of(pasted: str) -> dict[str, str]:
    """Read the address that the browser ended at, or its query alone, as a person pastes it."""
    text = pasted.strip()
    return dict(parse_qsl(urlsplit(text).query if "://" in text else text.lstrip("?")))
