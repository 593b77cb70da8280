"""The connectors: plain imports and two tables, one that connects and one of settings. No discovery."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from urllib.parse import unquote, urlsplit

import httpx2

from brygga.clients.fortnox import REAL_ADDRESS as FORTNOX_ADDRESS
from brygga.clients.fortnox import Fortnox
from brygga.clients.http import Call, Http, RequestLog
from brygga.clients.limits import Limiter, SlidingWindow
from brygga.clients.mobigo import LIMIT as MOBIGO_LIMIT
from brygga.clients.mobigo import Mobigo
from brygga.clients.opter import LIMIT as OPTER_LIMIT
from brygga.clients.opter import Opter, OpterFolder
from brygga.clients.textalk import BASE_URL as TEXTALK_ADDRESS
from brygga.clients.textalk import Textalk
from brygga.clients.upsales import BASE_URL as UPSALES_ADDRESS
from brygga.clients.upsales import PERMITS as UPSALES_PERMITS
from brygga.clients.upsales import SECONDS as UPSALES_SECONDS
from brygga.clients.upsales import Upsales, seconds_to_reset
from brygga.clients.upsales.events import read_event as upsales_event
from brygga.clients.webcrm import BASE_URL as WEBCRM_ADDRESS
from brygga.clients.webcrm import Spaced, TokenStore, WebCrm, retry_after_seconds
from brygga.clients.webcrm import Token as WebCrmToken
from brygga.connectors import brakes, fortnox, webcrm
from brygga.connectors.contract import Connector, Mapped, Stream
from brygga.connectors.fortnox import connector as fortnox_connector
from brygga.connectors.fortnox import settings as fortnox_settings
from brygga.connectors.fortnox.sign_in import SCOPES
from brygga.connectors.fortnox.sign_in import refresher as fortnox_refresher
from brygga.connectors.fortnox.sign_in import spends as fortnox_spends
from brygga.connectors.mobigo import connector as mobigo_connector
from brygga.connectors.mobigo import settings as mobigo_settings
from brygga.connectors.mobigo import streams as mobigo_streams
from brygga.connectors.opter import connector as opter_connector
from brygga.connectors.opter import payments as opter_payments
from brygga.connectors.opter import settings as opter_settings
from brygga.connectors.opter import streams as opter_streams
from brygga.connectors.settings import Setting, explain
from brygga.connectors.textalk import connector as textalk_connector
from brygga.connectors.textalk import settings as textalk_settings
from brygga.connectors.textalk import streams as textalk_streams
from brygga.connectors.upsales import connector as upsales_connector
from brygga.connectors.upsales import question as upsales_question
from brygga.connectors.upsales import sale_streams as upsales_sales
from brygga.connectors.upsales import settings as upsales_settings
from brygga.connectors.upsales import streams as upsales_streams
from brygga.connectors.upsales.layout import Layout
from brygga.connectors.webcrm import connector as webcrm_connector
from brygga.connectors.webcrm import document_streams as webcrm_documents
from brygga.connectors.webcrm import settings as webcrm_settings
from brygga.connectors.webcrm import streams as webcrm_streams
from brygga.core.policy import Holding, Side
from brygga.errors import SettingsError

_T = TypeVar("_T")


@dataclass(frozen=True)
class Account:
    """One company's account in one system, and how calls leave.

    base_url   "" for the real service
    secret     gives the access token (Fortnox) or the application token (webCRM); asked when it is needed, kept nowhere
    renew      Fortnox: gives a new access token after a 401
    tokens     webCRM: where the access token rests between runs
    settings   as `read_settings` returned them
    hurried    a person waits for the answer: one try, and seconds instead of a minute
    limiter, lane, log, leaving, transport, sleep   see `clients.http.Http`; a shared limiter keeps the budget of all processes
    """

    base_url: str
    secret: Callable[[], str] = field(repr=False)
    settings: Any = None
    renew: Callable[[], str] | None = field(default=None, repr=False)
    tokens: TokenStore | None = field(default=None, repr=False)
    limiter: Limiter | None = None
    lane: str = "poll"
    hurried: bool = False
    log: RequestLog | None = None
    leaving: Callable[[Call], None] = lambda call: None
    transport: httpx2.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def connect_fortnox(account: Account) -> Connector:
    """Connect to one company's Fortnox."""
    http = Http(
        "Fortnox",
        limiter=account.limiter or SlidingWindow(),
        lane=account.lane,
        hurried=account.hurried,
        log=account.log,
        leaving=account.leaving,
        transport=account.transport,
        request_id_header="x-uid",
        sleep=account.sleep,
    )
    client = Fortnox(account.base_url or FORTNOX_ADDRESS, token=account.secret, send=http.send, renew=account.renew)
    return fortnox_connector.FortnoxConnector(client, account.settings, http.close)


