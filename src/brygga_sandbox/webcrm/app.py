"""The routes of the imitated webCRM: which call does what, and the order in which a call can be refused."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from brygga_sandbox.faults import Fault
from brygga_sandbox.server import Request, Response, System, json_response
from brygga_sandbox.webcrm import quotation_lines
from brygga_sandbox.webcrm.auth import DEFAULT_AUTH_CODE, Application, SignIn
from brygga_sandbox.webcrm.deliveries import DELIVERIES, PRODUCTS, USERS, move, status_word, with_status
from brygga_sandbox.webcrm.errors import Refusal, bad_request, missing, too_fast, unauthorized
from brygga_sandbox.webcrm.hooks import FILTERS, Hooks
from brygga_sandbox.webcrm.installation import Installation
from brygga_sandbox.webcrm.metadata import fields_metadata
from brygga_sandbox.webcrm.organisations import ORGANISATIONS, PERSONS, find_by_dates
from brygga_sandbox.webcrm.query import Query
from brygga_sandbox.webcrm.quotation_lines import ITEM, ITEMS, LINES
from brygga_sandbox.webcrm.records import (
    JSON,
    Kind,
    answer,
    create,
    found,
    json_body,
    listed,
    nothing,
    number_in,
    one,
    page_of,
    params,
    replace,
    upsert,
)
from brygga_sandbox.webcrm.state import Record, State
from brygga_sandbox.webcrm.traffic import Traffic
from brygga_sandbox.webcrm.values import Given

KINDS = {kind.path.lower(): kind for kind in (ORGANISATIONS, PERSONS, DELIVERIES, LINES, PRODUCTS, USERS)}

NOT_IMITATED = frozenset({
    "activities", "budgets", "documents", "emailsupports", "events", "meetings", "milestones", "opportunities",
    "personsb2c", "relations", "revenues", "supportcases", "timeexpenses",
})  # fmt: skip
"""Collections that the real service has and this sandbox does not: answered with 501 and a sentence, never with data."""

_SUBLISTS: dict[tuple[str, str], tuple[str, str]] = {
    ("organisations", "persons"): ("Person", "PersonOrganisationId"),
    ("organisations", "products"): ("Product", "ProductOrganisationId"),
    ("deliveries", "quotationlines"): ("QuotationLine", "QuotationLineOpportunityId"),
}


KEEP_EVERY = 2.0
"""Seconds between two looks whether something has changed that a folder must keep; the end of the server keeps it too."""


class WebCRMSystem(System):
    """One webCRM installation behind the shared server: state, sign-in, load rules, hooks."""

    name = "webcrm"

    def __init__(self, installation: Installation | None = None, folder: Path | None = None) -> None:
        """Begin empty, or with what *folder* keeps from an earlier run."""
        super().__init__()
        self.installation = installation or Installation()
        self.folder = folder
        self.auth_code = DEFAULT_AUTH_CODE
        self._begin()
        if folder is not None and (folder / "webcrm.json").exists():
            self.state.take_up(folder / "webcrm.json")
        else:
            self._first_user()
        self._stopped = threading.Event()
        self._keeper = threading.Thread(target=self._keep_now_and_then, name="sandbox-webcrm-keeper", daemon=True)
        if folder is not None:
            self._keeper.start()

    def _begin(self) -> None:
        self.traffic = Traffic(self.installation)
        self.faults = self.traffic
        self.state = State(self.installation, self.clock.now)
        self.sign_in = SignIn(self.clock.now, refuse_in_body=self.installation.quirks.login_refusal == "body")
        self.hooks = Hooks(self.state)
        self._changes_before = 0

    def _first_user(self) -> None:
        self.state.load("User", [{"UserName": "Anna Lind", "UserEmail": "anna@fjord.example", "UserAccessLevel": 3}])

    def tenant_of(self, request: Request) -> str | None:
        """Return "1": a sandbox holds one installation."""
        return "1"

    def answer(self, request: Request) -> Response:
        """Carry out one call. Order: load, sign-in, address, rights, body."""
        self._changes_before = len(self.state.changes)
        try:
            if self.traffic.verdict == "false_401":
                raise unauthorized("The token is invalid")
            if self.traffic.verdict == "too_fast":
                raise too_fast(self.traffic.wait)
            response = self._route(request)
            quotation_lines.touch_deliveries(self.state, self._changes_before)
            return response
        except Refusal as refusal:
            headers = dict(refusal.headers)
            if refusal.body:
                headers["content-type"] = f"{refusal.kind}; charset=utf-8"
            return Response(refusal.status, refusal.body, headers)

    def _route(self, request: Request) -> Response:
        segments = [segment.lower() for segment in request.segments]
        match request.method, segments:
            case "POST", ["auth", "apilogin"]:
                return answer(self.sign_in.login(request))
            case "POST", ["auth", "apirefresh"]:
                return answer(self.sign_in.refresh(request))
        application = self.sign_in.application(request)
        if not segments:
            raise missing()
        if request.method not in ("GET", "HEAD") and not application.may_write:
            raise Refusal(403, "The application token has no right to write.")
        if segments[0] in KINDS:
            return self._collection(request, segments, application)
        match request.method, segments:
            case "GET", ["auth"]:
                return answer({"UserName": application.name, "UserId": application.user})
            case "GET", ["queries"]:
                return self._query(request)
            case "GET", ["fieldsmetadata"]:
                return answer(fields_metadata(self.installation, "All"))
            case "GET", ["fieldsmetadata", types]:
                return answer(fields_metadata(self.installation, types))
        if segments[0] in NOT_IMITATED:
            raise Refusal(501, f"/{request.segments[0]} exists in webCRM but not in this sandbox.")
        raise missing()

    def _query(self, request: Request) -> Response:
        script = params(request).get("script", "")
        if not script.strip():
            raise bad_request("The script is empty.")
        query = Query(self.state, script)
        offset, size = page_of(self.state, request)
        rows = query.run()[offset : offset + size]
        return answer([query.shown(row, number) for number, row in enumerate(rows, offset + 1)])

    def _collection(self, request: Request, segments: list[str], application: Application) -> Response:
        kind = KINDS[segments[0]]
        match segments[1:]:
            case []:
                return self._whole(request, kind, application)
            case ["hooks", *rest]:
                return self._hook_call(request, kind, rest, application)
            case ["linkeddata" | "linkedsetup", *_]:
                quotation_lines.need_linked_data(self.state, kind.path)
                return self._linked(request, segments[1:], application)
            case [_]:
                if segments[1] != "allactive":
                    return self._single(request, kind, segments[1], application)
        if kind is DELIVERIES and request.method == "POST" and len(segments) == 3 and segments[2] == "move":
            move(self.state, found(self.state, "Delivery", segments[1]), json_body(request), application.name)
            return nothing(204)
        if request.method != "GET":
            raise missing()
        return self._search(request, kind, segments[1:])

    def _whole(self, request: Request, kind: Kind, application: Application) -> Response:
        if request.method == "GET":
            return listed(self.state, request, self.state[kind.entity])
        if request.method == "POST":
            return answer(create(self.state, kind, json_body(request), application.name))
        if request.method == "PATCH":
            return answer(upsert(self.state, kind, json_body(request), application.name))
        raise _no_method("GET, POST, PATCH")

    def _single(self, request: Request, kind: Kind, text: str, application: Application) -> Response:
        if request.method == "GET":
            return one(self.state, kind, text)
        if request.method == "PUT":
            record = found(self.state, kind.entity, text)
            replace(self.state, kind, record, json_body(request), application.name)
            return nothing()
        if request.method == "DELETE" and kind.can_delete:
            record = found(self.state, kind.entity, text)
            if kind is LINES:
                quotation_lines.refuse_line_of_locked(self.state, record)
            self.state.delete(record, application.name)
            return nothing()
        raise _no_method("GET, PUT, DELETE" if kind.can_delete else "GET, PUT")

    def _search(self, request: Request, kind: Kind, rest: list[str]) -> Response:
        state = self.state
        match kind.entity, rest:
            case "Organisation" | "Delivery", ["findbycreatedates", start, end]:
                return find_by_dates(state, request, kind.entity, "CreatedAt", start, end)
            case "Organisation", ["findbyupdatedates", start, end]:
                return find_by_dates(state, request, kind.entity, "UpdatedAt", start, end)
            case "Delivery", ["byorganisation", number]:
                return listed(state, request, state["Delivery"].having("DeliveryOrganisationId", number_in(number)))
            case "Delivery", ["byresponsible" | "byresponsible2" as word, number]:
                name = "DeliveryResponsible" if word == "byresponsible" else "DeliveryAssignedTo"
                user = number_in(number)
                return listed(state, request, (r for r in state["Delivery"] if r.values.get(name, 0) == user))
            case "Delivery", ["bystatus", word]:
                return listed(state, request, with_status(state, status_word(word)))
            case "User", ["allactive"]:
                # Who has an access level can sign in; nobody says what "active" means to the service [guess].
                return listed(state, request, (r for r in state["User"] if r.values.get("UserAccessLevel")))
            case _, [number, name] if (kind.path.lower(), name) in _SUBLISTS:
                entity, field = _SUBLISTS[kind.path.lower(), name]
                owner = found(state, kind.entity, number)
                return listed(state, request, state[entity].having(field, owner.number))
        raise missing()

    def _linked(self, request: Request, rest: list[str], application: Application) -> Response:
        state, by = self.state, application.name
        match request.method, rest:
            case "GET", ["linkedsetup"]:
                return answer(quotation_lines.linked_setup(state))
            case "GET", ["linkeddata"]:
                # No Page and Size here: the definition gives the call no parameters, so the whole register comes at once.
                shown = ",".join(state.shown(record) for record in state.visible(state[ITEM]))
                return Response(200, f"[{shown}]".encode(), dict(JSON))
            case "POST", ["linkeddata"]:
                return answer(create(state, ITEMS, json_body(request), by))
            case "DELETE", ["linkeddata"]:
                for record in list(state[ITEM]):
                    state.delete(record, by)
                return nothing()
            case "GET", ["linkeddata", number]:
                return one(state, ITEMS, number)
            case "PUT", ["linkeddata", number]:
                replace(state, ITEMS, found(state, ITEM, number), json_body(request), by)
                return nothing()
            case "DELETE", ["linkeddata", number]:
                state.delete(found(state, ITEM, number), by)
                return nothing()
        raise missing()

    def _hook_call(self, request: Request, kind: Kind, rest: list[str], application: Application) -> Response:
        if kind.entity not in FILTERS:
            raise missing()
        entity, by = kind.entity, application.name
        match request.method, rest:
            case "GET", []:
                offset, size = page_of(self.state, request)
                return answer(self.hooks.of(entity, by)[offset : offset + size])
            case "POST", []:
                return answer(self.hooks.register(entity, json_body(request), application))
            case "GET", [number]:
                return answer(self.hooks.shown(entity, number_in(number), by))
            case "PUT", [number]:
                self.hooks.replace(entity, number_in(number), json_body(request), application)
                return nothing()
            case "DELETE", [number]:
                self.hooks.remove(entity, number_in(number), by)
                return nothing()
        raise missing()

    # What the shared server asks of a system.

    def broken(self, request: Request, status: int) -> Response:
        """Return the answer of a service in trouble; a 429 carries its wait in the body, as the real one does."""
        if status == 429:
            refusal = too_fast(self.traffic.wait)
            return Response(429, refusal.body, {"content-type": refusal.kind})
        return Response(status, b"An unexpected error occurred.", {"content-type": "text/plain"})

    def before_call(self, request: Request, fault: Fault) -> None:
        """Withdraw the tokens, or let the access tokens run out."""
        forget: Callable[[], None] = self.sign_in.revoke if fault.kind == "revoke_tokens" else self.sign_in.expire
        forget()

    def after_call(self, request: Request, response: Response, fault: Fault) -> None:
        """Keep what this call wrote out of lists and queries for the fault's seconds of the sandbox's time."""
        self.state.hide_since(self._changes_before, fault.seconds)

    def describe(self) -> dict[str, Any]:
        """Return the address, the application token and how much there is of each kind."""
        counts = {entity: len(self.state[entity]) for entity in self.state.registers}
        return {**super().describe(), "auth_code": self.auth_code, "records": counts}

    def reset(self) -> None:
        """Go back to an empty installation, and follow the real time."""
        self.hooks.close()
        with self.lock:
            self.clock.follow()
            self._begin()
            self._first_user()
            self.requests.clear()

    def close(self) -> None:
        """Let the last hooks go out and keep the state, where a folder was given for it."""
        self._stopped.set()
        self.hooks.close()
        if self.folder is not None:
            self._keeper.join(10)
            self.keep()

    def _keep_now_and_then(self) -> None:
        kept = 0
        while not self._stopped.wait(KEEP_EVERY):
            if kept != self.state.version:
                kept = self.state.version
                self.keep()

    def keep(self) -> None:
        """Write the state to the folder, if there is one. Tokens are not kept: callers log in again."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self.lock:
                self.state.keep(self.folder / "webcrm.json")

    def admin(self, request: Request, segments: list[str]) -> Response | None:
        """Read, load and change records as a person in webCRM would: records/{entity}[/{number}].

        GET lists or shows, POST loads an array and answers its numbers, PUT changes the given fields of one record,
        DELETE removes it. Fields are named as in the API, without prefix, or by their label.
        """
        match request.method, segments:
            case "GET", ["records", entity]:
                return json_response([self.state.wire.write(entity, r.values) for r in self.state[entity]])
            case "POST", ["records", entity]:
                return json_response(self.state.load(entity, json_body(request)), 201)
            case "GET", ["records", entity, number]:
                return json_response(self.state.wire.write(entity, self.state[entity].records[int(number)].values))
            case "PUT", ["records", entity, number]:
                record = self.state[entity].records[int(number)]
                edit(self.state, record, json_body(request))
                return json_response(self.state.wire.write(entity, record.values))
            case "DELETE", ["records", entity, number]:
                self.state.delete(self.state[entity].records[int(number)], PERSON)
                return json_response({"ok": True})
        return None


