"""A plain HTTP caller of a webCRM sandbox, written from the documents and not from our client."""

import time
from typing import Any

import httpx2

from brygga_sandbox.webcrm import Limits, Sandbox

UNLIMITED = Limits(calls=0, creates=0, parallel=0)


class Caller:
    """Calls a sandbox with one access token, as any program would; `pause` seconds before each call."""

    def __init__(self, sandbox: Sandbox, pause: float = 0.0) -> None:
        self.http = httpx2.Client(base_url=sandbox.base_url, timeout=20, verify=False)
        self.pause = pause
        self.login(sandbox.auth_code)

    def login(self, code: str) -> httpx2.Response:
        answer = self.http.post("/Auth/ApiLogin", data={"authCode": code})
        if answer.status_code == 200 and not answer.json()["IsError"]:
            self.http.headers["Authorization"] = "Bearer " + answer.json()["AccessToken"]
        return answer

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> httpx2.Response:
        if self.pause:
            time.sleep(self.pause)
        return (
            self.http.request(method, path, json=body, params=query)
            if body is not None
            else self.http.request(method, path, params=query)
        )

    def query(self, script: str, page: int = 1, size: int = 1000) -> httpx2.Response:
        return self("GET", "/Queries", script=script, Page=page, Size=size)
