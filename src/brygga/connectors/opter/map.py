"""Opter's objects → records. Pure. The only place that knows the contract's field names (src/brygga_sandbox/opter/README.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from brygga.connectors.opter.settings import ROUNDING, Settings
from brygga.core.countries import country_to_iso
from brygga.core.diff import same
from brygga.core.document import Document, Row, Settlement, SettlementRow
from brygga.core.hauliers import is_charged_with_vat, spelled
from brygga.core.money import ZERO, Money
from brygga.core.record import ABSENT, Customer
from brygga.core.settlements import BAS_ACCOUNTS, Coding, Haulier, SettlementAccounts, SettlementLine, code_settlement
from brygga.core.totals import predict
from brygga.errors import BadData

Raw = Mapping[str, Any]

CUSTOMER: Final[Mapping[str, str]] = {
    "name": "name",
    "organisation_number": "organisationNumber",
    "vat_number": "vatNumber",
    "phone": "phone",
    "email": "email",
    "email_invoice": "invoiceEmail",
    "currency": "currency",
}
ADDRESSES: Final[Mapping[str, str]] = {"invoice": "postalAddress", "visiting": "visitingAddress"}
CUSTOMER_SENT: Final = frozenset(
    {*CUSTOMER, *(f"{place}_{part}" for place in ADDRESSES for part in ("street", "postcode", "city", "country"))}
)
"""What of a customer follows to Fortnox."""

PLACES: Final[Mapping[str, Mapping[str, str]]] = {
    "customer": {
        "number": "customerNumber, customerCode",
        **CUSTOMER,
        **{f"{name}_street": f"{place}.street + street2" for name, place in ADDRESSES.items()},
        **{f"{name}_postcode": f"{place}.postalCode" for name, place in ADDRESSES.items()},
        **{f"{name}_city": f"{place}.city" for name, place in ADDRESSES.items()},
        **{f"{name}_country": f"{place}.countryCode" for name, place in ADDRESSES.items()},
        "kind": "–",
    },
    "invoice": {
        "own_number": "invoiceNumber",
        "invoice_street": "Customer/Address street + street2",
        "invoice_postcode": "Customer/Address postalCode",
        "invoice_city": "Customer/Address city",
        "invoice_country": "Customer/Address countryCode",
        "number": "export.documentNumber",
        "voucher": "export.message",
        "customer_number": "customerCode",
        "customer_ref": "customerCode",
        "customer_name": "customerName",
        "credit_of": "creditedInvoiceNumber",
        "currency": "currency",
        "rate": "currencyRate",
        "rate_unit": "–",
        "date": "invoiceDate",
        "due": "dueDate",
        "ocr": "ocrNumber",
        "text": "remark",
        "your_order_number": "orders.orderNumber",
        "prices_include_vat": "–",
        "net": "net",
        "vat": "vat",
        "round_off": "roundOff",
        "total": "total",
        "rows": "coding",
        "booked": "–",
        "sent": "–",
        "mailed": "–",
    },
    "settlement": {
        "number": "number",
        "supplier_number": "supplier.supplierNumber, supplierCode",
        "supplier_name": "supplier.name",
        "organisation_number": "supplier.organisationNumber",
        "vat_number": "supplier.vatNumber",
        "street": "supplier.address.street + street2",
        "postcode": "supplier.address.postalCode",
        "city": "supplier.address.city",
        "country": "supplier.countryCode",
        **{
            name: f"supplier.{name}"
            for name in ("phone", "phone2", "fax", "email", "website", "iban", "bic", "bankgiro", "plusgiro")
        },
        "bank_account": "supplier.bankAccount",
        "date": "settlementDate",
        "due": "dueDate",
        "currency": "currency",
        "rows": "rows",
        "payable": "rows",
        "input_vat": "rows",
        "output_vat": "rows",
        "vat_type": "–",
        "vat_registered": "supplier",
        "text": "texts",
        "booked": "export.booked",
        "external_reference1": "export.documentNumber",
    },
}
"""What the maps below translate by: our field -> the contract's; – for what the settings or a rule say."""
WAYS: Final[Mapping[str, str]] = {
    "number": "The ledger number or the code, as the settings say.",
    "rows": "A title row, then a row for each account, VAT rate and economic units.",
    "prices_include_vat": "Always without VAT.",
    "kind": "Always a company.",
    **dict.fromkeys(("booked", "sent", "mailed"), "As the setting send says."),
}
INVOICE_SENT: Final = frozenset({
    "customer_number", "currency", "rate", "rate_unit", "date", "due", "ocr", "text", "your_order_number", "prices_include_vat",
    "rows", "attached", "booked", "sent", "mailed",
})  # fmt: skip
"""What of an invoice Opter decides. Its number is Fortnox' from the beginning, and is not changed afterwards."""

