"""What was counted since: the process counts for all tests that it runs."""

from __future__ import annotations

import copy

from bot import tally


class Since:
    """Begins now."""

    def __init__(self) -> None:
        self._counters = {
            each.name: dict(each.values)
            for each in tally.DECLARED
            if isinstance(each, tally.Counter)
        }
        self._histograms = {
            each.name: copy.deepcopy(each.values)
            for each in tally.DECLARED
            if isinstance(each, tally.Histogram)
        }

    def counted(self, counter: tally.Counter) -> dict[tuple[str, ...], float]:
        """By labels; what was not counted is not there."""
        before = self._counters[counter.name]
        grown = {
            labels: round(n - before.get(labels, 0), 6) for labels, n in counter.values.items()
        }
        return {labels: n for labels, n in grown.items() if n}

    def noted(self, histogram: tally.Histogram, *labels: str) -> tuple[int, float]:
        """How many, and their sum in seconds."""
        counts, total = histogram.values.get(labels, ([], 0.0))
        old, before = self._histograms[histogram.name].get(labels, ([], 0.0))
        return sum(counts) - sum(old), round(total - before, 6)
