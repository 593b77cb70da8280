"""Files: the archive, the inbox with its fixed folders, and attachments of documents (Fortnox API, section 9.15).

A file has two ids: `Id`, which addresses take, and `ArchiveFileId`, which goes into `?fileid=`. The archive refuses the
wrong one; the inbox takes both. Contents lie base64-encoded in the record (`_content`).
"""

# ruff: noqa: RUF012  the tables in the classes are read, never changed
import base64
import email
import email.policy
import uuid
from typing import Any

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.errors import Refusal, refusal, refusal_text
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.tables import Record
from brygga_sandbox.server import Response, json_response

LARGEST_FILE = 20 * 1024 * 1024
INBOX = {
    "Inbox_a": "Anläggningsregister",
    "Inbox_d": "Dagskassor",
    "Inbox_s": "Leverantörsfakturor",
    "Inbox_v": "Verifikationer",
    "Inbox_b": "Bankfiler",
    "Inbox_l": "Lön",
    "Inbox_kf": "Kundfakturor",
    "Inbox_o": "Order",
    "Inbox_of": "Offerter",
}


def _missing_file() -> Refusal:
    return refusal_text("Kan inte hitta filen.", 404)


def upload(call: Call) -> tuple[str, bytes]:
    """Return name and content of the one file of a multipart body. Raises Refusal."""
    head = b"Content-Type: " + call.request.header("content-type").encode("latin-1") + b"\r\n\r\n"
    message = email.message_from_bytes(head + call.request.body, policy=email.policy.HTTP)
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_filename()
        content = part.get_payload(decode=True)
        if name and isinstance(content, bytes):
            if len(content) > LARGEST_FILE:
                raise refusal_text("Filen är för stor.")
            return name, content
    raise refusal(2001392)


class _Folders(Resource):
    """What archive and inbox have in common; both keep their files in the table `files`."""

    tag, one, many = "Archive", "Folder", ""
    verbs = ""
    media = ("multipart/form-data", "application/json")
    modules = ("Arkivplats",)
    lenient = False  # the wrong id is forgiven

    def shown(self, call: Call, record: Record) -> dict[str, Any]:
        """Return a file as answers show it."""
        public = {name: record[name] for name in ("ArchiveFileId", "Comments", "Id", "Name", "Path", "Size")}
        return {"@url": call.url(f"{self.address}/{record['Id']}"), **public}

    def files(self, call: Call, folder: str | None) -> list[Record]:
        """Return the files of a folder, of all for None."""
        kept = lists.shown(call, call.company.table("files"))
        return [one for one in kept if one["_where"] == self.name and folder in (None, one["_folder"])]

    def by_id(self, call: Call, number: str) -> Record:
        """Return the file that an id in an address means. Raises 404."""
        found = call.company.get("files", number)
        if found is None and self.lenient:
            found = next((one for one in self.files(call, None) if one["ArchiveFileId"] == number), None)
        if found is None or found["_where"] not in (self.name, "inbox"):
            raise _missing_file()
        return found

    def by_file_id(self, call: Call, number: str) -> Record:
        """Return the file that `?fileid=` means, which is an ArchiveFileId. Raises 404."""
        found = next((one for one in call.company.table("files").all() if one["ArchiveFileId"] == number), None)
        if found is None:
            raise _missing_file()
        return found

    def keep(self, call: Call, folder: str, path: str) -> Response:
        """Keep the uploaded file in a folder."""
        name, content = upload(call)
        record = {
            "Id": str(uuid.uuid4()),
            "ArchiveFileId": str(uuid.uuid4()),
            "Name": name,
            "Path": path,
            "Size": len(content),
            "Comments": "",
            "_where": self.name,
            "_folder": folder,
            "_content": base64.b64encode(content).decode(),
        }
        call.company.put("files", str(record["Id"]), record)
        return wire.created({"File": self.shown(call, record)}, self.address)

    def content(self, record: Record) -> Response:
        """Return the file itself."""
        kind = "application/pdf" if str(record["Name"]).lower().endswith(".pdf") else "application/octet-stream"
        return wire.binary(base64.b64decode(record["_content"]), kind)

    def drop(self, call: Call, records: list[Record]) -> Response:
        """Remove files."""
        for record in records:
            call.company.delete("files", record["Id"])
        return wire.empty()


