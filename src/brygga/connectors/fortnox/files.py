"""Files that go with documents of Fortnox (Fortnox API, sections 9.13 and 9.15; rows OPT-01, OPT-03).

A file is put into the inbox, then attached to an invoice, or connected to a supplier invoice. Neither says what is in it, so what is
there already is known by reading it: the SHA-256 of the content. An upload whose answer was lost lies in the inbox and is found there by
its name, size and content, so that a step that is repeated puts nothing there twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from brygga.clients.fortnox import Fortnox
from brygga.connectors.contract import Attachment
from brygga.errors import NotFound, OutcomeUnknown

INVOICE: Final = "F"
INVOICES, SUPPLIER_INVOICES = "Inbox_kf", "Inbox_s"

Raw = Mapping[str, Any]


class Files:
    """The files of one Fortnox, as far as one run has looked at them."""

    def __init__(self, client: Fortnox) -> None:
        self._client = client
        self._folders: dict[str, list[Raw]] = {}
        self._digests: dict[str, str] = {}

    def sent_with_invoice(self, number: str) -> dict[str, Raw]:
        """Return SHA-256 -> attachment of what is sent along with an invoice."""
        return {digest: one for digest, one in self._of_invoice(number).items() if one.get("includeOnSend") is True}

    def send_with_invoice(self, number: str, file: Attachment, before: str) -> None:
        """Attach a file to an invoice, in the place of the one that was attached *before* (its SHA-256, "" for none).

        Raises Rejected, OutcomeUnknown, Unavailable.
        """
        held = self._of_invoice(number)
        there = held.get(file.digest)
        if before and before != file.digest and before in held:
            self._client.attachments.detach(str(held[before]["id"]))
        if there is None:
            kept = self._kept(INVOICES, file)
            wish = {"entityId": int(number), "entityType": INVOICE, "fileId": str(kept["ArchiveFileId"]), "includeOnSend": True}
            self._client.attachments.attach([wish])
        elif there.get("includeOnSend") is not True:
            self._client.attachments.update(str(there["id"]), {"includeOnSend": True})

    def of_supplier_invoice(self, number: str) -> dict[str, Raw]:
        """Return SHA-256 -> connection of the files of a supplier invoice."""
        rows = self._client.supplier_invoice_file_connections.list(supplierinvoicenumber=int(number))
        return {self._digest(str(row["FileId"]), archived=False): row for row in rows}

    def connect_supplier_invoice(self, number: str, file: Attachment, before: str) -> None:
        """Connect a file to a supplier invoice, in the place of the one *before*. Raises Rejected, OutcomeUnknown, Unavailable."""
        held = self.of_supplier_invoice(number)
        if before and before != file.digest and before in held:
            self._client.supplier_invoice_file_connections.delete(str(held[before]["FileId"]))
        if file.digest not in held:
            kept = self._kept(SUPPLIER_INVOICES, file)
            body = {"FileId": str(kept["Id"]), "SupplierInvoiceNumber": number}
            self._client.supplier_invoice_file_connections.create(body)

    def _of_invoice(self, number: str) -> dict[str, Raw]:
        rows = self._client.attachments.of(INVOICE, [int(number)])
        return {self._digest(str(row["fileId"]), archived=True): row for row in rows}

    def _digest(self, id: str, *, archived: bool) -> str:
        """Return the SHA-256 of a file by its ArchiveFileId or its Id; "" for one that is gone. Each is read once in a run."""
        if id not in self._digests:
            try:
                content = self._client.archive.archived_file(id) if archived else self._client.archive.file(id)
            except NotFound:
                return ""
            self._digests[id] = hashlib.sha256(content).hexdigest()
        return self._digests[id]

    def _kept(self, folder: str, file: Attachment) -> Raw:
        """Return a file of the inbox: the one that an earlier try put there, or put there now."""
        if folder not in self._folders:
            self._folders[folder] = list(self._client.inbox.folder(folder).get("Files") or ())
        for row in self._folders[folder]:
            alike = row.get("Name") == file.name and str(row.get("Size")) == str(len(file.content))
            if alike and self._digest(str(row["Id"]), archived=False) == file.digest:
                return row
        try:
            made = self._client.inbox.upload(file.name, file.content, path=folder)
        except OutcomeUnknown:
            del self._folders[folder]
            raise
        self._folders[folder].append(made)
        self._digests[str(made["Id"])] = self._digests[str(made["ArchiveFileId"])] = file.digest
        return made
