"""The record: appended to within the transaction of what it tells of, one chain a server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

from bot.domain.act import Act, Chain, Entry, Sought
from bot.record import asdict
from bot.storage import chain, queries
from bot.storage.chain import Link, Sealed, following, genesis
from bot.storage.database import Database, Reader, Row, Transaction
from bot.text import visible

_SQL = queries.load(Path(__file__).parent / "sql" / "audit.sql")

#: Entries read at a time: a long record never lies in memory as a whole.
BATCH = 500
_LAST = 2**62
_PERSONAL = ("actor", "subject", "reason")
_BESIDE = ("salt", "mark")


async def record(connection: Transaction, guild_id: int, act: Act, *, now: int) -> int:
    """Append the act to the server's chain (INSTALLATION: the operator's); returns its number.

    Within the caller's write transaction (`Database.transaction`): what is done and its entry are
    there together or not at all, and since writers wait for one another from the look at the head
    on, no two entries ever follow the same one.
    """
    heads = await connection.fetch(_SQL["head"], {"guild_id": guild_id})
    begun_after, last, previous = tuple(heads[0]) if heads else (0, 0, None)
    number = int(last) + 1
    personal = {
        "actor": chain.sealed(act.actor),
        "subject": chain.sealed(act.subject),
        "reason": chain.sealed(visible(act.reason)),
    }
    details = chain.canonical(act.details)
    marks = {name: personal[name].mark for name in _PERSONAL}
    link = Link(guild_id, number, now, act.action.value, details, **marks)
    hash = following(previous or genesis(guild_id, begun_after), link)
    values = {f"{n}_{part}": getattr(personal[n], part) for n in _PERSONAL for part in _BESIDE}
    values |= asdict(link) | {name: personal[name].value for name in _PERSONAL} | {"hash": hash}
    await connection.fetch(_SQL["append"], values)
    await connection.fetch(_SQL["move_head"], values)
    return number


class Audit:
    """Reads and verifies; appending is `record`'s."""

    def __init__(self, database: Reader) -> None:
        self._database = database

    async def entries(
        self, guild_id: int, sought: Sought, *, before: int | None = None, limit: int
    ) -> list[Entry]:
        """The server's last ones, newest first; `before`: older than the entry of this number."""
        asked = asdict(sought) | {
            "guild_id": guild_id,
            "before": before or _LAST,
            "since": sought.since or 0,
            "limit": limit,
        }
        return [_entry(row) for row in await self._database.read(_SQL["entries"], asked)]

    async def chains(self, guild_id: int | None = None) -> AsyncIterator[Chain]:
        """All of them, or the server's, each followed from its beginning to its head."""
        for row in await self._database.read(_SQL["chains"], {"guild_id": guild_id}):
            yield await self._followed(row)

    async def placed(self, hash: str) -> tuple[int, int] | None:
        """Which entry of which server has this hash; None: none."""
        found = await self._database.read(_SQL["by_hash"], {"hash": hash})
        return (found[0]["guild_id"], found[0]["number"]) if found else None

    async def _followed(self, row: Row) -> Chain:
        guild_id, begun_after, until = row["guild_id"], row["begun_after"], row["number"]
        if until is None:
            return Chain(guild_id, 0, 0, "", 1, "the chain's head is gone")
        hash, number = genesis(guild_id, begun_after), begun_after
        head = row["hash"] or hash
        found = Chain(guild_id, until - begun_after, begun_after, head)
        async for entry in self._links(guild_id, begun_after, until):
            number += 1
            if entry["number"] != number:
                return _broken(found, number, "it is gone")
            if any(not _sealed(entry, name).is_whole for name in _PERSONAL):
                return _broken(found, number, "a name or the reason is not what it was")
            hash = following(hash, _link(entry))
            if hash != entry["hash"]:
                return _broken(found, number, "it, or the one before it, is not what it was")
        if number != until:
            return _broken(found, number + 1, "it is gone")
        if hash != head:
            return _broken(found, number, "it is not what the chain's head says")
        if (row["last"] or 0) > until:
            return _broken(found, until + 1, "it stands after the chain's head")
        return found

    async def _links(self, guild_id: int, after: int, until: int) -> AsyncIterator[Row]:
        while True:
            asked = {"guild_id": guild_id, "after": after, "until": until, "limit": BATCH}
            found = await self._database.read(_SQL["links"], asked)
            for row in found:
                yield row
            if len(found) < BATCH:
                return
            after = found[-1]["number"]


class Postings:
    """Which heads of the chains managers have been told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def to_post(self, guild_id: int, *, now: int, before: int) -> tuple[int, str] | None:
        """Number and hash of the server's last entry, which from now on counts as posted.

        None: none is new, or one was posted later than `before` (UTC milliseconds).
        """
        values = {"guild_id": guild_id, "now": now, "before": before}
        found = await self._database.write(_SQL["to_post"], values)
        return (found[0]["number"], found[0]["hash"]) if found else None

    async def not_posted(self, guild_id: int) -> None:
        """It did not arrive: it is to be posted the next time."""
        await self._database.write(_SQL["not_posted"], {"guild_id": guild_id})


def _broken(found: Chain, number: int, why: str) -> Chain:
    return Chain(found.guild_id, found.entries, found.earlier, found.head, number, why)


def _sealed(row: Row, name: str) -> Sealed:
    return Sealed(row[name], row[f"{name}_salt"], row[f"{name}_mark"])


def _link(row: Row) -> Link:
    marks = {name: row[f"{name}_mark"] for name in _PERSONAL}
    plain = (row[name] for name in ("guild_id", "number", "at", "action", "details"))
    return Link(*plain, **marks)


def _entry(row: Row) -> Entry:
    found = dict(row)
    return Entry(**found | {"reason": row["reason"] or "", "details": json.loads(row["details"])})
