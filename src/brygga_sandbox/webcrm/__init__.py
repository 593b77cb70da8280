"""webCRM in a box: an installation on a port of this machine, with the quirks of the real one.

    with webcrm.running() as sandbox:
        sandbox.load("Organisation", [{"OrganisationId": 8812, "OrganisationName": "Fjord AB"}])
        sandbox.organisation(8812).update(Telephone="08-465 004 12")      # as a person in webCRM's own pages
        client(sandbox.base_url, sandbox.auth_code).do_something()
        assert sandbox.writes() == [("PUT", "/Organisations/8812", {...})]

Not imitated: activities, opportunities, meetings, documents, support cases, relations, B2C persons, milestones, budgets,
revenues, time and expenses (501 with a sentence); linked data of other entities than rows (refused as switched off); XML
bodies; user logins (`/Auth`, `/Auth/CrmLogin`, `/Auth/CrmRefresh`); access rights finer than "may write". What is
unknown about the real service and guessed here is marked [guess] where it is decided, or is a setting of
`Installation`, `Quirks` or `Limits` that says so.
"""

from brygga_sandbox.webcrm.installation import FieldSetup, Installation, Limits, Quirks
from brygga_sandbox.webcrm.sandbox import Sandbox, running

__all__ = ["FieldSetup", "Installation", "Limits", "Quirks", "Sandbox", "running"]
