"""The picture of `/usage`: whole, legible, true; and the same in words."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from PIL import Image as Pillow

from bot.domain.generation import Usage
from bot.domain.sums import DailyUsage, Share
from bot.panels import chart
from bot.panels.chart import ALT_TEXT_LIMIT, alt_text, draw
from bot.pictures.canvas import Canvas, blank
from bot.text import units

COLOURS = {outcome.field: outcome.colour for outcome in chart._OUTCOMES}
NAMES = {outcome.field: outcome.name for outcome in chart._OUTCOMES}
COLOURS["pending"] = "#f2f3f5"  # hollow: only its edge has a colour
HOSTILE = [
    "",
    " \n\t",
    "\0",
    "🦊🦊🦊",
    "さくら桜",
    "שלום عالم",
    "\u202egnp.exe",
    "$E=mc^2$",
    r"$\frac{",
    "$$",
    r"\n \ % _x_ **b** ~~s~~ `c` <@1> # h",
    "two\nlines\r\nand \u2028 more",
    "Z̸̢̛̖̤̝̥͊̈́̀" + "\u0334" * 500,
    "\ud800 half a character",
    "W" * 5000,
    "👨‍👩‍👧‍👦 family",
]


def history(*usages: Usage) -> list[DailyUsage]:
    first = date(2026, 10, 26)
    return [DailyUsage(first + timedelta(days=n), usage) for n, usage in enumerate(usages)]


def made(images: int = 3, cost: int | None = 120_000, **others: int) -> Usage:
    return Usage(images=images, cost_micros=cost, **others)


def shares(*names: str) -> list[Share]:
    return [Share(name, 9 - n, 40_000 * (9 - n)) for n, name in enumerate(names)]


def colours(picture: bytes) -> set[str]:
    """The colours of at least some pixels."""
    with Pillow.open(io.BytesIO(picture)) as opened:
        counted = opened.convert("RGB").getcolors(opened.width * opened.height) or []
    return {"#{:02x}{:02x}{:02x}".format(*colour) for count, colour in counted if count > 20}  # type: ignore[misc] # RGB


def written(drawn: Canvas) -> list[str]:
    return [text.get_text() for text in drawn._paper.texts]


def beside(drawn: Canvas) -> list[list[str]]:
    """The numbers beside each panel."""
    _, *panels = drawn._figure.axes
    return [[label.get_text() for label in axes.get_yticklabels()] for axes in panels]


@pytest.mark.parametrize(
    "days",
    [
        history(),
        history(made()),
        history(*[Usage()] * 31),
        history(*[made(n % 7, failed=n % 3, canceled=n % 2) for n in range(31)]),
        history(*[made(n, unknown=n % 2) for n in range(366)]),
        history(*[made(10**9, 10**15, failed=10**9)] * 31),
        history(made(1, 1)),
    ],
    ids=["no days", "one day", "all zero", "a month", "a year", "huge", "a millionth"],
)
@pytest.mark.parametrize("listed", [0, 1, 30])
def test_it_is_one_opaque_png_of_the_size_that_discord_shows(
    days: list[DailyUsage], listed: int
) -> None:
    data = draw("Fox Den", days, shares(*["someone"] * listed), shares(*["a/model"] * listed))

    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(data) < 200_000
    with Pillow.open(io.BytesIO(data)) as opened:
        opened.load()
        assert opened.size == (1100, 700)
        assert opened.convert("RGBA").getchannel("A").getextrema() == (255, 255)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_any_name_can_be_drawn_and_said(text: str) -> None:
    """A warning would be an error here."""
    everywhere = (text, history(made()), shares(text, text), shares(text))

    assert draw(*everywhere).startswith(b"\x89PNG")
    assert 0 < units(alt_text(*everywhere)) <= ALT_TEXT_LIMIT


@pytest.mark.parametrize("field", COLOURS)
def test_an_outcome_is_drawn_and_explained_where_it_occurs(field: str) -> None:
    days = history(Usage(**{field: 1}, cost_micros=0), Usage(**{field: 1}, cost_micros=0))

    seen = colours(draw("", days))
    with blank() as drawn:
        chart._legend(drawn, days)

    assert seen & set(COLOURS.values()) == {COLOURS[field], COLOURS["pending"]}  # as is all text
    assert written(drawn) == [f"2 {NAMES[field]}"]


def test_a_cost_that_is_unknown_is_said_and_not_drawn_as_zero() -> None:
    def headings(*usages: Usage) -> list[str]:
        with blank() as drawn:
            chart._history(drawn, history(*usages), 300)
            assert chart._COST in colours(drawn.png()) or len(beside(drawn)) == 1
        return written(drawn)

    assert headings(made(), made()) == ["Images per day", "Cost per day · about $0.24"]
    assert headings(made(), made(cost=None)) == [
        "Images per day",
        "Cost per day · at least $0.12 · hatched: unknown",
    ]
    assert headings(made(cost=None), Usage()) == ["Images per day · cost unknown"]
    assert headings(Usage(), Usage(failed=1, cost_micros=0)) == ["Images per day"]
    assert headings(Usage(), Usage()) == ["Images per day", "No images"]


def test_numbers_beside_the_axis_are_whole_and_the_bars_stay_below_the_last() -> None:
    for most in (*range(1, 200), 999, 1001, 123_456):
        top = chart._round(most)
        assert most <= top <= 2 * most
        assert top % 2 == 0
    with blank() as drawn:
        chart._history(drawn, history(made(1)), 300)
    assert beside(drawn) == [["0", "1", "2"], ["$0.12"]]


def test_more_than_three_months_are_drawn_by_the_week_and_lose_nothing() -> None:
    days = history(*[made(n, n * 40_000) for n in range(366)])

    weeks = chart._weeks(days)

    assert (len(weeks), weeks[0].day, weeks[-1].day) == (53, days[0].day, days[-7].day)
    assert chart._sum(weeks) == chart._sum(days)
    with blank() as drawn:
        chart._history(drawn, days, 300)
    assert written(drawn)[0] == "Images per week"


def test_a_week_with_a_day_of_unknown_cost_is_of_unknown_cost() -> None:
    weeks = chart._weeks(history(*[made()] * 6, made(cost=None), *[made(), Usage()] * 7))

    assert [week.usage.cost_micros for week in weeks] == [None, 480_000, 360_000]


def test_a_list_shows_those_with_most_images_and_says_how_many_there_are() -> None:
    people = [Share(f"person {n}", n, None if n == 7 else n * 40_000) for n in range(8)]
    [(heading, ranked)] = chart._lists(people, ())

    with blank() as drawn:
        chart._list(drawn, heading, ranked, (0, 0, 500))

    assert written(drawn)[:5] == [
        "Top people this month · 5 of 8",
        *("7 · cost unknown", "person 7", "6 · $0.24", "person 6"),
    ]
    assert len(written(drawn)) == 1 + 2 * chart.ROWS


def test_several_threads_may_draw_at_once() -> None:
    args = ("Fox Den", history(made(), made(5)), shares("someone"), shares("a/model"))
    alone = draw(*args)

    with ThreadPoolExecutor(4) as threads:
        assert {*threads.map(lambda _: draw(*args), range(8))} == {alone}


# ---------------------------------------------------------------------------------- in words


def test_the_words_hold_every_figure() -> None:
    days = history(made(1200, 48_000_000, failed=2, canceled=3, unknown=4, pending=5), made(40))
    models = [Share("google/imagen-4-ultra", 402, 16_080_000), Share("a/b", 1, None)]

    assert alt_text("Fox Den", days, [Share("someone", 1, None)], models) == (
        "Fox Den. 2 days, 2026-10-26 to 2026-10-27. "
        "Images: 1,240 delivered, 2 failed, 3 canceled, 4 unknown, 5 in progress. "
        "Cost: about $48.12. Most on 2026-10-26: 1,200 images. Top people this month: someone 1. "
        "Top models this month: google/imagen-4-ultra 402, $16.08; a/b 1, cost unknown."
    )


def test_the_words_never_call_an_unknown_cost_none() -> None:
    assert "Cost: unknown." in alt_text("", history(made(cost=None)))
    assert "Cost: at least $0.12." in alt_text("", history(made(), made(cost=None)))
    assert alt_text("Mine", []) == "Mine. Images: none."
    assert "Cost" not in alt_text("", history(Usage(), Usage()))


def test_the_words_fit_however_long_the_names_are() -> None:
    longest = shares(*["🦊" * 3000] * 9)

    text = alt_text("🦊" * 3000, history(*[made(10**9, 10**15)] * 366), longest, longest)

    assert 700 < units(text) <= ALT_TEXT_LIMIT
    assert text.endswith(".")
