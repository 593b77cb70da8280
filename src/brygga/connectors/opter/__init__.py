"""Opter: invoices and settlements to Fortnox, payments back (rows OPT-01 to OPT-29)."""
