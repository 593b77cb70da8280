"""Who is the same: the ordered rules of accounting.md 8.4, and an index that finds the few candidates a rule can speak of.

Precision before recall: a wrong link costs more than a question. Only numbers link, and an e-mail address between two private
persons of one name; two candidates with one organisation number link only when the postcode tells them apart.
Evidence names fields, never values: it is shown in lists and written to logs, and a sole trader's number is a personal number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, Literal, TypeAlias

from brygga.core.contact import name_key, normalise_email, normalise_phone, normalise_postcode
from brygga.core.countries import country_to_iso
from brygga.core.numbers import is_personal, organisation_number_in, parse_no_orgnr, parse_vat_number, se_ten
from brygga.core.record import Value

Verdict: TypeAlias = Literal["link", "review", "new", "conflict"]
Entry: TypeAlias = "tuple[str, Identity]"
"""A record's id and its identity."""

HOME: Final = "SE"
_UNCHECKED: Final = "?"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a record can be recognised by, each field in its normal form; "" where it is missing or no valid value.

    kind                 "company", "private" or ""
    organisation_number  ten digits (Sweden), NO and nine digits (Norway), or "?", country and text where no rule checks it
    vat_number           letters and number, as VIES takes it
    vat_organisation     the ten digits inside a Swedish VAT number
    name                 the name key; never a name to show
    article_number       an article's number as it is written: all that an article is recognised by
    document_number      a document's number in Fortnox' series, likewise
    """

    customer_number: str = ""
    kind: str = ""
    organisation_number: str = field(default="", repr=False)
    vat_number: str = field(default="", repr=False)
    vat_organisation: str = field(default="", repr=False)
    name: str = ""
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    postcode: str = ""
    article_number: str = ""
    document_number: str = ""

    @property
    def contradicts_itself(self) -> bool:
        """Whether the Swedish VAT number holds another organisation number than the record's own (rule 1)."""
        own = self.organisation_number
        return bool(self.vat_organisation and is_checked(own) and own != self.vat_organisation)

    @property
    def is_person(self) -> bool:
        """Whether the number is a person's: the same in a private customer and in a sole trader, who are two customers."""
        return len(self.organisation_number) == 10 and is_personal(self.organisation_number)


def identity_of(values: Mapping[str, Value]) -> Identity:
    """Return the identity of a customer's values (field of `Customer` -> value); absent and wrong values count as missing."""

    def text(name: str) -> str:
        value = values.get(name)
        return value.strip() if isinstance(value, str) else ""

    country = country_to_iso(text("invoice_country")) or ""
    vat = parse_vat_number(text("vat_number"), country or HOME)
    return Identity(
        customer_number=text("number"),
        kind=text("kind"),
        organisation_number=_number_key(text("organisation_number"), country),
        vat_number=vat.compact or "",
        vat_organisation=organisation_number_in(vat.compact),
        name=name_key(text("name")) or "",
        email=normalise_email(text("email")).value or "",
        phone=normalise_phone(text("phone"), country or HOME) or "",
        postcode=postcode_key(text("invoice_postcode"), country),
    )


def identity_of_article(values: Mapping[str, Value]) -> Identity:
    """Return the identity of an article's values: its number, sign for sign. Names of articles say nothing."""
    number = values.get("number")
    return Identity(article_number=number.strip() if isinstance(number, str) else "")


def identity_of_document(values: Mapping[str, Value]) -> Identity:
    """Return the identity of a document: its number in Fortnox, sign for sign. A likeness of documents says nothing (DESIGN 5)."""
    number = values.get("number")
    return Identity(document_number=number.strip() if isinstance(number, str) else "")


def _number_key(text: str, country: str) -> str:
    """Return the organisation number to compare by; a number of a country without a rule is marked as not checked."""
    if country in ("", HOME) and (ten := se_ten(text)):
        return ten
    if country in ("", "NO"):
        nine = parse_no_orgnr(text).compact
        return f"NO{nine}" if nine else ""
    squeezed = "".join(letter for letter in text.upper() if letter.isalnum())
    return f"{_UNCHECKED}{country}{squeezed}" if country != HOME and squeezed.strip("0") else ""


def is_checked(number: str) -> bool:
    """Say whether an organisation number of an `Identity` is one that a rule checks."""
    return bool(number) and not number.startswith(_UNCHECKED)


def postcode_key(text: str, country: str) -> str:
    """Return the form in which a postcode is compared, "" for none; a country of "" is not told."""
    normal = normalise_postcode(text, country or HOME)
    if normal is None and not country:
        normal = text
    return "".join((normal or "").upper().split())


