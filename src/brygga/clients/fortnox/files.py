"""Files: archive, inbox, what connects a file to a record, and attachments of documents (Fortnox API, section 9.15).

A file has two ids: Id within archive or inbox, and ArchiveFileId. They are not interchangeable.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from brygga.clients.fortnox import fields, wire
from brygga.clients.fortnox.resource import Creatable, Deletable, Gettable, Listed, Resource
from brygga.clients.fortnox.wire import Raw


class Folders(Resource):
    """What archive and inbox have in common."""

    one = "Folder"

    def folder(self, number: str | None = None, **search: object) -> Raw:
        """Return a folder with its Files and Folders; the root without a number."""
        params = fields.query(self.path, search, paged=False)
        return wire.single(self._api.read(self.path if number is None else self._place(number), params), self.one)

    def file(self, number: str) -> bytes:
        """Return the content of a file by its Id."""
        return self._api.read(self._place(number)).body

    def _upload(self, name: str, content: bytes, params: tuple[tuple[str, str], ...]) -> Raw:
        boundary = secrets.token_hex(16)
        answer = self._api.write(
            "POST",
            self.path,
            params=params,
            content=wire.multipart(name, content, boundary),
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        return wire.single(answer, "File")

    def delete(self, number: str) -> None:
        """Remove a file, or a folder with everything in it."""
        self._api.write("DELETE", self._place(number))


class Archive(Folders):
    path = "/3/archive"

    def upload(self, name: str, content: bytes, *, path: str | None = None, folder_id: str | None = None) -> Raw:
        """Store a file in a folder and return its Id, ArchiveFileId, Name, Path and Size."""
        chosen = {"path": path, "folderid": folder_id}
        return self._upload(name, content, tuple((key, one) for key, one in chosen.items() if one))

    def archived_file(self, archive_file_id: str) -> bytes:
        """Return the content of a file by its ArchiveFileId, which Fortnox wants as a parameter."""
        return self._api.read(self.path, (("fileid", archive_file_id),)).body

    def delete_path(self, path: str) -> None:
        """Remove a file or folder by its path."""
        self._api.write("DELETE", self.path, params=(("path", path),))


class Inbox(Folders):
    """Fixed folders: Inbox_s supplier invoices, Inbox_v vouchers, Inbox_kf customer invoices, Inbox_o orders and so on."""

    path = "/3/inbox"

    def upload(self, name: str, content: bytes, *, path: str | None = None, folder_id: str | None = None) -> Raw:
        """Store a file, as path="Inbox_v", and return its Id, ArchiveFileId, Name, Path and Size."""
        chosen = {"path": path, "folderId": folder_id}
        return self._upload(name, content, tuple((key, one) for key, one in chosen.items() if one))


class TrustedEmailSenders(Resource):
    """Whose e-mails the inbox takes in."""

    path, one = "/3/emailsenders", "EmailSenders"

    def get(self) -> Raw:
        """Return TrustedSenders and RejectedSenders."""
        return wire.single(self._api.read(self.path), self.one)

    def trust(self, email: str) -> Raw:
        body = {"TrustedSender": fields.checked(self.definition(), {"Email": email}, "create")}
        return wire.single(self._api.write("POST", self._place("trusted"), body), "TrustedSender")

    def distrust(self, number: object) -> None:
        self._api.write("DELETE", self._place("trusted", number))


class FileConnections(Listed, Gettable, Creatable, Deletable):
    """Which file belongs to which record. Upload first, then connect by the file's Id."""

    number = "FileId"


class VoucherFileConnections(FileConnections):
    path, one, many = "/3/voucherfileconnections", "VoucherFileConnection", "VoucherFileConnections"


class SupplierInvoiceFileConnections(FileConnections):
    path, one, many = (
        "/3/supplierinvoicefileconnections",
        "SupplierInvoiceFileConnection",
        "SupplierInvoiceFileConnections",
    )


class ArticleFileConnections(FileConnections):
    path, one, many = "/3/articlefileconnections", "ArticleFileConnection", "ArticleFileConnections"


class Attachments(Resource):
    """Files on documents: OF offer, O order, F invoice, C contract; includeOnSend sends them along. Names are camelCase here."""

    path = "/api/fileattachments/attachments-v1"

    @classmethod
    def definition(cls) -> str:
        return "Attachment"

    def of(self, kind: str, numbers: Sequence[int]) -> list[Raw]:
        """Return the attachments of documents of one kind."""
        params = fields.query(self.path, {"entityid": list(numbers), "entitytype": kind}, paged=False)
        return _records(self._api.read(self.path, params).json())

    def counts(self, kind: str, numbers: Sequence[int]) -> list[Raw]:
        """Return how many attachments each document has."""
        path = f"{self.path}/numberofattachments"
        params = fields.query(path, {"entityids": list(numbers), "entitytype": kind}, paged=False)
        return _records(self._api.read(path, params).json())

    def attach(self, attachments: Sequence[Mapping[str, object]]) -> list[Raw]:
        """Attach files: entityId, entityType, fileId and includeOnSend of each."""
        return _records(self._api.write("POST", self.path, self._checked(attachments)).json())

    def validate_included_on_send(self, attachments: Sequence[Mapping[str, object]]) -> None:
        """Raise Rejected when these cannot all be sent along."""
        self._api.write("POST", f"{self.path}/validateincludedonsend", self._checked(attachments))

    def update(self, number: str, changes: Mapping[str, object]) -> Raw:
        """Change an attachment, as {"includeOnSend": True}."""
        answer = self._api.write("PUT", self._place(number), fields.checked(self.definition(), changes, "update"))
        body = answer.json()
        if not isinstance(body, dict):
            raise answer.unreadable("is not one attachment")
        return body

    def detach(self, number: str) -> None:
        self._api.write("DELETE", self._place(number))

    def _checked(self, attachments: Sequence[Mapping[str, object]]) -> list[Raw]:
        return [fields.checked(self.definition(), one, "create") for one in attachments]


def _records(body: object) -> list[Raw]:
    """Return the records of an answer of the newer services, which comes as a list or, documented so, as one record."""
    if isinstance(body, list):
        return [one for one in body if isinstance(one, dict)]
    return [body] if isinstance(body, dict) else []
