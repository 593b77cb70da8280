"""webCRM sandbox: the small part of SQL that /Queries understands."""

from datetime import datetime
from time import monotonic

import pytest

from brygga_sandbox.webcrm import Sandbox
from webcrm_caller import Caller

NOON = datetime.fromisoformat("2026-03-02T12:00:00+01:00")


@pytest.fixture
def books(sandbox: Sandbox) -> Sandbox:
    """Three organisations, two persons, three deliveries an hour apart."""
    kinds = ("Kund – Företag", "Kund – Privat", "")
    names = ("Fjord AB", "O'Brien & Söner", "Berg AB")
    rows = zip(names, kinds, strict=True)
    sandbox.load("Organisation", [{"OrganisationName": name, "OrganisationType": kind} for name, kind in rows])
    sandbox.load(
        "Person",
        [
            {"PersonOrganisationId": 1, "PersonLastName": "Ek", "PersonCustom4": "Yes"},
            {"PersonOrganisationId": 2, "PersonLastName": "Lind"},
        ],
    )
    hours = ("2026-03-02T12:00:00+01:00", "2026-03-02T13:00:00+01:00", "2026-03-02T14:00:00+01:00")
    sandbox.load(
        "Delivery",
        [
            {"DeliveryOrganisationId": 1 + n % 2, "DeliveryNumber": f"L{n}", "DeliveryUpdatedAt": hour, "DeliveryOrderValue": n}
            for n, hour in enumerate(hours)
        ],
    )
    sandbox.delivery(3).update(Status="Completed")
    sandbox.load(
        "QuotationLineLinkedDataItem",
        [{"QuotationLineLinkedDataItemData1": "A100", "QuotationLineLinkedDataItemEntityType": "Product"}],
    )
    return sandbox


def _names(call: Caller, script: str) -> list[str]:
    answer = call.query(script)
    assert answer.status_code == 200, answer.text
    return [row["DeliveryNumber"] for row in answer.json()]


def test_deliveries_changed_since_as_the_vendors_client_asks(books: Sandbox, call: Caller) -> None:
    script = "\n SELECT *\n FROM Delivery\n WHERE DeliveryUpdatedAt >= '2026-03-02T12:00:00.0000000Z'"
    assert _names(call, script) == ["L1", "L2"]
    assert _names(call, script.replace("Z'", "+01:00'") + " ORDER BY DeliveryUpdatedAt DESC") == ["L2", "L1", "L0"]


def test_words_in_any_capitals_with_alias_and_order(books: Sandbox, call: Caller) -> None:
    rows = call.query("select * from organisation t where t.organisationid > 1 order by OrganisationName ASC").json()
    assert [row["OrganisationName"] for row in rows] == ["Berg AB", "O'Brien & Söner"]
    assert [row["RowNumber"] for row in rows] == [1, 2]
    assert "o_lastUpdatedById" in rows[0]


def test_chosen_columns_only_and_doubled_quotes(books: Sandbox, call: Caller) -> None:
    rows = call.query("SELECT OrganisationId, OrganisationName FROM Organisation WHERE OrganisationName = 'o''brien & söner'")
    assert rows.json() == [{"OrganisationId": 2, "OrganisationName": "O'Brien & Söner"}]


def test_brackets_and_or_bind_as_in_sql(books: Sandbox, call: Caller) -> None:
    both = "DeliveryNumber = 'L0' OR DeliveryNumber = 'L1'"
    assert _names(call, f"SELECT * FROM Delivery WHERE ({both}) AND DeliveryOrderValue >= 1") == ["L1"]
    assert _names(call, f"SELECT * FROM Delivery WHERE {both} AND DeliveryOrderValue >= 1") == ["L0", "L1"]


@pytest.mark.parametrize(
    ("where", "hits"),
    [
        ("DeliveryNumber <> 'L1'", ["L0", "L2"]),
        ("DeliveryNumber != 'l1'", ["L0", "L2"]),
        ("DeliveryNumber LIKE '%2'", ["L2"]),
        ("DeliveryNumber NOT LIKE '_0'", ["L1", "L2"]),
        ("DeliveryOrderValue < 1.5 AND DeliveryOrderValue > -1", ["L0", "L1"]),
        ("DeliveryOrderValue <= '0'", ["L0"]),
        ("DeliveryStatus = 'completed'", ["L2"]),
        ("DeliveryStatus = 3", ["L2"]),
        ("DeliveryOrderDate = '0001-01-01'", ["L0", "L1", "L2"]),
        ("DeliveryOrderDate >= '1900-01-01'", []),
        ("DeliveryErpId IS NULL", []),
        ("DeliveryErpId IS NOT NULL", ["L0", "L1", "L2"]),
        ("DeliveryErpId = ''", ["L0", "L1", "L2"]),
    ],
)
def test_conditions(books: Sandbox, call: Caller, where: str, hits: list[str]) -> None:
    assert _names(call, f"SELECT * FROM Delivery WHERE {where}") == hits


