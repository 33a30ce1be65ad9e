"""A bench that is told to stop takes its bot with it."""

from __future__ import annotations

import asyncio
import sys

import psutil  # type: ignore[import-untyped] # it has no types
import pytest

from bench.contender import ROOT

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the bench runs on Linux only"
)

PATIENCE = 30.0
"""Seconds; more than the bot is given to stop."""


async def test_a_bench_that_is_terminated_leaves_no_bot_behind() -> None:
    """A bot that stays looks for its Discord for ever, beside whatever is measured next."""
    bench = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", "--only", "crowd", "--bots", "bare"),
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(PATIENCE):
        while not (started := psutil.Process(bench.pid).children()):  # noqa: ASYNC110 - it says nothing
            await asyncio.sleep(0.05)

        bench.terminate()

        await bench.wait()
    assert [each for each in started if each.is_running()] == []
