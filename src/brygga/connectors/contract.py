"""What every connector can do. `sync` knows only this; it never sees a client.

A connector is bound to one connection of one company. Its verbs: `check` the connection, read what `changed`, `get` one
record, `find` what carries our key after a doubtful write, `create` and `update`. Records are `core.record`'s; raw fields
never come above `map.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final, Literal, Protocol, TypeAlias

from brygga.connectors.settings import CARD_TERMS, Choice
from brygga.core.brake import Brake
from brygga.core.document import Article, Document
from brygga.core.lineage import Lineage
from brygga.core.plan import Hold, Remark
from brygga.core.planner import Rules
from brygga.core.policy import Holding, Side, as_typed
from brygga.core.record import Record, Ref, Value
from brygga.core.seen import Seen
from brygga.errors import BryggaError, Sentence

__all__ = [
    "FILE",
    "SEARCHED",
    "Attachment",
    "Books",
    "Capability",
    "Connector",
    "Creation",
    "Finding",
    "Mapped",
    "Need",
    "Printer",
    "Receipt",
    "Seen",
    "Stream",
    "Update",
]


@dataclass(frozen=True, slots=True)
class Creation:
    """A record to be made. `key` is what the other side will carry, so that `find` can say whether it happened."""

    key: str
    record: Record


FILE: Final = "attached"
"""The field of a record that says which file goes with it, by the SHA-256 of what is in it."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a record: its name for people, and its content."""

    name: str
    content: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Update:
    """Fields to be changed on one record: only these are sent. `before` is what the plan saw on that side.

    file  what `attached` names, where that is among the fields
    """

    ref: Ref
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    file: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A system's answer to one write: the record's address and, where the answer tells, what it holds now.

    remark  what a person should know of how it was done, such as öre that were written off
    before  the record as it was read right before it was changed: what differs beside our change is the system's own doing
    """

    ref: Ref
    seen: Seen | None = None
    request_id: str = ""
    remark: Remark | None = None
    before: Record | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """What one side can hold of one kind.

    fields      the fields it has; all others are never written to it
    limits      field -> greatest number of characters
    batch       how many creations one request takes
    spell       (field, text) -> the text in signs that it takes
    formerly    the same as earlier versions did, where that was otherwise
    row_fields  the fields of a row that it has; None: all
    steps       the fields that are written by themselves, after all others and in this order: states, and parts of a record
                that the system takes in calls of their own
    resumes     those of the steps that take several calls: after a crash in their middle they are carried on, not merged
    text_rows   whether a document of it can have rows of text
    decimals    how many it keeps of a row's quantity, price and discount; None: as many as it is given
    places      our field -> what it is called there, for all that is read or written; made of what `map.py` translates by
    ways        our field -> an English sentence on how the value is translated, where it is not simply copied
    needed      the fields that a record there cannot be without
    resets      our field -> the fields that the system sets anew by itself when it is written
    lacking     our field -> the place that the settings name and this installation does not have
    forgets     whether a record that it no longer has need not be deleted, as a file that was taken out of a folder
    """

    fields: frozenset[str]
    limits: Mapping[str, int] = field(default_factory=dict)
    batch: int = 1
    spell: Callable[[str, str], str] = as_typed
    row_fields: frozenset[str] | None = None
    steps: tuple[str, ...] = ()
    resumes: frozenset[str] = frozenset()
    text_rows: bool = True
    decimals: int | None = None
    formerly: Callable[[str, str], str] | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    ways: Mapping[str, str] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    resets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)
    forgets: bool = False

    def holding(self) -> Holding:
        """Return what the core needs to know of it."""
        return Holding(
            self.fields, self.limits, self.spell, self.row_fields, self.steps, self.text_rows, self.decimals, self.formerly
        )


@dataclass(frozen=True, slots=True)
class Need:
    """A record that must exist in Fortnox, and be active, before another can be made there: a customer, an article.

    hold  what is said of the record that waits for it
    make  the record to be made when it is missing, by its own number; None: it is waited for
    day   the day for which it has to be there: an account belongs to a financial year (accounting.md 1.1)
    """

    kind: str
    id: str
    hold: Hold
    make: Record | None = None
    day: date | None = None

    @property
    def asked(self) -> str:
        """Return what Fortnox is asked for: the id, with the day where it counts."""
        return self.id if self.day is None else f"{self.id} {self.day.isoformat()}"


Provided: TypeAlias = Literal["made", "activated", "there"]
"""What became of a record that a person had us make because others need it."""


def needs_nothing(record: Any) -> Iterable[Need]:
    """The record needs no other."""
    return ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the preflight. `exit_status` is that of the error behind it, 3 when the system is out of reach.

    account  whose account the connection leads to: a name and an organisation number
    licence  what is wrong is a licence that is missing, not a login
    offer    what the hub can do about it when a person says so: {"article": number, "name": its name}
    """

    level: Literal["ok", "warning", "error"]
    subject: str
    sentence: Sentence
    repair: Sentence | None = None
    exit_status: int = 1
    account: str = ""
    licence: bool = False
    offer: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """Where a stream's mapping comes from: the matrix for what is fixed, the settings for what a person chooses.

    sources    our field -> the row of the matrix that says so; "" for all others
    places     the setting that holds our field -> its place in the business system, for the fields in `placeable`
    owners     the setting that holds our field -> who owns it, for the fields in `ownable`
    links      the setting that holds a name of the business system -> our field, with the names and fields to choose among
    """

    sources: Mapping[str, str] = field(default_factory=dict)
    places: str = ""
    placeable: tuple[str, ...] = ()
    owners: str = ""
    ownable: tuple[str, ...] = ()
    links: str = ""
    linkable: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)

    def source(self, name: str) -> str:
        """Return the row of the matrix behind a field."""
        return self.sources.get(name) or self.sources.get(name.partition("_")[0] + "_*") or self.sources.get("", "")


