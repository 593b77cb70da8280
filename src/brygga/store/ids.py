"""Ids that sort by time: 26 characters, 48 bits of milliseconds and 80 more bits (the layout and alphabet known as ULID)."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Return an id that sorts after every earlier one of this process, and by time among processes."""
    global _last
    with _lock:
        _last = max(_last + 1, (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80))
        return _text(_last)


def slot_id(at: datetime, *subject: object) -> str:
    """Return the id of what is due for *subject* at the time *at*: always the same one, and sorted by that time."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in subject).encode()).digest()
    return _text((int(at.timestamp() * 1000) << 80) | int.from_bytes(digest[:10], "big"))


def _text(number: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
