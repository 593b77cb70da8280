"""How a document stands with Fortnox, as the business system shows it to its people on its own record. Pure.

The two states of a document without trouble have fixed words, so that a record shows which of them it is; what a document waits for is
told in the sentence of its problem. The words are Swedish, as the vendors' own fields are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from brygga.core.policy import Holding, Lock

State: TypeAlias = Literal["", "in_step", "held", "locked"]
"""Nothing to be shown; both say the same; it waits for a person or its time; it is changed in Fortnox alone."""

_WORDS: Final = {"in_step": "I fas med Fortnox", "locked": "Låst i Fortnox"}
_WAITS: Final = "Väntar: "


@dataclass(frozen=True, slots=True)
class Shown:
    """What a record shows: its state, and why it waits."""

    state: State = ""
    text: str = ""

    def said(self, longest: int = 0) -> str:
        """Return it as one text, cut between words at *longest* characters where that is given."""
        if self.state != "held":
            return _WORDS.get(self.state, "")
        text = " ".join(f"{_WAITS}{self.text}".split())
        return str(Holding(frozenset(), {"text": longest}).fit("text", text)) if longest else text


NOTHING: Final = Shown()
IN_STEP: Final = Shown("in_step")
LOCKED: Final = Shown("locked")


def read(text: str) -> Shown:
    """Return what a text shows; one that is not ours shows nothing."""
    for state, words in _WORDS.items():
        if text.strip() == words:
            return IN_STEP if state == "in_step" else LOCKED
    return Shown("held", text.strip().removeprefix(_WAITS)) if text.startswith(_WAITS) else NOTHING


def of_lock(lock: Lock | None) -> Shown:
    """Return what a document in Fortnox lets its record show: locked where nothing of it is changed from there any more."""
    return LOCKED if lock is not None and locks(lock.state) else IN_STEP


def of_write(after: Mapping[str, object]) -> Shown | None:
    """Return what a record shows with a write of these fields: that its document is closed, or that it has one now; None: what it showed."""
    if after.get("booked") is True or after.get("cancelled") is True or after.get("invoice_number"):
        return LOCKED
    return IN_STEP if "number" in after else None


def locks(state: str) -> bool:
    """Say whether a kind of lock closes the document; of "rows" only the rows are Fortnox' own."""
    return state != "rows"


def differs(now: Shown, wanted: Shown, longest: int = 0) -> bool:
    """Say whether a record is to be told: what it shows is another state, or it waits for something else."""
    if now.state != wanted.state:
        # That both say the same is told with the number; a record that shows nothing is not written for that alone.
        return not (now == NOTHING and wanted.state == "in_step")
    return wanted.state == "held" and now.said(longest) != wanted.said(longest)
