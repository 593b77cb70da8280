"""The mapping page: a line a field with arrow, both sides' own values, warnings and the rule; what the settings leave to people is
chosen here and goes through the same check and versions as the file."""

from __future__ import annotations

from typing import Any

import pytest

from hub import Hub, organisation
from mobigo_hub import MobigoHub
from opter_hub import OpterHub
from people import client
from textalk_hub import TextalkHub
from upsales_hub import UpsalesHub


def integration(system: str) -> Any:
    from brygga.store.models import Integration

    return Integration.objects.select_related("company").get(company__slug="acme", system=system)


def lines(system: str, stream: str) -> dict[str, Any]:
    from brygga.sync.mapping import table

    return {line.name: line for line in table(integration(system), stream).lines}


@pytest.fixture
def linked(hub: Hub) -> Hub:
    """One organisation that Fortnox has as customer 1, with a street of three lines."""
    hub.webcrm.load(
        "Organisation",
        [
            organisation(
                OrganisationExtraCustom2="556016-0680",
                OrganisationTelephone="0470-100 20",
                OrganisationAddress="Gamla vägen 1\nPorten\nTredje våningen",
            )
        ],
    )
    hub.sync()
    hub.age()
    hub.sync()
    return hub


def test_each_field_shows_both_sides_arrow_rule_and_what_is_done(linked: Hub) -> None:
    """WEB-12 to WEB-24: read from both systems now, in the words of the matrix."""
    found = lines("webcrm", "customers")
    phone, number, kind = found["phone"], found["number"], found["kind"]
    assert (phone.arrow, phone.rule, phone.places) == ("both", "WEB-15", {"left": "OrganisationTelephone", "right": "Phone1"})
    assert phone.values == {"left": "0470-100 20", "right": "0470-100 20"}
    assert (number.arrow, number.rule) == ("left", "WEB-19")
    assert "company or private" in str(kind.ways[0])
    shown = client("viewer").get("/c/acme/mapping/webcrm/customers/").content.decode()
    assert "OrganisationTelephone" in shown
    assert "WEB-15" in shown
    assert 'name="place:phone"' not in shown


def test_too_long_lossy_and_empty_are_warned_of_with_the_samples_own_values(linked: Hub) -> None:
    linked.edit_customer("1", Name="Bergström " * 25, Phone1="070-" + "1" * 60)
    found = lines("webcrm", "customers")
    assert any("the rest is cut" in str(one) for one in found["name"].warnings), found["name"].warnings
    assert any("60" in str(one) or "64" in str(one) for one in found["phone"].warnings)
    linked.webcrm.organisation(1).update(OrganisationName="")
    assert any("needs it, and it is empty" in str(one) for one in lines("webcrm", "customers")["name"].warnings)


def test_owner_gives_a_field_another_place_and_the_next_sync_goes_by_it(linked: Hub) -> None:
    """WEB-12: the same setting, check and version as the file; the page and the sync read one declaration."""
    from brygga.store.models import SettingsVersion

    before = SettingsVersion.objects.count()
    owner = client("owner")
    page = owner.get("/c/acme/mapping/webcrm/customers/").content.decode()
    assert 'name="place:phone2"' in page
    assert owner.post("/c/acme/mapping/webcrm/customers/", {"place:phone2": "OrganisationExtraCustom8"}).status_code == 302
    assert integration("webcrm").settings["fields"]["phone2"] == "OrganisationExtraCustom8"
    assert SettingsVersion.objects.count() == before + 1
    assert lines("webcrm", "customers")["phone2"].places["left"] == "OrganisationExtraCustom8"
    linked.edit_customer("1", Phone2="070-55 66 77")
    linked.age()
    linked.sync()
    assert linked.webcrm.organisation(1)["OrganisationExtraCustom8"] == "070-55 66 77"
    again = owner.post("/c/acme/mapping/webcrm/customers/", {"place:phone2": "OrganisationExtraCustom8"})
    assert (again.status_code, SettingsVersion.objects.count()) == (302, before + 1)


def test_refused_mapping_keeps_what_was_typed_and_nothing_else(linked: Hub) -> None:
    owner, before = client("owner"), integration("webcrm").settings
    answer = owner.post("/c/acme/mapping/webcrm/customers/", {"place:phone2": "OrganisationTelephone", "place:fax": "Nytt fält"})
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert "are both kept in" in shown
    assert 'value="Nytt fält"' in shown
    assert integration("webcrm").settings == before
    for role in ("bookkeeper", "viewer"):
        assert client(role).post("/c/acme/mapping/webcrm/customers/", {"place:fax": "X"}).status_code == 403


