"""What the review desk's buttons do: who may decide, what follows, what is told to whom.

Whether somebody may is asked on every press and every form: Discord's own permissions are only
defaults, and ids can be forged.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from bot import picture_refusals
from bot.calls import NOBODY
from bot.channel import ChannelPolicy
from bot.clock import Clock
from bot.desk import Desk, due, stage_of
from bot.domain import Generation, Status
from bot.gallery import Gallery
from bot.imagine import Imagine
from bot.panel import whisper
from bot.storage.reviews import Decision, Reviews, Verdict
from bot.storage.settings import GuildSettings
from bot.views.actions import Press
from bot.views.desk import reason_form
from bot.wording import desk as words
from bot.wording import several

#: What was not approved is kept, for nobody to see, for so long; then it is deleted.
SEALED_MS = 7 * 24 * 3_600_000

#: Snowflakes have at most 19 digits, and what SQLite takes for a number not many more.
_SUBJECT = re.compile(r"([0-9]{1,18}|[1-8][0-9]{18})-(proposed|reviewing)")
_VERDICTS = {"approve": Verdict.APPROVED, "spoiler": Verdict.SPOILER, "reject": Verdict.REJECTED}


class DeskPanel:
    """Decides once for each request; whoever comes later is told who was first."""

    def __init__(
        self,
        desk: Desk,
        reviews: Reviews,
        settings: GuildSettings,
        imagine: Imagine,
        gallery: Gallery,
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._reviews = reviews
        self._settings = settings
        self._imagine = imagine
        self._gallery = gallery
        self._clock = clock

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """A card's button, or **See why**."""
        if press.verb == "why":
            await self._why(interaction, press.subject)
        elif not is_moderator(interaction):
            await whisper(interaction, words.NOT_MODERATOR)
        elif press.verb == "reject":
            await interaction.response.send_modal(reason_form(press.subject))
        elif press.verb in _VERDICTS:
            await self._decide(interaction, press.subject, _VERDICTS[press.verb], None)

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """The reason of a rejection."""
        reason = said.get("reason", "")[: words.REASON_LENGTH]
        if not is_moderator(interaction):
            await whisper(interaction, words.NOT_MODERATOR)
        elif not reason:
            await whisper(interaction, words.NO_REASON)
        elif press.verb == "reject":
            await self._decide(interaction, press.subject, Verdict.REJECTED, reason)

    async def queue(self, interaction: discord.Interaction) -> None:
        """List what waits in this server; cards that somebody deleted are posted again."""
        if not is_moderator(interaction) or interaction.guild_id is None:
            await whisper(interaction, words.NOT_MODERATOR)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        lines = []
        for rows in await self._reviews.pending(interaction.guild_id):
            stage = stage_of(rows)
            if stage is not None:
                review = await self._desk.seen(rows, stage)
                waiting = next(row for row in rows if row.status is stage)
                lines.append(words.queued(waiting, review))
        await interaction.edit_original_response(
            content=words.queue(lines), allowed_mentions=NOBODY
        )

    async def pass_over(self) -> None:
        """End what nobody decided in time, post missing cards, empty those that are decided."""
        now = self._clock.now()
        for rows in await self._reviews.pending():
            stage, interaction_id = stage_of(rows), rows[0].request.interaction_id
            if stage is not None and now >= due(rows, stage):
                decision = Decision(Verdict.EXPIRED, now)
                expired = await self._reviews.decide(interaction_id, stage, decision)
                self._imagine.go_on(expired)
            await self._desk.look(interaction_id)
        await self._desk.close_all()
        sealed = await self._reviews.sealed(now - SEALED_MS)
        await self._gallery.remove([each.name for row in sealed for each in row.outputs])
        await self._reviews.forget_images(sealed)

    async def _decide(
        self, interaction: discord.Interaction, subject: str, verdict: Verdict, reason: str | None
    ) -> None:
        match = _SUBJECT.fullmatch(subject)
        rows = await self._reviews.request(int(match[1])) if match else []
        if match is None or not rows or rows[0].request.guild_id != interaction.guild_id:
            await whisper(interaction, words.NOT_PENDING)
            return
        request = rows[0].request
        if request.user_id == interaction.user.id:
            await whisper(interaction, words.OWN_REQUEST)
            return
        guild = self._settings.policy(request.guild_id)
        always = ChannelPolicy.of(guild, request.place_id).spoiler
        decision = Decision(
            verdict,
            self._clock.now(),
            interaction.user.id,
            reason,
            spoiler=always or verdict is Verdict.SPOILER,
            counts=guild.rejected_counts,
        )
        stage = Status(match[2])
        decided = await self._reviews.decide(request.interaction_id, stage, decision)
        self._imagine.go_on(decided)
        await self._answer(interaction, decided or rows, stage, late=not decided)

    async def _answer(
        self, interaction: discord.Interaction, rows: list[Generation], stage: Status, *, late: bool
    ) -> None:
        """In the card, where it was pressed there; whoever was late is told who was first."""
        reviews = await self._reviews.of(rows[0].request.interaction_id)
        review = next((each for each in reviews if each.stage is stage), None)
        if review is None:
            await whisper(interaction, words.NOT_PENDING)
        elif late:
            actor_id = await self._desk.actor(review)
            await whisper(interaction, words.too_late(review, actor_id))
        elif interaction.message is not None and interaction.message.id == review.card_id:
            await self._desk.close(review, rows, _edit_of(interaction))
        else:  # a forged press, or a card that was posted anew meanwhile
            await self._desk.close(review, rows)
            await whisper(interaction, words.too_late(review, interaction.user.id))

    async def _why(self, interaction: discord.Interaction, generation_id: str) -> None:
        """Whoever asked, and nobody else."""
        row = await self._imagine.find(generation_id)
        if row is None or row.request.user_id != interaction.user.id:
            await whisper(interaction, words.NOT_YOURS)
            return
        if not row.status.ended or row.status is Status.DELIVERED:
            await whisper(interaction, words.NOT_PENDING)
            return
        rows = await self._reviews.request(row.request.interaction_id)
        error = picture_refusals.failure(row.error)
        await whisper(interaction, several.ended(rows, error))


def is_moderator(interaction: discord.Interaction) -> bool:
    """By what their roles allow in the whole server: a channel's own overwrites make nobody one."""
    person = interaction.user
    if not isinstance(person, discord.Member) or person.guild.id != interaction.guild_id:
        return False
    allowed = person.guild_permissions
    return allowed.moderate_members or allowed.manage_messages or allowed.manage_guild


def _edit_of(interaction: discord.Interaction) -> Callable[..., Awaitable[None]]:
    async def edit(**message: Any) -> None:
        if interaction.response.is_done():  # it took long and was deferred
            await interaction.edit_original_response(**message)
        else:
            await interaction.response.edit_message(**message)

    return edit
