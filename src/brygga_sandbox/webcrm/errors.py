"""How webCRM says no. Its documents list 200 and 401 only, so the bodies here are plain and of several kinds on purpose."""

import json


class Refusal(Exception):
    """The call is refused: status, body and content type of the answer. `reason` is the same as one plain line."""

    def __init__(self, status: int, reason: str, *, body: bytes | None = None, kind: str = "text/plain") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.body = reason.encode() if body is None else body
        self.kind = kind
        self.headers: dict[str, str] = {}


class Dropped(Exception):
    """The connection is closed without an answer."""


def invalid(field: str, reason: str) -> Refusal:
    """Refuse a body whose *field* is wrong: 400 with the fields and their faults as JSON."""
    body = json.dumps({field: [reason]}, ensure_ascii=False).encode()
    return Refusal(400, reason, body=body, kind="application/json")


def bad_request(reason: str) -> Refusal:
    """Refuse a call that makes no sense: 400 with a sentence."""
    return Refusal(400, reason)


def missing() -> Refusal:
    """Refuse a record that does not exist: 404 with an empty body."""
    return Refusal(404, "not found", body=b"")


def unauthorized(reason: str) -> Refusal:
    """Refuse a call without a valid access token: 401, empty body, the reason in WWW-Authenticate only."""
    refusal = Refusal(401, reason, body=b"")
    refusal.headers["WWW-Authenticate"] = f'Bearer error="invalid_token", error_description="{reason}"'
    return refusal


def too_fast(seconds: int) -> Refusal:
    """Refuse for speed: 429; how long to wait stands in the body and not in a header (systems.md 7.1, limits)."""
    body = json.dumps({"RetryAfterSeconds": seconds}).encode()
    return Refusal(429, "too many calls", body=body, kind="application/json")


def not_switched_on(what: str, on: bool) -> Refusal:
    """Refuse a call that needs linked data on (or off) when it is not: 400 with a JSON string."""
    reason = f"Linked data is {'enabled' if on else 'not enabled'} for {what}."
    return Refusal(400, reason, body=json.dumps(reason).encode(), kind="application/json")


def locked(number: str) -> Refusal:
    """Refuse to write a delivery whose number another one has: 500, as a server that gave up waiting for a lock."""
    return Refusal(500, f"An error occurred while updating the entries. The delivery is locked (number {number}).")
