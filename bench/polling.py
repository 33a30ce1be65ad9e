"""What a schedule of polls costs: mean lag against polls per prediction, simulated.

`python -m bench.polling` prints the table; with `--docs` it also goes into docs/polling.md, and the
curves into docs/pictures/polling.png. Lag is the time from a prediction's end to the poll that sees
it; a poll itself takes no time. No clock and no network: every machine gets the same figures.
"""

from __future__ import annotations

import argparse
import math
import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import accumulate, count, islice
from pathlib import Path
from statistics import NormalDist, fmean
from typing import Any

from rich.console import Console

from bot.record import replace
from bot.replicate.polling import PRICE, Schedule

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "polling.md"
PICTURE = DOCS / "pictures" / "polling.png"
BEGIN, END = "<!-- figures -->\n", "<!-- /figures -->"

#: Durations that a shape is measured on; sets that are learned from, and durations in a set.
DURATIONS, SETS, LEARNED = 2000, 60, 50
_SEED = 20_26
#: Prices of a poll and fixed intervals along a curve, both in seconds.
PRICES = tuple(PRICE * 2.0**power for power in (-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2))
INTERVALS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8)
LAG_TICKS = (0.1, 0.2, 0.5, 1, 2)


@dataclass(frozen=True)
class Hump:
    """This share of the durations: lognormal, mean in seconds, σ of the logarithm."""

    share: float
    mean: float
    sigma: float

    def at(self, quantile: float) -> float:
        normal = NormalDist(math.log(self.mean) - self.sigma**2 / 2, self.sigma)
        return math.exp(normal.inv_cdf(quantile))


@dataclass(frozen=True)
class Shape:
    """How long a model's predictions take."""

    name: str
    humps: tuple[Hump, ...]

    def some(self, chance: random.Random) -> list[float]:
        """Durations to learn from."""
        shares = [hump.share for hump in self.humps]
        humps = chance.choices(self.humps, shares, k=LEARNED)
        return [hump.at(chance.uniform(1e-6, 1 - 1e-6)) for hump in humps]

    def all(self) -> list[float]:
        """The whole shape in DURATIONS durations, evenly chosen, ascending."""
        sizes = [(hump, round(hump.share * DURATIONS)) for hump in self.humps]
        return sorted(hump.at((n + 0.5) / size) for hump, size in sizes for n in range(size))


TIGHT = Shape("tight: mean 9 s, σ 0.2", (Hump(1, 9, 0.2),))
WIDE = Shape("wide: mean 9 s, σ 0.6", (Hump(1, 9, 0.6),))
BIMODAL = Shape("cold starts: 85 % 4 s, 15 % 60 s", (Hump(0.85, 4, 0.2), Hump(0.15, 60, 0.2)))
SLOW = Shape("slow: mean 60 s, σ 0.2", (Hump(1, 60, 0.2),))
FAST = Shape("fast: mean 0.8 s, σ 0.2", (Hump(1, 0.8, 0.2),))


@dataclass(frozen=True)
class Cost:
    """Means over predictions: lag in seconds and as a share of the duration, polls."""

    lag: float
    share: float
    polls: float


def cost(polls: Iterable[float], durations: Sequence[float]) -> Cost:
    """Of predictions that are all polled at these times until they end; `durations` ascending."""
    times, looks, time = iter(polls), 0, 0.0
    lags, looked = [], []
    for duration in durations:
        while time < duration:
            time, looks = next(times), looks + 1
        lags.append(time - duration)
        looked.append(looks)
    shares = (lag / duration for lag, duration in zip(lags, durations, strict=True))
    return Cost(fmean(lags), fmean(shares), fmean(looked))


def polls(delay: Callable[[float], float]) -> Iterator[float]:
    """The times of the polls, where each is due so long after the one before."""
    time = 0.0
    while True:
        time += delay(time)
        yield time


def fixed(shape: Shape, seconds: float) -> Cost:
    return cost(count(seconds, seconds), shape.all())


def exponential(shape: Shape) -> Cost:
    """0.5 s, then half as much again each time, 10 s at most."""
    return cost(polls(lambda elapsed: min(10.0, 0.5 + elapsed / 2)), shape.all())


def unknown(shape: Shape) -> Cost:
    return cost(polls(Schedule.learned(()).delay), shape.all())


def ours(shape: Shape, price: float) -> Cost:
    """The mean over SETS schedules, each learned from LEARNED durations."""
    schedules = (replace(schedule, price=price) for schedule in learned(shape))
    costs = [cost(polls(schedule.delay), shape.all()) for schedule in schedules]
    lags, shares, counts = zip(*((c.lag, c.share, c.polls) for c in costs), strict=True)
    return Cost(fmean(lags), fmean(shares), fmean(counts))


@cache
def learned(shape: Shape) -> list[Schedule]:
    chance = random.Random(_SEED)
    return [Schedule.learned(shape.some(chance)) for _ in range(SETS)]


