"""Connect a system step by step: what was chosen, how far it has come, and what is still missing. A page a step; see web/wizard.

Every step does what the file and the commands do: the same writer of connections, the same preflight, the same settings with their
versions, plans, runs. Only how far somebody has come is new, and stands in `Onboarding`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from brygga import config, connectors
from brygga.connectors import flows
from brygga.connectors.flows import Flow
from brygga.connectors.textalk.sign_in import token_by_login
from brygga.errors import SettingsError
from brygga.store import cursors, secrets
from brygga.store.models import AuditEntry, Company, Connection, Integration, Membership, Onboarding, PlanRow, StreamState
from brygga.sync import configure
from brygga.sync.check import check_connection
from brygga.sync.check import is_basic as check_basic
from brygga.sync.connect import refuse_second
from brygga.sync.declare import ACCOUNTS, keep_version, write_connection
from brygga.sync.declare import address as readable
from brygga.sync.form import Cell, Form, Typed, form
from brygga.sync.open import connect

STEPS = ("choose", "fortnox", "system", "check", "settings", "forecast", "record", "start")
SHOWN = 8
"""Records of the forecast that are proposed for the first real one."""
RECENT = timedelta(days=30)


# The company ----------------------------------------------------------------------------------------------------------------


def new_company(name: str, number: str, user: User) -> Company:
    """Make a company and its maker an owner of it. *number*, where given, is the organisation number that Fortnox must have.

    Raises SettingsError for a name that is empty.
    """
    if not name.strip():
        raise SettingsError("The company has no name.", repair="Write its name.")
    with transaction.atomic():
        slug, tries = _slug(name), 1
        while Company.objects.filter(slug=slug).exists():
            tries += 1
            slug = f"{_slug(name)[:50]}-{tries}"
        company = Company.objects.create(slug=slug, name=name.strip()[:200])
        Membership.objects.create(user=user, company=company, role=Membership.Role.OWNER)
        wanted = {"organisation_number": number.strip()} if number.strip() else {}
        connectors.read_settings("fortnox", wanted)
        Connection.objects.create(company=company, system="fortnox", base_url=ACCOUNTS["fortnox"].default_url, settings=wanted)
        AuditEntry.objects.create(company=company, who=user.get_username(), what="declared", subject=slug, detail={"change": "new"})
    return company


def _slug(name: str) -> str:
    """Return the short name of a company: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ø", "o").replace("æ", "ae")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50] or "company"


# Where somebody is ------------------------------------------------------------------------------------------------------------


def of(company: Company, system: str) -> Onboarding | None:
    """Return how far the connecting of a system has come, None where it has not begun."""
    return Onboarding.objects.select_related("company").filter(company=company, system=system).first()


def reached(journey: Onboarding, step: str) -> bool:
    """Say whether a step may be looked at: all before it are done."""
    return STEPS.index(step) <= STEPS.index(journey.step)


def go_on(journey: Onboarding, after: str, who: str) -> str:
    """Note that a step is done and return the one that follows; who goes through an earlier one again loses nothing."""
    following = STEPS[STEPS.index(after) + 1]
    if not reached(journey, following):
        journey.step = following
    journey.changed_by = who
    journey.save(update_fields=["step", "changed_by", "changed_at"])
    return following


def choose(company: Company, system: str, streams: Collection[str], who: str) -> Onboarding:
    """Keep what shall move. The integration is there from now on, switched off until the start. Raises SettingsError."""
    chosen = [flow.stream for flow in flows.chosen(system, streams)]
    with transaction.atomic():
        integration, made = Integration.objects.get_or_create(company=company, system=system, defaults={"active": False})
        for name, schedule in connectors.STREAMS[system].items():
            off = {"mode": "off", "before": schedule}
            StreamState.objects.get_or_create(integration=integration, name=name, defaults={"schedule": off if made else schedule})
        if not integration.active:
            integration.settings = flows.implied(system, chosen, integration.settings)
            integration.save(update_fields=["settings"])
        begun = {"step": "fortnox", "changed_by": who}
        journey, _ = Onboarding.objects.select_related("company").get_or_create(company=company, system=system, defaults=begun)
        if journey.streams != chosen or journey.finished_at:
            journey.streams, journey.step, journey.finished_at = chosen, "fortnox", None
            journey.plans, journey.trial, journey.runs = {}, {}, {}
        journey.changed_by = who
        journey.save()
    return journey


def integration_of(journey: Onboarding) -> Integration:
    """Return the integration that is being connected."""
    return Integration.objects.select_related("company").get(company=journey.company, system=journey.system)


