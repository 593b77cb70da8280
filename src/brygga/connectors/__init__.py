"""The connectors: plain imports and two tables, one that connects and one of settings. No discovery."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from brygga.clients.webcrm import Token as WebCrmToken
from brygga.connectors import brakes, fortnox, webcrm
from brygga.connectors.connections import CONNECT, LIMITS, Account
from brygga.connectors.contract import Connector, Mapped, Stream
from brygga.connectors.fortnox import settings as fortnox_settings
from brygga.connectors.fortnox.sign_in import SCOPES
from brygga.connectors.fortnox.sign_in import refresher as fortnox_refresher
from brygga.connectors.fortnox.sign_in import spends as fortnox_spends
from brygga.connectors.mobigo import settings as mobigo_settings
from brygga.connectors.mobigo import streams as mobigo_streams
from brygga.connectors.opter import payments as opter_payments
from brygga.connectors.opter import settings as opter_settings
from brygga.connectors.opter import streams as opter_streams
from brygga.connectors.settings import Setting, explain
from brygga.connectors.textalk import settings as textalk_settings
from brygga.connectors.textalk import streams as textalk_streams
from brygga.connectors.upsales import sale_streams as upsales_sales
from brygga.connectors.upsales import settings as upsales_settings
from brygga.connectors.upsales import streams as upsales_streams
from brygga.connectors.webcrm import document_streams as webcrm_documents
from brygga.connectors.webcrm import settings as webcrm_settings
from brygga.connectors.webcrm import streams as webcrm_streams
from brygga.core.policy import Holding, Side
from brygga.errors import SettingsError

_T = TypeVar("_T")


NAMES: Mapping[str, str] = {
    "fortnox": "Fortnox",
    "mobigo": "Mobigo",
    "opter": "Opter",
    "textalk": "Textalk Webshop",
    "upsales": "Upsales",
    "webcrm": "webCRM",
}
"""System -> what people call it."""

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


_WHOLE: Mapping[str, Callable[[Any], object]] = {"upsales": upsales_settings.complete}
"""System -> what refuses settings in which something that it cannot be without is not chosen."""


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
    if system in _WHOLE:
        # Before a side is asked what it holds: with half a setup neither system is asked for anything (UPS-06).
        _WHOLE[system](settings)
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