class Archive(_Folders):
    """The archive: folders are made by uploading into them."""

    name = "archive"
    scopes = ("archive",)
    more_operations = (
        ("GET", "/3/archive"),
        ("POST", "/3/archive"),
        ("DELETE", "/3/archive"),
        ("GET", "/3/archive/{}"),
        ("DELETE", "/3/archive/{}"),
    )

    def respond(self, call: Call, rest: list[str]) -> Response:
        """Answer."""
        path = call.params.get("path", call.params.get("folderid", "")).strip("/")
        match call.method, rest:
            case "GET", [] if "fileid" in call.params:
                return self.content(self.by_file_id(call, call.params["fileid"]))
            case "GET", []:
                return self._folder(call, path)
            case "POST", []:
                return self.keep(call, path, path)
            case "DELETE", []:
                if not path or not self.files(call, path):
                    raise refusal(2000729) if not path else _missing_file()
                return self.drop(call, self.files(call, path))
            case "GET", [number]:
                if "fileid" in call.params:
                    return self.content(self.by_file_id(call, call.params["fileid"]))
                return self.content(self.by_id(call, number))
            case "DELETE", [number]:
                return self.drop(call, [self.by_id(call, number)])
        raise refusal(2000764)

    def _folder(self, call: Call, path: str) -> Response:
        files = self.files(call, path)
        names = sorted({one["_folder"] for one in self.files(call, None)} - {""})
        if path and path not in names:
            raise refusal_text("Kan inte hitta mappen.", 404)
        folders = [_folder_shown(call, "archive", name, name) for name in names] if not path else []
        shown = _folder_shown(call, "archive", path or "root", path or "root")
        return wire.answer({self.one: {**shown, "Files": [self.shown(call, one) for one in files], "Folders": folders}})


class Inbox(_Folders):
    """The inbox: fixed folders for each kind of voucher."""

    name = "inbox"
    scopes = ("inbox",)
    lenient = True
    more_operations = (
        ("GET", "/3/inbox"),
        ("POST", "/3/inbox"),
        ("GET", "/3/inbox/{}"),
        ("DELETE", "/3/inbox/{}"),
    )

    def respond(self, call: Call, rest: list[str]) -> Response:
        """Answer."""
        match call.method, rest:
            case "GET", []:
                folders = [_folder_shown(call, "inbox", number, name) for number, name in INBOX.items()]
                files = [self.shown(call, one) for one in self.files(call, "root")]
                root = _folder_shown(call, "inbox", "root", "root")
                return wire.answer({self.one: {**root, "Files": files, "Folders": folders}})
            case "POST", []:
                folder = call.params.get("path") or call.params.get("folderid") or call.params.get("folderId") or "root"
                if folder != "root" and folder not in INBOX:
                    raise refusal_text("Kan inte hitta mappen.", 404)
                return self.keep(call, folder, INBOX.get(folder, ""))
            case "GET", [number] if number in INBOX:
                shown = _folder_shown(call, "inbox", number, INBOX[number])
                files = [self.shown(call, one) for one in self.files(call, number)]
                return wire.answer({self.one: {**shown, "Files": files}})
            case "GET", [number]:
                return self.content(self.by_id(call, number))
            case "DELETE", [number] if number in INBOX:
                return self.drop(call, self.files(call, number))
            case "DELETE", [number]:
                return self.drop(call, [self.by_id(call, number)])
        raise refusal(2000764)


def _folder_shown(call: Call, where: str, number: str, name: str) -> dict[str, Any]:
    url = call.url(f"{where}/{number}") if where == "inbox" else call.url(f"archive?path={name}")
    return {"@url": url, "Email": "", "Files": [], "Folders": [], "Id": number, "Name": name}


# What the service takes is named by its codes only (section 7.4); these figures are ours.
ATTACHABLE = (".pdf", ".jpg", ".jpeg", ".png", ".gif", ".tif", ".tiff")
LARGEST_ATTACHMENT = 10 * 1024 * 1024
MOST_ATTACHMENTS = 10
# entityType -> the register whose documents it means
ENTITIES = {"OF": "offers", "O": "orders", "F": "invoices", "C": "contracts"}


