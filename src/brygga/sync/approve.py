"""Approve a plan, all of it or some, and hold a run to exactly that; what has changed since is said record by record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import transaction

from brygga.core.plan import Create, LinkUp, Plan, Unlink, Update
from brygga.errors import SettingsError, Stale
from brygga.store.models import AuditEntry, PlanRow
from brygga.sync.context import Context
from brygga.sync.report import item_json, mark_of, plan_body

ACTIONS: Final = ("create", "update", "link", "unlink")
"""What is done only when it is approved. Skips, holds, questions and conflicts are noted in any case: they write nothing."""
SAID: Final = 10
"""So many records are named in the sentence; the plan keeps them all."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a plan is approved: the items that fit everything that is given; nothing given is all of it.

    actions  such as "update"; `side` restricts them to those that write there ("left", "right")
    below    creations and updates of less than this amount in kronor; what has no amount in kronor does not fit
    records  "left:8812" or "right:1042"
    marks    the items themselves, as a page ticks them
    """

    actions: frozenset[str] = frozenset()
    side: str = ""
    below: Decimal | None = None
    records: frozenset[str] = frozenset()
    marks: frozenset[str] | None = None

    def __bool__(self) -> bool:
        return bool(self.actions or self.side or self.records) or self.below is not None or self.marks is not None

    def fits(self, item: Mapping[str, Any]) -> bool:
        """Say whether an item of a plan's JSON is approved by this."""
        if self.marks is not None and item["mark"] not in self.marks:
            return False
        if self.actions and item["action"] not in self.actions:
            return False
        if self.side and item["side"] != self.side:
            return False
        if self.records and not self.records & {f"{side}:{item[side]}" for side in ("left", "right") if item[side]}:
            return False
        return self.below is None or _is_below(item, self.below)

    def as_json(self) -> dict[str, object]:
        """Return it for the audit log."""
        said: dict[str, object] = {"actions": sorted(self.actions), "side": self.side, "records": sorted(self.records)}
        return {name: value for name, value in said.items() if value} | (
            {"below": str(self.below)} if self.below is not None else {}
        )


def _is_below(item: Mapping[str, Any], most: Decimal) -> bool:
    about = item.get("about") or {}
    return about.get("amount") is not None and about.get("currency") == "SEK" and abs(Decimal(about["amount"])) < most


def read_choice(actions: Collection[str] = (), side: str = "", below: str = "", records: Collection[str] = ()) -> Choice:
    """Read what a person wrote. Raises SettingsError naming what is not understood and what is."""
    for action in actions:
        if action not in ACTIONS:
            raise SettingsError(
                "{action} is nothing that is approved.", repair="Choose among {known}.", action=action, known=", ".join(ACTIONS)
            )
    if side not in ("", "left", "right"):
        raise SettingsError("{side} is no side.", repair="Write left or right.", side=side)
    return Choice(frozenset(actions), side, _amount(below), frozenset(records))


def _amount(text: str) -> Decimal | None:
    plain = "".join(text.split()).replace(",", ".")
    if not plain:
        return None
    try:
        found = Decimal(plain)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found <= 0:
        raise SettingsError("“{text}” is no amount in kronor.", repair="Write it as 10000 or 10000,50.", text=text)
    return found


def chosen(row: PlanRow, choice: Choice) -> list[str] | None:
    """Return the marks of what the choice approves, all that belongs to one record together; None for the whole plan.

    Raises SettingsError when nothing of the plan fits.
    """
    if not choice:
        return None
    done = [item for item in row.body["items"] if item["action"] in ACTIONS]
    # A link and the changes that go with it are one decision.
    pairs = {(item["left"], item["right"]) for item in done if choice.fits(item)}
    found = [item["mark"] for item in done if choice.fits(item) or (_is_pair(item) and (item["left"], item["right"]) in pairs)]
    if not found:
        raise SettingsError("Nothing of plan {id} fits what was chosen.", repair="Choose something of it.", id=row.pk)
    return found


