"""What the command line does beside a running bot: pauses, erases, blocks, reads what is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from bot.clock import SystemClock
from bot.domain.act import INSTALLATION, OPERATOR, Chain
from bot.domain.guild import Setting
from bot.domain.limits import DAY_MS
from bot.domain.rule import Rule
from bot.domain.style import Style
from bot.errors import StorageError
from bot.pictures.store import store_of
from bot.settings.address import Address, Server
from bot.storage.aliases import Aliases
from bot.storage.audit import Audit
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.people import Erasure, People
from bot.storage.sanctions import Sanctions
from bot.storage.sqlite import lock
from bot.storage.storage import Storage
from bot.text import plural

#: The fact that keeps reservations and turns from being given.
PAUSED = "paused"


async def pause(address: Address) -> bool:
    """Refuse all requests and hold the line; False: it was paused already.

    Works while the bot is running, from the next request on. Raises StorageError.
    """
    async with Database.open(address, exclusive=False) as database:
        ledger = Ledger(database)
        before = await ledger.facts.read(PAUSED)
        await ledger.facts.write(PAUSED, "1")
        return before is None


async def resume(address: Address) -> bool:
    """End the pause of everything; False: there was none. Raises StorageError."""
    async with Database.open(address, exclusive=False) as database:
        return await Ledger(database).facts.forget(PAUSED)


async def settings(
    address: Address,
) -> tuple[
    Mapping[int, Sequence[Setting]], Mapping[int, Sequence[Rule]], Mapping[int, Sequence[Style]]
]:
    """What all servers' managers have set: also rules about words, styles. Raises StorageError."""
    async with Database.open(address, exclusive=False) as database:
        storage = Storage.of(database)
        styles = await storage.styles.stored()
        return await storage.settings.stored(), await storage.words.all(), styles


async def erase(address: Address, images: Path, user_id: int) -> bool:
    """Erase all that is stored of a person, as `/me` does.

    False: it is on record, and the rest is done by the running bot, or by its next start: something
    is still under way, or somebody reads the database.
    Raises StorageError.
    """
    now = SystemClock().now()
    async with Database.open(address, exclusive=False) as database:
        ledger = Ledger(database)
        people = People(database, ledger.aliases)
        for generation_id in await people.ask_erasure(user_id, now=now):
            await ledger.request_cancel(generation_id, now=now)
        try:
            held = nullcontext() if isinstance(address, Server) else lock(address)
        except StorageError:
            return False
        with held:
            erasure = Erasure(user_id, now)
            names = await people.images(erasure)
            await store_of(database, images).remove(names)
            gone = await people.erase(erasure, names, now=now)
            return await people.flush() and gone


async def block(address: Address, user_id: int, days: int | None, reason: str) -> int:
    """Block the person in all servers, for so many days or until `unblock`.

    Returns how many of theirs waited for a turn: nobody buys them, and the running bot, or its
    next start, ends them. Raises StorageError.
    """
    now = SystemClock().now()
    until = None if days is None else now + days * DAY_MS
    async with Database.open(address, exclusive=False) as database:
        sanctions = Sanctions(database, Aliases(database))
        waiting = await sanctions.block(
            INSTALLATION, OPERATOR, user_id, reason, until=until, now=now
        )
    return len(waiting)


async def unblock(address: Address, user_id: int, reason: str) -> bool:
    """Take the block in all servers back; False: there was none. Raises StorageError."""
    now = SystemClock().now()
    async with Database.open(address, exclusive=False) as database:
        sanctions = Sanctions(database, Aliases(database))
        return await sanctions.unblock(INSTALLATION, OPERATOR, user_id, reason, now=now)


async def verify(
    address: Address, guild_id: int | None, head: str | None
) -> list[tuple[str, bool]]:
    """A line for each record (all, or the server's), and for `head`; and whether it is good.

    Raises StorageError.
    """
    async with Database.open(address, exclusive=False) as database:
        audit = Audit(database)
        found = [each async for each in audit.chains(guild_id)]
        lines = [(_verdict(each), each.broken is None) for each in found]
        if head is not None:
            lines.append(await _known(audit, head.strip().lower(), found))
    if not lines:
        lines.append(("Nothing is on record.", guild_id is None))
    return lines


async def _known(audit: Audit, head: str, found: Sequence[Chain]) -> tuple[str, bool]:
    """Whether a hash that was posted is still that of an entry in one of the whole records."""
    place = await audit.placed(head)
    whole = {each.guild_id for each in found if each.broken is None}
    if place is None or place[0] not in whole:
        return f"{head} is the hash of no entry: this is not the record it was posted for.", False
    return f"{head} is entry {place[1]} of {_whose(place[0])}.", True


def _verdict(chain: Chain) -> str:
    whose = _whose(chain.guild_id)
    if chain.broken is not None:
        return f"{whose}: broken at entry {chain.broken}: {chain.why}."
    earlier = f" after {chain.earlier} that are older than the chain" if chain.earlier else ""
    return f"{whose}: {plural(chain.entries, 'chained act')}{earlier}, head {chain.head}"


def _whose(guild_id: int) -> str:
    return "the installation" if guild_id == INSTALLATION else f"server {guild_id}"
