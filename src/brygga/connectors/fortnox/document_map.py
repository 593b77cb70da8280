"""Fortnox' offers, orders and invoices ↔ Document, both ways side by side. Pure. With `document_form`, which names
the fields, the only place that knows them.

Sources: Fortnox API, sections 5 (values, null, country), 6.6 (list against detail), 9.4 to 9.8; appendix A for lengths.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from brygga.clients.fortnox import wire
from brygga.clients.fortnox.text import cleaned, forbidden, sign_by_sign
from brygga.connectors.fortnox.document_form import AMOUNTS, COUNTRIES, FLAGS, ROW_FIELDS, ROW_TEXTS, STREETS, SUMS, Form
from brygga.core.countries import country_on_documents, country_to_iso
from brygga.core.document import Document, Row
from brygga.core.money import ZERO, Money, percent_text
from brygga.core.record import ABSENT, Value
from brygga.core.spelling import email, readable
from brygga.errors import Rejected

Raw = Mapping[str, Any]
Use = Literal["create", "update"]


# From Fortnox ----------------------------------------------------------------------------------------------------------


def document_from_detail(raw: Raw, form: Form) -> Document:
    """Return a document from Fortnox' detail. Raises BadData where an amount, a day or a yes or no is none."""
    currency = str(raw.get("Currency") or "SEK")
    values = _heads(raw, form, currency)
    values["rows"] = tuple(row_from(row, form, currency) for row in raw.get(form.rows) or ())
    values["text"] = _text(raw, "Remarks")
    if form.kind == "offer":
        values["comments"] = comments_without_key(str(raw.get("Comments") or ""))
    else:
        values["external_reference1"] = _text(raw, "ExternalInvoiceReference1")
    return Document(**values)


def document_from_list(row: Raw, form: Form) -> Document:
    """Return a document from a row of Fortnox' list: what the list lacks is ABSENT."""
    return Document(**_heads(row, form, str(row.get("Currency") or "SEK")))


def _heads(raw: Raw, form: Form, currency: str) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": kind_of(raw, form), "number": _text(raw, "DocumentNumber")}
    values |= {name: _text(raw, field) for name, field in form.texts.items()}
    values |= {name: _day(raw, field) for name, field in form.days.items()}
    values |= {name: (wire.reference(raw[field]) or "") if field in raw else ABSENT for name, field in form.told.items()}
    values |= {name: _money(raw, field, currency) for name, field in {**AMOUNTS, **SUMS}.items()}
    values |= {name: _flag(raw, field) for name, field in FLAGS.items()}
    values |= {name: _street(raw, parts) for name, parts in STREETS.items()}
    values |= {name: _country(raw, field) for name, field in COUNTRIES.items()}
    # An invoice shows its customer's, and takes none of its own (appendix A).
    values["organisation_number"] = _text(raw, "OrganisationNumber")
    mail = raw.get("EmailInformation")
    values["email"] = _text(mail, "EmailAddressTo") if isinstance(mail, Mapping) else ABSENT
    values["rate"] = _number(raw, "CurrencyRate")
    values["rate_unit"] = _number(raw, "CurrencyUnit")
    values["sent"] = values["mailed"] = _flag(raw, "Sent")
    values["cancelled"] = _flag(raw, "Cancelled")
    if form.register == "invoices":
        values |= {"booked": _flag(raw, "Booked"), "paid_on": _day(raw, "FinalPayDate"), "voucher": _voucher(raw)}
        if "CreditInvoiceReference" in raw:
            values["credited"] = values["kind"] != "credit_invoice" and bool(values["credited_by"])
    else:
        values |= {"invoiced": bool(values["invoice_number"])} if "InvoiceReference" in raw else {}
    if form.kind == "offer" and "OrderReference" in raw:
        values["ordered"] = bool(values["order_number"])
    if values["kind"] == "credit_invoice" and values.get("credited_by") is not ABSENT:
        # On a credit the reference names what it credits.
        values["credit_of"], values["credited_by"] = values["credited_by"], ""
    return values


def kind_of(raw: Raw, form: Form) -> str:
    """Return what a document is: a credit says so in the detail, and shows a negative total in the list (section 9.7)."""
    if form.register != "invoices":
        return form.kind
    if raw.get("Credit") in ("true", True):
        return "credit_invoice"
    if raw.get("InvoiceType") == "CASHINVOICE":
        return "cash_invoice"
    return "invoice"


