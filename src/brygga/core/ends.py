"""How the life of a pair of documents ends: each state on the left by each state in Fortnox, and what comes of it. Pure data.

A document that was cancelled, lost, credited, deleted or taken up again on one side is carried over where a rule says so, else a person
is told with what can be done, until both sides say the same or it is accepted as it is. Never silent, never done by itself beyond
the rules (accounting.md 7.1, 7.2; UPS-10, TXT-15; where no source decides: told, our own choice). `docs/rules/ends.md` is made from here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from brygga.core.agreement import Difference
from brygga.core.plan import Hold
from brygga.core.policy import RIGHT, Side
from brygga.core.record import ABSENT
from brygga.errors import Sentence

LeftState: TypeAlias = Literal["live", "open", "lost", "cancelled", "gone"]
RightState: TypeAlias = Literal["live", "sent", "became", "booked", "credit", "cancelled", "credited", "gone"]

LEFT_STATES: Final[Mapping[LeftState, str]] = {
    "live": "stands",
    "open": "no longer won (back to 1–99 %)",
    "lost": "lost (0 %)",
    "cancelled": "cancelled",
    "gone": "deleted",
}
RIGHT_STATES: Final[Mapping[RightState, str]] = {
    "live": "stands",
    "sent": "sent",
    "became": "made into an order or invoice",
    "booked": "booked, paid or not",
    "credit": "a credit invoice that stands",
    "cancelled": "cancelled",
    "credited": "credited",
    "gone": "deleted",
}
STANDING: Final = ("live", "sent")
"""In Fortnox: what can still be cancelled."""
OVER: Final = ("cancelled", "credited")
"""In Fortnox: what is worth nothing any more."""

SYSTEMS: Final[Mapping[str, tuple[LeftState, ...]]] = {
    "upsales": ("live", "open", "lost", "gone"),
    "webcrm": ("live", "cancelled", "gone"),
    "textalk": ("live", "cancelled", "gone"),
    "opter": ("live", "cancelled", "gone"),
    "mobigo": ("live", "gone"),
}
"""The states that a system's own record can be in; webCRM knows cancelled by the field that the settings name."""

Cell: TypeAlias = tuple[LeftState, RightState]

TAKEN_BACK: Final[Mapping[LeftState, Mapping[str, str]]] = {
    "open": {
        "live": "{name} is no longer won in {system}, but document {number} is not cancelled in Fortnox.",
        "became": "{name} is no longer won in {system}, but document {number} has been made into another in Fortnox.",
        "booked": "{name} is no longer won in {system}, but invoice {number} is booked in Fortnox.",
        "credit": "{name} is no longer won in {system}, but credit invoice {number} stands in Fortnox.",
        "credited": "{name} is no longer won in {system}, but the credit of invoice {number} is a sale of its own there.",
    },
    "lost": {
        "live": "{name} was lost in {system}, but document {number} is not cancelled in Fortnox.",
        "became": "{name} was lost in {system}, but document {number} has been made into another in Fortnox.",
        "booked": "{name} was lost in {system}, but invoice {number} is booked in Fortnox.",
        "credit": "{name} was lost in {system}, but credit invoice {number} stands in Fortnox.",
        "credited": "{name} was lost in {system}, but the credit of invoice {number} is a sale of its own there.",
    },
    "cancelled": {
        "live": "{name} was cancelled in {system}, but document {number} is not cancelled in Fortnox.",
        "became": "{name} was cancelled in {system}, but document {number} has been made into another in Fortnox.",
        "booked": "{name} was cancelled in {system}, but invoice {number} is booked in Fortnox.",
        "credit": "{name} was cancelled in {system}, but credit invoice {number} stands in Fortnox.",
    },
    "gone": {
        "live": "{name} was deleted in {system}, but document {number} is not cancelled in Fortnox.",
        "became": "{name} was deleted in {system}, but document {number} has been made into another in Fortnox.",
        "booked": "{name} was deleted in {system}, but invoice {number} is booked in Fortnox.",
        "credit": "{name} was deleted in {system}, but credit invoice {number} stands in Fortnox.",
        "credited": "{name} was deleted in {system}, but the credit of invoice {number} is a sale of its own there.",
    },
}
"""What is said of a record that was taken back on the left while its document counts in Fortnox."""

