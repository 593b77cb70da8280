"""Offers, orders, invoices and cash invoices of one Fortnox: found, made, changed, and taken from state to state.

A document carries our key: in ExternalInvoiceReference1, and on an offer, which has no such field, in a line of its internal
comments (DESIGN 6.2). What the state of a document forbids is said by `core.document_state` before Fortnox is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from brygga.clients.fortnox import Fortnox, wire
from brygga.connectors.contract import FILE, Attachment, Capability, Creation, Receipt, Update
from brygga.connectors.fortnox import card
from brygga.connectors.fortnox import document_map as mapping
from brygga.connectors.fortnox.document_form import RESETS, ROW_FIELDS, WAYS, Form
from brygga.connectors.fortnox.document_rows import changed_rows
from brygga.connectors.fortnox.files import Files
from brygga.connectors.fortnox.registers import Registers
from brygga.core.diff import same
from brygga.core.document import Document, Row
from brygga.core.document_state import DocumentState, lock_of, may
from brygga.core.fault import read_alone
from brygga.core.fine import KEPT_BY_FORTNOX
from brygga.core.money import ZERO
from brygga.core.record import ABSENT, Ref, present
from brygga.core.rows import together
from brygga.core.seen import Seen
from brygga.core.totals import LARGEST_DOCUMENT
from brygga.errors import BadData, BryggaError, NotFound, Rejected, SettingsError, Stale

__all__ = ["KEY", "SYSTEM", "Documents", "lock_of"]

SYSTEM = "fortnox"
KEY = "ExternalInvoiceReference1"
_FEW = 2
"""Keys that are searched for one by one; of more, the list of changes may hold all in a request or two."""


class Documents:
    """The documents of one kind in one Fortnox."""

    def __init__(self, client: Fortnox, form: Form, files: Files, registers: Registers) -> None:
        self._client = client
        self._registers = registers
        self._files = files
        self._form = form
        self._register: Any = getattr(client, form.register)

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield list rows of documents changed at or after *since*; a new state of an order's invoice counts as its change (WEB-48)."""
        rows = self._register.list() if since is None else self._register.changed(since)
        for row in rows:
            if self._mine(row):
                yield self._seen_row(row)
        if self._form.kind == "order" and since is not None:
            yield from self._orders_of_changed_invoices(since)

    def _orders_of_changed_invoices(self, since: datetime) -> Iterator[Seen]:
        for row in self._client.invoices.changed(since):
            order = wire.reference(self._client.invoices.get(row["DocumentNumber"]).get("OrderReference"))
            seen = self.get(order) if order else None
            if seen is not None:
                yield seen

    def _mine(self, row: mapping.Raw) -> bool:
        if self._form.register != "invoices":
            return True
        cash = row.get("InvoiceType") == "CASHINVOICE"
        return cash == (self._form.kind == "cash_invoice")

    def get(self, id: str) -> Seen | None:
        raw = self._raw(id)
        return None if raw is None or not self._mine(raw) else self._seen(raw)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find documents that carry exactly these keys; an offer is looked for among those changed since."""
        if self._form.kind == "offer":
            return self._find_offers(set(keys), since)
        found: dict[str, Seen] = {}
        for key, rows in self._carrying(keys, since).items():
            hits = sorted(rows, key=lambda row: int(row["DocumentNumber"]))
            seen = self.get(str(hits[0]["DocumentNumber"])) if hits else None
            if seen is not None:
                found[key] = seen
        return found

    def _carrying(self, keys: Sequence[str], since: datetime) -> Mapping[str, Sequence[mapping.Raw]]:
        """Return the list rows that carry exactly these keys: by a search for each, or from the list of what changed since, if that is shorter."""
        if len(keys) > _FEW:
            page = self._register.page(lastmodified=since)
            if page.pages < len(keys) and all(KEY in row for row in page.rows):
                carrying: dict[str, list[mapping.Raw]] = {key: [] for key in keys}
                self._sort_in(page.rows, carrying)
                # What was made last stands last.
                for number in range(page.pages, 1, -1):
                    if all(carrying.values()):
                        break
                    self._sort_in(self._register.page(number, lastmodified=since).rows, carrying)
                return carrying
        return {key: self._register.find_by_external_reference(key) for key in keys}

    @staticmethod
    def _sort_in(rows: Sequence[mapping.Raw], carrying: Mapping[str, list[mapping.Raw]]) -> None:
        for row in rows:
            if row.get(KEY) in carrying:
                carrying[str(row[KEY])].append(row)

    def _find_offers(self, wanted: set[str], since: datetime) -> dict[str, Seen]:
        found: dict[str, Seen] = {}
        for row in self._register.changed(since):
            if wanted <= set(found):
                break
            raw = self._raw(str(row["DocumentNumber"]))
            key = mapping.key_in_comments(str((raw or {}).get("Comments") or ""))
            if raw is not None and key in wanted:
                found.setdefault(key, self._seen(raw))
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Make documents one by one. One that says which offer or order it comes from is made of that."""
        return [self._create(creation) for creation in creations]

    def update(self, update: Update) -> Receipt:
        """Change the given fields, or take one step. Raises Stale when the document does not hold `before`, Rejected when it is locked."""
        raw = self._raw(update.ref.id)
        if raw is None:
            raise Stale("Document {number} is gone from Fortnox. Nothing was written.", number=update.ref.id)
        before = self._document(raw)
        now = dict(present(before))
        told = {name: before for name, before in update.before.items() if name != FILE}
        moved = [name for name, before in told.items() if not same(name, now.get(name, ABSENT), before)]
        if moved:
            raise Stale(
                "Document {number} was changed in Fortnox since the plan was made ({fields}). Nothing was written.",
                number=update.ref.id,
                fields=", ".join(moved),
            )
        steps = [name for name in self._form.steps if name in update.after]
        plain = {name: value for name, value in update.after.items() if name not in steps}
        if plain:
            raw = self._change(update.ref.id, raw, plain)
        for name in steps:
            if name == FILE:
                self._attach(raw, update.file, str(update.before.get(FILE) or ""))
            else:
                raw = self._step(update.ref.id, raw, name, update.after[name])
        return Receipt(update.ref, self._seen(raw), before=before)

    def capability(self) -> Capability:
        return Capability(
            self._form.held,
            self._form.limits,
            spell=mapping.spell,
            formerly=mapping.spell_formerly,
            row_fields=ROW_FIELDS | {"total", "id"},
            steps=self._form.steps,
            decimals=KEPT_BY_FORTNOX,
            places=self._form.places,
            ways=WAYS,
            needed=frozenset({"customer_number"}),
            resets=RESETS,
        )

    # ------------------------------------------------------------------------------------------------ reading

    def _raw(self, id: str) -> dict[str, Any] | None:
        try:
            raw: dict[str, Any] = self._register.get(id)
        except NotFound:
            return None
        return raw

    def _document(self, raw: mapping.Raw) -> Document:
        return mapping.document_from_detail(raw, self._form)

    def _ref(self, raw: mapping.Raw) -> Ref:
        if not raw.get("DocumentNumber"):
            raise BadData("Fortnox sent a document without a number.", repair="It is read again in the next run.")
        return Ref(SYSTEM, self._form.kind, str(raw["DocumentNumber"]))

    def _seen_row(self, row: mapping.Raw) -> Seen:
        ref, listed = self._ref(row), mapping.listed(row, self._form)
        thin = Seen(ref, Document(number=ref.id), complete=False, listed=listed)
        read = read_alone(
            ref, thin.record, "", "Fortnox", lambda: replace(thin, record=mapping.document_from_list(row, self._form))
        )
        return replace(read, complete=False, listed=listed)

    def _seen(self, raw: mapping.Raw) -> Seen:
        ref = self._ref(raw)
        read = read_alone(ref, Document(number=ref.id), "", "Fortnox", lambda: Seen(ref, self._complete(raw)))
        return replace(read, listed=mapping.listed(raw, self._form))

    def _complete(self, raw: mapping.Raw) -> Document:
        document = self._document(raw)
        return self._with_invoice(document) if self._form.kind == "order" and document.invoice_number else document

    def _with_invoice(self, order: Document) -> Document:
        """Add what became of an order's invoice, which the order itself does not say (WEB-47, WEB-48)."""
        try:
            invoice = self._client.invoices.get(order.invoice_number)
        except NotFound:
            return order
        day = wire.on_day(invoice.get("InvoiceDate"))
        return replace(order, invoice_date=day, invoice_booked=bool(invoice.get("Booked")))

    # ------------------------------------------------------------------------------------------------ writing

    def _create(self, creation: Creation) -> Receipt | BryggaError:
        document: Any = creation.record
        try:
            self._small_enough(document)
            made = self._made_of_another(document, creation.key)
            if made is None:
                body = card.stated(self._body(document, creation.key), document, self._registers.from_card)
                made = self._register.create(body)
        except (Rejected, BadData, SettingsError) as error:
            return error
        return Receipt(self._ref(made), self._seen(made))

    def _small_enough(self, document: Document) -> None:
        rows = () if document.rows is ABSENT else document.rows
        if len(rows) > LARGEST_DOCUMENT:
            raise Rejected(
                "The document has {count} rows and Fortnox takes {limit}.",
                repair="Split it into several documents.",
                count=len(rows),
                limit=LARGEST_DOCUMENT,
            )

    def _body(self, document: Document, key: str) -> dict[str, Any]:
        holding = self.capability().holding()
        values = {name: holding.fit(name, value) for name, value in present(document) if name in holding.fields}
        body = mapping.document_fields(values, self._form, "create")
        rows: Any = values.get("rows", ())
        body[self._form.rows] = [mapping.row_to(row, self._form) for row in rows]
        if self._form.kind == "offer":
            comments = str(values.get("comments") or "")
            body["Comments"] = f"{comments}\n{key}" if comments else key
        else:
            body[KEY] = key
        if self._form.kind == "cash_invoice":
            body["InvoiceType"] = "CASHINVOICE"
        if document.own_number:
            body["DocumentNumber"] = str(document.own_number)
        if document.credit_of:
            body["CreditInvoiceReference"] = str(document.credit_of)
        return body

    def _made_of_another(self, document: Document, key: str) -> dict[str, Any] | None:
        """Make an order of its offer, or an invoice of its order, once: the older document names what it became.

        Fortnox copies the older document and looks at no card again (section 9.6). What this one says is changed in the copy; what it does
        not say is as it was agreed there, by us or by a person.
        """
        number, source, made_by, field = self._origin(document)
        if not number:
            return None
        older = source.get(number)
        mine = wire.reference(older.get(field)) or made_by(number)
        raw: dict[str, Any] = self._register.get(mine)
        held = str(raw.get(KEY) or "")
        if held.startswith("brygga:") and held != key and f":{self._form.kind}:" in held:
            raise Rejected(
                "Document {number} of Fortnox has already become {made}, which belongs to another record.",
                repair="Look at both in Fortnox, and link the right one.",
                number=number,
                made=mine,
            )
        body = self._body(document, key)
        rows = changed_rows(raw.get(self._form.rows) or [], () if document.rows is ABSENT else document.rows, self._form)
        body.pop(self._form.rows)
        body.pop("CustomerNumber", None)
        if self._form.register != "orders":
            # Rows of an invoice that was made of an order are the order's: Fortnox refuses them here (section 9.5). Then the mode of
            # their prices is the order's too: 125 with VAT must not become 125 without.
            body.pop("VATIncluded", None)
            body.pop("Currency", None)
        elif rows is not None and document.rows is not ABSENT:
            body[self._form.rows] = rows
        changes = {name: value for name, value in body.items() if name == self._form.rows or not _holds(raw.get(name), value)}
        return self._register.update(mine, changes) if changes else raw

    def _origin(self, document: Document) -> tuple[str, Any, Callable[[str], str], str]:
        if self._form.kind == "order":
            return str(document.offer_number or ""), self._client.offers, self._client.offers.create_order, "OrderReference"
        if self._form.kind == "invoice" and document.order_number:
            return str(document.order_number), self._client.orders, self._client.orders.create_invoice, "InvoiceReference"
        if self._form.kind == "invoice" and document.offer_number:
            return str(document.offer_number), self._client.offers, self._client.offers.create_invoice, "InvoiceReference"
        return "", None, str, ""

    def _change(self, number: str, raw: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        self._may(number, raw, "update_due_date" if set(values) <= {"due"} else "update_rows")
        changes = mapping.document_fields(values, self._form, "update")
        if "comments" in values and self._form.kind == "offer":
            key = mapping.key_in_comments(str(raw.get("Comments") or ""))
            changes["Comments"] = "\n".join(filter(None, (str(values["comments"]), key))) or None
        if "rows" in values:
            rows = self._rows(raw, values["rows"])
            if rows is not None:
                changes[self._form.rows] = rows
        changes = {name: value for name, value in changes.items() if not _holds(raw.get(name), value)}
        if "CustomerNumber" in changes:
            old = self._registers.card(str(raw.get("CustomerNumber") or "")) or {}
            changes |= card.restated(raw, old, changes, self._registers.from_card)
        return self._register.update(number, changes) if changes else raw

    def _rows(self, raw: dict[str, Any], wanted: Sequence[Row]) -> list[dict[str, Any]] | None:
        """Return the rows to send. A new one that leaves price, percent or account to the article says the article's. Raises BadData.

        A row that stays keeps its account, unless its rate or article is another now: then the account is chosen anew.
        """
        document = self._document(raw)
        now = document.lines
        partners = together(now, wanted)
        fresh = {place for place, partner in enumerate(partners) if partner is None}
        other = {
            place
            for place, partner in enumerate(partners)
            if partner is not None and not wanted[place].is_text and _on_another_account(now[partner], wanted[place])
        }
        whole = self._registers.rows(document, [row if place in fresh else Row() for place, row in enumerate(wanted)])
        rows = [whole[place] if place in fresh else row for place, row in enumerate(wanted)]
        chosen = self._registers.with_accounts(document, [row if n in fresh | other else Row() for n, row in enumerate(rows)])
        rows = [chosen[place] if place in fresh | other else row for place, row in enumerate(rows)]
        return changed_rows(raw.get(self._form.rows) or [], rows, self._form)

    def _step(self, number: str, raw: dict[str, Any], name: str, wanted: object) -> dict[str, Any]:
        """Take one step; a document that is there already is left alone, so that a repeated step does nothing."""
        if wanted is not True:
            raise Rejected("A document of Fortnox cannot be taken back from {state}.", state=name, number=number)
        document = self._document(raw)
        if getattr(document, name) is True:
            return raw
        if document.cancelled is True and name in ("sent", "mailed"):
            raise Rejected("Document {number} is cancelled in Fortnox and is not sent to anybody.", number=number)
        action = {"booked": "bookkeep", "cancelled": "cancel", "credited": "credit", "invoiced": "create_invoice"}.get(name)
        if action is not None:
            self._may(number, raw, action)
        act: Callable[[str], Any] = {
            "sent": lambda: self._register.external_print,
            "mailed": lambda: self._register.email,
            "booked": lambda: self._register.bookkeep,
            "cancelled": lambda: self._register.cancel,
            "credited": lambda: self._register.credit,
            "ordered": lambda: self._register.create_order,
            "invoiced": lambda: self._register.create_invoice,
        }[name]()
        act(number)
        again = self._raw(number)
        if again is None:
            raise BadData("Fortnox no longer shows document {number}.", number=number)
        return again

    def _attach(self, raw: mapping.Raw, file: Attachment | None, before: str) -> None:
        """Let a file go with the invoice when it is sent. What was sent or booked keeps the file that it has."""
        assert file is not None, "who asks for a file gives it"
        number = str(raw["DocumentNumber"])
        if raw.get("Cancelled") or (before and (raw.get("Booked") or raw.get("Sent"))):
            raise Rejected(
                "Invoice {number} is booked, sent or cancelled in Fortnox, so {file} was not attached to it.",
                repair="Compare the PDF of the invoice with the one in Fortnox.",
                rule="OPT-01",
                number=number,
                file=file.name,
            )
        self._files.send_with_invoice(number, file, before)

    def _may(self, number: str, raw: mapping.Raw, action: str) -> None:
        document = self._document(raw)
        state = DocumentState(
            str(document.kind),
            booked=document.booked is True,
            cancelled=document.cancelled is True,
            sent=document.sent is True,
            credited=document.credited is True,
            balance=ZERO if document.balance is ABSENT else document.balance.amount,
            total=ZERO if document.total is ABSENT else document.total.amount,
            method=str(document.accounting_method or "ACCRUAL"),
            order_invoiced=document.invoiced is True or document.ordered is True,
        )
        verdict = may(state, action)
        if not verdict.allowed and verdict.sentence is not None:
            raise Rejected(
                "Document {number} was not changed in Fortnox. {why}", number=number, why=str(verdict.sentence), rule=None
            )


def _on_another_account(now: Row, wanted: Row) -> bool:
    return any(
        getattr(wanted, name) is not ABSENT and not same(name, getattr(now, name), getattr(wanted, name))
        for name in ("vat", "article_number")
    )


def _holds(now: object, wanted: object) -> bool:
    return now in (None, "") if wanted is None else now == wanted
