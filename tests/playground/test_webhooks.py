"""The unmodified bot, told by the small Replicate's webhooks when an image is ready."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from playground.faults import Faults
from playground.serving import claim
from playground.stage import Plan, stage
from playground.wire import Point
from tests.chaos.rehearsal import Asked, Rehearsals

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE = 60.0


@dataclass
class Watched:
    """Rehearsals with the looks at each prediction counted."""

    on: Rehearsals
    looks: Counter[str] = field(default_factory=Counter)

    async def tap(self, point: Point, request: web.Request) -> web.StreamResponse | None:
        if point is Point.RECEIVED and request.method == "GET":
            self.looks[request.path.rpartition("/")[2]] += 1
        return None

    async def made(self, number: int = 1) -> list[Asked]:
        """So many images, asked for at once and all there."""
        asked = [await self.on.ask() for _ in range(number)]
        rows = await asyncio.gather(*(each.ended() for each in asked))
        assert {(row["status"], row["quota"]) for row in rows} == {("delivered", "settled")}
        assert [each.purchases for each in asked] == [1] * number
        assert [len(each.shown(self.on.channel)) for each in asked] == [1] * number
        return asked

    def looks_at(self, asked: Asked) -> int:
        return self.looks[str(asked.row["prediction_id"])]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def one_bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    folder = tmp_path_factory.mktemp("webhooks")
    (folder / "data").mkdir()
    settings = {"USER_DAILY_IMAGES": "none", "MODEL_PRICES": "google/imagen-4-ultra=0.06"}
    plan = Plan(claim(0), folder, folder / "data", 0.6, Faults(), settings=settings)
    async with stage(replace(plan, webhooks=True)) as running:
        await asyncio.wait_for(running.ready(), PATIENCE)
        here = Watched(Rehearsals(running, folder / "data" / "imagine.db"))
        running.small.wire.taps.append(here.tap)
        await here.made()
        yield here


@pytest.fixture
def on(one_bot: Watched) -> Iterator[Watched]:
    yield one_bot
    one_bot.on.calm()
    one_bot.looks.clear()


async def test_images_are_looked_for_at_most_twice_each(on: Watched) -> None:
    asked = await on.made(6)
    assert all(1 <= on.looks_at(each) <= 2 for each in asked)


@pytest.mark.fault(
    "a forged webhook says too early that it is ready",
    sees="the image, in the same reply",
    charged="one image, once",
)
@pytest.mark.fault(
    "a webhook of ten minutes ago says that it is ready",
    sees="the image, in the same reply",
    charged="one image, once",
)
@pytest.mark.fault(
    "webhooks are sent again, as they were",
    sees="the image, in the same reply",
    charged="one image, once",
)
@pytest.mark.fault(
    "webhooks arrive in reverse order",
    sees="the image, in the same reply",
    charged="one image, once",
)
@pytest.mark.fault(
    "webhooks come twice at the same moment",
    sees="the image, in the same reply",
    charged="one image, once",
)
@pytest.mark.parametrize("name", ["forged", "stale", "replayed", "reordered", "double"])
async def test_webhooks_gone_wrong_change_nothing(on: Watched, name: str) -> None:
    on.on.trouble(f"webhook-{name}")
    asked = await on.made(3)
    assert all(1 <= on.looks_at(each) <= 2 for each in asked)


@pytest.mark.fault(
    "no webhook arrives any more", sees="the image, in the same reply", charged="one image, once"
)
async def test_lost_ones_leave_nobody_waiting(on: Watched) -> None:
    on.on.trouble("webhook-lost")
    for _ in range(4):
        await on.made()
    log = on.on.stage.bot.log.read_text(encoding="utf-8")
    assert log.count("webhooks do not come") == 1
    on.on.calm()
    await on.made(2)
    asked = await on.made(2)
    assert all(on.looks_at(each) <= 2 for each in asked)


@pytest.mark.fault(
    "the bot is killed (-9) while a webhook is to come",
    sees="the image, in the same reply",
    charged="one image, once",
)
async def test_who_was_dead_when_it_came_looks_by_itself(on: Watched) -> None:
    on.on.trouble("slow")
    asked = await on.on.ask()
    await asked.running()
    await on.on.stage.trouble.act("kill")
    await asyncio.sleep(1.0)  # the tries begin while nobody listens
    await on.on.stage.trouble.act("start")
    row = await asked.ended()
    assert (row["status"], asked.purchases) == ("delivered", 1)


@pytest.mark.fault(
    "the provider takes webhooks no more (422)",
    sees="the image, in the same reply",
    charged="one image, once",
)
async def test_a_provider_without_webhooks_is_polled(on: Watched) -> None:
    on.on.trouble("no-webhooks")
    await on.made(3)
    on.on.calm()
    await on.made()
    assert not on.on.stage.small.webhooks._telling


async def test_the_log_names_no_address(on: Watched, one_bot: Watched) -> None:
    await on.made()
    log: Path = one_bot.on.stage.bot.log
    assert "/webhooks/" not in log.read_text(encoding="utf-8")
