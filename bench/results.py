"""A run's results as a file, for the picture and the document, or for whoever compares runs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.figures import Figures
from bench.start import Start
from bench.targets import judge

_PACKAGES = ("discord.py", "aiohttp", "replicate")


@dataclass(frozen=True)
class Results:
    """All figures of one run; `machine` says where and with what they were measured."""

    machine: dict[str, str]
    figures: Sequence[Figures]
    starts: Sequence[Start]

    def save(self, file: Path) -> None:
        file.parent.mkdir(exist_ok=True)
        verdicts = [asdict(verdict) for verdict in judge(self.figures, self.starts)]
        text = json.dumps({**asdict(self), "verdicts": verdicts}, indent=1)
        file.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> Results:
        """Raises OSError where there are none."""
        found = json.loads(file.read_text(encoding="utf-8"))
        return cls(
            found["machine"],
            [Figures(**figures) for figures in found["figures"]],
            [Start(**start) for start in found["starts"]],
        )


def machine() -> dict[str, str]:
    """What the figures depend on, as far as it is nobody's secret."""
    about = {
        "Cores": str(os.cpu_count()),
        platform.system(): platform.machine(),
        "Python": platform.python_version(),
    }
    for package in _PACKAGES:
        try:
            about[package] = version(package)
        except PackageNotFoundError:
            about[package] = "not installed"
    return about
