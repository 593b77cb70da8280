"""What an assignment says otherwise than the document that it became, since it was changed in Mobigo after its export. Pure.

Nothing of it goes over by itself: an assignment is not exported twice (MOB-28). A person is told until the document says the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from brygga.core.diff import same
from brygga.core.document import Document
from brygga.core.formerly import as_held
from brygga.core.plan import Hold
from brygga.core.policy import RIGHT, Holding, Side
from brygga.core.record import ABSENT, present
from brygga.errors import Sentence

EMPTIED = ("text",)
"""What an assignment always says, so that nothing there means that it was taken away."""


def changed_since(fill: Callable[[Side, Document], Document], holding: Holding, left: Document, right: Document) -> Hold | None:
    """Say what an assignment that was changed after its export says otherwise than its document; None where both say the same.

    fill     what completes a document before it is made; *holding* what Fortnox can hold of one
    """
    if left.edited is not True or right.cancelled is True or right.credited is True:
        return None
    names = sorted(_differing(fill(RIGHT, left), holding, right))
    if not names:
        return None
    facts = {"number": str(left.subject or ""), "kind": str(right.kind or left.kind or ""), "document": str(right.number or "")}
    return Hold(
        Sentence(
            "Assignment {number} was changed in Mobigo after it became {kind} {document}, and they differ now in {fields}. It is not "
            "exported again.",
            {**facts, "fields": ", ".join(names)},
        ),
        "MOB-28",
        Sentence(
            "Correct {kind} {document} in Fortnox by hand, or credit or cancel it there; or change assignment {number} back in Mobigo.",
            facts,
        ),
    )


def _differing(left: Document, holding: Holding, right: Document) -> set[str]:
    said: dict[str, Any] = {name: value for name, value in present(left) if name in holding.fields - {"number"}}
    said |= {name: "" for name in EMPTIED if name not in said}
    return {
        name
        for name, value in said.items()
        if (there := getattr(right, name)) is not ABSENT and not same(name, as_held(holding, name, value, there), there)
    }
