"""Supplier invoices that are made of a haulier's settlements (Fortnox API, section 9.13; accounting.md 6; row OPT-03).

A supplier invoice carries our key in ExternalInvoiceNumber, which its list shows too. Its supplier is found by number, and made with
the haulier's data where it is missing: by that number it is found again after a lost answer. What is booked is never changed.

A supplier's card fills what a new supplier invoice leaves out: references, cost centre, project, currency, terms. All of it is stated, so
that the settlement is posted as Opter says; what Fortnox nevertheless answers otherwise is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from brygga.clients.fortnox import Fortnox, wire
from brygga.connectors.contract import FILE, Capability, Creation, Receipt, Update
from brygga.connectors.fortnox.document_map import spell, spell_formerly
from brygga.connectors.fortnox.files import Files
from brygga.connectors.fortnox.suppliers import SUPPLIER, found_or_made
from brygga.core.diff import same
from brygga.core.document import Settlement, SettlementRow
from brygga.core.money import ZERO, Money
from brygga.core.plan import Remark, joined
from brygga.core.record import ABSENT, Ref, present
from brygga.core.seen import Seen
from brygga.errors import BadData, BryggaError, NotFound, Rejected, Sentence, SettingsError, Stale

SYSTEM: Final = "fortnox"
KEY: Final = "ExternalInvoiceNumber"
CURRENCY: Final = "SEK"

_TEXTS: Final[Mapping[str, str]] = {"number": "InvoiceNumber", "currency": "Currency", "text": "Comments", "vat_type": "VATType"}
_WHOSE: Final[Mapping[str, str]] = {"supplier_number": "SupplierNumber"}
_DAYS: Final[Mapping[str, str]] = {"date": "InvoiceDate", "due": "DueDate"}
HELD: Final = frozenset({*_TEXTS, *_DAYS, "rows", "payable", "input_vat", "supplier_number", "cancelled", FILE})
ROW_FIELDS: Final = frozenset({"account", "amount"})

Raw = Mapping[str, Any]


class Settlements:
    """The supplier invoices of one Fortnox."""

    def __init__(self, client: Fortnox, files: Files) -> None:
        self._client = client
        self._files = files

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield list rows of supplier invoices, which lack their postings."""
        register = self._client.supplier_invoices
        for row in register.list() if since is None else register.changed(since):
            yield Seen(_ref(row), _from(row, complete=False), complete=False, listed=_listed(row))

    def get(self, id: str) -> Seen | None:
        raw = self._raw(id)
        return None if raw is None else _seen(raw)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find supplier invoices that carry exactly these keys, among those changed since."""
        wanted, found = set(keys), dict[str, Seen]()
        for row in self._client.supplier_invoices.changed(since):
            key = str(row.get(KEY) or "")
            seen = self.get(str(row["GivenNumber"])) if key in wanted and key not in found else None
            if seen is not None:
                found[key] = seen
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Make supplier invoices one by one, unbooked; a supplier that is missing is made first."""
        return [self._create(creation) for creation in creations]

    def update(self, update: Update) -> Receipt:
        """Change the given fields of an unbooked supplier invoice, or cancel it. Raises Stale, Rejected."""
        raw = self._raw(update.ref.id)
        if raw is None:
            raise Stale("Supplier invoice {number} is gone from Fortnox. Nothing was written.", number=update.ref.id)
        now = dict(present(_from(raw)))
        told = {name: before for name, before in update.before.items() if name != FILE}
        moved = [name for name, before in told.items() if not same(name, now.get(name, ABSENT), before)]
        if moved:
            raise Stale(
                "Supplier invoice {number} was changed in Fortnox since the plan was made ({fields}). Nothing was written.",
                number=update.ref.id,
                fields=", ".join(moved),
            )
        before = str(update.before.get(FILE) or "")
        if update.file is not None and not raw.get("Cancelled") and not (before and raw.get("Booked")):
            # A file of its own changes nothing of what is booked; another one in its place would.
            self._files.connect_supplier_invoice(update.ref.id, update.file, before)
            return Receipt(update.ref, _seen(raw))
        if raw.get("Booked") or raw.get("Cancelled"):
            raise Rejected(
                "Supplier invoice {number} is booked or cancelled in Fortnox and is not changed.",
                rule="OPT-03",
                number=update.ref.id,
            )
        if update.after.get("cancelled") is True:
            return Receipt(update.ref, _seen(self._client.supplier_invoices.cancel(update.ref.id)))
        made = self._client.supplier_invoices.update(update.ref.id, _changes(raw, now, update.after))
        return Receipt(update.ref, _seen(made))

    def capability(self) -> Capability:
        places = {
            **_TEXTS,
            **_DAYS,
            **SUPPLIER,
            "rows": "SupplierInvoiceRows",
            "payable": "Total",
            "input_vat": "VAT",
            "booked": "Booked",
            "supplier_number": "SupplierNumber",
            "cancelled": "Cancelled (cancel)",
        }
        return Capability(
            HELD,
            {"number": 64, "text": 1000},
            spell=spell,
            formerly=spell_formerly,
            row_fields=ROW_FIELDS,
            places=places,
            needed=frozenset({"rows"}),
            steps=("cancelled", FILE),
        )

    def _raw(self, id: str) -> dict[str, Any] | None:
        try:
            raw: dict[str, Any] = self._client.supplier_invoices.get(id)
        except NotFound:
            return None
        return raw

    def _create(self, creation: Creation) -> Receipt | BryggaError:
        settlement: Any = creation.record
        try:
            paid_to = found_or_made(self._client, settlement)
            holding = self.capability().holding()
            values = {name: holding.fit(name, value) for name, value in present(settlement)}
            stated = {**_ALONE, "SalesType": "SERVICE" if settlement.vat_type == "EUINTERNAL" else "STOCK"}
            body = {**stated, **_body(values), "SupplierNumber": str(settlement.supplier_number), KEY: creation.key}
            made = self._client.supplier_invoices.create(body)
        except (Rejected, BadData, SettingsError) as error:
            return error
        return Receipt(_ref(made), _seen(made), remark=joined((paid_to, _filled_in(body, made))))


