"""A row's way to the review desk: all that a moderator has to see, then it waits without a life."""

from __future__ import annotations

from typing import Protocol

from bot import wording
from bot.domain.generation import Generation, Status
from bot.generation.intake import Intake
from bot.generation.watch import Life
from bot.language import _
from bot.storage.ledger import Ledger
from bot.wording import desk as words


class Desk(Protocol):
    """Where moderators decide."""

    async def look(self, interaction_id: int) -> None:
        """Show what is to be decided about this request, and nothing else; it never fails."""


class Review:
    """Hands rows over to the desk."""

    def __init__(self, ledger: Ledger, intake: Intake, desk: Desk) -> None:
        self.intake = intake
        self._ledger = ledger
        self._desk = desk

    async def step(self, row: Generation, life: Life) -> Generation | None:
        """Have its pictures here, tell whoever asked; None: it waits at the desk."""
        stored = all(picture.is_stored for picture in row.request.pictures)
        if row.status is Status.PROPOSED and not stored:
            return await self.intake.step(row, life)
        await self._ledger.acknowledged(row)
        if life.batch is None or life.batch.is_last(row.id):
            button = None if row.status is Status.APPEALING else _(wording.CANCEL)
            await life.reply.rest(words.waiting(row), button)
        return None

    async def look(self, row: Generation) -> None:
        """Its life is over: what is to be decided, or was, may stand on a card."""
        if row.request.review != "off":
            await self._desk.look(row.request.interaction_id)
