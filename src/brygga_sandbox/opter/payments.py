"""The payment import: reading and judging, saving, registrations (systems.md 6.2: the ticks, flags and reasons of Opter's own lists).

Opter's list shows a green tick for the right amount and a red flag else, "Advance will be created" for too much and "Partial
payment" for too little, unless the difference is within the office's accepted deviation: then it is written off. A second
list says what could not be imported and why. Importing again after saving meets "The invoice is already paid".
"""

from datetime import date
from decimal import Decimal

from brygga_sandbox.opter.errors import Refusal, bad_request, conflict, invalid, missing
from brygga_sandbox.opter.shapes import DEFINITION, JSON, PAYMENT, checked, day
from brygga_sandbox.opter.state import Record, State, stamp

MOST = 500
ZERO = Decimal(0)

UNKNOWN = "Error loading invoice"
PAID = "The invoice is already paid"
EARLY = "Payment before the date"
LOW = "Invoice number too low"
CURRENCY = "Wrong currency"
TWICE = "Already registered"
ADVANCE = "Advance will be created"
PART = "Partial payment"


def define(state: State, body: object, id: str | None = None) -> JSON:
    """Make a definition, or replace the one of this id. Raises Refusal."""
    values = checked(DEFINITION, body)
    if id is not None and id not in state.definitions:
        raise missing(f"Definition {id}")
    if any(one["name"].casefold() == values["name"].casefold() for key, one in state.definitions.items() if key != id):
        raise conflict("duplicate", f"There is a definition called {values['name']} already.")
    if id is not None and values["apiAccessToken"] == "***":
        values["apiAccessToken"] = state.definitions[id]["apiAccessToken"]
    key = id or str(state.next_id())
    state.definitions[key] = {"id": key, **values, "ignoreNumbersBefore": int(values["ignoreNumbersBefore"])}
    return shown_definition(state.definitions[key])


def shown_definition(definition: JSON) -> JSON:
    """Return a definition as it is shown: a token is never given out."""
    return {**definition, "apiAccessToken": "***" if definition["apiAccessToken"] else ""}


def read(state: State, body: object) -> JSON:
    """Read and judge payments; nothing is registered. Raises Refusal."""
    if not isinstance(body, dict) or set(body) - {"definition", "payments"}:
        raise bad_request("An object with definition and payments was expected.")
    name, given = body.get("definition"), body.get("payments")
    definition = next((one for one in state.definitions.values() if one["name"] == name), None)
    if definition is None:
        raise missing(f"The definition {name}")
    if not isinstance(given, list) or not given:
        raise bad_request("payments is to be a list of 1 to 500.")
    if len(given) > MOST:
        raise Refusal(413, "too_many", f"At most {MOST} payments are read in one call.")
    if state.installation.default_currency != "SEK":
        raise conflict("currency", "The default currency has to be SEK for payments to be imported.")
    payments = [_payment(one, number) for number, one in enumerate(given)]
    references = [one["reference"] for one in payments]
    if len(set(references)) < len(references):
        raise invalid({"payments": "two payments have one reference"})
    made: JSON = {"id": str(state.next_id()), "definition": name, "status": "Read", "readAt": stamp(state.now())}
    made["rows"], made["notImported"] = _judged(state, definition, payments)
    made["payments"] = payments
    state.imports[made["id"]] = made
    return shown_import(made)


def _payment(body: object, number: int) -> JSON:
    try:
        return checked(PAYMENT, body)
    except Refusal as refusal:
        raise invalid(
            {f"payments[{number}].{name}": text for name, text in (refusal.fields or {"": "an object"}).items()}
        ) from None


def shown_import(made: JSON) -> JSON:
    """Return an import as the contract shows it."""
    return {name: value for name, value in made.items() if name != "payments"}


def _judged(state: State, definition: JSON, payments: list[JSON]) -> tuple[list[JSON], list[JSON]]:
    """Return the rows that can be saved and those that cannot. Several payments of one invoice are judged in order."""
    rows, left_out = [], []
    balances: dict[str, Decimal] = {}
    taken = {str(one.values["reference"]) for one in state.registrations.values()}
    for payment in payments:
        record = state.registers["Invoices"].get(payment["invoiceNumber"])
        reason = _reason(definition, payment, record, balances, taken)
        if reason or record is None:
            about = {name: payment[name] for name in ("reference", "invoiceNumber", "amount")}
            left_out.append({**about, "reason": reason})
            continue
        number = payment["invoiceNumber"]
        balance = balances[number] if number in balances else record.values["balance"]
        rows.append(_row(state, payment, record, balance))
        balances[number] = balance - payment["amount"] - rows[-1]["writeOff"] + rows[-1]["advance"]
    return rows, left_out


