"""The Fortnox client against prepared answers."""

from __future__ import annotations

import httpx2
import pytest

from brygga.clients.fortnox import Fortnox
from brygga.clients.fortnox.auth import SignIn
from brygga.clients.http import Http
from fortnox_far import Far


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def http(far: Far) -> Http:
    return Http("Fortnox", transport=httpx2.MockTransport(far), request_id_header="x-uid", sleep=lambda seconds: None)


@pytest.fixture
def fortnox(http: Http) -> Fortnox:
    return Fortnox(token=lambda: "the-token", send=http.send)


@pytest.fixture
def sign_in(http: Http) -> SignIn:
    return SignIn("client-1", "s3cret", send=http.send)
