"""The offices of each business system and of Fortnox beside it, as `proof.edited_days` lets people work in them.

A field is held in the words that both sides share, so that what is carried over can be compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from proof.edited_days import LEFT, RIGHT, Held, Office
from proof.opter_scenarios import OpterInvoices, number_of
from proof.scenarios import Assignments, Deliveries, Orders, Sales
from proof.world import World, a_world
from proof.worlds import (
    OpterWorld,
    TextalkWorld,
    UpsalesWorld,
    mobigo_world,
    opter_world,
    textalk_world,
    upsales_world,
)

BOTH = (LEFT, RIGHT)


def _text(value: Any) -> str:
    return str(value or "")


class DeliveryOffice(Deliveries):
    """webCRM: text and quantity of a delivery and its order, on both sides; its customer's telephone too; cancelled in Fortnox."""

    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": BOTH, "quantity": BOTH, "phone": BOTH}
    kept = frozenset[str]()
    acts: ClassVar[Mapping[str, int]] = {"cancel": 1}

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.deliveries: dict[str, tuple[int, int]] = {}

    def sync(self) -> object:
        for stream in ("customers", "deliveries"):
            self.world.stream = stream
            self.world.sync()
        return None

    def new(self, mark: str) -> None:
        from hub import organisation

        [customer] = self.world.webcrm.load("Organisation", [organisation(OrganisationName=f"{mark} AB")])
        row = {"Artikelnummer": "A1", "Benämning": "Bord", "Enhet": "st", "Quantity": 2, "Price": 400, "VatPercentage": 25}
        delivery = self.world.webcrm.add_delivery({"Ordertext": mark}, [row], organisation=customer)
        self.deliveries[mark] = (customer, delivery)

    def _orders(self, mark: str) -> list[dict[str, Any]]:
        customers = {str(one["CustomerNumber"]) for one in self.world.customers() if one["Name"] == f"{mark} AB"}
        with self.world.fortnox.lock:
            orders = [dict(one) for one in self.world.fortnox.company.table("orders").all()]
        return [one for one in orders if str(one["CustomerNumber"]) in customers]

    def held(self, mark: str) -> tuple[list[Held], list[Held]]:
        customer, delivery = self.deliveries[mark]
        lines = self.world.webcrm.lines_of(delivery)
        left = {
            "id": delivery,
            "text": _text(self.world.webcrm.delivery(delivery)["Ordertext"]),
            "quantity": float(lines[0]["QuotationLineQuantity"]),
            "phone": _text(self.world.webcrm.organisation(customer)["Telefon"]),
        }
        right = [
            {
                "id": one["DocumentNumber"],
                "text": _text(one["Remarks"]),
                "quantity": float(one["OrderRows"][0]["DeliveredQuantity"]),
                "phone": _text(self.world.customer(str(one["CustomerNumber"]))["Phone1"]),
                "cancelled": one["Cancelled"],
            }
            for one in self._orders(mark)
        ]
        return [left], right

    def change(self, mark: str, name: str, side: str, number: int) -> Any:
        customer, delivery = self.deliveries[mark]
        value: Any = float(number) if name == "quantity" else f"0470-{number:06}" if name == "phone" else f"{mark} text {number}"
        if side == LEFT:
            if name == "phone":
                self.world.webcrm.organisation(customer).update(Telefon=value)
            elif name == "text":
                self.world.webcrm.delivery(delivery).update(Ordertext=value)
            else:
                self.world.webcrm.line(self.world.webcrm.lines_of(delivery)[0]["QuotationLineId"]).update(Quantity=value)
            return value
        [order] = self._orders(mark)
        if name == "phone":
            self.world.edit_customer(str(order["CustomerNumber"]), Phone1=value)
            return value
        rows = [{"RowId": order["OrderRows"][0]["RowId"], "OrderedQuantity": value, "DeliveredQuantity": value}]
        body = {"Remarks": value} if name == "text" else {"OrderRows": rows}
        self.world.fortnox_call("PUT", f"/3/orders/{order['DocumentNumber']}", {"Order": body})
        return value

    def act(self, mark: str, what: str) -> str:
        [order] = self._orders(mark)
        if order["Cancelled"]:
            return ""
        self.world.fortnox_call("PUT", f"/3/orders/{order['DocumentNumber']}/cancel")
        return "cancelled in Fortnox"

    def also(self, mark: str, left: Held, right: Held, done: Counter[str]) -> str:
        return "no longer cancelled" if done["cancel"] and not right["cancelled"] else ""

    def settings(self, number: int) -> str:
        self.world.declare(brake=1.0 - number % 2 / 10)
        return f"the brake is {1.0 - number % 2 / 10}"


