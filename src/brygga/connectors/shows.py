"""What a connector can do whose system shows on its own records how they stand with Fortnox."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from brygga.core.shown import Shown
from brygga.errors import BryggaError


class Shows(Protocol):
    """A connector whose records carry a mark that salespeople see. A mark is no part of the record and never an edit."""

    def read_in_run(self, kind: str) -> Collection[str]:
        """Return the ids of the records of a kind that were read or written since the connector was made."""

    def show(self, kind: str, wanted: Mapping[str, Shown], most: int) -> list[BryggaError]:
        """Let records show how they stand, at most so many; one that shows it already is not written.

        A refusal concerns its own record and is returned. Raises Unavailable and Unauthorised.
        """
