#!/usr/bin/env python3
"""Measure the Fortnox sandbox against what was promised of it, print the figures, and write them into docs/benchmarks.md.

    python scripts/sandbox_speed.py              measure, print, write the page
    python scripts/sandbox_speed.py --check      measure and print; exit 1 when a figure is over its bound, write nothing

The sandbox runs as a program of its own and is filled with 100,000 customers and 100,000 invoices over its admin address. Bounds: a list
page of 500 out of 100,000 customers in under 50 ms, a start in under a second, all of it in under 1 GB of memory.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benches import page  # noqa: E402  after the path is set

COUNT, CHUNK, CALLS = 100_000, 10_000, 30


@dataclass(frozen=True)
class Figure:
    """One measurement: `value` in `unit`, to be under `bound` where there is one."""

    what: str
    value: float
    unit: str
    bound: float | None = None

    @property
    def kept(self) -> bool:
        """Tell whether the figure is within its bound."""
        return self.bound is None or self.value < self.bound

    def row(self) -> str:
        """Return the figure as a row of the page's table."""
        bound = f"< {self.bound:g} {self.unit}" if self.bound is not None else ""
        return f"| {self.what} | {self.value:,.{0 if self.value >= 100 else 1 if self.value >= 10 else 2}f} {self.unit} | {bound} |"


class Box:
    """The sandbox as a program of its own, signed in to; `started` is how many seconds it took until the first answer."""

    def __init__(self, state: str | None = None) -> None:
        began = time.perf_counter()
        command = [sys.executable, "-m", "brygga_sandbox.fortnox", "--port", "0", "--json", *(["--state", state] if state else [])]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603  our own program
        assert self.process.stdout is not None
        about: dict[str, Any] = json.loads(self.process.stdout.readline())["fortnox"]
        self.http = httpx2.Client(
            base_url=about["base_url"], headers={"Authorization": f"Bearer {about['access_token']}"}, timeout=120, verify=False
        )
        self.get("/3/customers")
        self.started = time.perf_counter() - began
        self.http.put("/-/admin/rate-limit", json={"enabled": False}).raise_for_status()

    def get(self, path: str, **params: Any) -> Any:
        """Return the answer of a read, which must be 200."""
        response = self.http.get(path, params=params)
        response.raise_for_status()
        return response.json()

    def load(self, register: str, records: Iterator[dict[str, Any]]) -> float:
        """Fill a register over the admin address; return the seconds it took."""
        began = time.perf_counter()
        chunk: list[dict[str, Any]] = []
        for record in records:
            chunk.append(record)
            if len(chunk) == CHUNK:
                self.http.post(f"/-/admin/records/first/{register}", json=chunk).raise_for_status()
                chunk = []
        return time.perf_counter() - began

    def milliseconds(self, path: str, **params: Any) -> float:
        """Return the median time of a read, connection kept, from sending to the last byte."""
        times = []
        for _ in range(CALLS):
            began = time.perf_counter()
            self.http.get(path, params=params).raise_for_status()
            times.append(time.perf_counter() - began)
        return statistics.median(times) * 1000

    def megabytes(self) -> float:
        """Return the memory that the program holds now."""
        asked = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        shown = subprocess.run(asked, capture_output=True, text=True, check=True)  # noqa: S603  no input of others in it
        return int(shown.stdout) / 1024

    def stop(self) -> None:
        """End the program and wait for it."""
        self.http.close()
        self.process.terminate()
        self.process.wait(20)


def customers() -> Iterator[dict[str, Any]]:
    for number in range(1, COUNT + 1):
        yield {
            "CustomerNumber": str(number),
            "Name": f"Kund {number} AB",
            "OrganisationNumber": f"{556000 + number % 90000:06}-{number % 10000:04}",
            "Address1": f"Storgatan {number % 300}",
            "ZipCode": f"{10000 + number % 89999}",
            "City": ("Norrköping", "Umeå", "Göteborg", "Växjö")[number % 4],
            "CountryCode": "SE",
            "Country": "Sverige",
            "Email": f"info@kund{number}.example",
            "Phone1": f"08-{100000 + number}",
            "TermsOfPayment": "30",
        }


