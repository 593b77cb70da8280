"""The file that `brygga apply` reads: companies, connections, integrations, settings and schedules (DESIGN 3.2).

The whole file is checked before anything is written; then it is written in one transaction. Applying it again changes
nothing. A secret stands in the file as `env:NAME` or `file:PATH`, never in clear text; it is read at once and kept encrypted.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from brygga.connectors import STREAMS, flows, read_settings
from brygga.errors import SettingsError
from brygga.store import secrets
from brygga.store.models import AuditEntry, Company, Connection, Integration, RegisterCopy, SettingsVersion, StreamState
from brygga.sync.toml_places import Places

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,58}")
_SPAN = re.compile(r"(\d+)([smh])")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Account:
    """What connects to one system: where it answers by default, its open keys and its secret keys."""

    default_url: str
    plain: tuple[str, ...]
    secret: tuple[str, ...]
    files: bool = False
    """Whether a folder, as file:///FOLDER, may stand for the address."""
    parts: tuple[str, ...] = ("api_key",)
    """What a person is given by the system: joined by colons they are the key."""


ACCOUNTS: Mapping[str, Account] = {
    "fortnox": Account("https://api.fortnox.se", ("tenant_id",), ("client_id", "client_secret")),
    "mobigo": Account("", (), ("api_key",), parts=("application_id", "application_key")),
    "opter": Account("", (), ("api_key",), files=True),
    "textalk": Account("https://admin.abicart.se", (), ("api_key",), parts=("webshop", "token")),
    "upsales": Account("https://integration.upsales.com", (), ("api_key",)),
    "webcrm": Account("https://api.webcrm.com", (), ("api_key",)),
}


@dataclass(slots=True)
class _Declared:
    """One company as the file has it, checked."""

    slug: str
    name: str
    connections: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    streams: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """Of each system the streams that the file names, with their schedules."""


def declare(path: Path, *, who: str, dry_run: bool = False) -> list[str]:
    """Make the database say what the file says; return a line for each change, none when it said so already.

    Raises SettingsError naming file and line, and then nothing is written. Companies that the file does not name stay.
    """
    declared = _read(path)
    changes: list[str] = []
    with transaction.atomic():
        for one in declared:
            changes += _write(one, who)
        if dry_run:
            transaction.set_rollback(True)
    return changes


def companies_of(path: Path) -> list[str]:
    """Return the short names of the companies that a file declares. Raises SettingsError."""
    return [one.slug for one in _read(path)]


def _read(path: Path) -> list[_Declared]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError("There is no file {file}.", repair="Check the path.", file=path) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            "{file} cannot be read: {why}.", repair="It must be a TOML file in UTF-8.", file=path, why=error
        ) from None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("{file} is not TOML: {why}.", repair="Correct that place.", file=path, why=error) from None
    places = Places(path, text)
    for key in content:
        if key != "company":
            raise SettingsError(
                "{place}: {key} is not known here.", repair="Tables begin with [company.NAME].", place=places.of(key), key=key
            )
    companies = _table(content.get("company", {}), places, "company")
    if not companies:
        raise SettingsError("{file} declares no company.", repair="Begin with [company.NAME] and a name.", file=path)
    return [_company(slug, _table(body, places, "company", slug), places) for slug, body in companies.items()]


def _company(slug: str, body: Mapping[str, Any], places: Places) -> _Declared:
    here = ("company", slug)
    if not _SLUG.fullmatch(slug):
        raise SettingsError(
            "{place}: {slug} cannot be the short name of a company.",
            repair="Use small letters a to z, digits and hyphens.",
            place=places.of(*here),
            slug=slug,
        )
    declared = _Declared(slug, _text(body.get("name", slug), places, *here, "name"))
    known = ("name", *ACCOUNTS)
    for key, value in body.items():
        if key == "name":
            continue
        if key not in ACCOUNTS:
            raise _unknown(places, (*here, key), known)
        _system(declared, key, _table(value, places, *here, key), places)
    for system in declared.settings:
        if "fortnox" not in declared.connections:
            raise SettingsError(
                "{place}: {system} needs Fortnox on the other side.",
                repair="Add [company.{slug}.fortnox].",
                place=places.of(*here, system),
                system=system,
                slug=slug,
            )
    return declared


def _system(declared: _Declared, system: str, body: Mapping[str, Any], places: Places) -> None:
    here = ("company", declared.slug, system)
    account = ACCOUNTS[system]
    business = system in STREAMS
    known = ("base_url", *account.plain, *account.secret, "settings", *(("streams",) if business else ()))
    connection: dict[str, Any] = {"base_url": account.default_url}
    for key, value in body.items():
        if key not in known:
            raise _unknown(places, (*here, key), known)
        if key == "base_url":
            connection[key] = _address(value, places, *here, key, files=account.files)
        elif key in account.secret:
            connection[key] = _secret(value, places, *here, key)
        elif key in account.plain:
            connection[key] = _text(value, places, *here, key)
    for key in account.secret:
        if key not in connection:
            raise SettingsError(
                "{place}: {key} is missing.", repair='Write {key} = "env:NAME" or "file:PATH".', place=places.of(*here), key=key
            )
    declared.connections[system] = connection
    given = _table(body.get("settings", {}), places, *here, "settings")
    _check_settings(system, given, places, here)
    if not business:
        connection["settings"] = dict(given)
    else:
        declared.settings[system] = dict(given)
        declared.streams[system] = _schedules(system, _table(body.get("streams", {}), places, *here, "streams"), places, here)


