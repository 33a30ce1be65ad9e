"""A rate limit as a provider enforces it: so many calls in any window, then 429 with its wait."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field

WINDOW = 60.0
"""Seconds."""


@dataclass(slots=True)
class Budget:
    """At most `calls` in any `WINDOW`; infinite lifts it. `refused` counts the 429s given."""

    calls: float = math.inf
    refused: int = 0
    _taken: deque[float] = field(default_factory=deque)

    def take(self) -> float | None:
        """None: the call is within it. Otherwise the seconds until one will be."""
        if math.isinf(self.calls):
            return None
        now = time.monotonic()
        while self._taken and self._taken[0] <= now - WINDOW:
            self._taken.popleft()
        if len(self._taken) < self.calls:
            self._taken.append(now)
            return None
        self.refused += 1
        return self._taken[0] + WINDOW - now
