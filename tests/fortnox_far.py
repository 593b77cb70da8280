"""A Fortnox of prepared answers: what it is asked is kept, what it says comes from tests/samples/fortnox."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import httpx2

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "tests" / "samples" / "fortnox"

Prepared = str | httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


def sample(name: str) -> httpx2.Response:
    """Return the answer kept under a name that ends in its status, as customer_404."""
    kept = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    assert kept["source"]
    body = kept["body"] if isinstance(kept["body"], str) else json.dumps(kept["body"])
    return httpx2.Response(int(name.rsplit("_", 1)[1]), headers=kept["headers"], content=body.encode())


def script(name: str) -> ModuleType:
    """Return a script of scripts/ as a module, under a name that hides no other (one of them is called coverage)."""
    spec = importlib.util.spec_from_file_location(f"script_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Far:
    """The far end. `will` prepares answers, in order; `asked` says what was asked of it."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []
        self._prepared: list[Prepared] = []

    def will(self, *answers: Prepared) -> Far:
        self._prepared += answers
        return self

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self._prepared.pop(0)
        if isinstance(answer, str):
            return sample(answer)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx2.Response) else answer(request)

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Method and address with its query, of every request."""
        return [(request.method, request.url.raw_path.decode()) for request in self.requests]

    @property
    def sent(self) -> object:
        """The JSON of the last request."""
        return json.loads(self.requests[-1].content)
