"""Assignments as the orders or invoices that they become, one each. Rows MOB-04 to MOB-19 and MOB-26 to MOB-28.

Those that people marked are read, in Mobigo by their mark or here by their number; all others are left alone. What comes back is
the document's number with the archived mark, and nothing else (MOB-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from brygga.clients.mobigo import Mobigo, Raw
from brygga.connectors.contract import Capability, Creation, Receipt, Update
from brygga.connectors.mobigo import streams
from brygga.connectors.mobigo.map import Assignment, assignment_from
from brygga.connectors.mobigo.settings import Settings
from brygga.core.document import Document
from brygga.core.plan import Hold
from brygga.core.record import Ref
from brygga.core.seen import Seen
from brygga.errors import BadData, BryggaError, Rejected

LONGEST_MESSAGE = 1000


class Assignments:
    """The assignments of one Mobigo, as documents of the kind that the settings name."""

    def __init__(self, client: Mobigo, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._kind = settings.kind
        self._remarks: dict[str, str] = {}

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield the assignments that are marked for export, whenever that was done: the mark goes with the export (MOB-26)."""
        for raw in self._client.assignments.marked():
            yield self._seen(raw)

    def get(self, id: str) -> Seen | None:
        """Read one assignment, which somebody chose by its number: it needs no mark."""
        raw = self._client.assignments.get(id)
        return None if raw is None else self._seen(raw)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Nothing is made in Mobigo, so there is nothing to be found."""
        return {}

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Refuse: people make assignments in Mobigo (MOB-11). Nothing is sent."""
        return [
            Rejected("Document {key} was not brought to Mobigo: assignments are made there.", rule="MOB-11", key=creation.key)
            for creation in creations
        ]

    def update(self, update: Update) -> Receipt:
        """Note the document's number, and that the assignment is archived, where it is set so. Saying it again changes nothing.

        Raises Rejected when the assignment became another document already, or has been removed (MOB-28).
        """
        number, id = str(update.after.get("number") or ""), update.ref.id
        if set(update.after) != {"number"} or not number:
            raise Rejected("Of an assignment only its document's number is written to Mobigo.", rule="MOB-11")
        try:
            self._client.assignments.export_result(
                id, self._kind, number, archived=self._settings.archive, message=self._remarks.get(id, "")[:LONGEST_MESSAGE]
            )
        except Rejected as error:
            raise Rejected(
                "Assignment {id} became {kind} {number} in Fortnox, but Mobigo did not note it: {why}",
                repair="Look at the assignment in Mobigo, and type the number there.",
                rule="MOB-28",
                code=error.code,
                id=id,
                kind=self._kind,
                number=number,
                why=error.sentence,
            ) from None
        return Receipt(update.ref)

    def capability(self) -> Capability:
        return Capability(frozenset({"number"}), {"number": 50})

    def _seen(self, raw: Raw) -> Seen:
        ref = Ref(streams.SYSTEM, self._kind, str(raw["number"]))
        try:
            assignment: Assignment = assignment_from(raw, self._settings)
        except BadData as error:
            return Seen(ref, Document(subject=ref.id), standing=Hold(error.sentence, "", error.repair))
        remark = streams.remark(assignment, self._settings)
        if remark is not None:
            self._remarks[ref.id] = str(remark.sentence)
        return Seen(ref, assignment.document, standing=streams.standing(assignment, self._settings), remark=remark)
