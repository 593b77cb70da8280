"""How a resource is added.

A resource is a subclass of `Resource`: attributes say what it is called and where its fields come from, methods are
overridden where it has rules of its own. A plain register needs attributes only:

    class Units(Resource):
        name, tag, one, many = "units", "Units", "Unit", "Units"
        key_field = "Code"
        scopes = ("settings",)
        missing_code, thing = 2000432, "enheten"

and one line in `RESOURCES` of its package (`registers/__init__.py`, `documents/__init__.py`). What it then does: list,
read, create, update, delete with scopes, licences, payload checks, number series, events, `lastmodified`. Rules:

- `prepare(call, record, sent)` fills defaults and checks a new record; `revise(call, old, record, sent)` does so for a
  changed one; `may_delete(call, key, record)` refuses. They get whole records (plain dicts with the API's field names,
  keys starting with `_` are inner and never shown), change them in place, and refuse with `raise refusal(code, value)`.
  `sent` holds what the client sent, checked: a value, or None for "clear it".
- `list_row`, `detail` turn a record into what an answer shows.
- `actions` names what `PUT|GET /3/{resource}/{key}/{action}` do: `{"bookkeep": Action("PUT", "bookkeep")}` where the
  second is a method `(call, key, record) -> Response`.
- other paths: override `respond(call, rest)`, and name them in `more_operations` for the coverage page.
- search parameters, filters and sort names are tables of `lists.contains(...)`, `lists.flag(...)` and so on.

Everything a call writes (`call.company.put/delete/count/emit`) is taken back when the call is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.definition import Field, fields_of, in_recorded_order
from brygga_sandbox.fortnox.errors import Refusal, not_found, refusal, refusal_text
from brygga_sandbox.fortnox.payload import Quirks, checked
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Request, Response

if TYPE_CHECKING:
    from brygga_sandbox.fortnox.app import Sandbox
    from brygga_sandbox.fortnox.auth import Grant


@dataclass
class Call:
    """One call of the API, let in: whose, by whom, and what was asked."""

    sandbox: "Sandbox"
    company: Company
    grant: "Grant"
    request: Request
    params: dict[str, str]

    @property
    def method(self) -> str:
        """Return the HTTP method."""
        return self.request.method

    def url(self, path: str) -> str:
        """Return the full address of a path like `customers/1`."""
        return f"{self.sandbox.base_url}/3/{path}"


@dataclass(frozen=True)
class Action:
    """What `{method} /3/{resource}/{key}/{name}` does: the name of a method of the resource."""

    method: str
    does: str


class Resource:
    """One resource of the API. See the module's text for how to add one."""

    name: ClassVar[str]  # of the table and the path: "customers"
    tag: ClassVar[str]  # in the definition: "Customers"
    one: ClassVar[str]  # wrapper of one: "Customer"
    many: ClassVar[str]  # wrapper of a list: "Customers"
    takes: ClassVar[str] = ""  # wrapper of a payload where it is not `one`
    path: ClassVar[str] = ""  # where it is not `name`: "settings/company"
    prefix: ClassVar[str] = "3"  # or api
    media: ClassVar[tuple[str, ...]] = ("application/json",)  # kinds of body it takes
    key_field: ClassVar[str] = ""
    verbs: ClassVar[str] = "LRCUD"  # list, read, create, update, delete
    scopes: ClassVar[tuple[str, ...]] = ()  # any of them lets in
    modules: ClassVar[tuple[str, ...]] = ()  # any of them; none for all companies
    scope_code: ClassVar[int] = 2000663
    right: ClassVar[str] = ""  # the register's name in Swedish, in the refusal of a user without the right
    topic: ClassVar[str] = ""
    event: ClassVar[str] = ""  # "customer" makes customer-created-v1 and so on
    missing_code: ClassVar[int | None] = None  # 404
    thing: ClassVar[str] = "posten"  # definite form, in texts whose code is unknown
    taken_code: ClassVar[int | None] = None
    paged: ClassVar[bool] = True
    meta: ClassVar[bool] = True
    urls: ClassVar[bool] = True  # records carry @url
    automatic: ClassVar[bool] = False  # a missing key is given: the next number
    inner_id: ClassVar[bool] = False  # the key is an id the service gives; a sent one is ignored
    default_order: ClassVar[str] = "ascending"
    sort_field: ClassVar[str | None] = None  # the default order, where it is not the key
    changes: ClassVar[dict[str, dict[str, Any]]] = {}  # of the definition's fields
    unset: ClassVar[dict[str, Any]] = {}  # what unset fields look like, where it is not "" or null
    unset_text: ClassVar[Any] = ""  # what unset texts look like
    list_unset: ClassVar[dict[str, Any]] = {}
    quirks: ClassVar[Quirks] = Quirks()
    searches: ClassVar[Mapping[str, Callable[[str], lists.Test]]] = {}
    filters: ClassVar[Mapping[str, lists.Test]] = {}
    sorts: ClassVar[Mapping[str, str]] = {}
    ignored_params: ClassVar[frozenset[str]] = frozenset()  # read by the resource itself
    tracked: ClassVar[bool] = False  # has lastmodified
    actions: ClassVar[Mapping[str, Action]] = {}
    more_operations: ClassVar[tuple[tuple[str, str], ...]] = ()

    # -- shape

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Return the fields of the definition, with `changes`."""
        return fields_of(self.tag, self.changes)

    @cached_property
    def blank(self) -> dict[str, Any]:
        """Return a detail with nothing set, keys in the order of an answer."""
        shown = in_recorded_order(self.tag, (name for name, known in self.fields.items() if "D" in known.where))
        return {name: self._blank_of(name, self.fields[name]) for name in shown}

    @cached_property
    def nested(self) -> dict[str, dict[str, Any]]:
        """Return what rows and sub-objects look like with nothing set."""
        found: dict[str, dict[str, Any]] = {}
        for name, known in self.fields.items():
            if "D" in known.where and known.children:
                inner = [sub for sub, field in known.children.items() if "D" in field.where]
                inner = in_recorded_order(f"{self.tag}.{name}", inner)
                found[name] = {sub: self._blank_of(f"{name}.{sub}", known.children[sub]) for sub in inner}
        return found

    @cached_property
    def columns(self) -> tuple[tuple[str, Any], ...]:
        """Return the columns of a list with what they show when unset."""
        listed = [name for name, known in self.fields.items() if "L" in known.where and known.type != "array"]
        listed = in_recorded_order(f"{self.tag} list", listed)
        return tuple((name, self.list_unset.get(name, self.blank.get(name, ""))) for name in listed)

    def _blank_of(self, path: str, known: Field) -> Any:
        if path in self.unset:
            return self.unset[path]
        if known.type == "array":
            return []
        if known.type == "object":
            return {}
        if known.type == "bool":
            return False
        return self.unset_text if known.type == "str" else None

    @property
    def address(self) -> str:
        """The path below /3/."""
        return self.path or self.name

    def url_of(self, call: Call, key: Key) -> str:
        """Return the @url of a record; characters outside ASCII are percent-encoded."""
        parts = key if isinstance(key, tuple) else (key,)
        return call.url(f"{self.address}/" + "/".join(quote(str(part), safe="") for part in parts))

    def key_of(self, record: Mapping[str, Any]) -> Key:
        """Return the key of a record."""
        return str(record[self.key_field])

    def find(self, call: Call, key: Key) -> Record:
        """Return a whole record. Raises the 404 of the resource."""
        record = call.company.get(self.name, key)
        if record is None:
            raise self.not_found()
        return record

    def not_found(self) -> Refusal:
        """Return the 404 of the resource."""
        return not_found(self.missing_code, self.thing)

    def detail(self, call: Call, record: Record) -> dict[str, Any]:
        """Return what the detail answer shows of a whole record."""
        shown = {name: record[name] for name in self.blank}
        for name in call.company.values_without_right:
            if name in shown:
                shown[name] = "API_NORIGHT"
        return {"@url": self.url_of(call, self.key_of(record)), **shown} if self.urls else shown

    def list_row(self, call: Call, record: Record) -> dict[str, Any]:
        """Return what a list shows of a compact record."""
        row: dict[str, Any] = {}
        if self.urls:
            row["@url"] = self.url_of(call, self.key_of({**self.blank, **record}))
        for name, unset in self.columns:
            value = record.get(name, unset)
            row[name] = unset if value is None else value
        return row

    def tests(self, call: Call, params: dict[str, str]) -> list[lists.Test]:
        """Return the tests that search parameters and `filter` ask for. Raises Refusal 2000587 and 2000588."""
        found: list[lists.Test] = []
        for name, text in params.items():
            if name == "filter" and self.filters:
                if text not in self.filters:
                    raise refusal(2000587)
                found.append(self.filters[text])
            elif name in self.searches:
                if text != "":
                    found.append(self.searches[name](text))
            elif not (name in self.ignored_params or (name == "lastmodified" and self.tracked)):
                raise refusal(2000588)
        return found

    # -- what a call does

    def respond(self, call: Call, rest: list[str]) -> Response:
        """Answer a call whose path goes on with `rest` after the resource's own. Raises Refusal."""
        match call.method, rest:
            case "GET", [] if "L" in self.verbs:
                return self.list(call)
            case "POST", [] if "C" in self.verbs:
                return self.create(call)
            case (("PUT" | "DELETE"), []) if "U" in self.verbs or "D" in self.verbs:
                raise refusal(2000729)
            case "GET", [key] if "R" in self.verbs:
                return self.read(call, self.parse_key(call, key))
            case "PUT", [key] if "U" in self.verbs:
                return self.update(call, self.parse_key(call, key))
            case "DELETE", [key] if "D" in self.verbs:
                return self.remove(call, self.parse_key(call, key))
            case method, [key, name] if name in self.actions:
                return self.act(call, self.parse_key(call, key), name, method)
        raise refusal(2000764)

    def parse_key(self, call: Call, segment: str) -> Key:
        """Return the key that a path segment names."""
        return segment

    def list(self, call: Call) -> Response:
        """Answer a list."""
        rows, meta = lists.page(call, self)
        if self.meta:
            return wire.answer({"MetaInformation": meta, self.many: rows})
        return wire.answer({self.many: rows})

    def read(self, call: Call, key: Key) -> Response:
        """Answer one record."""
        return wire.answer({self.one: self.detail(call, self.find(call, key))})

    def create(self, call: Call) -> Response:
        """Make a record of the payload."""
        sent = checked(self.fields, self.payload(call), "C", self.quirks)
        record = self.start(sent)
        self.prepare(call, record, sent)
        key = self.number(call, record)
        call.company.put(self.name, key, record)
        self.announce(call, "created", record)
        return wire.created({self.one: self.detail(call, self.find(call, key))}, self.address)

    def update(self, call: Call, key: Key) -> Response:
        """Change the fields that the payload names."""
        old = self.find(call, key)
        sent = checked(self.fields, self.payload(call), "U", self.quirks)
        if self.key_field in sent and (sent[self.key_field] is None or self.key_of({**old, **sent}) != key):
            raise refusal(2000588)
        record = self.apply({**old}, sent)
        self.revise(call, old, record, sent)
        call.company.put(self.name, key, record)
        self.announce(call, "updated", record)
        return wire.answer({self.one: self.detail(call, self.find(call, key))})

    def remove(self, call: Call, key: Key) -> Response:
        """Remove a record that nothing uses."""
        record = self.find(call, key)
        self.may_delete(call, key, record)
        call.company.delete(self.name, key)
        self.announce(call, "deleted", record)
        return wire.empty()

    def act(self, call: Call, key: Key, name: str, method: str) -> Response:
        """Carry out an action on a record."""
        action = self.actions[name]
        if method != action.method:
            raise refusal_text(f"Felaktig action på {self.thing_plain} ({method}).")
        record = self.find(call, key)
        response: Response = getattr(self, action.does)(call, key, record)
        return response

    @property
    def thing_plain(self) -> str:
        """The indefinite word for one, in the refusal of a wrong action: faktura, order, offert."""
        return self.one.lower()

    def payload(self, call: Call) -> dict[str, Any]:
        """Return the payload without its wrapper."""
        return wire.unwrap(call.request.body, self.takes or self.one)

    def start(self, sent: Mapping[str, Any]) -> Record:
        """Return a new whole record with what was sent."""
        record: Record = {name: [] if value == [] else {} if value == {} else value for name, value in self.blank.items()}
        for name, blank in self.nested.items():
            if self.fields[name].type == "object":
                record[name] = {**blank}
        return self.apply(record, sent)

    def apply(self, record: Record, sent: Mapping[str, Any]) -> Record:
        """Write what was sent into a whole record; None clears; a sub-object keeps what was not named."""
        for name, value in sent.items():
            if value is None:
                record[name] = {**self.nested.get(name, {})} if self.fields[name].type == "object" else self.blank.get(name)
            elif isinstance(value, dict):
                blank = self.nested.get(name, {})
                record[name] = {**blank, **(record.get(name) or {})}
                for sub, inner in value.items():
                    record[name][sub] = blank.get(sub) if inner is None else inner
            else:
                record[name] = value
        return record

    def number(self, call: Call, record: Record) -> Key:
        """Give the record its number, or refuse a taken one; return the key."""
        company = call.company
        if self.inner_id:
            record[self.key_field] = company.count(self.name)
            return self.key_of(record)
        if not record.get(self.key_field) and self.automatic:
            record[self.key_field] = str(company.next_number(self.name))
            return self.key_of(record)
        key = self.key_of(record)
        if key in company.table(self.name):
            raise self.taken(key, deleted=False)
        if self.automatic and company.was_used(self.name, key):
            raise self.taken(key, deleted=True)
        return key

    def taken(self, key: Key, *, deleted: bool) -> Refusal:
        """Return the refusal of a number that is used, or was."""
        if self.taken_code is not None:
            return refusal(self.taken_code, key)
        return refusal_text(f"{self.one} {lists.same_key(key)} används redan.")

    def announce(self, call: Call, what: str, record: Record) -> None:
        """Send the event of a change."""
        if self.topic:
            call.company.emit(self.topic, f"{self.event}-{what}-v1", lists.same_key(self.key_of(record)))

    # -- rules of a resource, to be overridden

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Fill defaults into a new record and check it."""

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Check a changed record."""

    def may_delete(self, call: Call, key: Key, record: Record) -> None:
        """Refuse when the record is used."""

    def loaded(self, company: Company, record: Record) -> tuple[Key, Record]:
        """Return key and whole record of one that is loaded. Raises ValueError for an unknown field."""
        unknown = [name for name in record if name not in self.blank and not name.startswith("_")]
        if unknown:
            raise ValueError(f"{self.name} has no field {', '.join(unknown)}")
        if not record.get(self.key_field):
            record[self.key_field] = company.count(self.name) if self.inner_id else str(company.count(f"load:{self.name}"))
        elif self.inner_id:
            company.count_from(self.name, int(record[self.key_field]) + 1)
        return self.key_of(record), record

    # -- coverage

    def operations(self) -> set[tuple[str, str]]:
        """Return (method, path) of everything it answers, `{}` for each key."""
        base = f"/3/{self.address}"
        plain = {"L": ("GET", base), "C": ("POST", base), "R": ("GET", base + "/{}")}
        plain |= {"U": ("PUT", base + "/{}"), "D": ("DELETE", base + "/{}")}
        done = {plain[verb] for verb in self.verbs}
        done |= {(action.method, f"{base}/{{}}/{name}") for name, action in self.actions.items()}
        return done | set(self.more_operations)


def check_rights(resource: Resource, call: Call) -> None:
    """Refuse a grant without scope, a company without licence, a user without right."""
    company = call.company
    if company.integration_licences is not None and call.grant.client_id not in company.integration_licences:
        raise refusal(2001103)
    if resource.scopes and not set(resource.scopes) & set(call.grant.scopes):
        raise refusal(resource.scope_code)
    if resource.modules and not company.modules & set(resource.modules):
        raise refusal(2001101)
    if resource.name in company.rights_missing:
        raise refusal(2003275, resource.right or resource.name)
