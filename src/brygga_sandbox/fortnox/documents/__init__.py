"""The documents: offers, orders, invoices, payments, vouchers, supplier invoices. One line here for each resource."""

from brygga_sandbox.fortnox.resource import Resource

RESOURCES: tuple[Resource, ...] = ()
