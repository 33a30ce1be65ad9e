"""One heap for all threads, as glibc itself tells it."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

ALLOCATING = """
import ctypes, sys, threading
from bot.threads import share_a_heap

if sys.argv[1] == "one":
    share_a_heap()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
all_there = threading.Barrier(4)

def allocate():
    all_there.wait()
    libc.malloc(1000)
    all_there.wait()

threads = [threading.Thread(target=allocate) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
file = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_info"),
    reason="only glibc tells its heaps",
)
@pytest.mark.parametrize("how", ["one", "every"])
def test_all_threads_share_one_heap(tmp_path: Path, how: str) -> None:
    """And without that they do not, or this would show nothing."""
    told = tmp_path / "heaps.xml"
    subprocess.run([sys.executable, "-c", ALLOCATING, how, told], check=True)

    heaps = told.read_text().count("<heap ")

    assert (heaps == 1) is (how == "one")
