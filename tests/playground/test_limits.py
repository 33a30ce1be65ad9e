"""Limits, brakes and a person's rights with real processes: told once, and beyond a restart."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from simcord.components import walk_components

from playground.stage import Stage
from tests.chaos.rehearsal import eventually
from tests.playground.test_trouble import identified
from tests.playground.test_whole import channel, messages, person, playing, until, usage

SECONDS = 0.3
"""A prediction's, on average."""

EPHEMERAL = 1 << 6
NO_CREDIT = "The provider's account has no credit left."
PROMPT = "a xylophone made of amber"


async def ask(running: Stage, role: str = "member", prompt: str = PROMPT) -> dict[str, Any]:
    """`/imagine`, up to its first answer: a refusal, or the reply that will show the image."""
    asker = person(running, role)
    before = {message["id"] for message in messages(running, asker)}
    await running.world.invoke(asker, channel(running), "imagine", {"prompt": prompt})
    [answer] = [m for m in messages(running, asker) if m["id"] not in before]
    return answer


async def image(running: Stage, role: str = "member", prompt: str = PROMPT) -> None:
    """One image, asked for and seen."""
    reply = await ask(running, role, prompt)
    await until(running, lambda: bool(now(running, reply, role)["attachments"]))


async def failed(running: Stage, words: str) -> None:
    """A request that is answered with these words in its public reply."""
    reply = await ask(running)
    await until(running, lambda: words in now(running, reply)["content"])
    assert not now(running, reply)["flags"] & EPHEMERAL


async def refused(running: Stage) -> str:
    """The sentence that keeps a request from being bought; only its author sees it."""
    answer = await ask(running)
    others = {message["id"] for message in messages(running, person(running, "moderator"))}
    assert answer["flags"] & EPHEMERAL
    assert answer["id"] not in others
    return str(answer["content"])


def now(running: Stage, message: Mapping[str, Any], role: str = "member") -> dict[str, Any]:
    """A message as it is by now."""
    seen = messages(running, person(running, role))
    return next(each for each in seen if each["id"] == message["id"])


def direct(running: Stage, role: str = "owner") -> list[str]:
    """What the bot has written to somebody alone."""
    reader = person(running, role)
    line = running.world.places.seen_by(reader)[-1]["id"]
    return [message["content"] for message in running.world.messages(line, reader)]


def steps(notices: list[str]) -> list[str]:
    """Per cent, of the notices of budgets."""
    return [text.split("**")[1].split(" %")[0] for text in notices if "of a budget" in text]


async def outage_recorded(folder: Path) -> None:
    """A bot that is killed before, as `restart` does, forgets that it told of it."""

    def is_recorded() -> bool:
        with closing(sqlite3.connect(folder / "data" / "imagine.db")) as connection:
            found = connection.execute("select value from fact where name = 'outage'").fetchone()
        return found is not None and found[0] != ""

    await eventually(is_recorded)


async def restart(running: Stage) -> None:
    await running.trouble.act("restart")
    await identified(running)


class Panel:
    """A private panel that one person has opened, and what they do with it."""

    def __init__(self, running: Stage, role: str, message: Mapping[str, Any]) -> None:
        self._running = running
        self._role = role
        self._who = person(running, role), channel(running)
        self._message = message

    @classmethod
    async def opened(
        cls, running: Stage, command: str, role: str = "owner", page: str = ""
    ) -> Panel:
        who = person(running, role)
        await running.world.invoke(who, channel(running), command, {})
        panel = cls(running, role, messages(running, who)[-1])
        if page:
            await panel.press(f"imagine:{command}:page:{page}-0")
        return panel

    @property
    def text(self) -> str:
        parts = walk_components(now(self._running, self._message, self._role)["components"])
        return "\n".join(part["content"] for part in parts if "content" in part)

    async def press(self, custom_id: str) -> str:
        """A button; the form's id, where it opened one."""
        form = await self._running.world.click(*self._who, self._message["id"], custom_id)
        return str(form["id"]) if form else ""

    async def choose(self, custom_id: str, *values: str) -> str:
        """Values in a menu; the form's id, where that opened one."""
        where = *self._who, self._message["id"]
        form = await self._running.world.select(*where, custom_id, values)
        return str(form["id"]) if form else ""

    async def fill(self, form: str, **values: str) -> None:
        await self._running.world.submit(self._who[0], form, values)


# --- the breaker


