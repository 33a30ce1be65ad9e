"""Trouble while limits are set, credit ends or data is deleted: who reads what, at what price."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.domain.guild import Change, Holder
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.settings import GuildSettings
from playground.stage import Stage
from tests.chaos.rehearsal import eventually
from tests.playground.test_limits import (
    NO_CREDIT,
    PROMPT,
    SECONDS,
    Panel,
    ask,
    image,
    now,
    outage_recorded,
    refused,
    restart,
)
from tests.playground.test_whole import channel, messages, person, playing, until, usage

DATABASE = "data/imagine.db"


def contents(running: Stage) -> list[str]:
    """What Max reads in the channel."""
    return [message["content"] for message in messages(running, person(running))]


def rows(folder: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("select * from generation")]


# --- the provider's account


@pytest.mark.fault(
    "the account's credit ends while people wait in line",
    sees="whose turn it was: that it failed; the others: their image, once there is credit again",
    charged="who got an image: one image, once",
)
async def test_who_waits_while_there_is_no_credit_is_served_once_there_is(tmp_path: Path) -> None:
    async with playing(tmp_path, "timeout", seconds=SECONDS) as running:
        first, *others = [await ask(running) for _ in range(3)]
        await until(running, lambda: len(running.small.invoice) == 3)
        waiting = [await ask(running) for _ in range(2)]
        running.trouble.switch("no-credit", on=True)
        await cancel(running, first)  # makes room for one of the two
        await until(running, lambda: any(NO_CREDIT in text for text in contents(running)))
        for reply in others:  # makes room that nobody may use
            await cancel(running, reply)
        [left] = [r for r in waiting if NO_CREDIT not in now(running, r)["content"]]

        running.trouble.switch("no-credit", on=False)
        running.trouble.switch("timeout", on=False)
        await restart(running)  # which probes at once, not after a minute
        await until(running, lambda: bool(now(running, left)["attachments"]))
        assert len(running.small.invoice) == 4
        [line] = await usage(running)
        assert (line["delivered"], line["failed"], line["canceled"]) == (1, 1, 3)


async def cancel(running: Stage, reply: dict[str, Any]) -> None:
    await until(running, lambda: bool(now(running, reply)["components"]))
    [row] = now(running, reply)["components"]
    [button] = row["components"]
    where = person(running), channel(running)
    await running.world.click(*where, reply["id"], button["custom_id"])


# --- settings


@pytest.mark.fault(
    "another process changes a server's settings after a request was screened",
    sees="a private refusal by what holds now",
    charged="nothing",
)
async def test_a_request_is_judged_by_what_another_process_has_just_set(tmp_path: Path) -> None:
    async with playing(tmp_path, seconds=SECONDS) as running:
        await image(running)
        await change_beside(running, tmp_path, Change(Holder.GUILD, 0, "day_images", "1"))

        assert "This server has made the one image of today" in await refused(running)
        assert len(running.small.invoice) == 1


async def change_beside(running: Stage, folder: Path, change: Change) -> None:
    """As this process, not the bot: which keeps what it has read in memory."""
    guild, now = running.world.guild_id, SystemClock().now()
    async with Database.open(folder / DATABASE, exclusive=False) as database:
        settings = GuildSettings(database, Ledger(database).aliases)
        await settings.change(guild, int(person(running, "owner")), [change], now=now)


@pytest.mark.fault(
    "the bot is killed (-9) while a manager fills in a form",
    sees="their change, once they send it",
    charged="nothing",
)
async def test_a_form_that_was_open_when_the_bot_was_killed_still_counts(tmp_path: Path) -> None:
    async with playing(tmp_path, seconds=SECONDS) as running:
        panel = await Panel.opened(running, "settings", page="limits")
        form = await panel.press("imagine:settings:whose:everyone")
        await restart(running)
        await panel.fill(form, day_images="1")

        assert "Each member · 1 image a day" in panel.text
        await image(running)
        assert "the one image that this server gives you" in await refused(running)


@pytest.mark.fault(
    "the disk is full while a manager changes settings",
    sees="that nothing could be recorded; the settings as they were",
    charged="nothing",
)
async def test_settings_that_cannot_be_saved_stay_as_they_were_and_the_manager_is_told(
    tmp_path: Path,
) -> None:
    from tests.bot.test_disk import fill_disk, free_disk  # skips where disks cannot be filled

    async with playing(tmp_path, seconds=SECONDS) as running:
        owner = person(running, "owner")
        panel = await Panel.opened(running, "settings", page="limits")
        form = await panel.press("imagine:settings:whose:guild")
        before = panel.text
        fill_disk(running)
        await panel.fill(form, day_images="7")
        await until(running, lambda: "cannot record" in messages(running, owner)[-1]["content"])

        free_disk(running)
        assert panel.text == before
        assert (await Panel.opened(running, "settings", page="limits")).text == before
        await image(running)


# --- notices


@pytest.mark.fault(
    "the operator takes no direct messages when the account is out of credit",
    sees="that it failed, in the same reply; the operator: the log",
    charged="nothing",
)
async def test_an_operator_who_cannot_be_told_keeps_nothing_from_stopping(tmp_path: Path) -> None:
    async with playing(tmp_path, "no-credit", seconds=SECONDS) as running:
        running.world.places.take_messages(person(running, "owner"), open=False)
        reply = await ask(running)
        await until(running, lambda: NO_CREDIT in now(running, reply)["content"])

        assert "operator has been told" in await refused(running)
        # Both are told beside what the person is waiting for, perhaps after it.
        await eventually(lambda: running.bot.log.read_text().count("notice not sent") == 1)
        await outage_recorded(tmp_path)
        await restart(running)
        running.trouble.switch("no-credit", on=False)
        await image(running)
        await eventually(lambda: running.bot.log.read_text().count("notice not sent") == 2)


# --- figures


@pytest.mark.fault(
    "the picture of /usage cannot be drawn", sees="the figures in words", charged="nothing"
)
async def test_figures_are_told_in_words_where_no_picture_can_be_drawn(tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "matplotlib"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('a broken installation')")
    async with playing(tmp_path, seconds=SECONDS) as running:
        command = running.keeper.command
        path = os.pathsep.join([str(broken.parent), str(Path(__file__).parents[2])])
        running.keeper.command = replace(command, settings={**command.settings, "PYTHONPATH": path})
        await restart(running)
        await image(running)
        await usage(running)  # now the image is settled
        await running.world.invoke(person(running), channel(running), "usage", {})
        await until(running, lambda: "**Today** · 1 image" in contents(running)[-1])

        assert messages(running, person(running))[-1]["attachments"] == []
        assert "chart not drawn" in running.bot.log.read_text()


# --- deletion


@pytest.mark.fault(
    "somebody deletes their data while an image of theirs is made",
    sees="that it was canceled, then that everything is deleted",
    charged="one image, as anything that is canceled once it was sent; by nobody's name",
)
async def test_what_runs_when_somebody_deletes_their_data_is_canceled_and_erased(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, "timeout", seconds=SECONDS) as running:
        reply = await ask(running)
        await until(running, lambda: "Generating" in now(running, reply)["content"])
        panel = await Panel.opened(running, "me", "member")
        await panel.press("imagine:me:delete:")
        await panel.press("imagine:me:delete-now:")
        await until(running, lambda: "**Deleted**" in panel.text)

        assert "Canceled" in now(running, reply)["content"]
        [row] = rows(tmp_path)
        assert (row["status"], row["prompt"], row["message_id"]) == ("canceled", "", None)
        assert row["user_id"] <= 0
        assert row["quota"] == "settled"
        [bought] = running.small.invoice
        assert bought.input["prompt"] == PROMPT
        assert bought.status(SystemClock().now() / 1000) == "canceled"


@pytest.mark.fault(
    "the disk is full while somebody deletes their data",
    sees="that nothing could be recorded; everything is still there",
    charged="nothing",
)
async def test_who_cannot_be_forgotten_now_is_told_and_may_ask_again(tmp_path: Path) -> None:
    from tests.bot.test_disk import fill_disk, free_disk  # skips where disks cannot be filled

    async with playing(tmp_path, seconds=SECONDS) as running:
        await image(running)
        panel = await Panel.opened(running, "me", "member")
        await panel.press("imagine:me:delete:")
        fill_disk(running)
        await panel.press("imagine:me:delete-now:")
        await until(running, lambda: "cannot record" in contents(running)[-1])

        free_disk(running)
        again = await Panel.opened(running, "me", "member")
        await again.press("imagine:me:delete:")
        await again.press("imagine:me:delete-now:")
        await until(running, lambda: "**Deleted**" in again.text)
        [row] = rows(tmp_path)
        assert row["prompt"] == ""
