"""From what was written down to the figures that are compared."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from bench.record import Record
from bench.world import World

_MS = 1000.0

#: Of several rounds the worst counts here, and the median everywhere else.
_WORST = ("lost", "twice", "unacknowledged", "bought_twice", "throttled", "polls_max")


@dataclass(frozen=True)
class Used:
    """What a load took: CPU in ms, memory in KiB; how late the world's own loop was, in ms."""

    cpu_ms: float
    world_cpu_ms: float
    idle_kib: int
    peak_kib: int
    world_late_ms: Sequence[float]


@dataclass(frozen=True)
class Figures:
    """One bot in one scenario. Times in ms, memory in KiB; None where nothing was measured.

    CPU, polls and edits are per image; `polls_max` is the most for one. `loop_lag_ms` (p99) is what
    the bot says of itself; the `world_lag`s are how late this very process was, so how far times
    can be believed.
    """

    scenario: str
    bot: str
    requests: int
    delivered: int
    lost: int
    twice: int
    unacknowledged: int
    bought_twice: int
    throttled: int
    ack_p50_ms: float | None
    ack_p99_ms: float | None
    ack_max_ms: float | None
    seen_mean_ms: float | None
    lag_mean_ms: float | None
    lag_p50_ms: float | None
    lag_p99_ms: float | None
    lag_max_ms: float | None
    polls: float | None
    edits: float | None
    cpu_ms: float | None
    world_cpu_ms: float | None
    rss_idle_kib: float
    rss_peak_kib: float
    loop_lag_ms: float | None
    world_lag_p99_ms: float | None
    world_lag_max_ms: float | None
    polls_max: int | None = None

    @property
    def growth_kib(self) -> float:
        """Memory above idle, at most."""
        return self.rss_peak_kib - self.rss_idle_kib


def figures(
    scenario: str,
    bot: str,
    records: Sequence[Record],
    used: Used,
    world: World,
    loop_lag_ms: float | None,
) -> Figures:
    """Everything that is known of one bot's requests."""
    bought = [record for record in records if record.creates]
    delivered = sum(bool(record.deliveries) for record in records)
    images = delivered or None
    late = sorted(used.world_late_ms)
    return Figures(
        scenario=scenario,
        bot=bot,
        requests=len(records),
        delivered=delivered,
        lost=len(records) - delivered,
        twice=sum(len(record.deliveries) > 1 for record in records),
        unacknowledged=sum(record.acknowledged_at is None for record in records),
        bought_twice=sum(record.creates > 1 for record in records),
        throttled=world.provider.creates.refused + world.provider.others.refused,
        **_times(records),
        polls=mean([record.polls for record in bought]),
        edits=mean([record.edits for record in bought]),
        cpu_ms=images and used.cpu_ms / images,
        world_cpu_ms=images and used.world_cpu_ms / images,
        rss_idle_kib=used.idle_kib,
        rss_peak_kib=used.peak_kib,
        loop_lag_ms=loop_lag_ms,
        world_lag_p99_ms=percentile(late, 99),
        world_lag_max_ms=percentile(late, 100),
        polls_max=max((record.polls for record in bought), default=None),
    )


def _times(records: Sequence[Record]) -> dict[str, float | None]:
    acks = sorted(
        (record.acknowledged_at - record.dispatched_at) * _MS
        for record in records
        if record.acknowledged_at is not None
    )
    lags = sorted(
        (record.deliveries[0] - record.completes_at) * _MS
        for record in records
        if record.deliveries
    )
    seen = [
        (record.seen_at - record.completes_at) * _MS
        for record in records
        if record.seen_at is not None
    ]
    return {
        "ack_p50_ms": percentile(acks, 50),
        "ack_p99_ms": percentile(acks, 99),
        "ack_max_ms": percentile(acks, 100),
        "seen_mean_ms": mean(seen),
        "lag_mean_ms": mean(lags),
        "lag_p50_ms": percentile(lags, 50),
        "lag_p99_ms": percentile(lags, 99),
        "lag_max_ms": percentile(lags, 100),
    }


def over_rounds(rounds: Sequence[Figures]) -> Figures:
    """One for all rounds of the same bot in the same scenario: medians, and the worst count."""
    return Figures(
        **{
            field.name: _one(field.name, [getattr(figures, field.name) for figures in rounds])
            for field in fields(Figures)
        }
    )


def _one(name: str, values: Sequence[Any]) -> Any:
    if isinstance(values[0], str) or name == "requests":
        return values[0]
    known = [value for value in values if value is not None]
    if not known:
        return None
    if name in _WORST:
        return max(known)
    return min(known) if name == "delivered" else statistics.median(known)


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The value that `percent` of the sorted values do not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