_ALONE: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("CostCenter", "Project", "OurReference", "YourReference"), ""),
    **dict.fromkeys(("Freight", "AdministrationFee", "RoundOffValue"), "0"),
    "Currency": CURRENCY,
    "VATType": "NORMAL",
}
"""What a settlement has none of, stated so that neither card nor company fills it (Fortnox API, section 9.13 and appendix A)."""


def _filled_in(body: Raw, made: Raw) -> Remark | None:
    """Say what Fortnox put on a supplier invoice that was stated to be otherwise, each with both values."""
    found = []
    for name in ("CostCenter", "Project", "Currency", "VATType", "SalesType", "InvoiceDate", "DueDate", "Comments"):
        if name in body and str(made.get(name) or "") != str(body[name] or ""):
            found.append(f"{name} {made.get(name) or '–'!s} ({body[name] or '–'!s})")
    for name in ("Total", "VAT", "Freight", "AdministrationFee", "RoundOffValue"):
        if name in body and (wire.amount(made.get(name)) or ZERO) != wire.amount(body[name]):
            found.append(f"{name} {made.get(name)} ({body[name]})")
    units = {
        str(row.get(name)) for row in made.get("SupplierInvoiceRows") or () for name in ("CostCenter", "Project") if row.get(name)
    }
    found += [f"SupplierInvoiceRows {one} (–)" for one in sorted(units)]
    if not found:
        return None
    facts = {"number": str(made.get("GivenNumber")), "fields": ", ".join(found)}
    said = "Supplier invoice {number}: Fortnox holds otherwise than was sent: {fields}. Look at it before it is booked."
    return Remark(Sentence(said, facts), "OPT-03")


def _ref(raw: Raw) -> Ref:
    if not raw.get("GivenNumber"):
        raise BadData("Fortnox sent a supplier invoice without a number.", repair="It is read again in the next run.")
    return Ref(SYSTEM, "settlement", str(raw["GivenNumber"]))