class SaleOffice(Sales):
    """Upsales: quantity of a won sale and its invoice on both sides, text of the sale; booked, paid, cancelled in Fortnox."""

    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {"quantity": BOTH, "text": (LEFT,)}
    kept = frozenset[str]()
    acts: ClassVar[Mapping[str, int]] = {"book": 3, "pay": 3, "cancel": 1}

    def __init__(self, world: UpsalesWorld) -> None:
        super().__init__(world)
        self.sales: dict[str, int] = {}

    def new(self, mark: str) -> None:
        self.sales[mark] = self.shop.sell(description=mark, custom=[self._remarks(mark)])

    def _remarks(self, text: str) -> dict[str, Any]:
        return {"fieldId": self.world.upsales.field_id("order", "REMARKS"), "value": text}

    def _invoices(self, mark: str) -> list[dict[str, Any]]:
        return [one for one in self.world.all("invoices") if str(one["Remarks"]).startswith(mark)]

    def held(self, mark: str) -> tuple[list[Held], list[Held]]:
        sale = self.world.upsales.order(self.sales[mark])
        left = {
            "id": sale.id,
            "quantity": float(sale["orderRow"][0]["quantity"]),
            "text": _text(sale["REMARKS"]),
            "paid": sale["IS_PAID"],
            "stage": sale["stage"]["name"],
        }
        right = [
            {
                "id": one["DocumentNumber"],
                "quantity": float(one["InvoiceRows"][0]["DeliveredQuantity"]),
                "text": _text(one["Remarks"]),
                "balance": float(one["Balance"]),
                "cancelled": one["Cancelled"],
            }
            for one in self._invoices(mark)
        ]
        return [left], right

    def change(self, mark: str, name: str, side: str, number: int) -> Any:
        value: Any = float(number) if name == "quantity" else f"{mark} text {number}"
        sale = self.world.upsales.order(self.sales[mark])
        if side == LEFT and name == "text":
            sale.update(REMARKS=value)
        elif side == LEFT:
            first, *others = self.shop.rows()
            sale.update(orderRow=[{**row, "product": {"id": row["product"]}} for row in ({**first, "quantity": value}, *others)])
        else:
            [invoice] = self._invoices(mark)
            first, *more = [{"RowId": row["RowId"]} for row in invoice["InvoiceRows"]]
            rows = [{**first, "DeliveredQuantity": value}, *more]
            self.world.fortnox_call("PUT", f"/3/invoices/{invoice['DocumentNumber']}", {"Invoice": {"InvoiceRows": rows}})
        return value

    def act(self, mark: str, what: str) -> str:
        [invoice] = self._invoices(mark)
        return pay_or_book(self.world, invoice, what)

    def also(self, mark: str, left: Held, right: Held, done: Counter[str]) -> str:
        if done["pay"] and (not left["paid"] or right["balance"] != 0):
            return "paid in Fortnox, and the sale does not say so"
        if done["cancel"] and (left["stage"] != "Förlorad" or not right["cancelled"]):
            return "cancelled in Fortnox, and the sale is not lost"
        return ""

    def settings(self, number: int) -> str:
        self.world.declare(cancel_in_fortnox=bool(number % 2))
        return f"cancel_in_fortnox is {bool(number % 2)}"


def pay_or_book(world: Any, invoice: dict[str, Any], what: str) -> str:
    """Book an invoice of Fortnox, cancel it, or pay it whole and book that, as a bookkeeper there may; "" where that cannot be."""
    number = invoice["DocumentNumber"]
    if invoice["Cancelled"] or (what != "pay" and invoice["Booked"]) or (what == "pay" and not invoice["Booked"]):
        return ""
    if what != "pay":
        world.fortnox_call("PUT", f"/3/invoices/{number}/{'bookkeep' if what == 'book' else 'cancel'}")
        return f"invoice {number}"
    if not float(invoice["Balance"]):
        return ""
    body = {"InvoiceNumber": int(number), "Amount": float(invoice["Balance"]), "PaymentDate": invoice["InvoiceDate"]}
    made = world.fortnox_call("POST", "/3/invoicepayments", {"InvoicePayment": body})["InvoicePayment"]
    world.fortnox_call("PUT", f"/3/invoicepayments/{made['Number']}/bookkeep")
    return f"invoice {number}"


