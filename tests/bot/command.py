"""Runs `python -m bot …` as operators do: a process of its own, in an empty folder."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Seconds; only a command that hangs gets there.
PATIENCE = 60

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
    async with started(folder, *arguments, settings=settings or {}) as process:
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate(typed.encode())
    outcome = Outcome(process.returncode or 0, out.decode(), err.decode())
    assert DISCORD_TOKEN not in outcome.out + outcome.err
    assert API_TOKEN not in outcome.out + outcome.err
    return outcome
