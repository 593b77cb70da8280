"""The classes of the shop: fields with their types, what a caller may set, what refers to what (textalk/api-classes.json).

A type is a word: int, number, text, bool, time, object, list, texts; `lang` an object by language, `money` an object by currency;
`@Class` a reference by uid and `[@Class]` a list of them. A dict is a nested object. A `?` after a word allows null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

ADDRESS: Final[dict[str, Any]] = dict.fromkeys(
    (
        "firstName",
        "lastName",
        "address",
        "address2",
        "postcode",
        "town",
        "state",
        "country",
        "phoneDay",
        "phoneMobile",
        "phoneNight",
    ),
    "text",
)
DELIVERY: Final[dict[str, Any]] = {**ADDRESS, "name": "text", "copyAddress": "bool"}
COST: Final[dict[str, Any]] = {"currency": "text", "exVat": "number", "incVat": "number", "vat": "number", "vatRate": "number"}


@dataclass(frozen=True)
class Class:
    """One class: its fields, its methods, what nobody sets, what an anonymous caller sees (nothing where it is empty)."""

    fields: dict[str, Any]
    methods: tuple[str, ...] = ("get", "list", "count")
    told: frozenset[str] = frozenset({"uid", "created", "changed"})
    public: frozenset[str] = frozenset()
    defaults: dict[str, Any] = field(default_factory=dict)


_ALL = ("get", "list", "count", "set", "create", "delete", "validate", "normalize")
_TIMES: dict[str, Any] = {"uid": "int", "created": "time", "changed": "time"}

CLASSES: Final[dict[str, Class]] = {
    "Order": Class(
        {
            "uid": "int", "orderNumber": "int", "ordered": "time", "changed": "time",
            "customer": {"uid": "int", "address": ADDRESS, "deliveryAddress": DELIVERY, "info": "object"},
            "currency": "text", "exchangeRate": "number", "items": "[@OrderItem]",
            "costs": {"cart": COST, "payment": COST, "shipment": COST, "total": COST},
            "language": "text", "note": "text", "tags": "texts", "externalOrderNumber": "text", "discarded": "bool",
            "hasVat": "bool", "payments": "[@Payment]", "delivery": "int?", "paymentStatus": "text", "deliveryStatus": "text",
        },
        ("get", "list", "count", "set", "addArticle", "validate", "normalize"),
        frozenset({
            "uid", "orderNumber", "ordered", "changed", "customer", "currency", "exchangeRate", "items", "costs", "language",
            "hasVat", "payments", "paymentStatus",
        }),
    ),
    "OrderItem": Class(
        {
            "uid": "int", "order": "@Order", "article": "@Article", "articleNumber": "text", "articleName": "text",
            "choices": "object", "costs": {"total": COST, "unit": COST},
            "discountInfo": "object?", "revenueShare": "object?", "download": "text?",
        },
    ),
    "Article": Class(
        {
            **_TIMES, "articleNumber": "text", "name": "lang", "description": "lang", "introductionText": "lang",
            "price": {"regular": "money", "current": "money"}, "pricing": "list", "vatRate": "number", "vatIsIncluded": "bool",
            "unit": "text?", "ean": "text", "sku": "text", "weight": "number", "stock": {"stock": "number?"}, "hidden": "bool",
            "draft": "bool", "isBuyable": "bool", "articlegroup": "int?", "showInArticlegroups": "list", "choices": "object",
            "choiceOptions": "object", "choiceOptionPrices": "object", "variants": "list", "attributes": "object", "type": "text",
            "freeFreight": "bool", "isBulky": "bool",
        },
        _ALL,
        frozenset({"uid", "created", "changed", "pricing", "variants"}),
        frozenset({"uid", "articleNumber", "name", "introductionText", "price", "vatRate", "unit", "isBuyable"}),
        {
            "articleNumber": "", "name": {}, "description": {}, "introductionText": {}, "price": {"regular": {}, "current": {}},
            "pricing": [], "vatRate": 0.25, "vatIsIncluded": True, "unit": None, "ean": "", "sku": "", "weight": 0,
            "stock": {"stock": None}, "hidden": False, "draft": False, "isBuyable": True, "articlegroup": None,
            "showInArticlegroups": [], "choices": {}, "choiceOptions": {}, "choiceOptionPrices": {}, "variants": [],
            "attributes": {}, "type": "simple", "freeFreight": False, "isBulky": False,
        },
    ),
    "ArticleVariant": Class(
        {"uid": "int", "stock": "number", "articleNumber": "text", "article": "@Article", "image": "text"},
        ("get", "list", "count", "set"), frozenset({"uid", "article"}), frozenset(), {"stock": 0, "image": ""},
    ),
    "Customer": Class(
        {
            **_TIMES, "approved": "bool", "groups": "list", "address": ADDRESS, "deliveryAddress": DELIVERY, "info": "object",
            "custom": "object",
        },
        _ALL,
        defaults={
            "approved": True, "groups": [], "address": dict.fromkeys(ADDRESS, ""),
            "deliveryAddress": {**dict.fromkeys(ADDRESS, ""), "name": "", "copyAddress": True}, "info": {}, "custom": {},
        },
    ),
    "Payment": Class(
        {
            "uid": "int", "method": "@PaymentMethod", "params": "object", "externalData": "object", "externalRef": "text",
            "amount": "number", "status": "text",
        },
        ("get", "set", "capture"), frozenset({"uid", "method", "amount"}),
        defaults={"params": {}, "externalData": {}, "externalRef": "", "amount": 0, "status": "unpaid"},
    ),
    "PaymentMethod": Class(
        {
            "uid": "int", "active": "bool", "name": "lang", "description": "lang", "position": "int", "fee": "money", "type": "text",
            "disableDeliveryAddress": "bool", "mailOnChange": "bool", "limitToCurrencies": "texts",
            "orderCostRange": "object", "orderStatus": "int", "params": "object",
        },
        ("get", "list", "count", "set"), frozenset({"uid", "type"}), frozenset({"uid", "name", "description", "fee"}),
        {"active": True, "name": {}, "description": {}, "position": 0, "fee": {}, "type": "invoice", "orderStatus": 1, "params": {}},
    ),
    "DeliveryMethod": Class(
        {
            "uid": "int", "name": "lang", "description": "lang", "limitToCustomergroups": "list?", "freeDeliveryMinimumSpend": "money",
            "preferred": "bool", "allowBulky": "bool", "allowCod": "bool", "codCountry": "text", "rates": "list",
        },
        public=frozenset({"uid", "name", "description"}), defaults={"name": {}, "description": {}, "rates": []},
    ),
    "PriceList": Class({"uid": "int", "name": "text"}, _ALL, frozenset({"uid"})),
    "PriceListItem": Class(
        {"uid": "int", "priceList": "@PriceList", "article": "@Article", "currency": "text", "qtyFloor": "int", "amount": "number"},
        _ALL, frozenset({"uid"}), defaults={"qtyFloor": 1},
    ),
    "EventListener": Class(
        {**_TIMES, "status": {"active": "bool", "inactiveSince": "time?"}, "eventName": "text", "url": "text", "authToken": "text"},
        ("create", "delete", "get", "getLog", "list", "set"), frozenset({"uid", "created", "changed", "status"}),
    ),
    "AuthToken": Class(
        {"uid": "int", "name": "text", "description": "text", "active": "bool", "created": "time", "lastUsed": "time?", "token": "text"},
        ("get", "list", "create", "set", "delete"), frozenset({"uid", "created", "lastUsed", "token"}),
        defaults={"name": "", "description": "", "active": True, "lastUsed": None},
    ),
    "Webshop": Class(
        {
            "uid": "int", "name": "lang", "baseCurrency": "text", "activeCurrencies": "texts", "priceStoredWithVat": "bool",
            "vatSupport": "bool", "vatCountry": "text", "defaultLanguage": "text", "companyNumber": "text", "contactEmail": "text",
            "type": "text", "edition": "text",
        },
        ("get",), frozenset(), frozenset({"uid", "name", "baseCurrency", "activeCurrencies", "defaultLanguage"}),
    ),
}  # fmt: skip

STATUSES: Final = ("prepared", "planned", "unpaid", "pending", "reserved", "paid", "cancelled", "error")


def reference(kind: Any) -> str:
    """Return the class that a field refers to, "" for none."""
    return kind.strip("[]").removeprefix("@") if isinstance(kind, str) and "@" in kind else ""


def matches(kind: Any, value: Any) -> bool:
    """Tell whether a value is of a type."""
    if isinstance(kind, dict):
        return isinstance(value, dict)
    if kind.endswith("?"):
        return value is None or matches(kind[:-1], value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {
        "int": isinstance(value, int) and not isinstance(value, bool),
        "number": number,
        "text": isinstance(value, str),
        "time": isinstance(value, str),
        "bool": isinstance(value, bool),
        "object": isinstance(value, dict),
        "list": isinstance(value, list),
        "texts": isinstance(value, list) and all(isinstance(one, str) for one in value),
        "lang": isinstance(value, dict) and all(len(key) == 2 and isinstance(one, str) for key, one in value.items()),
        "money": isinstance(value, dict)
        and all(len(key) == 3 and isinstance(one, (int, float)) and not isinstance(one, bool) for key, one in value.items()),
    }.get(kind, isinstance(value, int) if kind.startswith("@") else isinstance(value, list))
