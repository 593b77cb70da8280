"""An article that a repair makes says what the row that waits for it says: name, unit, rate and sales account; never a price (kind 1)."""

from __future__ import annotations

from typing import Any

import pytest

from brygga.errors import SettingsError
from textalk_hub import TextalkHub

BOOK = {"articleNumber": "BOK-9", "name": "Bok", "incVat": 106, "vatRate": 0.06}
FREE = {"articleNumber": "FRI-9", "name": "Kurs", "incVat": 125, "vatRate": 0.25}


def made_of(hub: TextalkHub, order: int, **typed: str) -> dict[str, Any]:
    """Let the article be made that an order waits for; return what was posted."""
    from brygga.store.models import Problem
    from brygga.sync import repair, resolve

    [row] = Problem.objects.filter(state=Problem.State.OPEN, record_id=str(order))
    hub.clear()
    repair.ask(resolve.find(row.pk), "make", typed, "britta")
    hub.sync()
    [body] = [body["Article"] for method, path, body in hub.fortnox_writes() if (method, path) == ("POST", "/3/articles")]
    return dict(body)


def test_an_article_that_a_repair_makes_has_the_rate_and_the_account_of_its_row(textalk_hub: TextalkHub) -> None:
    from brygga.store.models import Problem
    from brygga.sync import repair, resolve

    hub = textalk_hub
    hub.declare(create_needed_articles=False)
    order, other = hub.order(items=[BOOK]), hub.order(items=[FREE])
    hub.sync()
    [row] = Problem.objects.filter(state=Problem.State.OPEN, record_id=str(order))
    [offer] = [one for one in repair.offers(row) if one.name == "make"]
    assert offer.fields == {"name": "Bok", "unit": "", "vat": "6", "sales_account": "3003"}
    for typed, said in (({"vat": "7"}, "“7” is no VAT rate"), ({"sales_account": "30"}, "“30” is no account")):
        with pytest.raises(SettingsError, match=said):
            repair.ask(resolve.find(row.pk), "make", typed, "britta")
    body = made_of(hub, order)
    assert body == {"ArticleNumber": "BOK-9", "Description": "Bok", "VAT": 6, "SalesAccount": 3003}
    held = hub.act_get("/3/articles/BOK-9")["Article"]
    assert (held["VAT"], held["SalesAccount"], hub.number(order)) == (6, 3003, "1")
    # A person who takes the account away leaves it to the rate: the predefined one, never that of another rate.
    body = made_of(hub, other, vat="25", sales_account="", unit="st", name="Kurs i bokföring")
    assert body == {"ArticleNumber": "FRI-9", "Description": "Kurs i bokföring", "Unit": "st", "VAT": 25, "SalesAccount": 3001}
    assert hub.number(other) == "2"
    assert hub.problems("buyers", "hold", "failed") == []
