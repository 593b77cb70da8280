"""How the contract says no: a status, a code, a sentence, and for 400 the fields that are wrong."""

import json


class Refusal(Exception):
    """The call is refused: status, code, sentence, the fields at fault and headers of the answer."""

    def __init__(self, status: int, code: str, message: str, fields: dict[str, str] | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields or {}
        self.headers = {name.replace("_", "-").lower(): value for name, value in headers.items()}

    def body(self) -> bytes:
        """Return the body in JSON."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        if self.fields:
            error["fields"] = [{"field": name, "message": text} for name, text in self.fields.items()]
        return json.dumps({"error": error}, ensure_ascii=False).encode()


def invalid(fields: dict[str, str]) -> Refusal:
    """Refuse values: 400 with each field and what is wrong with it."""
    return Refusal(400, "validation", "The values cannot be taken in: " + ", ".join(fields) + ".", fields)


def bad_request(message: str) -> Refusal:
    """Refuse a call that makes no sense: 400."""
    return Refusal(400, "bad_request", message)


def unauthorised() -> Refusal:
    """Refuse a call without a key, or with one that is not known: 401."""
    return Refusal(401, "unauthorised", "The API key is missing or not known.")


def no_access(name: str) -> Refusal:
    """Refuse what the key has no access to: 403."""
    return Refusal(403, "access", f"The API key lacks the access {name}.")


def missing(what: str = "The address") -> Refusal:
    """Refuse a record or an address that is not there: 404."""
    return Refusal(404, "not_found", f"{what} does not exist.")


def conflict(code: str, message: str) -> Refusal:
    """Refuse what something else stands in the way of: 409 (`exported`, `open`, `duplicate`, `saved`, `currency`)."""
    return Refusal(409, code, message)


def too_fast(seconds: int) -> Refusal:
    """Refuse for speed: 429 with Retry-After in whole seconds."""
    return Refusal(429, "rate_limit", "Too many calls. Try again later.", Retry_After=str(seconds))
