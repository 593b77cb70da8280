"""What the settings form offers of Mobigo: its time types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from brygga.clients.mobigo import Mobigo
from brygga.connectors.settings import Choice


def _time_types(client: Mobigo) -> Iterator[Choice]:
    for raw in client.time_types.records():
        if raw.get("active") is not False:
            yield Choice(str(raw.get("name") or ""), str(raw.get("articleNumber") or ""))


REGISTERS: Final[Mapping[str, Callable[[Mobigo], Iterable[Choice]]]] = {"time_types": _time_types}
