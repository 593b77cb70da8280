"""Change an integration's settings from a page: the same checks as the file's, every change a version, and a way back."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db import transaction

from brygga import connectors
from brygga.errors import SettingsError
from brygga.store.models import AuditEntry, Integration, SettingsVersion, StreamState
from brygga.sync.declare import keep_version
from brygga.sync.take_out import toml_key, toml_value

Kind = Literal["switch", "number", "text", "lines", "table"]


@dataclass(frozen=True, slots=True)
class Field:
    """One setting on a form.

    kind   switch, number, text, lines (one value a line) or table (`key = value` a line)
    text   what stands in it: as it is set, or as it was typed and refused
    """

    key: str
    term: str
    help: str
    allows: str
    kind: Kind
    text: str
    choices: tuple[str, ...] = ()


def fields(integration: Integration, typed: Mapping[str, str] | None = None) -> list[Field]:
    """Return the settings of an integration as a form, with what a person typed where it was refused."""
    return [_field(row, integration.settings, typed) for row in connectors.explain_settings(integration.system)]


def _field(row: Mapping[str, Any], settings: Mapping[str, Any], typed: Mapping[str, str] | None) -> Field:
    key, default = str(row["key"]), row["default"]
    kind = _kind(default)
    text = _text(kind, settings.get(key, default)) if typed is None else typed.get(key, "")
    allows = str(row["allows"])
    words = tuple(word.strip() for word in allows.split(","))
    choices = words if kind == "text" and len(words) > 1 and all(word.replace("_", "").isalnum() for word in words) else ()
    return Field(key, str(row["term"]), str(row["help"]), allows, kind, text, choices)


def _kind(default: object) -> Kind:
    if isinstance(default, bool):
        return "switch"
    if isinstance(default, int | float):
        return "number"
    if isinstance(default, Mapping):
        return "table"
    return "lines" if isinstance(default, list | tuple) else "text"


def _text(kind: Kind, value: Any) -> str:
    if kind == "switch":
        return "on" if value else ""
    if kind == "lines":
        return "\n".join(map(str, value))
    if kind == "table":
        return "\n".join(f"{toml_key(key)} = {toml_value(one)}" for key, one in value.items())
    return "" if value is None else str(value)


def save(integration: Integration, typed: Mapping[str, str], who: str) -> list[str]:
    """Check what was typed and keep it as a new version; return the keys that changed.

    Raises SettingsError naming the setting and what it takes; nothing is kept then.
    """
    given = {}
    for row in connectors.explain_settings(integration.system):
        key, default = str(row["key"]), row["default"]
        value = _value(_kind(default), default, typed.get(key, ""), key)
        if value != default:
            given[key] = value
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


def _value(kind: Kind, default: object, text: str, key: str) -> Any:
    text = text.replace("\r\n", "\n").strip()
    if kind == "switch":
        return text == "on"
    if kind == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if kind == "number":
        return _number(default, text, key)
    if kind == "table":
        try:
            return _plain(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(
                "{key}: a line is not understood ({why}).", repair='Write a line each: name = "value".', key=key, why=str(error)
            ) from None
    return text


def _number(default: object, text: str, key: str) -> Any:
    try:
        return int(text) if isinstance(default, int) else float(text.replace(",", "."))
    except ValueError:
        raise SettingsError("{key}: “{text}” is no number.", repair="Write digits.", key=key, text=text) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
