"""What of the shop itself a run needs: its payment methods, its base currency, what its choices are called, each read once."""

from __future__ import annotations

from functools import cached_property

from brygga.clients.textalk import Raw, Textalk, wire

SYSTEM = "textalk"


class Shop:
    """The shop of one run."""

    def __init__(self, client: Textalk) -> None:
        self._client = client
        self._options: dict[int, dict[str, str]] = {}

    @cached_property
    def methods(self) -> dict[int, Raw]:
        """Payment methods by uid."""
        return {raw["uid"]: raw for raw in self._client.payment_methods.all({"name": True, "active": True, "type": True})}

    @cached_property
    def currency(self) -> str:
        """The currency that the shop's prices are kept in."""
        return str(self._client.webshop().get("baseCurrency") or "SEK")

    def options(self, order: Raw) -> dict[str, str]:
        """Return what the choices and options of an order's articles are called: uid -> name (`choices`, `choiceOptions`) [guess]."""
        wanted = {item.get("article") for item in order.get("items") or () if set(item.get("choices") or {}) - {"quantity"}}
        for uid in sorted(uid for uid in wanted if isinstance(uid, int) and uid and uid not in self._options):
            raw = self._client.articles.get(uid, {"choices": True, "choiceOptions": True}) or {}
            named = {**(raw.get("choices") or {}), **(raw.get("choiceOptions") or {})}
            self._options[uid] = {str(key): wire.spoken(held.get("name")) for key, held in named.items() if isinstance(held, dict)}
        return {key: name for uid in wanted if isinstance(uid, int) for key, name in self._options.get(uid, {}).items()}