def test_owner_of_a_field_is_chosen_and_goes_back_to_the_usual(linked: Hub) -> None:
    owner = client("owner")
    owner.post("/c/acme/mapping/webcrm/customers/", {"owner:phone": "fortnox"})
    assert lines("webcrm", "customers")["phone"].owner == "right"
    owner.post("/c/acme/mapping/webcrm/customers/", {"owner:phone": ""})
    assert lines("webcrm", "customers")["phone"].owner == "left"
    assert "owners" not in integration("webcrm").settings


def test_field_that_the_installation_lacks_is_said(linked: Hub) -> None:
    linked.fields.pop("invoice_postcode")
    linked.declare()
    missing = lines("webcrm", "customers")["invoice_postcode"]
    assert any("has no field “Fakturapostnummer”" in str(one) for one in missing.warnings)


def test_links_of_mobigo_are_chosen_here_and_the_fixed_ones_shown(mobigo_hub: MobigoHub) -> None:
    """MOB-08, MOB-09: what a person may link, and what nobody may."""
    hub = mobigo_hub
    time = {"timeType": "Arbete", "hours": 3, "billableHours": 2.5, "price": 650, "text": "Felsökning"}
    given = {"customerNumber": "1042", "status": "Klart", "marked": True, "times": [time], "materials": []}
    hub.mobigo.assignment("1001", **given)
    hub.sync("assignments")
    found = lines("mobigo", "assignments")
    assert (found["rows"].arrow, found["rows"].rule) == ("once_right", "MOB-06, MOB-07")
    assert found["number"].arrow == "left"
    owner = client("owner")
    owner.post("/c/acme/mapping/mobigo/assignments/", {"link:Märkning": "your_order_number", "link:Rubrik": "comments"})
    assert integration("mobigo").settings["field_links"] == {"Märkning": "your_order_number", "Rubrik": "comments"}
    assert lines("mobigo", "assignments")["your_order_number"].places["left"] == "Märkning"
    refused = owner.post("/c/acme/mapping/mobigo/assignments/", {"link:Märkning": "customer_number"})
    assert refused.status_code == 400
    owner.post("/c/acme/mapping/mobigo/assignments/", {"link:Märkning": "", "link:Rubrik": ""})
    assert "field_links" not in integration("mobigo").settings


def test_empty_hub_says_so_and_a_lost_connection_is_told_with_its_way_out(hub: Hub) -> None:
    reader = client("viewer")
    assert "Nothing is linked yet" in reader.get("/c/acme/mapping/webcrm/customers/").content.decode()
    assert "is linked to nothing" in reader.get("/c/acme/mapping/webcrm/customers/?record=99").content.decode()
    assert reader.get("/c/acme/mapping/webcrm/nothing/").status_code == 404
    hub.webcrm.withdraw_application()
    hub.webcrm.expire_tokens()
    away = reader.get("/c/acme/mapping/webcrm/customers/")
    assert (away.status_code, "Look at the connections" in away.content.decode()) == (200, True)


def described(system: str) -> None:
    """Every field that a record of either side shows has a place there, in every stream of the system."""
    from brygga.store.models import LinkRow
    from brygga.sync import mapping

    one = integration(system)
    for stream in mapping.streams_of(one):
        found = mapping.table(one, stream)
        if not found.sample:
            continue
        held = {line.name for line in found.lines}
        for side in ("left", "right"):
            for line in found.lines:
                if line.values[side] is not None and line.name not in found.stream.refers:
                    known = {theirs for theirs, _ in found.stream.refers.values()}
                    assert line.places[side] or line.name in known, (system, stream, side, line.name)
        common = found.stream.rules.holds["left"].fields & found.stream.rules.holds["right"].fields
        assert common - found.stream.rules.policy.apart <= held, (system, stream)
        assert all(line.rule for line in found.lines), (system, stream)
    assert LinkRow.objects.exists()


def test_nothing_that_the_sync_compares_is_missing_on_the_page(linked: Hub) -> None:
    """One declaration: what both sides hold is on the page, with its names and its rule."""
    described("webcrm")


def test_nothing_of_mobigo_is_missing_on_the_page(mobigo_hub: MobigoHub) -> None:
    mobigo_hub.sync("customers")
    mobigo_hub.sync("articles")
    described("mobigo")


def test_nothing_of_opter_is_missing_on_the_page(opter_hub: OpterHub) -> None:
    opter_hub.invoice()
    opter_hub.sync()
    described("opter")


def test_nothing_of_the_shop_is_missing_on_the_page(textalk_hub: TextalkHub) -> None:
    textalk_hub.order()
    textalk_hub.sync()
    described("textalk")


def test_nothing_of_upsales_is_missing_on_the_page(upsales_hub: UpsalesHub) -> None:
    upsales_hub.fortnox.company.load("customers", [{"CustomerNumber": "1042", "Name": "Acme Norr AB"}])
    upsales_hub.declare()
    upsales_hub.sync_all()
    described("upsales")