UNITS: Final = ("unit3", "unit4", "unit5")
"""Economic units that Fortnox has no field for."""

UNNAMED: Final = "Transport"
"""The text of a row that has none in Opter, as an invoice says what it charges [guess]; that it is not Opter's is told."""
EVENED: Final = "Öresutjämning"
"""The text of the row that evens out öre."""
CALLED: Final[Mapping[str, str]] = {"invoice": "Faktura", "credit": "Kreditfaktura", "interest": "Räntefaktura"}


# Customers ----------------------------------------------------------------------------------------------------------------


def customer_from(raw: Raw, settings: Settings) -> Customer:
    """Return a customer of Opter; its number in Fortnox is the ledger number or the code, as the settings say."""
    values: dict[str, Any] = {name: _text(raw.get(place)) for name, place in CUSTOMER.items()}
    for name, place in ADDRESSES.items():
        address = raw.get(place) or {}
        values[f"{name}_street"] = "\n".join(filter(None, (_text(address.get("street")), _text(address.get("street2")))))
        values[f"{name}_postcode"] = _text(address.get("postalCode"))
        values[f"{name}_city"] = _text(address.get("city"))
        values[f"{name}_country"] = _text(address.get("countryCode"))
    number = raw.get("customerCode" if settings.customer_number == "code" else "customerNumber")
    return Customer(**values, number=_text(number), kind="company")


# Invoices -----------------------------------------------------------------------------------------------------------------


CANCELLED = "Cancelled"
"""The status of an invoice that was taken back in Opter."""


def invoice_from(raw: Raw, settings: Settings) -> Document:
    """Return an invoice as the document that it becomes: a title row, then one row for each account and economic units (OPT-01).

    `own_number` is Opter's number, `number` that of the document that it became, which is the same. Raises BadData where an amount or a day is none.
    """
    currency = _currency(raw)
    if str(raw.get("kind") or "invoice") not in CALLED:
        raise BadData(
            "Invoice {number} is of the kind {kind}, which is none of {known}.",
            repair="Correct the kind where Opter's invoices are exported.",
            number=_text(raw.get("invoiceNumber")),
            kind=_text(raw.get("kind")),
            known=", ".join(CALLED),
        )
    export = raw.get("export") or {}
    foreign = currency != "SEK"
    orders = [_text(order.get("orderNumber")) for order in raw.get("orders") or ()]
    document = Document(
        kind="credit_invoice" if raw.get("kind") == "credit" else "invoice",
        own_number=_text(raw.get("invoiceNumber")),
        number=_text(export.get("documentNumber")),
        voucher=_text(export.get("message")) if export.get("booked") is True else "",
        customer_ref=_text(raw.get("customerCode")),
        customer_name=_text(raw.get("customerName")),
        credit_of=_text(raw.get("creditedInvoiceNumber")) or ABSENT,
        currency=currency,
        rate=_rate(raw, currency) if foreign else ABSENT,
        rate_unit=Decimal(1) if foreign else ABSENT,
        date=_day(raw.get("invoiceDate"), "invoiceDate"),
        due=_day(raw.get("dueDate"), "dueDate"),
        ocr=_text(raw.get("ocrNumber")) or ABSENT,
        text=_text(raw.get("remark")),
        your_order_number=", ".join(orders)[:75] or ABSENT,
        prices_include_vat=False,
        net=Money(_number(raw.get("net"), "net"), currency),
        vat=Money(_number(raw.get("vat"), "vat"), currency),
        round_off=Money(_number(raw.get("roundOff"), "roundOff"), currency),
        total=Money(_number(raw.get("total"), "total"), currency),
        rows=(Row(description=title(raw)), *_rows(raw, currency, settings)),
        **_address_of(raw),
        # Booked and sent from Opter; or mailed by Fortnox: one sending only.
        booked=True if settings.send == "opter" else ABSENT,
        sent=True if settings.send == "opter" else ABSENT,
        cancelled=True if raw.get("status") == CANCELLED else ABSENT,
        attached=_text(raw.get("pdfSha256")) or ABSENT if settings.send == "fortnox_with_pdf" else ABSENT,
        mailed=True if settings.send in ("fortnox", "fortnox_with_pdf") else ABSENT,
    )
    return _evened(document, settings)


