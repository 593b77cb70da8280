"""Addresses of streams: `acme`, `acme/webcrm`, `acme/webcrm.customers`."""

from __future__ import annotations

from dataclasses import dataclass

from brygga.core.policy import LEFT, RIGHT, Side
from brygga.errors import SettingsError
from brygga.store.models import Company, Integration, StreamState


@dataclass(frozen=True, slots=True)
class Target:
    """One stream of one integration."""

    integration: Integration
    stream: str

    def __str__(self) -> str:
        return f"{self.integration.address}.{self.stream}"


def company(slug: str) -> Company:
    """Return the company. Raises SettingsError naming those that there are."""
    found = Company.objects.filter(slug=slug).first()
    if found is None:
        there = ", ".join(Company.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise SettingsError(
            "There is no company {slug}.", repair="There is: {there}. Declare it with brygga apply.", slug=slug, there=there
        )
    return found


def integrations(address: str) -> list[Integration]:
    """Return the integrations that the address names, in the order of their systems."""
    slug, _, rest = address.partition("/")
    system = rest.partition(".")[0]
    rows = Integration.objects.filter(company=company(slug)).select_related("company").order_by("system")
    if system:
        rows = rows.filter(system=system)
    found = list(rows)
    if not found:
        there = ", ".join(i.address for i in Integration.objects.filter(company__slug=slug).select_related("company")) or "none"
        raise SettingsError("{address} names no integration.", repair="There is: {there}.", address=address, there=there)
    return found


def targets(address: str) -> list[Target]:
    """Return the streams that the address names, switched on or not. Raises SettingsError when it names none."""
    stream = address.partition("/")[2].partition(".")[2]
    found = [
        Target(integration, state.name)
        for integration in integrations(address)
        for state in StreamState.objects.filter(integration=integration).order_by("pk")
        if not stream or state.name == stream
    ]
    if not found:
        there = ", ".join(str(target) for target in targets(address.partition(".")[0])) if stream else "none"
        raise SettingsError("{address} names no stream.", repair="There is: {there}.", address=address, there=there)
    return found


def switched_on(address: str) -> list[Target]:
    """Return the streams that the address names and that are on; one that it names itself too when it is off: a person asks for it.

    Raises SettingsError when it names none, or none that is on.
    """
    found = targets(address)
    if address.partition("/")[2].partition(".")[2]:
        return found
    rows = StreamState.objects.filter(integration__in={target.integration.pk for target in found})
    on = {(row.integration_id, row.name) for row in rows if row.schedule.get("mode") != "off"}
    running = [target for target in found if (target.integration.pk, target.stream) in on]
    if not running:
        raise SettingsError(
            "No stream of {address} is switched on.",
            repair="Name it under streams in the file, or switch it on on its page.",
            address=address,
        )
    return running


def record(target: Target, text: str) -> tuple[Side, str]:
    """Read `webcrm:8812` or `fortnox:1042` as side and id."""
    system, colon, id = text.partition(":")
    sides: dict[str, Side] = {target.integration.system: LEFT, "fortnox": RIGHT}
    if not colon or not id or system not in sides:
        raise SettingsError(
            "{text} is not a record.", repair="Write {system}:ID or fortnox:ID.", text=text, system=target.integration.system
        )
    return sides[system], id