def connect_webcrm(account: Account) -> Connector:
    """Connect to one webCRM installation."""
    http = Http(
        "webCRM",
        limiter=account.limiter or Spaced(sleep=account.sleep),
        lane=account.lane,
        hurried=account.hurried,
        log=account.log,
        leaving=account.leaving,
        transport=account.transport,
        hint=retry_after_seconds,
        sleep=account.sleep,
    )
    client = WebCrm(http.send, account.base_url or WEBCRM_ADDRESS, account.secret, account.tokens)
    settings = account.settings or webcrm_settings.read({})
    return webcrm_connector.WebCrmConnector(client, settings, account.clock, http.close)


def connect_mobigo(account: Account) -> Connector:
    """Connect to one Mobigo by the adapter beside it; the secret is its application id and key, with a colon between them."""
    if not account.base_url:
        raise SettingsError(
            "Mobigo has no address of its own: the one of the adapter beside it is missing.",
            repair="Set base_url in the connection to Mobigo.",
            rule="MOB-10",
        )
    http = Http(
        "Mobigo",
        limiter=account.limiter or SlidingWindow(*MOBIGO_LIMIT, sleep=account.sleep),
        lane=account.lane,
        hurried=account.hurried,
        log=account.log,
        leaving=account.leaving,
        transport=account.transport,
        sleep=account.sleep,
    )
    client = Mobigo(http.send, account.base_url, account.secret)
    return mobigo_connector.MobigoConnector(client, account.settings or mobigo_settings.read({}), http.close)


def connect_opter(account: Account) -> Connector:
    """Connect to one Opter by the adapter beside it, whose API key is the secret; or by files, at the address file:///FOLDER."""
    settings = account.settings or opter_settings.read({})
    if account.base_url.startswith("file:"):
        folder = Path(unquote(urlsplit(account.base_url).path))
        return opter_connector.OpterConnector(OpterFolder(folder, settings.accepted_deviation), settings, account.clock)
    if not account.base_url:
        raise SettingsError(
            "Opter has no address of its own: the one of the adapter beside it is missing.",
            repair="Set base_url in the connection to Opter.",
            rule="OPT-10",
        )
    http = Http(
        "Opter",
        limiter=account.limiter or SlidingWindow(*OPTER_LIMIT, sleep=account.sleep),
        lane=account.lane,
        hurried=account.hurried,
        log=account.log,
        leaving=account.leaving,
        transport=account.transport,
        sleep=account.sleep,
    )
    client = Opter(http.send, account.base_url, account.secret)
    return opter_connector.OpterConnector(client, settings, account.clock, http.close)


def connect_textalk(account: Account) -> Connector:
    """Connect to one shop; the secret is its number and a token, with a colon between them."""
    http = Http(
        "Textalk Webshop",
        limiter=account.limiter,
        lane=account.lane,
        hurried=account.hurried,
        log=account.log,
        leaving=account.leaving,
        transport=account.transport,
        sleep=account.sleep,
    )
    client = Textalk(http.send, account.base_url or TEXTALK_ADDRESS, account.secret)
    return textalk_connector.TextalkConnector(client, account.settings or textalk_settings.read({}), http.close)


def connect_upsales(account: Account) -> Connector:
    """Connect to one Upsales account; the secret is its API key."""
    http = Http(
        "Upsales",
        limiter=account.limiter or SlidingWindow(UPSALES_PERMITS, UPSALES_SECONDS, sleep=account.sleep),
        lane=account.lane,
        hurried=account.hurried,
        log=account.log,
        leaving=account.leaving,
        transport=account.transport,
        hint=seconds_to_reset,
        sleep=account.sleep,
    )
    client = Upsales(http.send, account.base_url or UPSALES_ADDRESS, account.secret)
    return upsales_connector.UpsalesConnector(client, account.settings or upsales_settings.read({}), http.close)