LEFT_ALONE: Final[Mapping[str, str]] = {
    "cancelled": "{name} stands in {system}, but document {number} is cancelled in Fortnox.",
    "credited": "{name} stands in {system}, but invoice {number} is credited in Fortnox.",
}
"""What is said of a record that stands on the left while its document is over."""

VERBS: Final[Mapping[str, str]] = {
    "live": "Cancel the document in Fortnox, or accept it as it is.",
    "became": "Cancel or credit in Fortnox what became of the document, then accept it as it is.",
    "booked": "Make a credit invoice in Fortnox, or accept it as it is.",
    "credit": "Cancel the credit invoice in Fortnox while it is not booked, or accept it as it is.",
    "credited": "Accept it as it is.",
}
"""What a person can do where the left has nothing that could be taken up again."""
WIN_AGAIN: Final[Mapping[str, str]] = {
    "live": "Cancel the document in Fortnox, win the sale again in {system}, or accept it as it is.",
    "became": "Win the sale again in {system}, or cancel or credit in Fortnox what became of the document and accept it as it is.",
    "booked": "Make a credit invoice in Fortnox, win the sale again in {system}, or accept it as it is.",
    "credit": "Win the sale again in {system}, cancel the credit invoice in Fortnox while it is not booked, or accept it as it is.",
    "credited": "Win the sale again in {system}: together with its credit it makes nothing.",
}
"""The same where it can be won again."""
END_IT: Final[Mapping[LeftState, str]] = {
    "lost": "Mark it as lost in {system} too, or accept it as it is.",
    "cancelled": "Cancel it in {system} too, or accept it as it is.",
    "gone": "Delete it in {system}, or accept it as it is.",
}
"""How a record that stands ends on the left, by the state that its system has for that."""
ENDING: Final[tuple[LeftState, ...]] = ("lost", "cancelled", "gone")
"""What is proposed first; a delivery of webCRM cannot be cancelled by a person, only deleted."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A cell that a rule carries over: by which field, to whom, by which row, and the setting that has to be on ("" for none)."""

    field: str
    to: str
    rule: str
    setting: str = ""


CARRIED: Final[Mapping[tuple[str, Cell], Carried]] = {
    ("upsales", ("live", "cancelled")): Carried("cancelled", "Upsales", "UPS-10"),
    ("upsales", ("lost", "live")): Carried("cancelled", "Fortnox", "UPS-10", "cancel_in_fortnox"),
    ("textalk", ("cancelled", "live")): Carried("cancelled", "Fortnox", "TXT-15", "cancel_in_fortnox"),
    ("textalk", ("cancelled", "booked")): Carried("credited", "Fortnox", "TXT-15", "credit_in_fortnox"),
    ("webcrm", ("live", "cancelled")): Carried("cancelled", "webCRM", "WEB-12", "delivery_fields"),
    ("webcrm", ("live", "credited")): Carried("credited", "webCRM", "WEB-12", "delivery_fields"),
}
"""What is carried over by itself; where its setting is off, or a person has undone it since, it is told as any other cell."""


