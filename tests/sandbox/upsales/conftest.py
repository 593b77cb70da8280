"""An Upsales sandbox and a plain HTTP caller, written from the documents and not from our client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from brygga_sandbox import upsales
from brygga_sandbox.upsales import Sandbox, Setup

Call = Callable[..., httpx2.Response]


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with upsales.running(Setup(calls=0, price_lists=True)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    """An empty account without a limit."""
    running.reset()
    return running


@pytest.fixture
def call(sandbox: Sandbox) -> Iterator[Call]:
    with httpx2.Client(timeout=20, verify=False) as http:

        def send(method: str, path: str, body: Any = None, **query: Any) -> httpx2.Response:
            params = {"token": sandbox.token, **query}
            return http.request(method, f"{sandbox.base_url}/api/v2{path}", params=params, json=body)

        yield send
