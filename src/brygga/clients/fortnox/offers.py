"""/3/offers and its actions."""

from __future__ import annotations

from brygga.clients.fortnox.documents import Paper


class Offers(Paper):
    """Offers. Rows have one Quantity; "your order number" is YourReferenceNumber here (section 9.4)."""

    path, one, many = "/3/offers", "Offer", "Offers"
    rows = "OfferRows"

    def create_order(self, number: object) -> str:
        """Turn the offer into an order and return the order's number. Rejected (2000499) when it has one; then locked."""
        return self._reference(self._act(number, "createorder"), number, "Order", "OrderReference")

    def create_invoice(self, number: object) -> str:
        """Turn the offer into an invoice and return the invoice's number."""
        return self._reference(self._act(number, "createinvoice"), number, "Invoice", "InvoiceReference")
