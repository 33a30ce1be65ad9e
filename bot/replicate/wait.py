"""How long a provider asks us to wait, said in any of three places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: Where a refusal names no time at all.
DEFAULT_SECONDS = 1.0
#: A longer wait than any rate limit of Replicate (they reset every minute) is not believed.
LIMIT_SECONDS = 3600.0

_IN_TEXT = re.compile(
    r"(?:resets?|again|retry) (?:in|after) ~?(\d{1,9}(?:\.\d{1,3})?) ?(ms|s|m)", re.IGNORECASE
)
_RATE = re.compile(r"(\d{1,6}) requests? per minute", re.IGNORECASE)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}


def retry_after(body: object, headers: Mapping[str, str], text: str) -> float:
    """Seconds to wait: the body's `retry_after`, else the `Retry-After` header, else the words.

    Replicate says it in the body and in words ("resets in ~5s"); gateways and proxies use the
    header.
    """
    in_body = body.get("retry_after") if isinstance(body, Mapping) else None
    for seconds in (_number(in_body), _header(headers), _in_text(text)):
        if seconds is not None and seconds >= 0:  # false for NaN
            return float(min(seconds, LIMIT_SECONDS))
    return DEFAULT_SECONDS


def rate_per_minute(text: str) -> int | None:
    """How many requests a minute its words allow ("reduced to 6 requests per minute")."""
    found = _RATE.search(text)
    return int(found[1]) or None if found else None


def _number(value: object) -> float | int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _header(headers: Mapping[str, str]) -> float | int | None:
    value = headers.get("Retry-After", "")
    seconds = _number(value)
    return seconds if seconds is not None else _until(value, headers.get("Date", ""))


def _until(value: str, date: str) -> float | None:
    """Seconds until an HTTP date, by the sender's own clock where it tells its time."""
    moment = _moment(value)
    if moment is None:
        return None
    return max(0.0, (moment - (_moment(date) or datetime.now(UTC))).total_seconds())


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _in_text(text: str) -> float | None:
    found = _IN_TEXT.search(text)
    return float(found[1]) * _UNITS[found[2].lower()] if found else None
