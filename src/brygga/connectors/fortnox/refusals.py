"""Why Fortnox says no: for every code that is known what it means, which field it concerns, what mends it, whether again helps.

The codes are those of Fortnox' developer documentation and of recorded answers (Fortnox API, section 7.2), the messages without a known
code those of section 7.3. Login, licences, scopes and rights (`wire.LICENCES_AND_RIGHTS`) and Fortnox' own faults never come here: they
are other errors, which concern a connection and no record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from brygga.core.record import ABSENT
from brygga.errors import BryggaError, Rejected


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for a no.

    sentence  what is wrong, in plain words; it names the record, the field where one is known, and Fortnox' own words
    repair    what a person does
    again     whether the same write may go another time without anybody doing anything to the record
    """

    sentence: str
    repair: str
    again: bool = False


MISSING = Cause(
    "{record} names a {fields} that Fortnox does not have. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Make it in Fortnox, or correct it in the record. The record is tried again by itself.",
    again=True,
)
TAKEN = Cause(
    "{record} has a {fields} that is taken in Fortnox. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Link the record to the one that has it (brygga link), or give it another one.",
)
VALUE = Cause(
    "{record} has a value that Fortnox does not take ({fields}). Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Correct the value in the record, here or in its own system. The record is tried again by itself.",
)
INACTIVE = Cause(
    "{record} needs a {fields} that is not active in Fortnox. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Activate it in Fortnox, or choose another in the record or in the settings. The record is tried again by itself.",
    again=True,
)
DEMANDED = Cause(
    "{record} lacks a {fields} that an account of its rows demands. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Give the record one, or take the demand away from the account in Fortnox. The record is tried again by itself.",
    again=True,
)
PERIOD = Cause(
    "{record} has a date on which Fortnox books nothing: the period is locked or no financial year covers it. "
    "Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Open the period or make the financial year in Fortnox, or give the record a later date. The record is tried again by itself.",
    again=True,
)
PREDEFINED = Cause(
    "{record} needs a predefined account that is not set up in Fortnox. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Set it up in Fortnox under Inställningar, Bokföring, Förvalda konton. The record is tried again by itself.",
    again=True,
)
LOCKED = Cause(
    "{record} can no longer be changed in Fortnox as it stands there. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Look at the document in Fortnox. If it is right there, leave the record out here, with the reason.",
)
PAID = Cause(
    "{record} is paid in full in Fortnox already. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Look at the invoice's payments in Fortnox. If they are right, leave the record out here, with the reason.",
)
WAREHOUSE = Cause(
    "{record} is stopped by Fortnox' warehouse. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Mark the document as delivered or ready in Fortnox' warehouse, or mend there what it names. The record is tried again by itself.",
    again=True,
)
TAX_REDUCTION = Cause(
    "{record} asks for a tax reduction that Fortnox does not allow ({fields}). Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Correct the kind of work, the persons or the amounts in the record, or make this document by hand in Fortnox.",
)
BALANCE = Cause(
    "The rows of {record} do not add up to its total. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Correct the rows or the total in the record. The record is tried again by itself.",
)
REVERSE = Cause(
    "{record} has reverse VAT on a row that is not marked so. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Choose accounts with the right VAT code in the settings, or book this one by hand in Fortnox.",
)
VAT_CODE = Cause(
    "The account of a row of {record} has another VAT than the row. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Choose an account of that VAT rate in the settings, or correct the account's VAT code in Fortnox. The record is tried again by itself.",
    again=True,
)
INCOMPLETE = Cause(
    "A row of {record} lacks what Fortnox demands ({fields}). Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Complete the row in the record. The record is tried again by itself.",
)
PRINTED = Cause(
    "{record} cannot be sent as the company stands in Fortnox. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Give Fortnox what it names, under Inställningar, Företagsinställningar. The record is tried again by itself.",
    again=True,
)
PROGRAM = Cause(
    "The hub wrote {record} in a way that Fortnox does not understand. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "This is a fault of the hub and not of the record: report it with the request's number. Until then make this one by hand in Fortnox.",
)
FORTNOX_FAULT = Cause(
    "Fortnox failed at {record}. Fortnox says: “{message}” (code {code}, request {request_id}).",
    "Nothing has to be done: the record is tried again by itself. If it lasts, ask Fortnox with the request's number.",
    again=True,
)
UNKNOWN = Cause(
    "Fortnox refused {record} for a reason that no document of Fortnox explains. Fortnox says: “{message}” "
    "(code {code}, request {request_id}).",
    "Mend what Fortnox' words name, in Fortnox or in the record, and try again; or ask Fortnox with the request's number.",
)