class OrderOffice(Orders):
    """Textalk: an order by invoice; paid in the shop or cancelled there; what Fortnox' office types on the invoice stays."""

    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {"reference": (RIGHT,)}
    kept = frozenset({"reference"})
    acts: ClassVar[Mapping[str, int]] = {"paid in the shop": 3, "cancelled in the shop": 1}

    def __init__(self, world: TextalkWorld) -> None:
        self.world = world
        world.declare(cancel_in_fortnox=True)
        world.sync()
        self.orders: dict[str, int] = {}

    def new(self, mark: str) -> None:
        self.orders[mark] = self.world.order(note=mark)

    def _invoices(self, mark: str) -> list[dict[str, Any]]:
        return [one for one in self.world.records("invoices") if one["Comments"] == mark]

    def held(self, mark: str) -> tuple[list[Held], list[Held]]:
        order = self.world.shop.get("Order", self.orders[mark])
        right = [
            {
                "id": one["DocumentNumber"],
                "reference": _text(one["YourReference"]),
                "cancelled": one["Cancelled"],
                "balance": float(one["Balance"]),
            }
            for one in self._invoices(mark)
        ]
        return [{"id": order["uid"], "number": order["externalOrderNumber"]}], right

    def change(self, mark: str, name: str, side: str, number: int) -> Any:
        [invoice] = self._invoices(mark)
        if not invoice["Cancelled"] and not invoice["Booked"]:
            body = {"Invoice": {"YourReference": f"Eva {number}"}}
            self.world.fortnox_call("PUT", f"/3/invoices/{invoice['DocumentNumber']}", body)
            return f"Eva {number}"
        return _text(invoice["YourReference"])

    def act(self, mark: str, what: str) -> str:
        uid = self.orders[mark]
        order = self.world.shop.get("Order", uid)
        if order.get("discarded") or order.get("paymentStatus") == "paid":
            return ""
        [invoice] = self._invoices(mark)
        if what == "paid in the shop":
            self.world.shop.pay(uid)
        elif invoice["Booked"]:
            return ""
        else:
            self.world.shop.discard(uid)
        return f"order {uid}"

    def also(self, mark: str, left: Held, right: Held, done: Counter[str]) -> str:
        if done["cancelled in the shop"] and not done["paid in the shop"] and not right["cancelled"]:
            return "cancelled in the shop, and not in Fortnox"
        return "" if str(left["number"]) == str(right["id"]) else "the shop has another number"

    def settings(self, number: int) -> str:
        self.world.declare(brake=1.0 - number % 2 / 10)
        return f"the brake is {1.0 - number % 2 / 10}"


class AssignmentOffice(Assignments):
    """Mobigo: an assignment that is edited until it is marked; what Fortnox' office types on the order stays."""

    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {"reference": (RIGHT,), "quantity": (RIGHT,)}
    kept = frozenset({"reference", "quantity"})
    acts: ClassVar[Mapping[str, int]] = {"edited too late": 1}

    def new(self, mark: str) -> None:
        super().act(mark)

    def _orders(self, mark: str) -> list[dict[str, Any]]:
        return [one for one in self.world.records("orders") if mark in str(one["ExternalInvoiceReference1"])]

    def held(self, mark: str) -> tuple[list[Held], list[Held]]:
        left = [
            {"id": mark, "number": one["export"]["documentNumber"]}
            for one in self.world.mobigo.all("Assignments")
            if one["number"] == mark
        ]
        right = [
            {
                "id": one["DocumentNumber"],
                "reference": _text(one["YourReference"]),
                "quantity": float(one["OrderRows"][0]["DeliveredQuantity"]),
            }
            for one in self._orders(mark)
        ]
        return left, right

    def change(self, mark: str, name: str, side: str, number: int) -> Any:
        [order] = self._orders(mark)
        first, *more = [{"RowId": row["RowId"]} for row in order["OrderRows"]]
        rows = [{**first, "OrderedQuantity": number, "DeliveredQuantity": number}, *more]
        body = {"YourReference": f"Eva {number}"} if name == "reference" else {"OrderRows": rows}
        self.world.fortnox_call("PUT", f"/3/orders/{order['DocumentNumber']}", {"Order": body})
        return f"Eva {number}" if name == "reference" else float(number)

    def act(self, mark: str, what: str) -> str:  # type: ignore[override]
        self.world.mobigo.edit("Assignments", mark, actionText="Ändrad efteråt")
        return what

    def also(self, mark: str, left: Held, right: Held, done: Counter[str]) -> str:
        return "" if str(left["number"]) == str(right["id"]) else "Mobigo has another number"

    def settings(self, number: int) -> str:
        self.world.declare(brake=1.0 - number % 2 / 10)
        return f"the brake is {1.0 - number % 2 / 10}"


