"""What of the shop itself a run needs: its payment methods and its base currency, each read once."""

from __future__ import annotations

from functools import cached_property

from brygga.clients.textalk import Raw, Textalk

SYSTEM = "textalk"


class Shop:
    """The shop of one run."""

    def __init__(self, client: Textalk) -> None:
        self._client = client

    @cached_property
    def methods(self) -> dict[int, Raw]:
        """Payment methods by uid."""
        return {raw["uid"]: raw for raw in self._client.payment_methods.all({"name": True, "active": True, "type": True})}

    @cached_property
    def currency(self) -> str:
        """The currency that the shop's prices are kept in."""
        return str(self._client.webshop().get("baseCurrency") or "SEK")
