"""Errors in the reader's language."""

from __future__ import annotations

from brygga.errors import BryggaError
from brygga.web.templatetags.brygga import say


def said(error: BryggaError) -> str:
    """Return what happened and what the reader can do, in their language."""
    return " ".join(say(part.as_json()) for part in (error.sentence, error.repair) if part is not None)
