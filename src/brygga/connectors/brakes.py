"""What every integration can set of its brake, beside the share of each connector's own table (`core.brake`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from brygga.connectors import settings as table
from brygga.connectors.contract import Stream
from brygga.connectors.settings import Setting, Wrong
from brygga.core.brake import Brake


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Wrong(f"“{value}” is no whole number of 1 or more")
    return value


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "brake_creations",
        "Broms, nya poster",
        "A sync that would make more new records than this on one side stops before it writes. A first sync that was forecast and "
        "approved is not counted.",
        Brake().creations,
        "a whole number of 1 or more",
        _whole,
    ),
    Setting(
        "brake_kronor",
        "Broms, kronor",
        "A sync whose new documents on one side are worth more than this together stops before it writes. A first sync that was forecast "
        "and approved is not counted.",
        Brake().kronor,
        "a whole number of kronor, 1 or more",
        _whole,
    ),
)
"""In the file, on the settings page and in `brygga apply --explain` of every business system."""

KEYS = frozenset(setting.key for setting in SETTINGS)


def split(given: Mapping[str, object], place: str) -> dict[str, object]:
    """Return what is a connector's own of the settings; the brake's are checked. Raises SettingsError."""
    table.read(SETTINGS, _ours(given), place)
    return {key: value for key, value in given.items() if key not in KEYS}


def limit(stream: Stream, given: Mapping[str, object]) -> Stream:
    """Return a stream with the limits that these settings of its integration name."""
    values = table.read(SETTINGS, _ours(given))
    return replace(stream, creations=values["brake_creations"], kronor=values["brake_kronor"])


def _ours(given: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in given.items() if key in KEYS}
