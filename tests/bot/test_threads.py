"""Threads for what blocks, and the cores that they run on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

two_cores = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2,
    reason="needs Linux and two cores",
)

SHARING = """
import asyncio, os
from bot.threads import Threads, share_a_core

async def cores():
    own = [os.sched_getaffinity(0)]
    own += [await Threads(1, "files").run(os.sched_getaffinity, 0)]
    own += [await Threads(1, "pixels", spread=True).run(os.sched_getaffinity, 0)]
    print(*map(len, own), own[0] == own[1])

{first}
asyncio.run(cores())
"""


def cores(first: str) -> str:
    """Of the main thread, of a pool, of one that is spread; whether the first two are the same."""
    command = [sys.executable, "-c", SHARING.format(first=first)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@two_cores
def test_all_but_what_is_spread_share_one_core() -> None:
    every = len(os.sched_getaffinity(0))

    assert cores("share_a_core()") == f"1 1 {every} True"


@two_cores
def test_who_shares_no_core_uses_all() -> None:
    every = len(os.sched_getaffinity(0))

    assert cores("") == f"{every} {every} {every} True"


FORBIDDEN = """
def forbidden(*_):
    raise PermissionError
os.sched_setaffinity = forbidden"""
NO_SUCH_CALL = "import ctypes; ctypes.CDLL = lambda _: object()"
NOWHERE = """
import ctypes, types
ctypes.CDLL = lambda _: types.SimpleNamespace(sched_getcpu=lambda: -1)"""


@two_cores
@pytest.mark.parametrize("system", [FORBIDDEN, NO_SUCH_CALL, NOWHERE])
def test_a_system_that_has_nothing_of_it_is_used_as_it_is(system: str) -> None:
    every = len(os.sched_getaffinity(0))

    assert cores(f"{system}\nshare_a_core()") == f"{every} {every} {every} True"