def row_from(raw: Raw, form: Form, currency: str) -> Row:
    """Return one row. A row of text (no article, no quantity, no account) carries its text alone."""
    texts: dict[str, Any] = {name: _text(raw, field) for name, field in ROW_TEXTS.items()}
    quantity = _number(raw, form.quantity)
    account = str(raw.get("AccountNumber") or "")
    if account in ("", "0") and not texts["article_number"] and not quantity and not wire.amount(raw.get("Price")):
        return Row(id=str(raw.get("RowId") or ""), description=texts["description"])
    discount_kind = "amount" if raw.get("DiscountType") == "AMOUNT" else "percent"
    return Row(
        **texts,
        id=str(raw.get("RowId") or ""),
        quantity=quantity,
        ordered_quantity=_number(raw, "OrderedQuantity"),
        price=_money(raw, "Price", currency),
        discount=_number(raw, "Discount"),
        discount_kind=discount_kind if wire.amount(raw.get("Discount")) else ABSENT,
        vat=_number(raw, "VAT"),
        account="" if account == "0" else account,
        total=_money(raw, "Total", currency),
        cost=_money(raw, "Cost", currency),
        house_work=_flag(raw, "HouseWork"),
        house_work_hours=_number(raw, "HouseWorkHoursToReport"),
    )


def listed(raw: Raw, form: Form) -> str:
    """Return a digest of what Fortnox' list shows of a document, the same from a row and from a detail."""
    names = ("DocumentNumber", "CustomerNumber", "CustomerName", "Currency", form.date, "Cancelled", "Sent", "Project")
    extra = ("DueDate", "Booked", "FinalPayDate", "OCR", "TermsOfPayment") if form.register == "invoices" else ()
    shown = [str(raw.get(name) if raw.get(name) is not None else "") for name in (*names, *extra)]
    shown += [str(wire.amount(raw.get(name)) or 0) for name in ("Total", "Balance")]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def comments_without_key(text: str) -> str:
    """Return the internal comments of an offer without the line that carries our key (DESIGN 6.2)."""
    return "\n".join(line for line in text.replace("\r\n", "\n").split("\n") if not line.startswith("brygga:"))


def key_in_comments(text: str) -> str:
    """Return the key that an offer carries, "" for none."""
    lines = text.replace("\r\n", "\n").split("\n")
    return next((line for line in lines if line.startswith("brygga:")), "")


def _seen(raw: Raw, field: str) -> bool:
    return field in raw and raw[field] != wire.NO_RIGHT


def _text(raw: Raw, field: str) -> Any:
    if not _seen(raw, field):
        return ABSENT
    return "" if raw[field] is None else str(raw[field]).strip()


def _street(raw: Raw, parts: tuple[str, str]) -> Any:
    found = [_text(raw, part) for part in parts]
    return ABSENT if ABSENT in found else "\n".join(filter(None, found))


def _country(raw: Raw, field: str) -> Any:
    text = _text(raw, field)
    return text if text is ABSENT else country_to_iso(text) or text


def _number(raw: Raw, field: str) -> Any:
    number = wire.amount(raw[field]) if _seen(raw, field) else None
    return ABSENT if number is None else number


def _money(raw: Raw, field: str, currency: str) -> Any:
    number = _number(raw, field)
    return ABSENT if number is ABSENT else Money(number, currency)


def _day(raw: Raw, field: str) -> Any:
    return wire.on_day(raw[field]) if _seen(raw, field) else ABSENT


def _flag(raw: Raw, field: str) -> Any:
    return wire.truth(raw[field]) if _seen(raw, field) and raw[field] is not None else ABSENT


def _voucher(raw: Raw) -> Any:
    if "VoucherNumber" not in raw:
        return ABSENT
    if not raw["VoucherNumber"]:
        return ""
    return f"{raw.get('VoucherSeries')} {raw['VoucherNumber']}"


# To Fortnox --------------------------------------------------------------------------------------------------------------