def best(shape: Shape, price: float) -> Cost:
    """The best there is, for somebody who knows the whole shape: found backwards from its end."""
    durations = shape.all()
    times = list(_fine(durations[-1]))
    ended = [bisect_right(durations, time) for time in times]
    sums = [0.0, *accumulate(durations)]
    onward, following = [0.0] * len(times), [0] * len(times)

    def waiting(now: int, later: int) -> float:
        """What the next poll and all after it cost, for all predictions that still run `now`."""
        seen, spent = ended[later] - ended[now], sums[ended[later]] - sums[ended[now]]
        return times[later] * seen - spent + onward[later]

    for now in range(len(times) - 2, -1, -1):
        least, following[now] = min((waiting(now, n), n) for n in range(now + 1, len(times)))
        onward[now] = least + price * (len(durations) - ended[now])
    chain = accumulate(times, lambda place, _: following[place], initial=0)
    return cost((times[place] for place in islice(chain, 1, None)), durations)


def _fine(last: float) -> Iterator[float]:
    time = 0.0
    while time <= last:
        yield time
        time += max(0.02, 0.005 * time)
    yield time


def table() -> str:
    """Markdown."""
    lines = [
        "| Durations | Schedule | Mean lag | of the wait | Polls | Lag to 0.5 s | Polls to 0.5 s |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for shape in (TIGHT, WIDE, BIMODAL, SLOW, FAST):
        floor = fixed(shape, 0.5)
        rows = {
            "every 0.5 s": floor,
            "every 2 s": fixed(shape, 2.0),
            "exponential": exponential(shape),
            "ours, model never seen": unknown(shape),
            f"**ours, {LEARNED} seen**": ours(shape, PRICE),
        }
        lines += [
            f"| {shape.name} | {name} | {row.lag:.2f} s | {row.share:.1%} | {row.polls:.1f} "
            f"| {row.lag / floor.lag:.2f} | {row.polls / floor.polls:.2f} |"
            for name, row in rows.items()
        ]
    return "\n".join(lines) + "\n"


def draw() -> None:
    """One panel a shape, both axes logarithmic: further down and further left is better."""
    figure = import_module("matplotlib.figure").Figure(figsize=(13, 4.8), layout="constrained")
    panels = figure.subplots(1, 3, sharex=True, sharey=True)
    for panel, shape in zip(panels, (TIGHT, WIDE, BIMODAL), strict=True):
        _panel(panel, shape)
    panels[0].set_ylabel("mean lag, seconds")
    for axis, ticks in ((panels[0].xaxis, (3, 5, 10, 20, 40)), (panels[0].yaxis, LAG_TICKS)):
        axis.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        axis.set_ticks((), minor=True)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, dpi=110)


def _panel(panel: Any, shape: Shape) -> None:
    panel.set(title=shape.name, xscale="log", yscale="log", xlabel="polls per prediction")
    panel.grid(color="0.92")
    optimum = [best(shape, price) for price in PRICES]
    _curve(panel, optimum, "0.55", "--")
    _curve(panel, [fixed(shape, seconds) for seconds in INTERVALS], "tab:red", "-")
    _curve(panel, [ours(shape, price) for price in PRICES], "tab:blue", "-")
    _label(panel, optimum[0], "best possible", "0.4", right=False)
    _point(panel, fixed(shape, 0.5), "every 0.5 s", "tab:red")
    _point(panel, fixed(shape, 2.0), "every 2 s", "tab:red")
    _point(panel, exponential(shape), "exponential", "tab:green")
    _point(panel, unknown(shape), "ours, never seen", "tab:blue")
    roomy = shape is not WIDE
    _point(panel, ours(shape, PRICE), f"ours, {LEARNED} seen", "tab:blue", right=roomy)


def _curve(panel: Any, costs: list[Cost], color: str, style: str) -> None:
    panel.plot([c.polls for c in costs], [c.lag for c in costs], style, color=color)


def _point(panel: Any, at: Cost, name: str, color: str, *, right: bool = True) -> None:
    panel.plot(at.polls, at.lag, "o", color=color, zorder=3)
    _label(panel, at, name, color, right=right)


def _label(panel: Any, at: Cost, name: str, color: str, *, right: bool) -> None:
    """Beside its place, on the side away from the curve it stands on."""
    panel.annotate(
        name,
        (at.polls, at.lag),
        xytext=(7, 0) if right else (-8, -6),
        textcoords="offset points",
        ha="left" if right else "right",
        color=color,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.polling", description=__doc__)
    parser.add_argument("--docs", action="store_true", help="write the table and the picture")
    wanted = parser.parse_args()
    figures = table()
    Console(width=120).print(figures, markup=False, highlight=False)
    if wanted.docs:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(before + BEGIN + figures + END + rest.partition(END)[2], encoding="utf-8")
        draw()


if __name__ == "__main__":
    main()
