"""What the command line does beside a running bot: pause everything, erase, read settings."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.clock import SystemClock
from bot.errors import StorageError
from bot.guild import Setting
from bot.storage.database import Database, lock
from bot.storage.ledger import Ledger
from bot.storage.people import Erasure, People
from bot.storage.storage import Storage
from bot.store import ImageStore

#: The fact that keeps reservations and turns from being given.
PAUSED = "paused"


async def pause(database_path: Path) -> bool:
    """Refuse all requests and hold the line; False: it was paused already.

    Works while the bot is running, from the next request on. Raises StorageError.
    """
    async with Database.open(database_path, exclusive=False) as database:
        ledger = Ledger(database)
        before = await ledger.facts.read(PAUSED)
        await ledger.facts.write(PAUSED, "1")
        return before is None


async def resume(database_path: Path) -> bool:
    """End the pause of everything; False: there was none. Raises StorageError."""
    async with Database.open(database_path, exclusive=False) as database:
        return await Ledger(database).facts.forget(PAUSED)


async def settings(database_path: Path) -> Mapping[int, Sequence[Setting]]:
    """What all servers' managers have set. Raises StorageError."""
    async with Database.open(database_path, exclusive=False) as database:
        return await Storage.of(database).settings.stored()


async def erase(database_path: Path, images: Path, user_id: int) -> bool:
    """Erase all that is stored of a person, as `/me` does.

    False: it is on record, and the rest is done by the running bot, or by its next start: something
    is still under way, or somebody reads the database.
    Raises StorageError.
    """
    now = SystemClock().now()
    async with Database.open(database_path, exclusive=False) as database:
        ledger = Ledger(database)
        people = People(database, ledger.aliases)
        for generation_id in await people.ask_erasure(user_id, now=now):
            await ledger.request_cancel(generation_id, now=now)
        try:
            held = lock(database_path)
        except StorageError:
            return False
        try:
            erasure = Erasure(user_id, now)
            names = await people.images(erasure)
            await asyncio.to_thread(ImageStore(images).remove, names)
            gone = await people.erase(erasure, names, now=now)
            return await people.flush() and gone
        finally:
            held.release()
