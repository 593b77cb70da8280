"""Measures what must stay cheap, in one run, and prints it: `make bench`. Figures are of this machine; compare ratios, not seconds.

unchanged   a record read and found in step (diff against its base): the cost of polling
merge       one linked pair brought together
match       one unlinked record among as many candidates
predict     one row of a document with Fortnox' arithmetic
floor       the same record decoded from JSON and nothing else: what no design can beat
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from decimal import Decimal

from brygga.core.diff import diff
from brygga.core.document import Document, Row
from brygga.core.match import Index, identity_of
from brygga.core.merge import merge
from brygga.core.money import Money
from brygga.core.policy import LEFT, RIGHT, Holding, Policy
from brygga.core.record import Customer, present
from brygga.core.totals import predict

COUNT = 10_000


def customer(number: int) -> Customer:
    return Customer(
        number=str(number),
        name=f"Kund {number} AB",
        kind="company",
        organisation_number=f"{5590000000 + number * 7 % 9999999}",
        phone=f"08-465 {number % 1000:03} {number % 90 + 10}",
        email=f"info@kund{number}.example",
        website=f"www.kund{number}.example",
        invoice_street=f"Storgatan {number % 200}",
        invoice_postcode=f"{11120 + number % 8000}",
        invoice_city="Stockholm",
        currency="SEK",
        terms_of_payment="30",
        vat_number="",
        fax="",
    )


def cpu(work: Callable[[], object]) -> float:
    """Return the least CPU seconds of three runs."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def main() -> int:
    customers = [customer(number) for number in range(COUNT)]
    values = [dict(present(one)) for one in customers]
    texts = [json.dumps(one) for one in values]
    holds = {side: Holding(frozenset(values[0])) for side in (LEFT, RIGHT)}
    policy = Policy()
    index = Index((str(number), identity_of(one)) for number, one in enumerate(values))
    price = Money(Decimal("19.90"), "SEK")
    rows = tuple(Row(quantity=Decimal(3), price=price, vat=Decimal(25)) for _ in range(500))
    document = Document(kind="invoice", currency="SEK", rows=rows)
    measured = {
        "floor": cpu(lambda: [json.loads(text) for text in texts]) / COUNT,
        "unchanged": cpu(lambda: [diff(base, one) for base, one in zip(values, customers, strict=True)]) / COUNT,
        "merge": cpu(lambda: [merge(base, one, one, policy, holds) for base, one in zip(values, customers, strict=True)]) / COUNT,
        "match": cpu(lambda: [index.decide(identity_of(one)) for one in values]) / COUNT,
        "predict": cpu(lambda: [predict(document, round_to_krona=True) for _ in range(20)]) / COUNT,
    }
    sys.stdout.write(f"{'what':12}{'µs CPU each':>14}{'× floor':>10}\n")
    for what, seconds in measured.items():
        sys.stdout.write(f"{what:12}{seconds * 1e6:14.1f}{seconds / measured['floor']:10.1f}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
