"""What is set up for a company, as rows for people and programs: its connections, integrations, streams and settings."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from brygga import connectors
from brygga.errors import SettingsError
from brygga.store.models import AuditEntry, Company, Connection, Integration, SettingsVersion, StreamState
from brygga.sync.declare import say_schedule


def company_row(company: Company) -> dict[str, Any]:
    """Return a company with its connections and the systems that are switched on for it. No address holds a credential."""
    return {
        "company": company.slug,
        "name": company.name,
        "connections": [
            {
                "system": row.system,
                "base_url": row.base_url,
                "account_name": row.account_name or None,
                "account_number": row.account_number or None,
                "health": row.health,
                "sentence": row.health_sentence,
                "checked": timezone.localtime(row.health_at).isoformat(timespec="seconds") if row.health_at else None,
            }
            for row in Connection.objects.filter(company=company).order_by("system")
        ],
        "integrations": [row.address for row in Integration.objects.select_related("company").filter(company=company)],
    }


def integration_rows(company: Company) -> list[dict[str, Any]]:
    """Return each integration of a company with its streams and their schedules."""
    return [
        {
            "address": one.address,
            "system": one.system,
            "active": one.active,
            "streams": [_stream_row(state) for state in StreamState.objects.filter(integration=one).order_by("pk")],
        }
        for one in Integration.objects.select_related("company").filter(company=company).order_by("system")
    ]


def _stream_row(state: StreamState) -> dict[str, Any]:
    return {
        "address": str(state),
        "stream": state.name,
        "mode": state.schedule.get("mode", "manual"),
        "schedule": say_schedule(state.schedule),
    }


def settings_rows(company: Company, system: str) -> dict[str, Any]:
    """Return the settings of an integration: each with what it means, allows and holds, and who set which version when.

    Raises SettingsError when the company has no integration with that system.
    """
    one = Integration.objects.select_related("company").filter(company=company, system=system).first()
    if one is None:
        raise SettingsError(
            "{slug} has no integration with {system}.", repair="Declare it with brygga apply.", slug=company.slug, system=system
        )
    versions = SettingsVersion.objects.filter(integration=one).order_by("-number")[:50]
    return {
        "address": one.address,
        "settings": [
            {**row, "chosen": one.settings.get(str(row["key"])), "is_chosen": str(row["key"]) in one.settings}
            for row in connectors.explain_settings(system)
        ],
        "versions": [
            {
                "number": row.number,
                "made_by": row.made_by,
                "made_at": timezone.localtime(row.made_at).isoformat(timespec="seconds"),
                "settings": row.settings,
            }
            for row in versions
        ],
    }


def audit_rows(company: Company, most: int) -> list[dict[str, Any]]:
    """Return what people and programs did for a company in the hub, the newest first."""
    rows = AuditEntry.objects.filter(company=company).order_by("-at", "-pk")[:most]
    return [
        {
            "at": timezone.localtime(row.at).isoformat(timespec="seconds"),
            "who": row.who,
            "what": row.what,
            "subject": row.subject,
            "detail": row.detail,
        }
        for row in rows
    ]
