"""The settings for several records of a business system that belong to one customer of Fortnox, the same for each system that has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from brygga.connectors import settings as table
from brygga.connectors.settings import Setting, named
from brygga.core.several import Several

GIVES: Final = Setting(
    "several_change_card",
    "Flera i samma kund: vad de andra ändrar på kundkortet",
    "Several records may belong to one customer of Fortnox. The first of them and the customer's card are kept in step. This says what "
    "the others change on the card: nothing, only what is empty there, or everything.",
    "empty",
    "nothing, empty, all",
    table.one_of("nothing", "empty", "all"),
    values=named({"nothing": "inget", "empty": "bara det som är tomt", "all": "allt"}),
)
GETS: Final = Setting(
    "several_get_changes",
    "Flera i samma kund: vad de andra får från Fortnox",
    "What the others of one customer get when its card is changed in Fortnox: the customer number alone, or every change.",
    "number",
    "number, all",
    table.one_of("number", "all"),
    values=named({"number": "bara kundnumret", "all": "allt"}),
)


def several_of(values: dict[str, Any] | Mapping[str, Any]) -> Several:
    """Return what was chosen, for a system in which a person says that a record belongs to a customer that has another already."""
    return Several(gives=values[GIVES.key], gets=values[GETS.key])
