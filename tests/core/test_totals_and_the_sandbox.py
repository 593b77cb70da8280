"""What is predicted is what a Fortnox written from its documents answers, over HTTP, for random documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from brygga.core.document import Document, Row
from brygga.core.money import Money
from brygga.core.totals import disagreement, predict
from brygga_sandbox import fortnox

FULL = Row(
    description="Row",
    quantity=Decimal("-2.335"),
    price=Money(Decimal("99.995"), "SEK"),
    vat=Decimal(12),
    discount=Decimal("33.33"),
    discount_kind="percent",
)


def money(low: int, high: int, places: int) -> st.SearchStrategy[Money]:
    return st.decimals(low, high, places=places).map(lambda amount: Money(amount, "SEK"))


rows = st.builds(
    Row,
    description=st.just("Row"),
    quantity=st.decimals(-50, 200, places=3).map(lambda number: number + 0),
    price=money(-2000, 20000, 3),
    vat=st.sampled_from([Decimal(25), Decimal(12), Decimal(6), Decimal(0)]),
    discount=st.decimals(0, 100, places=2).map(lambda number: number + 0),
    discount_kind=st.sampled_from(["percent", "amount"]),
)
documents = st.builds(
    Document,
    kind=st.just("invoice"),
    currency=st.just("SEK"),
    prices_include_vat=st.booleans(),
    rows=st.one_of(st.lists(rows, max_size=8), st.lists(rows, min_size=50, max_size=100).map(lambda few: few * 5)).map(tuple),
    freight=money(0, 500, 2),
    fee=money(0, 99, 2),
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[fortnox.Sandbox]:
    with fortnox.running(rate_limit=False) as running:
        running.company.load("customers", [{"CustomerNumber": "1", "Name": "Ström & Söner AB"}])
        yield running


@settings(max_examples=25, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow], database=None)
@given(documents, st.sampled_from(["per_rate", "per_row"]), st.booleans())
@example(Document(kind="invoice", prices_include_vat=True, rows=(FULL,) * 500), "per_row", True)
@example(Document(kind="invoice", prices_include_vat=False, rows=()), "per_rate", True)
def test_prediction_is_what_the_sandbox_answers(sandbox: fortnox.Sandbox, document: Document, method: str, rounded: bool) -> None:
    sandbox.company.set("vat_method", method)
    sandbox.company.set("round_to_whole_krona", rounded)
    prediction = predict(document, round_to_krona=rounded)
    expected = prediction.per_rate if method == "per_rate" else prediction.per_row

    answered = create(sandbox, document)

    assert tuple(Decimal(row["Total"]) for row in answered["InvoiceRows"]) == expected.row_totals
    sums = {"Net": expected.net, "TotalVAT": expected.vat, "Total": expected.total, "RoundOff": expected.round_off}
    sums |= {"FreightVAT": expected.freight_vat, "AdministrationFeeVAT": expected.fee_vat}
    assert {name: Decimal(answered[name]) for name in sums} == sums
    told = Document(
        net=sek(answered["Net"]), vat=sek(answered["TotalVAT"]), total=sek(answered["Total"]), round_off=sek(answered["RoundOff"])
    )
    assert disagreement(prediction, told) == ()
    wrong = replace(told, total=sek(expected.total + 1), net=sek(expected.net + 1))
    assert len(disagreement(prediction, wrong)) == 2


def create(sandbox: fortnox.Sandbox, document: Document) -> Any:
    """Post the document as Fortnox wants it and return its answer, with exact decimals."""
    assert isinstance(document.rows, tuple)
    fields: dict[str, object] = {
        "CustomerNumber": "1",
        "VATIncluded": document.prices_include_vat,
        "Freight": f"{document.freight.amount}" if document.freight else "0",
        "AdministrationFee": f"{document.fee.amount}" if document.fee else "0",
        "InvoiceRows": [wire_row(row) for row in document.rows],
    }
    answer = httpx2.post(
        f"{sandbox.base_url}/3/invoices",
        json={"Invoice": fields},
        headers={"Authorization": f"Bearer {sandbox.access_token}"},
        timeout=30,
        verify=False,
    )
    assert answer.status_code == 201, answer.text
    return json.loads(answer.content, parse_float=Decimal)["Invoice"]


def wire_row(row: Row) -> dict[str, object]:
    assert isinstance(row.price, Money)
    return {
        "Description": row.description,
        "DeliveredQuantity": f"{row.quantity}",
        "Price": f"{row.price.amount}",
        "VAT": int(row.vat) if isinstance(row.vat, Decimal) else 0,
        "Discount": f"{row.discount}",
        "DiscountType": "PERCENT" if row.discount_kind == "percent" else "AMOUNT",
    }


def sek(amount: Decimal | int) -> Money:
    return Money(Decimal(amount), "SEK")
