"""What the figures of one run must show: ratios to the bare floor, and a few absolute limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.figures import Figures
from bench.start import Start

_MIB = 1024  # KiB


@dataclass(frozen=True)
class Verdict:
    """One line: what was found, what was asked for, and whether that is met."""

    found: str
    asked: str
    met: bool


def judge(every: Sequence[Figures], starts: Sequence[Start]) -> list[Verdict]:
    """The verdicts on our bot, as far as the run has what they need."""
    by_name = {(figures.scenario, figures.bot): figures for figures in every}
    verdicts: list[Verdict] = []
    ours, bare = by_name.get(("crowd", "ours")), by_name.get(("crowd", "bare"))
    if ours is not None:
        verdicts += _alone(ours)
        if bare is not None:
            verdicts += _beside(ours, bare)
    for name, judged in (
        ("burst", _burst),
        ("patience", _patience),
        ("heavy", _heavy),
        ("limits", _limits),
    ):
        found = by_name.get((name, "ours"))
        if found is not None:
            verdicts += judged(found)
    told, asked = by_name.get(("told", "ours")), by_name.get(("asked", "ours"))
    if told is not None and asked is not None:
        verdicts += _told(told, asked)
    return [*verdicts, *_start(starts)]


def _alone(ours: Figures) -> Iterator[Verdict]:
    once = ours.lost == ours.twice == ours.bought_twice == 0
    yield Verdict(
        f"crowd: {ours.delivered} of {ours.requests} delivered, {ours.twice} twice",
        "every image exactly once",
        once,
    )
    yield _at_most("crowd: peak above idle", ours.growth_kib / _MIB, 120, "MiB")
    yield _at_most("crowd: acknowledgement p99", ours.ack_p99_ms, 75, "ms")


def _beside(ours: Figures, bare: Figures) -> Iterator[Verdict]:
    if None in (ours.lag_mean_ms, bare.lag_mean_ms, ours.polls, bare.polls):
        return
    lag = (ours.lag_mean_ms or 0) / (bare.lag_mean_ms or 1)
    polls = (ours.polls or 0) / (bare.polls or 1)
    yield Verdict(
        f"crowd: {lag:.2f} × the lag of bare with {polls:.2f} × its polls",
        "≤ 1.03 with ≤ 0.4, or ≤ 0.8 with ≤ 0.5",
        (lag <= 1.03 and polls <= 0.4) or (lag <= 0.8 and polls <= 0.5),
    )
    cpu = (ours.cpu_ms or 0) / (bare.cpu_ms or 1)
    yield _at_most("crowd: CPU an image", cpu, 1.6, "× bare")


def _burst(ours: Figures) -> Iterator[Verdict]:
    yield _at_most("burst: acknowledgement p99", ours.ack_p99_ms, 250, "ms")


def _patience(ours: Figures) -> Iterator[Verdict]:
    yield _at_most("patience: memory a generation", ours.growth_kib / ours.requests, 30, "KiB")
    yield _at_most("patience: loop lag p99", ours.loop_lag_ms, 50, "ms")
    yield _at_most("patience: lost", ours.lost, 0, "")


def _heavy(ours: Figures) -> Iterator[Verdict]:
    yield _at_most("heavy: peak above idle", ours.growth_kib / _MIB, 150, "MiB")


def _limits(ours: Figures) -> Iterator[Verdict]:
    yield _at_most("limits: refusals for too many calls (429)", ours.throttled, 0, "")
    yield _at_most("limits: lost", ours.lost, 0, "")


def _start(starts: Sequence[Start]) -> Iterator[Verdict]:
    for discord_ms in dict.fromkeys(start.discord_ms for start in starts):
        answered = {one.bot: one.answered_ms for one in starts if one.discord_ms == discord_ms}
        if {"ours", "bare"} <= answered.keys():
            ratio = answered["ours"] / answered["bare"]
            what = f"start: until the first answer, Discord's taking {discord_ms:.0f} ms each,"
            yield _at_most(what, ratio, 1.3, "× bare")


def _at_most(what: str, found: float | None, most: float, unit: str) -> Verdict:
    shown = "unknown" if found is None else f"{found:.4g} {unit}".strip()
    return Verdict(
        f"{what} {shown}", f"≤ {most:g} {unit}".strip(), found is not None and found <= most
    )


def _told(told: Figures, asked: Figures) -> Iterator[Verdict]:
    """With webhooks, beside the same load without."""
    seen, late = told.seen_mean_ms or math.inf, asked.seen_mean_ms or 0.0
    yield Verdict(
        f"told: an end is seen after {seen:.0f} ms, polled after {late:.0f} ms",
        "at most a tenth of polling's",
        seen <= late / 10,
    )
    most = told.polls_max or 0
    yield Verdict(
        f"told: {told.polls or 0:.1f} calls per prediction, at most {most}", "at most 2", most <= 2
    )
