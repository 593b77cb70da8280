"""docs/coverage.md is made by program and says what is true now."""

from __future__ import annotations

from pathlib import Path

import pytest

from fortnox_far import ROOT, script


def test_the_coverage_page_is_up_to_date(shared_facts: Path) -> None:
    """When this fails: `python scripts/coverage.py`, then look at what the page now says."""
    assert (ROOT / "docs" / "coverage.md").read_text("utf-8") == script("coverage").page(shared_facts)


def test_the_client_misses_nothing_that_is_not_left_out_on_purpose(shared_facts: Path) -> None:
    coverage = script("coverage")
    made, more, _ = coverage.lines(coverage.definition(shared_facts))
    assert [line.operation for line in made if line.client == "missing"] == []
    assert more == {("PUT", "/3/orders/1/warehouseready"), ("DELETE", "/3/vouchers/1/1")}


def test_the_sandbox_misses_nothing_and_refuses_what_it_says_it_refuses(shared_facts: Path) -> None:
    coverage = script("coverage")
    made, _, _ = coverage.lines(coverage.definition(shared_facts))
    assert [line.operation for line in made if line.sandbox == "missing"] == []
    refused = {line.tag.partition("_")[2] for line in made if (line.client, line.sandbox) == ("done", "refused")}
    assert refused == {"ContractAccruals", "ContractTemplates", "Contracts", "InvoiceAccruals", "SupplierInvoiceAccruals"}


@pytest.mark.parametrize(
    ("found", "done"),
    [
        (("GET", "/3/vouchers/sublist/B"), ("GET", "/3/vouchers/sublist/{VoucherSeries}")),
        (("GET", "/3/vouchers/B/25"), ("GET", "/3/vouchers/{VoucherSeries}/{VoucherNumber}")),
        (("GET", "/3/vouchers/{}/{}"), ("GET", "/3/vouchers/{VoucherSeries}/{VoucherNumber}")),
    ],
)
def test_a_request_counts_for_the_operation_with_fewest_keys(found: tuple[str, str], done: tuple[str, str]) -> None:
    known = [("GET", "/3/vouchers/{VoucherSeries}/{VoucherNumber}"), ("GET", "/3/vouchers/sublist/{VoucherSeries}")]
    assert script("coverage").matched([found], known) == ({done}, set())


def test_an_operation_that_the_definition_lacks_is_told_apart() -> None:
    assert script("coverage").matched([("DELETE", "/3/vouchers/B/25")], [("GET", "/3/vouchers/{A}/{B}")]) == (
        set(),
        {("DELETE", "/3/vouchers/B/25")},
    )
