"""The picture of `/usage`, and the same in words for those who cannot see it."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from bot.domain.generation import Usage
from bot.domain.sums import DailyUsage, Share
from bot.pictures.canvas import GROUND, HEIGHT, LARGE, MUTED, NAMELESS, SMALL, WIDTH, Canvas, blank
from bot.record import replace
from bot.text import plural, shorten, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Discord's limit for alt text.
ALT_TEXT_LIMIT = 1024
#: As many lines of a list as there is room for.
ROWS = 5
#: Beyond three months a day's bar is thinner than a pixel on a phone: then a bar is a week.
MOST_BARS = 93
#: Of a name in the alt text, in UTF-16 units: ten of them and all figures fit.
_NAME = 50
_MARGIN, _AXIS, _RIGHT, _BAR, _ROW = 20, 64, WIDTH - 28, 0.8, 19
_COST, _LINE = "#e8c547", "#2f5d7c"
_READABLE = (2, 4, 6, 8, 10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100)

Days: TypeAlias = Sequence[DailyUsage]
Shares: TypeAlias = Sequence[Share]


class _Outcome(NamedTuple):
    """A field of Usage, in words and by its looks."""

    field: str
    name: str
    colour: str
    hatch: str
    edge: str = GROUND

    @property
    def looks(self) -> dict[str, Any]:
        line = 0 if self.edge == GROUND else 1.2  # the edge's colour is the hatching's too
        own = {"facecolor": self.colour, "hatch": self.hatch}
        return {**own, "edgecolor": self.edge, "linewidth": line}


#: From the bottom of a bar to its top. After Okabe and Ito's colours, made for colour-blind eyes;
#: brightness, hatching and order tell them apart without any.
_OUTCOMES = (
    _Outcome("images", "delivered", "#56b4e9", ""),
    _Outcome("failed", "failed", "#e8702a", "////"),
    _Outcome("canceled", "canceled", "#dcdfe4", ""),
    _Outcome("unknown", "unknown", "#d68ab5", "xxxx"),
    _Outcome("pending", "in progress", GROUND, "", edge="#f2f3f5"),
)


def draw(title: str, days: Days, people: Shares = (), models: Shares = ()) -> bytes:
    """Draw a PNG of these consecutive days and of whose the images were.

    Blocks, the first time for a second: callers run it off the event loop. Raises OSError where
    neither the home nor any temporary directory can be written.
    """
    short = [replace(model, name=model.name.rpartition("/")[2]) for model in models]
    lists = list(_lists(people, short))
    bottom = HEIGHT - 124.0 if lists else HEIGHT - 8.0
    width = (WIDTH - _MARGIN) / max(1, len(lists))
    with blank() as canvas:
        canvas.write(_MARGIN, 22, title, size=LARGE, room=WIDTH - 2 * _MARGIN)
        _legend(canvas, days)
        _history(canvas, days, bottom)
        for number, (heading, shares) in enumerate(lists):
            _list(canvas, heading, shares, (_MARGIN + number * width, bottom, width - _MARGIN))
        return canvas.png()


def main() -> None:
    """Draw what a process of ours asks for by its standard input, and write the PNG to the output.

    Drawing takes the interpreter for itself, and much memory: better not the bot's.
    """
    asked = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by `bot.panels.usage`, nobody else
    sys.stdout.buffer.write(draw(*asked))


def alt_text(title: str, days: Days, people: Shares = (), models: Shares = ()) -> str:
    """Say what `draw` shows, in at most ALT_TEXT_LIMIT UTF-16 units."""
    parts = [shorten(visible(title), _NAME) or NAMELESS]
    if days:
        first, last = days[0].day.isoformat(), days[-1].day.isoformat()
        parts.append(f"{plural(len(days), 'day')}, {first} to {last}")
    counts = [f"{count:,} {outcome.name}" for outcome, count in _counts(days)]
    parts.append("Images: " + (", ".join(counts) or "none"))
    if cost := _cost(days):
        parts.append(f"Cost: {cost}")
    most = max(days, key=lambda day: day.usage.images, default=None)
    if most and most.usage.images:
        parts.append(f"Most on {most.day.isoformat()}: {plural(most.usage.images, 'image')}")
    for heading, shares in _lists(people, models):
        names = [shorten(visible(share.name), _NAME) or NAMELESS for share in shares[:ROWS]]
        figures = [_figures(share, shares).replace(" ·", ",") for share in shares[:ROWS]]
        parts.append(f"{heading}: {'; '.join(map(' '.join, zip(names, figures, strict=True)))}")
    return shorten(". ".join(parts) + ".", ALT_TEXT_LIMIT)


def _legend(canvas: Canvas, days: Days) -> None:
    """The outcomes that occur, with their counts, in one line however large these are."""
    entries = [(outcome, f"{_count(count)} {outcome.name}") for outcome, count in _counts(days)]
    letters = sum(0.57 * len(text) + 2.2 for _, text in entries)
    size = min(SMALL, (WIDTH - 2 * _MARGIN) / max(1, letters))
    x = float(_MARGIN)
    for outcome, text in entries:
        canvas.bar(x, 46, 0.9 * size, 0.9 * size, **outcome.looks)
        x += 1.3 * size
        x += canvas.write(x, 46, text, size=size) + 0.9 * size


def _history(canvas: Canvas, days: Days, bottom: float) -> None:
    """Images over time; below, for the same days, what they cost, where any of that is known."""
    bars, every = (days, "day") if len(days) <= MOST_BARS else (_weeks(days), "week")
    top, dates, cost = 67.0, bottom - 22, _cost(days)
    priced = any(bar.usage.cost_micros for bar in bars)
    split = top + 0.6 * (dates - top) if priced else dates
    heading = f"Images per {every}" + (f" · cost {cost}" if cost and not priced else "")
    axes = _panel(canvas, heading, top, split, bars)
    if _counts(days):
        _images(axes, bars)
    else:
        axes.set_yticks([])
        canvas.write(WIDTH / 2, (top + split) / 2, "No images", colour=MUTED, align="center")
    if priced:
        hatched = " · hatched: unknown" if any(map(_unpriced, days)) else ""
        axes = _panel(canvas, f"Cost per {every} · {cost}{hatched}", split + 13, dates, bars)
        _costs(axes, bars)
    _dates(axes, bars)


def _panel(canvas: Canvas, heading: str, top: float, bottom: float, bars: Days) -> Axes:
    canvas.write(_MARGIN, top, heading, colour=MUTED)
    return canvas.panel(_AXIS, top + 18, _RIGHT, bottom, len(bars))


def _images(axes: Axes, bars: Days) -> None:
    """One stack a bar, one layer an outcome."""
    below = [0] * len(bars)
    for outcome in _OUTCOMES:
        counts = [getattr(bar.usage, outcome.field) for bar in bars]
        at = [number for number, count in enumerate(counts) if count]
        heights, bottoms = [counts[n] for n in at], [below[n] for n in at]
        axes.bar(at, heights, _BAR, bottoms, **outcome.looks)
        below = [low + count for low, count in zip(below, counts, strict=True)]
    top = _round(max(below))
    axes.set_ylim(0, top)
    axes.set_yticks([0, top // 2, top], ["0", _count(top // 2), _count(top)])


def _costs(axes: Axes, bars: Days) -> None:
    """A bar where the cost is known; a hatched ground where it is not."""
    micros = [bar.usage.cost_micros or 0 for bar in bars]
    axes.bar(range(len(bars)), micros, _BAR, color=_COST)
    for at, bar in enumerate(bars):
        if _unpriced(bar):
            axes.axvspan(at - 0.5, at + 0.5, fc="none", ec=MUTED, lw=0, hatch="////")
    top = _round(max(micros))
    axes.set_ylim(0, top)
    axes.set_yticks([top], [_dollars(top)])


def _round(most: int) -> int:
    """The next number that reads well beside an axis, and so does its half."""
    size: int = 10 ** max(0, len(str(most)) - 2)
    return next(size * number for number in _READABLE if size * number >= most)


def _dates(axes: Axes, bars: Days) -> None:
    """At most six, the last among them."""
    step = max(1, -(-len(bars) // 6))
    shown = range((len(bars) - 1) % step, len(bars), step)
    axes.set_xticks(shown, [f"{bars[at].day:%b} {bars[at].day.day}" for at in shown])


def _list(canvas: Canvas, heading: str, shares: Shares, place: tuple[float, float, float]) -> None:
    """The first of them, each on a bar as long as its share of the longest."""
    x, y, width = place
    more = f" · {ROWS} of {_count(len(shares))}" if len(shares) > ROWS else ""
    canvas.write(x, y + 12, heading + more, colour=MUTED)
    most = max(1, shares[0].images)
    for number, share in enumerate(shares[:ROWS]):
        middle = y + 31 + number * _ROW
        canvas.bar(x, middle, max(1, width * share.images / most), _ROW - 2, color=_LINE)
        figures = canvas.write(x + width - 4, middle, _figures(share, shares), align="right")
        canvas.write(x + 4, middle, share.name, room=width - 16 - figures)


def _lists(people: Shares, models: Shares) -> Iterator[tuple[str, Shares]]:
    """Those that are not empty, most images first."""
    for heading, shares in (("Top people this month", people), ("Top models this month", models)):
        if shares:
            yield heading, sorted(shares, key=lambda share: -share.images)


def _weeks(days: Days) -> Days:
    """Sevens of days, the last one whole, each under its first day."""
    weeks = [days[max(0, end - 7) : end] for end in range(len(days), 0, -7)]
    return [DailyUsage(week[0].day, _sum(week)) for week in reversed(weeks)]


def _sum(days: Days) -> Usage:
    counts = {it.field: sum(getattr(day.usage, it.field) for day in days) for it in _OUTCOMES}
    cost = None if any(map(_unpriced, days)) else sum(day.usage.cost_micros or 0 for day in days)
    return Usage(**counts, cost_micros=cost)


def _counts(days: Days) -> list[tuple[_Outcome, int]]:
    """The outcomes that occur, and how often."""
    total = _sum(days)
    return [(it, count) for it in _OUTCOMES if (count := getattr(total, it.field))]


def _unpriced(day: DailyUsage) -> bool:
    """Whether something was made at a cost that nobody knows."""
    return day.usage.cost_micros is None and any(getattr(day.usage, it.field) for it in _OUTCOMES)


def _cost(days: Days) -> str:
    """What all of it cost, as far as anybody knows; empty where there was nothing to pay."""
    known = sum(day.usage.cost_micros or 0 for day in days)
    if any(map(_unpriced, days)):
        return f"at least {_money(known)}" if known else "unknown"
    return f"about {_money(known)}" if known else ""


def _figures(share: Share, among: Shares) -> str:
    """Its count and its cost, where any of the list has one."""
    if all(other.cost_micros is None for other in among):
        return _count(share.images)
    cost = "cost unknown" if share.cost_micros is None else _money(share.cost_micros)
    return f"{_count(share.images)} · {cost}"


def _money(micros: int) -> str:
    if 0 < micros < 10_000:
        return f"${micros / 1_000_000:.6f}".rstrip("0")
    return f"${micros / 1_000_000:,.2f}"


def _dollars(micros: int) -> str:
    """A round sum, as short as it can be."""
    whole = _count(micros // 1_000_000)
    return f"${whole}" if micros % 1_000_000 == 0 else _money(micros)


def _count(number: int) -> str:
    """Six letters at most, below a billion."""
    for least, size, letter in ((1_000_000, 1_000_000, "M"), (10_000, 1_000, "k")):
        if number >= least:
            return f"{number / size:.1f}".removesuffix(".0") + letter
    return f"{number:,}"
