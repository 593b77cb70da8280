from collections.abc import Mapping
from datetime import date
from typing import Any

from brygga.core.calendar import due_date, last_payment_day


def run(given: Mapping[str, Any]) -> object:
    due = due_date(date.fromisoformat(given["invoice_date"]), given["terms_days"])
    return {"due_date": due.isoformat(), "last_payment_day": last_payment_day(due).isoformat()}
