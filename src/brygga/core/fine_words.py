"""What people are told of rows with numbers that are too fine for Fortnox: which number, and what can be written instead. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from brygga.core.absent import ABSENT
from brygga.core.document import Row
from brygga.core.fine import Fine, left_of
from brygga.core.money import percent_text, round_ore
from brygga.core.plan import Hold, Remark
from brygga.errors import Sentence


def hold(fine: Fine, name: str, system: str, id: str, rule: str) -> Hold:
    """Say which number of which row is too fine, and what a person can write instead. *name* may be empty."""
    says = {
        "quantity": "{name} ({system} {id}), row {row} ({text}), the quantity: Fortnox keeps two decimals, and {number} has more.",
        "price": "{name} ({system} {id}), row {row} ({text}), the price: Fortnox keeps two decimals, and {number} has more.",
        "discount": "{name} ({system} {id}), row {row} ({text}), the discount: Fortnox keeps two decimals, and {number} has more.",
    }
    facts = {
        "name": name,
        "system": system,
        "id": id,
        "row": str(fine.place),
        "text": str(fine.row.description or fine.row.article_number or ""),
        "number": percent_text(fine.number),
    }
    repair = Sentence("Write it with two decimals in {system}.", facts)
    if fine.row.quantity is not ABSENT and fine.row.price is not ABSENT:
        facts["sum"] = f"{round_ore(left_of(fine.row)):f} {fine.row.price.currency}"
        repair = Sentence(
            "Write it with two decimals in {system}, or the row as 1 for {sum} without a discount: that is what it comes to.", facts
        )
    return Hold(Sentence(says[fine.part], facts), rule, repair)


def remark(record: str, before: Iterable[object], after: Iterable[object], rule: str) -> Remark | None:
    """Tell that the discount of a row goes over as an amount, the first of those that do; None when none does. Postings have none."""
    for place, (one, two) in enumerate(zip(before, after, strict=False), 1):
        if (
            isinstance(one, Row)
            and isinstance(two, Row)
            and one.discount_kind == "percent"
            and two.discount_kind == "amount"
            and one.discount is not ABSENT
            and two.discount is not ABSENT
        ):
            facts = {
                "record": record,
                "row": str(place),
                "percent": percent_text(one.discount),
                "amount": f"{two.discount:f}",
            }
            return Remark(
                Sentence(
                    "{record}, row {row}: Fortnox keeps two decimals of a percentage, so the discount of {percent} % goes there as "
                    "{amount}, which is the same to the öre.",
                    facts,
                ),
                rule,
            )
    return None
