"""How the contract says no: a status, a code, a Swedish sentence, and for 400 the fields that are wrong."""

import json
from typing import Any


class Refusal(Exception):
    """The call is refused: status, code, sentence, the fields at fault and headers of the answer."""

    def __init__(self, status: int, code: str, message: str, fields: dict[str, str] | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields or {}
        self.headers = {name.replace("_", "-").lower(): value for name, value in headers.items()}

    def as_dict(self) -> dict[str, Any]:
        """Return the body of the answer, also an item's place in the answer to many at once."""
        body: dict[str, Any] = {"objectName": "error", "code": self.code, "message": self.message}
        if self.fields:
            body["fields"] = [{"field": name, "message": text} for name, text in self.fields.items()]
        return body

    def body(self) -> bytes:
        """Return the body in JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False).encode()


def invalid(fields: dict[str, str]) -> Refusal:
    """Refuse values: 400 with each field and what is wrong with it."""
    return Refusal(400, "validation", "Uppgifterna kan inte tas emot: " + ", ".join(fields) + ".", fields)


def bad_request(message: str) -> Refusal:
    """Refuse a call that makes no sense: 400."""
    return Refusal(400, "bad_request", message)


def unauthorized(message: str) -> Refusal:
    """Refuse a call without a valid token or with unknown credentials: 401."""
    return Refusal(401, "unauthorized", message, WWW_Authenticate="Bearer")


def forbidden(message: str) -> Refusal:
    """Refuse what the application has no right to: 403."""
    return Refusal(403, "forbidden", message)


def missing(what: str = "Resursen") -> Refusal:
    """Refuse a record or an address that is not there: 404."""
    return Refusal(404, "not_found", f"{what} finns inte.")


def conflict(code: str, message: str) -> Refusal:
    """Refuse what something else stands in the way of: 409 (`version`, `duplicate`, `exported`, `locked`)."""
    return Refusal(409, code, message)


def too_fast(seconds: int) -> Refusal:
    """Refuse for speed: 429 with Retry-After in whole seconds."""
    return Refusal(429, "rate_limit", "För många anrop. Försök igen senare.", Retry_After=str(seconds))
