"""The first runs after an upgrade: what an earlier version wrote rests, on both sides (kinds 3, 12 and 13)."""

from __future__ import annotations

from hub import Hub, organisation

LONG = "Södra Möbelsnickarna &amp; Co ≥ 5 meter virke och brädor, Växjö"


def test_old_spellings_in_fortnox_are_no_edits_and_no_writes_until_the_record_changes(hub: Hub) -> None:
    """An earlier version wrote numbers as typed and signs one by one: neither side gets a write, and the brake counts nothing."""
    from brygga.store.models import LinkRow

    typed = {"OrganisationExtraCustom2": "5560427220", "OrganisationPostCode": "SE-111 22", "OrganisationName": LONG}
    [id] = hub.webcrm.load("Organisation", [organisation(**typed)])
    hub.sync()
    hub.age()
    hub.sync()
    number = hub.links()[str(id)]
    before = {**hub.customer(number)}
    postcode = "ZipCode" if before["ZipCode"] else "VisitingZipCode"
    assert (before["OrganisationNumber"], before[postcode]) == ("556042-7220", "111 22")
    old = {"OrganisationNumber": "5560427220", postcode: "SE-111 22", "Name": LONG.replace("≥", "")}
    hub.edit_customer(number, **old)
    row = LinkRow.objects.get(right_id=number)
    ours = {"organisation_number": "5560427220", "name": LONG, "visiting_postcode": "SE-111 22", "invoice_postcode": "SE-111 22"}
    row.base = {name: ours.get(name, value) for name, value in row.base.items()}
    row.save()
    kept = ("Namn", "Organisationsnummer")
    there = [hub.webcrm.organisation(id)[name] for name in kept]
    for _ in range(2):
        hub.age()
        hub.clear()
        run = hub.sync()
        assert hub.fortnox_writes() == []
        assert run["counts"].get("updated", 0) == 0
    assert [hub.webcrm.organisation(id)[name] for name in kept] == there == [LONG, "5560427220"]
    assert hub.problems() == []
    # A change of the record goes over, and only that.
    hub.webcrm.organisation(id).update({"Namn": "Södra Möbelsnickarna AB"})
    hub.clear()
    hub.sync()
    [(_, _, body)] = hub.fortnox_writes()
    assert body["Customer"] == {"Name": "Södra Möbelsnickarna AB"}
