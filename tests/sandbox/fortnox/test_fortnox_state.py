"""State: loading in bulk, a folder that survives, reset, the command, and how fast and small it is."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from brygga_sandbox import fortnox


def test_records_load_in_bulk_over_the_admin_address_and_in_python(sandbox: Any, api: Any) -> None:
    records = [{"Name": f"Kund {n}", "InvoiceDiscount": 2.5} for n in range(1000)]
    assert api.http.post("/-/admin/records/first/customers", json=records).json() == {"loaded": 1000}
    assert api.get("customers/1000")["Customer"]["InvoiceDiscount"] == 2.5
    wrong = api.http.post("/-/admin/records/first/customers", json=[{"Namn": "x"}])
    assert (wrong.status_code, "Namn" in wrong.text) == (400, True)
    with sandbox.lock, pytest.raises(ValueError, match="no register 'kunder'"):
        sandbox.company.load("kunder", [])
    with sandbox.lock:
        sandbox.company.load("articles", [{"ArticleNumber": "X", "Description": "A", "SalesPrice": 99}])
    assert api.get("articles/X")["Article"]["SalesPrice"] == 99
    shown = api.http.get("/-/admin/records/first/articles/X").json()
    assert shown["SalesAccount"] == 3001
    assert api.http.post("/-/admin/reset").json() == {"ok": True}
    assert api.get("customers")["MetaInformation"]["@TotalResources"] == 0


@pytest.mark.parametrize("body", [b"{", b"5", b"[5]", b"\xff", b""])
def test_a_broken_body_to_the_admin_address_is_said_so(api: Any, body: bytes) -> None:
    refused = api.http.post("/-/admin/records/first/customers", content=body)
    assert (refused.status_code, list(refused.json())) == (400, ["error"])


def test_settings_over_the_admin_address(api: Any) -> None:
    api.http.put("/-/admin/values/first", json={"locked_until": "2026-01-31", "modules": ["Bokföring"]})
    assert api.get("settings/lockedperiod")["LockedPeriod"]["EndDate"] == "2026-01-31"
    api.refused("GET", "customers", 403, 2001101)
    api.http.put("/-/admin/values/first", json={"modules": list(fortnox.state.MODULES)})


def test_a_folder_keeps_records_settings_tokens_and_events(tmp_path: Path) -> None:
    with fortnox.running(state=tmp_path, rate_limit=False) as first:
        bearer = {"Authorization": f"Bearer {first.access_token}"}
        with httpx2.Client(base_url=first.base_url, headers=bearer, verify=False) as client:
            client.post("/3/customers", json={"Customer": {"Name": "Kvar", "InvoiceDiscount": 2.5}})
            client.post("/3/customers", json={"Customer": {"Name": "Borta"}})
            client.delete("/3/customers/2")
            client.put("/-/admin/values/first", json={"locked_until": "2026-01-31", "modules": ["Order"]})
        refresh, last = first.refresh_token, first.topics.last
    with fortnox.running(state=tmp_path, rate_limit=False) as second:
        with httpx2.Client(base_url=second.base_url, headers=bearer, verify=False) as client:
            listed = client.get("/3/customers").json()
            assert [row["Name"] for row in listed["Customers"]] == ["Kvar"]
            assert client.get("/3/customers/1").json()["Customer"]["InvoiceDiscount"] == 2.5
            taken = client.post("/3/customers", json={"Customer": {"Name": "A", "CustomerNumber": "2"}})
            assert taken.json()["ErrorInformation"]["code"] == 2000637
            form = {"grant_type": "refresh_token", "refresh_token": refresh}
            auth = httpx2.BasicAuth(second.client_id, second.client_secret)
            assert client.post("/oauth-v1/token", auth=auth, data=form).status_code == 200
        assert second.company["locked_until"] == "2026-01-31"
        assert second.company.modules == {"Order"}
        assert second.topics.last == last


def test_the_command_prints_addresses_and_stops_when_asked(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "brygga_sandbox.fortnox", "--json", "--state", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = json.loads(process.stdout.readline())["fortnox"]
        answer = httpx2.get(found["base_url"] + "/3/me", headers={"Authorization": f"Bearer {found['access_token']}"}, verify=False)
        assert answer.json()["Me"]["Locale"] == "sv_SE"
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_500_of_100000_and_what_it_costs(sandbox: Any, api: Any, capsys: Any) -> None:
    began = time.monotonic()
    with sandbox.lock:
        sandbox.company.load(
            "customers",
            ({"CustomerNumber": str(n), "Name": f"Kund {n} AB", "City": "Umeå", "Phone1": "090-1"} for n in range(1, 100_001)),
        )
    loaded = time.monotonic() - began
    took = {}
    for query in ("limit=500&page=200", "limit=500&name=kund%2099", "limit=500&lastmodified=2026-01-01"):
        began = time.monotonic()
        body = api.get(f"customers?{query}")
        took[query] = round((time.monotonic() - began) * 1000)
        assert len(body["Customers"]) == 500
    with capsys.disabled():
        sys.stdout.write(f"\n100,000 customers loaded in {loaded:.2f} s; pages of 500 in ms: {took}\n")
