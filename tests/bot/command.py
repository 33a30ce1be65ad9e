"""Runs `python -m bot …` as operators do: a process of its own, in an empty folder.

`imagine` forks it from a process that has loaded everything once: loading is most of what a command
costs, and hundreds of tests run one. `started` starts Python itself, for what depends on that.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import runpy
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.engines import for_a_process

ROOT = Path(__file__).parents[2]
#: Seconds; only a command that hangs gets there.
PATIENCE = 60
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["bot.cli.commands", "bot.run", "bot.cli.check", "PIL.Image"])

DISCORD_TOKEN = "discord-token-made-up"
API_TOKEN = "provider-token-made-up"


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    out: str
    err: str


def surroundings(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """An environment with nothing of this machine's that the bot could take for a setting."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "100",
        **settings,
    }


@asynccontextmanager
async def started(
    folder: Path, *arguments: str, settings: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """One command while it runs; it never outlives its test."""
    settings = await for_a_process(folder, settings)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", *arguments),
        cwd=folder,
        env=surroundings(folder, settings),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def imagine(
    folder: Path, *arguments: str, settings: Mapping[str, str] | None = None, typed: str = ""
) -> Outcome:
    """Run one command to its end; no output of any command ever shows a token."""
    settings = await for_a_process(folder, settings or {})
    with TemporaryDirectory() as spool:
        streams = [Path(spool) / name for name in ("in", "out", "err")]
        streams[0].write_text(typed, encoding="utf-8")
        about = (folder, arguments, surroundings(folder, settings), streams)
        process = _FORKS.Process(target=_run, args=about)
        process.start()
        await asyncio.to_thread(process.join, PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError
        _, out, err = (stream.read_text(encoding="utf-8") for stream in streams)
    outcome = Outcome(process.exitcode, out, err)
    assert DISCORD_TOKEN not in outcome.out + outcome.err
    assert API_TOKEN not in outcome.out + outcome.err
    return outcome


def _run(
    folder: Path, arguments: Sequence[str], settings: Mapping[str, str], streams: Sequence[Path]
) -> None:
    """In the forked process: what a shell would have given it, then `python -m bot`."""
    for number, stream in enumerate(streams):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT
        os.dup2(os.open(stream, flags), number)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode) for number, mode in enumerate(("r", "w", "w"))
    )
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(settings)
    sys.argv = ["bot", *arguments]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
