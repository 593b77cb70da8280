"""B0: the pure parts that every record passes, each beside the same record decoded from JSON and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from decimal import Decimal

from benches.verdict import Bench
from brygga.core.diff import diff
from brygga.core.document import Document, Row
from brygga.core.match import Index, identity_of
from brygga.core.merge import merge
from brygga.core.money import Money
from brygga.core.policy import LEFT, RIGHT, Holding, Policy
from brygga.core.record import Customer, present
from brygga.core.totals import predict


def customer(number: int) -> Customer:
    """Return a believable customer."""
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


def b0(count: int = 10_000) -> Bench:
    """Measure what must stay cheap whatever is built around it."""
    customers = [customer(number) for number in range(count)]
    values = [dict(present(one)) for one in customers]
    texts = [json.dumps(one) for one in values]
    holds = {side: Holding(frozenset(values[0])) for side in (LEFT, RIGHT)}
    policy = Policy()
    index = Index((str(number), identity_of(one)) for number, one in enumerate(values))
    price = Money(Decimal("19.90"), "SEK")
    rows = tuple(Row(quantity=Decimal(3), price=price, vat=Decimal(25)) for _ in range(500))
    document = Document(kind="invoice", currency="SEK", rows=rows)
    measured = {
        "floor: decoded from JSON": cpu(lambda: [json.loads(text) for text in texts]) / count,
        "found in step with its base": cpu(lambda: [diff(base, one) for base, one in zip(values, customers, strict=True)]) / count,
        "merged, both sides and base": cpu(
            lambda: [merge(base, one, one, policy, holds) for base, one in zip(values, customers, strict=True)]
        )
        / count,
        "matched among as many candidates": cpu(lambda: [index.decide(identity_of(one)) for one in values]) / count,
        "a row's total predicted": cpu(lambda: [predict(document, round_to_krona=True) for _ in range(20)]) / 10_000,
    }
    floor = measured["floor: decoded from JSON"]
    bench = Bench("B0", "The pure parts, a record", ("what", "CPU", "× floor"))
    bench.rows += [(what, f"{seconds * 1e6:.1f} µs", seconds / floor) for what, seconds in measured.items()]
    return bench
