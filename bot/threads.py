"""What blocks runs in threads, so many at once; and what all threads share."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")

#: glibc's name for how many heaps there may be (malloc.h).
_M_ARENA_MAX = -8

#: All that may be used, once one of them is shared.
_cores: set[int] = set()


def share_a_heap() -> None:
    """Or glibc gives each thread its own, which keeps what pictures have left in it.

    With 2,000 generations in flight, 10 MiB less at the peak. Other C libraries have no such call.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def share_a_core() -> None:
    """Stay on the core that this thread is on now, with the threads it starts.

    Python runs one thread at a time on however many cores, and each hand-over between two of them
    wakes one: an eighth of a crowd's CPU (docs/performance.md). Linux only.
    """
    if sys.platform == "linux":
        # A C library that has no such call, a system that does not say where, or forbids it.
        with suppress(AttributeError, ValueError, OSError):
            every = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {ctypes.CDLL(None).sched_getcpu()})
            _cores.update(every)


def _spread() -> None:
    if sys.platform == "linux" and _cores:
        with suppress(OSError):
            os.sched_setaffinity(0, _cores)


class Threads:
    """A pool of their own: the loop's default one also resolves names."""

    def __init__(self, most: int, name: str, *, spread: bool = False) -> None:
        """`spread`: over all cores, since they hardly ever need Python's lock."""
        self._pool = ThreadPoolExecutor(most, name, _spread if spread else None)

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)

    def close(self) -> None:
        """What waits is not begun; what runs is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
