"""When to look again: where the end of a prediction is likely, and hardly anywhere else.

A poll costs something, and so does every moment that a finished image waits to be seen. So the
next poll is due as soon as the wait that is expected to have piled up since the last one is worth
a poll. With e the elapsed time at the last poll, t at the next one, and F(u | e) the chance that a
prediction which still ran at e has ended by u:

    ∫ F(u | e) du from e to t  =  PRICE × max(1, t / PATIENCE)

Where the hazard rate h of the durations is steady, this is t - e = √(2 × PRICE / h), to first order
the best spacing there is. Unlike that formula it also holds before the fastest predictions, where h
rises from nothing, and it needs no derivative of what is known only roughly.

F comes from the model's past durations, smoothed, and one faint imaginary duration that may be
anything. That one speaks alone for a model never seen, and in the tail, which no real duration
reached: there its hazard falls as 1 / t, so that the waits grow in proportion to t.
`docs/polling.md` shows what all this gains.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate, pairwise

from bot.record import Record

#: What a poll costs, in seconds of waiting. Four times the price: half the polls, twice the lag.
PRICE = 0.031
#: Nobody notices one second in sixty: after so many seconds a lag counts by its share of the wait.
PATIENCE = 10.0
#: The shortest and the longest wait, in seconds. The longest bounds what a wrong memory can cost.
MIN_WAIT, MAX_WAIT = 0.1, 20.0

#: The imaginary duration exceeds t with chance 1 / (1 + t / ANYTHING), so this is its median, in
#: seconds: image models take from half a second to a minute.
ANYTHING = 5.0
#: How many real durations it counts for: enough for the tail, too little to buy early polls.
DOUBT = 0.1
#: Models change their speed: a duration counts half when it is so many predictions old.
HALF_LIFE = 100
#: Until the durations tell how far they spread (the standard deviation of their logarithm), this
#: is believed, as strongly as so many durations.
SPREAD, SPREAD_DURATIONS = 0.3, 3
#: The densest half of a normal distribution is so many standard deviations wide.
HALF_WIDTH = 1.349
#: Closer together lie durations by chance, or by how they are measured.
MIN_BANDWIDTH = 0.04

#: The times, in seconds, at which a schedule knows its chances: 2.5 % apart, 0.1 s to one hour.
STEP = 0.025
TIMES = (0.0, *(0.1 * math.exp(STEP * n) for n in range(421)))
#: The waits to choose from: 2 % apart.
WAITS: tuple[float, ...] = (*(MIN_WAIT * 1.02**n for n in range(268)), MAX_WAIT)


class Schedule(Record):
    """When to poll the predictions of one model: learned once, shared by all of them."""

    #: The chance that a prediction still runs at each of TIMES, and its integral from 0 to there.
    alive: tuple[float, ...]
    area: tuple[float, ...]
    price: float = PRICE

    @classmethod
    def learned(cls, durations: Sequence[float]) -> Schedule:
        """From past durations in seconds, newest first; none where the model was never seen."""
        ended = _smoothed(durations)
        known = math.fsum(ended)
        alive = tuple(
            (max(0.0, known - past) + DOUBT / (1 + time / ANYTHING)) / (known + DOUBT)
            for time, past in zip(TIMES, accumulate(ended), strict=True)
        )
        cells = zip(pairwise(TIMES), pairwise(alive), strict=True)
        areas = ((end - start) * (a + b) / 2 for (start, end), (a, b) in cells)
        return cls(alive, (0.0, *accumulate(areas)))

    def delay(self, elapsed: float) -> float:
        """Seconds until the next poll of a prediction that still ran `elapsed` s after its start.

        From MIN_WAIT to MAX_WAIT.
        """
        elapsed = max(0.0, elapsed)
        alive, area = self._at(elapsed)

        def noticed(wait: float) -> float:
            until = elapsed + wait
            lag = wait - (self._at(until)[1] - area) / alive
            return lag / max(1.0, until / PATIENCE)

        return WAITS[bisect_left(WAITS, self.price, hi=len(WAITS) - 1, key=noticed)]

    def patience(self, elapsed: float, doubt: float) -> float:
        """Seconds until a look at a prediction whose end is to be told, and was not.

        The first is due when the chance that it still runs is `doubt`; then it is left half as
        long again each time.
        """
        elapsed = max(0.0, elapsed)
        cell = bisect_left(self.alive, -doubt, hi=len(TIMES) - 1, key=lambda alive: -alive)
        due = TIMES[cell]
        return max(MIN_WAIT, due - elapsed if elapsed < due else elapsed / 2)

    def _at(self, time: float) -> tuple[float, float]:
        """`alive` and `area` at any time."""
        cell = min(bisect_right(TIMES, time), len(TIMES) - 1) - 1
        into = time - TIMES[cell]
        start, end = self.alive[cell], self.alive[cell + 1]
        alive = start + (end - start) * min(1.0, into / (TIMES[cell + 1] - TIMES[cell]))
        return alive, self.area[cell] + into * (start + alive) / 2


def _smoothed(durations: Sequence[float]) -> list[float]:
    """The weight of the durations that end at each of TIMES, or between it and the one before.

    Each duration stands for its neighbourhood: a normal distribution around its logarithm.
    """
    believed = [max(TIMES[1], min(duration, TIMES[-1])) for duration in durations]
    weights: defaultdict[int, float] = defaultdict(float)
    for age, duration in enumerate(believed):
        weights[bisect_left(TIMES, duration)] += math.pow(0.5, age / HALF_LIFE)
    kernel = _kernel(_bandwidth(sorted(math.log(duration) for duration in believed)))
    ended = [0.0] * len(TIMES)
    for cell, weight in weights.items():
        for neighbour, share in enumerate(kernel, cell - len(kernel) // 2):
            ended[max(1, min(neighbour, len(ended) - 1))] += weight * share
    return ended


def _bandwidth(logarithms: Sequence[float]) -> float:
    """How far around itself a duration tells; `logarithms` are those of all durations, sorted.

    The usual rule, spread × n^(-1/5), with the spread of the densest half: two humps (warm and
    cold starts) are not one wide one.
    """
    count = len(logarithms)
    halves = zip(logarithms, logarithms[count // 2 :], strict=False)
    seen = min((last - first for first, last in halves), default=0.0) / HALF_WIDTH
    told = max(0, count - 1)
    spread = (told * seen + SPREAD_DURATIONS * SPREAD) / (told + SPREAD_DURATIONS)
    return max(MIN_BANDWIDTH, spread * math.pow(max(1, count), -0.2))


def _kernel(bandwidth: float) -> list[float]:
    """A normal distribution's share of each cell, to three bandwidths on both sides."""
    reach = math.ceil(3 * bandwidth / STEP)
    heights = [math.exp(-((n * STEP / bandwidth) ** 2) / 2) for n in range(-reach, reach + 1)]
    total = math.fsum(heights)
    return [height / total for height in heights]
