"""Records of one register that could be one and the same (accounting.md 8.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from brygga.core.match import DOUBT, SCORES, Entry, Identity, is_checked, place_of


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Records of one register that could be one and the same, by the key that they share."""

    key: str
    ids: tuple[str, ...]
    score: int


_TWIN_KEYS: Final[tuple[tuple[str, Callable[[Identity], str]], ...]] = (
    ("customer_number", lambda one: one.customer_number),
    ("orgnr", lambda one: one.organisation_number),
    ("vat", lambda one: one.vat_number),
    ("email+name", lambda one: f"{one.email}|{one.name}" if one.email and one.name and one.kind == "private" else ""),
    ("phone+name+postcode", lambda one: f"{one.phone}|{place_of(one)}" if one.phone and place_of(one) else ""),
    ("name+postcode", place_of),
)


def duplicates(records: Iterable[Entry]) -> tuple[Duplicates, ...]:
    """Return groups of records within one register that share a key, strongest key first; each group once.

    Records with different valid organisation numbers are no duplicates of each other, so a group that only the same name,
    address or VAT number holds together needs a member without a number.
    """
    entries = list(records)
    found: list[Duplicates] = []
    groups_of: dict[str, list[frozenset[str]]] = {}
    for key, key_of in _TWIN_KEYS:
        buckets: dict[str, list[Entry]] = {}
        for entry in entries:
            if value := key_of(entry[1]):
                buckets.setdefault(value, []).append(entry)
        for bucket in buckets.values():
            ids = frozenset(id for id, _ in bucket)
            if len(ids) < 2 or not _could_be_one(key, bucket) or any(ids <= group for group in groups_of.get(bucket[0][0], ())):
                continue
            found.append(Duplicates(key, tuple(id for id, _ in bucket), min(SCORES[key], DOUBT)))
            for id in ids:
                groups_of.setdefault(id, []).append(ids)
    return tuple(found)


def _could_be_one(key: str, bucket: Sequence[Entry]) -> bool:
    if key == "customer_number":
        return True
    numbers = [one.organisation_number for _, one in bucket]
    return len(set(numbers)) == 1 or not all(is_checked(number) for number in numbers)