@pytest.mark.fault(
    "the account is out of credit and people go on asking",
    sees="the first: that it failed; the next: a private refusal, since the operator knows",
    charged="nothing",
)
@pytest.mark.fault(
    "the bot is restarted while the account is out of credit",
    sees="as before; the operator is not told again",
    charged="nothing",
)
async def test_without_credit_the_operator_is_told_once_and_again_when_purchases_go_on(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, "no-credit", seconds=SECONDS) as running:
        await failed(running, NO_CREDIT)
        for _ in range(2):
            assert "operator has been told" in await refused(running)
        await until(running, lambda: bool(direct(running)))
        await outage_recorded(tmp_path)

        in_a_hurry(running)  # from here on it rests for a millisecond, not for a minute
        await restart(running)
        await failed(running, NO_CREDIT)  # the probe
        [told] = direct(running)
        assert "Top it up" in told

        running.trouble.switch("no-credit", on=False)
        await image(running)  # the next one
        await image(running, "moderator")
        await until(running, lambda: len(direct(running)) > 1)
        [_, over] = direct(running)
        assert "goes on" in over
        assert len(running.small.invoice) == 2
        assert direct(running, "member") == []


def in_a_hurry(running: Stage) -> None:
    command = running.keeper.command
    hurried = {**command.settings, "CHAOS_HURRY": "1500"}
    running.keeper.command = replace(
        command, settings=hurried, program=("-m", "tests.chaos.mortal")
    )


# --- pauses


async def test_the_operators_pause_refuses_from_the_next_request_on_until_it_is_resumed(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, seconds=SECONDS) as running:
        code, said, _ = await running.command.run("pause")
        assert (code, said) == (0, "Paused: new requests are refused, what is under way goes on.\n")
        assert "Its operator decides" in await refused(running)

        assert await running.command.run("resume") == (0, "Resumed.\n", "")
        await image(running)
        assert len(running.small.invoice) == 1


async def test_a_managers_pause_holds_for_the_server_until_it_is_resumed(tmp_path: Path) -> None:
    async with playing(tmp_path, seconds=SECONDS) as running:
        panel = await Panel.opened(running, "settings")
        await panel.press("imagine:settings:pause:")
        assert "Paused" in panel.text
        assert "paused in this server" in await refused(running)

        await panel.press("imagine:settings:resume:")
        await image(running)
        assert len(running.small.invoice) == 1


# --- budgets


@pytest.mark.fault(
    "the bot is killed (-9) between two notices of a budget",
    sees="its managers: each notice once",
    charged="nothing",
)
async def test_a_servers_budget_is_announced_three_times_where_its_managers_want_it(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, seconds=SECONDS) as running:
        panel = await Panel.opened(running, "settings", page="limits")
        form = await panel.press("imagine:settings:whose:guild")
        await panel.fill(form, day_images="6")
        assert "This server · 6 images a day" in panel.text
        await panel.press("imagine:settings:page:overview-0")

        for _ in range(3):
            await image(running)
        assert steps(direct(running)) == ["50"]  # to the owner, where no channel is chosen
        await restart(running)
        await image(running)
        assert steps(direct(running)) == ["50"]

        general = str(running.world.channels[1]["id"])
        await panel.choose("imagine-choice:settings:notices:", general)
        await image(running)
        await restart(running)
        await image(running)
        reader = person(running, "newcomer")
        posted = [message["content"] for message in running.world.messages(general, reader)]
        assert steps(posted) == ["80", "100"]
        assert "has made 6 of its 6 images for today" in posted[1]
        assert steps(direct(running)) == ["50"]
        assert "This server has made all 6 images of today" in await refused(running)


# --- a person's own data


async def test_what_is_stored_of_a_person_is_handed_out_and_leaves_no_byte_when_deleted(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    async with playing(tmp_path, seconds=SECONDS) as running:
        member = person(running)
        traces = [PROMPT.encode(), int(member).to_bytes(8, "big")]  # as SQLite writes a number
        await image(running)
        await usage(running)  # now it is on record that it was delivered
        assert [trace for trace in traces if trace not in everything(data)] == []

        panel = await Panel.opened(running, "me", "member")
        archive = await exported(running, panel)
        [record] = json.loads(archive.read("records-1.json"))
        assert (record["prompt"], record["status"]) == (PROMPT, "delivered")
        assert archive.testzip() is None

        await panel.press("imagine:me:delete:")
        await panel.press("imagine:me:delete-now:")
        await until(running, lambda: "**Deleted**" in panel.text)
        await running.world.invoke(member, channel(running), "history", {})
        await until(running, lambda: "No images yet" in str(messages(running, member)[-1]))
        assert [trace for trace in (*traces, member.encode()) if trace in everything(data)] == []


async def exported(running: Stage, panel: Panel) -> zipfile.ZipFile:
    """The one part of a small export, as its reader downloads it."""
    member = person(running)
    await panel.press("imagine:me:export:")
    shown = "is below, in 1 part"
    await until(running, lambda: any(shown in m["content"] for m in messages(running, member)))
    files = [file for message in messages(running, member) for file in message["attachments"]]
    [url] = [file["url"] for file in files if file["filename"].endswith(".zip")]
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return zipfile.ZipFile(io.BytesIO(await response.read()))


def everything(folder: Path) -> bytes:
    """Every byte of the database, its log, and the images; names too."""
    found = b""
    for path in sorted(folder.rglob("*")):
        found += str(path.relative_to(folder)).encode()
        found += path.read_bytes() if path.is_file() else b""
    return found
