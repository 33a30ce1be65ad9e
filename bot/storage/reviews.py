"""The review desk's memory: what waits for a moderator, on which card, and who decided what.

A row at the desk has no owner. A decision is one conditional statement: whoever comes first has
decided, exactly once, whatever buttons, processes and clocks come after.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import groupby
from pathlib import Path

from bot.domain.act import OPERATOR, Act, Action
from bot.domain.generation import Entry, Generation, Status
from bot.record import Hidden, Record
from bot.storage import queries, rows
from bot.storage.aliases import Aliases
from bot.storage.audit import record
from bot.storage.books import BOOKS
from bot.storage.database import Database, Row

_SQL = queries.load(Path(__file__).parent / "sql" / "reviews.sql")


#: What was not approved is kept, for nobody to see, for so long; then it is deleted.
SEALED_MS = 7 * 24 * 3_600_000


class Verdict(StrEnum):
    """What was decided, or that nobody did in time."""

    APPROVED = "approved"
    SPOILER = "spoiler"  # approved as a spoiler
    REJECTED = "rejected"
    EXPIRED = "expired"


_ACTIONS = {
    Verdict.APPROVED: Action.APPROVE,
    Verdict.SPOILER: Action.APPROVE,
    Verdict.REJECTED: Action.REJECT,
    Verdict.EXPIRED: Action.EXPIRE,
}


class Review(Record):
    """One decision about a request; `stage` is the status of the rows that it is about.

    `card_id` is the message in `channel_id` where it is taken, `cards` how many there have been;
    `closed`: the card says what became of it. `actor` is a pseudonym.
    """

    interaction_id: int
    stage: Status
    guild_id: int
    channel_id: int | None = None
    card_id: int | None = None
    cards: int = 0
    verdict: Verdict | None = None
    decided_at: int | None = None
    actor: int | None = None
    closed: bool = False


class Decision(Record):
    """What somebody decides, when (UTC milliseconds), and why; `actor_id` None: the clock.

    `counts`: the person's quota counts an image that is rejected.
    """

    verdict: Verdict
    now: int
    actor_id: Hidden[int | None] = None
    reason: Hidden[str | None] = None
    spoiler: bool = False
    counts: bool = True


class Reviews:
    """Reads what waits, and writes what was decided."""

    def __init__(self, database: Database, aliases: Aliases) -> None:
        self._database = database
        self._aliases = aliases

    async def pending(self, guild_id: int | None = None) -> list[list[Generation]]:
        """The requests of which something waits, all their rows, oldest first; None: everywhere."""
        found = await self._database.read(_SQL["at_desk"], {"guild_id": guild_id})
        generations = map(rows.generation, found)
        return [
            list(group) for _, group in groupby(generations, lambda row: row.request.interaction_id)
        ]

    async def request(self, interaction_id: int) -> list[Generation]:
        """All rows of a request, by their ordinals."""
        found = await self._database.read(_SQL["request"], {"interaction_id": interaction_id})
        return [rows.generation(row) for row in found]

    async def of(self, interaction_id: int) -> list[Review]:
        """All that was, or is to be, decided about a request."""
        found = await self._database.read(_SQL["of_request"], {"interaction_id": interaction_id})
        return [_review(row) for row in found]

    async def opened(self, interaction_id: int, stage: Status, guild_id: int) -> Review:
        """The decision that is to be taken, perhaps with its card."""
        key = {"interaction_id": interaction_id, "stage": stage}
        await self._database.write(_SQL["open"], key | {"guild_id": guild_id})
        return next(each for each in await self.of(interaction_id) if each.stage is stage)

    async def posted(self, review: Review, channel_id: int, card_id: int) -> None:
        values = {"channel_id": channel_id, "card_id": card_id}
        await self._database.write(_SQL["posted"], _key(review) | values)

    async def lost(self, review: Review) -> None:
        """Its card is not there any more: another one may be posted."""
        await self._database.write(_SQL["lost"], _key(review) | {"card_id": review.card_id})

    async def unclosed(self) -> list[Review]:
        """Those that are over, though their cards do not say so yet."""
        return [_review(row) for row in await self._database.read(_SQL["unclosed"], {})]

    async def close(self, review: Review) -> None:
        await self._database.write(_SQL["close"], _key(review))

    async def forget(self, interaction_id: int) -> None:
        """Its request was erased, and its card is gone."""
        await self._database.write(_SQL["forget"], {"interaction_id": interaction_id})

    async def decide(
        self, interaction_id: int, stage: Status, decision: Decision
    ) -> list[Generation]:
        """Decide about the rows in `stage`; none: somebody was first, or some are under way.

        Rows, both books and who decided, in one transaction.
        """
        to, quota, budget = _outcome(stage, decision)
        actor = decision.actor_id and await self._aliases.remembered(decision.actor_id)
        asked = await self.request(interaction_id)
        subject = await self._aliases.remembered(asked[0].request.user_id) if asked else None
        values = {
            "interaction_id": interaction_id,
            "stage": stage,
            "to_status": to,
            "has_ended": int(to.ended),
            "quota": quota,
            "budget": budget,
            "now": decision.now,
            "sealed_until": decision.now + (0 if stage is Status.APPEALING else SEALED_MS),
            "reason": decision.reason,
            "spoiler": int(decision.spoiler),
            "verdict": decision.verdict,
            "actor": actor,
        }
        async with self._database.transaction() as connection:
            found = await connection.fetch(_SQL["decide"], values)
            if found:
                guild_id = found[0]["guild_id"] or 0
                await connection.fetch(_SQL["record"], values | {"guild_id": guild_id})
                act = Act(
                    actor or OPERATOR,
                    _ACTIONS[decision.verdict],
                    subject,
                    decision.reason or "",
                    {"stage": stage, "as": decision.verdict},  # its id would outlive an erasure
                )
                await record(connection, guild_id, act, now=decision.now)
        return sorted(map(rows.generation, found), key=lambda row: row.request.ordinal)

    async def published(self, generation: Generation, message_id: int) -> None:
        """Its request's images are that message; its owner says so, before their rows end."""
        values = {
            "interaction_id": generation.request.interaction_id,
            "owner_epoch": generation.owner_epoch,
            "published_id": message_id,
        }
        await self._database.write(_SQL["published"], values)

    async def history(self, user_id: int, guild_id: int) -> tuple[int, int]:
        """How many of the person's requests in this server were approved, and rejected."""
        asked = {"user_id": user_id, "guild_id": guild_id}
        [found] = await self._database.read(_SQL["history"], asked)
        return found["approved"], found["rejected"]


