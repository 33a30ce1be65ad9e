"""What was taken down, as the database knows it."""

from __future__ import annotations

import json
from pathlib import Path

from bot.domain.generation import Generation
from bot.domain.picture import Stored
from bot.storage.database import Database
from bot.storage.storage import Storage
from bot.storage.takedowns import Takedowns
from tests.bot.storage.test_removals import delivered

FOX, WOLF = "f0" * 32, "a1" * 32


async def test_another_process_is_heard_at_once(tmp_path: Path) -> None:
    path = tmp_path / "imagine.db"
    async with Database.open(path, exclusive=True) as database:
        running = Takedowns(database)
        before = await running.refuses(FOX)
        async with Database.open(path, exclusive=False) as beside:
            await Takedowns(beside).refuse([FOX, FOX], now=1)
        after = await running.refuses(FOX), await running.refuses(WOLF)

    assert (before, after) == (False, (True, False))


async def test_refused_twice_it_is_refused_since_the_first_time(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        takedowns = Takedowns(database)
        await takedowns.refuse([WOLF], now=1)
        await takedowns.refuse([FOX, WOLF], now=2)
        await takedowns.refuse([], now=3)

        assert await takedowns.refused() == {WOLF: 1, FOX: 2}


async def test_what_was_sent_is_remembered_once_and_names_its_request(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        storage = Storage.of(database, "p")
        row = await delivered(storage)
        for _ in range(2):
            await storage.takedowns.delivered(row.id, FOX)

        assert await storage.takedowns.variants([row.id, "1-0"]) == {row.id: [FOX]}
        assert await storage.takedowns.showing([FOX, WOLF]) == {9}
        assert await storage.takedowns.showing([WOLF]) == set()
        assert await storage.takedowns.showing([]) == set()


async def test_a_hash_that_nobody_knows_is_nobodys(tmp_path: Path) -> None:
    """Of what an earlier version stored it is empty, and so is that of every other."""
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        storage = Storage.of(database, "p")
        row = await delivered(storage)

        assert row.outputs[0].sha256 == ""
        assert not await storage.takedowns.refuses("")


async def test_what_an_earlier_version_wrote_is_read_without_hashes(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        storage = Storage.of(database, "p")
        row = await delivered(storage)
        old = [{"name": "9-0.png", "type": "image/png", "bytes": 3}, None]
        picture = [{"media_type": "image/png", "size": 3, "width": 1, "height": 1, "url": ""}]
        values = {"outputs": json.dumps(old), "pictures": json.dumps(picture), "id": row.id}
        await database.write(
            "update generation set outputs = :outputs, pictures = :pictures where id = :id", values
        )

        found: Generation | None = await storage.ledger.find(row.id)
        shown = await storage.takedowns.showing([FOX])
        started = await storage.takedowns.started_from([FOX])

    assert found is not None
    assert found.outputs == (Stored("9-0.png", "image/png", 3),)
    assert found.request.pictures[0].sha256 == ""
    assert (shown, started) == (set(), [])
