"""Four predictions with one reply, by the real process: killed, filtered, seen from outside."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from playground.stage import Stage
from tests.playground.test_limits import restart
from tests.playground.test_whole import channel, messages, person, playing, until, usage

EPHEMERAL = 1 << 6


async def ask(running: Stage, count: int = 4) -> None:
    """Four cost enough to be asked about first."""
    asker, where = person(running), channel(running)
    options = {"prompt": "a red fox", "count": str(count)}
    await running.world.invoke(asker, where, "imagine", options)
    await until(running, lambda: bool(messages(running, asker)[0]["components"]))
    [quote] = messages(running, asker)
    button = quote["components"][0]["components"][0]
    await running.world.click(asker, where, quote["id"], button["custom_id"])


def reply(running: Stage) -> dict[str, Any]:
    """The one message that everybody sees."""
    seen = messages(running, person(running))
    [message] = [each for each in seen if not each["flags"] & EPHEMERAL]
    return message


def statuses(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "data" / "imagine.db")) as connection:
        rows = connection.execute("select status from generation order by ordinal")
        return [status for [status] in rows]


async def test_four_images_arrive_in_one_message_and_are_four_lines_of_the_invoice(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path) as running:
        await ask(running)
        await until(running, lambda: bool(reply(running)["attachments"]))

        shown = reply(running)
        assert [each["description"] for each in shown["attachments"]] == [
            f"{number} of 4: a red fox" for number in (1, 2, 3, 4)
        ]
        assert len({each["filename"] for each in shown["attachments"]}) == 4
        assert len(running.small.invoice) == 4
        [line] = await usage(running)
        assert (line["delivered"], line["failed"]) == (4, 0)


@pytest.mark.fault(
    "the bot is killed (-9) again and again while four images are made, two of which are filtered",
    sees="the two that were made, in the same message, and what became of the others",
    charged="two images",
)
async def test_kills_between_siblings_lose_and_repeat_nothing(tmp_path: Path) -> None:
    async with playing(tmp_path, "safety-some", seconds=3) as running:
        await ask(running)
        await until(running, lambda: "Generating" in reply(running)["content"])
        await restart(running)
        await until(
            running,  # all may end together
            lambda: " ready" in reply(running)["content"] or bool(reply(running)["attachments"]),
        )
        await restart(running)
        await until(running, lambda: bool(reply(running)["attachments"]))
        await restart(running)  # perhaps before all ends are recorded
        [line] = await usage(running)

        shown = reply(running)
        assert len(shown["attachments"]) == 2
        assert "2 of 4 were refused by the provider's safety filter." in shown["content"]
        assert "You were charged for 2 images." in shown["content"]
        assert len(running.small.invoice) == 4
        assert Counter(statuses(tmp_path)) == {"delivered": 2, "failed": 2}
        assert (line["delivered"], line["failed"]) == (2, 2)
