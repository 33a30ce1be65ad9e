"""The figures as a table for a terminal, and the same cells for the document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench.figures import Figures
from bench.scenario import SCENARIOS
from bench.start import Start
from bench.targets import Verdict

_MIB = 1024  # KiB
_STYLE: dict[str, Any] = {
    "box": box.SIMPLE_HEAD,
    "title_style": "bold",
    "title_justify": "left",
    "caption_justify": "left",
    "padding": (0, 1, 0, 0),
}

COLUMNS = (
    "bot", "delivered", "ack p50/p99/max", "lag seen/mean/p99", "polls", "edits", "CPU",
    "RSS idle–peak", "429",
)  # fmt: skip
"""What `cells` gives. Times in ms, CPU in ms an image, RSS in MiB."""

START_COLUMNS = ("bot", "Discord's answer", "connected", "first answer", "first answer ever")


def cells(figures: Figures) -> list[str]:
    """One bot's row in the order of COLUMNS."""
    twice = f" ({figures.twice} twice)" if figures.twice else ""
    acks = map(_whole, (figures.ack_p50_ms, figures.ack_p99_ms, figures.ack_max_ms))
    lags = map(_whole, (figures.seen_mean_ms, figures.lag_mean_ms, figures.lag_p99_ms))
    memory = map(_whole, (figures.rss_idle_kib / _MIB, figures.rss_peak_kib / _MIB))
    return [
        figures.bot,
        f"{figures.delivered}/{figures.requests}{twice}",
        "/".join(acks),
        "/".join(lags),
        *map(_tenth, (figures.polls, figures.edits, figures.cpu_ms)),
        "–".join(memory),
        str(figures.throttled),
    ]


def start_cells(start: Start) -> list[str]:
    """One bot's row in the order of START_COLUMNS."""
    times = (start.discord_ms, start.identified_ms, start.answered_ms, start.first_ms)
    return [start.bot, *map(_whole, times)]


def show(
    console: Console,
    every: Sequence[Figures],
    starts: Sequence[Start],
    verdicts: Sequence[Verdict],
) -> None:
    """Print everything."""
    for name in dict.fromkeys(figures.scenario for figures in every):
        console.print(_table(name, [figures for figures in every if figures.scenario == name]))
    if starts:
        console.print(_starts(starts))
    for verdict in verdicts:
        mark = "[green]✓[/]" if verdict.met else "[red]✗[/]"
        console.print(f"{mark} {verdict.found}  [dim]({verdict.asked})[/]", highlight=False)


def about(name: str) -> str:
    """What a scenario is, in words; its name alone if it is none of ours."""
    return f"{name}: {SCENARIOS[name].about}" if name in SCENARIOS else name


def noise_of(every: Sequence[Figures]) -> str:
    """How late the measuring process itself was."""
    late = [
        f"{_tenth(figures.world_lag_p99_ms)}/{_tenth(figures.world_lag_max_ms)}"
        for figures in every
    ]
    return f"The measuring loop itself was late by (p99/max, ms): {', '.join(late)}"


def _table(name: str, every: Sequence[Figures]) -> Table:
    table = Table(title=about(name), caption=noise_of(every), **_STYLE)
    for column in COLUMNS:
        # What a cell's parts are stands on a line of its own, so that 80 columns suffice.
        table.add_column(column.replace(" ", "\n", 1), justify="right", no_wrap=True)
    for figures in every:
        table.add_row(*cells(figures))
    return table


def _starts(starts: Sequence[Start]) -> Table:
    table = Table(title="start: ms from nothing", **_STYLE)
    for column in START_COLUMNS:
        table.add_column(column, justify="right")
    for start in starts:
        table.add_row(*start_cells(start))
    return table


def _whole(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _tenth(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