OF_THE_RECORD: Final = (PERIOD, PREDEFINED, LOCKED, PAID, WAREHOUSE, PRINTED, FORTNOX_FAULT)
"""Causes that no value of the record can mend by itself."""

CAUSES: Final[Mapping[str, tuple[Cause, str]]] = {
    "1000029": (FORTNOX_FAULT, ""),
    "1000030": (PROGRAM, ""),
    "1000031": (PROGRAM, ""),
    "2000013": (TAKEN, "article_number"),
    "2000106": (VALUE, "letters and digits"),
    "2000107": (VALUE, "too long"),
    "2000108": (VALUE, "a number is wanted"),
    "2000134": (VALUE, "yes or no is wanted"),
    "2000204": (MISSING, "customer"),
    "2000321": (PROGRAM, "list_price"),
    "2000342": (MISSING, "price_list"),
    "2000359": (VALUE, "a sign that is not allowed"),
    "2000401": (PERIOD, "date"),
    "2000423": (MISSING, "account"),
    "2000427": (MISSING, "currency"),
    "2000428": (MISSING, "article"),
    "2000429": (MISSING, "terms_of_payment"),
    "2000430": (MISSING, "price"),
    "2000431": (MISSING, "price_list"),
    "2000432": (MISSING, "unit"),
    "2000433": (MISSING, "customer"),
    "2000434": (MISSING, "invoice"),
    "2000435": (MISSING, "terms_of_delivery"),
    "2000439": (MISSING, "order"),
    "2000499": (LOCKED, ""),
    "2000513": (MISSING, "article"),
    "2000517": (MISSING, "price_list"),
    "2000550": (INACTIVE, "account"),
    "2000587": (PROGRAM, ""),
    "2000588": (PROGRAM, ""),
    "2000600": (TAX_REDUCTION, "person"),
    "2000637": (TAKEN, "customer_number"),
    "2000699": (VALUE, "empty"),
    "2000729": (PROGRAM, ""),
    "2000755": (BALANCE, "rows"),
    "2000762": (TAKEN, "price"),
    "2000861": (TAKEN, "order_number"),
    "2000919": (VALUE, "country"),
    "2000946": (DEMANDED, "cost_centre"),
    "2000947": (INACTIVE, "cost_centre"),
    "2001161": (MISSING, "project"),
    "2001200": (VALUE, "kind"),
    "2001243": (LOCKED, ""),
    "2001246": (TAX_REDUCTION, ""),
    "2001265": (PREDEFINED, "account"),
    "2001302": (MISSING, "article"),
    "2001304": (MISSING, "account"),
    "2001392": (PROGRAM, ""),
    "2001399": (PROGRAM, ""),
    "2001403": (PREDEFINED, "account"),
    "2001600": (VALUE, "your_reference"),
    "2001740": (PROGRAM, ""),
    "2001846": (INCOMPLETE, "article_number"),
    "2001896": (VALUE, "comments"),
    "2002115": (PROGRAM, ""),
    "2002141": (PERIOD, "date"),
    "2002462": (PREDEFINED, "account"),
    "2002649": (PROGRAM, "rows"),
    "2002980": (TAX_REDUCTION, "rows"),
    "2003055": (PAID, "amount"),
    "2003095": (PREDEFINED, "account"),
    "2003115": (REVERSE, "rows"),
    "2003124": (WAREHOUSE, ""),
    "2003125": (LOCKED, ""),
    "2003126": (WAREHOUSE, "delivery_date"),
    "2003127": (WAREHOUSE, ""),
    "2003151": (TAX_REDUCTION, "rows"),
    "2003157": (TAX_REDUCTION, "rows"),
    "2003227": (TAX_REDUCTION, "amount"),
    "2003228": (TAX_REDUCTION, "amount"),
    "2003241": (WAREHOUSE, ""),
    "2003277": (WAREHOUSE, ""),
    "2003399": (LOCKED, ""),
    "2003498": (WAREHOUSE, ""),
    "2003977": (INCOMPLETE, "text"),
    "2004019": (TAX_REDUCTION, "rows"),
    "2004021": (TAX_REDUCTION, "rows"),
    "2004052": (VAT_CODE, "account"),
    "2004167": (VAT_CODE, "account"),
    "2004194": (VALUE, "vat_number"),
    "2004209": (TAX_REDUCTION, "rows"),
    "2004217": (TAX_REDUCTION, "amount"),
    "2004218": (TAX_REDUCTION, "amount"),
    "2004262": (TAX_REDUCTION, "rows"),
    "2004263": (TAX_REDUCTION, "rows"),
    "2005095": (VALUE, "a text is wanted"),
}
"""Code -> its cause and the field, or what of the value is wrong. What is not here nobody has explained yet."""

