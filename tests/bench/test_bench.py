"""The measurements count right: what arrived, what was lost, what came twice."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from PIL import Image

from bench import noise
from bench.contender import Contender, contenders
from bench.figures import Figures, over_rounds
from bench.polling import FAST, ours
from bench.record import Record
from bench.report import COLUMNS, cells
from bench.scenario import Scenario
from bench.stage import BenchFailed
from bench.start import Start
from bench.targets import judge
from bench.trial import measure
from bench.world import World
from bot.replicate.polling import PRICE

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="what a process uses is read from /proc"
)

SMALL = Scenario(
    "crowd", "a small one", 5, seconds=0.3, image_size=150_000, warm_up=0, drain=20, rest=0.1
)

#: Identifies, and then never answers anything.
SILENT = """
import asyncio, os, aiohttp
async def main():
    async with aiohttp.ClientSession() as session:
        base = os.environ["DISCORD_API_URL"].partition("/api")[0]
        async with session.ws_connect(base + "/gateway") as socket:
            await socket.send_json({"op": 2, "d": {}})
            async for _ in socket:
                pass
asyncio.run(main())
"""

FIGURES = Figures(
    scenario="crowd",
    bot="bare",
    requests=500,
    delivered=500,
    lost=0,
    twice=0,
    unacknowledged=0,
    bought_twice=0,
    throttled=0,
    ack_p50_ms=1.0,
    ack_p99_ms=4.0,
    ack_max_ms=20.0,
    seen_mean_ms=240.0,
    lag_mean_ms=250.0,
    lag_p50_ms=250.0,
    lag_p99_ms=500.0,
    lag_max_ms=510.0,
    polls=20.0,
    edits=0.0,
    cpu_ms=10.0,
    world_cpu_ms=5.0,
    rss_idle_kib=40_000,
    rss_peak_kib=80_000,
    loop_lag_ms=None,
    world_lag_p99_ms=2.0,
    world_lag_max_ms=5.0,
)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World(b"\xff" * 1000, "image/jpeg")
    async with world.serve():
        yield world


async def edit(world: World, record: Record, image: bytes, *, cut: int = 0) -> None:
    """The last edit of a reply, as discord.py sends it; `cut` bytes of its end are missing."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", "{}")
    form.add_field("files[0]", image, filename="a.jpg", content_type="application/octet-stream")
    payload = form()
    body = await payload.as_bytes()
    url = f"{world.address}/api/v10/webhooks/1/{record.token}/messages/@original"
    async with (
        aiohttp.ClientSession() as session,
        session.patch(url, data=body[: len(body) - cut], headers=dict(payload.headers)) as answer,
    ):
        assert answer.status == 200


@pytest.mark.parametrize("name", ["ours", "bare"])
async def test_every_image_of_a_bot_that_works_is_counted_once(name: str) -> None:
    figures = await measure(contenders()[name], SMALL)
    assert (figures.requests, figures.delivered, figures.lost) == (5, 5, 0)
    assert (figures.twice, figures.bought_twice, figures.unacknowledged) == (0, 0, 0)
    assert figures.throttled == 0
    assert (figures.polls or 0) >= 1
    assert (figures.cpu_ms or 0) > 0
    assert None not in (figures.ack_p99_ms, figures.lag_mean_ms, figures.world_lag_p99_ms)
    assert 0 <= (figures.seen_mean_ms or -1) < (figures.lag_mean_ms or 0)
    assert figures.rss_peak_kib >= figures.rss_idle_kib > 0


async def test_an_image_that_never_comes_is_lost_and_has_no_lag() -> None:
    never = replace(SMALL, requests=2, seconds=math.inf, drain=0.5)
    figures = await measure(contenders()["bare"], never)
    assert (figures.delivered, figures.lost, figures.unacknowledged) == (0, 2, 0)
    assert figures.lag_mean_ms is figures.seen_mean_ms is None