NAMES: Mapping[str, str] = {
    "fortnox": "Fortnox",
    "mobigo": "Mobigo",
    "opter": "Opter",
    "textalk": "Textalk Webshop",
    "upsales": "Upsales",
    "webcrm": "webCRM",
}
"""System -> what people call it."""

LIMITS: Mapping[str, tuple[int, float]] = {
    "mobigo": MOBIGO_LIMIT,
    "opter": OPTER_LIMIT,
    "upsales": (UPSALES_PERMITS, UPSALES_SECONDS),
}
"""System -> requests and seconds of its sliding window: what all processes share for one account, beside Fortnox' own budget."""

CONNECT: Mapping[str, Callable[[Account], Connector]] = {
    "fortnox": connect_fortnox,
    "mobigo": connect_mobigo,
    "opter": connect_opter,
    "textalk": connect_textalk,
    "upsales": connect_upsales,
    "webcrm": connect_webcrm,
}

SETTINGS: Mapping[str, tuple[Callable[..., Any], Callable[[], list[dict[str, object]]], tuple[Setting, ...]]] = {
    "fortnox": (fortnox_settings.read, fortnox_settings.explain, fortnox_settings.SETTINGS),
    "mobigo": (mobigo_settings.read, mobigo_settings.explain, mobigo_settings.SETTINGS),
    "opter": (opter_settings.read, opter_settings.explain, opter_settings.SETTINGS),
    "textalk": (textalk_settings.read, textalk_settings.explain, textalk_settings.SETTINGS),
    "upsales": (upsales_settings.read, upsales_settings.explain, upsales_settings.SETTINGS),
    "webcrm": (webcrm_settings.read, webcrm_settings.explain, webcrm_settings.SETTINGS),
}


def connect(system: str, account: Account) -> Connector:
    """Connect to a system. Raises SettingsError when there is no such connector."""
    return _known(CONNECT, system)(account)


def read_settings(system: str, given: Mapping[str, object], place: str = "settings") -> Any:
    """Check what a person wrote for a system. Raises SettingsError naming the place, the key and what is allowed."""
    own = brakes.split(given, place) if system in STREAMS else given
    return _known(SETTINGS, system)[0](own, place)


def explain_settings(system: str) -> list[dict[str, object]]:
    """Return the settings of a system as rows: key, term, help, default, allows."""
    rows = _known(SETTINGS, system)[1]()
    return [*rows, *explain(brakes.SETTINGS)] if system in STREAMS else rows


def settings_of(system: str) -> tuple[Setting, ...]:
    """Return the settings of a system as they are declared: what each takes, and where its values live."""
    own = _known(SETTINGS, system)[2]
    return (*own, *brakes.SETTINGS) if system in STREAMS else own


@dataclass(frozen=True, slots=True)
class Told:
    """What a system told: what happened, to which record, and the streams that it concerns; none for an echo of our own."""

    what: str
    record: str
    streams: tuple[str, ...]


def _upsales_told(path: str, body: Mapping[str, Any]) -> Told | None:
    event = upsales_event("/" + path, body)
    if event is None:
        return None
    streams = () if event.own else ("sales", "offers") if event.entity == "order" else ("customers",)
    return Told(f"{event.entity} {event.action}", event.id, streams)


_SHOP_EVENTS: Mapping[str, tuple[str, ...]] = {
    "Order": ("buyers",),
    "Payment": ("buyers",),
    "Article": ("article_export",),
    "ArticleVariant": ("article_export",),
    "Customer": ("customer_export",),
}


def _textalk_told(path: str, body: Mapping[str, Any]) -> Told | None:
    name = str(body.get("eventName") or "")
    kind = name.partition("/")[0]
    if kind not in _SHOP_EVENTS:
        return None
    return Told(name[:60], str(body.get("uid") or "")[:60], _SHOP_EVENTS[kind])


EVENTS: Mapping[str, Callable[[str, Mapping[str, Any]], Told | None]] = {"textalk": _textalk_told, "upsales": _upsales_told}
"""System -> what reads an event that it POSTs: the rest of the address, and the body. An event only wakes; nothing else in it is believed."""

