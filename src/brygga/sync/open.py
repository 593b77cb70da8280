"""Open a run: the two connections with their sign-ins and budgets, and the stream's rules from its settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, cast

from brygga import connectors
from brygga.clients.http import Call
from brygga.connectors import Account, WebCrmToken, brakes
from brygga.connectors.contract import Books, Connector, Stream
from brygga.core.policy import LEFT, RIGHT, Holding, Side
from brygga.errors import BryggaError, SettingsError
from brygga.store import secrets
from brygga.store.databases import let_go
from brygga.store.models import Connection, Integration, Run
from brygga.store.permits import Permits
from brygga.store.tokens import AccessTokens
from brygga.sync.context import Context


def open_context(
    run: Run,
    *,
    lane: str,
    told: Callable[[Run], None],
    still_mine: Callable[[], None],
    dry: bool = False,
    puts_off: bool = False,
) -> Context:
    """Return what the run needs. Raises SettingsError when a connection or a setting is missing, Unauthorised, Unavailable."""
    integration = run.integration
    # An attempt after another adds to what that one asked.
    requests: Counter[str] = Counter(run.requests if run.attempt else {})
    calls: list[dict[str, object]] = []
    settings = connectors.read_settings(integration.system, integration.settings, f"{integration.address} settings")
    own, books = connection_of(integration, integration.system), connection_of(integration, "fortnox")
    asked: set[int] = set()
    ends: dict[Side, Connector] = {
        LEFT: connect(own, requests, lane, settings, calls, asked, still_mine=still_mine),
        RIGHT: connect(books, requests, lane, chosen_for(books), calls, asked, still_mine=still_mine),
    }

    def stream_of(name: str) -> Stream:
        made = connectors.stream(integration.system, name, settings, integration.company.slug, lambda kind: holdings(ends, kind))
        return brakes.limit(made, integration.settings)

    stream = stream_of(run.stream)
    fortnox = cast(Books, ends[RIGHT])
    fortnox.fill_from_card(stream.from_card)
    if stream.price_list:
        fortnox.sell_by(stream.price_list)
    companions = tuple(map(stream_of, stream.then))
    closers = [connector.close for connector in ends.values()]
    return Context(
        integration,
        stream,
        run,
        ends,
        requests,
        told=told,
        still_mine=still_mine,
        dry=dry,
        puts_off=puts_off,
        closers=closers,
        companions=companions,
        calls=calls,
        asked=asked,
    )


def fortnox_settings(integration: Integration) -> Any:
    """Return what was chosen for the company's Fortnox itself. Raises SettingsError."""
    return chosen_for(connection_of(integration, "fortnox"))


def chosen_for(connection: Connection) -> Any:
    """Return what was chosen for a connection to Fortnox. Raises SettingsError."""
    return connectors.read_settings("fortnox", connection.settings, f"{connection} settings")


def holdings(ends: Mapping[Side, Connector], kind: str) -> dict[Side, Holding]:
    """Return what each side can hold of a kind."""
    return {side: connector.capability(kind).holding() for side, connector in ends.items()}


def connection_of(integration: Integration, system: str) -> Connection:
    """Return the company's connection to a system. Raises SettingsError when there is none."""
    found = Connection.objects.select_related("company").filter(company=integration.company, system=system).first()
    if found is None:
        raise SettingsError(
            "{company} has no connection to {system}.",
            repair="Declare it with brygga apply, or connect it on the page Connections.",
            company=integration.company.slug,
            system=system,
        )
    return found


