"""Organisations and persons: their rules, and the searches that only they have."""

from brygga_sandbox.server import Request, Response
from brygga_sandbox.webcrm import dates
from brygga_sandbox.webcrm.errors import invalid
from brygga_sandbox.webcrm.records import Kind, kept_fields, listed, must_exist
from brygga_sandbox.webcrm.state import Record, State
from brygga_sandbox.webcrm.values import Given


def organisation_rule(state: State, given: Given, record: Record | None) -> None:
    """A new organisation has a name [guess]. A PUT may empty the name, as it may empty anything."""
    if record is None and not str(given.get("OrganisationName") or "").strip():
        raise invalid("OrganisationName", "The OrganisationName field is required.")


def person_rule(state: State, given: Given, record: Record | None) -> None:
    """A person has a last name and belongs to an organisation, which PUT cannot change (vendor's code)."""
    if record is None:
        must_exist(state, "Organisation", given, "PersonOrganisationId")
    else:
        given["PersonOrganisationId"] = record.values.get("PersonOrganisationId")
    last = given.get("PersonLastName", record.values.get("PersonLastName") if record else None)
    if not str(last or "").strip():
        raise invalid("PersonLastName", "The PersonLastName field is required.")


ORGANISATIONS = Kind(
    "Organisation",
    "Organisations",
    organisation_rule,
    kept_fields("Organisation", "LastDisplayedAt", "LastItemType", "LastItemUpdatedAt", "ImageFileExtension"),
)
PERSONS = Kind("Person", "Persons", person_rule, kept_fields("Person", "LastLoginDateTime", "LoginLog", "ImageFileExtension"))


def find_by_dates(state: State, request: Request, entity: str, field: str, start: str, end: str) -> Response:
    """Answer FindByCreateDates and FindByUpdateDates: the records with start <= date < end, in number order.

    Both are date-times in any spelling that `dates.parse` reads; without offset they are local.
    """
    limits = []
    for name, text in (("startDate", start), ("endDate", end)):
        try:
            limits.append(dates.parse(text, state.wire.zone))
        except dates.BadDate as wrong:
            raise invalid(name, f"The value '{text}' is not valid.") from wrong
    first, last = limits
    if last is None:
        return listed(state, request, ())
    attribute = "created" if field == "CreatedAt" else "updated"
    inside = (
        record
        for record in state.visible(state[entity])
        if (first is None or first <= getattr(record, attribute)) and getattr(record, attribute) < last
    )
    return listed(state, request, inside)
