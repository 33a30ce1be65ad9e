"""The places that the browser visits."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playground.chat import add_routes
from playground.discord import create_app
from playground.serving import serve
from playground.world import World

ROOT = Path(__file__).resolve().parents[2]

READY_WITHIN = 30
"""Seconds; a start takes one, on a busy machine a few."""


@asynccontextmanager
async def playground(seconds: float) -> AsyncIterator[str]:
    """The whole playground with the real bot, as `make demo` starts it; yields its address.

    A prediction takes `seconds` in the mean.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "playground", "--seconds", str(seconds)),
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_WITHIN):
            address = await _address(process.stdout)
        yield address
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _address(output: asyncio.StreamReader) -> str:
    said = []
    while line := (await output.readline()).decode():
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found[0]
    raise AssertionError("the playground ended before it was ready: " + "".join(said))


@asynccontextmanager
async def without_bot(listening: socket.socket) -> AsyncIterator[str]:
    """The page and its world, on a socket of the test's choice; nobody answers its /help."""
    world = World.create(acknowledge_within=0.05)
    world.backend.register_commands(None, [{"name": "help", "description": "What the bot does"}])
    app = create_app(world, "token")
    add_routes(app, world)
    async with serve(app, listening) as address:
        yield address
