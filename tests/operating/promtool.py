"""Prometheus's own checker, where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

PROMTOOL = shutil.which("promtool")
#: `.ci/run` installs it, so there the tests that need it fail rather than pass by being skipped.
promtool = pytest.mark.skipif(
    PROMTOOL is None and "CI" not in os.environ,
    reason="promtool is not installed (Debian: apt install prometheus)",
)


def run(*arguments: str, text: str = "") -> None:
    """It has nothing to say against it."""
    assert PROMTOOL is not None, "promtool is missing: .ci/run installs it"
    command = [PROMTOOL, *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
