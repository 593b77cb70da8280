"""Change an integration's settings from a page: the same checks as the file's, every change a version, and a way back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from brygga import connectors
from brygga.errors import SettingsError
from brygga.store.models import AuditEntry, Integration, SettingsVersion, StreamState
from brygga.sync.declare import keep_version
from brygga.sync.form import Typed, read


def save(integration: Integration, typed: Typed, who: str) -> list[str]:
    """Check what was typed and keep it as a new version; return the keys that changed. See `form` for the inputs.

    Raises SettingsError naming the setting and what it takes; nothing is kept then.
    """
    given = read(integration, typed)
    connectors.read_settings(integration.system, given)
    return _keep(integration, given, who, "settings changed", {})


def change(integration: Integration, tables: Mapping[str, Mapping[str, Any]], who: str) -> list[str]:
    """Set these tables of the settings, the others stay; an empty one goes back to its default. Returns the keys that changed.

    Raises SettingsError naming the setting and what it takes; nothing is kept then.
    """
    given = {**integration.settings, **{key: dict(table) for key, table in tables.items()}}
    given = {key: value for key, value in given.items() if key not in tables or value}
    connectors.read_settings(integration.system, given)
    return _keep(integration, given, who, "settings changed", {})


def accept_sorts(integration: Integration, sorts: Sequence[str], who: str) -> list[str]:
    """Accept these sorts of differences as a rule from now on (`accepted_differences`). Returns the keys that changed."""
    held = integration.settings.get("accepted_differences") or []
    given = {**integration.settings, "accepted_differences": [*held, *(sort for sort in sorts if sort not in held)]}
    connectors.read_settings(integration.system, given)
    return _keep(integration, given, who, "settings changed", {})


def roll_back(integration: Integration, number: int, who: str) -> list[str]:
    """Set the settings back to a version, as a new version; return the keys that changed. Raises SettingsError."""
    version = SettingsVersion.objects.filter(integration=integration, number=number).first()
    if version is None:
        raise SettingsError("There is no version {number}.", repair="Choose one of the list.", number=number)
    connectors.read_settings(integration.system, version.settings)
    return _keep(integration, dict(version.settings), who, "settings rolled back", {"version": number})


def reschedule(integration: Integration, stream: str, mode: str, minutes: str, time: str, who: str) -> bool:
    """Set when a stream runs: every so many minutes, daily at a time, by hand, or not at all; return whether that is new.

    Raises SettingsError for a stream that is not there, or a time that is none.
    """
    state = StreamState.objects.filter(integration=integration, name=stream).first()
    if state is None:
        raise SettingsError("There is no stream {name}.", repair="Choose one of the list.", name=stream)
    wanted = _schedule(stream, mode, minutes.strip(), time.strip(), state.schedule)
    if wanted == state.schedule:
        return False
    before = state.schedule
    with transaction.atomic():
        state.schedule, state.next_left_at, state.next_right_at = wanted, None, None
        state.save(update_fields=["schedule", "next_left_at", "next_right_at"])
        keep_version(integration, who)
        detail = {"before": before, "now": wanted}
        subject = f"{integration.address}.{stream}"
        AuditEntry.objects.create(company=integration.company, who=who, what="schedule changed", subject=subject, detail=detail)
    return True


def switch(state: StreamState, *, on: bool) -> None:
    """Switch a stream on or off; its schedule is kept for when it comes back."""
    schedule = dict(state.schedule)
    if on and schedule.get("mode") == "off":
        schedule = schedule.get("before") or {"mode": "manual"}
    elif not on and schedule.get("mode") != "off":
        schedule = {"mode": "off", "before": schedule}
    state.schedule, state.next_left_at, state.next_right_at = schedule, None, None
    state.save(update_fields=["schedule", "next_left_at", "next_right_at"])


def _schedule(stream: str, mode: str, minutes: str, time: str, old: Mapping[str, Any]) -> dict[str, Any]:
    if mode == "every" and minutes.isascii() and minutes.isdigit() and 1 <= int(minutes) <= 1440:
        every = int(minutes) * 60
        return {"mode": "every", "every": every, "offset": int(old.get("offset", 0)) % every}
    if mode == "at" and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", time):
        return {"mode": "at", "at": time}
    if mode in ("manual", "off"):
        return {"mode": mode}
    raise SettingsError("{name}: this is not a schedule.", repair="Give 1 to 1440 minutes, or a time as 10:10.", name=stream)


def _keep(integration: Integration, given: dict[str, Any], who: str, what: str, detail: dict[str, Any]) -> list[str]:
    before = integration.settings
    changed = sorted(key for key in {*before, *given} if before.get(key) != given.get(key))
    if not changed:
        return []
    with transaction.atomic():
        integration.settings = given
        integration.save(update_fields=["settings"])
        keep_version(integration, who)
        told = {key: [before.get(key), given.get(key)] for key in changed}
        AuditEntry.objects.create(
            company=integration.company, who=who, what=what, subject=integration.address, detail={**detail, "changed": told}
        )
    return changed
