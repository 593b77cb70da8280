"""Messages are rows before they are sent. A row is claimed by one process, sent, and marked; what fails is tried again later.

Where the process dies between sending and marking, the message is sent once more with the same id: mail carries it as its
Message-ID and a webhook in its header, so that the other end can tell. Nothing is dropped in silence: what has failed too
often is marked as given up, and the page shows it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from brygga.errors import BryggaError, Rejected
from brygga.notify import mail, webhook
from brygga.store.ids import new_id
from brygga.store.models import Message, NoticeTarget

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 20, 60, 180, 360, 720))
"""Before the second attempt, the third and so on; after the last of them a message is given up, a day after it was written."""

MOMENT = timedelta(minutes=5)
"""Time to send one message, after which another process may take it over."""

KEPT = timedelta(days=90)

_log = logging.getLogger(__name__)


def put(target: NoticeTarget, occasion: str, body: Mapping[str, Any], now: datetime) -> bool:
    """Write a message down; False when this target has one for the same occasion already."""
    try:
        with transaction.atomic():
            Message.objects.create(id=new_id(), target=target, occasion=occasion, body=dict(body), made_at=now, not_before=now)
    except IntegrityError:
        return False
    return True


def send_waiting(now: datetime | None = None, most: int = 200) -> int:
    """Send what waits, the oldest first; return how many were sent."""
    now = now or timezone.now()
    waiting = Message.objects.filter(state__in=[Message.State.WAITING, Message.State.SENDING], not_before__lte=now)
    return sum(send(message, now) for message in waiting.select_related("target__company").order_by("made_at", "pk")[:most])


def send(message: Message, now: datetime) -> bool:
    """Send one message, unless another process has it in hand; say whether it was sent. A failure is kept in its row."""
    claimed = Message.objects.filter(
        pk=message.pk, state__in=[Message.State.WAITING, Message.State.SENDING], attempts=message.attempts
    ).update(state=Message.State.SENDING, attempts=message.attempts + 1, not_before=now + MOMENT)
    if not claimed:
        return False
    message.attempts += 1
    deliver = mail.send if message.target.sort == NoticeTarget.Sort.MAIL else webhook.send
    try:
        deliver(message)
    except BryggaError as error:
        _failed(message, error, now)
        return False
    Message.objects.filter(pk=message.pk).update(state=Message.State.SENT, sent_at=now, trouble=None)
    return True


def _failed(message: Message, error: BryggaError, now: datetime) -> None:
    _log.warning("message %s, attempt %s: %s", message.pk, message.attempts, type(error).__name__)
    over = isinstance(error, Rejected) or message.attempts > len(PAUSES)
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.GIVEN_UP if over else Message.State.WAITING,
        not_before=now if over else now + PAUSES[message.attempts - 1],
        trouble=error.sentence.as_json(),
    )


def forget(now: datetime) -> None:
    """Remove messages that were sent or given up long ago."""
    over = [Message.State.SENT, Message.State.GIVEN_UP]
    Message.objects.filter(state__in=over, made_at__lt=now - KEPT).delete()
