"""What a document that goes over once is told of when its source was changed after that: an order of a shop, an assignment. Pure.

Nothing of such a change goes over by itself: an order is not exported twice (TXT-15, MOB-28). A person is told until both say the
same, or until it was corrected, cancelled or accepted, as with any other difference of a document (`core.agreement`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from brygga.core.agreement import Difference, text_of
from brygga.core.diff import same, same_row
from brygga.core.document import Document, Row
from brygga.core.formerly import as_held
from brygga.core.plan import Hold
from brygga.core.policy import RIGHT, Holding, Side
from brygga.core.record import ABSENT, Value, present
from brygga.errors import Sentence

NOT_TOLD: Final = frozenset({"number", "kind", "total", "to_pay", "net", "vat", "round_off"})
"""What Fortnox decides, and the sums, which are compared whenever they are seen."""


@dataclass(frozen=True, slots=True)
class AfterExport:
    """How changes after the export are known and told.

    fill      what completes a document before it is made; *holding* what Fortnox can hold of one
    rule      the row of the matrix that says that it is not exported again
    emptied   what the source always says, so that nothing there means that it was taken away
    accepted  the sorts of difference that a setting accepts as a rule
    """

    fill: Callable[[Side, Any], Any]
    holding: Holding
    rule: str
    emptied: Collection[str] = ()
    accepted: Collection[str] = ()

    @property
    def kept(self) -> frozenset[str]:
        """The fields that a base keeps as they were exported, though they never go over again: by them a change is known."""
        return self.holding.fields - frozenset(self.holding.steps) - NOT_TOLD

    def differences(self, base: Mapping[str, Value], left: Any, right: Any) -> tuple[Difference, ...]:
        """Return what the source says otherwise than its document since it was changed; nothing where Fortnox alone was.

        Where the base keeps nothing (a link of an earlier version), a source that says of itself that it was changed is compared whole.
        """
        known = "rows" in base
        if "edited" in self.accepted or right.cancelled is True or right.credited is True or not (known or left.edited is True):
            return ()
        if left.rows is ABSENT:
            # It could not be read as a document any more, which is told by itself.
            return ()
        kept: dict[str, Any] = {name: value for name, value in base.items() if name in self.kept}
        before = dict(present(self.fill(RIGHT, Document(**kept))))
        said: dict[str, Any] = {name: value for name, value in present(self.fill(RIGHT, left)) if name in self.kept}
        said |= {
            name: "" for name in self.emptied if name not in said and (before.get(name) if known else name in self.holding.fields)
        }
        return tuple(
            Difference("edited", name, *texts, always=True)
            for name, value in sorted(said.items())
            if not (known and _alike(name, before.get(name, ""), value))
            for texts in self._against(name, value, getattr(right, name))
        )

    def _against(self, name: str, value: Value, there: Value) -> Iterator[tuple[str, str]]:
        held = _plain(as_held(self.holding, name, value, there))
        if there is ABSENT or _alike(name, held, there):
            return
        if isinstance(held, tuple) and isinstance(there, tuple):
            yield _rows(held, there), _rows(there, held)
        else:
            yield text_of(held), text_of(there)

    def hold(self, found: tuple[Difference, ...], system: str, left: Any, right: Any) -> Hold | None:
        """Return what tells a person of these differences, None for none. *system* is what people call the source's."""
        if not found:
            return None
        facts = {
            "system": system,
            "subject": str(left.subject or ""),
            "kind": str(right.kind or left.kind or ""),
            "number": str(right.number or ""),
            "fields": ", ".join(one.place for one in found),
            "sent": found[0].sent,
            "held": found[0].held,
        }
        why = Sentence(
            "{system} {subject} was changed after it became {kind} {number}, and they differ now in {fields}: “{sent}” in {system}, "
            "“{held}” in Fortnox. It is not exported again.",
            facts,
        )
        repair = Sentence("Correct or cancel the document in Fortnox, or accept the difference: once, or as a rule.")
        return Hold(why, self.rule, repair, None, found)


def _plain(value: Any) -> Any:
    """Return rows without their accounts: these are chosen at the export, by article and table."""
    return (
        tuple(replace(row, account=ABSENT) if isinstance(row, Row) else row for row in value) if isinstance(value, tuple) else value
    )


def _alike(name: str, one: Value, two: Value) -> bool:
    return same(name, _plain(one), _plain(two)) or (one in ("", None, ()) and two in ("", None, ()))


def _rows(rows: tuple[Any, ...], others: tuple[Any, ...]) -> str:
    """Return those rows, as a person reads them, that the other side has not at their place."""
    own = [row for place, row in enumerate(rows) if place >= len(others) or not same_row(row, others[place])]
    return "; ".join(_row(row) for row in own)


def _row(row: Any) -> str:
    if not isinstance(row, Row) or row.is_text:
        return text_of(getattr(row, "description", ""))
    said = f"{text_of(row.article_number)} {text_of(row.description)}".strip()
    return f"{said}: {text_of(row.quantity)} × {text_of(row.price)}"
