"""Who could be the same by name: at an address of either kind, by telephone, or as the only one called so on both sides. Pure.

It never links: a person is asked, and until then neither is made anew (accounting.md 8.4, rule 7, and the practice that a question costs
less than a customer with two cards). Asked last, of records that nothing else recognises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from brygga.core.countries import country_to_iso
from brygga.core.match import DOUBT, SCORES, Decision, Identity, compare, differ, postcode_key
from brygga.core.record import Value

PLACES: Final = ("invoice", "visiting", "delivery")
"""The kinds of address of a customer; which of them a system calls the first differs."""

_ALL: Final = frozenset({"address", "postcode", "phone", "name"})
_ASKED: Final[Mapping[str, frozenset[str]]] = {"name_postcode": _ALL, "name_address": frozenset({"address", "phone"})}
"""Key of `match.KEYS` -> what beside the name is looked at: of a shop's buyers neither the name alone nor the name in a town."""


def asked_by(keys: Sequence[str]) -> frozenset[str]:
    """Return what beside the name is looked at where records are recognised by these keys."""
    return frozenset[str]().union(*(_ASKED[key] for key in keys if key in _ASKED))


@dataclass(frozen=True, slots=True)
class Namesake:
    """A record of the other side with the same name; `linked` where it has a partner already."""

    id: str
    identity: Identity
    values: Mapping[str, Value]
    linked: bool


def alike(
    asked: frozenset[str],
    identity: Identity,
    values: Mapping[str, Value],
    namesakes: Sequence[Namesake],
    *,
    only: Callable[[], bool],
) -> Decision | None:
    """Return the question about one record among those of its name, by the strongest of what they share; None where nothing speaks for it.

    only  whether there is one record of that name on each side, and no more
    """
    possible = [one for one in namesakes if not differ(identity, one.identity) and not _other_vat(identity, one.identity)]
    if "name" not in asked:
        # A shop's buyer who orders for a company has the same telephone: the person and the company are two customers (U9).
        possible = [one for one in possible if not (identity.kind and one.identity.kind and identity.kind != one.identity.kind)]
    for key in (*(key for key in ("address", "postcode", "phone") if key in asked), *(("name",) if "name" in asked else ())):
        found = [one for one in possible if _shares(key, identity, values, one)]
        if not found or (key == "name" and not only()):
            continue
        words = dict.fromkeys((_SAID[key], *(compare(identity, found[0].identity) if len(found) == 1 else ())))
        score = min(SCORES[_KEY[key]], DOUBT)
        return Decision(
            "review", found[0].id if len(found) == 1 else None, _KEY[key], tuple(words), score, tuple(o.id for o in found)
        )
    return None


_KEY: Final = {"address": "name+address", "postcode": "name+postcode", "phone": "phone+name", "name": "name"}
_SAID: Final = {
    "address": "same name and address",
    "postcode": "same name and postcode",
    "phone": "same phone number",
    "name": "the only one of this name on both sides",
}


def _shares(key: str, identity: Identity, values: Mapping[str, Value], one: Namesake) -> bool:
    if key == "phone":
        return bool(identity.phone) and identity.phone == one.identity.phone
    if key == "name":
        return not one.linked
    mine, theirs = addresses(values), addresses(one.values)
    if key == "address":
        return bool(mine & theirs)
    return bool({postcode for _, postcode, _ in mine} & {postcode for _, postcode, _ in theirs})


def addresses(values: Mapping[str, Value]) -> frozenset[tuple[str, str, str]]:
    """Return street, postcode and city of each address that has all three, in the form in which they are compared."""
    found = set()
    for place in PLACES:
        street, postcode, city, country = (
            str(values.get(f"{place}_{part}") or "") for part in ("street", "postcode", "city", "country")
        )
        key = (_plain(street), postcode_key(postcode, country_to_iso(country) or ""), _plain(city))
        if all(key):
            found.add(key)
    return frozenset(found)


def _plain(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _other_vat(one: Identity, other: Identity) -> bool:
    return bool(one.vat_number and other.vat_number) and one.vat_number != other.vat_number
