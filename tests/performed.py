"""A journey that performs a repair says so by a mark, and is held to it: the problem stood with that repair, and is open no more at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """After a journey with `@pytest.mark.performs(...)`: each of its repairs was told of a problem that is solved or left out now."""
    yield
    named = [text for mark in item.iter_markers("performs") for text in mark.args]
    if named:
        from brygga.store.models import Problem

        rows = Problem.objects.exclude(state=Problem.State.OPEN).exclude(repair=None)
        solved = {row.repair["template"] for row in rows}
        assert set(named) <= solved, f"not performed: {sorted(set(named) - solved)}; solved: {sorted(solved)}"
