"""Fortnox' registers of documents: what each calls our fields, and how long they may be. The names that `document_map` translates by.

Sources: Fortnox API, sections 9.4 to 9.8; appendix A for lengths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from brygga.core.document import Row


@dataclass(frozen=True)
class Form:
    """One of Fortnox' registers of documents.

    kind       our name of the documents in it
    register   the attribute of the client; rows the field that holds them
    date       the field of its date; quantity the field of a row's charged quantity
    texts, days, amounts   ours -> Fortnox', which may be written; told the same, which Fortnox alone says
    steps      the states that are reached by an action, in the order in which they may be asked for
    """

    kind: str
    register: str
    rows: str
    date: str
    quantity: str
    texts: Mapping[str, str]
    days: Mapping[str, str]
    told: Mapping[str, str]
    steps: tuple[str, ...]
    limits: Mapping[str, int]

    @property
    def held(self) -> frozenset[str]:
        """The fields that may be written, the states among them."""
        written = {
            *self.texts,
            *self.days,
            *AMOUNTS,
            *FLAGS,
            *STREETS,
            *COUNTRIES,
            *self.steps,
            "rate",
            "rate_unit",
            "rows",
            "email",
        }
        return frozenset(written)

    @property
    def places(self) -> Mapping[str, str]:
        """Our field -> Fortnox', the steps by the action that takes them."""
        streets = {name: " + ".join(parts) for name, parts in STREETS.items()}
        return {
            "number": "DocumentNumber",
            **self.texts,
            **self.days,
            **AMOUNTS,
            **FLAGS,
            **streets,
            **COUNTRIES,
            **self.told,
            **SUMS,
            **{name: ACTIONS.get(name, name) for name in self.steps},
            "rate": "CurrencyRate",
            "rate_unit": "CurrencyUnit",
            "email": "EmailInformation.EmailAddressTo",
            "rows": self.rows,
        }


ACTIONS: Mapping[str, str] = {
    "booked": "Booked (bookkeep)",
    "cancelled": "Cancelled (cancel)",
    "sent": "Sent (externalprint)",
    "mailed": "Sent (email)",
    "invoiced": "InvoiceReference (createinvoice)",
    "ordered": "OrderReference (createorder)",
    "credited": "CreditInvoiceReference (credit)",
}
WAYS: Mapping[str, str] = {
    **dict.fromkeys(("invoice_street", "delivery_street"), "The first line goes to the first field, the others to the second."),
    **dict.fromkeys(("invoice_country", "delivery_country"), "The country's name, as Fortnox writes it."),
    "rows": "Each row by itself: article, text, quantity, unit, price, discount, VAT and account.",
    "comments": "On an offer our key stands in the last line.",
}

_TEXTS = {
    "customer_number": "CustomerNumber",
    "currency": "Currency",
    "our_reference": "OurReference",
    "your_reference": "YourReference",
    "terms_of_payment": "TermsOfPayment",
    "terms_of_delivery": "TermsOfDelivery",
    "way_of_delivery": "WayOfDelivery",
    "price_list": "PriceList",
    "language": "Language",
    "text": "Remarks",
    "comments": "Comments",
    "phone": "Phone1",
    "invoice_postcode": "ZipCode",
    "invoice_city": "City",
    "delivery_name": "DeliveryName",
    "delivery_postcode": "DeliveryZipCode",
    "delivery_city": "DeliveryCity",
    "cost_center": "CostCenter",
    "project": "Project",
    "tax_reduction_kind": "TaxReductionType",
    "customer_name": "CustomerName",
}
STREETS: Mapping[str, tuple[str, str]] = {
    "invoice_street": ("Address1", "Address2"),
    "delivery_street": ("DeliveryAddress1", "DeliveryAddress2"),
}
COUNTRIES: Mapping[str, str] = {"invoice_country": "Country", "delivery_country": "DeliveryCountry"}
AMOUNTS: Mapping[str, str] = {"freight": "Freight", "fee": "AdministrationFee"}
FLAGS: Mapping[str, str] = {"prices_include_vat": "VATIncluded", "not_completed": "NotCompleted"}
SUMS: Mapping[str, str] = {
    "net": "Net",
    "vat": "TotalVAT",
    "round_off": "RoundOff",
    "total": "Total",
    "to_pay": "TotalToPay",
    "balance": "Balance",
}
RESETS: Mapping[str, frozenset[str]] = {
    # Another customer brings what stands on its card (Fortnox API, section 9.1); which fields exactly is our reading.
    "customer_number": frozenset(
        ("our_reference", "your_reference", "terms_of_payment", "terms_of_delivery", "way_of_delivery", "price_list", "language",
         "customer_name", "phone", *STREETS, *COUNTRIES, "invoice_postcode", "invoice_city", "delivery_name", "delivery_postcode",
         "delivery_city", "prices_include_vat", "freight", "fee", "currency", "cost_center", "project",
         "email")
    ),
}  # fmt: skip
_LIMITS: Mapping[str, int] = {
    # Appendix A; delivery streets and row texts are cut without a word beyond these (section 5).
    "our_reference": 50,
    "your_reference": 50,
    "text": 1024,
    "comments": 1024,
    "phone": 1024,
    "invoice_postcode": 1024,
    "invoice_city": 1024,
    "delivery_name": 1024,
    "delivery_postcode": 1024,
    "delivery_city": 1024,
    "rows.description": 255,
}

