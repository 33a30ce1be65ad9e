"""A plugin of pytest for mutants: a test that hangs ends its process.

`python -m tests.mutation` gives it to every run; mutmut reads 36 as "timeout".
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

#: Of real time; the slowest test takes a twelfth of it on a busy machine.
SECONDS = 120
TIMED_OUT = 36


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    signal.signal(signal.SIGALRM, lambda *_: os._exit(TIMED_OUT))
    signal.alarm(SECONDS)
    try:
        return (yield)
    finally:
        signal.alarm(0)
