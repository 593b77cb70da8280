"""How webCRM writes and reads date-times: local offset on the way out, many spellings on the way in."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

NEVER = "0001-01-01T00:00:00+00:00"
NEVER_LOCAL = "0001-01-01T01:00:00+01:00"
"""An empty date in the two spellings that were recorded (systems.md 7.1, quirks): an unset date is never null."""

_SHAPE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$", re.IGNORECASE
)


class BadDate(ValueError):
    """The text is not a date-time in any spelling that webCRM reads."""


def parse(text: str, zone: ZoneInfo) -> datetime | None:
    """Return *text* as an aware UTC date-time, or None for webCRM's empty date (any day of year 1).

    Read are ISO dates and date-times with `T` or a space, with up to seven decimals of a second (as .NET's round-trip
    format writes), with `Z`, an offset or neither; without one the time is local, *zone* [guess; a working client
    sends `2019-09-01T12:48:51`]. Raises BadDate for anything else.
    """
    match = _SHAPE.match(text.strip())
    if match is None:
        raise BadDate(text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if year == "0001":
        return None
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
            tzinfo=UTC,
        )
    except ValueError as wrong:
        raise BadDate(text) from wrong
    if offset is None:
        return moment.replace(tzinfo=zone).astimezone(UTC)
    if offset in "Zz":
        return moment
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    shift = timedelta(hours=hours, minutes=minutes)
    return moment - shift if offset[0] == "+" else moment + shift


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return midnight of *day* in *zone*, as UTC: how webCRM keeps a date that has no time of day."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def write(moment: datetime | None, zone: ZoneInfo, *, never: str = NEVER) -> str:
    """Return *moment* with the local offset of *zone*, whole seconds bare and others with their milliseconds."""
    if moment is None:
        return never
    local = moment.astimezone(zone)
    return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")
