"""What is sold, at which price, and the papers it leads to: articles, prices, documents, payments and settlements.

The words are ours; the Swedish terms stand in the docstrings. Every field is `ABSENT` until a system has said something of
it, and only `map.py` of a connector knows what a system calls it. Amounts are `Money`, quantities and percents `Decimal`,
days `date`. A percent is written as people say it: 25 is twenty-five percent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from brygga.core.absent import ABSENT, Absent, Text
from brygga.core.money import Money

Number: TypeAlias = Decimal | Absent
Amount: TypeAlias = Money | Absent
Day: TypeAlias = date | Absent | None
"""None: the system has the field, and it is empty."""
Flag: TypeAlias = bool | Absent

DocumentKind: TypeAlias = Literal["offer", "order", "invoice", "cash_invoice", "credit_invoice"]
"""offert, order, faktura, kontantfaktura (kontantnota), kreditfaktura"""
DiscountKind: TypeAlias = Literal["percent", "amount"]
"""of the row's price in percent, or an amount off the whole row (Fortnox API, section 9.8)"""
Supply: TypeAlias = Literal["goods", "services"]
"""varor, tjänster"""


@dataclass(frozen=True, slots=True)
class Article:
    """What is sold (artikel). Rows WEB-29 to WEB-35, MOB-02, UPS-21, TXT-17 to TXT-20.

    number                the article number (artikelnummer)
    name                  (benämning)
    supply                "goods" or "services" (vara eller tjänst)
    tax_category          the row of the dated rate table that it follows, such as "food" (accounting.md 2)
    vat                   percent, as the system says it; in Fortnox it follows from the sales account (momssats)
    cost_price            (självkostnadspris, inköpspris)
    list_price            the price of the list that is chosen beforehand (listpris)
    *_account             four digits, "" where none is set: sales, construction (reverse charge), EU without VAT, EU with
                          Swedish VAT, export (försäljnings-, bygg-, EU-, EU-moms- och exportkonto), purchases (inköp)
    stock                 how many there are (lagersaldo); stock_goods says whether it is counted at all (lagervara)
    house_work_type       kind of house work, such as CLEANING (husarbete)
    active                False where it is put away and not used on new documents
    """

    number: Text = ABSENT
    name: Text = ABSENT
    description: Text = ABSENT
    supply: Text = ABSENT
    unit: Text = ABSENT
    ean: Text = ABSENT
    manufacturer: Text = ABSENT
    supplier_number: Text = ABSENT
    tax_category: Text = ABSENT
    vat: Number = ABSENT
    cost_price: Amount = ABSENT
    list_price: Amount = ABSENT
    sales_account: Text = ABSENT
    construction_account: Text = ABSENT
    eu_account: Text = ABSENT
    eu_vat_account: Text = ABSENT
    export_account: Text = ABSENT
    purchase_account: Text = ABSENT
    stock: Number = ABSENT
    stock_goods: Flag = ABSENT
    weight: Number = ABSENT
    house_work: Flag = ABSENT
    house_work_type: Text = ABSENT
    in_webshop: Flag = ABSENT
    note: Text = ABSENT
    active: Flag = ABSENT


@dataclass(frozen=True, slots=True)
class PriceList:
    """A named set of prices (prislista). Rows MOB-03, UPS-13, UPS-22. `prices_include_vat` where the system has such lists."""

    code: Text = ABSENT
    name: Text = ABSENT
    currency: Text = ABSENT
    comments: Text = ABSENT
    prices_include_vat: Flag = ABSENT
    chosen_beforehand: Flag = ABSENT


