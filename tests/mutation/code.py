"""Mutants of Python, made and tried by mutmut in a tree of their own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import chdir
from pathlib import Path

from tests.mutation.groups import OPTIONS, ROOT, WORK, Group

#: What a tree needs beside `bot`, for its tests.
_BESIDE = ("conftest.py", "cogs", "playground", "deploy", "docs", "README.md", "CONTRIBUTING.md")
#: What an operator reads has its own tests, of every event's fields: here it would be noise.
_NOT_MUTATED = (r"\blog\.\w+\(",)
_ENDED = ("killed", "timeout", "segfault")
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

    def survivors(self, mutants: Iterable[str]) -> Mapping[str, str]:
        """Those that no test notices, each with what it changes."""
        asked = list(mutants)
        ran = self._mutmut("run", "--max-children", "2", *asked)
        told = dict(_STATUS.findall(self._mutmut("results", "--all", "true")))
        missing = [name for name in asked if told.get(name, "not checked") == "not checked"]
        if missing:
            raise SystemExit(f"{ran[-3000:]}\n{len(missing)} mutants were not tried.")
        return {name: self._mutmut("show", name) for name in asked if told[name] not in _ENDED}

    def _mutmut(self, *arguments: str) -> str:
        command = (sys.executable, "-c", "from mutmut.__main__ import cli; cli()", *arguments)
        done = subprocess.run(command, cwd=self._root, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr


def _copy(path: Path, to: Path) -> None:
    if path.is_dir():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(path, to, ignore=ignored, dirs_exist_ok=True)
    else:
        shutil.copy2(path, to)
