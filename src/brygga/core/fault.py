"""A fault of the program at one record holds that record, is logged once, and lets the others go.

What a system says wrongly is `BadData` and what it refuses is `Rejected`: they have their own sentences. This is for what nobody foresaw.
Source: our own promise (`docs/rules/repairs.md`): one record never stops the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from brygga.core.plan import Hold, held_by
from brygga.core.record import ABSENT, Record, Ref
from brygga.core.seen import Seen
from brygga.errors import BadData, Sentence

_log = logging.getLogger("brygga.fault")
FAULTS: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What a mistake in a map raises. A database that is away, a lease that was lost and an end of the process are none of these."""
REPAIR: Final = Sentence(
    "This is a fault of the hub and not of the record: report it, with the time. Until it is mended, make this one by hand in Fortnox, or "
    "correct what is unusual in the record. It is tried again by itself."
)
_MANY: Final = 1000
_logged: set[tuple[str, str, int]] = set()


def fault(error: Exception, called: str, values: Mapping[str, object] = {}) -> Hold:
    """Return what holds a record at which the program failed: what it is called, and the kind of fault. The log gets the rest, once."""
    named = next((str(values[name]) for name in ("name", "customer_name", "subject", "description") if _said(values.get(name))), "")
    record = f"{named} ({called})" if named and named != called else called
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    key = (record, type(error).__name__, place.tb_lineno if place else 0)
    if key not in _logged:
        if len(_logged) >= _MANY:
            _logged.clear()
        _logged.add(key)
        _log.error("the program failed at %s", record, exc_info=error)
    facts = {"record": record, "kind": type(error).__name__}
    return Hold(
        Sentence("The hub failed at {record} ({kind}). The others go on; the log of the worker says where.", facts), "", REPAIR
    )


def _said(value: object) -> bool:
    return value is not ABSENT and bool(value) and isinstance(value, str)


def read_alone(ref: Ref, empty: Record, rule: str, system: str, read: Callable[[], Seen]) -> Seen:
    """Return what *read* makes of one record of *system*; one that cannot be understood waits with the reason, and holds up no other.

    empty  stands for the record then; rule  the row of the matrix under which it waits
    """
    try:
        return read()
    except BadData as error:
        hold = held_by(error, rule, system)
    except FAULTS as error:
        hold = fault(error, f"{system} {ref.id}")
    return Seen(ref, empty, standing=hold, unfit=hold)
