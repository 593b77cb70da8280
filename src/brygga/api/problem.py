"""Errors as problem documents (RFC 9457): what happened, to which record, what the person can do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Self

from django.http import HttpResponse

from brygga.errors import (
    BadData,
    BryggaError,
    NoSuchRecord,
    NotFound,
    OutcomeUnknown,
    Rejected,
    SettingsError,
    Stale,
    Unauthorised,
    Unavailable,
    UnsafePlan,
)


class Missing(SettingsError):
    """What the address names is not there, or belongs to a company that the token is not for: 404."""

    @classmethod
    def like(cls, error: BryggaError) -> Self:
        """Return the same error as one of something missing."""
        repair = error.repair.template if error.repair else ""
        return cls(error.sentence.template, repair=repair, rule=error.rule, **error.facts)


class Malformed(SettingsError):
    """The request itself cannot be read: 400."""


class Refused(BryggaError):
    """The caller may not do that; `status` says why: 401, 403, 405, 415 or 429."""

    def __init__(
        self, status: int, template: str, *, repair: str = "", headers: Mapping[str, str] | None = None, **facts: object
    ) -> None:
        super().__init__(template, repair=repair, rule=None, **facts)
        self.status = status
        self.headers = dict(headers or {})


_STATUS: tuple[tuple[type[BryggaError], int], ...] = (
    (Missing, 404),
    (Malformed, 400),
    (NotFound, 404),
    (NoSuchRecord, 404),
    (SettingsError, 422),
    (Unauthorised, 502),
    (Unavailable, 503),
    (OutcomeUnknown, 502),
    (Rejected, 409),
    (Stale, 409),
    (BadData, 502),
    (UnsafePlan, 409),
)
"""The first that fits. 422: a setting or an answer does not fit; 409: the record or the plan does not allow it; 502 and 503:
the other system."""


def status_of(error: BryggaError) -> int:
    """Return the status with which an error is answered."""
    if isinstance(error, Refused):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(error: BryggaError) -> HttpResponse:
    """Return an error as an answer."""
    status = status_of(error)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": str(error.sentence),
        "repair": str(error.repair) if error.repair else None,
        "rule": error.rule,
        "sentence": error.sentence.as_json(),
    }
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json; charset=utf-8"
    )
    if isinstance(error, Refused):
        for name, value in error.headers.items():
            response.headers[name] = value
    if isinstance(error, Unavailable) and error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return response
