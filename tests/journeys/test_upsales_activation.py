"""From a connection to the first sync of Upsales: rows UPS-01 to UPS-06, UPS-14, UPS-15."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx2
import pytest

from people import client
from upsales_hub import CHOSEN, STREAMS, Shop, UpsalesHub


def declare(file: Any, who: str) -> None:
    from brygga.sync.declare import declare as apply

    apply(file, who=who)


def crowded(hub: UpsalesHub) -> None:
    """Fill both systems: one company by number, one by name only, one on each side alone, an article that is a product already."""
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "101", "Name": "Fjord AB", "OrganisationNumber": "556016-0680"},
            {"CustomerNumber": "102", "Name": "Björk Bygg AB", "ZipCode": "352 30"},
            {"CustomerNumber": "103", "Name": "Ny i Fortnox AB"},
        ],
    )
    hub.upsales.load(
        "accounts",
        [
            {"name": "Fjord Aktiebolag", "orgNo": "5560160680"},
            {"name": "Björk Bygg AB", "addresses": [{"type": "Mail", "zipcode": "35230"}]},
            {"name": "Bara i Upsales AB"},
            {"name": "Besökare på webben", "isExternal": 1},
        ],
    )
    hub.article("A1", "Bord")
    hub.upsales.load("products", [{"name": "Bord", "articleNo": "A1", "listPrice": 90}])


def test_nothing_is_written_before_the_preview_was_seen(upsales_hub: UpsalesHub) -> None:
    """UPS-02, UPS-03: the plan says what would be linked, asked and made; a run without the yes writes nothing anywhere."""
    hub = upsales_hub
    crowded(hub)
    hub.declare(approved=False)
    plan = hub.plan("customers")
    assert (plan["counts"]["link"], plan["counts"]["question"], plan["counts"]["create"]) == (1, 1, 1)
    result = hub.sync("customers")
    assert result["status"] == "failed"
    assert "has to be looked at and approved" in str(result["message"])
    assert hub.upsales.writes() == []
    assert hub.fortnox_writes() == []
    hub.declare(approved=True)
    assert hub.sync("customers")["status"] in ("done", "partial")
    assert len(hub.links("customers")) == 2


def test_the_check_says_how_far_the_activation_has_come(upsales_hub: UpsalesHub) -> None:
    """UPS-03: key entered, settings chosen, first sync approved: a row each, with what to do next."""
    from brygga.sync.check import check_company

    hub = upsales_hub
    hub.declare(**{**dict.fromkeys(CHOSEN), "approved": None})

    def rows() -> dict[str, str]:
        return {row["subject"]: row["level"] for row in check_company("acme") if row["connection"] == "acme/upsales"}

    assert rows() == {"sign-in": "ok", "settings": "error"}
    hub.declare(**{**CHOSEN, "approved": False})
    assert rows()["activation"] == "warning"
    assert rows()["stages"] == "ok"
    hub.declare(approved=True)
    assert set(rows().values()) == {"ok"}
    hub.upsales.withdraw_key()
    assert rows() == {"sign-in": "error"}


def test_fortnox_is_connected_by_consent_on_its_own_page(upsales_hub: UpsalesHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """UPS-04: the owner is shown the way to Fortnox, approves there, comes back, and the stream runs by the token of that consent."""
    from brygga.store.models import Connection

    hub = upsales_hub
    monkeypatch.setenv("BRYGGA_URL", "http://127.0.0.1:8000")
    hub.declare()
    file = hub.home / "acme.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(f'tenant_id = "{hub.fortnox.tenant_id}"', ""), encoding="utf-8")
    declare(file, who="test")
    Connection.objects.filter(system="fortnox").update(tenant="")
    owner = client("owner", "sv")
    shown = owner.post("/c/acme/connections/fortnox").content.decode()
    address = html.unescape(re.search(r'href="(http://127[^"]+oauth-v1/auth[^"]*)"', shown)[1])  # type: ignore[index]
    page = httpx2.get(address, verify=False).text
    fields = {html.unescape(name): html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)">', page)}
    company = re.search(r'<option value="(\d+)"', page)[1]  # type: ignore[index]
    answer = httpx2.post(address.partition("?")[0], data={**fields, "tenant": company, "decision": "approve"}, verify=False)
    back = str(answer.headers["location"])
    assert owner.get(back.removeprefix("http://127.0.0.1:8000")).status_code == 302
    assert Connection.objects.get(system="fortnox").health == "ok"
    assert hub.sync("customers")["status"] == "done"


def test_the_pasted_key_goes_along_with_each_call_and_is_kept_encrypted(upsales_hub: UpsalesHub) -> None:
    """UPS-05: as the service wants it, in the query; nowhere in our tables in clear."""
    from brygga.store.models import Connection

    hub = upsales_hub
    hub.declare()
    hub.sync("customers")
    assert {f"token={hub.upsales.token}" in seen.query for seen in hub.upsales.requests} == {True}
    kept = " ".join(str(vars(row)) for row in Connection.objects.all())
    assert hub.upsales.token not in kept


def test_a_key_that_was_withdrawn_stops_the_stream_until_a_new_one_is_pasted(
    upsales_hub: UpsalesHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UPS-05: the run says what to do, the key is in no sentence, and nothing is lost meanwhile."""
    hub = upsales_hub
    hub.declare()
    hub.upsales.withdraw_key()
    hub.fortnox.company.load("customers", [{"CustomerNumber": "101", "Name": "Fjord AB"}])
    result = hub.sync("customers")
    assert result["status"] == "failed"
    assert "API key" in str(result["message"])
    assert hub.upsales.token not in str(result)
    monkeypatch.setenv("UPSALES_KEY", hub.upsales.add_app("http://127.0.0.1:9").token)
    hub.declare()
    assert hub.sync("customers")["status"] == "done"
    assert [one["name"] for one in hub.upsales.all("accounts")] == ["Fjord AB"]


