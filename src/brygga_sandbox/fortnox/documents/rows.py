"""Rows of offers, orders and invoices: what is filled in, what is refused, and how a PUT changes them.

Fortnox API, sections 9.5 (rows on PUT), 9.8 (invoice rows), 10.1 (calculations). A finished row is a whole record of the
row shape; a row with AccountNumber 0 only carries text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox.documents import chart
from brygga_sandbox.fortnox.documents.amounts import HUNDRED, ZERO, Line, plain, row_total, text, two_decimals, vat_of_gross
from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Record

MOST_ROWS = 500
# Fields of the article that a row takes over; emptied when the article of a row is taken away.
# What a row of text has none of, whatever was sent.
_OF_MONEY = frozenset(
    {"AccountNumber", "VAT", "Price", "Discount", "DiscountType", "Cost", "Total", "TotalExcludingVAT", "PriceExcludingVAT"}
    | {"ContributionPercent", "ContributionValue"}
)
_NOT_INHERITED = frozenset({"RowId", "Total", "TotalExcludingVAT", "PriceExcludingVAT", "ContributionPercent", "ContributionValue"})


@dataclass(frozen=True)
class RowKind:
    """How the rows of one kind of document differ: name of the list, of the counted quantity, and the empty row."""

    field: str
    quantity: str
    blank: Mapping[str, Any]


@dataclass(frozen=True)
class Buyer:
    """What of a document and its customer decides over rows: VAT type, price list, mode of prices, standing discount."""

    vat_type: str
    price_list: str
    vat_included: bool
    discount: Decimal
    sales_account: int
    year: Record | None


def check_sent(rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise Refusal for more rows than a document may have, or the same RowId twice."""
    if len(rows) > MOST_ROWS:
        raise refusal_text(f"Dokumentet kan inte ha fler än {MOST_ROWS} rader.")
    ids = [row["RowId"] for row in rows if row.get("RowId")]
    if len(ids) != len(set(ids)):
        raise refusal(2002649)


