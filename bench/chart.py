"""The main figures as a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.figures import Figures

_COLOURS = {"ours": "#5865f2", "bare": "#9aa0a6", "official": "#e8a33d", "untuned": "#c0504d"}
_STYLE: Any = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
_BAR = 0.28
_MIB = 1024  # KiB

#: A panel's title, where its axis begins if it is logarithmic, and its value.
_PANELS: tuple[tuple[str, float | None, Callable[[Figures], float | None]], ...] = (
    ("delivery lag, mean, s", 0.1, lambda figures: _seconds(figures.lag_mean_ms)),
    ("polls an image", None, lambda figures: figures.polls),
    ("CPU, ms an image", None, lambda figures: figures.cpu_ms),
    ("acknowledgement p99, ms", 1.0, lambda figures: figures.ack_p99_ms),
    ("peak memory above idle, MiB", None, lambda figures: figures.growth_kib / _MIB),
    ("lost, % of requests", None, lambda figures: 100 * figures.lost / figures.requests),
)


def draw(every: Sequence[Figures], file: Path) -> None:
    """Write the picture: one panel a figure, scenarios side by side, a colour a bot.

    Scenarios of one bot alone are left out where there are others: they compare nothing.
    """
    count = Counter(figures.scenario for figures in every)
    scenarios = [name for name in count if count[name] > 1] or list(count)
    bots = list(dict.fromkeys(figures.bot for figures in every))
    by_name = {(figures.scenario, figures.bot): figures for figures in every}
    file.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(_STYLE):
        picture = Figure(figsize=(12, 6), layout="constrained")
        grid = picture.subplots(2, 3)
        for axes, (title, bottom, value) in zip(grid.flat, _PANELS, strict=True):
            for at, bot in enumerate(bots):
                found = [by_name.get((scenario, bot)) for scenario in scenarios]
                heights = [value(figures) if figures else None for figures in found]
                _bars(axes, at - (len(bots) - 1) / 2, bot, heights)
            axes.set_title(title, loc="left")
            axes.set_xticks(range(len(scenarios)), scenarios)
            if bottom is not None:
                axes.set_yscale("log")
                axes.set_ylim(bottom=bottom)
            elif axes.get_ylim()[1] < 1:
                axes.set_ylim(top=1)
        grid.flat[0].legend(frameon=False)
        picture.savefig(file, dpi=110)


def _bars(axes: Any, shift: float, bot: str, heights: Sequence[float | None]) -> None:
    places = [at + shift * _BAR for at in range(len(heights))]
    bars = axes.bar(
        places, [height or 0 for height in heights], _BAR, label=bot, color=_COLOURS.get(bot)
    )
    axes.bar_label(bars, list(map(_label, heights)), fontsize=6.5, padding=1)


def _label(height: float | None) -> str:
    """Three digits are enough beside a bar."""
    if height is None:
        return ""
    return f"{height:,.0f}" if height >= 100 or height == 0 else f"{height:.2g}"


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