def _address_of(raw: Raw) -> dict[str, Any]:
    """Return the invoice's own address where it has one, as a file does: it stands on the invoice, whatever the customer's card says."""
    address = raw.get("postalAddress") or {}
    street = "\n".join(filter(None, (_text(address.get("street")), _text(address.get("street2")))))
    values = {
        "invoice_street": street,
        "invoice_postcode": _text(address.get("postalCode")),
        "invoice_city": _text(address.get("city")),
    }
    if not any(values.values()):
        return {}
    return {**values, "invoice_country": _text(address.get("countryCode")) or ABSENT}


def moved_from(raw: Raw) -> tuple[str, str, str] | None:
    """Return where an invoice is to, where the customer's one before it was to, and the number of that; None where both are to one place."""
    before = raw.get("before")
    if not before:
        return None
    here, there = (_address_of(one) for one in (raw, before))
    if not here or not there or all(same(name, here[name] or "", there.get(name) or "") for name in here):
        return None
    now, then = (", ".join(str(one[name]) for name in here if one.get(name)).replace("\n", ", ") for one in (here, there))
    return now, then, _text(before.get("invoiceNumber"))


def _evened(document: Document, settings: Settings) -> Document:
    """Return the invoice with a row for the öre by which Fortnox' total would differ from Opter's, up to the set amount (DESIGN 5).

    Opter's own rounding is evened out with the VAT where the amount allows both, else the VAT alone. Net and VAT are then those of the
    rows as Fortnox reckons them: what Fortnox answers is compared with exactly that.
    """
    if not (isinstance(document.total, Money) and isinstance(document.round_off, Money) and settings.even_out):
        return document
    exact, currency = predict(document, round_to_krona=False).per_rate.exact, document.total.currency
    for kept in dict.fromkeys((ZERO, document.round_off.amount)):
        difference = document.total.amount - kept - exact
        if difference and abs(difference) <= settings.even_out:
            row = Row(description=EVENED, quantity=Decimal(1), price=Money(difference, currency), vat=ZERO, account=ROUNDING)
            evened = replace(document, rows=(*document.lines, row), round_off=Money(kept, currency))
            sums = predict(evened, round_to_krona=False).per_rate
            return replace(evened, net=Money(sums.net, currency), vat=Money(sums.vat, currency))
    return document


def evened_by(document: Document) -> Decimal:
    """Return by how much an invoice was evened out, 0 where it was not."""
    rows = document.lines if document.rows is not ABSENT else ()
    found = (row.price.amount for row in rows if row.description == EVENED and isinstance(row.price, Money))
    return sum(found, ZERO)


def title(raw: Raw) -> str:
    """Return what tells the customer which transport the invoice is about: its number, orders, the day of the first (systems.md 6.2)."""
    orders = raw.get("orders") or ()
    parts = [f"{CALLED.get(str(raw.get('kind')), 'Faktura')} {_text(raw.get('invoiceNumber'))}"]
    parts += [_text(order.get("orderNumber")) for order in orders]
    parts += [_text(order.get("orderDate")) for order in orders[:1]]
    return ", ".join(filter(None, parts))


