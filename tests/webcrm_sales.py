"""A hub with a customer and articles, whose deliveries are synced with Fortnox, for the walks that people take."""

from __future__ import annotations

from typing import Any

from hub import Hub, organisation

ROW = {"Artikelnummer": "A1", "Benämning": "Bord", "Enhet": "st", "Quantity": 2, "Price": 400, "VatPercentage": 25}
SECOND = {"Artikelnummer": "A2", "Benämning": "Stol", "Enhet": "st", "Quantity": 4, "Price": 125.5, "VatPercentage": 25}
TEXT = {"Benämning": "Levereras till lastkajen"}


class Sales:
    """A hub whose customer is linked and whose articles exist; deliveries are synced by `sync`."""

    def __init__(self, hub: Hub, **settings: Any) -> None:
        self.hub = hub
        hub.declare(**settings)
        self.kind = settings.get("document", "order")
        self.register = {"order": "orders", "invoice": "invoices"}[self.kind]
        [self.organisation] = hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
        with hub.fortnox.lock:
            blank = dict(hub.fortnox.company.table("articles").blank)
            for number, name in (("A1", "Bord"), ("A2", "Stol")):
                hub.fortnox.company.put("articles", number, {**blank, "ArticleNumber": number, "Description": name})
            hub.fortnox.company.commit()
        hub.sync()
        self.customer = hub.links()[str(self.organisation)]
        hub.stream = "deliveries"
        hub.sync()
        hub.clear()

    def deliver(self, *rows: dict[str, Any], **fields: Any) -> int:
        return int(self.hub.webcrm.add_delivery(fields, rows or (ROW, TEXT, SECOND), organisation=self.organisation))

    def document(self, number: str) -> dict[str, Any]:
        with self.hub.fortnox.lock:
            found = self.hub.fortnox.company.get(self.register, number)
        assert found is not None
        return dict(found)

    def documents(self) -> list[dict[str, Any]]:
        with self.hub.fortnox.lock:
            return [dict(one) for one in self.hub.fortnox.company.table(self.register).all()]

    def quiet(self) -> None:
        """A further run writes nothing on either side: no echo."""
        self.hub.age()
        self.hub.clear()
        result = self.hub.sync()
        assert self.hub.fortnox_writes() == []
        assert self.hub.webcrm.writes() == []
        assert result["counts"]["failed"] == 0


def fortnox_document(sales: Sales) -> str:
    """Make a document in Fortnox as a person would, and return its number."""
    rows = [
        {"ArticleNumber": "A1", "Description": "Bord", "DeliveredQuantity": 2, "OrderedQuantity": 2, "Price": 400, "VAT": 25},
        {"Description": "Levereras till lastkajen"},
        {"ArticleNumber": "A2", "Description": "Stol", "DeliveredQuantity": 4, "OrderedQuantity": 4, "Price": 125.5, "VAT": 25},
    ]
    if sales.kind == "invoice":
        rows = [{name: value for name, value in row.items() if name != "OrderedQuantity"} for row in rows]
    one = {"order": "Order", "invoice": "Invoice"}[sales.kind]
    answer = sales.hub.fortnox_call("POST", f"/3/{sales.register}", {one: {"CustomerNumber": sales.customer, f"{one}Rows": rows}})
    return str(answer[one]["DocumentNumber"])
