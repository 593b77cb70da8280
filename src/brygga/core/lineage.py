"""One document for each record: a sale that has an order is given no invoice as well because a setting was changed. Pure.

A record of a business system has the document that was made of it, or that it was made of, whatever kind that is. Another kind comes to it
only through Fortnox: an order that is made of its offer, an invoice that is made of its order. UPS-26, WEB-36, MOB-05, TXT-09.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from brygga.core.document import Document
from brygga.core.plan import Skip
from brygga.errors import Sentence

KINDS: Final = ("offer", "order", "invoice", "cash_invoice")
"""The kinds of document that one record of a business system can have."""
_NAMED: Final = {"offer_number": "offer", "order_number": "order", "invoice_number": "invoice"}


@dataclass(frozen=True, slots=True)
class Lineage:
    """That the records of a stream have one document each.

    rule  the row of the matrix by which their documents are of one kind
    of    the kinds that a document of this stream is made of: the order of an offer
    """

    rule: str
    of: frozenset[str] = frozenset()

    def others(self, kind: str) -> tuple[str, ...]:
        """Return the other kinds that a record of the stream can have a document of."""
        return tuple(one for one in KINDS if one != kind)


def relatives(document: Any) -> Iterator[tuple[str, str]]:
    """Yield kind and number of the documents that one of Fortnox was made of, or that were made of it; a credit is one by itself."""
    if not isinstance(document, Document) or document.kind == "credit_invoice" or document.credit_of:
        return
    for name, kind in _NAMED.items():
        number = getattr(document, name)
        if kind != document.kind and isinstance(number, str) and number.strip("0"):
            yield kind, number


def has_another(lineage: Lineage, kind: str, id: str, system: str, other: tuple[str, str]) -> Skip:
    """Return why a record is given no document of *kind*: it has *other*, kind and number."""
    facts = {"system": system, "id": id, "kind": kind, "has": other[0], "number": other[1]}
    sentence = (
        "{system} {id} has {has} {number} in Fortnox from before documents became another kind, so no {kind} is made of it, and changes are "
        "no longer carried between the two. When Fortnox makes a document of {has} {number}, that one belongs to it."
    )
    return Skip(Sentence(sentence, facts), lineage.rule)


def may_have_another(lineage: Lineage, kind: str, id: str, system: str, other: str) -> Skip:
    """Return why a record is given no document yet: whether one of the kind *other* was made of it is not known."""
    facts = {"system": system, "id": id, "kind": kind, "has": other}
    sentence = (
        "{system} {id}: whether {has} was made of it in Fortnox is not known yet, so no {kind} is made. It is looked at again."
    )
    return Skip(Sentence(sentence, facts), lineage.rule)


def belongs_to(lineage: Lineage, kind: str, number: str, relative: tuple[str, str], system: str, id: str, has: str) -> Skip:
    """Return why a document of Fortnox becomes no record: what it was made of belongs to one that has a document of its kind, or is gone."""
    facts = {"kind": kind, "number": number, "relative": relative[0], "from": relative[1], "system": system, "id": id, "has": has}
    sentence = (
        "{kind} {number} belongs together with {relative} {from}, which is {system} {id}; that one has {kind} {has} already."
        if has
        else "{kind} {number} belongs together with {relative} {from}, which is {system} {id}; that one is gone."
    )
    return Skip(Sentence(sentence, facts), lineage.rule)
