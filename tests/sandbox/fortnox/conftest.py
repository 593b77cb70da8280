"""A Fortnox sandbox on a port for all tests of this folder, fresh for each test, and a client signed in to it."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from brygga_sandbox import fortnox


@pytest.fixture(scope="session")
def server() -> Iterator[fortnox.Sandbox]:
    with fortnox.running(companies=2, rate_limit=False) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: fortnox.Sandbox) -> Iterator[fortnox.Sandbox]:
    with server.lock:
        server.reset()
        server.clock.follow()
        server.requests.clear()
        server.faults.clear()
        server.limiter.enabled = False
        server.renew_tokens()
    yield server
    assert server.failures == []


class Api:
    """A signed-in client; every method takes the path below /3/."""

    def __init__(self, sandbox: fortnox.Sandbox) -> None:
        self.http = httpx2.Client(
            base_url=sandbox.base_url, headers={"Authorization": f"Bearer {sandbox.access_token}"}, timeout=20, verify=False
        )

    def call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        return self.http.request(method, f"/3/{path}", **more)

    def get(self, path: str, **params: Any) -> Any:
        response = self.call("GET", path, params=params or None)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, wrapper: str, **fields: Any) -> Any:
        response = self.call("POST", path, json={wrapper: fields})
        assert response.status_code == 201, response.text
        return response.json()[wrapper]

    def put(self, path: str, wrapper: str, **fields: Any) -> Any:
        response = self.call("PUT", path, json={wrapper: fields})
        assert response.status_code == 200, response.text
        return response.json()[wrapper]

    def refused(self, method: str, path: str, status: int, code: int, message: str | None = None, **more: Any) -> str:
        """Make a call that must be refused with the code, keys spelt as the status wants; return the message."""
        response = self.call(method, path, **more)
        capital = status in (401, 403, 404)
        names = ("Error", "Message", "Code") if capital else ("error", "message", "code")
        assert response.status_code == status, response.text
        body = response.json()["ErrorInformation"]
        assert tuple(body) == names, response.text
        assert body[names[0]] == 1
        assert body[names[2]] == code, response.text
        if message is not None:
            assert body[names[1]] == message
        return str(body[names[1]])


@pytest.fixture
def api(sandbox: fortnox.Sandbox) -> Iterator[Api]:
    client = Api(sandbox)
    yield client
    client.http.close()