def invoices() -> Iterator[dict[str, Any]]:
    for number in range(1, COUNT + 1):
        rows = [
            {
                "RowId": number * 3 + part,
                "ArticleNumber": str(part + 1),
                "Description": f"Vara {part + 1}",
                "DeliveredQuantity": "2",
                "Price": 100 + number % 50,
                "AccountNumber": 3001,
                "VAT": 25,
                "Total": 2 * (100 + number % 50),
                "Unit": "st",
            }
            for part in range(3)
        ]
        net = 6 * (100 + number % 50)
        yield {
            "DocumentNumber": str(number),
            "CustomerNumber": str(number),
            "CustomerName": f"Kund {number} AB",
            "InvoiceDate": "2026-03-01",
            "DueDate": "2026-03-31",
            "Net": net,
            "Gross": net,
            "TotalVAT": net * 0.25,
            "Total": net * 1.25,
            "TotalToPay": net * 1.25,
            "Balance": net * 1.25,
            "OCR": f"{number}00",
            "YourOrderNumber": f"W-{number}",
            "ExternalInvoiceReference1": f"webb-{number}",
            "InvoiceRows": rows,
        }


def restart() -> float:
    """Return the seconds until the first answer of a sandbox that kept 100,000 customers and as many invoices in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        box = Box(folder)
        box.load("customers", customers())
        box.load("invoices", invoices())
        box.stop()
        again = Box(folder)
        again.stop()
    return again.started


def measured() -> list[Figure]:
    """Return all figures, the promised ones with their bounds."""
    box = Box()
    try:
        empty = box.megabytes()
        seconds = box.load("customers", customers())
        with_customers = box.megabytes()
        pages = [box.milliseconds("/3/customers", limit=500, page=page) for page in (1, 137, 200)]
        slowest = max(pages)
        loaded = box.load("invoices", invoices())
        assert box.get("/3/invoices", limit=1)["MetaInformation"]["@TotalResources"] == COUNT
        return [
            Figure("Start until the first answered call", box.started, "s", 1),
            Figure("List page of 500 out of 100,000 customers: first, middle, last page; the slowest", slowest, "ms", 50),
            Figure("Memory with 100,000 customers and 100,000 invoices of three rows", box.megabytes(), "MB", 1024),
            Figure("Memory at the start", empty, "MB"),
            Figure("Start from a folder that keeps 100,000 customers and 100,000 invoices", restart(), "s"),
            Figure("Memory with 100,000 customers", with_customers, "MB"),
            Figure("List page of 500 out of 100,000 invoices", box.milliseconds("/3/invoices", limit=500, page=100), "ms"),
            Figure("Contains-search over 100,000 customers, `name=99999`", box.milliseconds("/3/customers", name="99999"), "ms"),
            Figure("Filter over 100,000 invoices, `filter=unpaid`", box.milliseconds("/3/invoices", filter="unpaid"), "ms"),
            Figure("One invoice of 100,000", box.milliseconds("/3/invoices/77777"), "ms"),
            Figure("Loading 100,000 customers over the admin address", seconds, "s"),
            Figure("Loading 100,000 invoices over the admin address", loaded, "s"),
        ]
    finally:
        box.stop()


def section(figures: list[Figure]) -> str:
    """Return the part of docs/benchmarks.md that is this script's."""
    table = ["| what | measured | promised |", "|---|---:|---:|", *(figure.row() for figure in figures)]
    about = f"Made by `scripts/sandbox_speed.py` ({page.machine()}). Times are medians of {CALLS} calls over HTTP, one at a time."
    return "\n".join(["## The Fortnox sandbox", "", about, "", *table])


def main(arguments: list[str]) -> int:
    figures = measured()
    for figure in figures:
        sys.stdout.write(figure.row() + "\n")
    if "--check" not in arguments:
        page.put("sandbox_speed", section(figures))
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
