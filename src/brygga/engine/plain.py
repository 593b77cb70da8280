"""What the engine stores: plain JSON, readable, and nothing that could hide a secret or need our code to be read."""

from __future__ import annotations

import json
from typing import Any

from dbos import Serializer


class PlainJson(Serializer):
    """Text, whole numbers, booleans, None, lists and objects of them. An exception is stored as its kind only.

    Everything else is refused: a record or a token in the engine's tables would be a mistake.
    """

    def name(self) -> str:
        return "brygga_plain_json"

    def serialize(self, data: Any) -> str:
        return json.dumps(_plain(data), ensure_ascii=False, separators=(",", ":"))

    def deserialize(self, serialized_data: str) -> Any:
        data = json.loads(serialized_data)
        if isinstance(data, dict) and data.get("$") == "error":
            return RuntimeError(data["kind"])
        if isinstance(data, dict) and set(data) == {"args", "kwargs"}:
            return {"args": tuple(data["args"]), "kwargs": data["kwargs"]}
        return data


def _plain(data: Any) -> Any:
    if data is None or isinstance(data, str | bool | int):
        return data
    if isinstance(data, list | tuple):
        return [_plain(item) for item in data]
    if isinstance(data, dict) and all(isinstance(name, str) for name in data):
        return {name: _plain(item) for name, item in data.items()}
    if isinstance(data, BaseException):
        # Its text may quote a record; the run's own row says what happened.
        return {"$": "error", "kind": type(data).__name__}
    raise TypeError(f"the engine stores ids and plain data, not a {type(data).__name__}")
