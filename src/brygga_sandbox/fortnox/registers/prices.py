"""Price lists and prices: the triple of list, article and from which quantity (Fortnox API, section 9.3)."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.payload import checked, shown
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response


def preselected(company: Company) -> str:
    """Return the code of the price list that new customers and articles get."""
    for code, record in company.table("pricelists").records.items():
        if record.get("PreSelected"):
            return str(code)
    return "A"


def base_price(company: Company, article: str) -> Any:
    """Return the price of an article from quantity 0 in the preselected list, None without one."""
    kept = company.table("prices").records.get((preselected(company), article, "0"))
    return None if kept is None else kept.get("Price", 0)


def put_base_price(company: Company, article: str, price: Any) -> None:
    """Write the price of an article from quantity 0 in the preselected list."""
    code = preselected(company)
    record = {"ArticleNumber": article, "PriceList": code, "FromQuantity": 0, "Price": price, "Date": _stamp(company)}
    table = company.table("prices")
    table.put((code, article, "0"), {**table.blank, **record}, company.minute())


class PriceLists(Resource):
    """Price lists; one of them is preselected; none can be deleted."""

    name, tag, one, many = "pricelists", "PriceLists", "PriceList", "PriceLists"
    verbs = "LRCU"
    key_field = "Code"
    scopes = ("price",)
    missing_code, thing = 2000431, "prislistan"

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Take the mark from the others when this list is to be preselected."""
        if record["PreSelected"]:
            self._only(call)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse to leave no list preselected."""
        if record["PreSelected"] and not old["PreSelected"]:
            self._only(call)
        elif old["PreSelected"] and not record["PreSelected"]:
            raise refusal_text("En prislista måste vara förvald.")

    def _only(self, call: Call) -> None:
        for other in list(call.company.table(self.name).all()):
            if other["PreSelected"]:
                call.company.put(self.name, other["Code"], {**other, "PreSelected": False})


class Prices(Resource):
    """Prices; the key is three parts, the first price of an article may be addressed by two."""

    name, tag, one, many = "prices", "Prices", "Price", "Prices"
    verbs = "LC"
    scopes = ("price",)
    missing_code, thing = 2000430, "priset"
    changes = {"Date": {"where": "D"}}
    unset = {"Price": 0, "Percent": 0, "FromQuantity": 0}
    ignored_params = frozenset({"fromquantity"})
    more_operations = (
        ("GET", "/3/prices/{}/{}"),
        ("PUT", "/3/prices/{}/{}"),
        ("GET", "/3/prices/sublist/{}/{}"),
        ("GET", "/3/prices/{}/{}/{}"),
        ("PUT", "/3/prices/{}/{}/{}"),
        ("DELETE", "/3/prices/{}/{}/{}"),
    )

    def key_of(self, record: Mapping[str, Any]) -> Key:
        """Return list, article and quantity as text."""
        return (str(record["PriceList"]), str(record["ArticleNumber"]), shown(record["FromQuantity"] or 0))

    def respond(self, call: Call, rest: list[str]) -> Response:
        """Answer, with keys of two and three parts."""
        match call.method, rest:
            case "GET", ["sublist", code, article]:
                return self._steps_answer(call, code, article)
            case ("GET" | "PUT") as method, [code, article]:
                key = self._first(call, code, article)
                return self.read(call, key) if method == "GET" else self.update(call, key)
            case "GET", [code, article, quantity]:
                return self.read(call, (code, article, _quantity(quantity)))
            case "PUT", [code, article, quantity]:
                return self.update(call, (code, article, _quantity(quantity)))
            case "DELETE", [code, article, quantity]:
                return self.remove(call, (code, article, _quantity(quantity)))
        return super().respond(call, rest)

    def _steps(self, call: Call, code: str, article: str) -> list[Key]:
        found = [key for key in call.company.table(self.name).records if isinstance(key, tuple) and key[:2] == (code, article)]
        return sorted(found, key=lambda key: Decimal(str(key[2])))  # type: ignore[index]

    def _first(self, call: Call, code: str, article: str) -> Key:
        wanted = call.params.get("fromquantity")
        if wanted is not None:
            return (code, article, _quantity(wanted))
        if code not in call.company.table("pricelists"):
            raise refusal(2000431)
        steps = self._steps(call, code, article)
        if not steps:
            if call.method == "PUT" and article not in call.company.table("articles"):
                raise refusal(2000762, article)
            raise refusal(2000430)
        return steps[0]

    def _steps_answer(self, call: Call, code: str, article: str) -> Response:
        if code not in call.company.table("pricelists"):
            raise refusal(2000431)
        wanted = lists.paging(call.params)
        keys = self._steps(call, code, article)
        records = call.company.table(self.name).records
        rows = [self.list_row(call, records[key]) for key in keys[wanted.start : wanted.start + wanted.limit]]
        return wire.answer({"MetaInformation": wanted.meta(len(keys)), self.many: rows})

    def create(self, call: Call) -> Response:
        """Add a step; the first step of an article in the preselected list brings a base price from quantity 0."""
        sent = checked(self.fields, self.payload(call), "C", self.quirks)
        record = self.start(sent)
        company = call.company
        if record["PriceList"] not in company.table("pricelists"):
            raise refusal(2000342, record["PriceList"])
        if record["ArticleNumber"] not in company.table("articles"):
            raise refusal(2000513, record["ArticleNumber"])
        key = self.key_of(record)
        if key in company.table(self.name):
            raise refusal(2000762, record["ArticleNumber"])
        if record["PriceList"] == preselected(company) and base_price(company, record["ArticleNumber"]) is None:
            put_base_price(company, record["ArticleNumber"], 0)
        self._finish(call, record, sent)
        company.put(self.name, key, record)
        return wire.created({self.one: self.detail(call, self.find(call, key))}, self.address)

    def update(self, call: Call, key: Key) -> Response:
        """Change price or percentage; list, article and quantity stay."""
        record = self.find(call, key)
        sent = checked(self.fields, self.payload(call), "U", self.quirks)
        changed = self.apply(record, sent)
        if self.key_of(changed) != key:
            raise refusal(2000588)
        self._finish(call, changed, sent)
        call.company.put(self.name, key, changed)
        return wire.answer({self.one: self.detail(call, self.find(call, key))})

    def _finish(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Compute a price given as a markup on the preselected list; the change counts from today."""
        if record["Price"] is not None and record["Price"] < 0:
            raise refusal(2000108, record["Price"])
        if sent.get("Percent") and "Price" not in sent:
            base = Decimal(base_price(call.company, record["ArticleNumber"]) or 0)
            record["Price"] = (base * (100 + Decimal(record["Percent"])) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        record["Date"] = _stamp(call.company)

    def loaded(self, company: Company, record: Record) -> tuple[Key, Record]:
        """Return key and record; the key's three parts must be there."""
        record = {**self.blank, **record}
        return self.key_of(record), record


def _stamp(company: Company) -> str:
    return company.now().isoformat(timespec="seconds")


def _quantity(text: str) -> str:
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise refusal(2000108, text) from None
    if not number.is_finite():
        raise refusal(2000108, text)
    return shown(number) if number else "0"
