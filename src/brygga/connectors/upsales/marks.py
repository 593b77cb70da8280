"""How a sale stands with Fortnox, on the sale itself: in a custom field, and in the status of an app where one is named.

`lastIntegrationStatus` is where an app shows success or error on an order (systems.md 4.1). The collection names no call that writes
it, and endpoints-with-fields.json does not count it among what a PUT takes; a public client does. So it is sent where the app's id is
chosen, never relied on, and never read: what a sale shows is what the custom field says, which everybody can be given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from brygga.clients.upsales import Upsales, wire
from brygga.clients.upsales.wire import Raw
from brygga.connectors.upsales.layout import Layout
from brygga.connectors.upsales.settings import Settings
from brygga.core.shown import Shown, differs, read
from brygga.errors import BryggaError, Rejected

ALIAS: Final = "FORTNOX_STATUS"
LONGEST: Final = 250


class Marks:
    """What the sales show that were read or written since, by id."""

    def __init__(self, client: Upsales, layout: Layout, settings: Settings) -> None:
        self._client = client
        self._layout = layout
        self._on = settings.show_status
        self._app = settings.app_id
        self._there: dict[str, Shown] = {}

    def see(self, raw: Raw) -> None:
        """Remember what a sale shows."""
        if self._on:
            place = self._layout.fields("order").get(ALIAS, -1)
            self._there[str(raw["id"])] = read(str(wire.custom_values(raw).get(place) or ""))

    def read_in_run(self) -> Collection[str]:
        """Return the ids of the sales that were read or written."""
        return self._there.keys()

    def body(self, shown: Shown, raw: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        """Return a body that lets a sale show how it stands, beside what it writes; *raw* is the sale as it is, {} for a new one."""
        if not self._on:
            return dict(body)
        written = {one["fieldId"]: one["value"] for one in body.get("custom") or ()}
        custom = {**wire.custom_values(raw), **written, self._layout.made("order")[ALIAS]: shown.said(LONGEST)}
        made = {**body, "custom": wire.custom_list(custom)}
        return {**made, "lastIntegrationStatus": self._status(shown, raw)} if self._app else made

    def wrote(self, id: str, shown: Shown) -> None:
        """Remember what was written."""
        if self._on:
            self._there[id] = shown

    def show(self, wanted: Mapping[str, Shown], most: int) -> list[BryggaError]:
        """Write what differs; see `Shows.show`."""
        refused: list[BryggaError] = []
        todo = [id for id, shown in wanted.items() if id in self._there and differs(self._there[id], shown, LONGEST)]
        for id in todo[:most]:
            raw = self._client.orders.get(id)
            if raw is None:
                continue
            try:
                self._client.orders.update(id, self.body(wanted[id], raw, {}))
            except Rejected as error:
                refused.append(error)
                continue
            self.wrote(id, wanted[id])
        return refused

    def _status(self, shown: Shown, raw: Mapping[str, Any]) -> list[dict[str, Any]]:
        others = [one for one in raw.get("lastIntegrationStatus") or () if str(one.get("integrationId")) != self._app]
        mine = {
            "integrationId": int(self._app) if self._app.isdecimal() else self._app,
            "callbackDate": wire.instant(datetime.now(UTC)),
            "callbackStatus": "error" if shown.state == "held" else "success",
            "callbackMessage": shown.said(LONGEST),
        }
        return [*others, mine]
