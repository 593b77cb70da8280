"""Upsales in a box: one account on a port of this machine, with the limits and refusals of the real one.

    with upsales.running() as sandbox:
        sandbox.load("accounts", [{"id": 41, "name": "Fjord AB", "orgNo": "556016-0680"}])
        sandbox.account(41).update(phone="08-465 004 12")         # as a person in Upsales' own pages
        client(sandbox.base_url, sandbox.token).do_something()
        assert sandbox.writes() == [("PUT", "/api/v2/accounts/41", {...})]

Sources: the public API collection, the list of end points with fields, and recorded answers (systems.md 4.1). Not imitated:
activities, appointments, agreements, campaigns, forms, mail, segments and the rest (404 as a page); roles finer than "may use
the API"; compound filters (`q`); tiers are kept and shown, not reckoned. What is unknown of the real service and guessed here
is marked [guess] where it is decided, or is a field of `Setup` that says so.
"""

from brygga_sandbox.upsales.events import App, Posted, Stopped
from brygga_sandbox.upsales.sandbox import Held, Sandbox, running
from brygga_sandbox.upsales.setup import Setup

__all__ = ["App", "Held", "Posted", "Sandbox", "Setup", "Stopped", "running"]