def _outcome(stage: Status, decision: Decision) -> tuple[Status, Entry | None, Entry | None]:
    """What becomes of the rows, and what their books say then; None: what they said before."""
    bought = stage is not Status.PROPOSED
    if stage is Status.APPEALING:
        if decision.verdict in (Verdict.APPROVED, Verdict.SPOILER):
            return Status.DELIVERING, Entry.RESERVED, None
        return Status.REJECTED, None, None
    match decision.verdict:
        case Verdict.REJECTED:
            quota, budget = BOOKS[Status.REJECTED, bought]
            return Status.REJECTED, quota if decision.counts else Entry.RELEASED, budget
        case Verdict.EXPIRED:
            return Status.EXPIRED, *BOOKS[Status.EXPIRED, bought]
        case _:
            to = Status.DELIVERING if bought else Status.QUEUED
            return to, Entry.RESERVED, Entry.RESERVED


def _key(review: Review) -> dict[str, object]:
    return {"interaction_id": review.interaction_id, "stage": review.stage}


def _review(row: Row) -> Review:
    return Review(
        interaction_id=row["interaction_id"],
        stage=Status(row["stage"]),
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        card_id=row["card_id"],
        cards=row["cards"],
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        decided_at=row["decided_at"],
        actor=row["actor"],
        closed=bool(row["closed"]),
    )
