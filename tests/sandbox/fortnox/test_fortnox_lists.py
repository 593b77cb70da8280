"""Paging, sorting, filters, contains-search and lastmodified."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def numbers(body: dict[str, Any]) -> list[str]:
    return [row["CustomerNumber"] for row in body["Customers"]]


@pytest.fixture
def many(sandbox: Any) -> None:
    with sandbox.lock:
        sandbox.company.load(
            "customers",
            [{"CustomerNumber": str(n), "Name": f"Kund {n:04}", "Active": n % 2 == 0, "City": "Umeå"} for n in range(1, 1203)],
        )


@pytest.mark.usefixtures("many")
def test_pages_are_cut_as_asked(api: Any) -> None:
    body = api.get("customers")
    assert list(body) == ["MetaInformation", "Customers"]
    assert body["MetaInformation"] == {"@TotalResources": 1202, "@TotalPages": 13, "@CurrentPage": 1}
    assert len(body["Customers"]) == 100
    last = api.get("customers", limit=500, page=3)
    assert last["MetaInformation"] == {"@TotalResources": 1202, "@TotalPages": 3, "@CurrentPage": 3}
    assert numbers(last)[0] == "1001"
    assert len(last["Customers"]) == 202
    shifted = api.get("customers", limit=2, offset=2)
    assert numbers(shifted) == ["3", "4"]
    assert shifted["MetaInformation"]["@CurrentPage"] == 1


@pytest.mark.usefixtures("many")
def test_a_page_past_the_end_is_empty(api: Any) -> None:
    body = api.get("customers", page=99)
    assert body["Customers"] == []
    assert body["MetaInformation"]["@TotalResources"] == 1202


def test_no_hit_is_an_empty_list(api: Any) -> None:
    body = api.get("customers", name="nobody")
    assert body == {"MetaInformation": {"@TotalResources": 0, "@TotalPages": 0, "@CurrentPage": 1}, "Customers": []}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=-1", "limit=x", "page=0", "page=-1", "page=1.5", "offset=-1", "limit=", "limit=%D9%A1",
     "sortby=City", "sortorder=up", "Name=x", "unknown=1", "lastmodified=yesterday", "lastmodified=2026-13-01", "page=99999999999"],
)  # fmt: skip
def test_a_parameter_that_makes_no_sense(api: Any, query: str) -> None:
    api.refused("GET", f"customers?{query}", 400, 2000588, "Ogiltig parameter i anropet.")


def test_an_unknown_filter(api: Any) -> None:
    api.refused("GET", "customers?filter=Active", 400, 2000587, "Ett ogiltigt filter har använts.")


@pytest.mark.usefixtures("many")
def test_filters_and_order(api: Any) -> None:
    assert numbers(api.get("customers", filter="inactive", limit=2)) == ["1", "3"]
    assert numbers(api.get("customers", filter="active", limit=2)) == ["2", "4"]
    assert numbers(api.get("customers", sortby="customernumber", sortorder="descending", limit=2)) == ["1202", "1201"]
    assert numbers(api.get("customers", sortby="name", sortorder="descending", limit=1)) == ["1202"]
    assert numbers(api.get("customers", sortorder="descending", limit=2, page=601)) == ["2", "1"]


def test_a_filtered_list_knows_what_was_written_since_and_what_was_refused(api: Any) -> None:
    for name in ("B", "C", "A"):
        api.post("customers", "Customer", Name=name)
    active, inactive = ({"filter": "active", "sortby": "name"}, {"filter": "inactive"})
    assert (numbers(api.get("customers", **active)), numbers(api.get("customers", **inactive))) == (["3", "1", "2"], [])
    api.put("customers/1", "Customer", Active=False)
    assert (numbers(api.get("customers", **active)), numbers(api.get("customers", **inactive))) == (["3", "2"], ["1"])
    assert api.call("PUT", "customers/2", json={"Customer": {"Active": False, "CountryCode": "??"}}).status_code == 400
    assert numbers(api.get("customers", filter="active", sortorder="descending")) == ["3", "2"]
    assert numbers(api.get("customers", filter="active", name="a")) == ["3"]


def test_a_sorted_list_knows_what_was_written_since(api: Any) -> None:
    for name in ("B", "C"):
        api.post("customers", "Customer", Name=name)
    assert numbers(api.get("customers", sortby="name")) == ["1", "2"]
    api.put("customers/2", "Customer", Name="A")
    api.post("customers", "Customer", Name="AA")
    assert numbers(api.get("customers", sortby="name")) == ["2", "3", "1"]
    api.call("DELETE", "customers/3")
    assert numbers(api.get("customers", sortby="name", sortorder="descending")) == ["1", "2"]


def test_numbers_sort_by_value_and_texts_after(sandbox: Any, api: Any) -> None:
    with sandbox.lock:
        sandbox.company.load("customers", [{"CustomerNumber": n, "Name": "A"} for n in ("10", "9", "A2", "101", "2")])
    assert numbers(api.get("customers")) == ["2", "9", "10", "101", "A2"]


def test_search_is_contains_in_any_case_and_parameters_are_joined(api: Any) -> None:
    for name, city in (("Testbolaget", "Lund"), ("Mätest AB", "Lund"), ("Annat", "Lund"), ("TEST", "Kiruna")):
        api.post("customers", "Customer", Name=name, City=city)
    assert numbers(api.get("customers", name="test")) == ["1", "2", "4"]
    assert numbers(api.get("customers", name="test", city="lund")) == ["1", "2"]
    assert numbers(api.get("customers", customernumber="")) == ["1", "2", "3", "4"]


def test_a_hit_is_not_an_identity(api: Any) -> None:
    for number in ("1", "10", "21", "3"):
        api.post("articles", "Article", ArticleNumber=number, Description="A")
    found = [row["ArticleNumber"] for row in api.get("articles", articlenumber="1")["Articles"]]
    assert found == ["1", "10", "21"]


def test_lastmodified_goes_by_the_minute_of_swedish_time(sandbox: Any, api: Any) -> None:
    sandbox.clock.stop_at(datetime(2026, 6, 1, 12, 30, 59, tzinfo=STOCKHOLM))
    api.post("customers", "Customer", Name="Först")
    sandbox.clock.stop_at(datetime(2026, 6, 1, 12, 31, 0, tzinfo=STOCKHOLM))
    api.post("customers", "Customer", Name="Sedan")
    assert numbers(api.get("customers", lastmodified="2026-06-01 12:30")) == ["1", "2"]
    assert numbers(api.get("customers", lastmodified="2026-06-01 12:31:00")) == ["2"]
    assert numbers(api.get("customers", lastmodified="2026-06-01 12:32")) == []
    assert numbers(api.get("customers", lastmodified="2026-06-01")) == ["1", "2"]
    api.put("customers/1", "Customer", City="Lund")
    assert numbers(api.get("customers", lastmodified="2026-06-01 12:31")) == ["1", "2"]


def test_the_hour_that_comes_twice_in_autumn_looks_the_same(sandbox: Any, api: Any) -> None:
    sandbox.clock.stop_at(datetime(2026, 10, 25, 2, 30, fold=0, tzinfo=STOCKHOLM))
    api.post("customers", "Customer", Name="Sommartid")
    sandbox.clock.stop_at(datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=STOCKHOLM))
    api.post("customers", "Customer", Name="Vintertid")
    assert numbers(api.get("customers", lastmodified="2026-10-25 02:30")) == ["1", "2"]


def test_deleted_records_never_show_in_lastmodified(api: Any) -> None:
    api.post("customers", "Customer", Name="A")
    assert api.call("DELETE", "customers/1").status_code == 204
    assert numbers(api.get("customers", lastmodified="2020-01-01")) == []


def test_labels_are_neither_paged_nor_counted_and_units_ignore_limit(api: Any) -> None:
    for number in range(3):
        api.post("labels", "Label", Description=f"Etikett {number}")
    assert len(api.get("labels", limit=1)["Labels"]) == 3
    units = api.get("units", limit=1)
    assert len(units["Units"]) == 5
    assert units["MetaInformation"]["@TotalPages"] == 1