PERSON = "Anna Lind"
"""Whose name changes in webCRM's own pages carry."""


def edit(state: State, record: Record, wishes: dict[str, Any]) -> None:
    """Change some fields of *record* as a person in webCRM's own pages: the others stay, no rule of the API applies.

    Fields are named as in the API, without their prefix, or by their label. Line breaks become CR LF, as web forms
    send them. Raises KeyError for an unknown field, Refusal for a value that the field cannot hold.
    """
    state.update(record, _typed_in(state, record.entity, wishes), PERSON, whole=False)


def add(state: State, entity: str, wishes: dict[str, Any]) -> Record:
    """Make a record as a person in webCRM's own pages: none of the API's rules applies, fields are named as in `edit`."""
    return state.create(entity, _typed_in(state, entity, wishes), PERSON)


def _typed_in(state: State, entity: str, wishes: dict[str, Any]) -> Given:
    body = {}
    for name, value in wishes.items():
        text = value.replace("\r\n", "\n").replace("\n", "\r\n") if isinstance(value, str) else value
        body[field_named(state, entity, name)] = text
    return state.wire.read(entity, body)


def field_named(state: State, entity: str, name: str) -> str:
    """Return the full name of a field that is named in full, without its prefix, or by its label."""
    known = state.wire.write(entity, {})
    for candidate in (name, entity + name):
        if candidate in known:
            return candidate
    return state.installation.labelled(entity, name)


def _no_method(allowed: str) -> Refusal:
    refusal = Refusal(405, "", body=b"")
    refusal.headers["Allow"] = allowed
    return refusal
