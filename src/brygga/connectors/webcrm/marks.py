"""How a delivery stands with Fortnox, on the delivery itself (systems.md 7.1, shapes: ErpStatus, ErpReadOnly, ErpSyncDateTime).

ErpReadOnly is a text; that it is the "Yes" and "No" of a check box, and that it keeps people and not the API from writing, is our reading.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from brygga.clients.webcrm import WebCrm, wire
from brygga.clients.webcrm.fields_metadata import Field
from brygga.connectors.webcrm.document_settings import DocumentSettings
from brygga.connectors.webcrm.layout import find_field
from brygga.core.shown import IN_STEP, LOCKED, NOTHING, Shown, differs, read
from brygga.errors import BryggaError, Rejected

Raw = Mapping[str, Any]

STATUS: Final = "DeliveryErpStatus"
READ_ONLY: Final = "DeliveryErpReadOnly"
MOMENT: Final = "DeliveryErpSyncDateTime"
_STATES: Final = {"": "NotReadyForSynchronization", "held": "ReadyForSynchronization"}
SYNCHRONIZED: Final = "Synchronized"
LONGEST: Final = 250
"""Characters of the text where the field says no length."""


class Marks:
    """What the deliveries show that were read or written since, by number; *fields* are the installation's, for the field of the text."""

    def __init__(self, client: WebCrm, settings: DocumentSettings, fields: list[Field]) -> None:
        self._client = client
        self._on = settings.show_status
        by_name = {one.name: one for one in fields}
        self._place = find_field(settings.status_field, "Delivery", by_name, fields) if settings.status_field else None
        known = by_name.get(self._place or "")
        self._longest = (known.longest if known else None) or LONGEST
        self._there: dict[str, Shown] = {}

    def see(self, raw: Raw) -> None:
        """Remember what a delivery shows."""
        if self._on:
            self._there[str(raw["DeliveryId"])] = self._shown(raw)

    def _shown(self, raw: Raw) -> Shown:
        status = raw.get(STATUS)
        if status == SYNCHRONIZED:
            return LOCKED if wire.checked(raw.get(READ_ONLY)) else IN_STEP
        if status != _STATES["held"]:
            return NOTHING
        said = read(str(raw.get(self._place) or "")) if self._place else NOTHING
        return said if said.state == "held" else Shown("held")

    def read_in_run(self) -> Collection[str]:
        """Return the numbers of the deliveries that were read or written."""
        return self._there.keys()

    def fields(self, shown: Shown) -> dict[str, Any]:
        """Return what lets a delivery show how it stands; nothing where that is switched off."""
        if not self._on:
            return {}
        made: dict[str, Any] = {STATUS: _STATES.get(shown.state, SYNCHRONIZED), READ_ONLY: wire.check_mark(shown == LOCKED)}
        if shown in (IN_STEP, LOCKED):
            made[MOMENT] = wire.instant(datetime.now(UTC))
        return {**made, self._place: shown.said(self._longest)} if self._place else made

    def wrote(self, id: str, shown: Shown) -> None:
        """Remember what was written."""
        if self._on:
            self._there[id] = shown

    def show(self, wanted: Mapping[str, Shown], most: int) -> list[BryggaError]:
        """Write what differs; see `Shows.show`."""
        refused: list[BryggaError] = []
        for id in [id for id, shown in wanted.items() if self._differs(id, shown)][:most]:
            raw = self._client.deliveries.get(id)
            if raw is None:
                continue
            try:
                self._client.deliveries.replace(id, {**raw, **self.fields(wanted[id])})
            except Rejected as error:
                refused.append(error)
                continue
            self.wrote(id, wanted[id])
        return refused

    def _differs(self, id: str, wanted: Shown) -> bool:
        if id not in self._there:
            return False
        # Without a field for the words there is but one way to show that something is waited for.
        told = wanted if self._place or wanted.state != "held" else Shown("held")
        return differs(self._there[id], told, self._longest)
