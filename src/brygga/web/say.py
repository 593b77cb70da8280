"""Errors in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext

from brygga.errors import BryggaError


def said(error: BryggaError) -> str:
    """Return what happened and what the reader can do, in their language."""
    parts = [part for part in (error.sentence, error.repair) if part is not None]
    return " ".join(gettext(part.template).format_map(part.facts) for part in parts)
