"""Where the hub could die: a place before and after each request, and before and after each commit of its database.

They are found by counting what the process does, not by a list: requests by what lies under the client, commits by Django's own
wrappers. A writing statement outside of a transaction is a commit by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


@contextmanager
def counting(at: Callable[[str], None]) -> Iterator[None]:
    """Call *at* before and after each commit of this thread's database connection, with what is committed."""
    mine = threading.get_ident()
    real = BaseDatabaseWrapper.commit

    def commit(self: BaseDatabaseWrapper) -> None:
        if threading.get_ident() != mine:
            real(self)
            return
        try:
            at("before a commit")
        except BaseException:
            # Who dies before a commit has not committed; Django would commit when it leaves the transaction.
            self.rollback()
            raise
        real(self)
        at("after a commit")

    def statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        alone = sql.lstrip()[:7].upper().startswith(_WRITES) and not context["connection"].in_atomic_block
        if not alone:
            return execute(sql, params, many, context)
        at(f"before {sql[:40]}")
        result = execute(sql, params, many, context)
        at(f"after {sql[:40]}")
        return result

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(statement):
        patch.setattr(BaseDatabaseWrapper, "commit", commit)
        yield
