"""Articles (Fortnox API, section 9.2)."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox import lists
from brygga_sandbox.fortnox.errors import Refusal, refusal, refusal_text
from brygga_sandbox.fortnox.payload import Quirks, shown
from brygga_sandbox.fortnox.registers.prices import base_price, put_base_price
from brygga_sandbox.fortnox.registers.uses import in_use, is_used
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record

NUMBER = re.compile(r"[\w\-/\\+.$]+")
RATES = {"MP1": 25, "MP2": 12, "MP3": 6}
ENDED = frozenset({"COOKING", "TUTORING"})
# Account field -> name of the predefined account for goods; services have a 2 behind it.
ACCOUNTS = {
    "SalesAccount": "SALES",
    "EUAccount": "SALESEUREV",
    "EUVATAccount": "SALESEUVAT",
    "ExportAccount": "SALESEXPORT",
    "PurchaseAccount": "PURCASE",
}
TEXT_NUMBERS = ("DisposableQuantity", "PurchasePrice", "QuantityInStock", "ReservedQuantity", "StockValue")
NULL_WHEN_UNSET = ("Unit", "SupplierNumber", "SupplierName", "Manufacturer", "StockPlace", "HouseworkType", "CostCalculationMethod")


class Articles(Resource):
    """The article register."""

    name, tag, one, many = "articles", "Articles", "Article", "Articles"
    key_field = "ArticleNumber"
    automatic = True
    scopes = ("article",)
    modules = ("Fakturering", "Order", "Offert")
    right = "artikelregister"
    topic, event = "articles", "article"
    missing_code, thing = 2000428, "artikeln"
    tracked = True
    changes = {"SalesPrice": {"where": "LD"}, "SupplierName": {"where": "D"}}
    unset = {
        **dict.fromkeys((*NULL_WHEN_UNSET, "DefaultStockPoint", "DefaultStockLocation")),
        **dict.fromkeys((*TEXT_NUMBERS, "VAT", *ACCOUNTS, "ConstructionAccount"), 0),
        "Active": True,
        "Type": "STOCK",
    }
    quirks = Quirks(read_only={"SalesPrice": 2000321}, bad_null={"ArticleNumber": 2001846})
    searches = {
        "articlenumber": lists.contains("ArticleNumber"),
        "description": lists.contains("Description"),
        "ean": lists.contains("EAN"),
        "suppliernumber": lists.contains("SupplierNumber"),
        "manufacturer": lists.contains("Manufacturer"),
        "manufacturerarticlenumber": lists.contains("ManufacturerArticleNumber"),
        "webshop": lists.flag("WebshopArticle"),
    }
    filters = {"active": lists.Flagged("Active", True), "inactive": lists.Flagged("Active", False)}
    sorts = {
        "articlenumber": "ArticleNumber",
        "quantityinstock": "QuantityInStock",
        "reservedquantity": "ReservedQuantity",
        "stockvalue": "StockValue",
    }

    def detail(self, call: Call, record: Record) -> dict[str, Any]:
        """Return the article with its price in the preselected list, null without one."""
        return super().detail(call, {**record, "SalesPrice": base_price(call.company, record["ArticleNumber"])})

    def list_row(self, call: Call, record: Record) -> dict[str, Any]:
        """Return the columns; amounts are texts for articles whose stock is not kept, price and VAT always."""
        price = base_price(call.company, record["ArticleNumber"])
        row = super().list_row(call, {**record, "SalesPrice": None if price is None else shown(price)})
        row["VAT"] = shown(row["VAT"])
        if not record.get("StockGoods"):
            for name in TEXT_NUMBERS:
                row[name] = shown(row[name])
        return row

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Fill accounts from the predefined ones (whether they exist or not), VAT from the sales account."""
        if record["ArticleNumber"] and not NUMBER.fullmatch(record["ArticleNumber"]):
            raise refusal(2000106, record["ArticleNumber"])
        fill_accounts(call.company, record, sent)
        self._check(call, record, sent)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Check; a purchase account that does not exist stops every change, named or not."""
        purchase = record["PurchaseAccount"]
        if purchase and account(call.company, purchase) is None:
            text = f'Inköpskonto inte uppdaterat. Kontot "{purchase}" existerar inte. (PurchaseAccount)'
            raise refusal_text(text)
        self._check(call, record, sent)

    def _check(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        company = call.company
        for name in (*ACCOUNTS, "ConstructionAccount"):
            if sent.get(name):
                found = account(company, sent[name])
                if found is None:
                    raise refusal(2001304)
                if not found.get("Active", True):
                    raise refusal(2000550, sent[name])
        if sent.get("VAT") is not None and sent["VAT"] not in (0, 6, 12, 25):
            raise refusal_text("Kunde inte hämta/hitta moms")
        if sent.get("Unit") and sent["Unit"] not in company.table("units"):
            raise refusal_text("Kunde inte hämta/hitta enhet")
        if sent.get("HouseworkType") in ENDED:
            raise refusal(2003157)
        if company["warehouse"] and any(name in sent for name in ("QuantityInStock", "ReservedQuantity")):
            raise refusal(2003127)
        if "SupplierNumber" in sent:
            supplier = company.get("suppliers", record["SupplierNumber"] or "")
            if record["SupplierNumber"] and supplier is None:
                raise refusal_text("Kunde inte hämta/hitta leverantör")
            record["SupplierName"] = supplier["Name"] if supplier else None
        if "PurchasePrice" in sent and "DirectCost" not in sent:
            record["DirectCost"] = record["PurchasePrice"]
        derive_stock(record)

    def taken(self, key: Key, *, deleted: bool) -> Refusal:
        """Return 2000013 with the number."""
        return refusal(2000013, key)

    def may_delete(self, call: Call, key: Key, record: Record) -> None:
        """Refuse an article that stands on a document."""
        if is_used(call.company, self.name, key):
            raise in_use(self.thing)

    def loaded(self, company: Company, record: Record) -> tuple[Key, Record]:
        """Fill accounts and VAT as POST does; a SalesPrice becomes the price in the preselected list."""
        price = record.pop("SalesPrice", None)
        key, record = super().loaded(company, record)
        fill_accounts(company, record, dict(record))
        derive_stock(record)
        if price is not None:
            put_base_price(company, str(key), price)
        return key, record


def account(company: Company, number: object) -> Record | None:
    """Return the compact record of an account in the current year, None when there is none."""
    year = company.current_year()
    text = str(number)
    if year is None or not (text.isascii() and text.isdigit()):
        return None
    return company.table("accounts").records.get((year["Id"], int(text)))


def fill_accounts(company: Company, record: Record, sent: Mapping[str, Any]) -> None:
    """Fill the accounts that were not sent from the predefined ones, and VAT from the sales account."""
    service = record.get("Type") == "SERVICE"
    predefined = company.table("predefinedaccounts").records
    for name, predefined_name in ACCOUNTS.items():
        if not sent.get(name):
            kept = predefined.get(predefined_name + ("2" if service and name != "PurchaseAccount" else "")) or {}
            record[name] = kept.get("Account") or 0
    if sent.get("VAT") is None:
        sales = account(company, record["SalesAccount"]) or {}
        record["VAT"] = RATES.get(str(sales.get("VATCode")), 0)


def derive_stock(record: Record) -> None:
    """Compute what is free and what it is worth: in stock less reserved, in stock times purchase price."""
    stock = Decimal(record.get("QuantityInStock") or 0)
    record["DisposableQuantity"] = stock - Decimal(record.get("ReservedQuantity") or 0)
    record["StockValue"] = stock * Decimal(record.get("PurchasePrice") or 0)
