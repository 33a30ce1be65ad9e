"""Reports: who reported which image and why, on which card it is decided, and what was decided.

Who reported is a pseudonym. Limits are counted over the rows, within the transaction that adds one.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from bot.domain.act import Act, Action
from bot.domain.limits import DAY_MS, HOUR_MS
from bot.record import Hidden, Record
from bot.storage import queries
from bot.storage.aliases import Aliases
from bot.storage.audit import record
from bot.storage.database import Database, Row
from bot.text import visible

_SQL = queries.load(Path(__file__).parent / "sql" / "reports.sql")

#: A person's reports in one server: enough for whoever means it, too few to flood the moderators.
AN_HOUR, A_DAY = 5, 15
#: A report that nobody decided about is over then, so that nothing is held for ever.
LAPSE_MS = 30 * DAY_MS


class Outcome(StrEnum):
    """What was decided about a reported image, or that nobody did in time."""

    REMOVED = "removed"
    DISMISSED = "dismissed"
    LAPSED = "lapsed"


class Reported(Record):
    """An image that is, or lately was, reported; its card is `card_id` in `channel_id`.

    `shown`: how many reports the card shows. `closed`: the card says what was decided. `actor` is
    a pseudonym. Times in UTC milliseconds.
    """

    interaction_id: int
    guild_id: int
    opened_at: int
    told: bool = False
    channel_id: int | None = None
    card_id: int | None = None
    cards: int = 0
    shown: int = 0
    verdict: Outcome | None = None
    decided_at: int | None = None
    actor: int | None = None
    closed: bool = False


class Report(Record):
    """One open report; `reporter` is a pseudonym."""

    reporter: int
    at: int
    reason: Hidden[str]


class Filed(StrEnum):
    """What became of a report."""

    FILED = "filed"
    ALREADY = "already"
    TOO_MANY = "too many"
    GONE = "gone"


class Reports:
    """Adds, reads and decides; whoever decides first has decided about all of an image's."""

    def __init__(self, database: Database, aliases: Aliases) -> None:
        self._database = database
        self._aliases = aliases

    async def file(
        self, interaction_id: int, reporter_id: int, reason: str, *, now: int
    ) -> tuple[Filed, int]:
        """Report an image; with TOO_MANY also when the next may come (UTC milliseconds)."""
        reporter, said = await self._aliases.remembered(reporter_id), visible(reason)
        subject = await self._subject(interaction_id)
        values = {"interaction_id": interaction_id, "reporter": reporter, "reason": said}
        values |= {"now": now, "since": now - DAY_MS}
        async with self._database.transaction() as connection:
            for image in await connection.fetch(_SQL["image"], values):
                values["guild_id"] = image["guild_id"]
                if await connection.fetch(_SQL["mine"], values):
                    return Filed.ALREADY, now
                past = await connection.fetch(_SQL["recent"], values)
                free = _free([row["at"] for row in past], now)
                if free > now:
                    return Filed.TOO_MANY, free
                for statement in ("file", "open"):
                    await connection.fetch(_SQL[statement], values)
                act = Act(reporter, Action.REPORT, subject, said)
                await record(connection, image["guild_id"], act, now=now)
                return Filed.FILED, now
        return Filed.GONE, now

    async def _subject(self, interaction_id: int) -> int | None:
        """Whoever asked for it, by their pseudonym; None: that is not known any more."""
        found = await self._database.read(_SQL["whose"], {"interaction_id": interaction_id})
        return await self._aliases.remembered(found[0]["user_id"]) if found else None

    async def dismiss(self, interaction_id: int, actor_id: int, *, now: int) -> bool:
        """Leave the image where it is; False: somebody was first."""
        actor, reported = await self._aliases.remembered(actor_id), await self.of(interaction_id)
        guild_id = 0 if reported is None else reported.guild_id
        act = Act(actor, Action.DISMISS, await self._subject(interaction_id))
        return await self._decided(interaction_id, Outcome.DISMISSED, now, actor, (guild_id, act))

    async def lapse(self, *, now: int) -> None:
        """End those that nobody decided about; forget what counts for nothing any more."""
        for row in await self._database.read(_SQL["lapsing"], {"before": now - LAPSE_MS}):
            await self._decided(row["interaction_id"], Outcome.LAPSED, now)
        await self._database.write(_SQL["forget_reports"], {"before": now - DAY_MS})
        await self._database.write(_SQL["forget_images"], {})

    async def _decided(
        self,
        interaction_id: int,
        verdict: Outcome,
        now: int,
        actor: int | None = None,
        to_record: tuple[int, Act] | None = None,
    ) -> bool:
        values = {"interaction_id": interaction_id, "verdict": verdict, "now": now, "actor": actor}
        async with self._database.transaction() as connection:
            decided = await connection.fetch(_SQL["decide"], values)
            if decided:
                await connection.fetch(_SQL["close_reports"], values)
                await connection.fetch(_SQL["unseal"], values)
                if to_record is not None:
                    await record(connection, *to_record, now=now)
        return bool(decided)

    async def of(self, interaction_id: int) -> Reported | None:
        """None: it was not reported, or that is long over."""
        found = await self._database.read(_SQL["of_image"], {"interaction_id": interaction_id})
        return _reported(found[0]) if found else None

    async def reports(self, interaction_id: int) -> list[Report]:
        """The open ones, oldest first."""
        found = await self._database.read(_SQL["reports"], {"interaction_id": interaction_id})
        return [Report(row["reporter"], row["at"], row["reason"]) for row in found]

    async def undecided(self, guild_id: int) -> list[Reported]:
        """What waits for a decision in this server, oldest first."""
        found = await self._database.read(_SQL["undecided"], {"guild_id": guild_id})
        return list(map(_reported, found))

    async def stale(self) -> list[Reported]:
        """Those whose card is not what it should be."""
        return list(map(_reported, await self._database.read(_SQL["stale"], {})))

    async def told(self, interaction_id: int) -> None:
        """The operator was, once for all reports that are decided together."""
        await self._database.write(_SQL["told"], {"interaction_id": interaction_id})

    async def posted(self, reported: Reported, channel_id: int, card_id: int) -> None:
        values = {"channel_id": channel_id, "card_id": card_id}
        await self._database.write(_SQL["posted"], _key(reported) | values)

    async def showing(self, reported: Reported, count: int) -> None:
        """Its card shows so many reports."""
        await self._database.write(_SQL["showing"], _key(reported) | {"shown": count})

    async def lost(self, reported: Reported) -> None:
        """Its card is not there any more: another one may be posted."""
        await self._database.write(_SQL["lost"], _key(reported) | {"card_id": reported.card_id})

    async def close(self, reported: Reported) -> None:
        await self._database.write(_SQL["close"], _key(reported))


def _free(past: Sequence[int], now: int) -> int:
    """When one more report is within both limits, of those at these times, newest first."""
    free = now
    for most, window in ((AN_HOUR, HOUR_MS), (A_DAY, DAY_MS)):
        if len(past) >= most:
            free = max(free, past[most - 1] + window)
    return free


def _key(reported: Reported) -> dict[str, object]:
    return {"interaction_id": reported.interaction_id}


def _reported(row: Row) -> Reported:
    found = dict(row)
    verdict = Outcome(row["verdict"]) if row["verdict"] else None
    flags = {name: bool(row[name]) for name in ("told", "closed")}
    return Reported(**found | {"verdict": verdict} | flags)
