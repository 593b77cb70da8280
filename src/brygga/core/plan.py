"""A plan is data: what would be done, held, skipped or asked, each able to say itself. The brake stops one too big."""

from __future__ import annotations

from dataclasses import dataclass

from brygga.errors import Sentence


@dataclass(frozen=True, slots=True)
class Skip:
    """A rule says no. `rule` is the id of its row in the matrix."""

    sentence: Sentence
    rule: str


@dataclass(frozen=True, slots=True)
class Hold:
    """It cannot go yet; it is looked at again in each run. `repair` says what the person can do."""

    sentence: Sentence
    rule: str = ""
    repair: Sentence | None = None
