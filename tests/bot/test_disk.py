"""The unmodified bot on a full or read-only disk: nothing is bought that it cannot record.

A full disk is a limit of zero bytes a file, which Linux puts on a running process and lifts again.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from playground.stage import Stage
from tests.bot.command import ROOT
from tests.playground.test_whole import channel, messages, person, playing, until, usage

if sys.platform != "linux":
    pytest.skip("only Linux limits the files of a running process", allow_module_level=True)

import resource


def fill_disk(running: Stage) -> None:
    _, most = resource.prlimit(running.bot.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(running.bot.process.pid, resource.RLIMIT_FSIZE, (0, most))


def free_disk(running: Stage) -> None:
    _, most = resource.prlimit(running.bot.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(running.bot.process.pid, resource.RLIMIT_FSIZE, (most, most))


async def ask(running: Stage, prompt: str) -> None:
    await running.world.invoke(person(running), channel(running), "imagine", {"prompt": prompt})


def heard(running: Stage, words: str) -> asyncio.Event:
    """Set once the bot has logged that."""
    event = asyncio.Event()
    running.bot.echo = lambda line: event.set() if words in line else None
    return event


@pytest.mark.sqlite("the disk that its file is on")
@pytest.mark.fault(
    "the disk is full when somebody asks", sees="a private refusal", charged="nothing"
)
async def test_on_a_full_disk_nothing_is_bought_and_the_person_is_told(tmp_path: Path) -> None:
    async with playing(tmp_path) as running:
        fill_disk(running)

        await ask(running, "a red fox")
        await until(running, lambda: bool(messages(running, person(running))))

        assert messages(running, person(running, "moderator")) == []  # told in private
        assert running.small.invoice == []
        assert await usage(running) == []


@pytest.mark.sqlite("the disk that its file is on")
@pytest.mark.fault(
    "the disk was full and has room again",
    sees="the image; no restart was needed",
    charged="one image, once",
)
async def test_once_there_is_room_again_it_goes_on_without_a_restart(tmp_path: Path) -> None:
    async with playing(tmp_path) as running:
        asker = person(running)
        fill_disk(running)
        await ask(running, "a red fox")
        free_disk(running)

        await ask(running, "a blue fox")
        await until(running, lambda: any(m["attachments"] for m in messages(running, asker)))

        [line] = await usage(running)
        assert (line["delivered"], len(running.small.invoice)) == (1, 1)


@pytest.mark.fault(
    "the disk fills up after the purchase",
    sees="the image, once there is room",
    charged="one image, once",
)
async def test_a_disk_that_fills_up_after_the_purchase_loses_and_rebuys_nothing(
    tmp_path: Path,
) -> None:
    """What cannot be recorded now is tried again: the same prediction, in the same message."""
    async with playing(tmp_path, seconds=2) as running:
        asker, bought = person(running), heard(running, "prediction created")
        await ask(running, "a red fox")
        await bought.wait()
        fill_disk(running)
        await heard(running, "step failed").wait()
        free_disk(running)

        await until(running, lambda: bool(messages(running, asker)[0]["attachments"]))

        [line] = await usage(running)
        assert (line["delivered"], line["unknown"], len(running.small.invoice)) == (1, 0, 1)
        assert len(messages(running, asker)) == 1


# --- read-only

#: `run` without capabilities, so that permissions stop even root (capset(2), version 3).
UNPRIVILEGED = """
import ctypes, runpy
header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
assert ctypes.CDLL(None).capset(header, none) == 0
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""


async def start_unprivileged(folder: Path) -> tuple[int | None, str]:
    """`run` to its end; with a Discord that nobody serves, since it must not come to that."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", UNPRIVILEGED, "run"),
        cwd=folder,
        env={
            "PYTHONPATH": str(ROOT),
            "DISCORD_TOKEN": "made-up",
            "DISCORD_API_URL": "http://127.0.0.1:9/api/v10",
            "REPLICATE_API_URL": "http://127.0.0.1:9/v1",
            "REPLICATE_API_TOKEN": "made-up",
        },
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        _, errors = await process.communicate()
    return process.returncode, errors.decode()


@pytest.mark.sqlite("its file")
@pytest.mark.parametrize("what", ["file", "folder"])
@pytest.mark.fault(
    "the database or its folder is read-only",
    sees="nothing: the bot does not start, and says why",
    charged="nothing",
)
async def test_a_bot_that_cannot_write_its_database_does_not_start(
    tmp_path: Path, what: str
) -> None:
    place = tmp_path / "data"
    place.mkdir()
    path = place / "imagine.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table here (x)")
    path.chmod(0o444)
    place.chmod(0o755 if what == "file" else 0o555)

    code, errors = await start_unprivileged(tmp_path)

    assert code == 1
    assert "The database cannot be written: its file, folder or disk is read-only." in errors
    assert "Traceback" not in errors