def test_unset_list_compares_as_the_words_it_shows(books: Sandbox, call: Caller) -> None:
    rows = call.query("SELECT OrganisationName FROM Organisation WHERE OrganisationType = '-- välj --'").json()
    assert rows == [{"OrganisationName": "Berg AB"}]


def test_join_of_persons_with_their_organisations_as_the_vendors_client_asks(books: Sandbox, call: Caller) -> None:
    script = """
        SELECT * FROM Person
        JOIN Organisation ON (Person.PersonOrganisationId = Organisation.OrganisationId)
        WHERE PersonUpdatedAt >= '2020-01-01' AND PersonCustom4 = 'Yes' AND (OrganisationType = 'Kund – Företag')"""
    [row] = call.query(script).json()
    assert (row["PersonLastName"], row["OrganisationName"]) == ("Ek", "Fjord AB")


def test_articles_are_called_linked_data_there(books: Sandbox, call: Caller) -> None:
    script = "SELECT * FROM LinkedData WHERE LinkedDataItemEntityType = 7 AND LinkedDataItemData1 = 'a100'"
    [row] = call.query(script).json()
    assert (row["LinkedDataItemId"], row["LinkedDataItemData1"], "LinkedDataItemCostPrice" in row) == (1, "A100", False)


def test_pages_of_a_query(books: Sandbox, call: Caller) -> None:
    pages = [call.query("SELECT * FROM Delivery ORDER BY DeliveryId", page, 2).json() for page in (1, 2, 3)]
    assert [[row["RowNumber"] for row in page] for page in pages] == [[1, 2], [3], []]


@pytest.mark.parametrize(
    "script",
    [
        "",
        "DELETE FROM Delivery",
        "SELECT * FROM Katt",
        "SELECT * FROM Delivery WHERE Katt = 1",
        "SELECT * FROM Delivery WHERE DeliveryNumber",
        "SELECT * FROM Delivery WHERE DeliveryNumber = ",
        "SELECT * FROM Delivery WHERE DeliveryNumber = L1",
        "SELECT * FROM Delivery WHERE DeliveryUpdatedAt >= 'i dag'",
        "SELECT * FROM Delivery WHERE DeliveryOrderValue = 'mycket'",
        "SELECT * FROM Delivery WHERE DeliveryStatus = 'Klar'",
        "SELECT * FROM Delivery WHERE DeliveryNumber IN ('L1')",
        "SELECT * FROM Delivery WHERE (DeliveryNumber = 'L1'",
        "SELECT * FROM Delivery WHERE DeliveryNumber LIKE '[a]'",
        "SELECT * FROM Delivery WHERE DeliveryId LIKE '1%'",
        "SELECT TOP 5 * FROM Delivery",
        "SELECT COUNT(*) FROM Delivery",
        "SELECT * FROM Delivery; SELECT * FROM Person",
        "SELECT * FROM Delivery ORDER BY",
        "SELECT * FROM Delivery GROUP BY DeliveryId",
        "SELECT * FROM Delivery WHERE DeliveryNumber = 'L1",
        "SELECT * FROM Person JOIN Organisation ON PersonId = PersonId",
        "SELECT * FROM Person JOIN Organisation",
        "SELECT UserPassword FROM User",
    ],
)
def test_all_else_is_refused_with_a_sentence(books: Sandbox, call: Caller, script: str) -> None:
    answer = call.query(script)
    assert answer.status_code == 400
    assert len(answer.text) > 10


def test_ten_thousand_deliveries_with_five_rows_each_are_asked_for_changes_fast(sandbox: Sandbox, call: Caller) -> None:
    sandbox.clock.stop_at(NOON)
    call.login(sandbox.auth_code)
    sandbox.load("Organisation", [{"OrganisationName": "Fjord AB"}])
    sandbox.load("Delivery", ({"DeliveryOrganisationId": 1, "DeliveryNumber": f"L{n}"} for n in range(10_000)))
    rows = ({"QuotationLineOpportunityId": 1 + n // 5, "QuotationLinePrice": 10.5} for n in range(50_000))
    sandbox.load("QuotationLine", rows)
    began = monotonic()
    assert call.query("SELECT * FROM Delivery WHERE DeliveryUpdatedAt > '2026-03-02T12:00:00' ORDER BY DeliveryId").json() == []
    assert call.query("SELECT * FROM QuotationLine WHERE QuotationLineUpdatedAt > '2026-03-02T12:00:00'").json() == []
    assert len(call("GET", "/Deliveries/9999/QuotationLines").json()) == 5
    assert monotonic() - began < 3