WORDS: Final[tuple[tuple[str, Cause, str], ...]] = (
    ("koppling till en order", LOCKED, "rows"),
    ("bankuppgifter saknas", PRINTED, ""),
    ("inte företaget är registrerat", PRINTED, ""),
    ("ocr-numret används redan", TAKEN, "ocr"),
    ("projekt är obligatoriskt", DEMANDED, "project"),
    ("kostnadsställe är obligatoriskt", DEMANDED, "cost_centre"),
    ("projektredovisningsperioden är inte aktiv", PERIOD, "project"),
    ("räkenskapsår saknas", PERIOD, "date"),
    ("måste vara inom fakturans räkenskapsår", PERIOD, "date"),
    ("cannot precede the invoice date", VALUE, "date"),
    ("hämta/hitta moms", MISSING, "vat"),
    ("hämta/hitta valuta", MISSING, "currency"),
    ("hämta/hitta leveranssätt", MISSING, "way_of_delivery"),
    ("förvalt konto", PREDEFINED, "account"),
    ("does not match", VALUE, "currency"),
    ("existerar inte", MISSING, "account"),
    ("verifikationsserie", VALUE, "voucher series"),
)
"""Part of a message whose code nobody has recorded, in small letters -> its cause and the field (section 7.3)."""


def cause_of(code: str, message: str) -> tuple[Cause, str]:
    """Return why Fortnox said no, and the field that it concerns ("" for none); `UNKNOWN` where nobody knows."""
    known = CAUSES.get(code, (UNKNOWN, ""))
    if known[0] not in (UNKNOWN, PROGRAM):
        return known
    # A code that only says that the call is wrong may come with words that say more.
    said = message.casefold()
    return next(((cause, field) for part, cause, field in WORDS if part in said), known)


def told(error: BryggaError, values: Mapping[str, Any], id: str = "") -> BryggaError:
    """Return a refusal with its cause, its record and its repair; an error that is none of Fortnox' own words as it is.

    values  what the record holds: its name and number are told; *id* where it has one in Fortnox
    """
    facts = error.sentence.facts
    if type(error) is not Rejected or error.repair or "call" not in facts or not error.code:
        return error
    message, request = str(facts.get("message", "")), error.request_id or "-"
    cause, field = cause_of(error.code, message)
    rejected = Rejected(
        cause.sentence,
        repair=cause.repair,
        record=named(values, id),
        fields=field or "–",
        message=message,
        code=error.code,
        request_id=request,
        call=facts["call"],
    )
    rejected.whole = cause in OF_THE_RECORD
    return rejected


def named(values: Mapping[str, Any], id: str = "") -> str:
    """Return what people call a record: its name and its number, as far as it has them."""
    name = next(filter(None, map(_text, (values.get(one) for one in ("name", "customer_name", "supplier_name", "subject")))), "")
    number = id or next(
        filter(None, map(_text, (values.get(one) for one in ("own_number", "number", "invoice_number", "your_order_number")))), ""
    )
    return f"{name} ({number})" if name and number else name or number or "–"


def _text(value: object) -> str:
    return "" if value is ABSENT or value is None else str(value).strip()


def rows() -> Iterator[tuple[str, str, str, str, bool]]:
    """Yield code, field, sentence, repair and whether again helps, for the page of errors."""
    for code, (cause, field) in sorted(CAUSES.items()):
        yield code, field, cause.sentence, cause.repair, cause.again
