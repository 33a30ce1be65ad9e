"""What is decided at the review desk: recorded once, and then the request goes on, or ends."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.clock import Clock
from bot.domain.channel import ChannelPolicy
from bot.domain.generation import Generation, Status
from bot.generation.imagine import Imagine
from bot.moderation.desk import Desk
from bot.moderation.stage import due, stage_of
from bot.storage.reviews import Decision, Verdict
from bot.storage.storage import Storage

log = logging.getLogger(__name__)


class Decisions:
    """Whoever decides, a moderator or the clock: the first decision counts."""

    def __init__(self, desk: Desk, storage: Storage, imagine: Imagine, clock: Clock) -> None:
        self._desk = desk
        self._reviews = storage.reviews
        self._settings = storage.settings
        self._imagine = imagine
        self._clock = clock

    async def decide(
        self,
        rows: Sequence[Generation],
        stage: Status,
        verdict: Verdict,
        actor_id: int,
        reason: str | None = None,
    ) -> list[Generation]:
        """The rows of a request that were decided about; none: somebody was first."""
        request = rows[0].request
        guild = self._settings.policy(request.guild_id)
        channel = ChannelPolicy.of(guild, request.place_id)
        decision = Decision(
            verdict,
            self._clock.now(),
            actor_id,
            reason,
            spoiler=channel.spoiler or verdict is Verdict.SPOILER,
            counts=channel.rejected_counts,
        )
        return await self._recorded(request.interaction_id, stage, decision)

    async def pass_over(self) -> None:
        """End what nobody decided in time, post missing cards, empty those that are decided."""
        for rows in await self._reviews.pending():
            if not self._desk.is_mine(rows[0].request.guild_id):
                continue
            try:
                await self._look_over(rows)
            except Exception:  # the others' time runs out all the same
                log.exception("request not looked over", extra={"generation": rows[0].id})
        await self._desk.close_all()

    async def _look_over(self, rows: Sequence[Generation]) -> None:
        """What was canceled elsewhere (a block from the command line) ends, as what is late."""
        stage, interaction_id = stage_of(rows), rows[0].request.interaction_id
        now = self._clock.now()
        if any(row.status.at_desk and row.cancel_requested_at for row in rows):
            self._imagine.withdraw(rows[0].id)
        elif stage is not None and now >= due(rows, stage):
            await self._recorded(interaction_id, stage, Decision(Verdict.EXPIRED, now))
        await self._desk.look_again(interaction_id)

    async def _recorded(
        self, interaction_id: int, stage: Status, decision: Decision
    ) -> list[Generation]:
        decided = await self._reviews.decide(interaction_id, stage, decision)
        self._imagine.go_on(decided)
        return decided