def as_it_is(side: Side, record: Any) -> Any:
    """Return the record: what one system holds, the other can hold in the same words."""
    return record


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of record between a business system and Fortnox, with its rules as the connector states them.

    brake      the share of what is there that a plan may change
    fills      what is empty is filled in the course of its records, such as a document's number: only what replaces a value counts
    first_all  side -> whether everything that is there already is taken in at the first reading (WEB-25)
    whole      side -> for a side that cannot tell what changed, so that each reading reads all of it: up to so many linked
               records it is read in each of its runs, beyond that once a night, when a person asks, and before anything is made
    times      times of the day after which the left is read, by the first run of the clock; none: in each run. A person's run always reads
    refers     our field -> (field with the id in the record's own system, kind): what is translated by the links of that kind;
               a customer number of Fortnox on the left, the business system's customer on the right
    words      a record as its partner's system can hold it, where that takes more than leaving fields out (UPS-25)
    needs      a record of the left -> what must exist in Fortnox before it is made there
    accounted  (record, the articles of its rows in Fortnox, Fortnox' predefined accounts) -> the record with its rows' final accounts,
               or why it waits; None where Fortnox' registers have no say
    barred     why nothing is written yet, though plans are made: a person has to say yes first (UPS-02)
    after      the streams whose first sync has to be over before this one's (UPS-15)
    stays_out  sides whose records from before the first sync stay out for good, also when they are changed (ruling D7)
    swept      sides of which once a night is asked which linked records are gone, as their lists do not tell (UPS-16)
    watched    unread sides of which once a night is asked what became of the linked records, and of these alone
    anew       sides that are read through once more when the settings were changed, and once a night, as their lists do not tell every
               change: a price in a list that is not chosen beforehand (UPS-13, UPS-22)
    parting    side -> fields that are set on the record that stays when its partner on the other side is gone (UPS-16)
    prepare    makes in the business system what the stream needs there before anything is written, such as custom fields
    price_list the price list of Fortnox that the prices of articles are taken from; "" for the one chosen beforehand
    unread     sides that are not read through, as nothing of them goes over but what we made there ourselves
    then       the streams that are carried through after it, in this order, as parts of the same run
    from_card  what a document made in Fortnox takes from the customer's card there where it does not say it itself
    shows      the streams of documents whose records show how they stand with Fortnox, this one among them; none: not shown (`shows.Shows`)
    asked      the system asks before it saves one of its records: what the answer rests on is kept (UPS-23, ruling D6)
    saved      its records are read and judged by a run, and written only when a person saves them (OPT-27); `PaymentDesk`
    mapped     where its mapping of fields comes from, for people
    creations  how many records one run may make on a side unasked, and `kronor` what they may be worth together (`core.brake`)
    lineage    its records have one document each, whatever kind that is; None for records that are no documents
    propose_file_from   from so many new records of Fortnox on, the run says that a file is the better source (MOB-23)
    """

    name: str
    kind: str
    rules: Rules
    brake: float = 0.30
    first_all: Mapping[Side, bool] = field(default_factory=dict)
    whole: Mapping[Side, int] = field(default_factory=dict)
    times: tuple[time, ...] = ()
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    words: Callable[[Side, Any], Any] = as_it_is
    needs: Callable[[Any], Iterable[Need]] = needs_nothing
    accounted: Callable[[Any, Mapping[str, Article], Mapping[str, str]], Any] | None = None
    barred: Hold | None = None
    after: tuple[str, ...] = ()
    stays_out: frozenset[Side] = frozenset()
    swept: frozenset[Side] = frozenset()
    watched: frozenset[Side] = frozenset()
    anew: frozenset[Side] = frozenset()
    parting: Mapping[Side, Mapping[str, Value]] = field(default_factory=dict)
    price_list: str = ""
    from_card: frozenset[str] = frozenset(CARD_TERMS)
    prepare: Callable[[Any], None] = lambda connector: None
    unread: frozenset[Side] = frozenset()
    then: tuple[str, ...] = ()
    propose_file_from: int | None = None
    lineage: Lineage | None = None
    fills: bool = False
    creations: int = Brake().creations
    kronor: int = Brake().kronor
    saved: bool = False
    asked: bool = False
    shows: tuple[str, ...] = ()
    mapped: Mapped = Mapped()


SEARCHED: Final = frozenset({"articles"})
"""Registers that may hold tens of thousands: looked into with a text, never read whole for a form."""


class Connector(Protocol):
    """One connection's reader and writer. Every method may raise Unauthorised, Unavailable and BadData."""

    system: str

    def check(self) -> list[Finding]:
        """Try the connection, its licences and rights, and what the settings need; say it a row each."""

    def changed(self, kind: str, since: datetime | None) -> Iterator[Seen]:
        """Yield what changed at or after *since* (aware), page by page; everything that is there when it is None.

        Records may come twice. Broken records are yielded with a Hold as their standing, never dropped.
        """

    def get(self, kind: str, id: str) -> Seen | None:
        """Read one record completely; None when the system no longer has it."""

    def find(self, kind: str, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Return, by key, the records that carry exactly these keys and were made at or after *since*."""

    def create(self, kind: str, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Make the records (at most `batch`), one result each, in order; a Rejected concerns its own record only.

        Raises OutcomeUnknown when no answer came: any of them may have been made.
        """

    def update(self, kind: str, update: Update) -> Receipt:
        """Change only the given fields. Raises Stale when the record no longer holds `before`, and then writes nothing."""

    def capability(self, kind: str) -> Capability:
        """Say what this side can hold of *kind*."""

    def choices(self, register: str, text: str | None = None) -> list[Choice]:
        """Return what one of the system's registers holds, as a settings form offers it (`Source`), in its own order.

        A register of SEARCHED is too long for that: of it those that *text* fits, by number or name, and few. Raises
        SettingsError for a register that it does not know.
        """

    def close(self) -> None:
        """Let go of the connections to the system. Called once, when the run is over."""


class Books(Connector, Protocol):
    """Fortnox: the side that others' documents stand on."""

    def has(self, kind: str, ids: Collection[str]) -> set[str]:
        """Return those of *ids* that are there and active, with as few calls as it takes.

        Beside the kinds of records: "currency" by its code, "account" by its number, with a day in the financial year of that day
        ("3001 2026-11-20"), else in any; "open_day": a day, as 2026-11-20, or "today", that may be booked on; "financial_year": a day that
        lies in one; "account_rate": an account that stands for a rate, as "3002 12", and "vat_type": a customer with the VAT type that a document needs, as "12 EXPORT".
        """

    def provide(self, kind: str, id: str, values: Mapping[str, str]) -> Provided:
        """Make what others need and is missing (article, customer, currency, account), or make it active; never twice, by its number.

        Raises Rejected, Unavailable, Unauthorised, OutcomeUnknown.
        """

    def sie(self, year: int) -> bytes:
        """Return the books of a financial year (its id; 0: the current one) as SIE 4, as Fortnox wrote them."""

    def sell_by(self, price_list: str) -> None:
        """Take the prices of articles from this price list from now on."""

    def fill_from_card(self, fields: Collection[str]) -> None:
        """Take these of a new document from the customer's card from now on (`connectors.settings.from_card`)."""

    def articles(self, numbers: Collection[str], *, accounts: bool = False) -> Mapping[str, Article]:
        """Return the articles with these numbers, those that are there: name, unit, percent of VAT, accounts, price, whether active.

        The price is that of the list that is chosen beforehand, ABSENT where there is none. A number is asked for once in a run, and
        of more than a few the register is listed; then accounts are ABSENT, unless they are wanted: then each is asked for.
        """

    def completed(self, document: Document) -> Document:
        """Return a document with what it leaves to Fortnox' registers, as a plan is to show it, before it is made.

        A row with an article and without price, percent, unit or text gets the article's: the price of the document's or the customer's
        price list, the percent by the customer's kind of VAT. Every row gets an account that stands for its rate, where it has none.
        Freight and fee of the customer's card come along where the settings say so. Raises BadData for a row that cannot be
        completed: no quantity, no article, no price, no account for its rate.
        """

    def predefined(self) -> Mapping[str, str]:
        """Return Fortnox' predefined accounts, name -> number; "" for one that is not set (accounting.md 1.2). Read once in a run."""

    def files(self, kind: str, id: str) -> set[str]:
        """Return the SHA-256 of each file that goes with a document, as it is there now."""


class Printer(Connector, Protocol):
    """A business system whose documents have files of their own (OPT-01, OPT-03)."""

    def file(self, kind: str, id: str) -> Attachment | None:
        """Return the file of a document; None where there is none."""
