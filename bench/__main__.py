"""`python -m bench`: three bots, one after the other, under the same load."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from bench import document, report
from bench.contender import ROOT, Contender, contenders
from bench.figures import Figures, over_rounds
from bench.results import Results, machine
from bench.scenario import SCENARIOS, Scenario
from bench.stage import BenchFailed
from bench.start import Start, measure_starts
from bench.targets import judge
from bench.trial import measure

T = TypeVar("T")

OUT = ROOT / "bench-out"

_WIDTH = 100
_START = "start"
_DEFAULT_BOTS = "ours,bare,official"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    *,
    only: Annotated[
        str, typer.Option(metavar="NAMES", help="Scenarios, separated by commas.")
    ] = ",".join([*SCENARIOS, _START]),
    bots: Annotated[
        str, typer.Option(metavar="NAMES", help="Bots, separated by commas; also: untuned.")
    ] = _DEFAULT_BOTS,
    rounds: Annotated[
        int, typer.Option(min=1, help="Repeat each measurement, the bots by turns.")
    ] = 1,
    last: Annotated[
        bool, typer.Option("--last", help="Measure nothing: show the last results again.")
    ] = False,
    docs: Annotated[
        bool, typer.Option("--docs", help="Also write docs/performance.md and its picture.")
    ] = False,
) -> None:
    """Measure this bot beside a bare one and one on Replicate's own client."""
    if not sys.platform.startswith("linux"):
        raise typer.BadParameter("What a process uses is read from /proc: this needs Linux.")
    # A file has no width of its own, and the tables want this much.
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    file = OUT / "results.json"
    failures: list[str] = []
    if last:
        if not file.exists():
            raise typer.BadParameter("There are no results yet.")
        results = Results.load(file)
    else:
        run = Run(console, [_named(contenders(), name) for name in bots.split(",")], rounds)
        results, failures = run.results(only.split(",")), run.failures
        results.save(file)
    _present(console, results, docs=docs)
    if failures:
        raise typer.Exit(1)


class Run:
    """What is measured in one go; what did not work is said, and kept in `failures`."""

    def __init__(self, console: Console, bots: Sequence[Contender], rounds: int) -> None:
        self.failures: list[str] = []
        self._console = console
        self._bots = bots
        self._rounds = rounds

    def results(self, names: Sequence[str]) -> Results:
        """Those of the named scenarios."""
        scenarios = [_named(SCENARIOS, name) for name in names if name != _START]
        figures = [one for scenario in scenarios for one in self.scenario(scenario)]
        return Results(machine(), figures, self.starts() if _START in names else [])

    def scenario(self, scenario: Scenario) -> Iterator[Figures]:
        """Each bot's figures, over all rounds."""
        bots = [bot for bot in self._bots if not scenario.only or bot.name in scenario.only]
        found: dict[str, list[Figures]] = {}
        for _ in range(self._rounds):
            for bot in bots:
                self._console.print(f"[dim]{scenario.name}: {bot.name} …[/]", highlight=False)
                try:
                    figures = asyncio.run(measure(bot, scenario))
                except BenchFailed as failed:
                    self._fail(failed)
                else:
                    found.setdefault(bot.name, []).append(figures)
        for every in found.values():
            yield over_rounds(every)

    def starts(self) -> list[Start]:
        """Our bot's start and the bare one's."""
        self._console.print("[dim]start …[/]")
        try:
            compared = [bot for bot in self._bots if bot.name in ("ours", "bare")]
            return asyncio.run(measure_starts(compared))
        except BenchFailed as failed:
            self._fail(failed)
            return []

    def _fail(self, failed: BenchFailed) -> None:
        self._console.print(f"[red]✗[/] {failed}", highlight=False)
        self.failures.append(str(failed))


def _present(console: Console, results: Results, *, docs: bool) -> None:
    verdicts = judge(results.figures, results.starts)
    report.show(console, results.figures, results.starts, verdicts)
    _draw(console, results, OUT / "performance.png")
    if docs:
        document.write(results, verdicts)
        _draw(console, results, ROOT / document.PICTURE)


def _draw(console: Console, results: Results, file: Path) -> None:
    if not results.figures:  # starts alone have no picture
        return
    try:
        from bench.chart import draw
    except ModuleNotFoundError as missing:
        console.print(f"[dim]No picture: {missing.name} is not installed (make bench does).[/]")
        return
    draw(results.figures, file)
    console.print(f"[dim]{file.relative_to(ROOT)}[/]", highlight=False)


def _named(every: dict[str, T], name: str) -> T:
    if name not in every:
        raise typer.BadParameter(f"{name!r} is none of: {', '.join(every)}.")
    return every[name]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: its bot must not stay
    app()
