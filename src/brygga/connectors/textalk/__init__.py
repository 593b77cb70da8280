"""Textalk Webshop (Abicart) and Fortnox: orders, payments, articles, customers. See README.md."""
