"""When to look again."""

from __future__ import annotations

#: Replicate allows 3,000 reads a minute: fifty generations at once stay within it.
INTERVAL_SECONDS = 1.0


def delay(elapsed_seconds: float) -> float:
    """Seconds to wait before the next poll of a prediction created `elapsed_seconds` ago."""
    del elapsed_seconds  # every prediction is polled alike, however old
    return INTERVAL_SECONDS