class FileAttachments(Resource):
    """Files on documents, the newer service: camelCase, no wrapper, errors with a text as code (section 7.4)."""

    name, tag, one, many = "fileattachments", "Attachment", "", ""
    prefix, path = "api", "fileattachments/attachments-v1"
    verbs = ""
    changes = {"numberOfAttachments": {"where": ""}}
    scopes = ("connectfile", "invoice", "order", "offer", "archive")
    more_operations = (
        ("GET", "/api/fileattachments/attachments-v1"),
        ("POST", "/api/fileattachments/attachments-v1"),
        ("GET", "/api/fileattachments/attachments-v1/numberofattachments"),
        ("POST", "/api/fileattachments/attachments-v1/validateincludedonsend"),
        ("PUT", "/api/fileattachments/attachments-v1/{}"),
        ("DELETE", "/api/fileattachments/attachments-v1/{}"),
    )

    def operations(self) -> set[tuple[str, str]]:
        """Return what it answers."""
        return set(self.more_operations)

    def respond(self, call: Call, rest: list[str]) -> Response:
        """Answer."""
        try:
            match call.method, rest:
                case "GET", []:
                    return wire.answer(self._of(call, "entityid"))
                case "GET", ["numberofattachments"]:
                    return wire.answer(self._counted(call))
                case "POST", []:
                    return self._attach(call)
                case "POST", ["validateincludedonsend"]:
                    for wish in self._wishes(call):
                        self._checked(call, wish)
                    return wire.empty()
                case "PUT", [number]:
                    return self._change(call, number)
                case "DELETE", [number]:
                    if number not in call.company.table(self.name):
                        raise _ServiceError("attachment_not_found", 404)
                    call.company.delete(self.name, number)
                    return wire.empty()
        except _ServiceError as error:
            call.company.take_back()
            return json_response({"message": error.code, "errorcode": error.code}, error.status)
        raise refusal(2000764)

    def _of(self, call: Call, parameter: str) -> list[Record]:
        kind = call.params.get("entitytype", "")
        wanted = [text for name, value in call.request.query if name == parameter for text in value.split(",")]
        if (
            kind not in (*ENTITIES, "LGR_IO", "LGR_IG")
            or not wanted
            or not all(text.isascii() and text.isdigit() for text in wanted)
        ):
            raise _ServiceError("missing_mandatory_field")
        kept = lists.shown(call, call.company.table(self.name))
        return [one for one in kept if one["entityType"] == kind and str(one["entityId"]) in wanted]

    def _counted(self, call: Call) -> list[dict[str, Any]]:
        found = self._of(call, "entityids")
        kind = call.params["entitytype"]
        wanted = [text for name, value in call.request.query if name == "entityids" for text in value.split(",")]
        return [
            {
                "entityId": int(text),
                "entityType": kind,
                "numberOfAttachments": sum(one["entityId"] == int(text) for one in found),
            }
            for text in wanted
        ]

    def _json(self, call: Call, code: str) -> Any:
        """Return the body as JSON. Raises _ServiceError with the code where it is none; which one the service has is not known."""
        try:
            return wire.loads(call.request.body)
        except Refusal:
            raise _ServiceError(code) from None

    def _wishes(self, call: Call) -> list[dict[str, Any]]:
        body = self._json(call, "no_attachment_provided")
        if not isinstance(body, list) or not body or not all(isinstance(wish, dict) for wish in body):
            raise _ServiceError("no_attachment_provided")
        return body

    def _checked(self, call: Call, wish: dict[str, Any]) -> None:
        if any(name not in ("id", "entityId", "entityType", "fileId", "includeOnSend") for name in wish):
            raise _ServiceError("field_not_writable")
        if any(wish.get(name) in (None, "") for name in ("entityId", "entityType", "fileId")):
            raise _ServiceError("missing_mandatory_field")
        file = next((one for one in call.company.table("files").all() if one["ArchiveFileId"] == wish["fileId"]), None)
        if file is None:
            raise _ServiceError("file_not_found", 404)
        register = ENTITIES.get(str(wish["entityType"]))
        if register is None or str(wish["entityId"]) not in call.company.table(register):
            raise _ServiceError("document_not_found", 404)
        if not str(file["Name"]).lower().endswith(ATTACHABLE):
            raise _ServiceError("wrong_file_type")
        if file["Size"] > LARGEST_ATTACHMENT:
            raise _ServiceError("file_too_big")
        if wish.get("includeOnSend") is True:
            along = [one["fileId"] for one in self._on(call, wish) if one["includeOnSend"]]
            if len(along) >= MOST_ATTACHMENTS:
                raise _ServiceError("attachment_files_max_count_exceeded")
            sizes = {one["ArchiveFileId"]: one["Size"] for one in call.company.table("files").all()}
            if file["Size"] + sum(sizes.get(id, 0) for id in along) > LARGEST_ATTACHMENT:
                raise _ServiceError("attachment_files_max_size_exceeded")

    def _on(self, call: Call, wish: dict[str, Any]) -> list[Record]:
        """Return the attachments of a document; the same file may be among them twice, as nothing says that it may not."""
        kept = call.company.table(self.name).all()
        return [one for one in kept if (one["entityType"], str(one["entityId"])) == (wish["entityType"], str(wish["entityId"]))]

    def _attach(self, call: Call) -> Response:
        wishes = self._wishes(call)
        if any(wish.get("entityType") != wishes[0].get("entityType") for wish in wishes):
            raise _ServiceError("mixed_documents")
        made = []
        for wish in wishes:
            self._checked(call, wish)
            record = {
                "id": str(uuid.uuid4()),
                "entityId": int(str(wish["entityId"])),
                "entityType": wish["entityType"],
                "fileId": wish["fileId"],
                "includeOnSend": bool(wish.get("includeOnSend", False)),
            }
            call.company.put(self.name, str(record["id"]), record)
            made.append(record)
        return wire.answer(made, 201)

    def _change(self, call: Call, number: str) -> Response:
        record = call.company.get(self.name, number)
        if record is None:
            raise _ServiceError("attachment_not_found", 404)
        wish = self._json(call, "missing_mandatory_field")
        if not isinstance(wish, dict) or not isinstance(wish.get("includeOnSend"), bool):
            raise _ServiceError("missing_mandatory_field")
        if wish.get("id", number) != number:
            raise _ServiceError("mismatch_attachment_id")
        if any(name in wish and wish[name] != record[name] for name in ("entityId", "entityType", "fileId")):
            raise _ServiceError("field_not_writable")
        record["includeOnSend"] = wish["includeOnSend"]
        call.company.put(self.name, number, record)
        return wire.answer(record)


class _ServiceError(Exception):
    """A refusal of the newer services."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
