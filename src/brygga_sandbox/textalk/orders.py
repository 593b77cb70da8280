"""Orders: what a placed order keeps of its customer, its articles and its prices, and the cart that it is before."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from brygga_sandbox.textalk.classes import CLASSES
from brygga_sandbox.textalk.errors import NOT_FOUND, PARAMS, Refusal
from brygga_sandbox.textalk.state import SHOP, State, Values, merge

ORE = Decimal("0.01")


def cost(gross: Decimal, rate: Decimal, currency: str) -> Values:
    """Return an amount as the shop shows it: with, without and of VAT, the rate as a fraction."""
    net = (gross / (1 + rate)).quantize(ORE, ROUND_HALF_UP)
    return {
        "currency": currency,
        "exVat": float(net),
        "incVat": float(gross),
        "vat": float(gross - net),
        "vatRate": float(rate),
    }


def decimal(value: Any) -> Decimal:
    """Return a number of JSON as it was written."""
    return Decimal(str(value))


def place(state: State, wish: dict[str, Any]) -> Values:
    """Place an order as a shopper does in the checkout, from what a test or the demo wishes for.

    items      [{articleNumber, name, quantity, incVat, vatRate, discount, discountName, inside, choices}]: incVat is the whole line
               before its discount, or after it where `inside` says so [guess: shops show either]; an article that the shop has lends its
               name and rate; `choices` are choice uid -> option uid, or what the shopper wrote
    discount   off the whole order, gross: shared by the goods of each rate [guess]; the order has no field for it, the cart is less
    shipping, fee   gross; at `shippingVatRate` and `feeVatRate`, else shared by the goods of each rate, `vatRate` then being what
               comes out [guess]
    payments   [{method (name or uid), amount, status, params}]; or method with status for the whole total
    customer   {uid, address, deliveryAddress, info}; of a registered customer by `customer={"uid": ...}` alone
    total      what the shop says the total is, where it is to differ from what the parts make
    costs      what the shop says of its sums, where it is to differ: {"shipment": {"vat": 5}}
    """
    currency = str(wish.get("currency", "SEK"))
    uid = state.uid()
    items = [_item(state, uid, one, currency) for one in wish.get("items", ())]
    costs, total = _costs(wish, items, currency)
    payments = [_pay(state, one) for one in wish.get("payments") or [_whole(wish, total)]]
    statuses = {state.objects["Payment"][one]["status"] for one in payments}
    moment = str(wish.get("ordered") or state.moment())
    state.order_number += 1
    order = {
        "uid": uid,
        "orderNumber": state.order_number,
        "ordered": moment,
        "changed": moment,
        "customer": _customer(state, wish.get("customer") or {}),
        "currency": currency,
        "exchangeRate": float(wish.get("exchangeRate", 1)),
        "items": [item["uid"] for item in items],
        "costs": costs,
        "language": "sv",
        "note": str(wish.get("note", "")),
        "tags": [],
        "externalOrderNumber": "",
        "discarded": False,
        "hasVat": bool(wish.get("hasVat", True)),
        "payments": payments,
        "delivery": None,
        "paymentStatus": "paid" if statuses <= {"paid"} else "unpaid",
        "deliveryStatus": "undelivered",
    }
    return state.add("Order", order)


def _costs(wish: dict[str, Any], items: list[Values], currency: str) -> tuple[Values, Decimal]:
    """Return what the order says of its sums, and what its parts come to."""
    inside = [bool(one.get("inside")) for one in wish.get("items", ())]
    goods = _shared(-decimal(wish.get("discount", 0)), _by_rate(items, inside), add=True)
    shipping = _extra(wish, "shipping", goods)
    fee = _extra(wish, "fee", goods)
    every = [*goods.items(), *shipping.items(), *fee.items()]
    costs = {
        "cart": mixed_cost(list(goods.items()), currency),
        "payment": mixed_cost(list(fee.items()), currency),
        "shipment": mixed_cost(list(shipping.items()), currency),
        "total": mixed_cost(every, currency),
    }
    if "total" in wish:
        costs["total"] |= {
            "incVat": float(decimal(wish["total"])),
            "exVat": float(decimal(wish["total"]) - decimal(costs["total"]["vat"])),
        }
    return merge(costs, wish.get("costs") or {}), sum((amount for _, amount in every), Decimal(0))


def mixed_cost(parts: list[tuple[Decimal, Decimal]], currency: str) -> Values:
    """Return a sum of several rates as the shop shows it: the VAT of each rounded by itself, the rate what comes out [guess]."""
    sums: dict[Decimal, Decimal] = {}
    for rate, amount in parts:
        sums[rate] = sums.get(rate, Decimal(0)) + amount
    if len(sums) <= 1:
        rate, gross = next(iter(sums.items()), (Decimal("0.25"), Decimal(0)))
        return cost(gross, rate, currency)
    gross = sum(sums.values(), Decimal(0))
    vat = sum((decimal(cost(amount, rate, currency)["vat"]) for rate, amount in sums.items()), Decimal(0))
    net = gross - vat
    rate = (vat / net).quantize(Decimal("0.0001"), ROUND_HALF_UP) if net else Decimal(0)
    return {"currency": currency, "exVat": float(net), "incVat": float(gross), "vat": float(vat), "vatRate": float(rate)}


def _by_rate(items: list[Values], inside: list[bool]) -> dict[Decimal, Decimal]:
    """Return rate -> what is left of the lines after their own discounts, the highest rate first."""
    sums: dict[Decimal, Decimal] = {}
    for item, taken_off in zip(items, inside, strict=True):
        off = decimal((item["discountInfo"] or {}).get("incVat", 0))
        left = decimal(item["costs"]["total"]["incVat"]) - (0 if taken_off else off)
        rate = decimal(item["costs"]["total"]["vatRate"])
        sums[rate] = sums.get(rate, Decimal(0)) + left
    return dict(sorted(sums.items(), reverse=True))


def _shared(total: Decimal, goods: dict[Decimal, Decimal], *, add: bool = False) -> dict[Decimal, Decimal]:
    """Return rate -> its share of a sum by the value of the goods, öre that are left over to the last; with the goods where wanted."""
    whole, left, shares = sum(goods.values(), Decimal(0)), total, {}
    for place, (rate, amount) in enumerate(goods.items()):
        last = place == len(goods) - 1
        share = left if last else (total * amount / whole).quantize(ORE, ROUND_HALF_UP) if whole else Decimal(0)
        left -= share
        shares[rate] = share + (amount if add else 0)
    return shares


def _extra(wish: dict[str, Any], name: str, goods: dict[Decimal, Decimal]) -> dict[Decimal, Decimal]:
    amount = decimal(wish.get(name, 0))
    rate = wish.get(f"{name}VatRate")
    if rate is not None or not goods:
        return {decimal(rate if rate is not None else "0.25"): amount}
    return _shared(amount, goods)


def _whole(wish: dict[str, Any], total: Decimal) -> dict[str, Any]:
    return {"method": wish.get("method", "Faktura"), "amount": float(total), "status": wish.get("status", "unpaid")}


def _pay(state: State, wish: dict[str, Any]) -> int:
    methods = state.objects["PaymentMethod"]
    wanted = wish["method"]
    uid = next((uid for uid, one in methods.items() if wanted in (uid, one["name"].get("sv"))), None)
    if uid is None:
        raise ValueError(f"no payment method {wanted}")
    return int(state.add("Payment", {**wish, "method": uid})["uid"])


def _item(state: State, order: int, wish: dict[str, Any], currency: str) -> Values:
    number = str(wish.get("articleNumber", ""))
    article = next((one for one in state.objects["Article"].values() if one["articleNumber"] == number), None)
    rate = decimal(wish.get("vatRate", (article or {}).get("vatRate", 0.25)))
    total, quantity = decimal(wish["incVat"]), int(wish.get("quantity", 1))
    off = decimal(wish.get("discount", 0))
    return state.add(
        "OrderItem",
        {
            "order": order,
            "article": article["uid"] if article else 0,
            "articleNumber": number,
            "articleName": str(wish.get("name") or (article or {}).get("name", {}).get("sv") or number),
            "choices": {**(wish.get("choices") or {}), "quantity": quantity},
            "costs": {"total": cost(total, rate, currency), "unit": cost(total / quantity if quantity else total, rate, currency)},
            "discountInfo": {
                "discount": 1, "name": str(wish.get("discountName", "Rabatt")), "exVat": cost(off, rate, currency)["exVat"],
                "incVat": float(off), "rate": float(rate),
            } if off else None,
            "revenueShare": None,
            "download": None,
        },
    )  # fmt: skip


def _customer(state: State, wish: dict[str, Any]) -> Values:
    """Return the snapshot of a customer: what it was when the order was placed, whatever becomes of it later."""
    uid = wish.get("uid", 0)
    held = state.objects["Customer"].get(uid, {}) if uid else {}
    snapshot = {"uid": uid, **{part: {} for part in ("address", "deliveryAddress", "info")}}
    for part in ("address", "deliveryAddress", "info"):
        default = CLASSES["Customer"].defaults[part]
        snapshot[part] = merge(merge({**default}, held.get(part, {})), wish.get(part, {}))
    return snapshot


def add_article(state: State, order: Any, article: Any, choices: Any, session: str) -> Values:
    """Put an article in the session's cart, which is an order that nobody but the session sees (client code)."""
    held = state.get("Article", article)
    if not held["isBuyable"] or held["hidden"] or held["draft"]:
        raise Refusal(NOT_FOUND, {"class": "Article", "uid": article})
    quantity = choices.get("quantity", 1) if isinstance(choices, dict) else None
    if not isinstance(quantity, int) or quantity < 1:
        raise Refusal(PARAMS, {"choices": "quantity must be a whole number from 1"})
    cart = state.sessions.get(session) if session else None
    if order is not None and order != cart:
        raise Refusal(NOT_FOUND, {"class": "Order", "uid": order})
    base = state.objects["Webshop"][SHOP]["baseCurrency"]
    price = decimal(held["price"]["regular"].get(base, 0)) * quantity
    if cart is None:
        made = place(state, {"items": [], "method": "Faktura"})
        cart = made["uid"]
        state.carts.add(cart)
        if session:
            state.sessions[session] = cart
    item = _item(state, cart, {"articleNumber": held["articleNumber"], "quantity": quantity, "incVat": price}, base)
    found = state.objects["Order"][cart]
    found["items"].append(item["uid"])
    return found
