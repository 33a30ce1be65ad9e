"""Mutants of Python, made and tried by mutmut in a tree of their own."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir
from pathlib import Path

from tests.mutation.groups import OPTIONS, ROOT, WORK, Group

#: What a tree needs beside `bot`, for its tests.
_BESIDE = ("conftest.py", "cogs", "playground", "deploy", "docs", "README.md", "CONTRIBUTING.md")
#: What an operator reads has its own tests, of every event's fields: here it would be noise.
_NOT_MUTATED = (r"\blog\.\w+\(",)
_ENDED = ("killed", "timeout", "segfault")
_UNTRIED = "not checked"
_STATUS = re.compile(r"^ +(\S+): (.+)$", re.MULTILINE)


class Tree:
    """A copy of this tree, for one group's mutants."""

    def __init__(self, name: str, group: Group) -> None:
        self._root = WORK / name
        self._group = group
        self._root.mkdir(parents=True, exist_ok=True)  # what has not changed is not mutated anew
        for each in (*_BESIDE, "bot", "tests", "Makefile"):
            _copy(ROOT / each, self._root / each)
        settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8") + self._settings()
        (self._root / "pyproject.toml").write_text(settings, encoding="utf-8")

    def _settings(self) -> str:
        settings: Mapping[str, object] = {
            "source_paths": ["bot"],
            "only_mutate": [str(path.relative_to(ROOT)) for path in self._group.paths],
            "also_copy": [*_BESIDE, "Makefile"],
            "pytest_add_cli_args": list(OPTIONS),
            "pytest_add_cli_args_test_selection": list(self._group.tests),
            "do_not_mutate_patterns": list(_NOT_MUTATED),
            "process_isolation": "forkserver",
            "timeout_constant": 120.0,
            "timeout_multiplier": 5.0,
        }
        lines = (f"{name} = {json.dumps(value)}" for name, value in settings.items())
        return "\n".join(("\n[tool.mutmut]", *lines, "use_git_change_detection = false", ""))

    def mutants(self) -> Sequence[str]:
        """Their names, by file."""
        from mutmut.mutation.file_mutation import mutate_file_contents
        from mutmut.utils.format_utils import get_mutant_name

        found = []
        with chdir(self._root):  # where its settings are
            for path in self._group.paths:
                name = path.relative_to(ROOT)
                made = mutate_file_contents(str(name), path.read_text(encoding="utf-8"))
                found += [get_mutant_name(name, each) for each in made.mutant_names]
        return found

    def tried(self, mutants: Sequence[str], seconds: float) -> Mapping[str, str | None]:
        """Those that there was time for; of what no test notices: what it changes."""
        ran = self._mutmut("run", "--max-children", "2", *mutants, seconds=seconds)
        told = dict(_STATUS.findall(self._mutmut("results", "--all", "true")))
        done = {name: told[name] for name in mutants if told.get(name, _UNTRIED) != _UNTRIED}
        if not done:
            raise SystemExit(f"No mutant was tried.\n{ran[-3000:]}")
        return {
            name: None if status in _ENDED else self._mutmut("show", name)
            for name, status in done.items()
        }

    def _mutmut(self, *arguments: str, seconds: float | None = None) -> str:
        command = (sys.executable, "-c", "from mutmut.__main__ import cli; cli()", *arguments)
        out = subprocess.PIPE
        with subprocess.Popen(command, cwd=self._root, stdout=out, stderr=out, text=True) as run:
            try:
                said, trouble = run.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGINT)  # it stops, and keeps what it has found
                said, trouble = run.communicate()
        return said + trouble


def _copy(path: Path, to: Path) -> None:
    if path.is_dir():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(path, to, ignore=ignored, dirs_exist_ok=True)
    else:
        shutil.copy2(path, to)
