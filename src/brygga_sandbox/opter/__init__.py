"""Opter in a box: a transport company's installation on a port of this machine, behind a contract of our own.

    with opter.running() as sandbox:
        sandbox.load("Customers", [{"customerCode": "NORD", "customerNumber": "1042", "name": "Nordbygg AB"}])
        sandbox.load("Invoices", [{"invoiceNumber": "100353", "customerCode": "NORD", "invoiceDate": "2026-09-04", ...}])
        client(sandbox.base_url, sandbox.key).do_something()
        assert sandbox.registrations() == []

THIS CONTRACT IS OURS, not the vendor's: only Opter's statistics are documented (systems.md 6.1). Objects, warnings and reasons
follow the help pages (systems.md 6.1, 6.2). What is written here stands in README.md beside this file; nothing of it can be
taken as how the real program behaves. Not imitated: orders, vehicles, price lists, the statistics, printing.
"""

from brygga_sandbox.opter.app import Limits
from brygga_sandbox.opter.sandbox import Sandbox, running

__all__ = ["Limits", "Sandbox", "running"]
