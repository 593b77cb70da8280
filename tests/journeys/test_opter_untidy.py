"""Opter's invoices on untidy data: every one becomes exactly what Opter says, or waits with the reason (rows OPT-01, OPT-26)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from brygga.clients.limits import Unlimited
from brygga_sandbox import fortnox as fortnox_sandbox
from opter_hub import OpterHub


@pytest.fixture
def folder_hub(sqlite_database: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[OpterHub]:
    """A hub between a Fortnox and a folder of Opter's files."""
    (tmp_path / "in").mkdir()
    with fortnox_sandbox.running(rate_limit=False) as fortnox:
        monkeypatch.setattr("brygga.sync.open.Permits", lambda budget, **window: Unlimited())
        monkeypatch.setenv("FORTNOX_CLIENT_ID", fortnox.client_id)
        monkeypatch.setenv("FORTNOX_CLIENT_SECRET", fortnox.client_secret)
        monkeypatch.setenv("OPTER_KEY", "-")
        folder: Any = type("Folder", (), {"base_url": tmp_path.as_uri(), "path": tmp_path, "requests": []})()
        made = OpterHub(sqlite_database.home, fortnox, folder)
        made.declare(send="opter")
        yield made


def file_of(hub: Any, rows: str, *, number: str = "100353", more: str = "") -> None:
    """Let Opter export one invoice with these rows."""
    text = (
        f'<OpterInvoices version="1"><Invoice number="{number}" date="2026-09-04" due="2026-10-04" {more}>'
        '<Customer code="NORD" number="1042" name="Nordbygg AB" organisationNumber="556016-0680">'
        '<Address street="Storgatan 1" postalCode="972 38" city="Luleå" countryCode="SE"/></Customer>'
        f"{rows}</Invoice></OpterInvoices>"
    )
    (hub.opter.path / "in" / f"{number}.xml").write_text(text, encoding="utf-8")


def told(hub: OpterHub) -> list[str]:
    """Return the text of what waits or failed among customers and invoices."""
    return [problem["text"] for problem in hub.problems("customers", "hold", "failed", "question")]


def total(record: Any) -> Decimal:
    """Return what an invoice of Fortnox comes to before it is rounded to whole kronor."""
    return Decimal(str(record["Total"])) - Decimal(str(record["RoundOff"]))


# One rounding --------------------------------------------------------------------------------------------------------------


def test_u24_half_an_ore_of_vat_from_a_file_goes_up_and_the_invoice_is_booked(folder_hub: OpterHub) -> None:
    """U24: 1234.50 at 25 percent is 308.63 of VAT; an even half left the invoice unbooked and blamed Opter."""
    hub = folder_hub
    file_of(hub, '<Coding account="3001" text="Styckegods" net="1234.50" vatPercent="25"/>')
    hub.sync()
    invoice = hub.held("invoices", "100353")
    assert (Decimal(str(invoice["TotalVAT"])), total(invoice), invoice["Booked"]) == (Decimal("308.63"), Decimal("1543.13"), True)
    assert told(hub) == []


def test_vat_of_rows_that_say_none_is_reckoned_on_the_sum_of_their_rate(folder_hub: OpterHub) -> None:
    """U24's sibling: three rows of 99.99 are 74.99 of VAT on their sum, not three times 25.00."""
    hub = folder_hub
    rows = '<Coding account="3001" text="Bud" net="99.99" vatPercent="25"/>'
    file_of(hub, rows * 3)
    hub.sync()
    invoice = hub.held("invoices", "100353")
    assert (Decimal(str(invoice["TotalVAT"])), invoice["Booked"], told(hub)) == (Decimal("74.99"), True, [])