def _rows(raw: Raw, currency: str, settings: Settings) -> tuple[Row, ...]:
    """Return one row for each combination of account, units and VAT rate, and of text where that is chosen, in the order in which they come."""
    found: dict[tuple[Any, ...], tuple[list[str], Decimal]] = {}
    for coding in raw.get("coding") or ():
        units = coding.get("economicUnits") or {}
        rate = _number(coding.get("vatPercent"), "vatPercent")
        text = _text(coding.get("text"))
        told = text if settings.invoice_rows == "text" else ""
        key = (_text(coding.get("account")), rate, *(_text(units.get(name)) for name in ("costCenter", "project", *UNITS)), told)
        texts, net = found.setdefault(key, ([], ZERO))
        if text and text not in texts:
            texts.append(text)
        found[key] = (texts, net + _number(coding.get("net"), "net"))
    return tuple(
        Row(
            description=", ".join(texts) or UNNAMED,
            quantity=Decimal(1),
            price=Money(net, currency),
            vat=key[1],
            account=key[0],
            cost_center=key[2] or ABSENT,
            project=key[3] or ABSENT,
        )
        for key, (texts, net) in found.items()
    )


def unnamed_rows(document: Document) -> tuple[Row, ...]:
    """Return the rows of an invoice whose codings have no text in Opter."""
    return tuple(row for row in document.lines if row.description == UNNAMED)


def units_left_out(raw: Raw) -> tuple[str, ...]:
    """Return the economic units of an invoice that Fortnox has no field for."""
    codings: Iterable[Raw] = raw.get("coding") or ()
    found = (_text((coding.get("economicUnits") or {}).get(name)) for coding in codings for name in UNITS)
    return tuple(dict.fromkeys(filter(None, found)))


# Settlements --------------------------------------------------------------------------------------------------------------


def accounts_of(settings: Settings) -> SettlementAccounts:
    """Return the accounts of settlements with those that the settings change."""
    given = {name: settings.settlement_accounts.get(name, getattr(BAS_ACCOUNTS, name)) for name in (
        "cost", "eu_cost", "input_vat", "calculated_input_vat", "calculated_output_vat", "payable", "eu_sales",
    )}  # fmt: skip
    return SettlementAccounts(**given, sales=BAS_ACCOUNTS.sales, output_vat=BAS_ACCOUNTS.output_vat)


def coding_of(raw: Raw, settings: Settings) -> Coding:
    """Code a settlement by the rules of accounting.md 6. Raises BadData for a line that cannot be coded."""
    supplier = raw.get("supplier") or {}
    country, number = _country(supplier), _text(supplier.get("vatNumber"))
    haulier = Haulier(
        country=country,
        # Without a number that is right no input VAT is deducted, whatever the register says (accounting.md 6).
        vat_registered=is_charged_with_vat(supplier.get("vatRegistered") is True, number, country),
        self_billing_agreement=bool(supplier.get("selfBillingAgreement")),
    )
    return code_settlement(haulier, lines_of(raw), accounts_of(settings))


def lines_of(raw: Raw) -> list[SettlementLine]:
    """Return the lines of a settlement. Raises BadData for a number that is none."""
    return [
        SettlementLine(
            str(line.get("kind")),
            _number(line.get("net"), "net"),
            _number(line.get("vatPercent"), "vatPercent"),
            _text(line.get("account")),
        )
        for line in raw.get("lines") or ()
    ]