def _is_pair(item: Mapping[str, Any]) -> bool:
    return bool(item["left"] and item["right"])


def approve(row: PlanRow, choice: Choice, who: str) -> int:
    """Approve a plan or a part of it, once; return how many items. Raises Stale when it was before, SettingsError for nothing.

    The run that is asked for with the plan's id then does exactly that.
    """
    marks = chosen(row, choice)
    with transaction.atomic():
        taken = PlanRow.objects.filter(pk=row.pk, state=PlanRow.State.SHOWN).update(state=PlanRow.State.APPROVED, chosen=marks)
        if not taken:
            row.refresh_from_db()
            raise Stale("Plan {id} is {state} already.", repair="Make a new plan.", id=row.pk, state=row.state)
        row.state, row.chosen = PlanRow.State.APPROVED, marks
        count = len(marks) if marks is not None else sum(item["action"] in ACTIONS for item in row.body["items"])
        detail = {"items": count, "of": len(row.body["items"]), **choice.as_json()}
        company = row.integration.company
        AuditEntry.objects.create(company=company, who=who, what="approved a plan", subject=row.pk, detail=detail)
    return count


# While the run goes on ----------------------------------------------------------------------------------------------------


def hold_to(context: Context, plan: Plan, row: PlanRow) -> tuple[Plan, bool]:
    """Return what of the stream's plan, made anew just now, was approved, and whether something was left out.

    Raises Stale when what was approved is no longer what would be done; then nothing of this stream is written, and the plan keeps
    what changed.
    """
    stream, first = context.stream, context.stream.name == row.stream
    body = plan_body(plan, stream)
    if first and row.chosen is None and body["digest"] == row.digest:
        return plan, False
    items = [item for item in row.body["items"] if item.get("stream", row.stream) == stream.name]
    if row.chosen is not None:
        wanted = {item["mark"] for item in items} & set(row.chosen)
    else:
        wanted = {item["mark"] for item in items if item["action"] in ACTIONS}
    whole = first and row.chosen is None
    if not whole and wanted <= {item["mark"] for item in body["items"]}:
        kept = tuple(item for item in plan.items if not isinstance(item, DONE) or mark_of(item_json(item), stream) in wanted)
        return replace(plan, items=kept), len(kept) < len(plan.items)
    changed = _differences([item for item in items if whole or item["mark"] in wanted], body["items"], whole=whole)
    PlanRow.objects.filter(pk=row.pk).update(changed=changed)
    template = (
        "The plan that was approved is no longer what would be done: {count} records have changed since ({records}). "
        "Nothing was written."
        if first
        else "Of the plan that was approved, {count} records of {stream} have changed since ({records}). What comes before them was "
        "written, and nothing of these."
    )
    raise Stale(
        template,
        repair="Look at a new plan for {address} and approve that.",
        address=f"{context.integration.address}.{row.stream}",
        stream=stream.name,
        count=len(changed),
        records=", ".join(one["record"] for one in changed[:SAID]) + (", …" if len(changed) > SAID else ""),
    )


DONE = (Create, Update, LinkUp, Unlink)


def _differences(approved: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]], *, whole: bool) -> list[dict[str, Any]]:
    """Return, for each record whose items differ, what was approved for it and what would be done now."""
    before, after = _by_record(approved), _by_record(now)
    found: list[dict[str, Any]] = []
    for record in [*before, *(after if whole else ())]:
        was, would = before.get(record, []), after.get(record, [])
        if {item["mark"] for item in was} == {item["mark"] for item in would} or any(one["record"] == record for one in found):
            continue
        if not whole and {item["mark"] for item in was} <= {item["mark"] for item in would}:
            continue
        found.append({"record": record, "was": [_short(item) for item in was], "now": [_short(item) for item in would]})
    return found


def _by_record(items: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for item in items:
        found.setdefault(" = ".join(str(item[side]) for side in ("left", "right") if item[side]), []).append(item)
    return found


def _short(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("action", "side", "fields", "message")}
