"""The routes of the imitated Upsales: which call does what, and the order in which a call can be refused."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from brygga_sandbox.faults import Fault
from brygga_sandbox.server import Request, Response, System, json_response
from brygga_sandbox.upsales import kinds
from brygga_sandbox.upsales.errors import JSON, Refusal, invalid, missing, page_not_found, server_error, too_many, unauthorized
from brygga_sandbox.upsales.events import App, Events
from brygga_sandbox.upsales.limit import Window
from brygga_sandbox.upsales.orders import read_order, show_order
from brygga_sandbox.upsales.query import listed
from brygga_sandbox.upsales.setup import Setup
from brygga_sandbox.upsales.state import ENTITIES, Record, State, Values
from brygga_sandbox.upsales.values import instant

TOKEN = "5f" * 48
"""The key that every account begins with: 96 hexadecimal digits."""

PATHS = {
    "opportunities": "orders",
    **{kind: kind for kind in ("accounts", "contacts", "products", "pricelists", "orders", "orderstages", "users", "currencies")},
}
_WRITES: dict[str, tuple[str, ...]] = {
    "accounts": ("POST", "PUT", "DELETE"), "contacts": ("POST", "PUT", "DELETE"), "orders": ("POST", "PUT", "DELETE"),
    "products": ("POST", "PUT"), "pricelists": ("POST", "PUT"), "orderstages": ("POST", "PUT", "DELETE"), "users": (), "currencies": (),
}  # fmt: skip
KEEP_EVERY = 2.0


class UpsalesSystem(System):
    """One account behind the shared server: state, keys, limit, events."""

    name = "upsales"

    def __init__(self, setup: Setup | None = None, folder: Path | None = None) -> None:
        """Begin empty, or with what *folder* keeps from an earlier run."""
        super().__init__()
        self.setup = setup or Setup()
        self.folder = folder
        self.token = TOKEN
        self._begin()
        if folder is not None and (folder / "upsales.json").exists():
            self.state.take_up(folder / "upsales.json")
        else:
            self.state.begin()
        self._stopped = threading.Event()
        self._keeper = threading.Thread(target=self._keep_now_and_then, name="sandbox-upsales-keeper", daemon=True)
        if folder is not None:
            self._keeper.start()

    def _begin(self) -> None:
        self.state = State(self.setup, self.clock.now)
        self.window = Window(self.setup.calls, self.setup.seconds)
        self.keys: dict[str, str] = {TOKEN: "74@api.upsales.com"}
        self.events = Events(self.state, self.show)
        self._first_change = 0

    # Calls --------------------------------------------------------------------------------------------------------------

    def tenant_of(self, request: Request) -> str | None:
        """Return "1": a sandbox holds one account."""
        return "1"

    def answer(self, request: Request) -> Response:
        """Carry out one call. Order: key, speed, address, body."""
        self._first_change = len(self.state.changes)
        key = request.params().get("token", "")
        try:
            if key not in self.keys:
                raise unauthorized()
            if not self.window.take(key):
                raise too_many()
            response = self._route(request, self.keys[key])
        except Refusal as refusal:
            response = refusal.response()
        response.headers.update(self.window.headers(key))
        return response

    def _route(self, request: Request, by: str) -> Response:
        segments = [segment.lower() for segment in request.segments]
        if segments[:2] != ["api", "v2"]:
            return page_not_found()
        match request.method, segments[2:]:
            case "GET", ["self"]:
                user = {"id": 0, "name": "API", "email": by, "active": 1, "clientId": 9580, "currency": self.setup.currency}
                return _json({"errors": None, "data": user})
            case method, ["customfields", entity, *rest] if entity in ENTITIES:
                return self._fields(method, entity, rest, request)
            case "GET", [path] if path in PATHS:
                records, metadata = listed(self.state, PATHS[path], request)
                flags = _flags(request)
                return _json({"error": None, "metadata": metadata, "data": [self._shown(record, flags) for record in records]})
            case "POST", [path] if "POST" in _WRITES.get(PATHS.get(path, ""), ()):
                return self._create(PATHS[path], request, by)
            case method, [path, id] if path in PATHS:
                return self._one(method, PATHS[path], id, request, by)
        return page_not_found()

    def _create(self, kind: str, request: Request, by: str) -> Response:
        values = self._read(kind, _body(request), None, request)
        record = self.state.create(kind, values, by)
        return _json({"error": None, "data": self._shown(record, _flags(request))})

    def _one(self, method: str, kind: str, id: str, request: Request, by: str) -> Response:
        record = self.state[kind].get(int(id)) if id.isascii() and id.isdigit() else None
        if record is None:
            raise missing(kind, id)
        if method == "PUT" and "PUT" in _WRITES[kind]:
            self.state.update(record, self._read(kind, _body(request), record, request), by)
        elif method == "DELETE" and "DELETE" in _WRITES[kind]:
            self.state.delete(record, by)
            return _json({"error": None, "data": None})
        elif method != "GET":
            return page_not_found()
        return _json({"error": None, "data": self._shown(record, _flags(request))})

    def _fields(self, method: str, entity: str, rest: list[str], request: Request) -> Response:
        fields = self.state.fields[entity]
        if method == "GET" and not rest:
            data = list(fields.values())
            return _json({"error": None, "metadata": {"total": len(data), "limit": 1000, "offset": 0}, "data": data})
        if method == "POST" and not rest:
            return _json({"error": None, "data": self.add_field(entity, _body(request))})
        if len(rest) == 1 and rest[0].isascii() and rest[0].isdigit():
            field = fields.get(int(rest[0]))
            if field is None:
                raise missing("customfield", rest[0])
            if method == "PUT":
                fields[field["id"]] = kinds.read_field(self.state, entity, _body(request), field)
                return _json({"error": None, "data": fields[field["id"]]})
            if method == "DELETE":
                self.drop_field(entity, field["id"])
                return _json({"error": None, "data": None})
        return page_not_found()

    def add_field(self, entity: str, body: Any) -> Values:
        """Make a custom field."""
        made = kinds.read_field(self.state, entity, body, None)
        number = self.state.new_id("field")
        self.state.fields[entity][number] = {"id": number, **made}
        self.state.version += 1
        return self.state.fields[entity][number]

    def drop_field(self, entity: str, number: int) -> None:
        """Delete a custom field with all that was saved in it."""
        del self.state.fields[entity][number]
        for record in self.state[f"{entity}s"].values() if f"{entity}s" in self.state.registers else ():
            record.values.get("custom", {}).pop(str(number), None)

    def _read(self, kind: str, body: Any, old: Record | None, request: Request) -> Values:
        flags = _flags(request)
        if not isinstance(body, dict):
            raise invalid("Body must be an object")
        match kind:
            case "accounts":
                return kinds.read_account(self.state, body, old)
            case "contacts":
                return kinds.read_contact(self.state, body, old, flags["names"])
            case "products":
                return kinds.read_product(self.state, body, old, flags["lists"])
            case "pricelists":
                return kinds.read_price_list(self.state, body, old)
            case "orderstages":
                return kinds.read_stage(self.state, body, old)
        return read_order(self.state, body, old)

    def show(self, kind: str, id: int) -> Values:
        """Return a record as the API shows it, with all prices."""
        return self._shown(self.state[kind][id], {"lists": True, "names": True})

    def _shown(self, record: Record, flags: dict[str, bool]) -> Values:
        if record.kind == "products":
            return kinds.show_product(self.state, record, flags["lists"])
        show = {
            "accounts": kinds.show_account, "contacts": kinds.show_contact, "pricelists": kinds.show_price_list,
            "orderstages": kinds.show_stage, "users": kinds.show_user, "currencies": kinds.show_currency, "orders": show_order,
        }[record.kind]  # fmt: skip
        dates = {"regDate": instant(record.created), "modDate": instant(record.modified)}
        plain = record.kind in ("products", "orderstages", "users", "currencies")
        return show(self.state, record) | ({} if plain else dates)

    # What the shared server asks of a system ------------------------------------------------------------------------------

    def broken(self, request: Request, status: int) -> Response:
        """Return the answer of a service in trouble: its own error body, or a page before it was reached."""
        if status == 429:
            return too_many().response()
        return server_error().response() if status == 500 else super().broken(request, status)

    def before_call(self, request: Request, fault: Fault) -> None:
        """Withdraw the keys: Upsales has no tokens that run out."""
        self.keys.clear()

    def after_call(self, request: Request, response: Response, fault: Fault) -> None:
        """Keep what this call wrote out of lists for the fault's seconds of the sandbox's time."""
        self.state.hide_since(self._first_change, fault.seconds)

    def describe(self) -> dict[str, Any]:
        """Return the address, the key and how much there is of each kind."""
        counts = {kind: len(register) for kind, register in self.state.registers.items()}
        return {**super().describe(), "token": self.token, "records": counts}

    def reset(self) -> None:
        """Go back to an empty account, and follow the real time."""
        self.events.close()
        with self.lock:
            self.clock.follow()
            self.faults.clear()
            self._begin()
            self.state.begin()
            self.requests.clear()

    def close(self) -> None:
        """Let the last events go out and keep the state, where a folder was given for it."""
        self._stopped.set()
        self.events.close()
        if self.folder is not None:
            self._keeper.join(10)
            self.keep()

    def keep(self) -> None:
        """Write the state to the folder, if there is one."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self.lock:
                self.state.keep(self.folder / "upsales.json")

    def _keep_now_and_then(self) -> None:
        kept = 0
        while not self._stopped.wait(KEEP_EVERY):
            if kept != self.state.version:
                kept = self.state.version
                self.keep()

    def admin(self, request: Request, segments: list[str]) -> Response | None:
        """Read, load and change records as a person in Upsales would: records/{kind}[/{id}], and apps.

        GET lists or shows, POST loads an array and answers its ids, PUT changes fields of one record, DELETE removes it. POST to
        apps registers {"url"}; its answer has the app's key.
        """
        match request.method, segments:
            case "GET", ["records", kind]:
                return json_response([self.show(kind, id) for id in self.state[kind]])
            case "POST", ["records", kind]:
                return json_response(self.load(kind, json.loads(request.body)), 201)
            case "GET", ["records", kind, id]:
                return json_response(self.show(kind, int(id)))
            case "PUT", ["records", kind, id]:
                self.edit(kind, int(id), json.loads(request.body))
                return json_response({"ok": True})
            case "DELETE", ["records", kind, id]:
                self.state.delete(self.state[kind][int(id)], self.person)
                return json_response({"ok": True})
            case "GET", ["apps"]:
                return json_response([app.__dict__ for app in self.events.apps])
            case "POST", ["apps"]:
                return json_response(self.add_app(json.loads(request.body)["url"]).__dict__, 201)
        return None

    # Persons --------------------------------------------------------------------------------------------------------------

    @property
    def person(self) -> str:
        """Return the address of the person whose hand changes in Upsales' own pages have."""
        return self.setup.users[0][1]

    def load(self, kind: str, records: list[dict[str, Any]]) -> list[int]:
        """Put many records in at once, in the API's field names, and return their ids; no event is sent.

        A record may bring its id, regDate and modDate. What the API would refuse cannot be loaded.
        """
        request = Request("POST", "/", [("usePriceLists", "true"), ("usingFirstnameLastname", "true")])
        made = []
        for body in records:
            kept = {name: body[name] for name in ("id", "regDate", "modDate") if name in body}
            made.append(self.state.put(kind, self._read(kind, body, None, request) | kept).id)
        return made

    def edit(self, kind: str, id: int, fields: dict[str, Any]) -> None:
        """Change a record as a person in Upsales' own pages: custom values that are not named stay. Apps are asked and told.

        Raises Stopped, and changes nothing, when an app says no. It is asked without the lock, as others go on meanwhile.
        """
        with self.lock:
            record = self.state[kind][id]
            values = self._wished(record, fields)
            order = self._would_be(Record(kind, id, {**record.values, **values}, record.created, record.modified, record.by))
        if kind == "orders":
            self.events.ask_before_save(order, self.person)
        with self.lock:
            self.state.update(self.state[kind][id], self._wished(record, fields), self.person)

    def _wished(self, record: Record, fields: dict[str, Any]) -> Values:
        request = Request("PUT", "/", [("usePriceLists", "true"), ("usingFirstnameLastname", "true")])
        values = self._read(record.kind, fields, record, request)
        if "custom" in fields:
            named = {str(one["fieldId"]) for one in fields["custom"]}
            kept = {n: x for n, x in record.values.get("custom", {}).items() if n not in named}
            values["custom"] = {**kept, **values["custom"]}
        return values

    def _would_be(self, record: Record) -> Values:
        return self._shown(record, {"lists": True, "names": True})

    def add_app(self, url: str, email: str = "") -> App:
        """Register an app at *url* and return it with its key."""
        number = len(self.events.apps) + 1
        app = App(url.rstrip("/"), f"{number:02x}" * 48, email or f"{1000 + number}@api.upsales.com")
        self.keys[app.token] = app.email
        self.events.apps.append(app)
        return app


def _json(value: Any) -> Response:
    return Response(200, json.dumps(value, ensure_ascii=False).encode(), dict(JSON))


def _body(request: Request) -> Any:
    try:
        return json.loads(request.body, parse_constant=_not_json)
    except ValueError:
        raise invalid("Body is not JSON") from None


def _not_json(word: str) -> Any:
    """Refuse Infinity and NaN, which Python reads and JSON does not have."""
    raise ValueError(word)


def _flags(request: Request) -> dict[str, bool]:
    params = {name.lower(): value for name, value in request.query}
    return {
        "lists": params.get("usepricelists") == "true",
        "names": "usingfirstnamelastname" in params and params["usingfirstnamelastname"] != "false",
    }
