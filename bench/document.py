"""The part of docs/performance.md that a run writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench import report
from bench.contender import ROOT
from bench.figures import Figures
from bench.results import Results
from bench.targets import Verdict

DOCUMENT = "docs/performance.md"
PICTURE = "docs/pictures/performance.png"

BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def write(results: Results, verdicts: Sequence[Verdict]) -> None:
    """Replace what stands between the markers. Raises ValueError where they are missing."""
    file = ROOT / DOCUMENT
    before, begin, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{DOCUMENT} has no place for figures: {BEGIN} … {END}")
    written = "\n".join(_lines(results, verdicts))
    file.write_text(f"{before}{BEGIN}\n{written}\n{END}{after}", encoding="utf-8")


def _lines(results: Results, verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield " · ".join(f"{what} {of}" for what, of in results.machine.items())
    for name in dict.fromkeys(figures.scenario for figures in results.figures):
        every = [figures for figures in results.figures if figures.scenario == name]
        yield from ["", f"**{report.about(name)}**", "", *_table(every), "", report.noise_of(every)]
    if results.starts:
        yield from ["", "**start: ms from the start of the process**", ""]
        yield from _rows([list(report.START_COLUMNS), *map(report.start_cells, results.starts)])
    yield from ["", "**What it must show**", ""]
    marked = [["✓" if v.met else "✗", v.found, v.asked] for v in verdicts]
    yield from _rows([["", "Found", "Asked for"], *marked])


def _table(every: Sequence[Figures]) -> Iterator[str]:
    return _rows([list(report.COLUMNS), *map(report.cells, every)])


def _rows(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(rows[0])} |"
    yield f"|{'---|' * len(rows[0])}"
    for row in rows[1:]:
        yield f"| {' | '.join(row)} |"
