"""Throw away a system whose connecting was begun and not finished."""

from __future__ import annotations

from django.db import transaction

from brygga.errors import SettingsError
from brygga.store.models import AuditEntry, Connection, Integration, JournalEntry, LinkRow, Onboarding, Run


def discard(journey: Onboarding, who: str) -> bool:
    """Throw away what was begun, and return whether the integration went as well: what was chosen, its plans, and the other system's key.

    Fortnox stays connected. An integration that runs stays, and so does one that has links or written records, switched off: who they
    are is not forgotten. Raises SettingsError when it was finished meanwhile, or while a run of it is under way.
    """
    company, system = journey.company, journey.system
    with transaction.atomic():
        if not Onboarding.objects.select_for_update().filter(pk=journey.pk, finished_at=None).exists():
            raise SettingsError(
                "{system} has been connected meanwhile.", repair="Switch off what shall not move, on its page.", system=system
            )
        integration = Integration.objects.filter(company=company, system=system, active=False).first()
        gone = False
        if integration is not None:
            if Run.objects.filter(integration=integration, ended_at=None).exists():
                raise SettingsError(
                    "A run of {system} is under way.", repair="Wait until it has ended, and try again.", system=system
                )
            kept = (JournalEntry.objects.filter(integration=integration), LinkRow.objects.filter(integration=integration))
            if not any(rows.exists() for rows in kept):
                integration.delete()
                Connection.objects.filter(company=company, system=system).delete()
                gone = True
        Onboarding.objects.filter(pk=journey.pk).delete()
        AuditEntry.objects.create(
            company=company, who=who, what="thrown away", subject=f"{company.slug}/{system}", detail={"streams": journey.streams}
        )
    return gone
