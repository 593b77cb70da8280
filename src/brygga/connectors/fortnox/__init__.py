"""Fortnox: the side that every business system is kept in step with."""