def connection_of(company: Company, system: str) -> Connection | None:
    return Connection.objects.select_related("company").filter(company=company, system=system).first()


def signed_in(connection: Connection | None) -> bool:
    """Say whether a connection has what it needs to sign in: a consent or a tenant for Fortnox, a key for the others."""
    if connection is None:
        return False
    held = secrets.read(connection)
    if connection.system == "fortnox":
        return bool(held.get("client_id") and (connection.tenant or held.get("refresh_token")))
    return bool(held.get("api_key"))


# Connections -----------------------------------------------------------------------------------------------------------------


def attach(company: Company, system: str, given: Mapping[str, str], address: str, who: str) -> Connection:
    """Keep how a system is reached and its credentials, encrypted.

    given    the account's parts as a person typed them: all, or for the same address those that are to be new
    address  "" for the one that is kept, or the vendor's own

    Raises SettingsError: a part or the address is missing. Rejected: another company of the hub has this Fortnox.
    """
    account, kept = ACCOUNTS[system], connection_of(company, system)
    if address and readable(address, files=account.files) is None:
        raise SettingsError("{value} is not an address.", repair="Write https://host, without a query or a user.", value=address)
    where = readable(address, files=account.files) or (kept.base_url if kept else "") or account.default_url
    if not where:
        raise SettingsError("The system has no address of its own.", repair="Write the address of the adapter beside it.")
    wanted: dict[str, Any] = {"base_url": where}
    parts = account.secret if system == "fortnox" else account.parts
    values = [given.get(part, "").strip() for part in parts]
    held = secrets.read(kept) if kept and kept.base_url == where else {}
    if not all(values):
        if any(values) or any(key not in held for key in account.secret):
            raise SettingsError("Something is missing of what the system has given you.", repair="Fill in every field.")
        wanted |= {key: held[key] for key in account.secret}
    elif system == "fortnox":
        wanted |= dict(zip(parts, values, strict=True))
    else:
        wanted["api_key"] = ":".join(values)
    if system == "fortnox":
        wanted["tenant_id"] = given.get("tenant_id", "").strip()
        refuse_second(company, where, wanted["tenant_id"])
    with transaction.atomic():
        for change in write_connection(company, system, wanted):
            AuditEntry.objects.create(company=company, who=who, what="declared", subject=company.slug, detail={"change": change})
    return Connection.objects.select_related("company").get(company=company, system=system)


def attach_by_login(company: Company, given: Mapping[str, str], address: str, who: str) -> Connection:
    """Connect the shop by the user and the password of a person, once: the token that they give is kept, and the password is not.

    Raises SettingsError, Unauthorised, Unavailable, OutcomeUnknown.
    """
    webshop, user, password = (given.get(name, "").strip() for name in ("webshop", "user", "password"))
    if not (webshop.isdigit() and user and password):
        raise SettingsError("Something is missing of what the system has given you.", repair="Fill in every field.")
    kept = connection_of(company, "textalk")
    where = readable(address) or (kept.base_url if kept else "") or ACCOUNTS["textalk"].default_url
    token = token_by_login(where, webshop, user, password)
    return attach(company, "textalk", {"webshop": webshop, "token": token}, address, who)


def folder(company: Company, system: str) -> Path:
    """Return the folder of the hub for the files of a company's system. It is the hub that chooses it: nobody reads another's."""
    return config.current().home / "files" / company.slug / system


def attach_folder(company: Company, system: str, chosen: str, who: str) -> Connection:
    """Let a system be reached by files: in the hub's own folder, or in one that an administrator chose. Raises SettingsError."""
    path = Path(chosen) if chosen else folder(company, system)
    if not path.is_absolute() or ".." in path.parts:
        raise SettingsError("{folder} is no whole path.", repair="Write it from its beginning, as /srv/opter.", folder=chosen)
    try:
        for part in ("in", "out"):
            (path / part).mkdir(parents=True, exist_ok=True, mode=0o750)
    except OSError as error:
        why = error.strerror or "?"
        raise SettingsError(
            "The folder {folder} cannot be used: {why}.", repair="Choose another, or let the hub write there.", folder=path, why=why
        ) from None
    return attach(company, system, {"api_key": "files"}, path.as_uri(), who)


def account_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """Return the name and the number of the company that the findings of a connection tell of."""
    for row in rows:
        facts = row["sentence"]["facts"]
        if row["level"] == "ok" and "name" in facts:
            return {name: facts.get(name, "") for name in ("name", "number", "tenant")}
    return None