def _reason(definition: JSON, payment: JSON, record: Record | None, balances: dict[str, Decimal], taken: set[str]) -> str:
    number = payment["invoiceNumber"]
    registered, limit = day(payment["registeredDate"]), day(definition["ignorePaymentsBefore"])
    if isinstance(registered, date) and isinstance(limit, date) and registered < limit:
        return EARLY
    if number.isascii() and number.isdigit() and int(number) < definition["ignoreNumbersBefore"]:
        return LOW
    if payment["reference"] in taken:
        return TWICE
    if record is None or record.values["status"] != "Closed":
        return UNKNOWN
    invoice = record.values
    if payment["ocrNumber"] and invoice["ocrNumber"] and payment["ocrNumber"] != invoice["ocrNumber"]:
        return UNKNOWN
    if payment["currency"] != invoice["currency"]:
        return CURRENCY
    balance = balances.get(number, invoice["balance"])
    # Money back on a credit is negative, as its balance is; taking a payment back is for an invoice that has been paid.
    if not balance and payment["amount"] * (invoice["total"] or 1) > 0:
        return PAID
    return ""


def _row(state: State, payment: JSON, record: Record, balance: Decimal) -> JSON:
    amount = payment["amount"]
    rest = balance - amount
    accepted = state.installation.office(record.values["officeCode"])["acceptedInvoiceDeviation"]
    write_off = rest if rest and abs(rest) <= accepted else ZERO
    too_much = rest and not write_off and abs(amount) > abs(balance) and amount * balance > 0
    row = {name: payment[name] for name in ("reference", "invoiceNumber", "amount", "currency", "currencyRate", "paymentDate")}
    warning = None if not rest or write_off else ADVANCE if too_much else PART
    advance = -rest if too_much else ZERO
    mark = "red" if warning else "green"
    return {**row, "mark": mark, "warning": warning, "difference": -rest, "writeOff": write_off, "advance": advance}


def save(state: State, id: str, body: object) -> JSON:
    """Register the rows of an import, all or those named. Raises Refusal."""
    made = state.imports.get(id)
    if made is None:
        raise missing(f"Import {id}")
    if made["status"] == "Saved":
        raise conflict("saved", f"Import {id} was saved already.")
    wanted = _wanted(made, body)
    definition = next((one for one in state.definitions.values() if one["name"] == made["definition"]), None)
    if definition is None:
        raise missing(f"The definition {made['definition']}")
    chosen = [one for one in made["payments"] if one["reference"] in wanted]
    rows, left_out = _judged(state, definition, chosen)
    registrations = []
    for row in rows:
        record = state.registers["Invoices"][row["invoiceNumber"]]
        paid = row["amount"] + row["writeOff"] - row["advance"]
        record.values["paid"] += paid
        record.values["balance"] -= paid
        state.touch(record)
        kept = {name: value for name, value in row.items() if name not in ("mark", "warning", "difference")}
        key = str(state.next_id())
        registered = Record({"id": key, **kept, "definition": made["definition"], "registeredAt": stamp(state.now())}, state.now())
        state.registrations[key] = registered
        state.touched.append(registered)
        registrations.append({"reference": row["reference"], "id": key})
    made["rows"] = rows
    made["notImported"] = [one for one in made["notImported"] if one["reference"] not in wanted] + left_out
    made["status"], made["registrations"] = "Saved", registrations
    return shown_import(made)


def _wanted(made: JSON, body: object) -> set[str]:
    known = {row["reference"] for row in made["rows"]}
    if not isinstance(body, dict) or set(body) - {"references"}:
        raise bad_request("An object with references was expected.")
    references = body.get("references")
    if references is None:
        return known
    if not isinstance(references, list) or not all(isinstance(one, str) for one in references):
        raise bad_request("references is to be a list of texts.")
    unknown = [one for one in references if one not in known]
    if unknown:
        raise invalid({"references": "not among the rows of the import: " + ", ".join(unknown[:5])})
    return set(references)


def forget(state: State, id: str) -> None:
    """Take an import away. Raises Refusal when it is saved."""
    made = state.imports.get(id)
    if made is None:
        raise missing(f"Import {id}")
    if made["status"] == "Saved":
        raise conflict("saved", f"Import {id} was saved already.")
    del state.imports[id]
