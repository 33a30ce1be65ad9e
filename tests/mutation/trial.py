"""Mutants of SQL, each in a process of its own that is forked once everything is imported."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import pytest

from bot.storage.database import Database
from tests.mutation.groups import OPTIONS, ROOT
from tests.mutation.statements import Mutant, statements


@contextmanager
def schema() -> Iterator[sqlite3.Connection]:
    """A database that has its tables."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "imagine.db"
        asyncio.run(_made(path))
        connection = sqlite3.connect(path)
        yield connection
        connection.close()


async def _made(path: Path) -> None:
    async with Database.open(path, exclusive=True):
        pass


@dataclass
class Uses:
    """A plugin of pytest: which tests use which statement, and how long each takes."""

    seconds: dict[str, float] = field(default_factory=dict)
    by: dict[str, set[str]] = field(default_factory=dict)
    now: set[str] = field(default_factory=set)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.now.clear()
        began = time.monotonic()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.monotonic() - began
            for name in self.now:
                self.by.setdefault(name, set()).add(item.nodeid)

    def of(self, names: Iterable[str]) -> Sequence[str]:
        """The tests that use any of these, the quickest first."""
        tests = {test for name in names for test in self.by.get(name, ())}
        return sorted(tests, key=self.seconds.__getitem__)


class _Observed(defaultdict[str, str]):
    """Statements that say which of them is used."""

    def __init__(self, statements: dict[str, str], used: set[str]) -> None:
        super().__init__(None, statements)
        self._used = used

    def __getitem__(self, name: str) -> str:
        self._used.add(name)
        return super().__getitem__(name)


def observed(tests: Sequence[str]) -> Uses:
    """What one run of these tests uses; it must pass."""
    uses = Uses()
    for module, sql in _loaded():
        vars(module)["_SQL"] = _Observed(sql, uses.now)
    if pytest.main(["-q", *OPTIONS, *tests], plugins=[uses]) != 0:
        raise SystemExit("The tests fail without any mutant.")
    return uses


def killed(mutant: Mutant, uses: Uses) -> bool:
    """Whether any of the tests that use it fails."""
    before, after = statements(mutant.path), statements(mutant.path, mutant.text)
    changed = {name: text.strip() for name, text in before.items() if after[name] != text}
    for _, sql in _loaded():
        for name in sql:
            for each, was in changed.items():
                sql[name] = sql[name].replace(was, after[each].strip())
    tests = uses.of(changed)
    return bool(tests) and pytest.main(["-x", "-q", *OPTIONS, *tests]) != 0


def tried(
    mutants: Iterable[Mutant], tests: Sequence[str], seconds: float
) -> Iterator[tuple[Mutant, bool]]:
    """Those that there was time for, and whether any test notices."""
    end = time.monotonic() + seconds
    os.chdir(ROOT)
    _quietly(pytest.main, ["--collect-only", "-q", *OPTIONS, *tests])  # imports it all
    uses = _forked(observed, tests)
    if not isinstance(uses, Uses):
        raise SystemExit("The tests fail without any mutant.")
    for each in mutants:
        if time.monotonic() >= end:
            return
        yield each, bool(_forked(killed, each, uses))


def _loaded() -> Iterator[tuple[ModuleType, dict[str, str]]]:
    for module in list(sys.modules.values()):
        sql = vars(module).get("_SQL")
        if isinstance(sql, dict):
            yield module, sql


def _forked(call: Callable[..., object], *arguments: object) -> object:
    """What it returns in a process of its own; True if that has died of it."""
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def answer() -> None:
        sender.send(_quietly(call, *arguments))

    child = context.Process(target=answer)
    child.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:
        return True
    finally:
        child.join()


def _quietly(call: Callable[..., object], *arguments: object) -> object:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        return call(*arguments)
