"""What goes where: Opter's invoices and settlements to Fortnox. Rows OPT-01, OPT-03, OPT-07 to OPT-10, ruling D9; systems.md 6.2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, Final

from brygga.connectors.contract import FILE, Mapped, Need, Stream
from brygga.connectors.named import needs_of, year_of
from brygga.connectors.opter import map as mapping
from brygga.connectors.opter.map import Raw
from brygga.connectors.opter.settings import LARGEST_DEVIATION, ROUNDING, Settings
from brygga.core.agreement import comparing
from brygga.core.document import Document, Settlement
from brygga.core.document_state import lock_of
from brygga.core.ends import Ends
from brygga.core.hauliers import doubt_about, group_number
from brygga.core.match import Identity
from brygga.core.money import ZERO, Money, percent_text, vat_from_net
from brygga.core.ocr import validate_ocr
from brygga.core.plan import Hold, Remark, Skip, joined
from brygga.core.planner import Rules, tells_rounding
from brygga.core.policy import LEFT, RIGHT, Holding, Lock, Policy, Side
from brygga.core.record import ABSENT, Customer, Ref
from brygga.core.settlement_agreement import settlement_differences
from brygga.core.settlements import Coding
from brygga.core.several import Several
from brygga.errors import Sentence

SYSTEM: Final = "opter"
NAMES: Final[Mapping[Side, str]] = {LEFT: "Opter", RIGHT: "Fortnox"}
PARTS: Final = ("invoices",)
"""The streams that each run of customers brings with it: an invoice follows its customer at once."""

Holds = Mapping[Side, Holding]
HALF_AN_ORE: Final = Decimal("0.005")


def key_for(company: str, ref: Ref) -> str:
    """Return what a record made in Fortnox carries."""
    return f"brygga:{company}:{ref.system}:{ref.kind}:{ref.id}"


# Customers ----------------------------------------------------------------------------------------------------------------


def customers(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the customers of exported invoices, found by their number or made; then the invoices themselves (OPT-01)."""
    sent = mapping.CUSTOMER_SENT if settings.update_customers else frozenset()
    rules = Rules(
        policy=Policy(governed=dict.fromkeys(sent, LEFT), apart=frozenset(field.name for field in fields(Customer)) - sent),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names=NAMES,
        key_for=lambda side, ref, record: key_for(company, ref),
        makes={LEFT: False, RIGHT: True},
        why_not={LEFT: Skip(Sentence("Customers go from Opter to Fortnox only."), "OPT-01")},
        match_keys=("number", "organisation_number", "name_postcode"),
        several=Several(certain=True),
    )
    return Stream("customers", "customer", rules, settings.brake, {LEFT: True}, then=PARTS)


def customer_standing(raw: Raw, customer: Customer, settings: Settings) -> Hold | None:
    """Say why a customer cannot go to Fortnox yet."""
    facts = {"code": str(raw["customerCode"]), "name": str(raw.get("name") or "")}
    if not customer.number:
        return Hold(
            Sentence("Customer {code}, {name}, has no ledger number in Opter.", facts),
            "OPT-01",
            Sentence("Give it a customer number in Opter, or let the customer code be the number (customer_number).", facts),
            only=frozenset({"number"}),
        )
    currency = str(customer.currency or "")
    if len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper():
        return None
    return Hold(
        Sentence(
            "Customer {code}, {name}: the currency {currency} is no code of three letters.", {**facts, "currency": currency or "–"}
        ),
        "OPT-01",
        Sentence("Correct the currency's code in Opter: SEK, EUR, DKK.", facts),
        only=frozenset({"currency"}),
    )


# Invoices -----------------------------------------------------------------------------------------------------------------


