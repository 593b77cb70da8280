import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from brygga.core.retention import Holding, erase, redact, retain_until

LABEL = re.compile(r"(?P<unpaid>unpaid_)?(?P<kind>.+?)(?:_(?P<year>[0-9]{4}))?")


def holding(label: str) -> Holding:
    """Read a label of the cases: kind, with "unpaid_" before it for an open claim and the fiscal year after it."""
    found = LABEL.fullmatch(label)
    assert found is not None
    year = date(int(found["year"]), 12, 31) if found["year"] else None
    return Holding(found["kind"], year, open=found["unpaid"] is not None)


def run(given: Mapping[str, Any]) -> object:
    op = given["op"]
    if op == "retain_until":
        return {"result": retain_until(date.fromisoformat(given["fiscal_year_end"])).isoformat()}
    if op == "redact":
        return {"result": redact(given["text"])}
    return {"result": erase([holding(label) for label in given["holdings"]], date.fromisoformat(given["as_of"]))}
