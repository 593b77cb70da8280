"""Who uses what: a register's record that something names cannot be deleted."""

from collections.abc import Iterable

from brygga_sandbox.fortnox.errors import Refusal, refusal_text
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key

# register -> (table, field or rows.field) that may name its key
USES: dict[str, tuple[tuple[str, str], ...]] = {
    "units": (
        ("articles", "Unit"),
        *((table, f"{rows}.Unit") for table, rows in (("invoices", "InvoiceRows"), ("orders", "OrderRows"))),
    ),
    "termsofpayments": tuple((table, "TermsOfPayment") for table in ("customers", "suppliers", "invoices", "orders", "offers")),
    "wayofdeliveries": tuple((table, "WayOfDelivery") for table in ("customers", "invoices", "orders", "offers")),
    "currencies": tuple((table, "Currency") for table in ("customers", "suppliers", "invoices", "orders", "offers")),
    "modesofpayments": (("invoicepayments", "ModeOfPayment"), ("supplierinvoicepayments", "ModeOfPayment")),
    "projects": tuple((table, "Project") for table in ("customers", "suppliers", "invoices", "orders", "offers")),
    "costcenters": tuple((table, "CostCenter") for table in ("customers", "suppliers", "invoices", "orders", "offers")),
    "articles": (
        ("invoices", "InvoiceRows.ArticleNumber"),
        ("orders", "OrderRows.ArticleNumber"),
        ("offers", "OfferRows.ArticleNumber"),
        ("contracts", "InvoiceRows.ArticleNumber"),
    ),
    "accounts": (
        ("vouchers", "VoucherRows.Account"),
        ("invoices", "InvoiceRows.AccountNumber"),
        ("articles", "SalesAccount"),
        ("predefinedaccounts", "Account"),
        ("modesofpayments", "AccountNumber"),
    ),
}


def is_used(company: Company, register: str, value: Key) -> bool:
    """Tell whether any record names the value."""
    wanted = str(value)
    return any(wanted in _values(company, table, path) for table, path in USES.get(register, ()))


def _values(company: Company, table: str, path: str) -> Iterable[str]:
    records = company.table(table)
    outer, _, inner = path.partition(".")
    unset = records.blank.get(outer)
    for record in records.records.values():
        value = record.get(outer, unset)
        if not inner:
            yield str(value)
        elif isinstance(value, list):
            yield from (str(row.get(inner)) for row in value)


def in_use(thing: str) -> Refusal:
    """Return the refusal to delete; the code is not known."""
    return refusal_text(f"Kan inte ta bort {thing}, posten används.")