def invoices(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the export of invoices: numbered as in Opter, changed until they are booked, number and voucher back (OPT-01, D9)."""
    governed: dict[str, Side] = {**dict.fromkeys(mapping.INVOICE_SENT, LEFT), "number": RIGHT, "voucher": RIGHT}
    policy = Policy(
        governed=governed, apart=frozenset(field.name for field in fields(Document)) - set(governed), untold=frozenset({FILE})
    )
    rules = Rules(
        policy=policy,
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names=NAMES,
        key_for=lambda side, ref, record: key_for(company, ref),
        fill=_fill,
        makes={LEFT: False, RIGHT: True},
        why_not={LEFT: Skip(Sentence("Invoices are made in Opter only; this one is Fortnox' own."), "OPT-07")},
        identify=lambda values: Identity(),
        locked=locked,
        compare=comparing(
            _fill,
            holds,
            policy,
            said=("net", "vat", "total", "round_off"),
            accepted=settings.accepted_differences,
            from_card=settings.from_card,
        ),
        tells=tells_rounding(NAMES[LEFT], "OPT-01"),
        compared_by="OPT-01",
        rows_rule="OPT-01",
        ends=Ends(SYSTEM, "OPT-01", credits_apart=True),
    )
    return Stream(
        "invoices",
        "invoice",
        rules,
        brake=settings.brake,
        fills=True,
        swept=frozenset({LEFT}),
        refers={"customer_number": ("customer_ref", "customer")},
        needs=needs,
    )


def _fill(side: Side, record: Document) -> Document:
    return replace(record, number="", voucher="")


def locked(side: Side, left: Document, right: Document) -> Lock | None:
    """Say why Fortnox' invoice may no longer be changed: only those that are not booked are updated (systems.md 6.2).

    Until it is sent it may still be given the PDF that it is sent with.
    """
    if side == LEFT:
        return None
    lock = lock_of(right, rule="OPT-01")
    if right.sent is True:
        facts = {"number": str(right.number or "")}
        sent = Sentence("Invoice {number} was sent from Fortnox, so this is not carried over: {fields}.", facts)
        return lock or Lock(sent, "OPT-01", frozenset(field.name for field in fields(Document)) - {FILE})
    if lock is None:
        return None
    # What was cancelled goes to nobody; what is booked may still be given its PDF and be sent.
    return Lock(lock.sentence, lock.rule, lock.but - {"booked", "sent", "mailed"} if right.cancelled is True else lock.but | {FILE})


def _amount(value: object) -> Any:
    return value.amount if isinstance(value, Money) else ZERO


def needs(document: Document) -> Iterable[Need]:
    """Say what must be in Fortnox first: the invoice that a credit credits, the accounts, the currency, an open day."""
    facts = {"number": str(document.own_number or "")}
    if document.credit_of:
        named = {**facts, "original": str(document.credit_of)}
        hold = Hold(
            Sentence("Credit {number} waits: the invoice {original} that it credits is not in Fortnox.", named),
            "OPT-07",
            Sentence("Export invoice {original} first.", named),
        )
        yield Need("invoice", str(document.credit_of), hold)
    yield from year_of(document.date, f"Faktura {document.own_number or ''}", "Opter", "OPT-01")
    for account in dict.fromkeys(str(row.account) for row in document.lines if row.account):
        named = {**facts, "account": account}
        hold = Hold(
            Sentence("Invoice {number}: account {account} is not in Fortnox' chart of accounts, or is inactive.", named),
            "OPT-01",
            Sentence("Add the account in Fortnox, or correct the account coding in Opter.", named),
        )
        yield Need("account", account, hold, day=document.date or None)
    if document.currency and document.currency != "SEK":
        named = {**facts, "currency": str(document.currency)}
        hold = Hold(
            Sentence("Invoice {number}: Fortnox has no currency {currency}.", named),
            "OPT-01",
            Sentence("Add {currency} to the currencies of Fortnox.", named),
        )
        yield Need("currency", str(document.currency), hold)
    if document.date:
        named = {**facts, "date": document.date.isoformat()}
        hold = Hold(
            Sentence(
                "Invoice {number}: its day {date} lies in a period that is locked in Fortnox, or in no financial year.", named
            ),
            "OPT-01",
            Sentence("Open the period in Fortnox.", named),
        )
        yield Need("open_day", document.date.isoformat(), hold)
    yield from needs_of(document, f"Faktura {document.own_number or ''}", "Opter", "OPT-01")


def invoice_standing(raw: Raw, document: Document, settings: Settings) -> Skip | Hold | None:
    """Say why an invoice is not exported, or cannot be yet; None when it can."""
    number = str(raw["invoiceNumber"])
    facts = {"number": number, "status": str(raw.get("status") or "")}
    if raw.get("status") == mapping.CANCELLED:
        return Skip(Sentence("Invoice {number} is cancelled in Opter.", facts), "OPT-01")
    if raw.get("status") != "Closed":
        return Hold(
            Sentence("Invoice {number} waits: its period is not closed in Opter.", facts),
            "OPT-01",
            Sentence("Close the invoice period in Opter.", facts),
        )
    if not (number.isascii() and number.isdigit()):
        return Hold(
            Sentence("Invoice {number}: Fortnox' invoice numbers are digits only, and both must have the same number.", facts),
            "OPT-26",
            Sentence("Give the office a number series of digits in Opter.", facts),
        )
    if not document.customer_ref:
        return Hold(
            Sentence("Invoice {number} has no customer.", facts), "OPT-01", Sentence("Choose its customer in Opter.", facts)
        )
    return (
        _owing_held(document, facts)
        or _sum_held(raw, facts)
        or _vat_held(raw, facts)
        or _ocr_held(document, facts)
        or _unprinted(document, settings, facts)
    )


def _owing_held(document: Document, facts: Mapping[str, str]) -> Hold | None:
    """Hold an invoice that comes to less than nothing and is no credit: in Fortnox a credit is a document of its own kind."""
    if document.kind == "credit_invoice" or _amount(document.total) >= 0:
        return None
    return Hold(
        Sentence(
            "Invoice {number} comes to {total}, and is no credit in Opter.", {**facts, "total": f"{_amount(document.total):f}"}
        ),
        "OPT-01",
        Sentence("Let it be a credit in Opter, with the invoice that it credits, or correct its rows."),
    )


def _vat_held(raw: Raw, facts: Mapping[str, str]) -> Hold | None:
    """Hold an invoice whose VAT of a rate is further from its net than rounding and even_out explain; less is compared when it is made."""
    sums: dict[Decimal, list[Decimal]] = {}
    for coding in raw.get("coding") or ():
        if coding.get("vat") is not None:
            net, vat, count = sums.setdefault(Decimal(coding["vatPercent"]), [ZERO, ZERO, ZERO])
            sums[Decimal(coding["vatPercent"])] = [net + Decimal(coding["net"]), vat + Decimal(coding["vat"]), count + 1]
    for rate, (net, vat, count) in sums.items():
        expected = vat_from_net(net, rate)
        if abs(vat - expected) > max(LARGEST_DEVIATION, HALF_AN_ORE * (count + 1)):
            named = {**facts, "rate": percent_text(rate), "said": f"{vat:f}", "expected": f"{expected:f}", "net": f"{net:f}"}
            return Hold(
                Sentence("Invoice {number}: VAT at {rate} % is {said} in Opter, and {net} at that rate gives {expected}.", named),
                "OPT-01",
                Sentence("Correct the VAT of its rows in Opter.", named),
            )
    return None


def _ocr_held(document: Document, facts: Mapping[str, str]) -> Hold | None:
    """Hold an invoice whose payment reference has a wrong check digit: payments by it would reach no invoice (accounting.md 5.1)."""
    if not document.ocr or validate_ocr(str(document.ocr)):
        return None
    named = {**facts, "ocr": str(document.ocr)}
    return Hold(
        Sentence("Invoice {number}: its OCR number {ocr} is none: 2 to 25 digits, the last a check digit.", named),
        "OPT-26",
        Sentence("Correct how the office makes OCR numbers in Opter (ocrType), or leave them out.", named),
    )


def _unprinted(document: Document, settings: Settings, facts: dict[str, str]) -> Hold | None:
    """Hold an invoice that is to be mailed with its PDF and has none."""
    if settings.send == "fortnox_with_pdf" and document.attached is ABSENT:
        return Hold(
            Sentence("Invoice {number} has not been printed in Opter, and is to be sent with its PDF.", facts),
            "OPT-01",
            Sentence("Print it in Opter, or choose fortnox instead of fortnox_with_pdf under Fakturautskick.", facts),
        )
    return None


def _sum_held(raw: Raw, facts: Mapping[str, str]) -> Hold | None:
    rows = sum((Decimal(coding["net"]) for coding in raw.get("coding") or ()), ZERO)
    # Of the document itself the öre may be evened out.
    net, vat, off, total = (Decimal(raw[name]) for name in ("net", "vat", "roundOff", "total"))
    if rows == net and net + vat + off == total:
        return None
    sums = {**facts, "rows": f"{rows:f}", "net": f"{net:f}", "total": f"{total:f}"}
    return Hold(
        Sentence("Invoice {number}: its account coding adds up to {rows}, its net is {net} and its total {total}.", sums),
        "OPT-01",
        Sentence("Make the account coding of the invoice anew in Opter.", sums),
    )


def invoice_remark(raw: Raw, document: Document) -> Remark | None:
    """Say what is not as in Opter: economic units that do not follow, öre that are evened out, another address, a text that is not Opter's."""
    return joined((_units_left_out(raw), _evened(raw, document), _moved(raw, document), _unnamed(raw, document)))


def _moved(raw: Raw, document: Document) -> Remark | None:
    """Say that files give one customer different addresses: a move, or a mistake."""
    moved = mapping.moved_from(raw)
    if moved is None:
        return None
    now, then, other = moved
    facts = {
        "number": str(raw["invoiceNumber"]),
        "name": str(document.customer_name or ""),
        "code": str(document.customer_ref or ""),
        "now": now,
        "before": then,
        "other": other,
    }
    said = (
        "Invoice {number} is to {name} ({code}) at “{now}”, and invoice {other} before it to “{before}”. Each invoice bears its own "
        "address; the customer in Fortnox gets that of the newest where customers are updated."
    )
    return Remark(Sentence(said, facts), "OPT-01")


def _unnamed(raw: Raw, document: Document) -> Remark | None:
    if any(str(one.get("text") or "").strip() == mapping.UNNAMED for one in raw.get("coding") or ()):
        return None
    rows = mapping.unnamed_rows(document)
    if not rows:
        return None
    accounts = ", ".join(dict.fromkeys(str(row.account) for row in rows))
    facts = {"number": str(raw["invoiceNumber"]), "text": mapping.UNNAMED, "accounts": accounts}
    return Remark(
        Sentence("Invoice {number}: the coding on account {accounts} has no text in Opter; its row says “{text}”.", facts), "OPT-01"
    )


def _units_left_out(raw: Raw) -> Remark | None:
    left_out = mapping.units_left_out(raw)
    if not left_out:
        return None
    facts = {"number": str(raw["invoiceNumber"]), "units": ", ".join(left_out)}
    return Remark(Sentence("Invoice {number}: Fortnox has no field for the economic units {units}.", facts), "OPT-01")


def _evened(raw: Raw, document: Document) -> Remark | None:
    """Say which sum is not Opter's in the books though the total is: VAT that Fortnox reckons otherwise, or Opter's own rounding."""
    by = mapping.evened_by(document)
    if not by:
        return None
    facts = {
        "number": str(raw["invoiceNumber"]),
        "amount": f"{by:f}",
        "account": ROUNDING,
        "said": f"{Decimal(raw['vat']):f}",
        "booked": f"{_amount(document.vat):f}",
    }
    said = "Invoice {number}: {amount} is evened out on account {account}; its VAT is {said} in Opter and {booked} in Fortnox."
    return Remark(Sentence(said, facts), "OPT-01")


# Settlements --------------------------------------------------------------------------------------------------------------


def settlements(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the export of settlements as supplier invoices, changed until they are booked (OPT-03)."""
    told: dict[str, Side] = {"external_reference1": RIGHT, "booked": RIGHT}
    governed = {**dict.fromkeys(SETTLEMENT_SENT, LEFT), **told}
    rules = Rules(
        policy=Policy(
            governed=governed, apart=frozenset(field.name for field in fields(Settlement)) - set(governed), untold=frozenset({FILE})
        ),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names=NAMES,
        key_for=lambda side, ref, record: key_for(company, ref),
        fill=lambda side, record: replace(record, external_reference1="", booked=False),
        makes={LEFT: False, RIGHT: True},
        why_not={LEFT: Skip(Sentence("Settlements are made in Opter only; this supplier invoice is Fortnox' own."), "OPT-03")},
        identify=lambda values: Identity(),
        locked=settlement_locked,
        compare=lambda left, right: settlement_differences(left, right, settings.accepted_differences),
        compared_by="OPT-03",
        ends=Ends(SYSTEM, "OPT-03"),
    )
    return Stream(
        "settlements", "settlement", rules, brake=settings.brake, fills=True, swept=frozenset({LEFT}), needs=settlement_needs
    )


SETTLEMENT_SENT: Final = frozenset({"number", "date", "due", "currency", "rows", "payable", "input_vat", "vat_type", "text", FILE})
"""What of a settlement Opter decides. The haulier's own data are sent when it is made as a supplier, and then left alone."""


def settlement_locked(side: Side, left: Settlement, right: Settlement) -> Lock | None:
    """Say why a supplier invoice may no longer be changed: booked or cancelled in Fortnox."""
    if side == LEFT or not (right.booked is True or right.cancelled is True):
        return None
    facts = {"number": str(right.external_reference1 or "")}
    if right.booked is True:
        sentence = Sentence("Supplier invoice {number} is booked in Fortnox, so this is not carried over: {fields}.", facts)
    else:
        sentence = Sentence("Supplier invoice {number} is cancelled in Fortnox, so this is not carried over: {fields}.", facts)
    told = {"external_reference1", "booked"}
    return Lock(sentence, "OPT-03", frozenset(told if right.cancelled is True else {*told, FILE}))


def settlement_needs(settlement: Settlement) -> Iterable[Need]:
    """Say what must be in Fortnox first: the accounts, an open day."""
    facts = {"number": str(settlement.number or ""), "name": str(settlement.supplier_name or "")}
    rows = () if settlement.rows is ABSENT else settlement.rows
    yield from year_of(settlement.date, f"Avräkning {settlement.number or ''}", "Opter", "OPT-03")
    for account in dict.fromkeys(str(row.account) for row in rows):
        named = {**facts, "account": account}
        hold = Hold(
            Sentence("Settlement {number} with {name}: account {account} is not in Fortnox' chart, or is inactive.", named),
            "OPT-03",
            Sentence("Add the account in Fortnox, or choose another under settlement_accounts.", named),
        )
        yield Need("account", account, hold, day=settlement.date or None)
    if settlement.date:
        named = {**facts, "date": settlement.date.isoformat()}
        hold = Hold(
            Sentence("Settlement {number} with {name}: {date} lies in a locked period or in no financial year of Fortnox.", named),
            "OPT-03",
            Sentence("Open the period in Fortnox.", named),
        )
        yield Need("open_day", settlement.date.isoformat(), hold)


def settlement_standing(raw: Raw, settlement: Settlement, coding: Coding, settings: Settings) -> Hold | None:
    """Say why a settlement cannot be exported yet; None when it can."""
    facts = {"number": str(raw.get("number") or ""), "name": str(settlement.supplier_name or "")}
    if raw.get("status") != "Closed":
        return Hold(
            Sentence("Settlement {number} with {name} waits: it is not closed in Opter.", facts),
            "OPT-03",
            Sentence("Close the settlement in Opter.", facts),
        )
    if coding.blocked is not None and settlement.country:
        why = {**facts, "why": str(coding.blocked)}
        return Hold(
            Sentence("Settlement {number} with {name} is not exported. {why}", why),
            "OPT-03",
            Sentence("Enter the agreement, or let a person book the settlement in Fortnox.", facts),
        )
    if doubt := doubt_about(settlement, mapping.lines_of(raw), settings.confirms):
        return doubt
    if not settlement.supplier_number:
        return Hold(
            Sentence("Settlement {number}: {name} has no supplier number in Opter.", facts),
            "OPT-03",
            Sentence("Give the haulier a supplier number in Opter, or let the code be the number (supplier_number).", facts),
        )
    if settlement.currency != "SEK":
        return Hold(
            Sentence(
                "Settlement {number} with {name} is in {currency}; settlements are in SEK.",
                {**facts, "currency": str(settlement.currency)},
            ),
            "OPT-03",
            Sentence("Let a person book it in Fortnox.", facts),
        )
    said = raw.get("payable")
    if said is not None and said != coding.payable:
        sums = {**facts, "said": f"{said}", "coded": f"{coding.payable:f}"}
        return Hold(
            Sentence("Settlement {number} with {name} says {said} to pay, and its lines come to {coded}.", sums),
            "OPT-03",
            Sentence("Make the settlement anew in Opter.", sums),
        )
    return None


def settlement_remark(raw: Raw, settlement: Settlement, coding: Coding) -> Remark | None:
    """Say what a person should know: that the haulier owes, so that a credit goes over, and that its VAT number is another's."""
    group = group_number(settlement)
    return joined((_owed(raw, coding), Remark(group, "OPT-03") if group else None))


def _owed(raw: Raw, coding: Coding) -> Remark | None:
    if coding.document != "supplier_credit":
        return None
    facts = {
        "number": str(raw.get("number") or ""),
        "name": str((raw.get("supplier") or {}).get("name") or ""),
        "amount": f"{-coding.payable:f}",
    }
    return Remark(Sentence("On settlement {number} {name} owes {amount} kronor: it becomes a credit in Fortnox.", facts), "OPT-03")


MAPPED: Mapping[str, Mapped] = {
    "customers": Mapped({"": "OPT-01"}),
    "invoices": Mapped({"number": "OPT-07", "own_number": "OPT-07", "ocr": "OPT-26", "": "OPT-01"}),
    "settlements": Mapped({"": "OPT-03"}),
    "payments": Mapped({"rate": "OPT-05", "rate_unit": "OPT-05", "registered": "OPT-14", "ocr": "OPT-26", "": "OPT-04"}),
}
"""Where each stream's mapping comes from."""