def right_state(record: Any) -> RightState:
    """Return how a document stands in Fortnox; what it does not say counts as not so."""
    if record.cancelled is True:
        return "cancelled"
    if getattr(record, "credited", ABSENT) is True:
        return "credited"
    if getattr(record, "kind", ABSENT) == "credit_invoice":
        return "credit"
    if record.booked is True:
        return "booked"
    if getattr(record, "invoiced", ABSENT) is True or getattr(record, "ordered", ABSENT) is True:
        return "became"
    return "sent" if getattr(record, "sent", ABSENT) is True else "live"


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of life as one stream reads them.

    system         whose records the left holds: a key of SYSTEMS
    rule           the row that is named where no other is
    credits_apart  whether a credit invoice is a record of its own on the left as well: then a record that stands and its
                   credited invoice say the same, and one that is taken back does not
    """

    system: str
    rule: str = ""
    credits_apart: bool = False

    def left_state(self, record: Any) -> LeftState:
        """Return how a record stands on the left; what it does not say counts as not so."""
        if record.cancelled is True or getattr(record, "credited", ABSENT) is True:
            return "lost" if "lost" in SYSTEMS[self.system] else "cancelled"
        chance = getattr(record, "probability", ABSENT)
        if "open" in SYSTEMS[self.system] and record.kind != "offer" and chance is not ABSENT and 0 < chance < 100:
            return "open"
        return "live"

    def is_over(self, side: Side, record: Any) -> bool:
        """Say whether a record that was read has ended, so that the pair is looked at though nothing else of it changed."""
        return right_state(record) in OVER if side == RIGHT else self.left_state(record) != "live"

    def says(self, left: LeftState, right: RightState) -> tuple[str, str] | None:
        """Return what is told of a cell and what can be done; None where both sides say the same."""
        told = LEFT_ALONE if left == "live" else TAKEN_BACK[left]
        column = "live" if right in STANDING else right
        if right == "credited" and (left == "live") == self.credits_apart:
            return None
        if column not in told:
            return None
        if left == "live":
            ended = "gone" if self.system == "webcrm" else next(one for one in ENDING if one in SYSTEMS[self.system])
            return told[column], END_IT[ended]
        return told[column], (WIN_AGAIN if left in ("open", "lost") else VERBS)[column]

    def hold(
        self,
        called: str,
        name: str,
        number: str,
        left: LeftState,
        right: RightState,
        *,
        pending: Collection[str] = (),
        accepted: Collection[str] = (),
    ) -> Hold | None:
        """Return what a person is told of a pair; None where both say the same, a change on its way ends it, or it was accepted.

        pending   the fields that this plan changes: what is carried over is not told
        accepted  what a person accepted, as `Difference.said`
        """
        found = self.says(left, right)
        carried = CARRIED.get((self.system, (left, right)))
        if found is None or (carried is not None and carried.field in pending):
            return None
        facts = {"name": name, "system": called, "number": number}
        sentence, repair = (Sentence(text, facts) for text in found)
        ending = Ending("end", "end", left, right, always=True, why=sentence)
        if ending.said in accepted:
            return None
        return Hold(sentence, carried.rule if carried else self.rule, repair, None, (ending,))


@dataclass(frozen=True, slots=True)
class Ending(Difference):
    """That two linked records do not end alike: what a person accepts like any difference; another end is asked anew."""

    why: Sentence = Sentence("")  # noqa: RUF009

    def waits_for(self, pending: Collection[str]) -> bool:
        """No change of a field settles it: what is carried over is not told at all."""
        return False

    def sentence(self, system: str, number: str) -> Sentence:
        """Return what is told."""
        return self.why

    @property
    def field(self) -> str:
        """There is no field that a person could have corrected."""
        return ""


def is_of_deleted(said: str) -> bool:
    """Say whether what a person accepted (`Difference.said`) is the end of a record that was deleted on the left."""
    return said.startswith("end:end:gone:")


def called(ref_id: str, record: Any, system: str) -> str:
    """Return what people know a record by: what it is about, else its number or id in its system."""
    for name in ("subject", "own_number"):
        if (text := getattr(record, name, ABSENT)) not in (ABSENT, "", None):
            return str(text) if str(text) == ref_id else f"{text} ({ref_id})"
    return f"{system} {ref_id}"