def differ(one: Identity, other: Identity) -> bool:
    """Whether both have a valid organisation number, and not the same: they are two (rule 5)."""
    mine, theirs = one.organisation_number, other.organisation_number
    return mine != theirs and is_checked(mine) and is_checked(theirs)


def _two_in_one(one: Identity, other: Identity) -> bool:
    """Whether one is the person and the other the sole trader of the same number, who are two customers (8.4)."""
    same = one.organisation_number == other.organisation_number
    return same and one.is_person and bool(one.kind and other.kind) and one.kind != other.kind


def _certain(one: Identity, other: Identity) -> bool:
    """Whether the number that two share says who they are: one that a rule checks, and not a person's and a trader's."""
    number = one.organisation_number
    return not _two_in_one(one, other) and (is_checked(number) or number != other.organisation_number)


SCORES: Final = {
    "article_number": 100,
    "document_number": 100,
    "customer_number": 100,
    "orgnr": 98,
    "vat": 96,
    "orgnr+postcode": 94,
    "vat+postcode": 92,
    "email+name": 90,
    "phone+name+postcode": 60,
    "email": 40,
    "name+address": 50,
    "phone+name": 35,
    "name+postcode": 30,
    "name": 20,
}
RECOGNISED: Final = (
    "number", "kind", "organisation_number", "vat_number", "name", "email", "phone", "invoice_postcode", "invoice_country",
)  # fmt: skip
"""The fields that `identity_of` looks at: a base keeps them, also where nothing of them goes over, so that a customer is known again."""
DOUBT: Final = 70
"""The most that a number can count when it does not decide."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say of one record.

    candidate   the one record it is, or could be; None when there is none, or several
    key         the key that decided, None for a new record
    evidence    what speaks for and against, in words without values
    score       0 to 100: 0 for new records and conflicts; how much the key says otherwise
    candidates  every record in question
    """

    kind: Verdict
    candidate: str | None = None
    key: str | None = None
    evidence: tuple[str, ...] = ()
    score: int = 0
    candidates: tuple[str, ...] = ()


NEW: Final = Decision("new")
KEYS: Final = ("number", "organisation_number", "vat_number", "email", "name_postcode")
"""By what a customer can be recognised, in the order of accounting.md 8.4."""
BUYER_KEYS: Final = ("number", "organisation_number", "vat_number", "email_name", "name_address")
"""By what the buyer of a shop is recognised: as KEYS, but an address of e-mail alone says nothing, as families and offices share one."""
ARTICLE_KEYS: Final = ("article_number",)
"""By what an article can be recognised."""
DOCUMENT_KEYS: Final = ("document_number",)
"""By what a document can be recognised: never by likeness."""

_COMPARED: Final = (
    ("article_number", "article number"),
    ("document_number", "document number"),
    ("customer_number", "customer number"),
    ("organisation_number", "organisation number"),
    ("vat_number", "VAT number"),
    ("kind", "kind of customer"),
    ("name", "name"),
    ("email", "e-mail address"),
    ("phone", "phone number"),
    ("postcode", "postcode"),
)
_to_compare: Final = attrgetter(*(attribute for attribute, _ in _COMPARED))


def compare(one: Identity, other: Identity) -> tuple[str, ...]:
    """Return what two identities say together, as "same postcode" or "other name"; fields that one lacks say nothing."""
    said = []
    for (_, words), mine, theirs in zip(_COMPARED, _to_compare(one), _to_compare(other), strict=True):
        if mine and theirs:
            said.append(f"{'same' if mine == theirs else 'other'} {words}")
    return tuple(said)


def _decision(kind: Verdict, key: str, record: Identity, entries: Sequence[Entry], *why: str) -> Decision:
    if len(entries) == 1:
        evidence = tuple(dict.fromkeys((*why, *compare(record, entries[0][1]))))
    else:
        evidence = (*why, "several records are in question") if entries else why
    score = SCORES[key] if kind == "link" else min(SCORES[key], DOUBT) if kind == "review" else 0
    candidate = entries[0][0] if len(entries) == 1 else None
    return Decision(kind, candidate, key, evidence, score, tuple(id for id, _ in entries))


_INDEXED: Final = (
    "article_number", "document_number", "customer_number", "organisation_number", "vat_number", "vat_organisation", "email",
)  # fmt: skip
_indexed: Final = attrgetter(*_INDEXED)


