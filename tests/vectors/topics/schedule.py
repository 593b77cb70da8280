from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from brygga.core.schedule import STOCKHOLM, lastmodified_param, missed_ticks, next_daily, next_tick


def shown(instant: datetime, zone: ZoneInfo) -> dict[str, str]:
    return {
        "next": instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "local": instant.astimezone(zone).strftime("%Y-%m-%d %H:%M %z"),
    }


def run(given: Mapping[str, Any]) -> object:
    op = given["op"]
    if op == "lastmodified_param":
        return {"param": lastmodified_param(datetime.fromisoformat(given["cursor"]), given["overlap_minutes"])}
    now = datetime.fromisoformat(given["now"])
    if op == "next_daily":
        zone = ZoneInfo(given["tz"])
        return shown(next_daily(now, time.fromisoformat(given["local_time"]), zone), zone)
    if op == "next_tick":
        return shown(next_tick(now, given["period_minutes"], given["offset_minutes"]), STOCKHOLM)
    last_run = datetime.fromisoformat(given["last_run"])
    missed = missed_ticks(last_run, now, given["period_minutes"], given["offset_minutes"])
    return {"missed": missed, "run_now": missed > 0}
