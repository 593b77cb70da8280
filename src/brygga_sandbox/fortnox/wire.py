"""How Fortnox speaks JSON: escapes, one wrapper key, amounts whole or with decimals, headers of every answer."""

import json
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from brygga_sandbox.fortnox.errors import Refusal, refusal
from brygga_sandbox.server import Response

HEADERS = {
    "server": "Fortnox",
    "x-frame-options": "sameorigin",
    "x-content-type-options": "nosniff",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "content-security-policy": "default-src 'self'; frame-ancestors 'self'; object-src 'none'",
    "x-build": "4f1c0a92be",
    "x-krakend": "Version 2.13.3",
    "x-krakend-completed": "false",
}


def _number(value: object) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"not a value of the wire: {value!r}")


_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=_number)


def dumps(value: Any) -> bytes:
    r"""Encode as Fortnox does: non-ASCII as \u00e5, a slash as \/, an amount as integer when it is whole."""
    return _ENCODER.encode(value).replace("/", "\\/").encode("ascii")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def loads(body: bytes) -> Any:
    """Decode a body, decimals exact. Raises Refusal 2002115 for anything that is not JSON in UTF-8."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise refusal(2002115) from None


def unwrap(body: bytes, wrapper: str) -> dict[str, Any]:
    """Return what stands under the one wrapper key. Raises Refusal 2001392 for an empty body or another wrapper."""
    if not body.strip():
        raise refusal(2001392)
    document = loads(body)
    if not isinstance(document, dict) or list(document) != [wrapper] or not isinstance(document[wrapper], dict):
        raise refusal(2001392)
    inner: dict[str, Any] = document[wrapper]
    return inner


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return JSON with the headers of the service."""
    return Response(
        status,
        dumps(value),
        {
            **HEADERS,
            "content-type": "application/json",
            "x-uid": secrets.token_hex(4),
            "x-rack-responsetime": "12",
            "vary": "Accept-Encoding",
            **(headers or {}),
        },
    )


def created(value: Any, resource: str) -> Response:
    """Return 201 with the bare name of the resource as Location."""
    return answer(value, 201, {"location": resource})


def empty() -> Response:
    """Return 204 without a body."""
    return Response(204, b"", {**HEADERS, "x-uid": secrets.token_hex(4)})


def binary(content: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return bytes: a PDF, a SIE file, an archived file."""
    return Response(200, content, {**HEADERS, "content-type": content_type, "x-uid": secrets.token_hex(4), **(headers or {})})


def refused(error: Refusal) -> Response:
    """Return the answer to a refused call."""
    return answer(error.body(), error.status)