def test_the_settings_stand_on_their_page_in_the_vendors_swedish_words(upsales_hub: UpsalesHub) -> None:
    """UPS-06 to UPS-13: each under its label, with the choices; an owner changes one there, and what is wrong is refused by its label."""
    hub = upsales_hub
    hub.declare()
    owner = client("owner", "sv")
    shown = html.unescape(owner.get("/c/acme/settings/upsales/", headers={"accept-language": "sv"}).content.decode())
    for label in (
        "Modul att synka",
        "Uppsamlingsanvändare",
        "Vunnen orderfas",
        "Förlorad orderfas",
        "Offertfas",
        "Prislista",
        "Produktpaket",
    ):
        assert label in shown
    for choice in (
        ">faktura<",
        "order och offert",
        "visa endast paket",
        "visa endast underprodukter",
        "visa paket och underprodukter",
    ):
        assert choice in shown
    form = {"shown": ["product_bundles"], "product_bundles": "bundleAndSubProducts"}
    assert owner.post("/c/acme/settings/upsales/", form).status_code == 302
    assert hub.integration().settings["product_bundles"] == "bundleAndSubProducts"
    refused = owner.post("/c/acme/settings/upsales/", form | {"product_bundles": "allt"})
    assert "product_bundles" in html.unescape(refused.content.decode())
    assert hub.integration().settings["product_bundles"] == "bundleAndSubProducts"


def test_nothing_runs_before_the_required_settings_are_chosen(upsales_hub: UpsalesHub) -> None:
    """UPS-06: each run names what is missing in the vendor's words, and asks neither system for a record."""
    hub = upsales_hub
    crowded(hub)
    terms = {
        "module": "Modul att synka",
        "placeholder_user": "Uppsamlingsanvändare",
        "won_stage": "Vunnen orderfas",
        "lost_stage": "Förlorad orderfas",
        "price_list": "Prislista",
    }
    for key, term in terms.items():
        hub.declare(**{**CHOSEN, key: None})
        for stream in STREAMS:
            result = hub.sync(stream)
            assert result["status"] == "failed"
            assert term in str(result["message"])
    assert hub.upsales.requests == []
    assert [seen for seen in hub.fortnox.requests if seen.path.startswith("/3/")] == []


