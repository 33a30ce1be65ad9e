"""How somebody appeals against the rejection of their image: a button, a form, one answer.

Open to whoever asked, blocked or not, and to nobody else; asked again when the form is sent.
"""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.chat.panel import ask, whisper
from bot.clock import Clock
from bot.domain.generation import Generation, Status
from bot.language import _
from bot.moderation.desk import Desk
from bot.moderation.desks import Desks
from bot.refusals.desks import DeskUnusable
from bot.storage.appeals import Appeal, open_to
from bot.storage.storage import Storage
from bot.views.desk import appeal_form
from bot.wording import appeals as words
from bot.wording.desk import PRESS_AGAIN
from bot.wording.reasons import refusal


class AppealPanel:
    """One appeal a request; its answer is the request's private reply from then on."""

    def __init__(self, desk: Desk, desks: Desks, storage: Storage, clock: Clock) -> None:
        self._desk = desk
        self._desks = desks
        self._ledger = storage.ledger
        self._appeals = storage.appeals
        self._aliases = storage.aliases
        self._clock = clock

    async def pressed(self, interaction: discord.Interaction, generation_id: str) -> None:
        """Of **Appeal …**: open the form."""
        if await self._rejected(interaction, generation_id) is not None:
            await ask(interaction, appeal_form(generation_id), _(PRESS_AGAIN))

    async def submitted(
        self, interaction: discord.Interaction, generation_id: str, text: str
    ) -> None:
        """Whatever happened since the form was opened."""
        row = await self._rejected(interaction, generation_id)
        if row is None:
            return
        if not text:
            await whisper(interaction, _(words.NO_TEXT))
            return
        appeal = Appeal(
            row.request.interaction_id,
            interaction.user.id,
            text[: words.APPEAL_LENGTH],
            interaction.token,
            round(interaction.expires_at.timestamp() * 1000),
        )
        appealing = await self._appeals.make(appeal, now=self._clock.now())
        if not appealing:  # sent twice, or its time ran out just now
            await self._rejected(interaction, generation_id, or_else=_(words.NOT_REJECTED))
            return
        message_id = await whisper(interaction, words.waiting(appealing[0]))
        if message_id is not None:
            await self._appeals.answered(appeal, message_id)
        await self._desk.look(appeal.interaction_id)

    async def barred(self, interaction: discord.Interaction, rows: Sequence[Generation]) -> bool:
        """Whether an appeal is not for this moderator to decide (yet); then they are told."""
        row = next((row for row in rows if row.status is Status.APPEALING), None)
        if row is None:
            return False
        now = self._clock.now()
        rejection = await self._appeals.rejection(row, now=now)
        if not rejection.bars(await self._aliases.of(interaction.user.id), now):
            return False
        await whisper(interaction, words.not_yet(rejection))
        return True

    async def _rejected(
        self, interaction: discord.Interaction, generation_id: str, or_else: str = ""
    ) -> Generation | None:
        """What this person may appeal against; otherwise they are told why not.

        `or_else` is said where they may.
        """
        rows = await self._ledger.request(generation_id)
        said = self._why_not(interaction, rows) or or_else
        if said:
            await whisper(interaction, said)
            return None
        return open_to(rows)

    def _why_not(self, interaction: discord.Interaction, rows: list[Generation]) -> str | None:
        if not rows or rows[0].request.user_id != interaction.user.id:
            return _(words.NOT_YOURS)
        if rows[0].request.guild_id != interaction.guild_id:
            return _(words.NOT_REJECTED)
        row = next((row for row in rows if row.appealed_at is not None), None)
        if row is not None:
            return words.waiting(row) if row.status is Status.APPEALING else _(words.DECIDED)
        rejected = next((row for row in rows if row.status is Status.REJECTED), None)
        if rejected is None:
            return _(words.NOT_REJECTED)
        if rejected.sealed_until is None:
            return _(words.NOTHING_MADE)
        row = open_to(rows)
        if row is None or self._clock.now() >= (row.sealed_until or 0):
            return _(words.OVER)
        try:
            self._desks.channel(row.request)
        except DeskUnusable as unusable:
            return words.later(refusal(unusable), row)
        return None
