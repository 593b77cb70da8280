"""Faults on demand: what a network and a tired server do to a program, one call at a time.

A fault is armed with a match (method and path patterns, tenant) and a dose (how many times, or a probability with a
seed). The server asks `Faults.strike(request)` once for each call of the imitated API; calls to the admin address and
calls that match nothing pass. Kinds:

=====================  ================================================================================================
lost_request           the connection closes before anything was done
lost_answer            the call is carried out and committed, then the connection closes without an answer
error_before           an answer with `status` (500, 502, 503 ...), nothing was done
error_after            the call is carried out and committed, then answered with `status`
rate_limit             429; `retry_after` seconds go into the header Retry-After, none when it is not given
slow                   the call is carried out, the answer comes after `seconds`
cut_body               the call is carried out, half of the answer's body comes, then the connection closes
html                   the call is carried out, the answer is a web page with `status` (default 200) instead of data
hide                   what the call writes shows in lists only after `seconds` (reading the record itself shows it)
revoke_tokens          before the call every token of the tenant is withdrawn
expire_access_tokens   before the call the access tokens of the tenant run out; refresh tokens stay
refresh_race           the call's refresh token counts as in flight twice: a used one is taken again, and only the
                       tokens issued last work afterwards
event_lost             an event is never sent; its method is EVENT and its path `/topics-v1/{topic}`
event_twice            an event is sent twice; matched the same way
=====================  ================================================================================================
"""

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = (
    "lost_request",
    "lost_answer",
    "error_before",
    "error_after",
    "rate_limit",
    "slow",
    "cut_body",
    "html",
    "hide",
    "revoke_tokens",
    "expire_access_tokens",
    "refresh_race",
    "event_lost",
    "event_twice",
)


@dataclass
class Fault:
    """One armed fault.

    `method` and `path` are regular expressions that must match the whole method and the whole path (without query);
    `tenant` is compared as text. `skip` calls pass before the first strike. `times` is how often it strikes, None means
    for ever. With `probability` each matching call is decided by a generator started from `seed`.
    """

    kind: str
    method: str = ".*"
    path: str = ".*"
    tenant: str | None = None
    times: int | None = 1
    skip: int = 0
    probability: float | None = None
    seed: int = 0
    status: int | None = None
    seconds: float = 1.0
    retry_after: int | None = None
    struck: int = 0
    number: int = 0
    _random: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}; known: {', '.join(KINDS)}")
        re.compile(self.method)
        re.compile(self.path)
        self._random = random.Random(self.seed)

    @property
    def spent(self) -> bool:
        """Tell whether the fault has struck as often as it was told to."""
        return self.times is not None and self.struck >= self.times

    def matches(self, method: str, path: str, tenant: str | None) -> bool:
        """Tell whether the call is one that the fault is meant for."""
        if self.tenant is not None and self.tenant != str(tenant):
            return False
        return bool(re.fullmatch(self.method, method) and re.fullmatch(self.path, path))

    def strikes(self) -> bool:
        """Decide for one matching call, and count it."""
        if self.spent:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.probability is not None and self._random.random() >= self.probability:
            return False
        self.struck += 1
        return True

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as the admin address shows it."""
        shown = asdict(self)
        shown.pop("_random")
        return shown


class Faults:
    """The armed faults of one system."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._next = 1

    def arm(self, kind: str, **match_and_dose: Any) -> Fault:
        """Arm a fault; the fields of `Fault` are the keyword arguments.

        Raises ValueError for an unknown kind or a broken pattern, TypeError for an unknown field.
        """
        fault = Fault(kind, **match_and_dose)
        fault.number = self._next
        self._next += 1
        self._armed.append(fault)
        return fault

    def arm_from(self, wish: Mapping[str, Any]) -> Fault:
        """Arm a fault from JSON. Raises ValueError for anything that is not a fault."""
        try:
            fields = {str(name): value for name, value in wish.items() if name not in ("struck", "number", "_random")}
            return self.arm(**fields)
        except (TypeError, re.error) as error:
            raise ValueError(f"not a fault: {error}") from error

    def strike(self, method: str, path: str, tenant: str | None) -> list[Fault]:
        """Return the faults that strike this call, in the order they were armed."""
        return [fault for fault in self._armed if fault.matches(method, path, tenant) and fault.strikes()]

    def listed(self) -> list[dict[str, Any]]:
        """Return every fault that was armed and not cleared, spent ones too, with how often it struck."""
        return [fault.as_dict() for fault in self._armed]

    def clear(self) -> None:
        """Disarm all."""
        self._armed.clear()


def first(faults: Iterable[Fault], *kinds: str) -> Fault | None:
    """Return the first of the faults that is of one of the kinds."""
    return next((fault for fault in faults if fault.kind in kinds), None)
