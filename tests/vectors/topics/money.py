"""Rounding, VAT in and out of prices, and splits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga.core import money


def run(given: Mapping[str, Any]) -> dict[str, object]:
    operation, args = given["op"], given["args"]
    first = Decimal(args[0])
    if operation == "allocate":
        return {"result": [str(part) for part in money.allocate(first, [Decimal(weight) for weight in args[1]])]}
    if operation == "split_row":
        rows = money.split_row(first, int(args[1]))
        return {"rows": [{"qty": str(quantity), "price": str(price)} for quantity, price in rows]}
    if operation == "round_krona":
        rounded = money.round_krona(first)
        return {"result": str(rounded), "round_off": str(money.round_ore(rounded - first))}
    if operation == "vat_from_gross":
        vat = money.vat_from_gross(first, Decimal(args[1]))
        return {"net": str(first - vat), "vat": str(vat)}
    if operation == "vat_from_net":
        return {"result": str(money.vat_from_net(first, Decimal(args[1])))}
    one_argument = {"round_ore": money.round_ore, "fortnox_2dec": money.fortnox_2dec}
    return {"result": str(one_argument[operation](first))}
