"""How each connection is, by what was met on it last: the one place that writes it.

Pages, `status`, metrics, alarms and the digest read what stands here.
"""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone

from brygga.errors import BadData, BryggaError, Sentence, Unauthorised, Unavailable
from brygga.store.models import Connection

Health = Connection.Health


def of(error: BryggaError) -> Health | None:
    """Return what an error says of its connection; None where it says nothing: a system that is busy, a right to one register, a refusal.

    An answer that cannot be read is as good as none (a proxy's page, a cut body).
    """
    if isinstance(error, Unauthorised):
        return {"login": Health.LOGIN, "licence": Health.LICENCE, "right": None}[error.lacks]
    away = isinstance(error, BadData) or (isinstance(error, Unavailable) and not error.busy)
    return Health.AWAY if away else None


def keep(connection: int, health: Health, sentence: Sentence | None = None) -> None:
    """Keep how a connection (its id) was found, and why in a sentence; the time is now."""
    Connection.objects.filter(pk=connection).update(
        health=health, health_sentence=sentence.as_json() if sentence else None, health_at=timezone.now()
    )


def met(asked: Collection[int], error: BryggaError | None) -> None:
    """Keep what work with these connections (ids) has met: the one that the error is of is as the error says, the others are well.

    Nothing is written of one that was well and still is.
    """
    wrong = of(error) if error is not None and error.connection is not None else None
    refused = error.connection if error is not None else None
    if wrong is not None and error is not None and refused is not None:
        keep(refused, wrong, error.sentence)
    for one in (
        Connection.objects.filter(pk__in=[id for id in asked if id != refused])
        .exclude(health=Health.OK)
        .values_list("pk", flat=True)
    ):
        keep(one, Health.OK)
