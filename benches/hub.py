"""A hub to be measured: a home of its own, companies declared as the file of `brygga apply` does it, runs as the engine begins them."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benches.boxes import Boxes, Tenant

KEY = "a-key-of-the-benches-that-protects-nothing"

LIMITLESS = {"brake_creations": 1_000_000, "brake_kronor": 1_000_000_000}
"""What is measured is no forecast that somebody approved: the brake on what is made would stop a large first sync."""

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "webcrm": {},
    "textalk": {},
    "mobigo": {"registers": ["customers", "articles"], "document": "invoice"},
    "opter": {"send": "by_hand"},
    "upsales": {
        "module": "order_offer",
        "placeholder_user": "Integration",
        "won_stage": "Order",
        "lost_stage": "Förlorad",
        "offer_stage": "Offert",
        "price_list": "A",
        "approved": True,
    },
}


def secret(boxes: Boxes, system: str) -> str:
    """Return what the hub signs in to a business system with."""
    about = boxes.about[system]
    match system:
        case "mobigo":
            return f"{about['application_id']}:{about['secret']}"
        case "webcrm":
            return str(about["auth_code"])
        case "upsales":
            return str(about["token"])
        case "textalk":
            return f"{about['webshop']}:{about['token']}"
        case _:
            return str(about["api_key"])


@contextmanager
def home() -> Iterator[Path]:
    """Make this process a hub with an empty database of its own; the environment says so to the processes it starts."""
    folder = Path(tempfile.mkdtemp(prefix="brygga-bench-"))
    kept = dict(os.environ)
    os.environ |= {"BRYGGA_HOME": str(folder), "BRYGGA_SECRET_KEY": KEY}
    os.environ.pop("BRYGGA_DATABASE_URL", None)
    try:
        _begin(folder)
        yield folder
    finally:
        from django.db import connections

        connections.close_all()
        os.environ.clear()
        os.environ.update(kept)
        shutil.rmtree(folder, ignore_errors=True)


def _begin(folder: Path) -> None:
    from brygga import store

    store.setup()
    from django.db import connections

    # A process may measure several hubs, one after another.
    connections.close_all()
    settings = connections["default"].settings_dict
    settings["NAME"] = str(folder / "brygga.db")
    store.migrate()


def declare(
    folder: Path,
    boxes: Boxes,
    tenants: Mapping[str, Tenant],
    systems: Sequence[str],
    streams: Mapping[str, str] | None = None,
    **settings: Any,
) -> None:
    """Declare companies, slug -> tenant, each with these business systems; *streams* are lines `system.name -> schedule` in TOML."""
    from brygga.sync.declare import declare as apply_file

    os.environ["FORTNOX_CLIENT_ID"] = boxes.about["fortnox"]["client_id"]
    os.environ["FORTNOX_CLIENT_SECRET"] = boxes.about["fortnox"]["client_secret"]
    for system in systems:
        os.environ[f"{system.upper()}_KEY"] = secret(boxes, system)
    file = folder / "companies.toml"
    file.write_text(
        "".join(_company(boxes, slug, tenant, systems, streams or {}, settings) for slug, tenant in tenants.items()), "utf-8"
    )
    apply_file(file, who="bench")


def _company(
    boxes: Boxes, slug: str, tenant: Tenant, systems: Sequence[str], streams: Mapping[str, str], more: Mapping[str, Any]
) -> str:
    text = f"""[company.{slug}]
name = "{slug}"
[company.{slug}.fortnox]
base_url = "{boxes.fortnox}"
client_id = "env:FORTNOX_CLIENT_ID"
client_secret = "env:FORTNOX_CLIENT_SECRET"
tenant_id = "{tenant.number}"
"""
    for system in systems:
        lines = [f"{name} = {_toml(value)}" for name, value in {**LIMITLESS, **SETTINGS[system], **more}.items()]
        text += f"""[company.{slug}.{system}]
