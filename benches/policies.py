"""Four ways to write an invoice, as they were read in other programs and re-expressed here in few lines; run against the same sandbox and faults.

Each is asked for one invoice at a time with a key of its own (`ExternalInvoiceReference1`), as a job is that a crash lets run again. `at` is called
at every place where the process could die.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

At = Callable[[str], None]
TRIES = 5


class Unsure(Exception):
    """No answer, or one that leaves open whether the write was carried out."""


class Died(Exception):
    """The process died here."""


@dataclass
class Books:
    """Fortnox as a script sees it."""

    base_url: str
    token: str
    at: At = lambda place: None
    calls: int = 0

    def __post_init__(self) -> None:
        self._http = http.client.HTTPConnection(urlsplit(self.base_url).netloc, timeout=30)

    def make(self, key: str) -> str:
        """Make an invoice and return its number. Raises Unsure."""
        rows = [{"ArticleNumber": "100", "DeliveredQuantity": 2, "Price": 650}]
        body = {"Invoice": {"CustomerNumber": "1042", "ExternalInvoiceReference1": key, "InvoiceRows": rows}}
        self.at("leaves")
        number = str(self._ask("POST", "/3/invoices", body)["Invoice"]["DocumentNumber"])
        self.at("answered")
        return number

    def find(self, key: str) -> str | None:
        """Return the number of the invoice that carries exactly this key."""
        for _ in range(TRIES):
            try:
                rows = self._ask("GET", f"/3/invoices?externalinvoicereference1={quote(key)}&limit=500")["Invoices"]
            except Unsure:
                continue
            return next((str(row["DocumentNumber"]) for row in rows if row["ExternalInvoiceReference1"] == key), None)
        raise Unsure

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        self.calls += 1
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Accept": "application/json"}
        try:
            self._http.request(method, path, None if body is None else json.dumps(body), headers)
            answer = self._http.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._http.close()
            raise Unsure from error
        if answer.status >= 500:
            raise Unsure
        if answer.status >= 300:
            raise RuntimeError(said)
        return json.loads(said)


@dataclass
class Memory:
    """What a script has saved: it survives a crash."""

    done: dict[str, str] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)


def repeats_blindly(books: Books, memory: Memory, key: str) -> None:
    """Post, and post again after any failure."""
    for _ in range(TRIES):
        try:
            number = books.make(key)
        except Unsure:
            continue
        memory.done[key] = number
        books.at("saved")
        return
    memory.left.add(key)


def pending_row_then_repeats(books: Books, memory: Memory, key: str) -> None:
    """Save that it is about to be posted, then post; what is pending after a crash or a failure is posted again."""
    memory.pending.add(key)
    books.at("pending")
    repeats_blindly(books, memory, key)


def looks_first_and_never_repeats(books: Books, memory: Memory, key: str) -> None:
    """Look for it, post once, and leave a failure to a person."""
    number = books.find(key)
    if number is None:
        try:
            number = books.make(key)
        except Unsure:
            memory.left.add(key)
            return
    memory.done[key] = number
    books.at("saved")


def looks_after_doubt(books: Books, memory: Memory, key: str, settle: float = 3.0) -> None:
    """Save the intent, post; in doubt look for it, settle, look once more, and only then post again."""
    for _ in range(TRIES):
        if key in memory.pending and (number := _looked(books, key, settle)) is not None:
            memory.done[key] = number
            return
        memory.pending.add(key)
        books.at("pending")
        try:
            number = books.make(key)
        except Unsure:
            continue
        memory.done[key] = number
        books.at("saved")
        return
    memory.left.add(key)


def _looked(books: Books, key: str, settle: float) -> str | None:
    found = books.find(key)
    if found is None:
        time.sleep(settle)
        found = books.find(key)
    return found


Policy = Callable[[Books, Memory, str], None]
POLICIES: dict[str, Policy] = {
    "repeats without a look": repeats_blindly,
    "pending row, then repeats": pending_row_then_repeats,
    "looks first, never repeats": looks_first_and_never_repeats,
    "looks only in doubt": looks_after_doubt,
}


def until_done(policy: Policy, books: Books, memory: Memory, key: str) -> None:
    """Run a policy for one invoice again after each death, as a queue of jobs would."""
    while key not in memory.done and key not in memory.left:
        try:
            policy(books, memory, key)
        except Died:
            continue
