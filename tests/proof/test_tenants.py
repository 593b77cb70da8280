"""Many companies on one hub, one of them with 20,000 records to carry over: the others are no later for it."""

from __future__ import annotations

import os
import sys

import pytest

from databases import DatabaseUnderTest
from proof.tenants import measure, tenants

COMPANIES = int(os.environ.get("BRYGGA_TENANTS", "20"))
EVERY = int(os.environ.get("BRYGGA_TENANTS_EVERY", "10"))
SECONDS = float(os.environ.get("BRYGGA_TENANTS_SECONDS", "6"))
"""`make tenants`: 500 companies, each side read every three minutes, edits for three minutes."""

BACK_FILL = 20_000
DATABASES = ["sqlite", "postgresql"] if "BRYGGA_TENANTS" in os.environ else ["postgresql"]
"""In the suite, whose time is short: the one that many companies are for."""


@pytest.mark.alone
@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_others_do_not_wait_for_a_company_with_much_to_do(database: DatabaseUnderTest) -> None:
    with tenants(database, COMPANIES, EVERY) as many:
        found = measure(many, BACK_FILL, SECONDS, patience=max(180.0, 4.0 * EVERY))
    lag, waits = found["lags"], found["waits"]
    sys.stdout.write(
        f"{database.vendor}: {COMPANIES} companies, read every {EVERY} s, in step after {found['in step after']:.0f} s; "
        f"{found['edits']} edits arrived after p50 {lag.p50:.1f}, p95 {lag.p95:.1f}, at most {lag.most:.1f} s; "
        f"{found['runs']} runs waited p50 {waits[len(waits) // 2]:.1f}, p95 {waits[len(waits) * 95 // 100]:.1f}, at most {waits[-1]:.1f} s; "
        f"{found['requests']} requests, {found['refused']} refused; back-fill: {found['back-filled']} of {BACK_FILL} customers; "
        f"{found['seconds']:.0f} s in all\n"
    )
    assert found["refused"] == 0
    assert found["failed"] == 0
    assert found["back-filled"] > found["back-filled at first"]
    assert lag.most <= EVERY + 10
