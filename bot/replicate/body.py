"""Text and numbers from a provider, read without trusting it."""

from __future__ import annotations

import json
import math

from bot.domain.command import LARGEST_NUMBER

#: Enough to recognise any error sentence seen in practice; bounds log lines and ledger columns.
TEXT_LIMIT = 1_000


def loads(text: str) -> object:
    """The JSON value in `text`, or None if there is none.

    ValueError also covers integers beyond Python's digit limit; RecursionError is what the
    decoder raises on thousands of nested brackets.
    """
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` cut to `limit` characters, without what databases and UTF-8 writers choke on.

    JSON may carry half a surrogate pair, which Python's strings keep but no encoder takes.
    """
    cut = text.strip()[:limit]
    return cut.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def number(value: object) -> float | None:
    """A finite number, clipped to where Discord's numbers end."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return min(max(value, -LARGEST_NUMBER - 1), LARGEST_NUMBER + 1)