def _check_settings(system: str, given: Mapping[str, Any], places: Places, here: tuple[str, ...]) -> None:
    """Let the connector check its settings, and say the line of what is wrong."""
    try:
        read_settings(system, given)
    except SettingsError as error:
        place = places.of(*here, "settings", error.facts.get("key", ""))
        raise SettingsError(
            error.sentence.template,
            repair=error.repair.template if error.repair else "",
            **{**error.facts, "place": f"{place}: settings"},
        ) from None


def _schedules(system: str, body: Mapping[str, Any], places: Places, here: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    for name in body:
        if name not in STREAMS[system]:
            raise _unknown(places, (*here, "streams", name), tuple(STREAMS[system]))
    return {name: _schedule(value, places, *here, "streams", name) for name, value in body.items()}


def _schedule(value: object, places: Places, *path: str) -> dict[str, Any]:
    """Read `{ every = "6m", offset = "0m" }`, `{ at = "10:10" }`, "manual" or "off"."""
    if value in ("manual", "off"):
        return {"mode": value}
    if isinstance(value, Mapping) and set(value) == {"at"} and _CLOCK.fullmatch(str(value["at"])):
        return {"mode": "at", "at": value["at"]}
    if isinstance(value, Mapping) and "every" in value and set(value) <= {"every", "offset"}:
        every, offset = _seconds(value["every"]), _seconds(value.get("offset", "0m"))
        if every and offset is not None and 60 <= every <= 86400 and offset < every:
            return {"mode": "every", "every": every, "offset": offset}
    raise SettingsError(
        "{place}: this is not a schedule.",
        repair='Write {{ every = "6m", offset = "0m" }} (at least 1m, the offset below it), {{ at = "10:10" }}, "manual" or "off".',
        place=places.of(*path),
    )


def _seconds(value: object) -> int | None:
    match = _SPAN.fullmatch(str(value))
    return int(match[1]) * _UNITS[match[2]] if match else None


def _table(value: object, places: Places, *path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SettingsError("{place}: {key} is a table.", repair="Write [{key}].", place=places.of(*path), key=".".join(path))
    return value


def _text(value: object, places: Places, *path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SettingsError("{place}: {key} is a text.", repair="Write it in quotes.", place=places.of(*path), key=path[-1])
    return value.strip()


def _address(value: object, places: Places, *path: str, files: bool = False) -> str:
    if (found := address(str(value), files=files)) is None:
        raise SettingsError(
            "{place}: {value} is not an address.",
            repair="Write https://host, without a query or a user.",
            place=places.of(*path),
            value=value,
        )
    return found


def address(text: str, *, files: bool = False) -> str | None:
    """Return the address of a system without a slash at its end, or None when it is none; with *files* file:///FOLDER too."""
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError:
        return None
    if files and parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc and not parts.query:
        return text.strip().rstrip("/")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        return None
    return text.strip().rstrip("/")


def _secret(value: object, places: Places, *path: str) -> str:
    """Read a secret from where the file says that it lies. The value itself is never shown."""
    place, key = places.of(*path), path[-1]
    kind, _, rest = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind == "env" and rest:
        found = os.environ.get(rest, "").strip()
        if not found:
            raise SettingsError(
                "{place}: the environment has no {name}.", repair="Set it, or correct the name.", place=place, name=rest
            )
        return found
    if kind == "file" and rest:
        file = Path(rest).expanduser()
        file = file if file.is_absolute() else places.file.parent / file
        try:
            found = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            found = ""
        if not found:
            raise SettingsError("{place}: {name} cannot be read or is empty.", repair="Check the path.", place=place, name=rest)
        return found
    raise SettingsError(
        "{place}: {key} stands in clear text. It was not read.",
        repair='Write {key} = "env:NAME" or "file:PATH", and change the secret if the file was shared.',
        place=place,
        key=key,
    )


def _unknown(places: Places, path: tuple[str, ...], known: tuple[str, ...]) -> SettingsError:
    return SettingsError(
        "{place}: {key} is not known here.",
        repair="Allowed: {known}.",
        place=places.of(*path),
        key=path[-1],
        known=", ".join(known),
    )


def _write(declared: _Declared, who: str) -> list[str]:
    changes: list[str] = []
    company, made = Company.objects.get_or_create(slug=declared.slug, defaults={"name": declared.name})
    if made:
        changes.append(f"company {declared.slug}: created")
    elif company.name != declared.name:
        changes.append(f"company {declared.slug}: name {company.name} -> {declared.name}")
        company.name = declared.name
        company.save(update_fields=["name"])
    for system, wanted in declared.connections.items():
        changes += write_connection(company, system, wanted)
    for system, settings in declared.settings.items():
        changes += write_integration(company, system, settings, declared.streams[system], who)
    for change in changes:
        AuditEntry.objects.create(company=company, who=who, what="declared", subject=declared.slug, detail={"change": change})
    return changes


def write_connection(company: Company, system: str, wanted: Mapping[str, Any]) -> list[str]:
    """Keep how a system is reached and its credentials, encrypted; return a line for each change, which shows no secret.

    wanted   base_url, the account's secret keys, and where they are to change tenant_id and settings
    """
    address = f"{company.slug}/{system}"
    connection, made = Connection.objects.get_or_create(company=company, system=system, defaults={"base_url": wanted["base_url"]})
    held = secrets.read(connection)
    credentials = {key: value for key, value in wanted.items() if key not in ("base_url", "tenant_id", "settings")}
    changes = [f"connection {address}: created"] if made else []
    same_account = connection.base_url == wanted["base_url"] and connection.tenant == wanted.get("tenant_id", connection.tenant)
    if not made and connection.base_url != wanted["base_url"]:
        changes.append(f"connection {address}: base_url {connection.base_url} -> {wanted['base_url']}")
    if connection.tenant != wanted.get("tenant_id", connection.tenant):
        changes.append(f"connection {address}: tenant_id {connection.tenant or 'none'} -> {wanted['tenant_id']}")
    if any(held.get(key) != value for key, value in credentials.items()) and not made:
        changes.append(f"connection {address}: new credentials")
        same_account = False
    settings = wanted.get("settings", connection.settings)
    for key in sorted({*connection.settings, *settings}):
        if connection.settings.get(key) != settings.get(key):
            changes.append(f"connection {address}: {key} {connection.settings.get(key)} -> {settings.get(key)}")
    if changes:
        connection.settings = settings
        connection.base_url, connection.tenant = wanted["base_url"], wanted.get("tenant_id", connection.tenant)
        connection.save(update_fields=["base_url", "tenant", "settings"])
        # Tokens belong to an account: another address, tenant or key makes the old ones worthless.
        secrets.write(connection, {**(held if same_account else {}), **credentials})
        if not same_account:
            RegisterCopy.objects.filter(connection=connection).delete()
    return changes


def write_integration(
    company: Company, system: str, settings: Mapping[str, Any], streams: Mapping[str, Mapping[str, Any]], who: str
) -> list[str]:
    """Switch a system on for a company with these settings and schedules, as a version; return a line for each change.

    Where some streams are named, these are switched on and no others; where none is, those that the settings ask for. A stream that
    the company has already and that is not named keeps what it has.
    """
    address = f"{company.slug}/{system}"
    integration, made = Integration.objects.get_or_create(company=company, system=system, defaults={"settings": dict(settings)})
    changes = [f"integration {address}: created"] if made else []
    if not made and integration.settings != settings:
        for key in sorted({*integration.settings, *settings}):
            if integration.settings.get(key) != settings.get(key):
                changes.append(f"integration {address}: {key} {integration.settings.get(key)} -> {settings.get(key)}")
        integration.settings = dict(settings)
        integration.save(update_fields=["settings"])
    if not integration.active:
        changes.append(f"integration {address}: switched on")
        integration.active = True
        integration.save(update_fields=["active"])
    for name, usual in STREAMS[system].items():
        why = "" if name in streams else "it is not named" if streams else flows.why_off(system, name, settings)
        schedule = streams.get(name) or ({"mode": "off", "before": usual} if why else usual)
        state, new = StreamState.objects.get_or_create(integration=integration, name=name, defaults={"schedule": dict(schedule)})
        if new:
            what = f"stays off, as {why}" if why else f"{say_schedule(schedule)}. {flows.text_of(system, name)}"
            changes.append(f"stream {address}.{name}: {what}")
        elif name in streams and state.schedule != schedule and not _both_off(state.schedule, schedule):
            changes.append(f"stream {address}.{name}: {say_schedule(state.schedule)} -> {say_schedule(schedule)}")
            state.schedule = dict(schedule)
            state.next_left_at = state.next_right_at = None
            state.save(update_fields=["schedule", "next_left_at", "next_right_at"])
    if changes:
        keep_version(integration, who)
    return changes


def _both_off(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether both are off; what was there before makes no difference."""
    return one.get("mode") == other.get("mode") == "off"


def keep_version(integration: Integration, who: str) -> None:
    """Keep what the settings and schedules are now as a version: who set them, and when."""
    last = SettingsVersion.objects.filter(integration=integration).order_by("-number").first()
    streams = {state.name: state.schedule for state in StreamState.objects.filter(integration=integration)}
    SettingsVersion.objects.create(
        integration=integration,
        number=last.number + 1 if last else 1,
        settings=integration.settings,
        streams=streams,
        made_by=who,
        made_at=timezone.now(),
    )


def say_schedule(schedule: Mapping[str, Any]) -> str:
    """Return a schedule as the file has it."""
    if schedule.get("mode") == "every":
        return f"every {schedule['every'] // 60}m, offset {schedule['offset'] // 60}m"
    if schedule.get("mode") == "at":
        return f"at {schedule['at']}"
    return str(schedule.get("mode", "manual"))
