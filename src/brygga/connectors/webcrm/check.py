"""The preflight of webCRM: does the sign-in work, and does the installation have what the settings need? A row each."""

from __future__ import annotations

from collections.abc import Sequence

from brygga.clients.webcrm import WebCrm, wire
from brygga.clients.webcrm.fields_metadata import Field
from brygga.connectors.contract import Finding
from brygga.connectors.webcrm.layout import Layout, layout_of
from brygga.connectors.webcrm.settings import STANDARD, Settings, type_key
from brygga.core.countries import country_to_iso
from brygga.errors import BryggaError, Sentence

LONGEST_NUMBER = 20
"""Characters that a customer number field should hold at least; Fortnox itself takes up to 1,024."""


def findings(client: WebCrm, settings: Settings) -> list[Finding]:
    """Try the connection and compare the installation with the settings. Errors of webCRM become rows, and end the check."""
    try:
        client.session.sign_in()
    except BryggaError as error:
        return [_error("sign-in", error)]
    rows = [_ok("sign-in", "webCRM accepts the application token.")]
    try:
        fields = client.fields_metadata.of("Organisation")
    except BryggaError as error:
        return [*rows, _error("fields", error)]
    try:
        layout = layout_of(settings, fields)
    except BryggaError as error:
        return [*rows, _error("fields", error)]
    return [*rows, *types(settings, fields), *places(settings, layout, fields), *dropdowns(layout)]


def types(settings: Settings, fields: Sequence[Field]) -> list[Finding]:
    """Compare customer_types with the dropdown of the Type field (WEB-08, WEB-10)."""
    field = next((one for one in fields if one.name == "OrganisationType"), None)
    there = {type_key(wire.text_of(choice)) for choice in field.choices} if field else set()
    if not there:
        return [_warning("Type", "webCRM shows no values for the Type field, so they could not be compared.", "")]
    rows = []
    for wanted in settings.customer_types:
        facts = {"type": wanted, "choices": ", ".join(field.choices) if field else ""}
        if type_key(wanted) in there:
            rows.append(_ok("Type", "The Type field has the value “{type}”.", **facts))
        else:
            repair = "Add it in webCRM, or name one of these under customer_types: {choices}."
            rows.append(Finding("error", "Type", Sentence("The Type field has no value “{type}”.", facts), Sentence(repair, facts)))
    return rows


def places(settings: Settings, layout: Layout, fields: Sequence[Field]) -> list[Finding]:
    """Say where each field is kept, which have no place, and which are too short (WEB-12)."""
    names = {one.name for one in fields}
    rows = []
    for name, place in layout.places.items():
        facts = {"field": name, "place": place, "longest": str(layout.limits.get(name, ""))}
        if names and place not in names and name not in STANDARD:
            repair = Sentence("Name a field that is there, by its label or its name.", facts)
            rows.append(Finding("error", name, Sentence("webCRM has no field {place} for {field}.", facts), repair))
        elif name == "number" and layout.limits.get(name, LONGEST_NUMBER) < LONGEST_NUMBER:
            text = "{place} holds {longest} characters only, which may be too few for a customer number."
            rows.append(_warning(name, text, "Give the field more room in webCRM.", **facts))
        else:
            rows.append(_ok(name, "{field} is kept in {place}.", **facts))
    for name, label in layout.missing.items():
        text = "webCRM has no field labelled “{label}”, so {field} is not synced."
        rows.append(
            _warning(name, text, "Make the field in webCRM, or name another one under fields.{field}.", field=name, label=label)
        )
    return rows


def dropdowns(layout: Layout) -> list[Finding]:
    """Say which dropdown values of a mapped field cannot be understood."""
    rows = []
    for name in (name for name in layout.choices if name.endswith("_country")):
        unknown = [entry for entry in layout.choices[name] if country_to_iso(wire.text_of(entry)) is None]
        if unknown:
            text = "The dropdown {place} has countries that are not known: {unknown}."
            rows.append(_warning(name, text, "Spell them as usual.", place=layout.places[name], unknown=", ".join(unknown)))
    return rows


def _ok(subject: str, template: str, **facts: str) -> Finding:
    return Finding("ok", subject, Sentence(template, facts))


def _warning(subject: str, template: str, repair: str, **facts: str) -> Finding:
    return Finding("warning", subject, Sentence(template, facts), Sentence(repair, facts) if repair else None)


def _error(subject: str, error: BryggaError) -> Finding:
    return Finding("error", subject, error.sentence, error.repair, error.exit_status)
