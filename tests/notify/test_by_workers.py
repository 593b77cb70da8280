"""Two worker processes look at the same tables: each message still goes out once."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from databases import DatabaseUnderTest
from notify.sinks import mail_server


def _worker(name: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "brygga", "worker", "--id", name], env=environment)


def test_two_workers_tell_of_a_lost_connection_once(database: DatabaseUnderTest) -> None:
    from django.utils import timezone

    from brygga.engine import migrate
    from brygga.store.models import Company, Connection, Message, NoticeTarget

    migrate()
    acme = Company.objects.create(slug="acme", name="Acme AB")
    Connection.objects.create(company=acme, system="fortnox", base_url="http://127.0.0.1:1", health="login")
    NoticeTarget.objects.create(
        company=acme, sort="mail", to="anna@example.com", language="en", digest=False, made_by="test", made_at=timezone.now()
    )
    with mail_server() as mails:
        environment = database.environment(
            BRYGGA_PACE="notify=0.2,dispatch=5",
            BRYGGA_SMTP_URL=f"smtp+plain://127.0.0.1:{mails.port}",
            no_proxy="*",
            PATH=os.environ["PATH"],
        )
        workers = [_worker(name, environment) for name in ("one", "two")]
        try:
            until = time.monotonic() + 40
            while not Message.objects.filter(state="sent").exists() and time.monotonic() < until:
                time.sleep(0.1)
            # Several more turns of both.
            time.sleep(1.5)
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(40)
    assert [(message.state, message.attempts) for message in Message.objects.all()] == [("sent", 1)]
    assert [mail["subject"] for mail in mails.mails] == ["The connection acme/fortnox is lost."]