OFFER = Form(
    "offer",
    "offers",
    "OfferRows",
    "OfferDate",
    "Quantity",
    {**_TEXTS, "your_order_number": "YourReferenceNumber", "organisation_number": "OrganisationNumber"},
    {"date": "OfferDate", "delivery_date": "DeliveryDate", "expires": "ExpireDate"},
    {"order_number": "OrderReference", "invoice_number": "InvoiceReference"},
    ("sent", "mailed", "ordered", "invoiced", "cancelled"),
    {**_LIMITS, "comments": 900},
)
ORDER = Form(
    "order",
    "orders",
    "OrderRows",
    "OrderDate",
    "DeliveredQuantity",
    {
        **_TEXTS,
        "your_order_number": "YourOrderNumber",
        "organisation_number": "OrganisationNumber",
        "external_reference2": "ExternalInvoiceReference2",
    },
    {"date": "OrderDate", "delivery_date": "DeliveryDate"},
    {"offer_number": "OfferReference", "invoice_number": "InvoiceReference"},
    ("sent", "mailed", "invoiced", "cancelled"),
    {**_LIMITS, "your_order_number": 30, "external_reference2": 80},
)
INVOICE = Form(
    "invoice",
    "invoices",
    "InvoiceRows",
    "InvoiceDate",
    "DeliveredQuantity",
    {
        **_TEXTS,
        "your_order_number": "YourOrderNumber",
        "external_reference2": "ExternalInvoiceReference2",
        "ocr": "OCR",
        "paid_by": "PaymentWay",
    },
    {"date": "InvoiceDate", "delivery_date": "DeliveryDate", "due": "DueDate"},
    {
        "offer_number": "OfferReference",
        "order_number": "OrderReference",
        "contract_number": "ContractReference",
        "credited_by": "CreditInvoiceReference",
        "accounting_method": "AccountingMethod",
    },
    ("attached", "sent", "mailed", "booked", "cancelled", "credited"),
    {**_LIMITS, "your_order_number": 75, "external_reference2": 80},
)
CASH_INVOICE = Form(**{**{one.name: getattr(INVOICE, one.name) for one in fields(INVOICE)}, "kind": "cash_invoice"})
FORMS: Mapping[str, Form] = {form.kind: form for form in (OFFER, ORDER, INVOICE, CASH_INVOICE)}

ROW_TEXTS: Mapping[str, str] = {
    "article_number": "ArticleNumber",
    "description": "Description",
    "unit": "Unit",
    "vat_code": "VATCode",
    "cost_center": "CostCenter",
    "project": "Project",
    "house_work_type": "HouseWorkType",
}
ROW_TOLD = frozenset({"id", "total", "vat_code", "cost", "supply", "delivery_date"})
"""What Fortnox alone says of a row, or has no field for."""

ROW_FIELDS = frozenset(field.name for field in fields(Row)) - ROW_TOLD