LISTENS: Mapping[str, tuple[str, ...]] = {
    "textalk": tuple(f"{kind}/{what}" for kind in _SHOP_EVENTS for what in ("created", "changed"))
}
"""System -> the events that we can ask it to tell. Upsales is told the address by a person, in the settings of the app."""


@dataclass(frozen=True, slots=True)
class Asks:
    """How a system's question before a save is read and answered, without a call to anybody.

    is_question   address -> whether it is that of the question
    record_of     address and body -> the record as it would be saved; None where there is nothing to say
    articles_of   the record -> the ids of its articles there
    refusal       record, kind, settings, what the hub remembers of the system, article numbers by id, base and lock of its link ->
                  why it may not be saved; None when it may
    streams       whose records are asked about, the nearest first
    """

    is_question: Callable[[str], bool]
    record_of: Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None]
    articles_of: Callable[[Mapping[str, Any]], set[int]]
    refusal: Callable[..., upsales_question.Refusal | None]
    streams: tuple[str, ...]


def _upsales_refusal(
    record: Mapping[str, Any],
    kind: str,
    settings: Any,
    facts: Mapping[str, Any],
    articles: Mapping[int, str],
    base: Mapping[str, Any],
    lock: Mapping[str, Any] | None,
) -> upsales_question.Refusal | None:
    layout = Layout.remembered(settings, facts, articles)
    return upsales_question.refusal(record, kind, settings, layout, base, lock)


ASKS: Mapping[str, Asks] = {
    "upsales": Asks(
        upsales_question.is_question,
        upsales_question.order_of,
        upsales_question.products_of,
        _upsales_refusal,
        ("sales", "offers"),
    )
}
"""System -> its question before a save (before_order_save)."""


EVERY_SIX_MINUTES: dict[str, Any] = {"mode": "every", "every": 360, "offset": 0}

EVERY_TWO_MINUTES: dict[str, Any] = {"mode": "every", "every": 120, "offset": 0}

BY_HAND: dict[str, Any] = {"mode": "manual"}

STREAMS: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "mobigo": {"customers": BY_HAND, "articles": BY_HAND, "assignments": BY_HAND},
    "opter": {"customers": EVERY_SIX_MINUTES, "settlements": EVERY_SIX_MINUTES, "payments": BY_HAND},
    "textalk": {
        "buyers": EVERY_TWO_MINUTES,
        "article_export": EVERY_TWO_MINUTES,
        "article_import": {"mode": "at", "at": "10:10"},
        "customer_export": {"mode": "every", "every": 3600, "offset": 0},
        "customer_import": {"mode": "every", "every": 3600, "offset": 0},
    },
    "upsales": dict.fromkeys(("customers", "products", "offers", "sales"), EVERY_SIX_MINUTES),
    "webcrm": {"customers": EVERY_SIX_MINUTES, "articles": EVERY_SIX_MINUTES, "deliveries": EVERY_SIX_MINUTES},
}
"""System -> stream -> its schedule when the file says nothing (WEB-05; MOB-20, MOB-24, MOB-27)."""

_PARTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "mobigo": {"articles": mobigo_streams.WITH_ARTICLES},
    "opter": {"customers": opter_streams.PARTS},
    "textalk": {"buyers": textalk_streams.PARTS},
}
"""System -> stream -> the streams that are parts of its runs, and never runs of their own (MOB-25)."""

_MORE_SCOPES: Mapping[str, tuple[str, ...]] = {
    # Settlements become supplier invoices, whose haulier may be missing; PDFs go into the inbox and are read again by their content.
    # Rows of invoices name cost centres and projects, which must be there first.
    "opter": ("supplier", "supplierinvoice", "inbox", "archive", "connectfile", "costcenter", "project"),
    "mobigo": ("costcenter", "project"),
}
"""What a business system needs of Fortnox beside what all need."""

