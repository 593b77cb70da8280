"""Mobigo: customers, articles and prices from Fortnox, marked assignments to orders or invoices."""
