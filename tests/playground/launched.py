"""`python -m playground` as a person starts it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
"""Seconds; a launch that takes this long has failed."""


@asynccontextmanager
async def launched(folder: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process, working in `folder`, its output in one pipe; ended with the context."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "playground", *arguments),
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "DISCORD_TOKEN": "not for this bot"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def finished(folder: Path, *arguments: str) -> tuple[int | None, str]:
    """Run it to its end: exit code and everything it said."""
    async with launched(folder, *arguments) as process, asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    return process.returncode, output.decode()


async def read_until(process: asyncio.subprocess.Process, words: str) -> str:
    """Everything it says up to the line that holds `words`."""
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(PATIENCE):
        while words not in said:
            line = await process.stdout.readline()
            assert line, f"ended without {words!r}:\n{said}"
            said += line.decode()
    return said
