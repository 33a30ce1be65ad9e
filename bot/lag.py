"""How late the event loop is: whatever blocks it delays everybody's acknowledgement."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque

from bot import tally

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.1
#: Ten minutes of samples.
SAMPLES = 6_000
#: The loop is never blocked for longer than this; if it is, the log says so, once a minute.
BLOCKED_SECONDS = 0.05
WARN_EVERY_SECONDS = 60.0


class LoopLag:
    """Sleeps again and again, and notes how much later than asked it woke up."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=SAMPLES)
        self._warn_after = 0.0

    async def measure(self) -> None:
        """Until it is canceled."""
        while True:
            due = time.monotonic() + INTERVAL_SECONDS
            await asyncio.sleep(INTERVAL_SECONDS)
            self.note(max(0.0, time.monotonic() - due), time.monotonic())

    def note(self, seconds: float, now: float) -> None:
        self._samples.append(seconds)
        tally.LOOP_LAG.note(seconds)
        if seconds > BLOCKED_SECONDS and now >= self._warn_after:
            self._warn_after = now + WARN_EVERY_SECONDS
            log.warning("loop blocked", extra={"milliseconds": round(seconds * 1000)})

    def figures(self) -> dict[str, float]:
        """Median, 99th percentile and maximum of the last ten minutes, in milliseconds."""
        ordered = sorted(self._samples) or [0.0]
        ranks = {"p50": 0.5, "p99": 0.99, "max": 1.0}
        return {
            f"loop_lag_{name}_ms": round(ordered[int(rank * (len(ordered) - 1))] * 1000, 1)
            for name, rank in ranks.items()
        }
