"""The identity link: these two refs are the same thing. Left is the business system, right is Fortnox."""

from __future__ import annotations

from dataclasses import dataclass

from brygga.core.record import Ref


@dataclass(frozen=True, slots=True)
class Link:
    """Says that the record `left` in a business system and the record `right` in Fortnox are one and the same."""

    left: Ref
    right: Ref

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"
