"""A Fortnox that answers otherwise than it was asked, by a rule that no document of it tells: what the hub has to notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from brygga_sandbox.fortnox.documents.document import Document
from brygga_sandbox.fortnox.documents.payments import InvoicePayments


@contextmanager
def rows_become(**fields: Any) -> Iterator[None]:
    """Let the first row with an amount of every document that is made or changed in the block hold these values instead."""
    whole = Document.make_rows

    def make_rows(self: Any, company: Any, record: dict[str, Any], wishes: Any, kept: Any) -> None:
        whole(self, company, record, wishes, kept)
        for row in record[self.kind.field]:
            if row.get("Price"):
                quantities = {self.kind.quantity, "OrderedQuantity"} & row.keys()
                for name, value in fields.items():
                    row.update(dict.fromkeys(quantities, value) if name == "Quantity" else {name: value})
                break

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Document, "make_rows", make_rows)
        yield


@contextmanager
def heads_become(**fields: Any) -> Iterator[None]:
    """Let every document that is changed in the block hold these values in its head, whatever is sent."""
    whole = Document.revise

    def revise(self: Any, call: Any, old: Any, record: dict[str, Any], sent: Mapping[str, Any]) -> None:
        whole(self, call, old, record, sent)
        record.update(fields)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Document, "revise", revise)
        yield


@contextmanager
def payments_become(**fields: Any) -> Iterator[None]:
    """Let every payment that is registered in the block hold these values instead; what is corrected afterwards stands."""
    whole = InvoicePayments.prepare

    def prepare(self: Any, call: Any, record: dict[str, Any], sent: Mapping[str, Any]) -> None:
        whole(self, call, record, sent)
        record.update(fields)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InvoicePayments, "prepare", prepare)
        yield
