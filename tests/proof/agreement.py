"""What must hold of both systems and the hub whenever a random history has come to rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brygga.store.models import JournalEntry, LinkRow, Problem

if TYPE_CHECKING:
    from proof.simulation import Simulation

LABELS = {
    # what we call it: webCRM's label, Fortnox' field
    "name": ("Namn", "Name"),
    "phone": ("Telefon", "Phone1"),
    "website": ("Hemsida", "WWW"),
    "fax": ("Fax", "Fax"),
    "city": ("Fakturaort", "City"),
    "postcode": ("Fakturapostnr", "ZipCode"),
    "email": ("E-post", "Email"),
    "reference": ("Er referens", "YourReference"),
}


class Broken(AssertionError):
    """An invariant does not hold."""


def check(history: Simulation) -> None:
    """Look at both systems and at the hub. Raises Broken with everything that is wrong."""
    wrong: list[str] = []
    organisations, customers = history.organisations(), history.customers()
    covered = {(problem.side, problem.record_id): problem for problem in Problem.objects.exclude(state=Problem.State.SOLVED)}
    links = dict(LinkRow.objects.values_list("left_id", "right_id"))
    for uid in sorted({*organisations, *customers}):
        wrong += _check_one(history, uid, organisations.get(uid, []), customers.get(uid, []), covered, links)
    if left := JournalEntry.objects.filter(state=JournalEntry.State.BEGUN).count():
        wrong.append(f"{left} writes of the journal are open")
    if wrong:
        raise Broken("\n".join(wrong))


def _check_one(
    history: Simulation,
    uid: int,
    organisations: list[int],
    customers: list[str],
    covered: dict[tuple[str, str], Problem],
    links: dict[str, str],
) -> list[str]:
    if len(organisations) > 1 or len(customers) > 1:
        return [f"{uid} is doubled: organisations {organisations}, customers {customers}"]
    left = str(organisations[0]) if organisations else ""
    right = customers[0] if customers else ""
    stands = covered.get(("left", left)) or covered.get(("right", right))
    if not left or not right:
        # Gone on one side: its link stands until one of the two is read again (Fortnox' lists do not show deletions).
        partner_gone = left in links or right in links.values()
        return [] if stands or partner_gone else [f"{uid} is missing: organisation {left or '-'}, customer {right or '-'}"]
    if links.get(left) != right:
        return [] if stands else [f"{uid} is on both sides and not linked: {left}, {right}, link {links.get(left)}"]
    return [line for name in LABELS for line in _check_field(history, uid, name, left, right, covered)]


def _check_field(
    history: Simulation, uid: int, name: str, left: str, right: str, covered: dict[tuple[str, str], Problem]
) -> list[str]:
    label, fortnox_field = LABELS[name]
    here = _in_form(name, str(history.world.webcrm.organisation(int(left))[label] or ""))
    there = _in_form(name, str(history.world.customer(right)[fortnox_field] or ""))
    edits = history.edits.get((uid, name), {})
    last = {side: _in_form(name, edit.value) for side, edit in edits.items()}
    standing = covered.get(("left", left)) or covered.get(("right", right))
    said = f"{uid} {name}: webCRM {here!r}, Fortnox {there!r}, edited {last}"
    if here != there:
        return [] if standing else [f"{said}: a lost edit"]
    if not edits:
        return []
    if here not in last.values() and not standing:
        return [f"{said}: a value that nobody wrote last"]
    if len(edits) == 2 and not standing:
        one, two = edits["left"], edits["right"]
        together = one.runs == two.runs and one.sure and two.sure and one.owner == two.owner == history.owners.get(name, "webcrm")
        owner = _in_form(name, one.value if one.owner == "webcrm" else two.value)
        if together and here != owner:
            return [f"{said}: the owner {one.owner} was overruled"]
    return []


def _in_form(name: str, value: str) -> str:
    """Return a value without what its form adds: Fortnox is given a Swedish postcode as NNN NN (accounting.md 8.3)."""
    return value.replace(" ", "") if name == "postcode" else value
