"""The one address of the shop: JSON-RPC 2.0 with its context in the query string, and the order in which a call can be refused."""

from __future__ import annotations

import copy
import json
import secrets
from datetime import timedelta
from typing import Any

from brygga_sandbox.faults import Fault
from brygga_sandbox.server import Request, Response, System, json_response
from brygga_sandbox.textalk import orders
from brygga_sandbox.textalk.classes import CLASSES
from brygga_sandbox.textalk.errors import DENIED, METHOD, PARAMS, PARSE, REQUEST, SERVER, Refusal
from brygga_sandbox.textalk.events import Events
from brygga_sandbox.textalk.query import keep, select, show
from brygga_sandbox.textalk.state import SHOP, TOKEN, State, Values

PATH = ("backend", "jsonrpc", "v1")
LANGUAGES = frozenset({"sv", "no", "nb", "da", "fi", "en", "de"})


class TextalkSystem(System):
    """One shop behind the shared server. `empty_answers`: so many calls from now on are carried out and answered with nothing."""

    name = "textalk"

    def __init__(self) -> None:
        super().__init__()
        self.token = TOKEN
        self.webshop = SHOP
        self.empty_answers = 0
        self._begin()

    def _begin(self) -> None:
        self.state = State(self.clock.now)
        self.events = Events(self.state)
        self._first_written = 0

    # Calls --------------------------------------------------------------------------------------------------------------

    def tenant_of(self, request: Request) -> str | None:
        return request.params().get("webshop")

    def answer(self, request: Request) -> Response:
        """Carry out one call. Order: address, JSON, envelope, shop, sign-in, method, parameters, object."""
        self._first_written = len(self.state.written)
        if tuple(request.segments) != PATH:
            return Response(404, b"<html><body><h1>404 Not Found</h1></body></html>", {"content-type": "text/html"})
        if request.method != "POST":
            return Response(405, b"", {"allow": "POST"})
        id: Any = None
        try:
            body = _parse(request.body)
            id = body.get("id")
            answer = {"jsonrpc": "2.0", "id": id, "result": self._call(body, request.params())}
        except Refusal as refusal:
            answer = {"jsonrpc": "2.0", "id": id, "error": refusal.as_dict()}
        if self.empty_answers:
            self.empty_answers -= 1
            return Response(200, b"", {"content-type": "application/json"})
        return json_response(answer)

    def _call(self, body: dict[str, Any], context: dict[str, str]) -> Any:
        name, _, what = str(body["method"]).partition(".")
        params = body.get("params", [])
        if not isinstance(params, list):
            raise Refusal(PARAMS, {"params": "must be an array"})
        language = context.get("language", "sv")
        if language not in LANGUAGES:
            raise Refusal(PARAMS, {"language": f"unknown: {language}"})
        if (name, what) == ("Admin", "login"):
            return self._login(params)
        if context.get("webshop") != str(SHOP):
            raise Refusal(DENIED, {"webshop": "no such webshop"})
        # With a token and a session together the token wins (client code).
        rights = self.state.rights(context["auth"]) if context.get("auth") else ""
        if context.get("auth") and not rights:
            raise Refusal(DENIED, {"auth": "the token is not valid"})
        if (name, what) == ("Session", "getToken"):
            return secrets.token_hex(16)
        if name not in CLASSES or what not in (*CLASSES[name].methods, "getSchema"):
            raise Refusal(METHOD, {"method": body["method"]})
        session = "" if rights else context.get("session", "")
        return copy.deepcopy(self._carry_out(name, what, params, rights, session))

    def _login(self, params: list[Any]) -> Any:
        token = self.state.login(*(params[:2] if len(params) >= 2 else (None, None)))
        if token is None:
            raise Refusal(DENIED, {"login": "wrong user or password"})
        return {"token": token, "webshops": [SHOP]}

    def _carry_out(self, name: str, what: str, params: list[Any], rights: str, session: str) -> Any:
        given = [*params, None, None, None, None]
        if name == "AuthToken" and rights != "login":
            # A lasting token cannot manage tokens.
            raise Refusal(DENIED, {"method": f"AuthToken.{what}"})
        if name == "Order" and what == "addArticle":
            made = orders.add_article(self.state, given[0], given[1], given[2] or {}, session)
            return show(CLASSES["Order"].fields, made, given[3], self.state.find)
        allowed = None
        if not rights:
            allowed = CLASSES[name].public
            if not allowed or what not in ("get", "list", "count"):
                raise Refusal(DENIED, {"method": f"{name}.{what}"})
        match what:
            case "get":
                return show(
                    CLASSES[name].fields, self._public(name, self.state.get(name, given[0]), allowed), given[1], self._open, allowed
                )
            case "list":
                found = select(self._seen(name, allowed), given[1], CLASSES[name].fields)
                return [show(CLASSES[name].fields, one, given[0], self._open, allowed) for one in found]
            case "count":
                return len(keep(self._seen(name, allowed), given[0] or {}, CLASSES[name].fields))
            case "getSchema":
                return {"type": "object", "properties": {field: {} for field in CLASSES[name].fields}}
        return self._write(name, what, given)

    def _write(self, name: str, what: str, given: list[Any]) -> Any:
        state, fields = self.state, CLASSES[name].fields
        match what:
            case "create":
                return show(fields, self._create(name, given[0]), given[1], self._open)
            case "set" if given[0] is None and "create" in CLASSES[name].methods:
                return show(fields, self._create(name, given[1]), given[2], self._open)
            case "set" | "validate" | "normalize" | "capture" | "getLog" | "delete":
                held = state.get(name, given[0])
            case _:
                raise Refusal(METHOD, {"method": f"{name}.{what}"})
        if what == "set":
            state.check(name, given[1], held["uid"])
            return show(fields, state.change(name, held["uid"], given[1]), given[2], self._open)
        if what in ("validate", "normalize"):
            state.check(name, given[1], held["uid"])
            return given[1] if what == "normalize" else True
        if what == "capture":
            state.change(name, held["uid"], {"status": "paid"})
            self._paid()
            return True
        if what == "getLog":
            return self.events.log(held["uid"])
        state.remove(name, held["uid"])
        return True

    def _create(self, name: str, patch: Any) -> Values:
        self.state.check(name, patch, None)
        made = self.state.add(name, patch)
        if name == "AuthToken":
            made["token"] = secrets.token_hex(20)
        return made

    def _paid(self) -> None:
        """Let each order say whether all of its payments are paid."""
        payments = self.state.objects["Payment"]
        for order in self.state.objects["Order"].values():
            all_paid = all(payments[one]["status"] == "paid" for one in order["payments"])
            order["paymentStatus"] = "paid" if all_paid else "unpaid"

    def _open(self, name: str, uid: int) -> Values | None:
        return self.state.find(name, uid)

    def _seen(self, name: str, allowed: frozenset[str] | None) -> list[Values]:
        found = self.state.listed(name)
        return found if allowed is None else [one for one in found if _is_public(name, one)]

    def _public(self, name: str, held: Values, allowed: frozenset[str] | None) -> Values:
        if allowed is not None and not _is_public(name, held):
            raise Refusal(DENIED, {"class": name})
        return held

    # What the shared server asks of a system ------------------------------------------------------------------------------

    def broken(self, request: Request, status: int) -> Response:
        """Return the answer of a service in trouble: its own error where it is 500, else a page before it was reached."""
        if status == 500:
            return json_response({"jsonrpc": "2.0", "id": None, "error": Refusal(SERVER).as_dict()}, 500)
        return super().broken(request, status)

    def before_call(self, request: Request, fault: Fault) -> None:
        """Withdraw every token, lasting ones too."""
        self.state.logins.clear()
        for one in self.state.objects["AuthToken"].values():
            one["active"] = False

    def after_call(self, request: Request, response: Response, fault: Fault) -> None:
        """Keep what this call wrote out of lists for the fault's seconds of the sandbox's time."""
        until = self.clock.now() + timedelta(seconds=fault.seconds)
        self.state.hidden |= dict.fromkeys(self.state.written[self._first_written :], until)

    def describe(self) -> dict[str, Any]:
        """Return the address, the shop, the token and how much there is of each class."""
        counts = {name: len(held) for name, held in self.state.objects.items()}
        return {**super().describe(), "base_url": self.base_url, "webshop": SHOP, "token": self.token, "objects": counts}

    def reset(self) -> None:
        """Go back to an empty shop, and follow the real time."""
        self.events.close()
        with self.lock:
            self.clock.follow()
            self.faults.clear()
            self._begin()
            self.requests.clear()

    def close(self) -> None:
        """Let the last events go out."""
        self.events.close()

    def admin(self, request: Request, segments: list[str]) -> Response | None:
        """Read, load and change objects as a person in the shop would: records/{Class}[/{uid}], and orders.

        GET lists or shows, POST loads an array and answers its uids, PUT changes fields of one object, DELETE removes it. POST to
        orders places one as a shopper does; see `orders.place`.
        """
        body: Any = json.loads(request.body) if request.body else None
        match request.method, segments:
            case "POST", ["orders"]:
                return json_response(orders.place(self.state, body), 201)
            case "GET", ["records", name]:
                return json_response(list(self.state.objects[name].values()))
            case "POST", ["records", name]:
                return json_response([self.state.add(name, one)["uid"] for one in body], 201)
            case "GET", ["records", name, uid]:
                return json_response(self.state.objects[name][int(uid)])
            case "PUT", ["records", name, uid]:
                return json_response(self.state.change(name, int(uid), body))
            case "DELETE", ["records", name, uid]:
                self.state.remove(name, int(uid))
                return json_response({"ok": True})
        return None


def _parse(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        raise Refusal(PARSE) from None
    if not isinstance(body, dict) or body.get("jsonrpc") != "2.0" or not isinstance(body.get("method"), str):
        raise Refusal(REQUEST)
    return body


def _is_public(name: str, held: Values) -> bool:
    if name == "Article":
        return not held["hidden"] and not held["draft"]
    return bool(held.get("active", True))