def test_the_offer_stage_is_needed_only_with_offers(upsales_hub: UpsalesHub) -> None:
    """UPS-06, UPS-12."""
    hub = upsales_hub
    hub.declare(offer_stage=None, module="order")
    assert hub.sync("customers")["status"] == "done"
    hub.declare(module="order_offer")
    assert "Offertfas" in str(hub.sync("customers")["message"])


def test_the_first_sync_goes_customers_products_documents(upsales_hub: UpsalesHub) -> None:
    """UPS-14, UPS-15: each waits for those before it; all of Fortnox arrives; a second round makes nothing again."""
    hub = upsales_hub
    hub.declare()
    hub.article("A1", "Bord")
    hub.fortnox.company.load("customers", [{"CustomerNumber": "101", "Name": "Fjord AB"}])
    row = {"ArticleNumber": "A1", "Description": "Bord", "DeliveredQuantity": 2, "Price": 100}
    hub.fortnox_call("POST", "/3/invoices", {"Invoice": {"CustomerNumber": "101", "InvoiceRows": [row]}})
    for stream, first in (("sales", "customers"), ("products", "customers")):
        result = hub.sync(stream)
        assert f"comes after that of {first}" in str(result["message"])
    assert hub.upsales.writes() == []
    for stream in STREAMS:
        hub.sync(stream)
    made = [path for method, path, _ in hub.upsales.writes() if method == "POST" and "customfields" not in path]
    assert made == ["/api/v2/accounts", "/api/v2/products", "/api/v2/orders"]
    hub.sync_all()
    hub.quiet()


def test_a_first_sync_that_was_broken_off_goes_on_where_it_stopped(upsales_hub: UpsalesHub) -> None:
    """UPS-14: Upsales fails in the middle; the next run makes the rest, and nobody twice."""
    hub = upsales_hub
    hub.declare()
    hub.fortnox.company.load("customers", [{"CustomerNumber": str(n), "Name": f"Bolag {n} AB"} for n in range(101, 111)])
    hub.upsales.faults.arm("error_before", method="POST", path="/api/v2/accounts", status=503, skip=4, times=1)
    hub.sync("customers")
    hub.age()
    hub.sync("customers")
    names = sorted(one["name"] for one in hub.upsales.all("accounts"))
    assert names == sorted(f"Bolag {n} AB" for n in range(101, 111))
    assert len(hub.links("customers")) == 10


def test_custom_fields_are_made_with_the_vendors_aliases_and_those_there_are_used(upsales_hub: UpsalesHub) -> None:
    """Systems.md 4.2: only the missing ones are made, before the first write, and a plan makes none."""
    hub = upsales_hub
    there = hub.upsales.add_custom_field("account", name="Kundnr", alias="FORTNOX_CUSTOMER_ID")
    hub.declare(approved=False)
    hub.plan("customers")
    assert hub.upsales.writes() == []
    hub.declare(approved=True)
    hub.sync_all()
    with hub.upsales.lock:
        made = {entity: {field["alias"] for field in fields.values()} for entity, fields in hub.upsales.state.fields.items()}
    assert made["account"] == {"FORTNOX_CUSTOMER_ID", "VAT_NO", "EMAIL"}
    assert {"FORTNOX_OFFER_ID", "FORTNOX_ORDER_ID", "FORTNOX_ID", "IS_PAID", "SKIP_SYNC"} <= made["order"]
    assert made["product"] == {"FORTNOX_ID"}
    assert hub.upsales.field_id("account", "FORTNOX_CUSTOMER_ID") == there


def test_invoices_and_information_are_synced(upsales_hub: UpsalesHub) -> None:
    """UPS-01: the frame: customer, article and invoice of Fortnox stand in Upsales, a sale of Upsales in Fortnox."""
    shop = Shop(upsales_hub)
    shop.in_fortnox()
    shop.sell()
    shop.hub.sync_all()
    assert len(shop.hub.links("sales")) == 2
    assert len(shop.hub.links("products")) == 2
    shop.hub.quiet()
