"""The sandbox as tests and the demo hold it: the running shop with direct access to what is in it."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

from brygga_sandbox.server import ADMIN, serve
from brygga_sandbox.textalk import orders
from brygga_sandbox.textalk.app import TextalkSystem
from brygga_sandbox.textalk.state import PASSWORD, USER

READING = frozenset({"get", "list", "count", "getSchema", "getLog", "getToken", "login", "validate", "normalize"})


class Sandbox(TextalkSystem):
    """A shop with direct access to what is in it; `clock`, `faults`, `requests`, `base_url` and `lock` are a System's."""

    user, password = USER, PASSWORD

    @property
    def admin_url(self) -> str:
        """Return the address beside the imitated API: faults, clock, calls seen, records, orders."""
        return self.base_url + ADMIN

    def load(self, name: str, objects: list[dict[str, Any]]) -> list[int]:
        """Put many objects of a class in at once, as they are, and return their uids. Listeners are told."""
        with self.lock:
            return [int(self.state.add(name, one)["uid"]) for one in objects]

    def order(self, **wish: Any) -> int:
        """Place an order as a shopper does and return its uid; see `orders.place`."""
        with self.lock:
            return int(orders.place(self.state, wish)["uid"])

    def cart(self) -> int:
        """Begin an order that is never placed and return its uid."""
        with self.lock:
            uid = int(orders.place(self.state, {"items": []})["uid"])
            self.state.carts.add(uid)
            return uid

    def get(self, name: str, uid: int) -> dict[str, Any]:
        """Return one object as it is held. Raises KeyError."""
        with self.lock:
            return copy.deepcopy(self.state.objects[name][uid])

    def all(self, name: str) -> list[dict[str, Any]]:
        """Return every object of a class, by uid."""
        with self.lock:
            return [copy.deepcopy(one) for _, one in sorted(self.state.objects[name].items())]

    def change(self, name: str, uid: int, /, **fields: Any) -> None:
        """Change an object as a person in the shop would, at the sandbox's time."""
        with self.lock:
            self.state.change(name, uid, fields)

    def discard(self, uid: int) -> None:
        """Cancel an order in the shop; listeners of Order/discarded are told."""
        with self.lock:
            held = self.state.change("Order", uid, {"discarded": True})
            for listener in self.state.listeners:
                listener("Order/discarded", held)

    def pay(self, uid: int) -> None:
        """Let every payment of an order be paid, as when the money came in."""
        with self.lock:
            for payment in self.state.objects["Order"][uid]["payments"]:
                self.state.change("Payment", payment, {"status": "paid"})
            self.state.change("Order", uid, {"paymentStatus": "paid"})

    def method(self, name: str) -> int:
        """Return the uid of a payment method by its Swedish name. Raises KeyError."""
        with self.lock:
            for uid, one in self.state.objects["PaymentMethod"].items():
                if one["name"].get("sv") == name:
                    return uid
        raise KeyError(name)

    def calls(self) -> list[tuple[str, list[Any]]]:
        """Return every call that was seen, as (method, parameters)."""
        bodies = [json.loads(seen.body) for seen in self.requests if seen.body and seen.body.startswith("{")]
        return [(str(body.get("method")), list(body.get("params", []))) for body in bodies]

    def writes(self) -> list[tuple[str, list[Any]]]:
        """Return the calls that asked for a change."""
        return [(name, params) for name, params in self.calls() if name.partition(".")[2] not in READING]


@contextlib.contextmanager
def running(*, port: int = 0) -> Iterator[Sandbox]:
    """Run a shop on 127.0.0.1 while the block lasts; port 0 is a free one."""
    sandbox = Sandbox()
    with serve(sandbox, port):
        yield sandbox