def connect(
    connection: Connection,
    requests: Counter[str],
    lane: str,
    settings: Any = None,
    calls: list[dict[str, object]] | None = None,
    asked: set[int] | None = None,
    *,
    hurried: bool = False,
    still_mine: Callable[[], None] = lambda: None,
) -> Connector:
    """Return the connector of one connection; it counts its requests by system, signing in included, and its errors name the connection.

    calls       the latest requests are added to it, at most 50: what a record's timeline shows
    asked       the connection's id is added to it once its system has answered
    hurried     a person waits: one try, and not for long
    still_mine  raises when another process has taken the company over: asked at the last moment before a write leaves, as what is read
                before it may have taken long
    """

    def leaving(call: Call) -> None:
        if call.writes:
            still_mine()
        let_go()

    def count(method: str, path: str, status: int | None, seconds: float) -> None:
        requests[connection.system] += 1
        if asked is not None and status is not None and status < 400:
            asked.add(connection.pk)
        if calls is not None and not _signs_in(path):
            # Never the query: it may hold a key, or whom somebody looked for.
            calls.append({"system": connection.system, "method": method, "path": path.partition("?")[0], "status": status})
            del calls[:-_LATEST]

    common: dict[str, Any] = {
        "settings": settings,
        "limiter": budget_of(connection),
        "lane": lane,
        "hurried": hurried,
        "log": count,
        "leaving": leaving,
    }
    if connection.system == "fortnox":
        tokens = AccessTokens(
            connection.pk,
            connectors.fortnox_refresher(connection.base_url, connection.tenant, count),
            spends=connectors.fortnox_spends(connection.tenant),
        )
        account = Account(connection.base_url, secret=tokens, renew=tokens.renew, **common)
        return cast(Connector, _Named(connectors.connect("fortnox", account), connection.pk))
    own = Account(
        connection.base_url,
        # Read when it is first needed, and once: who is given another key meanwhile is told so by the system.
        secret=cache(lambda: str(secrets.read(_fresh(connection))["api_key"])),
        tokens=_KeptToken(connection),
        **common,
    )
    return cast(Connector, _Named(connectors.connect(connection.system, own), connection.pk))


class _Named:
    """A connector whose errors say which connection they are of, so that its health is what was met on it (`store.health`)."""

    def __init__(self, connector: Connector, connection: int) -> None:
        self._connector = connector
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connector, name)
        if not callable(found):
            return found

        def named(*given: Any, **more: Any) -> Any:
            try:
                answer = found(*given, **more)
            except BryggaError as error:
                error.connection = self._connection
                raise
            return self._each(answer) if isinstance(answer, Iterator) else answer

        # Looked up once: this is called for each record.
        self.__dict__[name] = named
        return named

    def _each(self, records: Iterator[Any]) -> Iterator[Any]:
        try:
            yield from records
        except BryggaError as error:
            error.connection = self._connection
            raise


_LATEST = 50


def _signs_in(path: str) -> bool:
    return any(word in path.lower() for word in ("oauth", "/auth", "token"))


def budget_of(connection: Connection) -> Permits | None:
    """Return the request budget of a connection, shared by all processes; None for a system without a known one: its client's own pace."""
    if connection.system == "fortnox":
        client = secrets.read(connection).get("client_id", "")
        return Permits(f"{client}:{connection.tenant or connection.account_number or connection.pk}")
    limit = connectors.LIMITS.get(connection.system)
    if limit is None:
        return None
    permits, seconds = limit
    return Permits(f"{connection.system}:{connection.pk}", permits=permits, seconds=seconds)


def _fresh(connection: Connection) -> Connection:
    return Connection.objects.select_related("company").get(pk=connection.pk)


class _KeptToken:
    """Keeps webCRM's access token with the connection's secrets, so that a run need not sign in anew."""

    def __init__(self, connection: Connection) -> None:
        self._pk = connection.pk
        self._known: WebCrmToken | None = None

    def load(self) -> WebCrmToken | None:
        if self._known is None:
            held = secrets.read(Connection.objects.get(pk=self._pk))
            if held.get("access_token"):
                self._known = WebCrmToken(held["access_token"], held.get("refresh_token", ""), float(held.get("expires_at", 0)))
        return self._known

    def save(self, token: WebCrmToken) -> None:
        self._known = token
        connection = Connection.objects.get(pk=self._pk)
        held = secrets.read(connection)
        held.update(access_token=token.access, refresh_token=token.refresh, expires_at=token.expires_at)
        # Lost when somebody changed the credentials meanwhile: then this token is worthless anyway.
        secrets.replace(connection, held)
