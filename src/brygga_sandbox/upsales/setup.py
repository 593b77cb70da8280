"""How one account of Upsales is set up: its money, its add-ons, its limits, and what nobody has written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Setup:
    """One account.

    currency      the master currency; rates are of the others, for one unit of it [guess]
    price_lists   whether the add-on with price lists and bundles is bought
    calls         requests in `seconds` for one key; 0 for no limit
    custom        what a PUT makes of custom values that it leaves out: "keep" or "drop". Not documented; the default is the
                  reading that hurts a careless client [guess]
    order         in which order a list comes when none is asked for: "modified" (latest first) or "id" [guess]
    patience      seconds that an app has to answer before_order_save [guess]
    unanswered    what becomes of a save whose question an app does not answer: "stop" or "save" [guess]
    integration_status   what becomes of lastIntegrationStatus in a PUT of an order: "ignore", as endpoints-with-fields.json does not
                  count it among what is taken, or "take", as a public client has it [guess]
    stages        (name, probability) of the stages that an account begins with
    """

    currency: str = "SEK"
    currencies: Mapping[str, float] = field(default_factory=lambda: {"EUR": 0.088, "NOK": 1.02, "USD": 0.096})
    price_lists: bool = False
    calls: int = 200
    seconds: float = 10.0
    custom: Literal["keep", "drop"] = "drop"
    order: Literal["modified", "id"] = "modified"
    patience: float = 5.0
    unanswered: Literal["stop", "save"] = "stop"
    integration_status: Literal["ignore", "take"] = "ignore"
    stages: tuple[tuple[str, int], ...] = (
        ("Prospekt", 10),
        ("Offert", 50),
        ("Förhandling", 75),
        ("Order", 100),
        ("Förlorad", 0),
        ("Fakturerad", 100),
    )
    users: tuple[tuple[str, str], ...] = (
        ("Anna Lind", "anna@fjord.example"),
        ("Bo Ek", "bo@fjord.example"),
        ("Integration", "integration@fjord.example"),
    )
