"""Parts for the tests of webCRM's client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import httpx2
import pytest

from webcrm_scripted import Reply, Scripted
from webcrm_scripted import sample as read_sample


@pytest.fixture
def sample() -> Callable[[str], httpx2.Response]:
    return read_sample


@pytest.fixture
def webcrm() -> Callable[..., Scripted]:
    def make(*replies: Reply, **kwargs: Any) -> Scripted:
        return Scripted(list(replies), **kwargs)

    return make


@pytest.fixture
def page() -> Callable[[Sequence[int]], httpx2.Response]:
    """Return a page of organisations with these ids."""
    return lambda ids: httpx2.Response(200, json=[{"OrganisationId": id, "OrganisationName": f"Bolag {id}"} for id in ids])