_Make: TypeAlias = Callable[[Any, str, Mapping[Side, Holding]], Stream]
_MADE: Mapping[str, Mapping[str, tuple[str | Callable[[Any], str], _Make]]] = {
    "mobigo": {
        "customers": ("customer", mobigo_streams.customers),
        "articles": ("article", mobigo_streams.articles),
        # Parts of a run of articles, never runs of their own (MOB-25).
        "price_lists": ("price_list", mobigo_streams.price_lists),
        "prices": ("price", mobigo_streams.prices),
        "assignments": (lambda settings: str(settings.kind), mobigo_streams.assignments),
    },
    "opter": {
        "customers": ("customer", opter_streams.customers),
        # A part of the run of customers: an invoice follows its customer at once.
        "invoices": ("invoice", opter_streams.invoices),
        "settlements": ("settlement", opter_streams.settlements),
        "payments": ("payment", opter_payments.payments),
    },
    # Kind and maker of each; an order's document and payment are parts of the run of its buyer.
    "textalk": {name: (kind, make) for name, (kind, make) in textalk_streams.MADE.items()},
    "upsales": {
        "customers": ("customer", upsales_streams.customers),
        "products": ("article", upsales_streams.products),
        "offers": ("offer", upsales_sales.offers),
        "sales": (lambda settings: str(settings.kind), upsales_sales.sales),
    },
    "webcrm": {
        "customers": ("customer", webcrm_streams.customers),
        "articles": ("article", webcrm_streams.articles),
        "deliveries": (lambda settings: str(settings.documents.kind), webcrm_documents.documents),
    },
}
"""System -> stream -> its kind, which the settings may choose, and what makes it of settings, company and what both sides hold."""


_MAPPED: Mapping[str, Mapping[str, Mapped]] = {
    "mobigo": mobigo_streams.MAPPED,
    "opter": opter_streams.MAPPED,
    "textalk": textalk_streams.MAPPED,
    "upsales": upsales_streams.MAPPED,
    "webcrm": webcrm_streams.mapped(),
}
"""System -> stream (and kind, where that changes it) -> where its mapping comes from."""


def stream(system: str, name: str, settings: Any, company: str, holds: Callable[[str], Mapping[Side, Holding]]) -> Stream:
    """Return a stream of a company (its slug) with the rules of its settings. `holds` says what both sides hold of a kind."""
    if name not in _MADE.get(system, {}):
        raise SettingsError(
            "{system} has no stream {name}.",
            repair="It has: {known}.",
            system=system,
            name=name,
            known=", ".join(STREAMS.get(system, {})),
        )
    made = _MADE[system][name][1](settings, company, holds(kind_of(system, name, settings)))
    return replace(made, mapped=mapped_of(system, name, settings), from_card=frozenset(settings.from_card))


def mapped_of(system: str, name: str, settings: Any) -> Mapped:
    """Return where a stream's mapping of fields comes from."""
    found = _MAPPED[system]
    return found.get(f"{name}:{kind_of(system, name, settings)}") or found.get(name, Mapped())


def parts_of(system: str, name: str) -> tuple[str, ...]:
    """Return a stream's own name and those of the streams that are parts of its runs."""
    return (name, *_PARTS.get(system, {}).get(name, ()))


def kind_of(system: str, name: str, settings: Any) -> str:
    """Return the kind of record that a stream moves, as its settings have it."""
    kind = _MADE[system][name][0]
    return kind if isinstance(kind, str) else kind(settings)


def fortnox_scopes(systems: Collection[str]) -> tuple[str, ...]:
    """Return the scopes that Fortnox is asked for, beside these business systems (Fortnox API, section 3.5)."""
    more = (scope for system in sorted(systems) for scope in _MORE_SCOPES.get(system, ()))
    return tuple(dict.fromkeys((*SCOPES, *more)))


def _known(table: Mapping[str, _T], system: str) -> _T:
    if system not in table:
        raise SettingsError(
            "There is no connector for {system}.", repair="The systems are {known}.", system=system, known=", ".join(table)
        )
    return table[system]


__all__ = [
    "CONNECT",
    "LIMITS",
    "NAMES",
    "SETTINGS",
    "STREAMS",
    "Account",
    "WebCrmToken",
    "connect",
    "explain_settings",
    "fortnox",
    "fortnox_refresher",
    "fortnox_scopes",
    "fortnox_spends",
    "kind_of",
    "parts_of",
    "read_settings",
    "settings_of",
    "stream",
    "webcrm",
]