def document_fields(values: Mapping[str, Value], form: Form, use: Use) -> dict[str, Any]:
    """Return these fields of a document's head as Fortnox'; rows and states stand elsewhere, and what is ABSENT is left out.

    On create an empty text is left out, so that Fortnox fills it from the customer; on update it is cleared by null. An e-mail
    that is said to be none is none: a document of a guest is not mailed to the card's address.
    """
    made: dict[str, Any] = {}
    for name, value in values.items():
        if value is ABSENT or (use == "create" and value in ("", None) and name != "email"):
            continue
        if name in form.texts:
            made[form.texts[name]] = None if value == "" else str(value)
        elif name in form.days:
            made[form.days[name]] = value
        elif name in AMOUNTS and isinstance(value, Money):
            made[AMOUNTS[name]] = value.amount
        elif name in FLAGS:
            made[FLAGS[name]] = bool(value)
        elif name in STREETS:
            lines = [line for line in str(value).split("\n") if line]
            first, rest = (lines[0] if lines else None), " ".join(lines[1:]) or None
            made |= {field: part for field, part in zip(STREETS[name], (first, rest), strict=True) if part or use == "update"}
        elif name in COUNTRIES:
            made[COUNTRIES[name]] = country_on_documents(str(value)) if value else None
        elif name == "email":
            # The order's own, in a block: no copy goes to whom the card names (section 9.1).
            nothing = "" if use == "create" else None
            made["EmailInformation"] = {"EmailAddressTo": email(str(value)) or nothing, "EmailAddressCC": "", "EmailAddressBCC": ""}
        elif name in ("rate", "rate_unit"):
            made["CurrencyRate" if name == "rate" else "CurrencyUnit"] = value
    return made


def row_to(row: Row, form: Form) -> dict[str, Any]:
    """Return one row as Fortnox wants a new one: a discount always with its type, and a text as a text alone."""
    if row.is_text:
        return {"Description": str(row.description or "")}
    made: dict[str, Any] = {}
    for name in ROW_FIELDS:
        value = getattr(row, name)
        if value is ABSENT or value == "":
            continue
        made |= row_field(name, value, form)
    if (
        form.quantity == "DeliveredQuantity"
        and form.register == "orders"
        and "OrderedQuantity" not in made
        and row.quantity is not ABSENT
    ):
        made["OrderedQuantity"] = row.quantity
    if row.house_work is False and row.house_work_type == "":
        # False alone would stamp a kind of its own on the row (section 9.5).
        made["HouseWorkType"] = None
    # Without a discount of its own a row would get that of the customer's card (section 9.1), and without its type AMOUNT (9.8).
    return {"Discount": ZERO, "DiscountType": "PERCENT", **made}


def row_field(name: str, value: Any, form: Form) -> dict[str, Any]:
    """Return one field of a row as Fortnox'."""
    match name:
        case "quantity":
            return {form.quantity: value}
        case "ordered_quantity":
            return {"OrderedQuantity": value} if form.register == "orders" else {}
        case "price":
            return {"Price": value.amount}
        case "discount":
            return {"Discount": value}
        case "discount_kind":
            return {"DiscountType": "AMOUNT" if value == "amount" else "PERCENT"}
        case "vat":
            return {"VAT": whole_percent(value)}
        case "account":
            return {"AccountNumber": int(value)} if value else {}
        case "house_work":
            return {"HouseWork": bool(value)}
        case "house_work_hours":
            return {"HouseWorkHoursToReport": int(value)}
        case "article_number":
            return {"ArticleNumber": value or None}
        case _:
            return {ROW_TEXTS[name]: value or None} if name in ROW_TEXTS else {}


def whole_percent(vat: Decimal) -> int:
    """Return a VAT rate as Fortnox' whole number. Raises Rejected for one that it cannot express (accounting.md 1.5)."""
    if vat == vat.to_integral_value():
        return int(vat)
    raise Rejected(
        "Fortnox has whole percents of VAT only, so a row with {rate} % cannot be made there.",
        repair="Enter the sale in Fortnox as a voucher with the country's sales and VAT accounts, and report it in the one-stop shop (OSS).",
        rule="",
        rate=percent_text(vat),
    )


def spell(name: str, text: str) -> str:
    """Return a text in signs that Fortnox takes (section 5); line feeds do not survive in a row's text (section 9.8)."""
    if name in _CODES:
        return text
    text = readable(text)
    if name.startswith("rows."):
        text = " ".join(text.split("\n"))
    return cleaned(text) if forbidden(text) else text


def spell_formerly(name: str, text: str) -> str:
    """Return a text as earlier versions wrote it."""
    if name in _CODES:
        return text
    text = " ".join(text.split("\n")) if name.startswith("rows.") else text
    return sign_by_sign(text) if forbidden(text) else text


_CODES = ("currency", "customer_number", "article_number", "rows.article_number", "rows.account")
