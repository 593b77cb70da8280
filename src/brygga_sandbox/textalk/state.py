"""What a shop holds: objects by class and uid, sign-ins, and what happened to them."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from brygga_sandbox.textalk.classes import CLASSES, STATUSES, matches, reference
from brygga_sandbox.textalk.errors import INVALID, NOT_FOUND, Refusal

SHOP = 32110
USER, PASSWORD = "admin", "losenord"
TOKEN = "a7" * 20
DAY = timedelta(hours=24)
Values = dict[str, Any]


class State:
    """The objects of one shop. `listeners` are told of every change as (event name, object)."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.objects: dict[str, dict[int, Values]] = {name: {} for name in CLASSES}
        self.numbers: dict[str, int] = {}
        self.carts: set[int] = set()
        self.sessions: dict[str, int] = {}
        self.hidden: dict[tuple[str, int], datetime] = {}
        self.written: list[tuple[str, int]] = []
        self.listeners: list[Callable[[str, Values], None]] = []
        self.logins: dict[str, datetime] = {}
        self._next = 1000
        self.order_number = 5000
        self._begin()

    def _begin(self) -> None:
        self.objects["Webshop"][SHOP] = {
            "uid": SHOP, "name": {"sv": "Fjordens Porslin", "no": "Fjordens Porselen"}, "baseCurrency": "SEK",
            "activeCurrencies": ["SEK", "NOK", "EUR"], "priceStoredWithVat": True, "vatSupport": True, "vatCountry": "SE",
            "defaultLanguage": "sv", "companyNumber": "556016-0680", "contactEmail": "butik@fjorden.example", "type": "webshop",
            "edition": "pro",
        }  # fmt: skip
        for position, (name, norwegian, type) in enumerate(
            (("Faktura", "Faktura", "invoice"), ("Kort", "Kort", "card"), ("Swish", "Swish", "swish"),
             ("Klarna", "Klarna", "klarna"), ("Presentkort", "Gavekort", "giftcard"))
        ):  # fmt: skip
            self.add("PaymentMethod", {"name": {"sv": name, "no": norwegian}, "position": position, "type": type})
        self.add("DeliveryMethod", {"name": {"sv": "Brev", "no": "Brev"}})
        made = self.add("AuthToken", {"name": "Fortnox"})
        made["token"] = TOKEN

    def moment(self) -> str:
        """Return the time as the shop writes it: to the second, with its zone [guess]."""
        return self.now().isoformat(timespec="seconds")

    def uid(self) -> int:
        self._next += 1
        return self._next

    def add(self, name: str, values: Values) -> Values:
        """Put an object in with its defaults, and tell of it."""
        uid = values.get("uid") or self.uid()
        made = merge(copy.deepcopy(CLASSES[name].defaults), {**copy.deepcopy(values), "uid": uid})
        for field in ("created", "changed"):
            if field in CLASSES[name].fields:
                made.setdefault(field, self.moment())
        if name == "EventListener":
            made.setdefault("status", {"active": True, "inactiveSince": None})
        self.objects[name][uid] = made
        self._number(name, "", made)
        self._tell(name, "created", made)
        return made

    def change(self, name: str, uid: int, patch: Values) -> Values:
        """Change an object; one whose values stay the same counts as saved nevertheless [guess]."""
        held = self.objects[name][uid]
        before = held.get("articleNumber", "")
        merge(held, copy.deepcopy(patch))
        self._number(name, before, held)
        if "changed" in CLASSES[name].fields:
            held["changed"] = self.moment()
        self._tell(name, "changed", held)
        return held

    def _number(self, name: str, before: str, held: Values) -> None:
        """Keep who has which article number."""
        if name == "Article":
            if self.numbers.get(before) == held["uid"]:
                del self.numbers[before]
            if held["articleNumber"]:
                self.numbers[held["articleNumber"]] = held["uid"]

    def remove(self, name: str, uid: int) -> None:
        if name == "Article":
            self.numbers.pop(self.objects[name][uid]["articleNumber"], None)
        self._tell(name, "deleted", self.objects[name].pop(uid))

    def find(self, name: str, uid: int) -> Values | None:
        """Return an object; a cart is none for anyone who asks by uid."""
        found = self.objects[name].get(uid) if isinstance(uid, int) else None
        return None if found is None or (name == "Order" and uid in self.carts) else found

    def get(self, name: str, uid: Any) -> Values:
        found = self.find(name, uid)
        if found is None:
            raise Refusal(NOT_FOUND, {"class": name, "uid": uid})
        return found

    def listed(self, name: str) -> list[Values]:
        now = self.now()
        return [
            one
            for uid, one in self.objects[name].items()
            if not (name == "Order" and uid in self.carts) and self.hidden.get((name, uid), now) <= now
        ]

    def _tell(self, name: str, what: str, held: Values) -> None:
        self.written.append((name, held["uid"]))
        for listener in self.listeners:
            listener(f"{name}/{what}", held)

    # ------------------------------------------------------------------------------------------------ what holds

    def check(self, name: str, patch: Any, uid: int | None) -> None:
        """Raise 9001 with every path that does not hold."""
        if not isinstance(patch, dict):
            raise Refusal(INVALID, {"/": "must be an object"})
        wrong = self._wrong(CLASSES[name].fields, patch, "")
        wrong |= {f"/{field}": "cannot be set" for field in patch if field in CLASSES[name].told}
        number = patch.get("articleNumber")
        if name == "Article" and isinstance(number, str) and number and self.numbers.get(number, uid) != uid:
            wrong["/articleNumber"] = "already in use"
        if name == "Article" and uid is None and not patch.get("name"):
            wrong["/name"] = "is required"
        rate = patch.get("vatRate")
        if name == "Article" and isinstance(rate, (int, float)) and not 0 <= rate < 1:
            wrong["/vatRate"] = "must be a fraction, such as 0.25"
        if name == "Payment" and "status" in patch and patch["status"] not in STATUSES:
            wrong["/status"] = "must be one of " + ", ".join(STATUSES)
        for field in ("address", "deliveryAddress"):
            part = patch.get(field)
            country = part.get("country") if name == "Customer" and isinstance(part, dict) else ""
            if country and (not isinstance(country, str) or len(country) != 2 or country != country.upper()):
                wrong[f"/{field}/country"] = "must be ISO 3166-1 alpha-2"
        if name == "EventListener" and uid is None:
            wrong |= {f"/{field}": "is required" for field in ("eventName", "url") if not patch.get(field)}
            if "/" not in str(patch.get("eventName") or "/"):
                wrong["/eventName"] = "must be Class/what"
            same = (patch.get("eventName"), patch.get("authToken", ""))
            if any((one["eventName"], one.get("authToken", "")) == same for one in self.objects["EventListener"].values()):
                wrong["/eventName"] = "already listened to with this token"
        if wrong:
            raise Refusal(INVALID, wrong)

    def _wrong(self, fields: dict[str, Any], patch: Values, path: str) -> dict[str, str]:
        wrong: dict[str, str] = {}
        for name, value in patch.items():
            here = f"{path}/{name}"
            if name not in fields:
                wrong[here] = "no such field"
            elif not matches(fields[name], value):
                wrong[here] = "is of the wrong type"
            elif isinstance(fields[name], dict):
                wrong |= self._wrong(fields[name], value, here)
            elif (target := reference(fields[name])) and isinstance(value, int) and value not in self.objects[target]:
                wrong[here] = "refers to nothing"
            elif fields[name] == "money":
                active = self.objects["Webshop"][SHOP]["activeCurrencies"]
                wrong |= {f"{here}/{code}": "currency is not active" for code in value if code not in active}
        return wrong

    # ------------------------------------------------------------------------------------------------ who calls

    def login(self, user: Any, password: Any) -> str | None:
        if (user, password) != (USER, PASSWORD):
            return None
        token = secrets.token_hex(20)
        self.logins[token] = self.now() + DAY
        return token

    def rights(self, token: str) -> str:
        """Return "login" for a person's own token, "token" for a lasting one, "" for one that does not hold."""
        if token in self.logins:
            return "login" if self.logins[token] > self.now() else ""
        for one in self.objects["AuthToken"].values():
            if one.get("token") == token and one["active"]:
                one["lastUsed"] = self.moment()
                return "token"
        return ""


def merge(held: Values, patch: Values) -> Values:
    """Put a patch into an object: nested objects are merged, everything else is replaced."""
    for name, value in patch.items():
        if isinstance(value, dict) and isinstance(held.get(name), dict):
            merge(held[name], value)
        else:
            held[name] = value
    return held
