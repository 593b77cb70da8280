"""Opter's payment import: definitions, reading (judged, nothing registered), saving, and what is registered (OPT-11 to OPT-28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from brygga.clients.opter import wire
from brygga.clients.opter.registers import FIRST, Channel
from brygga.clients.opter.wire import Raw


class PaymentDefinitions:
    """Payment import definitions (betalningsimport – inställningar), told apart by their names."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def list(self) -> list[Raw]:
        """Return all definitions."""
        return wire.many(self._channel.get("PaymentImportDefinitions"), "id")

    def create(self, body: Mapping[str, Any]) -> Raw:
        """Make a definition. Raises Rejected for what lacks or is wrong, code `duplicate` for a name that is taken."""
        return wire.made(self._channel.write("POST", "PaymentImportDefinitions", body), "id")

    def change(self, id: str, body: Mapping[str, Any]) -> Raw:
        """Replace a definition."""
        path = f"PaymentImportDefinitions/{quote(id, safe='')}"
        return wire.made(self._channel.write("PUT", path, body, repeatable=True), "id")

    def delete(self, id: str) -> None:
        """Take a definition away. Raises NotFound."""
        wire.refuse(self._channel.write("DELETE", f"PaymentImportDefinitions/{quote(id, safe='')}", repeatable=True))


class PaymentImports:
    """Imports: what was read and judged, and is registered when it is saved."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def read(self, definition: str, payments: Sequence[Mapping[str, Any]]) -> Raw:
        """Let Opter read and judge up to 500 payments; nothing is registered. Raises SettingsError unless its currency is SEK."""
        return _import(self._channel.write("POST", "PaymentImports", {"definition": definition, "payments": list(payments)}))

    def list(self) -> list[Raw]:
        """Return all imports, saved or not, with what was read."""
        return wire.many(self._channel.get("PaymentImports"), "id")

    def get(self, id: str) -> Raw | None:
        """Return one import; None when it was forgotten."""
        return wire.one(self._channel.get(f"PaymentImports/{quote(id, safe='')}"), "id")

    def save(self, id: str, references: Sequence[str] | None = None) -> Raw:
        """Register the payments of an import, all or those named. Raises Stale when it was saved before, OutcomeUnknown."""
        body = {} if references is None else {"references": list(references)}
        return _import(self._channel.write("POST", f"PaymentImports/{quote(id, safe='')}/Save", body))

    def forget(self, id: str) -> None:
        """Take an import away that is not saved. Raises NotFound, Rejected."""
        wire.refuse(self._channel.write("DELETE", f"PaymentImports/{quote(id, safe='')}", repeatable=True))


class PaymentRegistrations:
    """Registered payments (betalningsregistrering)."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def changed(self, since: datetime | None) -> list[Raw]:
        """Return those registered or changed at or after *since* (aware)."""
        begin = wire.instant(since or FIRST + timedelta(days=365 * 10))
        params = {"dateType": "changedAt", "dateFrom": begin, "dateTo": wire.instant(datetime.now(UTC) + timedelta(days=1))}
        return wire.many(self._channel.get("PaymentRegistrations", params), "id")

    def of_reference(self, reference: str) -> list[Raw]:
        """Return the payments registered under a sender's own number: none or one."""
        return wire.many(self._channel.get("PaymentRegistrations", {"reference": reference}), "id")

    def of_invoice(self, number: str) -> list[Raw]:
        """Return the payments of one invoice."""
        return wire.many(self._channel.get("PaymentRegistrations", {"invoiceNumber": number}), "id")


def _import(answer: Any) -> Raw:
    body = wire.made(answer, "id")
    if not isinstance(body.get("rows"), list) or not isinstance(body.get("notImported"), list):
        raise answer.unreadable("is not an import of payments")
    return body
