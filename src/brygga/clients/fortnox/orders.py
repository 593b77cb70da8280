"""/3/orders and its actions."""

from __future__ import annotations

from brygga.clients.fortnox import wire
from brygga.clients.fortnox.documents import ByOurReference, Paper
from brygga.clients.fortnox.wire import Raw


class Orders(ByOurReference, Paper):
    """Orders. Totals follow DeliveredQuantity, not OrderedQuantity (section 9.6); the list does not tell what is invoiced."""

    path, one, many = "/3/orders", "Order", "Orders"
    rows = "OrderRows"

    def create_invoice(self, number: object) -> str:
        """Turn the order into an invoice and return the invoice's number. The order is then locked."""
        return self._reference(self._act(number, "createinvoice"), number, "Invoice", "InvoiceReference")

    def warehouse_ready(self, number: object) -> Raw:
        """Mark the order as delivered and ready. Rejected (2003124) unless DeliveryState is delivery; it is then locked."""
        return wire.single(self._act(number, "warehouseready"), self.one)