@dataclass(frozen=True, slots=True)
class Price:
    """What one article costs in one list from a quantity upwards (pris, från antal)."""

    article_number: Text = ABSENT
    price_list: Text = ABSENT
    from_quantity: Number = ABSENT
    price: Amount = ABSENT
    percent: Number = ABSENT


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a document (rad). Rows MOB-06, MOB-07, WEB-41, TXT-12.

    id                   the system's own mark of the row; Fortnox gives all rows new ones at every update (RowId)
    quantity             delivered, what is charged (levererat antal)
    ordered_quantity     (beställt antal)
    price                of one unit, with or without VAT as the document says (à-pris)
    discount             with discount_kind: percent, or an amount off the whole row (rabatt)
    vat                  percent (momssats); vat_code such as MP1 (momskod)
    account              four digits, "" to let Fortnox choose (konto)
    total                of the row, as the system says it, in the mode of the price (radsumma)
    cost                 of one unit for the seller (kostnad)
    house_work_*         (husarbete): labour or not, kind of work, whole hours to report

    A row without article, price and quantity is a line of text (textrad): it has no sum and no VAT.
    """

    id: Text = ABSENT
    article_number: Text = ABSENT
    description: Text = ABSENT
    supply: Text = ABSENT
    quantity: Number = ABSENT
    ordered_quantity: Number = ABSENT
    unit: Text = ABSENT
    price: Amount = ABSENT
    discount: Number = ABSENT
    discount_kind: Text = ABSENT
    vat: Number = ABSENT
    vat_code: Text = ABSENT
    account: Text = ABSENT
    total: Amount = ABSENT
    cost: Amount = ABSENT
    cost_center: Text = ABSENT
    project: Text = ABSENT
    delivery_date: Day = ABSENT
    house_work: Flag = ABSENT
    house_work_type: Text = ABSENT
    house_work_hours: Number = ABSENT

    @property
    def is_text(self) -> bool:
        """Say whether the row only carries text: nothing on it can add to a sum."""
        return not self.article_number and self.price is ABSENT and (self.quantity is ABSENT or not self.quantity)


@dataclass(frozen=True, slots=True)
class Document:
    """An offer, order, invoice, cash invoice or credit invoice.

    Rows WEB-36 to WEB-53, UPS-07 to UPS-28, MOB-04 to MOB-19, TXT-08, OPT-01.

    kind                   which of the five (dokumenttyp)
    number                 in its own series; never used twice (dokumentnummer)
    date                   (faktura-, order- eller offertdatum); expires is an offer's last day (giltig till)
    delivery_date          the day that decides the VAT rate (leveransdatum)
    due                    the plain last day of the terms, not moved for holidays (förfallodatum)
    rate, rate_unit        SEK for `rate_unit` units of the currency (valutakurs, enhet)
    vat_type               SEVAT, SEREVERSEDVAT, EUREVERSEDVAT, EUVAT or EXPORT (momstyp); accounting.md 1.3
    prices_include_vat     whether prices and row totals hold VAT (pris inkl. moms)
    text                   printed for the customer (order- eller fakturatext); comments are for us (intern kommentar)
    external_reference*    what another system calls it; carries our key after a write (extern referens)
    ocr                    payment reference, text with its leading zeros (OCR)
    *_number               of the offer, order, contract or invoice that it came from or led to
    invoice_date, invoice_booked   of the invoice that an order became (WEB-46 to WEB-48)
    credit_of, credited_by the original's number on a credit, and the credit's number on the original (kreditreferens)
    freight, fee           header fields (frakt, expeditionsavgift); rows are better (accounting.md 3.3)
    net, vat, round_off    as the system says them (netto, moms, öresutjämning)
    total, to_pay, balance (totalt, att betala, saldo)
    tax_reduction_kind     none, rot, rut or green (husarbete); tax_reduction in whole kronor
    paid_by                how the customer paid or will pay: the shop's method, or CASH, CARD, AG on a cash invoice (betalsätt)
    customer_ref           the customer's id in the system that the document lives in; customer_number is Fortnox' number for it
    booked, sent, cancelled, not_completed   its state (bokförd, skickad, makulerad, ej klar)
    edited                 whether it was changed in its system after it had gone over (ändrad efter export)
    mailed, ordered, invoiced, credited      mailed to the customer; an order, an invoice or a credit has been made of it
    accounting_method      ACCRUAL or CASH (bokföringsmetod)
    voucher                series, number and year of the voucher, such as "B 14 2026" (verifikation)
    attached               SHA-256 of the PDF that goes with it, in hex (bifogad fil)
    own_number             the business system's number for it, where the document is to have the same in Fortnox (OPT-07)
    subject, stage         description and phase of a CRM's sale (rubrik, fas); probability in percent
    seller                 who made the sale, by name (säljare)
    """

    kind: Text = ABSENT
    number: Text = ABSENT
    customer_ref: Text = ABSENT
    customer_number: Text = ABSENT
    customer_name: Text = ABSENT
    organisation_number: Text = ABSENT
    vat_number: Text = ABSENT
    date: Day = ABSENT
    delivery_date: Day = ABSENT
    due: Day = ABSENT
    expires: Day = ABSENT
    currency: Text = ABSENT
    rate: Number = ABSENT
    rate_unit: Number = ABSENT
    vat_type: Text = ABSENT
    prices_include_vat: Flag = ABSENT
    rows: tuple[Row, ...] | Absent = ABSENT
    our_reference: Text = ABSENT
    your_reference: Text = ABSENT
    your_order_number: Text = ABSENT
    terms_of_payment: Text = ABSENT
    terms_of_delivery: Text = ABSENT
    way_of_delivery: Text = ABSENT
    price_list: Text = ABSENT
    language: Text = ABSENT
    text: Text = ABSENT
    comments: Text = ABSENT
    external_reference1: Text = ABSENT
    external_reference2: Text = ABSENT
    ocr: Text = ABSENT
    email: Text = ABSENT
    phone: Text = ABSENT
    invoice_street: Text = ABSENT
    invoice_postcode: Text = ABSENT
    invoice_city: Text = ABSENT
    invoice_country: Text = ABSENT
    delivery_name: Text = ABSENT
    delivery_street: Text = ABSENT
    delivery_postcode: Text = ABSENT
    delivery_city: Text = ABSENT
    delivery_country: Text = ABSENT
    offer_number: Text = ABSENT
    order_number: Text = ABSENT
    contract_number: Text = ABSENT
    invoice_number: Text = ABSENT
    invoice_date: Day = ABSENT
    invoice_booked: Flag = ABSENT
    credit_of: Text = ABSENT
    credited_by: Text = ABSENT
    freight: Amount = ABSENT
    fee: Amount = ABSENT
    net: Amount = ABSENT
    vat: Amount = ABSENT
    round_off: Amount = ABSENT
    total: Amount = ABSENT
    to_pay: Amount = ABSENT
    balance: Amount = ABSENT
    paid_on: Day = ABSENT
    tax_reduction_kind: Text = ABSENT
    tax_reduction: Amount = ABSENT
    paid_by: Text = ABSENT
    booked: Flag = ABSENT
    sent: Flag = ABSENT
    mailed: Flag = ABSENT
    ordered: Flag = ABSENT
    invoiced: Flag = ABSENT
    credited: Flag = ABSENT
    cancelled: Flag = ABSENT
    not_completed: Flag = ABSENT
    edited: Flag = ABSENT
    attached: Text = ABSENT
    accounting_method: Text = ABSENT
    voucher: Text = ABSENT
    cost_center: Text = ABSENT
    project: Text = ABSENT
    subject: Text = ABSENT
    own_number: Text = ABSENT
    stage: Text = ABSENT
    probability: Number = ABSENT
    seller: Text = ABSENT

    @property
    def lines(self) -> tuple[Row, ...]:
        """Return the rows; none where the system did not say any."""
        return () if self.rows is ABSENT else self.rows


@dataclass(frozen=True, slots=True)
class WriteOff:
    """The part of a receivable that a payment closes without money (avskrivning), in SEK."""

    amount: Amount = ABSENT
    account: Text = ABSENT
    text: Text = ABSENT


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received for an invoice, or paid back on a credit (inbetalning). Rows OPT-02, OPT-04, OPT-05, OPT-14.

    number            the payment's own number: it is imported once
    amount            in the invoice's currency; amount_sek is what reached the books
    rate, rate_unit   SEK for `rate_unit` units of the currency at the payment
    date              the day the money moved (betalningsdatum)
    registered        the day the payment was first seen in Fortnox (registrerad);
                      registered_estimated where only `date` is known
    mode, account     (betalningssätt, konto)
    source            "manual" or "direct"
    """

    number: Text = ABSENT
    invoice_number: Text = ABSENT
    invoice_total: Amount = ABSENT
    ocr: Text = ABSENT
    customer_number: Text = ABSENT
    amount: Amount = ABSENT
    amount_sek: Amount = ABSENT
    rate: Number = ABSENT
    rate_unit: Number = ABSENT
    date: Day = ABSENT
    registered: Day = ABSENT
    registered_estimated: Flag = ABSENT
    mode: Text = ABSENT
    account: Text = ABSENT
    booked: Flag = ABSENT
    source: Text = ABSENT
    voucher: Text = ABSENT
    write_offs: tuple[WriteOff, ...] | Absent = ABSENT
    text: Text = ABSENT


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """One posting of a settlement (kontering): debit positive, credit negative; incl. the rows that carry VAT."""

    account: Text = ABSENT
    amount: Amount = ABSENT
    text: Text = ABSENT
    kind: Text = ABSENT
    net: Amount = ABSENT
    vat: Number = ABSENT


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a transport company owes one haulier for a period (avräkning); a supplier invoice in Fortnox. Row OPT-03.

    number                   in the haulier's own series
    vat_registered           whether the haulier charges VAT (momsregistrerad)
    self_billing_agreement   made beforehand; self_billing_since its day (avtal om självfakturering)
    rows                     coded postings incl. VAT, one for each account (kontering)
    payable                  what is paid out; negative where the haulier owes (att betala)
    bank_*, bankgiro ...     the haulier's master data, which go along with the export
    attached                 SHA-256 of the detailed statement as PDF, in hex (bifogad fil)
    booked                   a booked one is never updated
    """

    number: Text = ABSENT
    supplier_number: Text = ABSENT
    supplier_name: Text = ABSENT
    organisation_number: Text = ABSENT
    vat_number: Text = ABSENT
    vat_registered: Flag = ABSENT
    self_billing_agreement: Flag = ABSENT
    self_billing_since: Day = ABSENT
    street: Text = ABSENT
    postcode: Text = ABSENT
    city: Text = ABSENT
    country: Text = ABSENT
    phone: Text = ABSENT
    phone2: Text = ABSENT
    fax: Text = ABSENT
    email: Text = ABSENT
    website: Text = ABSENT
    bank_account: Text = ABSENT
    iban: Text = ABSENT
    bic: Text = ABSENT
    bankgiro: Text = ABSENT
    plusgiro: Text = ABSENT
    date: Day = ABSENT
    due: Day = ABSENT
    period_from: Day = ABSENT
    period_to: Day = ABSENT
    currency: Text = ABSENT
    rate: Number = ABSENT
    rate_unit: Number = ABSENT
    rows: tuple[SettlementRow, ...] | Absent = ABSENT
    input_vat: Amount = ABSENT
    output_vat: Amount = ABSENT
    payable: Amount = ABSENT
    vat_type: Text = ABSENT
    external_reference1: Text = ABSENT
    text: Text = ABSENT
    attached: Text = ABSENT
    booked: Flag = ABSENT
    cancelled: Flag = ABSENT
