"""What can go wrong, ordered by what happens next.

    BryggaError
    ├── SettingsError     a person changes a setting, the file or the command       exit 2
    ├── Unauthorised      a person connects again; the stream waits                 exit 3
    ├── Unavailable       again later, by itself (429, 5xx, no connection)          exit 3
    ├── OutcomeUnknown    look before repeating: the write may have happened        exit 1
    ├── Rejected          the system said no; the same request will fail again      exit 1
    ├── Stale             the record is no longer as the plan saw it: plan again    exit 1
    ├── BadData           the system sent what its documents do not describe        exit 1
    └── UnsafePlan        a person looks before anything is written                 exit 4

Every error is a sentence with facts in it, so that it can be said in another language: `template` is the English text with
named places, `facts` fill them, `repair` is the same for what the person can do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, Literal

_OWN_IDS = re.compile(r"\b(guest|order):(?=\S)")


def in_plain_words(fact: str) -> str:
    """Return a fact as people know it: our own id of a buyer without a register, "guest:liv@dahl.example", is their address to them."""
    return _OWN_IDS.sub(lambda found: "" if found[1] == "guest" else f"{found[1]} ", fact) if ":" in fact else fact


@dataclass(frozen=True)
class Sentence:
    """One sentence for a person: an English template with named places (the key of its translations) and the facts."""

    template: str
    facts: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format_map({name: in_plain_words(fact) for name, fact in self.facts.items()})

    def as_json(self) -> dict[str, object]:
        return {"template": self.template, "facts": self.facts, "text": str(self)}


class BryggaError(Exception):
    """What happened (`template` with `facts`), what to do about it (`repair`), and the matrix row that decided (`rule`).

    connection  the id of the connection whose system raised it; None for what no system said
    whole       whether a no concerns the record and no value of it: then none of its fields is tried by itself
    """

    exit_status: ClassVar[int] = 1
    connection: int | None = None
    whole: bool = False

    def __init__(self, template: str, *, repair: str = "", rule: str | None = None, **facts: object) -> None:
        self.facts = {name: str(value) for name, value in facts.items()}
        self.sentence = Sentence(template, self.facts)
        self.repair = Sentence(repair, self.facts) if repair else None
        self.rule = rule
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.sentence} {self.repair}" if self.repair else str(self.sentence)


class SettingsError(BryggaError):
    """A setting, the file or the command is wrong. Names the place and the allowed values."""

    exit_status = 2


class NoSuchRecord(SettingsError):
    """A record that a person named is in no system. Nothing was done."""


class Unauthorised(BryggaError):
    """The system does not let us in: token revoked, licence or scope missing. A person connects again.

    lacks  what is missing: "login" where nothing works any more, "licence" of the integration as a whole, "right" to this one register
    """

    exit_status = 3

    def __init__(
        self,
        template: str,
        *,
        repair: str = "",
        rule: str | None = None,
        lacks: Literal["login", "licence", "right"] = "login",
        **facts: object,
    ) -> None:
        super().__init__(template, repair=repair, rule=rule, **facts)
        self.lacks = lacks


class Unavailable(BryggaError):
    """The system cannot be reached or is busy; nothing was carried out. `retry_after` in seconds, where the system said.

    busy  it is there and answers, and takes no more just now
    """

    exit_status = 3

    def __init__(
        self,
        template: str,
        *,
        repair: str = "",
        rule: str | None = None,
        retry_after: float | None = None,
        busy: bool = False,
        **facts: object,
    ) -> None:
        super().__init__(template, repair=repair, rule=rule, **facts)
        self.retry_after = retry_after
        self.busy = busy


class OutcomeUnknown(BryggaError):
    """A write left and no answer came: it may or may not have happened. Look before repeating."""


class Rejected(BryggaError):
    """The system said no, and will say no again. `code` and `request_id` are the system's own, where it gives them."""

    def __init__(
        self,
        template: str,
        *,
        repair: str = "",
        code: str = "",
        request_id: str = "",
        rule: str | None = None,
        **facts: object,
    ) -> None:
        super().__init__(template, repair=repair, rule=rule, code=code, request_id=request_id, **facts)
        self.code = code
        self.request_id = request_id


class NotFound(Rejected):
    """The system does not have the record that was asked for."""

    whole = True


class Stale(BryggaError):
    """A record no longer holds what the plan saw. Nothing was written; plan again."""


class BadData(BryggaError):
    """The system sent what its documents do not describe (HTML, a cut body, a missing field). The record is held."""


class UnsafePlan(BryggaError):
    """The plan would change too much; a person looks first. Nothing was written."""

    exit_status = 4
