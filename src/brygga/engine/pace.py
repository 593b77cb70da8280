"""How often the engine looks, in seconds. Tests make it quick with BRYGGA_PACE="dispatch=0.2,silent=2"."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields

from brygga.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two looks.

    dispatch   at what is due
    poll       of a worker at its queue; times the threads it bounds the starts a second
    beat       of a worker's sign of life
    silent     without a sign of life after which a worker counts as dead; 15 beats
    settle     at runs that the engine has lost sight of
    retention  at what is old enough to go
    notify     at what people are to be told
    grace      that running work is given at a graceful stop
    """

    dispatch: float = 2.0
    poll: float = 0.25
    beat: float = 2.0
    silent: float = 30.0
    settle: float = 60.0
    retention: float = 3600.0
    notify: float = 30.0
    grace: float = 20.0


def current() -> Pace:
    """Read the pace from the environment. Raises SettingsError naming the part that is wrong."""
    values: dict[str, float] = {}
    known = [field.name for field in fields(Pace)]
    for part in filter(None, os.environ.get("BRYGGA_PACE", "").split(",")):
        name, _, seconds = part.partition("=")
        try:
            values[name.strip()] = float(seconds)
        except ValueError:
            values[name.strip()] = -1.0
        if name.strip() not in known or values[name.strip()] <= 0:
            raise SettingsError(
                "BRYGGA_PACE has the part {part}.", part=part, known=", ".join(known), repair="Use name=seconds of: {known}."
            )
    return Pace(**values)
