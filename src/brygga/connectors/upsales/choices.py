"""What the settings form offers of an Upsales account: its stages and its users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from brygga.clients.upsales import Upsales
from brygga.connectors.settings import Choice
from brygga.connectors.verbs import by_name


def _stages(client: Upsales) -> Iterator[Choice]:
    return by_name((str(raw["id"]), str(raw.get("name") or ""), f"{raw.get('probability')} %") for raw in client.stages.all())


def _users(client: Upsales) -> Iterator[Choice]:
    """Yield the active users, who may be named by id, name or e-mail address (UPS-08)."""
    rows = [raw for raw in client.users.all() if raw.get("active") in (1, True)]
    mail = {str(raw["id"]): str(raw.get("email") or "") for raw in rows}
    for choice in by_name((id, str(raw.get("name") or ""), mail[id]) for raw in rows for id in [str(raw["id"])]):
        address = mail[choice.also[0] if choice.also else choice.value]
        yield Choice(choice.value, choice.name, (*choice.also, *filter(None, [address])))


REGISTERS: Final[Mapping[str, Callable[[Upsales], Iterable[Choice]]]] = {"stages": _stages, "users": _users}
