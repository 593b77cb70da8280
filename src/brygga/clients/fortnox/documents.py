"""What offers, orders, invoices and contracts have in common: their actions, their papers, their references."""

from __future__ import annotations

from typing import ClassVar

from brygga.clients.fortnox import wire
from brygga.clients.fortnox.resource import Register, Tracked
from brygga.clients.fortnox.wire import Raw
from brygga.clients.http import Answer


class Document(Tracked, Register):
    """A document with rows. There is no removal: a document is cancelled and keeps its number."""

    number = "DocumentNumber"
    rows: ClassVar[str]

    def _act(self, number: object, action: str, params: tuple[tuple[str, str], ...] = ()) -> Answer:
        """PUT an action, whose body is `{}`. Sent once."""
        return self._api.write("PUT", self._place(number, action), params=params)

    def _acting_get(self, number: object, action: str) -> Answer:
        """GET that does something: sends, prints, marks. Never repeated."""
        return self._api.write("GET", self._place(number, action))

    def _reference(self, answer: Answer, number: object, made: str, field: str) -> str:
        """Return the number of the document that an action made.

        The two copies of the definition disagree on whether the new document or the old one comes back (section 9.4): the new one
        says its DocumentNumber, the old one names it in `field`; where neither does, the old one is read again.
        """
        body = wire.single(answer)
        name = next(iter(answer.json()))
        found = wire.reference(body.get("DocumentNumber" if name == made else field))
        if found is None:
            found = wire.reference(self.get(number).get(field))
        if found is None:
            raise answer.unreadable(f"does not say which {made} was made")
        return found


class Paper(Document):
    """A document that can be sent, printed and looked at."""

    def email(self, number: object) -> Raw:
        """Send by e-mail, as EmailInformation says, and return the document, now Sent. A GET that acts: sent once."""
        return wire.single(self._acting_get(number, "email"), self.one)

    def print(self, number: object) -> bytes:
        """Return the PDF and mark the document as Sent. A GET that acts: sent once."""
        return pdf(self._acting_get(number, "print"))

    def preview(self, number: object) -> bytes:
        """Return the PDF; nothing is marked."""
        return pdf(self._api.read(self._place(number, "preview")))

    def external_print(self, number: object) -> Raw:
        """Mark the document as Sent, for papers that left outside Fortnox."""
        return wire.single(self._act(number, "externalprint"), self.one)

    def cancel(self, number: object) -> Raw:
        """Cancel the document. Raises Rejected when its state does not allow it."""
        return wire.single(self._act(number, "cancel"), self.one)


class ByOurReference(Document):
    """A document that carries our own key in ExternalInvoiceReference1."""

    def find_by_external_reference(self, reference: str) -> list[Raw]:
        """Return the documents, as lists show them, whose ExternalInvoiceReference1 is exactly this.

        Fortnox' own filter matches the beginning of the value (section 6.4), so `key-1` would also find `key-10`. Fortnox does not
        stop two documents with one reference: more than one here means doubled.
        """
        return [*self.find(externalinvoicereference1=reference)]


def pdf(answer: Answer) -> bytes:
    """Return the body, which must be a PDF. Raises BadData, or OutcomeUnknown where the call did something."""
    if not answer.body.startswith(b"%PDF"):
        raise answer.unreadable("is not a PDF")
    return answer.body
