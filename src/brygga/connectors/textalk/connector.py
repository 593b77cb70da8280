"""One connection to a shop, as the contract wants it: a table of kinds, each with its own verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from brygga.clients.textalk import Textalk
from brygga.connectors.contract import Finding
from brygga.connectors.textalk import check, choices
from brygga.connectors.textalk.orders import Orders, Payments
from brygga.connectors.textalk.registers import Articles, Customers
from brygga.connectors.textalk.settings import Settings
from brygga.connectors.textalk.shop import SYSTEM, Shop
from brygga.connectors.verbs import ByKind, Verbs
from brygga.core.webshop import SHOP_DOCUMENTS


class TextalkConnector(ByKind[Textalk]):
    """Reads and writes one shop."""

    system = SYSTEM
    name = "Textalk Webshop"
    registers = choices.REGISTERS

    def __init__(self, client: Textalk, settings: Settings, close: Callable[[], None] = lambda: None) -> None:
        self.client = client
        self.close = close
        self.settings = settings
        self._shop = shop = Shop(client)
        self._kinds: Mapping[str, Verbs] = {
            "customer": Customers(client, settings),
            "article": Articles(client, shop),
            "payment": Payments(client, shop, settings),
            **{kind: Orders(client, shop, settings, kind) for kind in SHOP_DOCUMENTS},
        }

    def check(self) -> list[Finding]:
        return check.findings(self.client, self._shop, self.settings)

    def listen(self, url: str, events: Sequence[str]) -> int:
        """Have the shop tell these events at an address, each once; return how many it was asked for. Raises Rejected."""
        there = {str(one.get("eventName")): one for one in self.client.listeners.all()}
        for name in events:
            held = there.get(name)
            if held is None:
                self.client.listeners.create({"eventName": name, "url": url})
            elif held.get("url") != url:
                self.client.listeners.set(int(held["uid"]), {"url": url})
        return len(events)
