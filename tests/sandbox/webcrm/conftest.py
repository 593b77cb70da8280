"""A webCRM sandbox and a plain HTTP caller, for tests of the sandbox itself."""

from collections.abc import Iterator

import pytest

from brygga_sandbox import webcrm
from brygga_sandbox.webcrm import Installation, Sandbox
from webcrm_caller import UNLIMITED, Caller


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with webcrm.running(Installation(limits=UNLIMITED)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    """An empty webCRM without load limits."""
    running.reset()
    return running


@pytest.fixture
def call(sandbox: Sandbox) -> Iterator[Caller]:
    caller = Caller(sandbox)
    yield caller
    caller.http.close()
