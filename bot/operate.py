"""What the command line changes beside a running bot: the pause of everything, and erasure."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.clock import SystemClock
from bot.errors import StorageError
from bot.storage.database import Database, lock
from bot.storage.ledger import Ledger
from bot.storage.people import Erasure, People
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