async def test_a_bot_that_never_answers_has_lost_everything() -> None:
    figures = await measure(Contender("silent", ("-c", SILENT)), replace(SMALL, drain=0.5))
    assert (figures.delivered, figures.lost, figures.unacknowledged) == (0, 5, 5)
    assert figures.polls is None


async def test_a_provider_with_limits_refuses_what_is_beyond_them() -> None:
    limited = replace(SMALL, drain=2, calls_per_minute=(2, math.inf))
    figures = await measure(contenders()["bare"], limited)
    assert (figures.throttled, figures.delivered, figures.lost) == (3, 2, 3)


async def test_a_bot_that_does_not_start_ends_the_measurement_with_its_last_words() -> None:
    with pytest.raises(BenchFailed, match="no such flag"):
        await measure(Contender("broken", ("-c", "raise SystemExit('no such flag')")), SMALL)


async def test_an_image_that_arrives_twice_is_counted_twice(world: World) -> None:
    record = await world.ask(seconds=0)
    await edit(world, record, b"\xff" * 1000)
    await edit(world, record, b"\xff" * 1200)
    assert len(record.deliveries) == 2


@pytest.mark.parametrize(("size", "cut"), [(999, 0), (1000, 1), (1000, 40)])
async def test_an_image_cut_short_is_no_delivery(world: World, size: int, cut: int) -> None:
    record = await world.ask(seconds=0)
    await edit(world, record, b"\xff" * size, cut=cut)
    assert (record.deliveries, record.incomplete) == ([], 1)


@pytest.mark.parametrize("size", [150_000, 1_000_000, 1_000_001, 1_065_539])
def test_the_jpeg_has_exactly_the_size_that_was_asked_for_and_decodes(size: int) -> None:
    content = noise.jpeg(size)
    assert len(content) == size
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()


def test_the_png_has_about_the_size_that_was_asked_for_and_decodes() -> None:
    content = noise.png(600_000)
    assert 590_000 < len(content) < 610_000
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()


@pytest.mark.parametrize(
    ("lag", "polls", "met"), [(257, 8, True), (258, 8, False), (200, 10, True), (201, 10, False)]
)
def test_lag_and_polls_are_judged_together(lag: float, polls: float, met: bool) -> None:
    ours = replace(FIGURES, bot="ours", lag_mean_ms=lag, polls=polls)
    verdicts = judge([FIGURES, ours], [])
    assert [v.met for v in verdicts if "× the lag of bare" in v.found] == [met]


def test_starts_are_judged_against_those_for_which_discord_took_as_long() -> None:
    near = [Start("ours", 1, 1, 150), Start("bare", 1, 1, 100)]
    far = [Start("ours", 1, 1, 420, 100), Start("bare", 1, 1, 400, 100)]
    assert [v.met for v in judge([], [*near, *far])] == [False, True]


def test_what_was_not_measured_is_not_judged_and_what_is_unknown_is_not_met() -> None:
    assert judge([FIGURES], [Start("ours", 1, 1, 1)]) == []
    patience = judge([replace(FIGURES, scenario="patience", bot="ours")], [])
    assert [v.met for v in patience if "loop lag" in v.found] == [False]


def test_over_rounds_figures_are_medians_and_losses_the_worst() -> None:
    rounds = [
        replace(FIGURES, polls=polls, lost=lost, delivered=500 - lost)
        for polls, lost in ((10.0, 0), (30.0, 7), (12.0, 0))
    ]
    one = over_rounds(rounds)
    assert (one.polls, one.lost, one.delivered, one.loop_lag_ms) == (12.0, 7, 493, None)


def test_a_row_has_a_cell_for_every_column() -> None:
    assert len(cells(FIGURES)) == len(COLUMNS)


def test_where_a_poll_costs_more_there_are_fewer_and_images_wait_longer() -> None:
    cheap, dear = ours(FAST, PRICE), ours(FAST, 4 * PRICE)

    assert (dear.polls < cheap.polls, dear.lag > cheap.lag) == (True, True)
