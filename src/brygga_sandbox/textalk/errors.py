"""How the shop says no: a JSON-RPC error with its own numbers (systems.md 5.1, Errors). The HTTP status is 200 [guess]."""

from __future__ import annotations

from typing import Any

PARSE, REQUEST, METHOD, PARAMS, INTERNAL, SERVER = -32700, -32600, -32601, -32602, -32603, -32000
DENIED, INVALID, NOT_NORMAL, NOT_FOUND = 1006, 9001, 9002, 9003

_TEXTS = {
    PARSE: "Parse error", REQUEST: "Invalid Request", METHOD: "Method not found", PARAMS: "Invalid params",
    INTERNAL: "Internal error", SERVER: "Server error", DENIED: "Access denied", INVALID: "Validation failed",
    NOT_NORMAL: "Normalization failed", NOT_FOUND: "Object not found",
}  # fmt: skip


class Refusal(Exception):
    """The call is refused; `data` has the details, such as {"/articleNumber": "..."} for what does not hold."""

    def __init__(self, code: int, data: Any = None) -> None:
        super().__init__(_TEXTS[code])
        self.code = code
        self.data = data

    def as_dict(self) -> dict[str, Any]:
        """Return the error object of the answer."""
        found: dict[str, Any] = {"code": self.code, "message": _TEXTS[self.code]}
        return found if self.data is None else {**found, "data": self.data}
