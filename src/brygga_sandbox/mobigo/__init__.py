"""Mobigo in a box: a field service installation on a port of this machine, behind a contract of our own.

    with mobigo.running() as sandbox:
        sandbox.load("TimeTypes", [{"name": "Arbete", "articleNumber": "100"}])
        sandbox.assignment("1001", customerNumber="1042", actionText="Bytt packning", marked=True,
                           times=[{"timeType": "Arbete", "billableHours": 2}])
        client(sandbox.base_url, sandbox.application_id, sandbox.secret).do_something()
        assert sandbox.writes() == [("PUT", "/v1/Core/Assignments/1001/ExportResult", {...})]

THIS CONTRACT IS OURS, not the vendor's: Mobigo has no public API (systems.md 3.1). Names and manners follow the nearest
Swedish program that has one (systems.md 3.4; mobigo/comparable-blikk-shapes.json), the objects what Mobigo's own manual shows
(systems.md 3.2). What is written here stands in README.md beside this file; nothing of it can be taken as how the real program
behaves. Not imitated: work groups' rights, objects and orders as registers of their own, storage, attestation by step,
pictures and signatures, the mobile client.
"""

from brygga_sandbox.mobigo.app import Application, Limits
from brygga_sandbox.mobigo.sandbox import Sandbox, running

__all__ = ["Application", "Limits", "Sandbox", "running"]
