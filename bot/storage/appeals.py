"""Appeals against the rejection of an image: made once, and never decided by whoever wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.domain.act import OPERATOR, Act, Action
from bot.domain.generation import Generation, Status
from bot.record import Hidden, Record, asdict
from bot.storage import queries, rows
from bot.storage.aliases import Aliases
from bot.storage.audit import record
from bot.storage.custody import Custody
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "appeals.sql")

#: An appeal waits for a moderator for so long, then the rejection stands; for the first half of it
#: it is somebody else's than whoever rejected.
APPEAL_MS = 24 * 3_600_000
#: Who decided at a server's desk within this time is taken to be there still.
ACTIVE_MS = 90 * 24 * 3_600_000


class Appeal(Record):
    """What whoever asked writes against a rejection; they are told the outcome by this token."""

    interaction_id: int
    user_id: Hidden[int]
    text: Hidden[str]
    token: Hidden[str]
    token_expires_at: int


class Rejection(Record):
    """What is appealed against: who decided it (a pseudonym; None: erased), and which way is left.

    `others`: somebody else than them, and than whoever asked, has decided here lately.
    `alone_until`: UTC milliseconds.
    """

    actor: int | None
    others: bool
    alone_until: int

    def bars(self, pseudonym: int, now: int) -> bool:
        """Whether it is not for this moderator to decide about the appeal, or not yet."""
        return pseudonym == self.actor and self.others and now < self.alone_until


def open_to(generations: Sequence[Generation]) -> Generation | None:
    """One of a request's rows whose rejection may be appealed against until its seal ends."""
    return next(
        (
            row
            for row in generations
            if row.status is Status.REJECTED
            and row.outputs
            and row.sealed_until is not None
            and row.appealed_at is None
            and row.removed_by is None
        ),
        None,
    )


class Appeals:
    """Writes them, and knows whom they are about."""

    def __init__(self, database: Database, aliases: Aliases, custody: Custody) -> None:
        self._database = database
        self._aliases = aliases
        self._custody = custody

    async def make(self, appeal: Appeal, *, now: int) -> list[Generation]:
        """From rejected to appealing, on record; none: it is not (any more) to be appealed against.

        One conditional transaction: of two at once one is made, and a second one never.
        """
        values = asdict(appeal) | {"now": now, "owner_epoch": self._custody.epoch}
        actor = await self._aliases.remembered(appeal.user_id)
        act = Act(actor, Action.APPEAL, actor, appeal.text, {"stage": Status.APPEALING})
        async with self._database.transaction() as connection:
            found = await connection.fetch(_SQL["appeal"], values)
            if found:
                guild_id = found[0]["guild_id"] or 0
                await connection.fetch(_SQL["open"], values | {"guild_id": guild_id})
                await record(connection, guild_id, act, now=now)
        return sorted(map(rows.generation, found), key=lambda row: row.request.ordinal)

    async def answered(self, appeal: Appeal, message_id: int) -> None:
        """The outcome is told in this message, for as long as the appeal's token lives."""
        values = asdict(appeal) | {"message_id": message_id}
        await self._database.write(_SQL["answered"], values)

    async def rejection(self, row: Generation, *, now: int) -> Rejection:
        """The one that this row's appeal is about."""
        request = row.request
        found = await self._database.read(
            _SQL["rejected"], {"interaction_id": request.interaction_id}
        )
        actor = found[0]["actor"] if found else None
        asker = await self._aliases.of(request.user_id)
        others = await self._database.read(
            _SQL["others"],
            {
                "guild_id": request.guild_id,
                "since": now - ACTIVE_MS,
                "besides": queries.array([OPERATOR, actor or OPERATOR, asker]),
            },
        )
        return Rejection(actor, bool(others), (row.appealed_at or now) + APPEAL_MS // 2)
