"""Reports as moderators see them: a card for each reported image, emptied once it is decided."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import discord

from bot.chat.audience import of_server
from bot.chat.backoff import Backoff
from bot.chat.calls import CALL_TIMEOUT, NOBODY, UPLOAD_TIMEOUT, Answer, bounded
from bot.chat.notices import Notices
from bot.chat.shards import is_mine
from bot.chat.uploads import opened
from bot.clock import Clock
from bot.domain.generation import Delivery, Generation
from bot.domain.picture import MOST_PICTURES, Form, Picture
from bot.errors import ProviderTrouble
from bot.generation.gallery import Gallery
from bot.language import speaking
from bot.moderation import card
from bot.moderation.card import EMPTY, Edit
from bot.moderation.desks import Desks
from bot.record import replace
from bot.refusals.desks import DeskUnusable
from bot.storage.reports import Reported
from bot.storage.storage import Storage
from bot.views.image import DISMISS, PANEL, reported_view
from bot.wording import images as words

log = logging.getLogger(__name__)


class ReportDesk:
    """Keeps the cards true to what is stored; every step may be repeated."""

    def __init__(
        self,
        client: discord.Client,
        desks: Desks,
        storage: Storage,
        gallery: Gallery,
        notices: Notices,
        clock: Clock,
    ) -> None:
        self._client = client
        self._desks = desks
        self._reports = storage.reports
        self._settings = storage.settings
        self._ledger = storage.ledger
        self._aliases = storage.aliases
        self._gallery = gallery
        self._notices = notices
        self._clock = clock
        self._backoff = Backoff(clock)
        #: For each request, one at a time: two who look at once must not post two cards.
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def look(self, interaction_id: int, edit: Edit | None = None) -> None:
        """Post the card, bring it up to the reports, or empty it; `edit`: of a press on it.

        Failing, it is logged: it is looked again every minute.
        """
        turn = self._turns.setdefault(interaction_id, asyncio.Lock())
        try:
            async with turn:
                try:
                    await self._look(interaction_id, edit)
                except DeskUnusable:
                    with speaking(""):
                        await self._tell_operator(interaction_id)
        except Exception:
            log.exception("report's card not posted", extra={"interaction": interaction_id})

    async def pass_over(self) -> None:
        """What is too old, and what Discord, or this process, missed."""
        await self._reports.lapse(now=self._clock.now())
        for reported in await self._reports.stale():
            mine = is_mine(self._client, reported.guild_id)
            if mine and not self._backoff.holds(reported.interaction_id):
                await self.look(reported.interaction_id)

    async def queue(self, guild_id: int) -> list[str]:
        """A line for each that waits in the server; cards that somebody deleted are posted anew."""
        lines = []
        for reported in await self._reports.undecided(guild_id):
            await self._seen(reported)
            now = await self._reports.of(reported.interaction_id)
            if now is not None and now.verdict is None:
                count = len(await self._reports.reports(now.interaction_id))
                lines.append(words.queued(await self._rows(now), now, count))
        return lines

    async def too_late(self, interaction_id: int) -> str:
        """What whoever was not the first is told."""
        reported = await self._reports.of(interaction_id)
        return words.too_late(reported, await self._actor(reported))

    async def _seen(self, reported: Reported) -> None:
        if reported.card_id is not None:
            fetched = await self._call(self._placed(reported).fetch(), reported)
            if fetched.outcome is Delivery.GONE:
                await self._reports.lost(reported)
        await self.look(reported.interaction_id)

    async def _look(self, interaction_id: int, edit: Edit | None) -> None:
        """Raises DeskUnusable."""
        reported = await self._reports.of(interaction_id)
        if reported is None:
            return
        rows = await self._rows(reported)
        with speaking(of_server(self._client, self._settings, reported.guild_id)):
            await self._shown(reported, rows, edit)

    async def _shown(
        self, reported: Reported, rows: Sequence[Generation], edit: Edit | None
    ) -> None:
        """Raises DeskUnusable."""
        if reported.verdict is not None:
            await self._close(reported, rows, edit)
        elif not rows:
            return  # a backup was restored that is older than its erasure: it lapses
        elif reported.card_id is None:
            await self._post(reported, rows)
        else:
            await self._update(reported, rows)

    async def _post(self, reported: Reported, rows: Sequence[Generation]) -> None:
        channel = self._desks.channel(rows[0].request)
        search = await self._call(card.found(channel, _ending(reported)), reported)
        if search.outcome is Delivery.LATER:
            return
        card_id = search.value
        if card_id is None:
            count = len(await self._reports.reports(reported.interaction_id))
            card_id = await self._send(channel, reported, rows)
            if card_id is None:
                return
            await self._reports.showing(reported, count)
        await self._reports.posted(reported, channel.id, card_id)

    async def _send(
        self, channel: discord.TextChannel, reported: Reported, rows: Sequence[Generation]
    ) -> int | None:
        """The message's id; None: Discord does not take it now."""
        pictures = await self._pictures(rows, channel.guild.filesize_limit)
        content = await self._content(reported, rows)
        with opened(Form(content, pictures, spoiler=True)) as files:
            call = channel.send(
                content,
                files=files,
                view=reported_view(_about(reported)),
                nonce=f"{reported.interaction_id}f{reported.cards}",  # a review's has p, r or a
                allowed_mentions=NOBODY,
            )
            seconds = UPLOAD_TIMEOUT * max(1, len(pictures))
            answer = await bounded(call, seconds, rows[0].id)
        if answer.outcome is Delivery.REFUSED:
            self._backoff.begin(rows[0].request.interaction_id)
        return answer.value.id if answer.outcome is Delivery.SENT else None

    async def _pictures(self, rows: Sequence[Generation], limit: int) -> tuple[Picture, ...]:
        """What was made and what it starts from; none where it is not stored any more."""
        count = sum(len(row.outputs) for row in rows) + len(rows[0].request.pictures)
        each = limit // max(1, min(count, MOST_PICTURES))
        try:
            return await self._gallery.for_review(rows, each)
        except (OSError, ProviderTrouble):
            return ()

    async def _update(self, reported: Reported, rows: Sequence[Generation]) -> None:
        """Say who else reported it, and why; a card that somebody deleted is posted anew."""
        count = len(await self._reports.reports(reported.interaction_id))
        if count == reported.shown:
            return
        content = await self._content(reported, rows)
        message = self._placed(reported)
        answer = await self._call(message.edit(content=content, allowed_mentions=NOBODY), reported)
        if answer.outcome is Delivery.SENT and not answer.value.components:
            # Somebody reported it again just as it was emptied.
            answer = await self._call(message.delete(), reported)
            answer = Answer(Delivery.GONE) if answer.outcome is Delivery.SENT else answer
        if answer.outcome is Delivery.GONE:
            await self._reports.lost(reported)
            await self._post(replace(reported, card_id=None), rows)
        elif answer.outcome is not Delivery.LATER:
            await self._reports.showing(reported, count)

    async def _close(
        self, reported: Reported, rows: Sequence[Generation], edit: Edit | None
    ) -> None:
        """Nothing is to be seen or pressed on it any more, if need be since it is gone."""
        message = await self._card(reported, rows)
        if reported.closed or message is None:
            return
        if message.id:
            content = words.decided(reported, await self._actor(reported))
            edits = [each for each in (edit, message.edit) if each is not None]
            ways = [*(partial(each, content=content, **EMPTY) for each in edits), message.delete]
            answer = self._heard(reported, await card.emptied(ways, _about(reported)))
            here = self._client.get_guild(reported.guild_id) is not None
            if answer.outcome is Delivery.LATER or (answer.outcome is Delivery.REFUSED and here):
                return
        await self._reports.close(reported)

    async def _card(
        self, reported: Reported, rows: Sequence[Generation]
    ) -> discord.PartialMessage | None:
        """With the id 0 where there is none; None: that cannot be known now.

        It may have been posted by a process that ended before it could record that.
        """
        message = self._placed(reported)
        if message.id or not rows:
            return message
        try:
            channel = self._desks.channel(rows[0].request)
        except DeskUnusable:
            return message
        found = await self._call(card.found(channel, _ending(reported)), reported)
        if found.outcome is Delivery.LATER:
            return None
        return channel.get_partial_message(found.value) if found.value else message

    async def _content(self, reported: Reported, rows: Sequence[Generation]) -> str:
        reports = await self._reports.reports(reported.interaction_id)
        people = await self._aliases.people({each.reporter for each in reports})
        return words.card(rows, reports, people)

    async def _tell_operator(self, interaction_id: int) -> None:
        """Once; without a desk the reports wait in `/moderation queue`."""
        reported = await self._reports.of(interaction_id)
        reports = await self._reports.reports(interaction_id)
        if reported is None or reported.told or not reports:
            return
        rows = await self._ledger.request(f"{interaction_id}-0")
        guild = self._client.get_guild(rows[0].request.guild_id or 0)
        name = guild.name if guild else str(rows[0].request.guild_id)
        if await self._notices.operator(words.to_operator(rows[0], name, reports[0].reason)):
            about = {"interaction": interaction_id, "count": len(reports)}
            log.warning("image reported", extra=about)
            await self._reports.told(interaction_id)

    async def _rows(self, reported: Reported) -> list[Generation]:
        """None: they were erased."""
        return await self._ledger.request(_about(reported))

    async def _actor(self, reported: Reported | None) -> int | None:
        if reported is None or reported.actor is None:
            return None
        return (await self._aliases.people([reported.actor])).get(reported.actor)

    async def _call(self, call: Coroutine[Any, Any, object], reported: Reported) -> Answer:
        return self._heard(reported, await bounded(call, CALL_TIMEOUT, _about(reported)))

    def _heard(self, reported: Reported, answer: Answer) -> Answer:
        """What was refused rests."""
        if answer.outcome is Delivery.REFUSED:
            self._backoff.begin(reported.interaction_id)
        return answer

    def _placed(self, reported: Reported) -> discord.PartialMessage:
        return card.placed(self._client, reported.guild_id, reported.channel_id, reported.card_id)


def _about(reported: Reported) -> str:
    """The request's first row, which is logged and stands in the buttons' ids."""
    return f"{reported.interaction_id}-0"


def _ending(reported: Reported) -> str:
    return f":{PANEL}:{DISMISS}:{_about(reported)}"
