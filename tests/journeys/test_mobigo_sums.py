"""What a marked assignment says of house work, sums, currency and fineness, and what is told of it after its export: rows MOB-16 to MOB-28."""

from __future__ import annotations

from typing import Any

from mobigo_hub import MATERIAL, TIME, MobigoHub, assignment, priced


def created(hub: MobigoHub, path: str = "/3/orders") -> list[dict[str, Any]]:
    """Return the bodies of the documents that Fortnox was asked to make, without their envelopes."""
    return [next(iter(body.values())) for method, at, body in hub.fortnox_writes() if (method, at) == ("POST", path)]


def test_house_work_says_of_each_row_whether_it_is_labour(mobigo_hub: MobigoHub) -> None:
    """accounting.md 7.5: ROT on the document, labour with its kind and whole hours, material as other cost."""
    hub = mobigo_hub
    hub.edit("customers", "1042", Type="PRIVATE")
    labour = {**TIME, "houseWork": True, "houseWorkType": "HVAC"}
    assignment(hub, houseWork={"type": "rot"}, times=[labour], actionText="x" * 1040)
    hub.sync("assignments")
    [order] = created(hub)
    assert order["TaxReductionType"] == "rot"
    time, material = [row for row in order["OrderRows"] if "ArticleNumber" in row]
    assert (time["HouseWork"], time["HouseWorkType"], time["HouseWorkHoursToReport"]) == (True, "HVAC", 3)
    assert (material["HouseWork"], material["HouseWorkType"]) == (False, "OTHERCOSTS")
    [made] = hub.records("orders")
    assert made["TaxReductionType"] == "rot"


def test_house_work_of_the_other_kind_is_held_before_fortnox_refuses_it(mobigo_hub: MobigoHub) -> None:
    """accounting.md 7.5: a ROT document with cleaning on it is error 2004021; labour without a kind waits as well."""
    hub = mobigo_hub
    for number, kind in (("1001", "CLEANING"), ("1002", None)):
        assignment(hub, number, houseWork={"type": "rot"}, times=[{**TIME, "houseWork": True, "houseWorkType": kind}])
    hub.sync("assignments")
    assert created(hub) == []
    assert {problem["record"] for problem in hub.problems("assignments", "hold")} == {"mobigo:1001", "mobigo:1002"}


def test_sum_that_is_not_that_of_the_rows_is_held_with_both(mobigo_hub: MobigoHub) -> None:
    """Mobigo's own sum beside its billable rows: 2.5 x 650 + 4 x 12.50 = 1,675."""
    hub = mobigo_hub
    assignment(hub, "1001", total=1675)
    assignment(hub, "1002", total=1676)
    hub.sync("assignments")
    assert list(hub.links("assignments")) == ["1001"]
    [problem] = hub.problems("assignments", "hold")
    assert "1676" in problem["text"]
    assert "1675.00" in problem["text"]


def test_kronor_stay_kronor_for_a_customer_in_euro(mobigo_hub: MobigoHub) -> None:
    """MOB-15: the customer is Fortnox' own, but Mobigo's prices are kronor, and so are those of Fortnox' own list where a row has none.

    Another list may be kept in the customer's currency (Fortnox API, section 9.3): then the row waits for a price.
    """
    hub = mobigo_hub
    hub.edit("customers", "1042", Currency="EUR")
    priced(hub, ("100", "65"))
    assignment(hub)
    assignment(hub, "1002", times=[{**TIME, "price": None}], materials=[])
    hub.sync("assignments")
    assert [order.get("Currency") for order in created(hub)] == ["SEK", "SEK"]
    held = hub.records("orders")
    assert [(order["Currency"], float(order["CurrencyRate"])) for order in held] == [("SEK", 1), ("SEK", 1)]
    assert float(held[1]["OrderRows"][0]["Price"]) == 65
    with hub.fortnox.lock:
        hub.fortnox.company.load("pricelists", [{"Code": "EXP", "Description": "Export"}])
        hub.fortnox.company.load("prices", [{"PriceList": "EXP", "ArticleNumber": "100", "FromQuantity": 0, "Price": 58}])
    hub.edit("customers", "1042", PriceList="EXP")
    assignment(hub, "1003", times=[{**TIME, "price": None}], materials=[])
    hub.sync("assignments")
    assert len(hub.records("orders")) == 2
    [problem] = hub.problems("assignments", "hold")
    assert "price list EXP, and whether it is kronor or EUR" in problem["text"]
    hub.edit("customers", "1042", PriceList="A")
    hub.sync("assignments")
    assert [order["Currency"] for order in hub.records("orders")] == ["SEK"] * 3


def test_assignment_with_a_quantity_finer_than_fortnox_keeps_is_held_before_it_is_sent(mobigo_hub: MobigoHub) -> None:
    """Mobigo reckons with three decimals, Fortnox keeps two of a quantity: 100 x 0.125 would be 100 x 0.13 there."""
    hub = mobigo_hub
    assignment(hub, times=[], materials=[{**MATERIAL, "quantity": 0.125, "price": 100}], total=12.5)
    hub.sync("assignments")
    assert created(hub) == []
    [problem] = hub.problems("assignments", "hold")
    assert "Fortnox keeps two decimals, and 0.125 has more" in problem["text"]
    assert "or the row as 1 for 12.50 SEK" in problem["repair"]


def test_assignment_that_is_changed_after_its_export_is_told_until_both_say_the_same(mobigo_hub: MobigoHub) -> None:
    """Kind 3, MOB-28: a text, a price or a row that is changed too late does not go over, and a person is told what differs.

    What changes nothing on the document is not told; to mark it once more exports nothing and hides nothing.
    """
    hub = mobigo_hub
    hub.declare(document="invoice")
    assignment(hub, "1001", actionText="Lagat")
    assignment(hub, "1002", actionText="Bytt")
    hub.sync("assignments")
    [first, _] = hub.records("invoices")
    hub.clear()
    hub.mobigo.edit("Assignments", "1001", actionText="Lagat två gånger")
    hub.mobigo.edit("Assignments", "1002", internalNote="Nyckeln hänger till vänster")
    hub.sync("assignments", trigger="clock")
    [problem] = hub.problems("assignments")
    assert problem["left"] == "1001"
    assert f"became invoice {first['DocumentNumber']}, and they differ now in text" in problem["text"]
    assert hub.fortnox_writes() == [], "nothing goes over"
    hub.edit("invoices", first["DocumentNumber"], Remarks="Lagat två gånger")
    hub.retry(problem)
    hub.sync("assignments", trigger="clock")
    assert hub.problems("assignments") == []
    assert hub.fortnox_writes() == []
