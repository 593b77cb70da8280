"""Who is told what: at once when something is wrong, once a day in any case, and when an integration has gone silent.

    alarms.py    what is wrong just now, opened and closed once each
    digest.py    the daily line for line, also when all is well
    deliver.py   each message is a row before it is sent, claimed by one process, tried again when it fails
    mail.py      by SMTP; webhook.py by a signed POST (Standard Webhooks 1.0)
    targets.py   where a company's messages go

A worker calls `turn` every half minute; it is safe to call from several at once.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from brygga.notify import alarms, deliver, digest


def turn(now: datetime | None = None) -> int:
    """Look what is wrong, write what is due, send what waits; return how many messages were sent."""
    now = now or timezone.now()
    alarms.look(now)
    digest.write_due(now)
    deliver.forget(now)
    return deliver.send_waiting(now)
