"""Failed sign-ins are counted, so that passwords, codes and tokens cannot be guessed. Shared by all processes.

A key is a kind and a name: `name:anna`, `address:192.0.2.7`. Names are kept as a digest: people type passwords there too.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.utils import timezone

from brygga.store.models import FailedAttempt

WINDOW = timedelta(minutes=15)
MOST = {"name": 10, "code": 5, "address": 60, "token": 30}
"""Failures of one key within the window after which it is shut until the oldest of them has left it."""


def shut_for(*keys: tuple[str, str], now: datetime | None = None) -> int:
    """Return for how many more seconds one of the (kind, name) is shut; 0 when none is."""
    now = now or timezone.now()
    longest = 0
    for kind, name in keys:
        most = MOST[kind]
        rows = FailedAttempt.objects.filter(key=_key(kind, name), at__gt=now - WINDOW).order_by("-at")
        latest = list(rows.values_list("at", flat=True)[:most])
        if len(latest) == most:
            longest = max(longest, int((latest[-1] + WINDOW - now).total_seconds()) + 1)
    return longest


def failed(*keys: tuple[str, str], now: datetime | None = None) -> None:
    """Count a failure of each (kind, name); what no longer counts is forgotten."""
    now = now or timezone.now()
    FailedAttempt.objects.bulk_create(FailedAttempt(key=_key(kind, name), at=now) for kind, name in keys)
    FailedAttempt.objects.filter(at__lte=now - WINDOW).delete()


def forget(kind: str, name: str) -> None:
    """Begin anew for a key that has got it right."""
    FailedAttempt.objects.filter(key=_key(kind, name)).delete()


def _key(kind: str, name: str) -> str:
    return f"{kind}:{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:48]}"