class Index:
    """Candidates by the keys that the rules ask for, so that a record meets only the few that share one with it.

    The decision is the same as with all candidates looked through; the order of the candidates is kept.

    keys   the rules that are asked, in this order; by a key that is left out nothing is recognised
    joins  whether several records of one register may be one customer, so that `same_number` tells those that certainly are
    """

    def __init__(self, entries: Iterable[Entry] = (), keys: Sequence[str] = KEYS, *, joins: bool = False) -> None:
        self._by: dict[str, dict[str, list[Entry]]] = {name: {} for name in (*_INDEXED, "name")}
        rules: Mapping[str, tuple[Callable[[Identity], Decision | None], ...]] = {
            "number": (self._by_customer_number,),
            "organisation_number": (self._by_organisation_number,),
            "vat_number": (self._by_vat_number, self._by_number_in_other_field),
            "email": (self._by_email,),
            "email_name": (self._by_email_and_name,),
            "name_postcode": (self._by_name,),
            # Asked last of all, with both sides at hand: `core.alike`.
            "name_address": (),
            "article_number": (self._by_article_number,),
            "document_number": (self._by_document_number,),
        }
        self._joins = joins
        self._rules = (self._contradiction, *(rule for key in keys for rule in rules[key]))
        for id, identity in entries:
            self.add(id, identity)

    def add(self, id: str, identity: Identity) -> None:
        """Add one candidate."""
        for buckets, key in zip(self._by.values(), (*_indexed(identity), place_of(identity)), strict=True):
            if key:
                buckets.setdefault(key, []).append((id, identity))

    def sharing(self, record: Identity) -> Iterator[str]:
        """Yield the ids whose decisions a record can bear upon, as they share a key with it; one may come twice."""
        number, inside = record.organisation_number, record.vat_organisation
        for name, key in (
            ("article_number", record.article_number),
            ("document_number", record.document_number),
            ("customer_number", record.customer_number),
            ("organisation_number", number),
            ("organisation_number", inside),
            ("vat_organisation", number),
            ("vat_number", record.vat_number),
            ("email", record.email),
            ("name", place_of(record)),
        ):
            # Each record that is read passes here, and few of its keys are shared.
            if key and (entries := self._by[name].get(key)):
                for id, _ in entries:
                    yield id

    def same_number(self, record: Identity) -> list[str]:
        """Return the ids with the same organisation or VAT number, which a record of the same register should not have.

        Where several may be one customer: those that certainly are, by customer number, e-mail and name as well.
        """
        found = self._with_number(record)
        if self._joins:
            numbered = [entry for entry in self._with("customer_number", record.customer_number) if not differ(record, entry[1])]
            found = [*(entry for entry in found if _certain(record, entry[1])), *numbered, *self._same_person(record)]
        return list(dict.fromkeys(id for id, _ in found))

    def perhaps_the_same(self, record: Identity) -> list[str]:
        """Return the ids that share a number in a way that proves nothing: inside a VAT number, or one that no rule checks."""
        found = self._numbers_inside(record)
        if self._joins:
            found += [entry for entry in self._with_number(record) if not _certain(record, entry[1])]
        return list(dict.fromkeys(id for id, _ in found)) if found else []

    def _with_number(self, record: Identity) -> list[Entry]:
        found = (*self._with("organisation_number", record.organisation_number), *self._with("vat_number", record.vat_number))
        return [entry for entry in found if not differ(record, entry[1])]

    def decide(self, record: Identity) -> Decision:
        """Return what the ordered rules of 8.4 say of a record; the first that applies decides."""
        for rule in self._rules:
            decision = rule(record)
            if decision is not None:
                return decision
        return NEW

    def _with(self, name: str, key: str) -> Sequence[Entry]:
        return self._by[name].get(key, ()) if key else ()

    def _contradiction(self, record: Identity) -> Decision | None:
        """Rule 1."""
        if not record.contradicts_itself:
            return None
        entries = self._with("organisation_number", record.organisation_number)
        return _decision("conflict", "orgnr", record, entries, "the VAT number holds another organisation number")

    def _by_customer_number(self, record: Identity) -> Decision | None:
        """Rule 2."""
        entries = self._with("customer_number", record.customer_number)
        if not entries:
            return None
        if len(entries) > 1:
            return _decision("review", "customer_number", record, entries, "same customer number")
        entry = entries[0]
        if differ(record, entry[1]):
            return _decision("conflict", "customer_number", record, entries)
        if is_checked(record.organisation_number):
            others = [other for other in self._with("organisation_number", record.organisation_number) if other[0] != entry[0]]
            if others:
                why = "the customer number and the organisation number lead to different records"
                return _decision("conflict", "customer_number", record, [entry, *others], why)
        return self._link("customer_number", record, entry)

    def _by_organisation_number(self, record: Identity) -> Decision | None:
        """Rule 3. A number that no rule checks, and one shared by a private customer and a trader, is a question."""
        entries = self._with("organisation_number", record.organisation_number)
        if not entries:
            return None
        told_apart = _at_postcode(record, entries)
        if len(entries) > 1 and len(told_apart) != 1:
            return _decision("review", "orgnr", record, entries, "same organisation number")
        key, entry = ("orgnr", entries[0]) if len(entries) == 1 else ("orgnr+postcode", told_apart[0])
        if not is_checked(record.organisation_number):
            return _decision("review", key, record, [entry], "the organisation number cannot be checked")
        if _two_in_one(record, entry[1]):
            return _decision("review", key, record, [entry], "a person can be private customer and sole trader, which are two")
        return self._link(key, record, entry)

    def _by_vat_number(self, record: Identity) -> Decision | None:
        """Rule 4."""
        entries = self._with("vat_number", record.vat_number)
        if not entries:
            return None
        others = [entry for entry in entries if differ(record, entry[1])]
        if len(others) == len(entries):
            return _decision("conflict", "vat", record, entries)
        if len(entries) == 1:
            return self._link("vat", record, entries[0])
        told_apart = _at_postcode(record, entries)
        if len(told_apart) == 1 and not others:
            return self._link("vat+postcode", record, told_apart[0])
        return _decision("review", "vat", record, entries, "same VAT number")

    def _by_number_in_other_field(self, record: Identity) -> Decision | None:
        """One has the number as organisation number, the other only inside its VAT number: a hint, since groups share those."""
        possible = self._numbers_inside(record)
        if not possible:
            return None
        return _decision("review", "vat", record, possible, "the organisation number is in the other's VAT number")

    def _numbers_inside(self, record: Identity) -> list[Entry]:
        entries = [
            *self._with("organisation_number", record.vat_organisation),
            *self._with("vat_organisation", record.organisation_number),
        ]
        return [entry for entry in entries if not differ(record, entry[1])]

    def _by_email(self, record: Identity) -> Decision | None:
        """Rules 5 and 6."""
        possible = [entry for entry in self._with("email", record.email) if not differ(record, entry[1])]
        if not possible:
            return None
        same = self._same_person(record)
        if len(same) == 1:
            return self._link("email+name", record, same[0])
        return _decision("review", "email", record, possible, "same e-mail address")

    def _by_email_and_name(self, record: Identity) -> Decision | None:
        """Rule 6 without its last words: another name at the same address is another buyer, and nobody is asked."""
        same = self._same_person(record)
        if not same:
            return None
        if len(same) == 1:
            return self._link("email+name", record, same[0])
        return _decision("review", "email+name", record, same, "same e-mail address")

    def _same_person(self, record: Identity) -> list[Entry]:
        """Return the private persons with the e-mail address and the name of one, who is private too."""
        if record.kind != "private" or not record.name:
            return []
        mailbox = self._with("email", record.email)
        return [
            entry
            for entry in mailbox
            if entry[1].kind == "private" and entry[1].name == record.name and not differ(record, entry[1])
        ]

    def _by_name(self, record: Identity) -> Decision | None:
        """Rules 5 and 7."""
        possible = [entry for entry in self._with("name", place_of(record)) if not differ(record, entry[1])]
        if not possible:
            return None
        called = [entry for entry in possible if record.phone and entry[1].phone == record.phone]
        if called:
            return _decision("review", "phone+name+postcode", record, called)
        return _decision("review", "name+postcode", record, possible)

    def _by_article_number(self, record: Identity) -> Decision | None:
        """One with the number is the article; several are a question, as a register may allow a number twice (WEB-32)."""
        entries = self._with("article_number", record.article_number)
        if not entries:
            return None
        return _decision("link" if len(entries) == 1 else "review", "article_number", record, entries, "same article number")

    def _by_document_number(self, record: Identity) -> Decision | None:
        """One with the number is the document; several are a question."""
        entries = self._with("document_number", record.document_number)
        if not entries:
            return None
        return _decision("link" if len(entries) == 1 else "review", "document_number", record, entries, "same document number")

    @staticmethod
    def _link(key: str, record: Identity, entry: Entry) -> Decision:
        """Link, unless the candidate contradicts itself (rule 1 holds for both sides)."""
        if entry[1].contradicts_itself:
            return _decision("conflict", key, record, [entry], "the candidate's VAT number holds another organisation number")
        return _decision("link", key, record, [entry])


def match(record: Identity, candidates: Iterable[Entry]) -> Decision:
    """Return what the rules say of one record among candidates. For many records make one `Index`."""
    return Index(candidates).decide(record)


def place_of(identity: Identity) -> str:
    """Return name and postcode as one key, "" where one of them is missing."""
    return f"{identity.name}|{identity.postcode}" if identity.name and identity.postcode else ""


def _at_postcode(record: Identity, entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if record.postcode and entry[1].postcode == record.postcode]
