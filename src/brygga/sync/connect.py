"""Connect a company to Fortnox by consent: the address for the person, and what comes back. The same for page and command."""

from __future__ import annotations

import secrets as chance
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from django.db.models import Q

from brygga import config, connectors
from brygga.connectors.fortnox.consent import Agreed, company_of, consent_address, redeem, same_number
from brygga.errors import Rejected, SettingsError
from brygga.store import health, secrets
from brygga.store.models import AuditEntry, Company, Connection, Integration, LinkRow
from brygga.store.permits import Permits
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
    secrets.write(connection, {**held, "consent_state": chance.token_urlsafe(24)})
    return address(connection)


def address(connection: Connection) -> str:
    """Return the address of the consent that was begun; begin one where there is none."""
    held = secrets.read(connection)
    state = str(held.get("consent_state", ""))
    if not state:
        return begin(connection)
    return consent_address(connection.base_url, held, redirect_uri(), state, scopes(connection))


def scopes(connection: Connection) -> tuple[str, ...]:
    """Return the scopes of Fortnox that the systems of the connection's company need, those too that are not connected yet."""
    systems = {
        *Connection.objects.filter(company=connection.company).values_list("system", flat=True),
        *Integration.objects.filter(company=connection.company).values_list("system", flat=True),
    }
    return connectors.fortnox_scopes(systems)


def finish(connection: Connection, query: Mapping[str, str], who: str) -> str:
    """Take what came back from the consent and keep the tokens, when the company is the one that is meant.

    Raises Rejected (another company, another state than ours), Unauthorised (a no, a code that is too old, no licence),
    OutcomeUnknown, Unavailable; then nothing is kept.
    """
    held = secrets.read(connection)
    found = redeem(connection.base_url, held, redirect_uri(), query, str(held.get("consent_state", "")))
    tenant = str(found.pop("tenant_id"))
    agreed = company_of(connection.base_url, str(found["access_token"]), Permits(f"{held['client_id']}:{tenant}"))
    _is_meant(connection, tenant, agreed)
    kept = {key: value for key, value in held.items() if key != "consent_state"}
    secrets.write(connection, {**kept, **found, "expires_at": time.time() + float(found["expires_in"])})
    # The refresh token rules from now on: the tenant is only told, not used to sign in.
    connection.account_number, connection.account_name = tenant, agreed.name[:200]
    connection.save(update_fields=["account_number", "account_name"])
    health.keep(connection.pk, health.Health.OK)
    AuditEntry.objects.create(
        company=connection.company, who=who, what="connected", subject=str(connection), detail={"tenant": tenant}
    )
    return f"{connection} is connected (tenant {tenant or 'unknown'})."


def _is_meant(connection: Connection, tenant: str, agreed: Agreed) -> None:
    """Raise Rejected when the company that consented is not the one that the connection is for."""
    facts = {"name": agreed.name, "number": agreed.number}
    wanted = str(connection.settings.get("organisation_number", ""))
    if wanted and not same_number(wanted, agreed.number):
        raise Rejected(
            "The consent is that of {name} ({number}), but {wanted} is meant. Nothing was kept.",
            repair="Sign in to the right company in Fortnox and accept once more.",
            wanted=wanted,
            **facts,
        )
    before = connection.account_number or connection.tenant
    if before and before != tenant and LinkRow.objects.filter(integration__company=connection.company).exists():
        raise Rejected(
            "The consent is that of {name} ({number}), but the records here are linked with another company. Nothing was kept.",
            repair="Sign in to the company of before, or connect the other one as a company of its own.",
            **facts,
        )
    refuse_second(connection.company, connection.base_url, tenant)


def refuse_second(owner: Company, base_url: str, tenant: str) -> None:
    """Raise Rejected when another company of the hub has this Fortnox: two would double what they carry over."""
    same = Connection.objects.filter(Q(tenant=tenant) | Q(account_number=tenant), system="fortnox", base_url=base_url)
    if tenant and same.exclude(company=owner).exists():
        raise Rejected(
            "This company of Fortnox is connected to the hub already, under another name. Nothing was kept.",
            repair="Choose the right company in Fortnox, or connect the system in the company that has it.",
        )


def query_of(pasted: str) -> dict[str, str]:
    """Read the address that the browser ended at, or its query alone, as a person pastes it."""
    text = pasted.strip()
    return dict(parse_qsl(urlsplit(text).query if "://" in text else text.lstrip("?")))
