"""*Image details*, and what is done about an image after the fact: deleted, removed, reported.

Who may is asked on every press and every form (`bot.sight`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

import discord

from bot.act import REASON_LENGTH
from bot.clock import Clock
from bot.domain import Generation, RemovedBy
from bot.language import _
from bot.moderator import moderates
from bot.panel import edit_of, whisper
from bot.removal import Removal
from bot.reports import ReportDesk
from bot.sight import Beholder, beholder, is_made, may_remove
from bot.storage.reports import DAY_MS, Filed
from bot.storage.storage import Storage
from bot.uploads import shown_in
from bot.views import image as views
from bot.views.actions import Press
from bot.wording import images as words
from bot.wording.moderation import NEEDS_MODERATOR

#: What a moderator removes is sealed for so long, in case that is disputed, then deleted.
SEALED_MS = 30 * DAY_MS
#: Snowflakes have at most 19 digits, and what SQLite takes for a number not many more.
_SUBJECT = re.compile(r"([0-9]{1,18}|[1-8][0-9]{18})-[0-9]{1,3}")

_Send = Callable[[discord.Interaction, Sequence[Generation], Beholder], Awaitable[None]]


class ImagePanel:
    """Private answers; whoever may not is told no more than that."""

    def __init__(
        self, storage: Storage, removal: Removal, reports: ReportDesk, clock: Clock
    ) -> None:
        self._ledger = storage.ledger
        self._removals = storage.removals
        self._reports = storage.reports
        self._removal = removal
        self._desk = reports
        self._clock = clock

    async def details(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """*Apps → Image details*."""
        shown = shown_in(message, interaction.client.user)
        if shown is None:
            await whisper(interaction, words.NONE_OF_MINE)
        else:
            await self._seen(interaction, f"{shown[0]}-0", self._show)

    async def report(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """*Apps → Report image*: who may is asked once they have said why."""
        shown = shown_in(message, interaction.client.user)
        if shown is None:
            await whisper(interaction, words.NONE_OF_MINE)
        else:
            await interaction.response.send_modal(views.report_form(f"{shown[0]}-0"))

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """A button of an image, of its details, or of a report's card."""
        match press.verb:
            case views.OPEN:
                await self._seen(interaction, press.subject, self._show)
            case views.REPORT:
                await interaction.response.send_modal(views.report_form(press.subject))
            case views.REMOVE | views.UPHOLD if moderates(interaction):
                form = views.remove_form(press.verb, press.subject)
                await interaction.response.send_modal(form)
            case views.REMOVE | views.UPHOLD:
                await whisper(interaction, _(NEEDS_MODERATOR))
            case views.DELETE | views.DELETE_NOW:
                now = press.verb == views.DELETE_NOW
                await self._seen(interaction, press.subject, self._delete if now else self._confirm)
            case views.DISMISS:
                await self._dismiss(interaction, press.subject)

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """The reason of a removal, or of a report."""
        reason = said.get("reason", "")[:REASON_LENGTH]
        if press.verb == views.REPORT:
            await self._file(interaction, press.subject, reason)
        elif press.verb in (views.REMOVE, views.UPHOLD):
            await self._remove(interaction, press, reason)

    async def _seen(self, interaction: discord.Interaction, subject: str, then: _Send) -> None:
        """Go on with an image that this person sees; otherwise they are told."""
        rows = await self._rows(subject)
        who = beholder(interaction, rows)
        if not rows:
            await whisper(interaction, words.NONE_OF_MINE)
        elif who is Beholder.NOBODY:
            await whisper(interaction, words.NOT_TO_BE_SEEN)
        elif any(row.removed_by for row in rows):
            await whisper(interaction, words.REMOVED_ALREADY)
        elif not is_made(rows):
            await whisper(interaction, words.NOT_TO_BE_SEEN)
        else:
            await then(interaction, rows, who)

    async def _rows(self, subject: str) -> list[Generation]:
        return await self._ledger.request(subject) if _SUBJECT.fullmatch(subject) else []

    async def _show(
        self, interaction: discord.Interaction, rows: Sequence[Generation], who: Beholder
    ) -> None:
        verbs = [views.REPORT] if who is Beholder.MEMBER else []
        if who is Beholder.REQUESTER:
            verbs.append(views.DELETE)
        if may_remove(interaction, rows):
            verbs.append(views.REMOVE)
        view = views.details_view(rows[0].id, verbs)
        await whisper(interaction, words.details(rows), view)

    async def _confirm(
        self, interaction: discord.Interaction, rows: Sequence[Generation], who: Beholder
    ) -> None:
        if who is not Beholder.REQUESTER:
            await whisper(interaction, words.NOT_YOURS)
        else:
            await whisper(interaction, words.CONFIRM, views.confirm_view(rows[0].id))

    async def _delete(
        self, interaction: discord.Interaction, rows: Sequence[Generation], who: Beholder
    ) -> None:
        """While it is reported the images are only sealed; nobody is told of that."""
        if who is not Beholder.REQUESTER:
            await whisper(interaction, words.NOT_YOURS)
            return
        now, interaction_id = self._clock.now(), rows[0].request.interaction_id
        removed = await self._removals.remove(
            interaction_id, RemovedBy.REQUESTER, until=now, now=now
        )
        if not removed:
            await self._not_removed(interaction, rows[0].id)
            return
        messages = await self._removal.at_once(interaction_id)
        await edit_of(interaction)(content=words.deleted(removed, messages), view=None)

    async def _remove(self, interaction: discord.Interaction, press: Press, reason: str) -> None:
        """By a moderator; from a report's card only as long as nobody has decided about that."""
        rows = await self._rows(press.subject)
        if not may_remove(interaction, rows):
            here = moderates(interaction)
            await whisper(interaction, _(words.NOT_TO_BE_SEEN if here else NEEDS_MODERATOR))
            return
        now, interaction_id = self._clock.now(), rows[0].request.interaction_id
        removed = await self._removals.remove(
            interaction_id,
            RemovedBy.MODERATOR,
            until=now + SEALED_MS,
            now=now,
            actor_id=interaction.user.id,
            reason=reason,
            reported=press.verb == views.UPHOLD,
        )
        if not removed:
            await self._not_removed(interaction, rows[0].id, press.verb)
            return
        try:
            messages = await self._removal.at_once(interaction_id)
            await whisper(interaction, words.removed(removed, messages))
        finally:  # it is done, whether or not this answer arrives
            await self._desk.look(interaction_id)

    async def _not_removed(
        self, interaction: discord.Interaction, generation_id: str, verb: str = ""
    ) -> None:
        """Say why not."""
        rows = await self._rows(generation_id)
        if verb == views.UPHOLD and rows:
            late = await self._desk.too_late(rows[0].request.interaction_id)
            await whisper(interaction, late)
        elif any(not row.status.ended for row in rows):
            await whisper(interaction, words.UNDER_WAY)
        else:
            await whisper(interaction, words.REMOVED_ALREADY)

    async def _file(self, interaction: discord.Interaction, subject: str, reason: str) -> None:
        async def file(
            interaction: discord.Interaction, rows: Sequence[Generation], who: Beholder
        ) -> None:
            interaction_id, me = rows[0].request.interaction_id, interaction.user.id
            if who is Beholder.REQUESTER:
                await whisper(interaction, words.YOUR_OWN)
                return
            filed, free = await self._reports.file(
                interaction_id, me, reason, now=self._clock.now()
            )
            if filed is not Filed.FILED:
                await whisper(interaction, words.not_filed(filed, free))
                return
            await whisper(interaction, words.FILED)
            await self._desk.look(interaction_id)

        if reason:
            await self._seen(interaction, subject, file)
        else:
            await whisper(interaction, words.NO_REASON)

    async def _dismiss(self, interaction: discord.Interaction, subject: str) -> None:
        rows = await self._rows(subject)
        if not moderates(interaction):
            await whisper(interaction, _(NEEDS_MODERATOR))
        elif not rows or rows[0].request.guild_id != interaction.guild_id:
            await whisper(interaction, words.NOTHING_REPORTED)
        elif rows[0].request.user_id == interaction.user.id:
            await whisper(interaction, words.OWN_REPORTED)
        else:
            interaction_id, now = rows[0].request.interaction_id, self._clock.now()
            reported, pressed = await self._reports.of(interaction_id), interaction.message
            on_card = reported and pressed and pressed.id == reported.card_id
            if await self._reports.dismiss(interaction_id, interaction.user.id, now=now):
                await self._desk.look(interaction_id, edit_of(interaction) if on_card else None)
                if not on_card:  # a forged press, or a card that was posted anew meanwhile
                    await whisper(interaction, words.DISMISSED)
                await self._removal.delete_due()
            else:
                await whisper(interaction, await self._desk.too_late(interaction_id))
