"""Upsales ↔ Fortnox: companies, products, offers, orders and invoices."""