def _seen(raw: Raw) -> Seen:
    return Seen(_ref(raw), _from(raw), listed=_listed(raw))


def _listed(raw: Raw) -> str:
    """Return a digest of what the list shows of a supplier invoice, the same from a row and from a detail."""
    state = bool(raw.get("Booked")), bool(raw.get("Cancelled") or raw.get("Cancel"))
    shown = [str(raw.get(name) or "") for name in ("InvoiceNumber", "InvoiceDate", "DueDate", "SupplierNumber", "FinalPayDate")]
    sums = [str(wire.amount(raw.get(name)) or 0) for name in ("Total", "Balance")]
    return hashlib.sha256("|".join([*shown, *sums, str(state)]).encode()).hexdigest()


def _from(raw: Raw, *, complete: bool = True) -> Settlement:
    """Return a supplier invoice as a settlement; a list row lacks its postings and texts."""
    values: dict[str, Any] = {name: str(raw.get(field) or "") for name, field in _TEXTS.items() if complete or field in raw}
    values |= {name: wire.on_day(raw.get(field)) for name, field in _DAYS.items()}
    if complete:
        values["rows"] = tuple(_row(row) for row in raw.get("SupplierInvoiceRows") or ())
        values["input_vat"] = Money(wire.amount(raw.get("VAT")) or ZERO, CURRENCY)
    return Settlement(
        **values,
        supplier_number=str(raw.get("SupplierNumber") or ""),
        supplier_name=str(raw.get("SupplierName") or ""),
        payable=Money(wire.amount(raw.get("Total")) or ZERO, CURRENCY),
        external_reference1=str(raw["GivenNumber"]),
        booked=bool(raw.get("Booked")),
        cancelled=bool(raw.get("Cancelled") or raw.get("Cancel")),
    )


def _row(raw: Raw) -> SettlementRow:
    debit, credit = (wire.amount(raw.get(name)) or ZERO for name in ("Debit", "Credit"))
    return SettlementRow(
        account=str(raw.get("Account") or ""), amount=Money(debit - credit, CURRENCY), kind=str(raw.get("Code") or "")
    )


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a whole supplier invoice: amounts of the head are texts, postings have a debit or a credit (section 9.13)."""
    body: dict[str, Any] = {
        field: str(values[name]) for name, field in _TEXTS.items() if values.get(name) not in (None, "", ABSENT)
    }
    body |= {field: values[name] for name, field in _DAYS.items() if values.get(name)}
    for name, field in (("payable", "Total"), ("input_vat", "VAT")):
        if isinstance(values.get(name), Money):
            body[field] = format(values[name].amount, "f")
    body["SupplierInvoiceRows"] = [_posting(row) for row in values.get("rows") or ()]
    return body


def _changes(raw: Raw, now: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is sent of a change: the fields that change, and all postings where one of them or a sum does.

    A posting keeps the cost centre and project that somebody gave its account in Fortnox.
    """
    wanted = {**now, **after}
    body = _body(wanted)
    if "supplier_number" in after:
        body["SupplierNumber"] = str(after["supplier_number"])
    if not {"rows", "payable", "input_vat"} & set(after):
        # A text that is empty is cleared by null (section 5.1).
        return {field: body.get(field) for name, field in {**_TEXTS, **_DAYS, **_WHOSE}.items() if name in after}
    units = {
        str(row.get("Account")): {name: row[name] for name in ("CostCenter", "Project") if row.get(name)}
        for row in raw.get("SupplierInvoiceRows") or ()
    }
    rows = [{**row, **units.get(str(row["Account"]), {})} for row in body["SupplierInvoiceRows"]]
    return {**body, "SupplierInvoiceRows": rows}


def _posting(row: SettlementRow) -> dict[str, Any]:
    amount = row.amount.amount if isinstance(row.amount, Money) else ZERO
    side, value = ("Debit", amount) if amount >= 0 else ("Credit", -amount)
    code = {"Code": str(row.kind)} if row.kind else {}
    return {"Account": int(str(row.account)), "Debit": Decimal(0), "Credit": Decimal(0), side: value, **code}
