"""A rule guards a linked pair both ways (U29): each is broken, both sides change, nothing crosses and it is said; mended, all arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hub import Hub, organisation
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import Sales

Act = dict[str, Any]

ORGANISATIONS: dict[str, tuple[Act, Act]] = {
    "WEB-13": ({"OrganisationName": ""}, {"OrganisationName": "Lindens Bageri AB"}),
    "WEB-21": ({"OrganisationCountry": "Atlantis"}, {"OrganisationCountry": ""}),
}
"""Rule -> what breaks it on the organisation, what mends it."""


def test_rules_of_organisations_guard_linked_pairs_both_ways(hub: Hub) -> None:
    """WEB-13, WEB-21; and WEB-09, which by WEB-11 keeps what goes out alone: what comes from Fortnox has no filter by type."""
    hub.declare()
    rules = [*ORGANISATIONS, "WEB-09"]
    numbers = ("556016-0680", "556036-0793", "556703-7485")
    made = hub.webcrm.load(
        "Organisation",
        [
            organisation(OrganisationName=f"Bageri {rule}", OrganisationExtraCustom2=no)
            for rule, no in zip(rules, numbers, strict=True)
        ],
    )
    hub.sync()
    ids = dict(zip(rules, made, strict=True))
    links = hub.links()
    assert len(links) == 3
    breaks = {rule: broken for rule, (broken, _) in ORGANISATIONS.items()} | {"WEB-09": {"Type": "Prospekt"}}
    mends = {rule: mended for rule, (_, mended) in ORGANISATIONS.items()} | {"WEB-09": {"Type": "Kund – Företag"}}
    for rule, id in ids.items():
        hub.webcrm.organisation(id).update(**breaks[rule], OrganisationWww="www.ny.se")
        hub.edit_customer(links[str(id)], Phone1="08-46 50 04 10")
    hub.age()
    hub.clear()
    hub.sync()
    # A name or a country that cannot be holds itself alone; a type that is not synced holds all that goes out.
    assert {path for _, path, _ in hub.fortnox_writes()} == {f"/3/customers/{links[str(ids[rule])]}" for rule in ORGANISATIONS}
    assert all(body["Customer"] == {"WWW": "www.ny.se"} for _, _, body in hub.fortnox_writes())
    assert all(hub.webcrm.organisation(id)["OrganisationTelephone"] == "08-46 50 04 10" for id in ids.values())
    assert {(problem["left"], problem["rule"]) for problem in hub.problems("skip", "hold")} == {
        (str(ids[rule]), rule) for rule in rules
    }
    assert hub.webcrm.organisation(ids["WEB-09"])["OrganisationTelephone"] == "08-46 50 04 10"
    for rule, id in ids.items():
        hub.webcrm.organisation(id).update(**mends[rule])
    hub.age()
    hub.sync()
    for rule, id in ids.items():
        assert hub.webcrm.organisation(id)["OrganisationTelephone"] == "08-46 50 04 10", rule
        assert hub.customer(links[str(id)])["WWW"] == "www.ny.se", rule
    assert hub.problems("skip", "hold") == []


def test_rules_of_deliveries_guard_linked_pairs_both_ways(hub: Hub) -> None:
    """WEB-53 (its organisation lost its type), WEB-41 (its rows are gone), WEB-44 (a day that is none): nothing crosses meanwhile."""
    sales = Sales(hub, document="order", show_status=False)
    typeless, dateless = sales.deliver(), sales.deliver()
    hub.sync()
    links = hub.links()
    for id in (typeless, dateless):
        hub.webcrm.delivery(id).update(Leveransdatum="2026-12-24T00:00:00")
        with hub.fortnox.lock:
            hub.fortnox.company.put("orders", links[str(id)], {**sales.document(links[str(id)]), "Remarks": "Ring först"})
            hub.fortnox.company.commit()
    hub.webcrm.organisation(sales.organisation).update(Type="")
    hub.age()
    hub.clear()
    result = hub.sync()
    assert (hub.fortnox_writes(), hub.webcrm.writes()) == ([], []), result
    assert {(one["left"], one["rule"]) for one in hub.problems("hold")} == {(str(typeless), "WEB-53"), (str(dateless), "WEB-53")}
    # Run after run it is said, and nothing is written.
    hub.age()
    hub.sync()
    assert (hub.fortnox_writes(), hub.webcrm.writes()) == ([], [])
    hub.webcrm.organisation(sales.organisation).update(Type="Kund – Företag")
    _retry(hub)
    for id in (typeless, dateless):
        assert hub.webcrm.delivery(id)["Ordertext"] == "Ring först"
        assert str(sales.document(links[str(id)])["DeliveryDate"]) == "2026-12-24"
    assert hub.problems("hold") == []
    sales.quiet()


def _retry(hub: Hub) -> None:
    """Let what waits be looked at now, as its next look is some minutes away."""
    from brygga.store.models import Problem

    Problem.objects.exclude(look_at=None).update(look_at="2026-01-01T00:00:00Z")
    hub.age()
    hub.sync()


SALES: dict[str, tuple[Callable[[Shop], Act], Callable[[Shop], Act]]] = {
    "marked": (lambda shop: {"SKIP_SYNC": 1}, lambda shop: {"SKIP_SYNC": 0}),
    "not won": (
        lambda shop: {"stage": {"id": shop.hub.upsales.stage("Förhandling")}},
        lambda shop: {"stage": {"id": shop.hub.upsales.stage("Order")}},
    ),
}


@pytest.mark.parametrize("module", ["order", "invoice"])
def test_rules_of_sales_guard_linked_pairs_both_ways(upsales_hub: UpsalesHub, module: str) -> None:
    """UPS-23 to UPS-28: a sale that is marked not to be synced, or is no longer won, neither gives nor takes until it is as it was."""
    shop = Shop(upsales_hub, module=module, show_status=False)
    hub = shop.hub
    ids = {name: shop.sell() for name in SALES}
    hub.sync_all()
    links = hub.links("sales")
    for name, id in ids.items():
        hub.upsales.order(id).update(**SALES[name][0](shop), REFERENCE="Order 7 från säljaren")
        hub.put(shop.register, links[str(id)], Remarks="Från ekonomin")
    hub.age()
    hub.clear()
    result = hub.sync("sales")
    assert (hub.fortnox_writes(), hub.upsales.writes()) == ([], []), result
    assert {one["left"] for one in hub.problems("sales", "skip", "hold")} == {str(id) for id in ids.values()}
    for name, id in ids.items():
        hub.upsales.order(id).update(**SALES[name][1](shop))
    hub.sync_all()
    for name, id in ids.items():
        assert hub.upsales.order(id)["REMARKS"] == "Från ekonomin", name
        assert shop.document(id)["YourOrderNumber"] == "Order 7 från säljaren", name
    assert hub.problems("sales", "skip") == []
    hub.quiet()
