"""The table of connectors: what connects, and the files that every connector has."""

from __future__ import annotations

import tomllib
from pathlib import Path

import httpx2
import pytest

import brygga.connectors
from brygga.clients.limits import Unlimited
from brygga.connectors import Account, connect, stream
from brygga.connectors.webcrm import settings as webcrm_settings
from brygga.core.policy import LEFT, RIGHT, Holding
from brygga.errors import SettingsError

FOLDER = Path(brygga.connectors.__file__).parent
SYSTEMS = sorted(brygga.connectors.CONNECT)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_connector_has_the_same_files(system: str) -> None:
    there = {path.name for path in (FOLDER / system).iterdir()}
    wanted = {"manifest.toml", "settings.py", "map.py", "read.py", "write.py", "check.py", "README.md", "quality.toml"}
    assert wanted <= there
    assert ("streams.py" in there) == (system != "fortnox")
    manifest = tomllib.loads((FOLDER / system / "manifest.toml").read_text())
    assert manifest["name"] == system
    for tier in tomllib.loads((FOLDER / system / "quality.toml").read_text()).values():
        for answer in tier.values():
            assert answer == "done" or answer["exempt"]


@pytest.mark.parametrize(
    ("system", "host", "body"),
    [
        ("fortnox", "api.fortnox.se", {"Customers": [], "MetaInformation": None}),
        ("webcrm", "api.webcrm.com", []),
    ],
)
def test_a_connector_reads_over_the_transport_it_was_given(system: str, host: str, body: object) -> None:
    seen: list[httpx2.Request] = []
    counted: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        if request.url.path == "/Auth/ApiLogin":
            return httpx2.Response(200, json={"AccessToken": "a", "ExpiresIn": 3600})
        if request.url.path.startswith("/FieldsMetadata"):
            field = {"FieldMetadataFriendlyFieldName": "OrganisationXText1", "FieldMetadataLabel": "Kundnummer"}
            return httpx2.Response(200, json=[field])
        return httpx2.Response(200, json=body)

    account = Account(
        "",
        lambda: "secret",
        limiter=Unlimited(),
        log=lambda method, path, status, seconds: counted.append(f"{method} {path} {status}"),
        transport=httpx2.MockTransport(answer),
    )
    connector = connect(system, account)
    assert connector.system == system
    assert list(connector.changed("customer", None)) == []
    assert {request.url.host for request in seen} == {host}
    assert len(counted) == len(seen)
    assert "secret" not in repr(account)


def test_an_unknown_system_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"no connector for visma\. The systems are fortnox, "):
        connect("visma", Account("", lambda: ""))


def test_streams_come_with_the_rules_of_the_settings() -> None:
    """WEB-05, WEB-26."""
    held = {LEFT: Holding(frozenset({"name"})), RIGHT: Holding(frozenset({"name"}))}
    found = stream("webcrm", "customers", webcrm_settings.read({}), "acme", lambda kind: held)
    assert (found.kind, found.rules.policy.governed, found.rules.holds) == ("customer", {"number": RIGHT}, held)
    assert brygga.connectors.STREAMS["webcrm"]["customers"]["every"] == 360
    with pytest.raises(SettingsError, match=r"webcrm has no stream custmers\. It has: customers"):
        stream("webcrm", "custmers", webcrm_settings.read({}), "acme", lambda kind: held)
