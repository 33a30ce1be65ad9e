"""Days and months, in every kind of time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.windows import Window, day, month, zone_named

HOUR = 3_600_000
KOLKATA, ST_JOHNS = ZoneInfo("Asia/Kolkata"), ZoneInfo("America/St_Johns")
BERLIN, CAIRO = ZoneInfo("Europe/Berlin"), ZoneInfo("Africa/Cairo")


def at(text: str) -> int:
    """An ISO time with its offset, in UTC milliseconds."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "last", "first"),
    [
        (UTC, "2026-12-31T23:59:59.999+00:00", "2027-01-01T00:00+00:00"),
        (KOLKATA, "2026-12-31T23:59:59.999+05:30", "2027-01-01T00:00+05:30"),
        (ST_JOHNS, "2026-12-31T23:59:59.999-03:30", "2027-01-01T00:00-03:30"),
    ],
)
def test_a_day_and_a_month_end_at_local_midnight(zone: ZoneInfo, last: str, first: str) -> None:
    before, after = at(last), at(first)

    assert day(before, zone).until == month(before, zone).until == after
    assert day(after, zone).since == month(after, zone).since == after


def test_the_same_moment_is_in_different_days_and_months() -> None:
    moment = at("2026-10-31T20:00+00:00")

    assert day(moment, KOLKATA) == Window(
        at("2026-11-01T00:00+05:30"), at("2026-11-02T00:00+05:30")
    )
    assert month(moment, KOLKATA).since == at("2026-11-01T00:00+05:30")
    assert month(moment, ST_JOHNS) == Window(
        at("2026-10-01T00:00-02:30"),
        at("2026-11-01T00:00-02:30"),  # clocks change a day later, at two in the morning
    )


@pytest.mark.parametrize(
    ("zone", "noon", "hours"),
    [
        (BERLIN, "2026-03-29T12:00+02:00", 23),
        (BERLIN, "2026-10-25T12:00+01:00", 25),
        (ST_JOHNS, "2026-03-08T12:00-02:30", 23),
        (ST_JOHNS, "2026-11-01T12:00-03:30", 25),
    ],
)
def test_where_clocks_change_a_day_is_as_long_as_it_is(
    zone: ZoneInfo, noon: str, hours: int
) -> None:
    window = day(at(noon), zone)

    assert (window.until - window.since) // HOUR == hours
    assert day(window.since - 1, zone).until == window.since
    assert day(window.until, zone).since == window.until


def test_a_day_whose_midnight_is_skipped_begins_when_the_clock_jumps() -> None:
    window = day(at("2026-04-24T12:00+03:00"), CAIRO)

    assert window.since == at("2026-04-24T00:00+02:00") == at("2026-04-24T01:00+03:00")
    assert day(window.since - 1, CAIRO).until == window.since


def test_a_leap_february_ends_on_its_29th() -> None:
    assert month(at("2028-02-28T00:00+00:00")).until == at("2028-03-01T00:00+00:00")


@given(
    st.datetimes(datetime(2015, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds carry no zone
    st.sampled_from(sorted(available_timezones())),
)
def test_every_moment_is_in_its_own_day_and_month_in_every_zone(
    moment: datetime, name: str
) -> None:
    now, zone = int(moment.timestamp() * 1000), zone_named(name)

    for window in (day(now, zone), month(now, zone)):
        assert window.since <= now < window.until
    assert day(now, zone).until - day(now, zone).since <= timedelta(hours=26) / timedelta(
        milliseconds=1
    )


@pytest.mark.parametrize("name", ["", "Berlin", "Europe", "../UTC", "/etc/localtime", "Europe/\0"])
def test_what_is_no_zone_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(name) or "^$"):
        zone_named(name)