def merged(old: Sequence[Record], sent: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the wishes for the new rows of a PUT, as if they were sent whole.

    Without any RowId rows go by position and inherit what is left out; with at least one, rows without are new and those
    not named vanish. Raises Refusal for a RowId that the document does not have.
    """
    if not any(row.get("RowId") for row in sent):
        return [_over(old[place] if place < len(old) else None, row) for place, row in enumerate(sent)]
    by_id = {row["RowId"]: row for row in old}
    wishes: list[dict[str, Any]] = []
    for row in sent:
        row_id = row.get("RowId")
        if row_id and row_id not in by_id:
            raise refusal_text(f"Raden {row_id} finns inte på dokumentet.")
        wishes.append(_over(by_id[row_id] if row_id else None, row))
    return wishes


def _over(old: Record | None, row: Mapping[str, Any]) -> dict[str, Any]:
    if old is None:
        return dict(row)
    kept = {name: value for name, value in old.items() if name not in _NOT_INHERITED}
    if not old["AccountNumber"]:  # a text row that gets a price takes nothing over but its text
        kept = {"Description": old["Description"]}
    sent = {name: value for name, value in row.items() if not (value == "" and name in ("ArticleNumber", "Unit"))}
    sent.pop("RowId", None)
    if sent.get("HouseWork") is False and "HouseWorkType" not in sent and old.get("HouseWork"):
        sent["HouseWorkType"] = "EMPTYHOUSEWORK"
    if sent.get("ArticleNumber") and sent["ArticleNumber"] != old.get("ArticleNumber"):
        for name in ("AccountNumber", "VAT", "Cost", "VATCode"):
            kept.pop(name, None)
    return {**kept, **sent}


@dataclass(frozen=True)
class Kept:
    """Articles and accounts that stood on the document before: they may stay when they have become inactive."""

    articles: frozenset[str] = frozenset()
    accounts: frozenset[int] = frozenset()

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> "Kept":
        """Return what rows hold."""
        return cls(frozenset(str(row["ArticleNumber"]) for row in rows), frozenset(int(row["AccountNumber"]) for row in rows))


class RowMaker:
    """Makes finished rows out of wishes; looks articles and accounts of a document up once."""

    def __init__(self, company: Company, kind: RowKind, buyer: Buyer) -> None:
        self.company = company
        self.kind = kind
        self.buyer = buyer
        self._first_id = 0
        self._codes: dict[int, str | None] = {}

    def make(self, wishes: Sequence[Mapping[str, Any]], kept: Kept) -> list[Record]:
        """Return finished rows with new RowIds.
        Raises Refusal: unknown or inactive article, unknown or inactive account, VAT rate not set up, null unit.
        """
        check_sent(wishes)
        return [self._row(wish, kept) for wish in wishes]

    def _row(self, wish: Mapping[str, Any], kept: Kept) -> Record:
        row: Record = {**self.kind.blank}
        for name, value in wish.items():
            if value is not None and name in row:
                row[name] = value
        chart.check_dimensions(self.company, row)
        row["RowId"] = self.company.count("rows")
        article = self._article(str(wish.get("ArticleNumber") or ""), kept)
        quantity = two_decimals(as_number(wish.get(self.kind.quantity)))
        for name in ("OrderedQuantity", "ReservedQuantity", self.kind.quantity):
            if name in row:
                row[name] = text(two_decimals(as_number(wish.get(name))))
        if article is None and _only_text(wish, quantity):
            return self._text_row(row, wish)
        self._price(row, wish, article, quantity)
        self._vat_and_account(row, wish, article, kept)
        self._housework(row, wish, article)
        row["Description"] = str(wish.get("Description") or (article or {}).get("Description") or "")
        row["Unit"] = self._unit(wish, article)
        self._add_up(row, wish, article, quantity)
        return row

    def _unit(self, wish: Mapping[str, Any], article: Record | None) -> str:
        """Return the row's unit, else the article's. Raises Refusal for one that is in no register (code recorded for units; guessed for rows)."""
        own = str((article or {}).get("Unit") or "")
        unit = str(wish.get("Unit") or "") or own
        if unit != own and unit not in self.company.table("units"):
            raise refusal(2000432)
        return unit

    def _text_row(self, row: Record, wish: Mapping[str, Any]) -> Record:
        blank = self.kind.blank
        for name in _OF_MONEY & set(row):
            row[name] = blank[name]
        row["Description"] = str(wish.get("Description") or "").replace("\r", "").replace("\n", "")[:255]
        return row

    def _article(self, number: str, kept: Kept) -> Record | None:
        if not number:
            return None
        article = self.company.get("articles", number)
        if article is None:
            raise refusal(2001302)
        if not article.get("Active", True) and number not in kept.articles:
            raise refusal_text(f"Artikel {number} är inte aktiv.")
        return article

    def _price(self, row: Record, wish: Mapping[str, Any], article: Record | None, quantity: Decimal) -> None:
        price = wish.get("Price")
        if price is None:
            price = chart.list_price(self.company, self.buyer.price_list, article, quantity) if article else ZERO
        row["Price"] = plain(two_decimals(as_number(price)))
        discount, kind = wish.get("Discount"), wish.get("DiscountType")
        if discount is None:
            discount, kind = self.buyer.discount, "PERCENT" if not kind or self.buyer.discount else kind
        row["Discount"] = plain(two_decimals(as_number(discount)))
        row["DiscountType"] = kind or ("AMOUNT" if row["Discount"] else "PERCENT")
        if row["DiscountType"] == "PERCENT" and not 0 <= row["Discount"] <= 100:
            raise refusal(2000108, text(Decimal(row["Discount"])))

    def _vat_and_account(self, row: Record, wish: Mapping[str, Any], article: Record | None, kept: Kept) -> None:
        account = int(wish.get("AccountNumber") or 0)
        asked = wish.get("VAT")
        if account and account not in kept.accounts:
            chart.usable_account(self.company, account, self.buyer.year)
        rates = chart.vat_rates(self.company)
        if asked is not None and as_number(asked) not in rates:
            # Also 25.5, which an order's number would hold and the company's whole percents do not (accounting.md 1.5).
            raise refusal_text("Kunde inte hämta/hitta moms")
        if asked is not None and self.company["easy_vat"] and int(asked) not in chart.SWEDISH_RATES and not account:
            raise refusal(2004167)
        taxed = self.buyer.vat_type in ("SEVAT", "EUVAT")
        if asked is not None:
            rate = int(asked)
        elif not taxed:
            rate = 0
        elif article is not None and article.get("VAT") is not None:
            rate = int(as_number(article["VAT"]))
        else:
            rate = chart.rate_of_account(self.company, account, self.buyer.year)
        if not account:
            account = chart.sales_account(
                self.company, self.buyer.vat_type, article, rate, self.buyer.sales_account, self.buyer.year
            )
        row["VAT"], row["AccountNumber"] = rate, account
        if account not in self._codes:
            self._codes[account] = chart.vat_code(self.company, account, self.buyer.year)
        row["VATCode"] = wish.get("VATCode") or self._codes[account]

    def _housework(self, row: Record, wish: Mapping[str, Any], article: Record | None) -> None:
        if article is not None and "HouseWorkType" not in wish and article.get("HouseworkType"):
            row["HouseWorkType"] = article["HouseworkType"]
        if article is not None and "HouseWork" not in wish and article.get("Housework"):
            row["HouseWork"] = True

    def _add_up(self, row: Record, wish: Mapping[str, Any], article: Record | None, quantity: Decimal) -> None:
        price, rate = Decimal(row["Price"]), Decimal(row["VAT"])
        total = row_total(quantity, price, Decimal(row["Discount"]), row["DiscountType"])
        net, net_price = total, price
        if self.buyer.vat_included:
            net, net_price = total - vat_of_gross(total, rate), price - vat_of_gross(price, rate)
        row["Total"] = plain(total)
        if "TotalExcludingVAT" in row:
            row["TotalExcludingVAT"], row["PriceExcludingVAT"] = plain(net), plain(net_price)
        cost = as_number(wish["Cost"] if wish.get("Cost") is not None else (article or {}).get("PurchasePrice"))
        if "Cost" in row:
            row["Cost"] = plain(cost)
        value, percent = contribution(net, cost * quantity)
        row["ContributionValue"], row["ContributionPercent"] = text(value), text(percent)


def contribution(net: Decimal, cost: Decimal) -> tuple[Decimal, Decimal]:
    """Return what is left of a net amount after its cost, and that in percent of it."""
    value = two_decimals(net - cost)
    return value, two_decimals(value * HUNDRED / net) if net else ZERO


def lines_of(kind: RowKind, rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Return the charged rows as the arithmetic wants them."""
    lines: list[Line] = []
    for row in rows:
        if not row["AccountNumber"]:
            continue
        full = two_decimals(Decimal(row[kind.quantity]) * Decimal(row["Price"]))
        lines.append(
            Line(
                Decimal(row["Total"]),
                full,
                Decimal(row["VAT"]),
                int(row["AccountNumber"]),
                str(row["CostCenter"] or ""),
                str(row["Project"] or ""),
            )
        )
    return lines


def as_number(value: Any) -> Decimal:
    """Return a number that came as JSON number or text; nothing is 0. Raises Refusal 2000108."""
    if value is None or value == "":
        return ZERO
    try:
        number = Decimal(str(value).strip().replace(",", "."))
    except ArithmeticError:
        raise refusal(2000108, value) from None
    if not number.is_finite() or abs(number) >= 10**12:
        raise refusal(2000108, value)
    return number


def _only_text(wish: Mapping[str, Any], quantity: Decimal) -> bool:
    return not quantity and not wish.get("AccountNumber") and not wish.get("Price") and not wish.get("VAT")
