"""What a system did not say. In a module of its own, as every record is made of it."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, TypeAlias


class Absent(Enum):
    """The type of `ABSENT`: the system said nothing of this field."""

    ABSENT = "absent"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT

Text: TypeAlias = str | Absent
