"""What a model's past predictions tell: how long it usually takes, and when to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.replicate.polling import Schedule
from bot.storage.ledger import Ledger

#: Past durations needed before "usually" is said.
USUAL_SAMPLES = 3
#: A model's past is read again after this long.
FRESH_MS = 10_000


@dataclass(frozen=True, slots=True)
class Pace:
    """One model's: `usual_seconds` is None while too few predictions are known."""

    usual_seconds: float | None
    schedule: Schedule


class Paces:
    """Every model's pace, read from the ledger now and then."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._known: dict[str, tuple[int, Pace]] = {}

    async def of(self, model: str) -> Pace:
        now = self._clock.now()
        read_at, pace = self._known.get(model, (None, None))
        if read_at is None or pace is None or now >= read_at + FRESH_MS:
            durations = await self._ledger.recent_durations(model)
            pace = Pace(_usual(durations), Schedule.learned(durations))
            self._known[model] = now, pace
        return pace


def _usual(durations: Sequence[float]) -> float | None:
    if len(durations) < USUAL_SAMPLES:
        return None
    from statistics import median  # noqa: PLC0415 - the start does not wait for its exact numbers

    return median(durations)
