"""The preflight of Upsales: does the key work, is the setup complete, and has the account what the settings need? A row each."""

from __future__ import annotations

from collections.abc import Callable

from brygga.clients.upsales import Upsales
from brygga.connectors.contract import Finding
from brygga.connectors.upsales.layout import FIELDS, Layout
from brygga.connectors.upsales.settings import Settings, complete
from brygga.errors import BryggaError, Sentence


def findings(client: Upsales, layout: Layout, settings: Settings) -> list[Finding]:
    """Try the connection and compare the account with the settings. Errors of Upsales become rows."""
    try:
        client.me()
    except BryggaError as error:
        return [_error("sign-in", error)]
    rows = [_ok("sign-in", "Upsales accepts the API key.")]
    try:
        complete(settings)
    except BryggaError as error:
        return [*rows, _error("settings", error)]
    rows.append(_try("stages", "The stages of the settings are there.", lambda: layout.stages))
    rows.append(_try("user", "The catch-all user is there.", lambda: layout.placeholder))
    rows += _custom_fields(layout)
    if settings.approved:
        return [*rows, _ok("activation", "The first sync has been looked at and approved.")]
    repair = Sentence("Make a plan, look at it, then set “Jag har sett förhandsvisningen”.")
    return [
        *rows,
        Finding("warning", "activation", Sentence("The first sync has not been approved; nothing is written yet."), repair),
    ]


def _custom_fields(layout: Layout) -> list[Finding]:
    rows: list[Finding] = []
    for entity in FIELDS:
        try:
            there = layout.fields(entity)
        except BryggaError as error:
            return [*rows, _error("custom fields", error)]
        missing = [own.alias for own in FIELDS[entity] if own.made and own.alias not in there]
        facts = {"entity": entity, "fields": ", ".join(missing)}
        if missing:
            rows.append(_ok("custom fields", "The custom fields {fields} on {entity} are made with the first write.", **facts))
        else:
            rows.append(_ok("custom fields", "All custom fields on {entity} are there.", **facts))
    return rows


def _try(subject: str, good: str, attempt: Callable[[], object]) -> Finding:
    try:
        attempt()
    except BryggaError as error:
        return _error(subject, error)
    return _ok(subject, good)


def _ok(subject: str, template: str, **facts: str) -> Finding:
    return Finding("ok", subject, Sentence(template, facts))


def _error(subject: str, error: BryggaError) -> Finding:
    return Finding("error", subject, error.sentence, error.repair, error.exit_status)
