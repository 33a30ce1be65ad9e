"""What the review desk's buttons do: who may decide, what follows, what is told to whom.

Whether somebody may is asked on every press and every form: Discord's own permissions are only
defaults, and ids can be forged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import discord

from bot.chat.calls import CALL_TIMEOUT, NOBODY
from bot.chat.moderator import moderates, person_of, spared_from
from bot.chat.panel import ask, edit_of, whisper
from bot.clock import Clock
from bot.domain.act import REASON_LENGTH
from bot.domain.generation import Generation, Status
from bot.domain.sanctions import Person, Rank, duration_ms
from bot.generation.imagine import Imagine
from bot.language import _
from bot.moderation.decisions import Decisions
from bot.moderation.desk import Desk
from bot.moderation.reports import ReportDesk
from bot.moderation.stage import read_subject, stage_of
from bot.panels.appeal import AppealPanel
from bot.refusals import pictures as picture_refusals
from bot.storage.appeals import open_to
from bot.storage.reviews import Verdict
from bot.storage.storage import Storage
from bot.views.actions import Press
from bot.views.desk import APPEAL, BLOCK, REJECT, appeal_view, reason_form
from bot.wording import desk as words
from bot.wording import images, moderation, several

_VERDICTS = {"approve": Verdict.APPROVED, "spoiler": Verdict.SPOILER}


class DeskPanel:
    """Asks for a decision; whoever comes later is told who was first."""

    def __init__(
        self,
        desk: Desk,
        decisions: Decisions,
        appeals: AppealPanel,
        storage: Storage,
        imagine: Imagine,
        clock: Clock,
        reports: ReportDesk,
    ) -> None:
        self._desk = desk
        self._decisions = decisions
        self._reports = reports
        self._appeals = appeals
        self._reviews = storage.reviews
        self._sanctions = storage.sanctions
        self._imagine = imagine
        self._clock = clock

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """A card's button, or what whoever asked may press: **See why**, **Appeal …**."""
        if press.verb == "why":
            await self._why(interaction, press.subject)
        elif press.verb == APPEAL:
            await self._appeals.pressed(interaction, press.subject)
        elif not moderates(interaction):
            await whisper(interaction, _(moderation.NEEDS_MODERATOR))
        elif press.verb in (REJECT, BLOCK) and await self._may_reject(interaction, press.subject):
            form = reason_form(press.verb, press.subject)
            await ask(interaction, form, _(words.PRESS_AGAIN))
        elif press.verb in _VERDICTS:
            await self._decide(interaction, press.subject, _VERDICTS[press.verb], None)

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """The reason of a rejection, or an appeal against one."""
        if press.verb == APPEAL:
            await self._appeals.submitted(interaction, press.subject, said.get("appeal", ""))
            return
        reason = said.get("reason", "")[:REASON_LENGTH]
        if not moderates(interaction):
            await whisper(interaction, _(moderation.NEEDS_MODERATOR))
        elif not reason:
            await whisper(interaction, _(words.NO_REASON))
        elif press.verb == REJECT:
            await self._decide(interaction, press.subject, Verdict.REJECTED, reason)
        elif press.verb == BLOCK:
            await self._reject_and_block(
                interaction, press.subject, reason, said.get("duration", "")
            )

    async def queue(self, interaction: discord.Interaction) -> None:
        """List what waits in this server; cards that somebody deleted are posted again."""
        if not moderates(interaction) or interaction.guild_id is None:
            await whisper(interaction, _(moderation.NEEDS_MODERATOR))
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        lines = await self._reports.queue(interaction.guild_id)
        for rows in await self._reviews.pending(interaction.guild_id):
            stage = stage_of(rows)
            if stage is not None:
                review = await self._desk.seen(rows, stage)
                waiting = next(row for row in rows if row.status is stage)
                lines.append(words.queued(waiting, review))
        await interaction.edit_original_response(
            content=words.queue(lines), allowed_mentions=NOBODY
        )

    async def _decide(
        self, interaction: discord.Interaction, subject: str, verdict: Verdict, reason: str | None
    ) -> None:
        found = await self._found(interaction, subject)
        if found is not None:
            rows, stage = found
            actor_id = interaction.user.id
            decided = await self._decisions.decide(rows, stage, verdict, actor_id, reason)
            await self._answer(interaction, decided or rows, stage, late=not decided)

    async def _reject_and_block(
        self, interaction: discord.Interaction, subject: str, reason: str, duration: str
    ) -> None:
        """Both or, where somebody else was first, neither."""
        try:
            length = duration_ms(duration)
        except ValueError:
            await whisper(interaction, _(moderation.DURATION))
            return
        found = await self._found(interaction, subject)
        if found is None:
            return
        rows, stage = found
        user_id, guild_id = rows[0].request.user_id, interaction.guild_id or 0
        person = await _person(interaction.guild, user_id)
        why_not = spared_from(interaction, person)
        if why_not is not None:
            await whisper(interaction, _(moderation.SPARED[why_not]))
            return
        actor_id = interaction.user.id
        decided = await self._decisions.decide(rows, stage, Verdict.REJECTED, actor_id, reason)
        if not decided:
            await self._answer(interaction, rows, stage, late=True)
            return
        now = self._clock.now()
        until = None if length is None else now + length
        waiting = await self._sanctions.block(
            guild_id, actor_id, user_id, reason, until=until, now=now
        )
        self._imagine.canceled(waiting)
        await self._answer(interaction, decided, stage, late=False)
        await interaction.followup.send(
            moderation.block_begun(user_id, until, len(waiting)),
            ephemeral=True,
            allowed_mentions=NOBODY,
        )

    async def _found(
        self, interaction: discord.Interaction, subject: str
    ) -> tuple[list[Generation], Status] | None:
        """What this person may decide about; otherwise they are told."""
        interaction_id, stage = read_subject(subject)
        rows = await self._reviews.request(interaction_id)
        if stage is None or not rows or rows[0].request.guild_id != interaction.guild_id:
            await whisper(interaction, _(words.NOT_PENDING))
            return None
        if rows[0].request.user_id == interaction.user.id:
            await whisper(interaction, _(words.OWN_REQUEST))
            return None
        if await self._appeals.barred(interaction, rows):
            return None
        return rows, stage

    async def _may_reject(self, interaction: discord.Interaction, subject: str) -> bool:
        """Forms open from memory; of an appeal it is asked first whose it is to decide."""
        is_appeal = subject.endswith(f"-{Status.APPEALING}")
        return not is_appeal or await self._found(interaction, subject) is not None

    async def _answer(
        self, interaction: discord.Interaction, rows: list[Generation], stage: Status, *, late: bool
    ) -> None:
        """In the card, where it was pressed there; whoever was late is told who was first."""
        reviews = await self._reviews.of(rows[0].request.interaction_id)
        review = next((each for each in reviews if each.stage is stage), None)
        if review is None:
            await whisper(interaction, _(words.NOT_PENDING))
        elif late:
            actor_id = await self._desk.actor(review)
            await whisper(interaction, words.too_late(review, actor_id))
        elif interaction.message is not None and interaction.message.id == review.card_id:
            await self._desk.close(review, rows, edit_of(interaction))
        else:  # a forged press, or a card that was posted anew meanwhile
            await self._desk.close(review, rows)
            await whisper(interaction, words.too_late(review, interaction.user.id))

    async def _why(self, interaction: discord.Interaction, generation_id: str) -> None:
        """Whoever asked, and nobody else."""
        row = await self._imagine.find(generation_id)
        if row is None or row.request.user_id != interaction.user.id:
            await whisper(interaction, _(words.NOT_YOURS))
            return
        if row.removed_by is not None:
            await whisper(interaction, images.why_removed(row))
            return
        if row.status is Status.APPEALING:
            await whisper(interaction, words.waiting(row))
            return
        if not row.status.ended or row.status is Status.DELIVERED:
            await whisper(interaction, _(words.NOT_PENDING))
            return
        rows = await self._reviews.request(row.request.interaction_id)
        to_appeal = open_to(rows)
        is_open = to_appeal is not None and self._clock.now() < (to_appeal.sealed_until or 0)
        error = picture_refusals.failure(row.error)
        await whisper(
            interaction, several.ended(rows, error), appeal_view(row.id) if is_open else None
        )


async def _person(guild: discord.Guild | None, user_id: int) -> Person:
    """What somebody is in the server now; who left it is a member like others."""
    if guild is not None:
        with suppress(discord.NotFound):
            async with asyncio.timeout(CALL_TIMEOUT):
                return person_of(await guild.fetch_member(user_id))
    return Person(user_id, Rank.MEMBER)
