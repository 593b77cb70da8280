"""Cash discount, bad debt, card provider payouts, bank fees."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga.core import write_offs
from brygga.core.vouchers import Voucher


def run(given: Mapping[str, Any]) -> dict[str, object]:
    return {"voucher": {account: str(amount) for account, amount in _voucher(given).items()}}


def _voucher(given: Mapping[str, Any]) -> Voucher:
    case = given["case"]
    if case == "cash_discount":
        return write_offs.cash_discount(Decimal(given["total"]), Decimal(given["vat"]), Decimal(given["percent"]))
    if case == "bad_debt":
        return write_offs.bad_debt(Decimal(given["balance"]), Decimal(given["vat"]))
    if case == "provider_payout":
        return write_offs.provider_payout(Decimal(given["gross"]), Decimal(given["fee"]), given["fee_vat"])
    if case == "bank_fee":
        return write_offs.bank_fee(Decimal(given["balance"]), Decimal(given["received"]))
    raise ValueError(f"{case} is no kind of write-off")