def is_right(company: Company, number: str, who: str) -> None:
    """Keep a person's word that this is the company that is meant: from now on no other is accepted. Raises SettingsError."""
    connection = connection_of(company, "fortnox")
    assert connection is not None
    if connection.settings.get("organisation_number") != number:
        connection.settings = {**connection.settings, "organisation_number": number}
        connectors.read_settings("fortnox", connection.settings)
        connection.save(update_fields=["settings"])
        AuditEntry.objects.create(company=company, who=who, what="company confirmed", subject=str(connection), detail={})


def look(journey: Onboarding) -> list[dict[str, Any]]:
    """Try Fortnox and keep which company it is; return the findings."""
    connection = connection_of(journey.company, "fortnox")
    rows = check_connection(connection) if connection else []
    journey.account = account_of(rows) or {}
    journey.save(update_fields=["account", "changed_at"])
    return rows


def check(journey: Onboarding) -> list[dict[str, Any]]:
    """Try both connections and what the flows need; keep and return the findings."""
    rows = []
    for system in ("fortnox", journey.system):
        connection = connection_of(journey.company, system)
        rows += check_connection(connection) if connection else []
    journey.findings, journey.checked_at = rows, timezone.now()
    journey.save(update_fields=["findings", "checked_at", "changed_at"])
    return rows


def blocked(journey: Onboarding, *, reach_only: bool) -> bool:
    """Say whether the last findings stand in the way: any that is red, or *reach_only* those of sign-in, licence and reach."""
    red = [row for row in journey.findings or () if row["level"] == "error"]
    basic = [row for row in red if is_basic(row)]
    return journey.findings is None or bool(basic if reach_only else red)


def is_basic(row: Mapping[str, Any]) -> bool:
    """Say whether a red finding is about the sign-in, the reach or the licence of a system, and not about its settings."""
    return check_basic(row["subject"], row["exit_status"])


# Settings --------------------------------------------------------------------------------------------------------------------


def keys(journey: Onboarding) -> list[str]:
    """Return the settings that have to be chosen for what shall move."""
    return flows.keys(journey.system, journey.streams)


def settings_form(journey: Onboarding, typed: Typed | None = None, *, more: str = "", fresh: bool = False) -> Form:
    """Return these settings as a form, with what the systems offer to choose; see `form.form`."""
    return form(integration_of(journey), typed, keys=keys(journey), more=more, fresh=fresh)


def _chosen(row: Sequence[Cell]) -> bool:
    """Say whether something stands in a line of a form: of a table on its left side and on its right."""
    left, *right = (cell.text.strip() for cell in row)
    return bool(left) and (not right or any(right))


def save(journey: Onboarding, typed: Typed, who: str) -> list[str]:
    """Keep the settings as a version. Raises SettingsError for one that is not chosen or not right; then nothing is kept."""
    typed = {**typed, "shown": keys(journey)}
    for field in settings_form(journey, typed).fields:
        if field.kind in ("text", "table", "lines") and not any(map(_chosen, field.rows)):
            raise SettingsError("{term} is not chosen.", repair="Choose it.", term=field.term, key=field.key)
    integration = integration_of(journey)
    with transaction.atomic():
        implied = flows.implied(journey.system, journey.streams, integration.settings)
        if implied != integration.settings:
            integration.settings = implied
            integration.save(update_fields=["settings"])
        return configure.save(integration, typed, who)


# Forecast --------------------------------------------------------------------------------------------------------------------


def moving(journey: Onboarding) -> list[Flow]:
    """Return the flows that are forecast and carried through at the start; payments are read and saved on a page of their own."""
    return [flow for flow in flows.FLOWS[journey.system] if flow.stream in journey.streams and not flow.saved]


def forecast(plan: PlanRow) -> dict[str, int]:
    """Return how many records would be made and changed on each side, linked, asked about, left out and held."""
    found: Counter[str] = Counter()
    for item in plan.body["items"]:
        found[f"{item['action']}_{item['side']}" if item["action"] in ("create", "update") else item["action"]] += 1
    names = ("create_right", "create_left", "update_right", "update_left", "link", "question", "conflict", "hold", "skip")
    return {name: found[name] for name in names}


def approve(journey: Onboarding, who: str) -> None:
    """Keep a person's word that the forecast was looked at, where the system's settings ask for it (UPS-02)."""
    integration = integration_of(journey)
    if any(row["key"] == "approved" for row in connectors.explain_settings(journey.system)):
        configure.save(integration, {"shown": ["approved"], "approved": ["on"]}, who)


