"""Webshop order to rows, with the articles "Rabatt" and "Annan betalning"."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga.core.money import percent_text
from brygga.core.webshop import OtherPayment, ShopItem, ShopOrder, ShopSettings, prepare


def run(given: Mapping[str, Any]) -> dict[str, object]:
    order = ShopOrder(
        items=tuple(
            ShopItem(item["sku"], int(item["qty"]), Decimal(item["line_total"]), Decimal(item["vat"])) for item in given["items"]
        ),
        shipping=Decimal(given["shipping"]),
        fee=Decimal(given["fee"]),
        discount=Decimal(given["discount"]),
        other_payments=tuple(
            OtherPayment(Decimal(other["amount"]), other["kind"], None if other["vat"] is None else Decimal(other["vat"]))
            for other in given["other_payments"]
        ),
        paid=Decimal(given["paid"]),
    )
    prepared = prepare(order, ShopSettings(round_to_krona=given["round_to_krona"]))
    return {
        "rows": [
            {
                "article": row.article,
                "qty": str(row.quantity),
                "price": str(row.price),
                "vat": percent_text(row.rate),
                "account": row.account,
            }
            for row in prepared.rows
        ],
        "vat": {percent_text(rate): str(part.vat) for rate, part in prepared.totals.per_rate.items()},
        "total": str(prepared.totals.exact),
        "fortnox_total": str(prepared.totals.total),
        "round_off": str(prepared.totals.round_off),
        "write_off": None if prepared.write_off is None else str(prepared.write_off),
        "ok": prepared.amounts_agree,
    }
