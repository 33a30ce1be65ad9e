"""*Improve prompt* by the real process: shown, used, bought once, also where it is killed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from aiohttp import web

from playground.models import TEXT
from playground.stage import Stage
from playground.wire import Point
from tests.playground.test_limits import restart
from tests.playground.test_whole import playing, until
from tests.playground.visitor import Visitor, is_private, text

CREATE = rf"/models/{TEXT}/predictions"


def rows(folder: Path) -> list[tuple[str, int, str | None]]:
    with sqlite3.connect(folder / "data" / "imagine.db") as connection:
        return list(
            connection.execute("select status, price_micros, prediction_id from improvement")
        )


def bought(running: Stage) -> list[str]:
    return [each.model for each in running.small.invoice]


async def test_a_prompt_is_improved_looked_at_and_used(tmp_path: Path) -> None:
    async with playing(tmp_path) as running:
        visitor = Visitor(running, "member")
        answer = await visitor.command("imagine", prompt="a red fox", improve="true")
        shown = await visitor.says(answer, "After")
        assert is_private(shown)
        assert "a red fox, soft morning light" in text(shown)
        assert bought(running) == [TEXT]

        await visitor.press(shown, "Use it")
        made = await visitor.sees(lambda each: bool(each["attachments"]))

        assert "soft morning light" in made["attachments"][0]["description"]
        assert shown["id"] not in {each["id"] for each in visitor.seen()}
        assert bought(running) == [TEXT, "google/imagen-4-ultra"]
        [(status, micros, _)] = rows(tmp_path)
        assert (status, micros) == ("settled", 500)


@pytest.mark.fault(
    "the answer to the text model's create is lost on the wire",
    sees="that nobody knows, and their own words to go on with",
    charged="the estimate; never bought twice",
)
async def test_a_lost_answer_is_never_bought_again(tmp_path: Path) -> None:
    async with playing(tmp_path) as running:
        running.small.wire.cut("POST", CREATE, Point.APPLIED)
        visitor = Visitor(running, "member")
        answer = await visitor.command("imagine", prompt="a red fox", improve="true")
        shown = await visitor.says(answer, "not asked again")

        await visitor.press(shown, "Use mine")
        await visitor.sees(lambda each: bool(each["attachments"]))

        assert bought(running).count(TEXT) == 1
        [(status, _, _)] = rows(tmp_path)
        assert status == "unknown"


@pytest.mark.fault(
    "the bot is killed (-9) between the intent to improve a prompt and its answer",
    sees="nothing more; asking again works",
    charged="the improvement's estimate, once",
)
async def test_killed_between_intent_and_answer_it_is_counted_and_bought_once(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path) as running:
        visitor = Visitor(running, "member")

        async def kill(point: Point, request: web.Request) -> web.StreamResponse | None:
            if point is Point.APPLIED and request.path.endswith(CREATE):
                running.small.wire.taps.remove(kill)
                running.bot.process.kill()
            return None

        running.small.wire.taps.append(kill)
        await visitor.command("imagine", prompt="a red fox", improve="true")
        await running.bot.wait()
        assert [row[0] for row in rows(tmp_path)] == ["submitting"]
        await restart(running)
        await until(running, lambda: True)

        answer = await visitor.command("imagine", prompt="a red fox", improve="true")
        await visitor.says(answer, "After")

        assert bought(running) == [TEXT, TEXT]
        assert sorted(row[0] for row in rows(tmp_path)) == ["settled", "unknown"]