def tried(journey: Onboarding) -> list[str]:
    """Return the streams of which one real record can be tried now: those that wait for no other's first sync."""
    integration = integration_of(journey)

    def over(name: str) -> bool:
        return all(cursors.position(integration.pk, name, side) is not None for side in ("left", "right"))

    ready = [flow for flow in moving(journey) if all(over(name) for name in flow.after)]
    return [name for flow in ready for name in flow.tried or (flow.stream,)]


def look_at_recent(journey: Onboarding) -> None:
    """Keep some recent records of the streams that the forecast says nothing of: orders from before the start, say, are not taken
    in by themselves, and can be tried all the same. Raises SettingsError, Unauthorised, Unavailable."""
    integration = integration_of(journey)
    settings = connectors.read_settings(journey.system, integration.settings, f"{integration.address} settings")
    told = {one["stream"] for one in proposals(journey)}
    connection = connection_of(journey.company, journey.system)
    assert connection is not None
    connector = connect(connection, Counter(), "person", settings)
    recent: list[list[str]] = []
    try:
        for stream in tried(journey):
            kind = connectors.kind_of(journey.system, stream, settings)
            if stream not in told:
                seen = islice(connector.changed(kind, timezone.now() - RECENT), SHOWN)
                recent += [[stream, one.ref.id] for one in seen if one.standing is None]
    finally:
        connector.close()
    journey.trial = {"recent": recent}
    journey.save(update_fields=["trial", "changed_at"])


def proposals(journey: Onboarding) -> list[dict[str, Any]]:
    """Return the first records of the forecast that something would be done with, and recent ones: what one is chosen from."""
    found: list[dict[str, Any]] = []
    able = tried(journey)
    for stream, run in journey.plans.items():
        plan = PlanRow.objects.filter(pk=run).first() if stream in able else None
        for item in plan.body["items"] if plan else ():
            if item["action"] in ("create", "update", "link") and len(found) < SHOWN:
                side = "left" if item["left"] else "right"
                one = {"stream": stream, "only": f"{side}:{item[side]}", "side": side, "id": item[side], "action": item["action"]}
                if all((other["stream"], other["only"]) != (one["stream"], one["only"]) for other in found):
                    found.append(one | {"name": _name(item)})
    for stream, id in journey.trial.get("recent", ()):
        found.append({"stream": stream, "only": f"left:{id}", "side": "left", "id": id, "action": "", "name": ""})
    return found


def _name(item: Mapping[str, Any]) -> str:
    for field in ("name", "text", "date"):
        values = item["fields"].get(field)
        if values and isinstance(values[-1], str):
            return values[-1][:80]
    return ""


def picked(journey: Onboarding, proposal: str, stream: str, side: str, id: str) -> tuple[str, str]:
    """Return stream and address of the record that a person picked: a proposed one, or one by its number. Raises SettingsError."""
    only = f"{'right' if side == 'right' else 'left'}:{id.strip()}"
    if proposal:
        stream, _, only = proposal.partition(" ")
    if stream not in tried(journey) or not only.partition(":")[2]:
        raise SettingsError("No record was chosen.", repair="Choose one of the list, or write the number of one.")
    return stream, only


def trial_plan(journey: Onboarding) -> PlanRow:
    """Return the plan of the one record while it is not applied. Raises SettingsError when there is none."""
    plan = PlanRow.objects.filter(pk=journey.trial.get("plan", ""), state=PlanRow.State.SHOWN).first()
    if plan is None:
        raise SettingsError(
            "There is no plan of one record to apply.", repair="Choose a record, and look at what would be written."
        )
    return plan


# Start -----------------------------------------------------------------------------------------------------------------------


def start(journey: Onboarding, who: str) -> bool:
    """Switch the chosen streams on, by their schedules, and all others off; return whether that was done now, and not before.

    Raises SettingsError while a red finding stands.
    """
    if blocked(journey, reach_only=False):
        raise SettingsError("A finding of the check stands in the way.", repair="Mend what is red, and check again.")
    integration, now = integration_of(journey), timezone.now()
    with transaction.atomic():
        if not Onboarding.objects.filter(pk=journey.pk, finished_at=None).update(finished_at=now, changed_by=who):
            return False
        for state in StreamState.objects.filter(integration=integration):
            configure.switch(state, on=state.name in journey.streams)
        if not integration.active:
            # How long it has been silent is counted from here.
            integration.active, integration.created_at = True, now
            integration.save(update_fields=["active", "created_at"])
        keep_version(integration, who)
        detail = {"streams": journey.streams}
        AuditEntry.objects.create(company=journey.company, who=who, what="started", subject=integration.address, detail=detail)
    journey.finished_at, journey.changed_by = now, who
    return True
