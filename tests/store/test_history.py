"""The history is a chain that shows every meddling, and that the database itself protects."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from brygga.store import history, migrate
from brygga.store.models import Company, HistoryEvent
from databases import DatabaseUnderTest


def _company(slug: str = "acme") -> int:
    return Company.objects.create(slug=slug, name=slug).pk


def _unprotected(act: Callable[[], object]) -> None:
    """Do what a person with the database's password could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE store_historyevent DISABLE TRIGGER append_only")
        else:
            cursor.execute("DROP TRIGGER store_historyevent_no_update")
            cursor.execute("DROP TRIGGER store_historyevent_no_delete")
    act()


def test_chain_of_lines_is_whole_and_each_company_has_its_own(database: DatabaseUnderTest) -> None:
    acme, other = _company(), _company("other")
    for number in range(5):
        history.append(acme, "write done", detail={"number": number, "name": "Å & Ö"})
    history.append(other, "write done")
    assert [event.number for event in HistoryEvent.objects.filter(company=acme).order_by("number")] == [1, 2, 3, 4, 5]
    assert history.verify(acme) == history.Chain(5, HistoryEvent.objects.get(company=acme, number=5).hash)
    assert history.verify(other).length == 1
    assert history.verify(_company("empty")) == history.Chain(0, history.FIRST)


def test_database_refuses_to_change_or_remove_a_line(database: DatabaseUnderTest) -> None:
    acme = _company()
    history.append(acme, "write done")
    migrate()
    for act in (lambda: HistoryEvent.objects.update(what="nothing"), lambda: HistoryEvent.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()
    assert history.verify(acme).broken is None


@pytest.mark.parametrize(
    ("meddle", "broken"),
    [
        (lambda: HistoryEvent.objects.filter(number=2).update(detail={"amount": "2"}), 2),
        (lambda: HistoryEvent.objects.filter(number=3).delete(), 3),
        (lambda: HistoryEvent.objects.filter(number=4).update(hash="0" * 64), 4),
        (lambda: HistoryEvent.objects.filter(number=1).update(at="2020-01-01T00:00:00Z"), 1),
    ],
)
def test_meddling_is_found(database: DatabaseUnderTest, meddle: Callable[[], object], broken: int) -> None:
    acme = _company()
    for _ in range(5):
        history.append(acme, "write done", detail={"amount": "1"})
    _unprotected(meddle)
    found = history.verify(acme)
    assert (found.broken, found.length) == (broken, broken - 1)


def test_line_is_gone_when_the_callers_transaction_is(database: DatabaseUnderTest) -> None:
    acme = _company()
    with transaction.atomic():
        history.append(acme, "write done")
        transaction.set_rollback(True)
    assert history.verify(acme).length == 0


def test_threads_append_to_one_chain(database: DatabaseUnderTest) -> None:
    acme = _company()

    def write() -> None:
        for _ in range(10):
            history.append(acme, "write done")
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = history.verify(acme)
    assert (found.length, found.broken) == (40, None)


def test_float_is_refused(sqlite_database: DatabaseUnderTest) -> None:
    with pytest.raises(TypeError, match="float"):
        history.append(_company(), "write done", detail={"rows": [{"amount": 0.1}]})
