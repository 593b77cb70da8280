"""/3/taxreductions: applications for rot, rut and green technology (Fortnox API, section 9.9)."""

from __future__ import annotations

from brygga.clients.fortnox.resource import Deletable, Register
from brygga.clients.fortnox.wire import Raw


class TaxReductions(Register, Deletable):
    """Applications on documents. Every update of a document makes them anew, with new ids."""

    path, one, many, number = "/3/taxreductions", "TaxReduction", "TaxReductions", "Id"

    def of_document(self, kind: str, document: object) -> list[Raw]:
        """Return the applications on one document; kind is invoices, orders or offers."""
        found = self.list(filter=kind, referencenumber=str(document))
        return [row for row in found if str(row.get("ReferenceNumber")) == str(document)]