def settlement_from(raw: Raw, coding: Coding, settings: Settings) -> Settlement:
    """Return a settlement with its postings. `external_reference1` is the supplier invoice that it became."""
    supplier = raw.get("supplier") or {}
    address = supplier.get("address") or {}
    currency = _text(raw.get("currency")) or "SEK"
    export = raw.get("export") or {}
    accounts = accounts_of(settings)
    made = Settlement(
        number=_text(raw.get("number")),
        supplier_number=_text(supplier.get("supplierCode" if settings.supplier_number == "code" else "supplierNumber")),
        supplier_name=_text(supplier.get("name")),
        organisation_number=_text(supplier.get("organisationNumber")),
        vat_number=_text(supplier.get("vatNumber")),
        vat_registered=supplier.get("vatRegistered") is True,
        street="\n".join(filter(None, (_text(address.get("street")), _text(address.get("street2"))))),
        postcode=_text(address.get("postalCode")),
        city=_text(address.get("city")),
        country=_country(supplier),
        phone=_text(supplier.get("phone")),
        phone2=_text(supplier.get("phone2")),
        fax=_text(supplier.get("fax")),
        email=_text(supplier.get("email")),
        website=_text(supplier.get("website")),
        bank_account=_text(supplier.get("bankAccount")),
        iban=_text(supplier.get("iban")),
        bic=_text(supplier.get("bic")),
        bankgiro=_text(supplier.get("bankgiro")),
        plusgiro=_text(supplier.get("plusgiro")),
        date=_day(raw.get("settlementDate"), "settlementDate"),
        due=_day(raw.get("dueDate"), "dueDate"),
        currency=currency,
        rows=tuple(
            SettlementRow(account=account, amount=Money(amount, currency), kind=_kind(account, accounts))
            for account, amount in coding.rows.items()
        ),
        input_vat=Money(coding.input_vat, currency),
        output_vat=Money(coding.output_vat, currency),
        payable=Money(coding.payable, currency),
        vat_type=coding.vat_type,
        text=", ".join(dict.fromkeys([*map(str, raw.get("texts") or ()), *coding.must_state])),
        cancelled=True if raw.get("status") == CANCELLED else ABSENT,
        attached=_text(raw.get("pdfSha256")) or ABSENT if settings.settlement_pdf else ABSENT,
        external_reference1=_text(export.get("documentNumber")),
        booked=export.get("booked") is True,
    )
    return spelled(made)


def _kind(account: str, accounts: SettlementAccounts) -> str:
    """Say what a posting is to Fortnox: the debt to the haulier, input VAT, or anything else."""
    if account == accounts.payable:
        return "TOT"
    return "VAT" if account == accounts.input_vat else "PRE"


# Values -------------------------------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _country(supplier: Raw) -> str:
    """Return a haulier's country as ISO; what is no country stays as typed, for the sentence that says so."""
    text = _text(supplier.get("countryCode")) or _text((supplier.get("address") or {}).get("countryCode"))
    return country_to_iso(text) or text


def _currency(raw: Raw) -> str:
    code = _text(raw.get("currency"))
    if len(code) == 3 and code.isascii() and code.isalpha() and code.isupper():
        return code
    raise BadData(
        "Invoice {number}: the currency {currency} is no code of three letters.",
        repair="Correct the currency's code in Opter: SEK, EUR, DKK.",
        number=_text(raw.get("invoiceNumber")),
        currency=code or "–",
    )


def _rate(raw: Raw, currency: str) -> Decimal:
    """Return SEK for one unit of the invoice's currency. Raises BadData where Opter says none: it is not 1, and not for us to find."""
    value = raw.get("currencyRate")
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and value > 0:
        return Decimal(value)
    raise BadData(
        "Invoice {number} is in {currency} and has no exchange rate in Opter.",
        repair="Enter the rate of {currency} on the invoice in Opter.",
        number=_text(raw.get("invoiceNumber")),
        currency=currency,
    )


def _number(value: object, place: str) -> Decimal:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    raise BadData("Opter sent {place} “{value}”, which is no number.", place=place, value=str(value)[:60])


def _day(value: object, place: str) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise BadData("Opter sent {place} “{value}”, which is no date.", place=place, value=str(value)[:60]) from None


__all__ = [
    "CUSTOMER_SENT",
    "INVOICE_SENT",
    "Raw",
    "coding_of",
    "customer_from",
    "evened_by",
    "invoice_from",
    "lines_of",
    "moved_from",
    "settlement_from",
    "title",
    "units_left_out",
]
