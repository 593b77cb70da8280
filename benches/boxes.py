"""The imitated systems as a program of their own, filled and watched over their admin addresses: what every reader is measured against."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import httpx2

from benches import ROOT

CHUNK = 10_000
A_DAY = 86_400


@dataclass(frozen=True)
class Tenant:
    """One company of the Fortnox sandbox: its number and a token that sees everything of it."""

    number: int
    token: str


class Boxes:
    """Sandboxes that run. `about` is what each says of itself: addresses and credentials."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.about: Mapping[str, dict[str, Any]] = json.loads(process.stdout.readline())
        self._http = httpx2.Client(timeout=120, verify=False)
        self._tenants = 0

    @property
    def fortnox(self) -> str:
        return str(self.about["fortnox"]["base_url"])

    def admin(self, method: str, path: str, body: Any = None, system: str = "fortnox") -> Any:
        """Ask the admin address of a system. Raises on refusal."""
        answer = self._http.request(method, self.about[system]["admin_url"] + path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def tenant(self) -> Tenant:
        """Make a new company in Fortnox and sign in to it."""
        self._tenants += 1
        number = 900_000 + self._tenants
        self.admin("POST", "companies", {"tenant": number})
        self.admin("POST", "consents", {"tenant": number})
        return Tenant(number, self.admin("POST", "tokens", {"tenant": number})["access_token"])

    def load(self, tenant: Tenant, register: str, records: Iterable[Mapping[str, Any]], *, a_day_ago: bool = True) -> None:
        """Fill a register; as a rule so that nothing of it counts as changed lately."""
        if a_day_ago:
            self.admin("PUT", "clock", {"offset": -A_DAY})
        try:
            iterator = iter(records)
            while chunk := list(islice(iterator, CHUNK)):
                self.admin("POST", f"records/{tenant.number}/{register}", chunk)
        finally:
            self.admin("PUT", "clock", {})

    def limited(self, on: bool) -> None:
        """Switch the limit of 25 requests in 5 seconds for each company on or off."""
        self.admin("PUT", "rate-limit", {"enabled": on})

    def forget(self) -> None:
        """Forget the calls that were seen, and disarm all faults."""
        for system in self.about:
            self.admin("DELETE", "requests", system=system)
            self.admin("DELETE", "faults", system=system)

    def seen(self, tenant: Tenant | None = None, system: str = "fortnox") -> list[dict[str, Any]]:
        """Return the calls seen, those of one company if it is given; signing in is left out."""
        calls: list[dict[str, Any]] = self.admin("GET", "requests", system=system)
        return [
            call
            for call in calls
            if "oauth" not in call["path"].lower()
            and "/auth" not in call["path"].lower()
            and (tenant is None or call["tenant"] == str(tenant.number))
        ]


@contextmanager
def running(*systems: str) -> Iterator[Boxes]:
    """Run these sandboxes until the end of the `with`."""
    command = [sys.executable, "-m", "brygga_sandbox", *(systems or ("fortnox",)), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        yield Boxes(process)
    finally:
        process.terminate()
        process.wait(20)


def articles(count: int) -> Iterator[dict[str, Any]]:
    """Yield believable articles, as a detail of Fortnox shows them."""
    for number in range(1, count + 1):
        yield {
            "ArticleNumber": f"A{number}",
            "Description": f"Vara {number} med ett namn som folk skriver det",
            "Unit": ("st", "m", "tim", "kg")[number % 4],
            "SalesPrice": 100 + number % 900,
            "PurchasePrice": 60 + number % 500,
            "EAN": f"73{number:011}",
            "Active": True,
        }


def invoices(count: int) -> Iterator[dict[str, Any]]:
    """Yield believable invoices of three rows, not booked."""
    for number in range(1, count + 1):
        rows = [
            {"RowId": number * 3 + part, "ArticleNumber": f"A{part + 1}", "Description": f"Vara {part + 1}", "DeliveredQuantity": "2",
             "Price": 100 + number % 50, "AccountNumber": 3001, "VAT": 25, "Total": 2 * (100 + number % 50), "Unit": "st"}
            for part in range(3)
        ]  # fmt: skip
        net = 6 * (100 + number % 50)
        yield {
            "DocumentNumber": str(number),
            "CustomerNumber": "1",
            "CustomerName": "Fjord Inredning AB",
            "InvoiceDate": "2026-11-02",
            "DueDate": "2026-12-02",
            "Currency": "SEK",
            "Net": net,
            "Gross": net,
            "TotalVAT": net * 0.25,
            "Total": net * 1.25,
            "TotalToPay": net * 1.25,
            "Balance": net * 1.25,
            "InvoiceRows": rows,
        }