base_url = "{boxes.about[system]["base_url"]}"
api_key = "env:{system.upper()}_KEY"
[company.{slug}.{system}.settings]
{chr(10).join(lines)}
[company.{slug}.{system}.streams]
{chr(10).join(f"{name.partition('.')[2]} = {when}" for name, when in streams.items() if name.startswith(f"{system}."))}
"""
    return text


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def sync(address: str, *, sides: Sequence[str] = ("left", "right"), trigger: str = "person") -> dict[str, Any]:
    """Carry one run through and return what `sync --json` prints."""
    from brygga.sync.report import run_json

    return run_json(carried(address, sides=sides, trigger=trigger))


def carried(
    address: str,
    *,
    sides: Sequence[str] = ("left", "right"),
    trigger: str = "person",
    told: Callable[[Any], None] = lambda run: None,
) -> Any:
    """Carry one run through and return it, without the line for each record that `sync --json` prints; *told* hears how far it is."""
    from brygga.store.models import Integration
    from brygga.sync.start import begin_run, execute

    company, _, rest = address.partition("/")
    system, _, stream = rest.partition(".")
    integration = Integration.objects.select_related("company").get(company__slug=company, system=system)
    return execute(begin_run(integration, stream, trigger=trigger, sides=sides).pk, told=told)  # type: ignore[arg-type]


@contextmanager
def without_budget() -> Iterator[None]:
    """Let runs of this process keep to no budget, where what they do is not what is measured."""
    from unittest.mock import patch

    from brygga.clients.limits import Unlimited

    with patch("brygga.sync.open.Permits", lambda budget, **window: Unlimited()):
        yield


def link_articles(address: str, *, left_ids: Mapping[str, str] | None = None) -> int:
    """Link every article of Fortnox as a first sync leaves it: base and digest by the hub's own reading. Return how many.

    left_ids  article number -> id in the business system; without it the number with an L before it
    """
    from brygga.core.record import present
    from brygga.store.models import Integration, LinkRow, Run
    from brygga.store.values import encode
    from brygga.sync.open import open_context

    company, _, rest = address.partition("/")
    system, _, stream = rest.partition(".")
    integration = Integration.objects.select_related("company").get(company__slug=company, system=system)
    run = Run(pk="bench", integration=integration, stream=stream, trigger="person", sides=[], queued_at=datetime.now(UTC))
    at = datetime.now(UTC) - timedelta(hours=1)
    rows: list[LinkRow] = []
    count = 0
    with open_context(run, lane="person", told=lambda run: None, still_mine=lambda: None, dry=True) as context:
        common = context.stream.rules.holds["left"].fields & context.stream.rules.holds["right"].fields
        for seen in context.connectors["right"].changed("article", None):
            base = {name: value for name, value in present(seen.record) if name in common}
            left = left_ids[seen.ref.id] if left_ids else f"L{seen.ref.id}"
            rows.append(
                LinkRow(
                    integration=integration, kind="article", left_id=left, right_id=seen.ref.id, base=encode(base),
                    listed=seen.listed, compared_at=at,
                )
            )  # fmt: skip
            if len(rows) == 5000:
                count += len(LinkRow.objects.bulk_create(rows, batch_size=100))
                rows.clear()
        count += len(LinkRow.objects.bulk_create(rows, batch_size=100))
    return count


def read_until(address: str, ago: timedelta | None) -> None:
    """Set both cursors of a stream to so long ago; None: as if nothing was ever read."""
    from brygga.store.models import Cursor, Integration

    company, _, rest = address.partition("/")
    system, _, stream = rest.partition(".")
    integration = Integration.objects.get(company__slug=company, system=system)
    Cursor.objects.filter(integration=integration, stream=stream).delete()
    if ago is not None:
        at = datetime.now(UTC) - ago
        Cursor.objects.bulk_create(
            Cursor(integration=integration, stream=stream, side=side, position=at) for side in ("left", "right")
        )


def problems(address: str) -> list[Any]:
    """Return what waits for a person in a stream."""
    from brygga.sync.look import problem_rows

    return list(problem_rows(address, ("hold", "failed", "question", "conflict")))


def age() -> None:
    """Let what was written, compared and read lie five minutes back, as if the last run had been a while ago."""
    from django.db.models import F

    from brygga.store.models import Cursor, LinkRow, Problem

    some = timedelta(minutes=5)
    LinkRow.objects.exclude(look_again_at=None).update(look_again_at=F("look_again_at") - some)
    LinkRow.objects.exclude(compared_at=None).update(compared_at=F("compared_at") - some)
    Problem.objects.exclude(look_at=None).update(look_at=F("look_at") - some)
    Cursor.objects.update(position=F("position") - some)


def linked(address: str) -> dict[str, str]:
    """Return the links of a stream: the business system's id -> Fortnox' number."""
    from brygga.sync.look import link_rows

    return {row["left"]: row["right"] for row in link_rows(address)}
