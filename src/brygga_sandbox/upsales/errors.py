"""How Upsales says no: {"error": {"key", "code", "errorCode", "msg"}, "metadata": null}; an unknown address gives a page."""

from __future__ import annotations

import json

from brygga_sandbox.server import Response

JSON = {"content-type": "application/json; charset=utf-8"}


class Refusal(Exception):
    """The call is refused. `key` and `number` are the error's own; numbers beyond 26 and 3 are not recorded [guess]."""

    def __init__(self, status: int, key: str, number: int, msg: str) -> None:
        super().__init__(msg)
        self.status = status
        self.key = key
        self.number = number
        self.msg = msg

    def response(self) -> Response:
        """Return the answer."""
        error = {"key": self.key, "code": self.status, "errorCode": self.number, "msg": self.msg}
        return Response(self.status, json.dumps({"error": error, "metadata": None}, ensure_ascii=False).encode(), dict(JSON))


def invalid(msg: str) -> Refusal:
    """Refuse what does not hold: 400 FailedValidation, errorCode 26."""
    return Refusal(400, "FailedValidation", 26, msg)


def unauthorized() -> Refusal:
    """Refuse a call without a valid key."""
    return Refusal(401, "Unauthorized", 1, "Invalid token")


def missing(kind: str, id: object) -> Refusal:
    """Refuse a record that is not there."""
    return Refusal(404, "NotFound", 5, f"No {kind} with id {id}")


def too_many() -> Refusal:
    """Refuse for speed."""
    return Refusal(429, "TooManyRequests", 429, "Too many requests")


def server_error() -> Refusal:
    """Say that the service is in trouble: 500 ServerError, errorCode 3."""
    return Refusal(500, "ServerError", 3, "Something went wrong")


def page_not_found() -> Response:
    """Return the page that an unknown address gives."""
    page = b"<!DOCTYPE html><html><head><title>404</title></head><body><h1>Not Found</h1></body></html>"
    return Response(404, page, {"content-type": "text/html; charset=utf-8"})
