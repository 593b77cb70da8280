"""A journey that performs a repair says so by a mark, and is held to it: a problem was told with that repair, and none is open at its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Around a journey with `@pytest.mark.performs(...)`: each of its repairs is told of some record, and of none any more at the end."""
    named = {text for mark in item.iter_markers("performs") for text in mark.args}
    if not named:
        yield
        return
    from brygga.store import problems

    told: set[str] = set()
    own = problems.put_many

    def put_many(integration: int, stream: str, troubles: Any, now: Any) -> Any:
        told.update(one.repair.template for one in troubles if one.repair)
        return own(integration, stream, troubles, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(problems, "put_many", put_many)
        yield
    from brygga.store.models import Problem

    rows = Problem.objects.filter(state=Problem.State.OPEN).exclude(repair=None)
    still = {row.repair["template"] for row in rows}
    assert named <= told, f"never told: {sorted(named - told)}; told: {sorted(told)}"
    assert not named & still, f"not solved: {sorted(named & still)}"
