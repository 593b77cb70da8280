"""How far each side of a stream has been read."""

from __future__ import annotations

from datetime import datetime

from brygga.core.policy import Side
from brygga.store.models import Cursor


def position(integration: int, stream: str, side: Side) -> datetime | None:
    """Return when the last complete reading of this side began; None when it was never read."""
    row = Cursor.objects.filter(integration_id=integration, stream=stream, side=side).first()
    return row.position if row else None


def advance(integration: int, stream: str, side: Side, began: datetime) -> None:
    """Move the cursor to where the reading began. Called last, when all of it is recorded; it never moves back."""
    row, made = Cursor.objects.get_or_create(integration_id=integration, stream=stream, side=side, defaults={"position": began})
    if not made and row.position < began:
        row.position = began
        row.save(update_fields=["position"])
