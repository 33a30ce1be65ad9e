"""Days and months in a time zone: when a limit's window opened, and when it closes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from bot.record import Record


class Window(Record):
    """From `since` until before `until`, in UTC milliseconds."""

    since: int
    until: int


def day(now: int, zone: tzinfo = UTC) -> Window:
    """The calendar day that `now` is in; 23 or 25 hours long where clocks change."""
    today = local_day(now, zone)
    return Window(midnight(today, zone), midnight(today + timedelta(days=1), zone))


def month(now: int, zone: tzinfo = UTC) -> Window:
    first = local_day(now, zone).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Window(midnight(first, zone), midnight(following, zone))


def local_day(now: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date()


def midnight(day: date, zone: tzinfo) -> int:
    """When the day begins, in UTC milliseconds.

    Where clocks skip midnight, the moment they skip it; where they repeat it, the first.
    """
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def zone_named(name: str) -> tzinfo:
    """The IANA time zone. Raises ValueError where there is none of that name."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - most bots have no other zone, and it loads much

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # no such name, a folder's ("America"), no name at all
        raise ValueError(name) from None