class OpterOffice(OpterInvoices):
    """Opter: an invoice with its customer's name, which follows with it; booked and paid in Fortnox, the payments saved back."""

    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {"net": (LEFT,)}
    kept = frozenset[str]()
    acts: ClassVar[Mapping[str, int]] = {"book": 3, "pay": 3}

    def __init__(self, world: OpterWorld) -> None:
        self.world = world
        world.sync()

    def sync(self) -> object:
        from brygga.sync.payments import Wish
        from brygga.sync.start import begin_run, execute

        self.world.sync()
        for wish in (Wish(), Wish(save=True, who="anna")):
            execute(begin_run(self.world.integration(), "payments", trigger="person", only=wish.only()).pk)
        return None

    def new(self, mark: str) -> None:
        super().act(mark)

    def _invoices(self, mark: str) -> list[dict[str, Any]]:
        return [one for one in self.world.records("invoices") if str(one["CustomerNumber"]) == f"7{number_of(mark)}"]

    def held(self, mark: str) -> tuple[list[Held], list[Held]]:
        invoice = self.world.opter.get("Invoices", number_of(mark))
        registered = [one for one in self.world.opter.registrations() if one["invoiceNumber"] == number_of(mark)]
        left = {
            "id": number_of(mark),
            "net": float(sum(row["net"] for row in invoice["coding"])),
            "name": self.world.opter.get("Customers", mark)["name"],
            "paid": [float(one["amount"]) for one in registered],
        }
        right = [
            {
                "id": one["DocumentNumber"],
                "net": float(one["Net"]),
                "name": self.world.held("customers", one["CustomerNumber"])["Name"],
                "booked": one["Booked"],
                "paid": [
                    float(paid["Amount"])
                    for paid in self.world.records("invoicepayments")
                    if str(paid["InvoiceNumber"]) == str(one["DocumentNumber"])
                ],
            }
            for one in self._invoices(mark)
        ]
        return [left], right

    def change(self, mark: str, name: str, side: str, number: int) -> Any:
        self.world.opter.edit("Customers", mark, name=f"{mark} AB {number}")
        coding = [{"account": "3001", "text": "Styckegods", "net": number, "vatPercent": 25}]
        self.world.opter.edit("Invoices", number_of(mark), coding=coding)
        return float(number)

    def act(self, mark: str, what: str) -> str:  # type: ignore[override]
        [invoice] = self._invoices(mark)
        return pay_or_book(self.world, invoice, what)

    def also(self, mark: str, left: Held, right: Held, done: Counter[str]) -> str:
        if not right["booked"] and left["name"] != right["name"]:
            return "its customer has another name in Fortnox"
        return "" if left["paid"] == right["paid"] else "other payments in Opter than in Fortnox"

    def settings(self, number: int) -> str:
        self.world.declare(brake=1.0 - number % 2 / 10)
        return f"the brake is {1.0 - number % 2 / 10}"


@contextmanager
def _of(world: Callable[[Path], Any], office: Callable[[Any], Office], home: Path) -> Iterator[Office]:
    with world(home) as made:
        yield office(made)


OFFICES: dict[str, Callable[[Path], Any]] = {
    "webcrm deliveries": lambda home: _of(a_world, DeliveryOffice, home),
    "upsales sales": lambda home: _of(upsales_world, SaleOffice, home),
    "textalk orders": lambda home: _of(textalk_world, OrderOffice, home),
    "mobigo assignments": lambda home: _of(mobigo_world, AssignmentOffice, home),
    "opter invoices and payments": lambda home: _of(opter_world, OpterOffice, home),
}
