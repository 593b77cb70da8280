"""How each system is connected to: its client, its limits and its connector, out of one company's account."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
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
from brygga.clients.webcrm import BASE_URL as WEBCRM_ADDRESS
from brygga.clients.webcrm import Spaced, TokenStore, WebCrm, retry_after_seconds
from brygga.connectors.contract import Connector
from brygga.connectors.fortnox import connector as fortnox_connector
from brygga.connectors.mobigo import connector as mobigo_connector
from brygga.connectors.mobigo import settings as mobigo_settings
from brygga.connectors.opter import connector as opter_connector
from brygga.connectors.opter import settings as opter_settings
from brygga.connectors.textalk import connector as textalk_connector
from brygga.connectors.textalk import settings as textalk_settings
from brygga.connectors.upsales import connector as upsales_connector
from brygga.connectors.upsales import settings as upsales_settings
from brygga.connectors.webcrm import connector as webcrm_connector
from brygga.connectors.webcrm import settings as webcrm_settings
from brygga.errors import SettingsError


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

    def http(self, system: str, limiter: Limiter | None, **own: Any) -> Http:
        """Return what sends to *system* for this account; *own* is what that system's answers need, as `Http` takes it."""
        return Http(
            system,
            limiter=limiter,
            lane=self.lane,
            hurried=self.hurried,
            log=self.log,
            leaving=self.leaving,
            transport=self.transport,
            sleep=self.sleep,
            **own,
        )


def connect_fortnox(account: Account) -> Connector:
    """Connect to one company's Fortnox."""
    http = account.http("Fortnox", account.limiter or SlidingWindow(), request_id_header="x-uid")
    client = Fortnox(account.base_url or FORTNOX_ADDRESS, token=account.secret, send=http.send, renew=account.renew)
    return fortnox_connector.FortnoxConnector(client, account.settings, http.close)


def connect_webcrm(account: Account) -> Connector:
    """Connect to one webCRM installation."""
    http = account.http("webCRM", account.limiter or Spaced(sleep=account.sleep), hint=retry_after_seconds)
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
    http = account.http("Mobigo", account.limiter or SlidingWindow(*MOBIGO_LIMIT, sleep=account.sleep))
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
    http = account.http("Opter", account.limiter or SlidingWindow(*OPTER_LIMIT, sleep=account.sleep))
    client = Opter(http.send, account.base_url, account.secret)
    return opter_connector.OpterConnector(client, settings, account.clock, http.close)


def connect_textalk(account: Account) -> Connector:
    """Connect to one shop; the secret is its number and a token, with a colon between them."""
    http = account.http("Textalk Webshop", account.limiter)
    client = Textalk(http.send, account.base_url or TEXTALK_ADDRESS, account.secret)
    return textalk_connector.TextalkConnector(client, account.settings or textalk_settings.read({}), http.close)


def connect_upsales(account: Account) -> Connector:
    """Connect to one Upsales account; the secret is its API key."""
    http = account.http(
        "Upsales", account.limiter or SlidingWindow(UPSALES_PERMITS, UPSALES_SECONDS, sleep=account.sleep), hint=seconds_to_reset
    )
    client = Upsales(http.send, account.base_url or UPSALES_ADDRESS, account.secret)
    return upsales_connector.UpsalesConnector(client, account.settings or upsales_settings.read({}), http.close)


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
