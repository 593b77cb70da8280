"""Writes docs/rules/ends.md, how the life of a pair ends in each system, from the table in `brygga.core.ends`.

python scripts/ends.py          write the page
python scripts/ends.py --check  say whether it is up to date (exit status 1 when it is not)
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "rules" / "ends.md"
sys.path.insert(0, str(ROOT / "src"))

from brygga.core.ends import CARRIED, LEFT_STATES, RIGHT_STATES, SYSTEMS, Ends  # noqa: E402

NAMES = {"upsales": "Upsales", "webcrm": "webCRM", "textalk": "Textalk Webshop", "opter": "Opter", "mobigo": "Mobigo"}
APART = {"upsales": True, "webcrm": False, "textalk": False, "opter": True, "mobigo": False}
HEAD = """# Ends of life

Made by `python scripts/ends.py` from the table in `core/ends.py`, which the plan reads.

A document that was cancelled, lost, credited, deleted or taken up again on one side is carried over where a rule says so; else a person is told, with what can be
done, until both sides say the same or it is accepted as it is. Nothing is silent, nothing is deleted, and what is booked is credited, never cancelled
(accounting.md 7.1, 7.2; UPS-10, UPS-17, TXT-15). Where the sources are silent it is told and never done by itself: our own choice.

- A carried end is carried once. A record that was taken up again after that is told, and not ended anew.
- A deleted record of the business system keeps its link, so that its document is watched until it is cancelled or credited. Deletions are looked for once a night,
  as no list tells them. Taken out of a folder of files is not deleted.
- Deleted on both sides: the link goes, and nothing is asked. A customer, an article or a price that is deleted on one side: [identity](identity.md), UPS-16, UPS-17.
- Documents of the shop and of Mobigo are looked at in Fortnox once a night, those that are linked alone.
- Accepting (`brygga repair NUMBER --do accept`) is for these two states: another end is told anew. Cancelling from here: `--do cancel`.
"""


def page() -> str:
    """Return the page."""
    lines = [HEAD]
    for system, states in SYSTEMS.items():
        ends = Ends(system, credits_apart=APART[system])
        lines += [f"## {NAMES[system]}", "", f"| {NAMES[system]} | Fortnox | what comes of it |", "| --- | --- | --- |"]
        for left in states:
            for right in RIGHT_STATES:
                lines.append(f"| {LEFT_STATES[left]} | {RIGHT_STATES[right]} | {outcome(ends, left, right)} |")
        if APART[system]:
            lines += [
                "",
                "A credit is a record of its own here as well; where it stays in Fortnox (`credit_invoices`), a credited document is told instead.",
            ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def outcome(ends: Ends, left: str, right: str) -> str:
    """Return one cell in words."""
    if right == "gone":
        return "the link goes, nothing is left to ask" if left == "gone" else "told: link it to another, or let it be made anew"
    found = ends.says(left, right)  # type: ignore[arg-type]
    carried = CARRIED.get((ends.system, (left, right)))  # type: ignore[arg-type]
    if found is None:
        return "both say the same"
    told = f"told: {found[0].format(name='it', system=NAMES[ends.system], number='N')} {found[1].format(system=NAMES[ends.system])}"
    if carried is None:
        return told
    where = f", by `{carried.setting}`" if carried.setting else ""
    return f"**carried over** to {carried.to} ({carried.rule}{where}); else {told}"


if __name__ == "__main__":
    text = page()
    if "--check" in sys.argv[1:]:
        if PAGE.read_text(encoding="utf-8") != text:
            sys.exit("docs/rules/ends.md is not up to date: run python scripts/ends.py")
    else:
        PAGE.write_text(text, encoding="utf-8")
