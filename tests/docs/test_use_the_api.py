"""docs/use-the-api.md: its program runs against a hub, its check of a signature knows the hub's webhooks."""

from __future__ import annotations

import contextlib
import io
import re
import time
from pathlib import Path
from typing import Any

import pytest

from hub import Hub, organisation
from notify.sinks import receiver

PAGE = Path(__file__).parents[2] / "docs" / "use-the-api.md"


def test_the_programs_on_the_page_do_what_it_says(hub: Hub, pages: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from brygga.notify import targets
    from brygga.store import api_tokens
    from brygga.store.models import Company, Run
    from brygga.sync.start import execute

    acme = Company.objects.get()
    hub.webcrm.load("Organisation", [organisation(OrganisationName="")])
    _row, key = api_tokens.make(acme, "page", "bookkeeper", "test")
    monkeypatch.setenv("BRYGGA_HUB", pages)
    monkeypatch.setenv("BRYGGA_TOKEN", key)
    monkeypatch.setenv("BRYGGA_PRIVATE_WEBHOOKS", "yes")
    # The worker, in the pause between two looks.
    monkeypatch.setattr(time, "sleep", lambda seconds: execute(Run.objects.get(status="queued").pk))
    programs = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    names: dict[str, Any] = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile("\n".join(programs), str(PAGE), "exec"), names)
    status, *rest = printed.getvalue().splitlines()
    assert status == "partial"
    assert rest == [f"{row['record']} {row['text']}" for row in hub.problems("hold", "conflict", "question", "failed")]
    assert rest
    with receiver() as hooks:
        target, secret = targets.add(acme, hooks.url, "en", urgent=True, digest=False, who="test")
        targets.try_out(acme, target.pk, "test")
        headers, body = hooks.got[0]
    check = names["is_from_the_hub"]
    assert check(secret, headers, body)
    assert not check(secret, headers, body + b" ")
    assert not check(secret, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 400)}, body)
    assert not check("whsec_AAAA", headers, body)


def test_the_page_names_every_environment_variable_and_status_that_there_is() -> None:
    from brygga.api.problem import _STATUS

    text = PAGE.read_text("utf-8")
    for _kind, status in _STATUS:
        assert str(status) in text, status
    for name in ("BRYGGA_SMTP_URL", "BRYGGA_MAIL_FROM", "BRYGGA_PRIVATE_WEBHOOKS", "BRYGGA_METRICS_TOKEN"):
        assert f"`{name}`" in text
