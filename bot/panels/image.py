"""*Image details*, and what is done about an image after the fact: deleted, removed, reported.

Who may is asked on every press and every form (`bot.chat.sight`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import discord

from bot.chat.moderator import moderates
from bot.chat.panel import edit_of, whisper
from bot.chat.sight import Beholder, beholder, images, is_made, is_public, may_begin, may_remove
from bot.chat.uploads import shown_in
from bot.clock import Clock
from bot.delivery.covering import Covering
from bot.domain.act import REASON_LENGTH
from bot.domain.generation import Generation, RemovedBy
from bot.domain.limits import DAY_MS
from bot.domain.subject import Subject
from bot.language import _
from bot.moderation.removal import Removal
from bot.moderation.reports import ReportDesk
from bot.panels.saving import Saving
from bot.request.successors import Successors
from bot.storage.reports import Filed
from bot.storage.storage import Storage
from bot.views import image as views
from bot.views.actions import Press
from bot.views.improvement import improve_button
from bot.views.panel import PanelButton
from bot.wording import images as words
from bot.wording import lineage
from bot.wording.moderation import NEEDS_MODERATOR

#: What a moderator removes is sealed for so long, in case that is disputed, then deleted.
SEALED_MS = 30 * DAY_MS

_Send = Callable[[discord.Interaction, Sequence[Generation], Beholder], Awaitable[None]]


class ImagePanel:
    """Private answers; whoever may not is told no more than that."""

    def __init__(
        self,
        storage: Storage,
        removal: Removal,
        reports: ReportDesk,
        saving: Saving,
        covering: Covering,
        successors: Successors,
        clock: Clock,
        *,
        improves: bool = False,
    ) -> None:
        """`improves`: a text model improves prompts."""
        self._ledger = storage.ledger
        self._lineage = storage.lineage
        self._removals = storage.removals
        self._reports = storage.reports
        self._removal = removal
        self._desk = reports
        self._saving = saving
        self._covering = covering
        self._successors = successors
        self._clock = clock
        self._improves = improves

    async def details(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """*Apps → Image details*."""
        shown = shown_in(message, interaction.client.user)
        if shown is None:
            await whisper(interaction, _(words.NONE_OF_MINE))
        else:
            await self._seen(interaction, f"{shown[0]}-0", self._show)

    async def report(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """*Apps → Report image*: who may is asked once they have said why."""
        shown = shown_in(message, interaction.client.user)
        if shown is None:
            await whisper(interaction, _(words.NONE_OF_MINE))
        else:
            await interaction.response.send_modal(views.report_form(f"{shown[0]}-0"))

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """A button of an image, of its details, or of a report's card."""
        match press.verb:
            case views.OPEN:
                await self._seen(interaction, press.subject, self._show)
            case views.PICK:
                picked = partial(self._show, subject=press.values[0] if press.values else "")
                await self._seen(interaction, press.subject, picked)
            case views.SPOILER:
                await self._seen(interaction, press.subject, self._cover)
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
            await whisper(interaction, _(words.NONE_OF_MINE))
        elif who is Beholder.NOBODY:
            await whisper(interaction, _(words.NOT_TO_BE_SEEN))
        elif any(row.removed_by for row in rows):
            await whisper(interaction, _(words.REMOVED_ALREADY))
        elif not is_made(rows):
            await whisper(interaction, _(words.NOT_TO_BE_SEEN))
        else:
            await then(interaction, rows, who)

    async def _rows(self, subject: str) -> list[Generation]:
        """Of the request whose subject it is, or one of whose images'."""
        named = Subject.of(subject)
        return await self._ledger.request(named.generation_id) if named else []

    async def _show(
        self,
        interaction: discord.Interaction,
        rows: Sequence[Generation],
        who: Beholder,
        *,
        subject: str | None = None,
    ) -> None:
        """About the first of its images, in a new panel; or about the one that was picked there."""
        subjects = [f"{row.id}-{number}" for row, number in images(rows)]
        shown = subject if subject in subjects else next(iter(subjects), rows[0].id)
        number = subjects.index(shown) + 1 if len(subjects) > 1 else 0
        descent = lineage.descent(rows[0], await self._lineage.ancestors(rows[0]))
        content = words.details(rows, descent, number)
        verbs, more = self._verbs(interaction, rows, who), list[PanelButton]()
        request = rows[0].request
        if self._improves and request.prompt and not request.pictures and may_begin(who, rows):
            more.append(improve_button(rows[0].id))
        saving = await self._saving.buttons(interaction, rows)
        more += [button for button in saving if button.press.subject == shown]
        view = views.details_view(shown, verbs, subjects, more)
        if subject is None:
            await whisper(interaction, content, view)
        else:
            await edit_of(interaction)(content=content, view=view)

    def _verbs(
        self, interaction: discord.Interaction, rows: Sequence[Generation], who: Beholder
    ) -> list[str]:
        """The panel's buttons, in their order: what others see of it, then what it takes away."""
        public, is_own = any(map(is_public, rows)), who is Beholder.REQUESTER
        begins = self._successors.of(rows[0].request) if may_begin(who, rows) else []
        verbs: list[str] = [verb for verb in begins if verb not in views.BELOW]
        if public and who is not Beholder.MEMBER and not rows[0].request.spoiler:
            verbs.append(views.SPOILER)
        if who is Beholder.MEMBER:
            verbs.append(views.REPORT)
        if is_own:
            verbs.append(views.DELETE)
        if may_remove(interaction, rows):
            verbs.append(views.REMOVE)
        return verbs

    async def _cover(
        self, interaction: discord.Interaction, rows: Sequence[Generation], who: Beholder
    ) -> None:
        """Whoever asked for it may, and the moderators of its server, there."""
        if who not in (Beholder.REQUESTER, Beholder.MODERATOR):
            await whisper(interaction, _(words.NOT_YOURS_TO_COVER))
            return
        covered = await self._covering.cover(rows[0])
        await whisper(interaction, _(words.COVERED if covered else words.COVERED_LATER))

    async def _confirm(
        self, interaction: discord.Interaction, rows: Sequence[Generation], who: Beholder
    ) -> None:
        if who is not Beholder.REQUESTER:
            await whisper(interaction, _(words.NOT_YOURS))
        else:
            await whisper(interaction, _(words.CONFIRM), views.confirm_view(rows[0].id))

    async def _delete(
        self, interaction: discord.Interaction, rows: Sequence[Generation], who: Beholder
    ) -> None:
        """While it is reported the images are only sealed; nobody is told of that."""
        if who is not Beholder.REQUESTER:
            await whisper(interaction, _(words.NOT_YOURS))
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
            await whisper(interaction, _(words.UNDER_WAY))
        else:
            await whisper(interaction, _(words.REMOVED_ALREADY))

    async def _file(self, interaction: discord.Interaction, subject: str, reason: str) -> None:
        async def file(
            interaction: discord.Interaction, rows: Sequence[Generation], who: Beholder
        ) -> None:
            interaction_id, me = rows[0].request.interaction_id, interaction.user.id
            if who is Beholder.REQUESTER:
                await whisper(interaction, _(words.YOUR_OWN))
                return
            filed, free = await self._reports.file(
                interaction_id, me, reason, now=self._clock.now()
            )
            if filed is not Filed.FILED:
                await whisper(interaction, words.not_filed(filed, free))
                return
            await whisper(interaction, _(words.FILED))
            await self._desk.look(interaction_id)

        if reason:
            await self._seen(interaction, subject, file)
        else:
            await whisper(interaction, _(words.NO_REASON))

    async def _dismiss(self, interaction: discord.Interaction, subject: str) -> None:
        rows = await self._rows(subject)
        if not moderates(interaction):
            await whisper(interaction, _(NEEDS_MODERATOR))
        elif not rows or rows[0].request.guild_id != interaction.guild_id:
            await whisper(interaction, _(words.NOTHING_REPORTED))
        elif rows[0].request.user_id == interaction.user.id:
            await whisper(interaction, _(words.OWN_REPORTED))
        else:
            interaction_id, now = rows[0].request.interaction_id, self._clock.now()
            reported, pressed = await self._reports.of(interaction_id), interaction.message
            on_card = reported and pressed and pressed.id == reported.card_id
            if await self._reports.dismiss(interaction_id, interaction.user.id, now=now):
                await self._desk.look(interaction_id, edit_of(interaction) if on_card else None)
                if not on_card:  # a forged press, or a card that was posted anew meanwhile
                    await whisper(interaction, _(words.DISMISSED))
                await self._removal.delete_due()
            else:
                await whisper(interaction, await self._desk.too_late(interaction_id))
