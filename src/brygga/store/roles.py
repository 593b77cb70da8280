"""The three roles and their order: who may do a thing may do all that needs less."""

from __future__ import annotations

from brygga.store.models import Membership

RANKS = {Membership.Role.VIEWER: 1, Membership.Role.BOOKKEEPER: 2, Membership.Role.OWNER: 3}


def at_least(held: str | None, needed: str) -> bool:
    """Say whether somebody with the role *held* (None: none at all) may do what needs the role *needed*."""
    return held is not None and RANKS[Membership.Role(held)] >= RANKS[Membership.Role(needed)]
