"""webCRM's REST API, as its definition and working clients know it: `WebCrm(send, session).organisations.updated(...)`.

    http = Http("webCRM", limiter=Spaced(), hint=retry_after_seconds)
    webcrm = WebCrm(http.send, base_url, auth_code=lambda: "…")

Objects are dicts with webCRM's own names; the quirks of their values are read and written by `wire`.
"""

from __future__ import annotations

from collections.abc import Callable

from brygga.clients.http import Send
from brygga.clients.webcrm.auth import InMemory, Session, Token, TokenStore
from brygga.clients.webcrm.deliveries import Deliveries
from brygga.clients.webcrm.fields_metadata import Field, FieldsMetadata
from brygga.clients.webcrm.hooks import Hooks, Of
from brygga.clients.webcrm.organisations import Organisations
from brygga.clients.webcrm.persons import Persons
from brygga.clients.webcrm.queries import Queries
from brygga.clients.webcrm.quotation_lines import QuotationLines
from brygga.clients.webcrm.register import Channel, Spaced
from brygga.clients.webcrm.users import Users
from brygga.clients.webcrm.wire import retry_after_seconds

BASE_URL = "https://api.webcrm.com"

__all__ = ["BASE_URL", "Field", "InMemory", "Session", "Spaced", "Token", "TokenStore", "WebCrm", "retry_after_seconds"]


class WebCrm:
    """One installation. `auth_code` gives the application token; `tokens` keeps the access token between runs."""

    def __init__(self, send: Send, base_url: str, auth_code: Callable[[], str], tokens: TokenStore | None = None) -> None:
        self.session = Session(send, base_url, auth_code, tokens)
        self.channel = Channel(send, self.session, base_url)
        self.organisations = Organisations(self.channel)
        self.persons = Persons(self.channel)
        self.queries = Queries(self.channel)
        self.deliveries = Deliveries(self.channel, self.queries)
        self.quotation_lines = QuotationLines(self.channel)
        self.users = Users(self.channel)
        self.fields_metadata = FieldsMetadata(self.channel)

    def hooks(self, of: Of) -> Hooks:
        """Return the webhooks of one register."""
        return Hooks(self.channel, of)
