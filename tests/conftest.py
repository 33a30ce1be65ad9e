"""The fixture that most tests start from."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from simcord import Env

from bot.storage.database import Database
from tests.documents import states
from tests.engines import Postgres, redirect, server
from tests.spoken import Speak, speaker
from tests.world import World, open_world

#: Folders of few tests that take long: they begin first, so that none is left for one worker at the
#: end.
_LONG = ("chaos", "browser", "playground", "permissions")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=["sqlite", "postgres"], default="sqlite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--engine") == "postgres":
        for item in items:
            for mark in item.iter_markers("sqlite"):
                item.add_marker(pytest.mark.skip(reason=f"about SQLite: {mark.args[0]}"))
    else:
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason="`make test-postgres` runs it"))
    items.sort(key=lambda item: item.path.parent.name not in _LONG)


@pytest.fixture(scope="session", autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[Postgres | None]:
    """The server that stands for files; None: they are files."""
    if request.config.getoption("--engine") == "sqlite":
        yield None
        return
    with server() as running, pytest.MonkeyPatch.context() as m:
        redirect(running, m)
        yield running


@pytest.fixture(scope="session")
def postgres(engine: Postgres | None) -> Iterator[Postgres]:
    """A server for tests that are about PostgreSQL, whatever all others run on."""
    if engine is not None:
        yield engine
        return
    with server() as running:
        yield running


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory, engine: Postgres | None) -> Path:
    """One that has its tables and nothing else: making it takes a tenth of many a test's time."""

    async def make(path: Path) -> Path:
        if engine is not None:
            path.touch()  # the engine has a template of its own
            return path
        async with Database.open(path, exclusive=True):
            pass
        states.watch(path)
        return path

    return asyncio.run(make(tmp_path_factory.mktemp("new") / "imagine.db"))


def defects(records: Iterable[logging.LogRecord]) -> list[str]:
    """What was logged that no trouble outside explains, only a mistake in the code."""
    mistakes = (AttributeError, LookupError, NameError, TypeError)
    return [
        f"{record.getMessage()}: {record.exc_info[1]!r}"
        for record in records
        if record.exc_info and isinstance(record.exc_info[1], mistakes)
    ]


@pytest.fixture
async def world(
    tmp_path: Path,
    new_database: Path,
    engine: Postgres | None,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[World]:
    """Mark a test, or all of its module, with `rules(...)` to change this installation's rules.

    One marked `moves(...)` fails unless its generations make these moves. Steps that fail are
    tried again, so that a defect of ours may pass unseen: none may be logged.
    """
    changes: dict[str, Any] = {}
    for marker in request.node.iter_markers("rules"):  # the test's own first
        changes = marker.kwargs | changes
    shutil.copy(new_database, tmp_path / "imagine.db")
    async with open_world(tmp_path, **changes) as here:
        yield here
    moves = {move for marker in request.node.iter_markers("moves") for move in marker.args}
    assert not moves or engine is not None or moves <= states.made(tmp_path / "imagine.db")
    assert defects(caplog.get_records("call")) == []


@pytest.fixture
def env(world: World) -> Env:
    """SimCord's pytest plugin looks for an Env among a test's fixtures, to select its clock."""
    return world.env


@pytest.fixture
def speak(world: World, monkeypatch: pytest.MonkeyPatch) -> Speak:
    """`speak(person, locale)`: which language they speak; None: the server."""
    return speaker(world, monkeypatch)
