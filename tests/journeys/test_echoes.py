"""The echo of our own write is nobody's edit, in no system and on neither side (issue 20, kinds 3 and 17)."""

from __future__ import annotations

from typing import Any

from fortnox_otherwise import heads_become, rows_become
from hub import Hub, organisation
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import Sales

LINE = "QuotationLine"


def change_rows(sales: Sales, number: str, *rows: dict[str, Any]) -> None:
    """Let a person change rows of an order in Fortnox: {} leaves a row as it is."""
    held = sales.document(number)["OrderRows"]
    body = [{"RowId": old["RowId"], **row} for old, row in zip(held, rows, strict=True)]
    sales.hub.fortnox_call("PUT", f"/3/orders/{number}", {"Order": {"OrderRows": body}})


def quantities(hub: Hub, id: int) -> list[Any]:
    held = sorted(hub.webcrm.lines_of(id), key=lambda line: line[f"{LINE}SortOrder"])
    return [line[f"{LINE}Quantity"] for line in held]


def test_what_fortnox_made_of_a_quantity_never_comes_back_and_a_persons_edit_beside_it_does(hub: Hub) -> None:
    """webCRM: 2 became 1.9 in Fortnox. The delivery keeps 2, a second run is silent, a person's 7 in row 3 arrives and row 1 stays."""
    sales = Sales(hub)
    with rows_become(Quantity=1.9):
        id = sales.deliver()
        hub.sync()
        number = hub.links()[str(id)]
        sales.quiet()
        assert quantities(hub, id) == [2, 0, 4]
        change_rows(sales, number, {}, {}, {"DeliveredQuantity": 7, "OrderedQuantity": 7})
    hub.age()
    hub.sync()
    assert quantities(hub, id) == [2, 0, 7]
    sales.quiet()


def test_a_persons_edit_of_the_echoed_row_itself_arrives(hub: Hub) -> None:
    """webCRM: 2 became 1.9 by itself; a person makes it 5, and 5 it is on both sides, with no problem left."""
    sales = Sales(hub)
    with rows_become(Quantity=1.9):
        id = sales.deliver()
        hub.sync()
    number = hub.links()[str(id)]
    change_rows(sales, number, {"DeliveredQuantity": 5, "OrderedQuantity": 5}, {}, {})
    hub.age()
    hub.sync()
    assert quantities(hub, id) == [5, 0, 4]
    hub.age()
    hub.sync()
    assert hub.problems("hold", "conflict") == []
    sales.quiet()


def test_both_sides_change_different_rows_the_plan_shows_both_and_both_hold(hub: Hub) -> None:
    """webCRM and Fortnox: row 1 was changed here and row 3 there; the plan says so for both sides, and afterwards both say the same."""
    sales = Sales(hub)
    id = sales.deliver()
    hub.sync()
    number = hub.links()[str(id)]
    line = min(hub.webcrm.lines_of(id), key=lambda one: one[f"{LINE}SortOrder"])[f"{LINE}Id"]
    hub.webcrm.line(line).update(Quantity=3)
    change_rows(sales, number, {}, {}, {"DeliveredQuantity": 9, "OrderedQuantity": 9})
    hub.age()
    planned = [item for item in hub.plan()["items"] if item["action"] == "update"]
    assert sorted((item["side"], *item["fields"]) for item in planned) == [("left", "rows"), ("right", "rows")]
    hub.sync()
    assert quantities(hub, id) == [3, 0, 9]
    assert [float(row["DeliveredQuantity"]) for row in sales.document(number)["OrderRows"]] == [3, 0, 9]
    sales.quiet()


def salesperson(hub: UpsalesHub, sale: int) -> str:
    return str(hub.upsales.order(sale)["user"]["name"])


def sold_to_another(hub: UpsalesHub) -> tuple[Shop, int]:
    """Return a sale of Anna Lind that goes to another company, whose card in Fortnox names somebody else."""
    shop = Shop(hub)
    hub.fortnox.company.load(
        "customers",
        [{"CustomerNumber": "102", "Name": "Vik AB", "OrganisationNumber": "556036-0793", "OurReference": "Nisse Fors"}],
    )
    hub.sync("customers")
    other = next(int(left) for left, right in hub.links("customers").items() if right == "102")
    number = shop.in_fortnox("orders" if shop.register == "orders" else "invoices", OurReference="Anna Lind")
    hub.sync("sales")
    sale = next(int(left) for left, right in hub.links("sales").items() if right == number)
    assert salesperson(hub, sale) == "Anna Lind"
    hub.upsales.order(sale).update(client={"id": other})
    hub.age()
    return shop, sale


def test_a_salesperson_does_not_lose_the_sale_because_fortnox_sets_the_reference_of_the_new_customer(
    upsales_hub: UpsalesHub,
) -> None:
    """Kind 17: Fortnox takes the new customer's reference; Anna's is written again, and Upsales never hears of the other one."""
    hub = upsales_hub
    shop, sale = sold_to_another(hub)
    hub.sync("sales")
    hub.sync("sales")
    document = shop.document(sale)
    assert (document["CustomerNumber"], document["OurReference"]) == ("102", "Anna Lind")
    assert salesperson(hub, sale) == "Anna Lind"
    hub.quiet()


def test_a_delivery_keeps_its_salesperson_and_its_person_though_fortnox_sets_the_references_of_the_new_customer(hub: Hub) -> None:
    """Kind 17 in webCRM: Responsible and Person are written again beside the new customer, and webCRM never hears of the other card's."""
    sales = Sales(hub, delivery_fields={"our_reference": "Ansvarig", "your_reference": "Kontakt"})
    hub.stream = "customers"
    [other] = hub.webcrm.load("Organisation", [organisation(OrganisationName="Älv AB", OrganisationExtraCustom2="556036-0793")])
    hub.sync()
    hub.fortnox_call(
        "PUT", f"/3/customers/{hub.links()[str(other)]}", {"Customer": {"OurReference": "Nisse Fors", "YourReference": "Elis Ek"}}
    )
    hub.stream = "deliveries"
    user = hub.webcrm.add("User", UserName="Vera Lind")
    person = hub.webcrm.add("Person", OrganisationId=sales.organisation, FirstName="Åsa", LastName="Öberg")
    id = sales.deliver(Responsible=user, PersonId=person)
    hub.sync()
    number = hub.links()[str(id)]
    hub.webcrm.delivery(id).update(OrganisationId=other)
    hub.age()
    hub.clear()
    for _ in range(2):
        hub.age()
        hub.sync()
    document = sales.document(number)
    assert document["CustomerName"] == "Älv AB"
    assert (document["OurReference"], document["YourReference"]) == ("Vera Lind", "Åsa Öberg")
    raw = hub.webcrm.delivery(id).raw()
    assert (raw["DeliveryResponsible"], raw["DeliveryPersonId"], raw["DeliveryOrganisationId"]) == (user, person, other)
    assert [path for method, path, _ in hub.webcrm.writes() if path.endswith(f"/Deliveries/{id}")] == []
    sales.quiet()


def test_what_is_set_back_again_and_again_is_written_once_and_told(upsales_hub: UpsalesHub) -> None:
    """Kind 17: no endless loop; the sale stays Anna's in Upsales, and a person is told."""
    hub = upsales_hub
    _, sale = sold_to_another(hub)
    with heads_become(OurReference="Nisse Fors"):
        hub.sync("sales")
        assert any("set back" in one["text"] or "reference" in one["text"] for one in hub.problems("sales", "hold"))
        for _ in range(2):
            hub.age()
            hub.clear()
            hub.sync("sales")
            assert hub.fortnox_writes() == []
    assert salesperson(hub, sale) == "Anna Lind"


def test_an_echo_is_kept_also_when_the_answer_was_lost(hub: Hub) -> None:
    """DESIGN 6.4: the order is found by its key, and what Fortnox made of its quantity is nobody's edit there either."""
    sales = Sales(hub)
    with rows_become(Quantity=1.9):
        hub.fortnox.faults.arm("lost_answer", method="POST", path="/3/orders", times=1)
        id = sales.deliver()
        hub.sync()
        hub.age()
        hub.sync()
    assert quantities(hub, id) == [2, 0, 4]
    [problem] = hub.problems("hold")
    assert "the quantity is 2 in webCRM and 1.9 in Fortnox" in problem["text"]
    sales.quiet()
