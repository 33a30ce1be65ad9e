"""*Spoiler*: an image that is there goes behind one, in its message and wherever it goes again."""

from __future__ import annotations

import discord

from bot.chat.calls import NOBODY, TOO_LARGE, UPLOAD_TIMEOUT, Answer, bounded
from bot.chat.sight import is_public
from bot.chat.uploads import opened, upload_limit
from bot.domain.generation import Delivery, Generation
from bot.generation.gallery import Gallery
from bot.language import speaking
from bot.storage.ledger import Ledger
from bot.storage.removals import Removals


class Covering:
    """It is recorded first; that may be repeated, and is never undone."""

    def __init__(
        self, client: discord.Client, ledger: Ledger, removals: Removals, gallery: Gallery
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._removals = removals
        self._gallery = gallery

    async def cover(self, row: Generation) -> bool:
        """All images of its request; whether their message shows them so by now."""
        if not await self._removals.cover(row.request.interaction_id):
            return False
        rows = await self._ledger.request(row.id)
        public = next((each for each in rows if is_public(each)), None)
        if public is None:
            return False
        limit = upload_limit(self._client, public.request.guild_id)
        answer = await self._replaced(rows, public, limit)
        if answer.code == TOO_LARGE:
            count = sum(len(each.outputs) for each in rows)
            answer = await self._replaced(rows, public, limit // max(count, 1))
        return answer.outcome is Delivery.SENT

    async def _replaced(self, rows: list[Generation], public: Generation, limit: int) -> Answer:
        """The message's files, by the same ones: whether one is a spoiler is in its name."""
        request = public.request  # whoever presses, others read its alt text
        with speaking(request.locale if request.guild_id is None else request.guild_locale):
            form = await self._gallery.form(rows, limit)
        message_id = public.published_id or public.message_id
        if form is None or message_id is None:
            return Answer(Delivery.GONE)
        channel = self._client.get_partial_messageable(
            request.channel_id, guild_id=request.guild_id
        )
        with opened(form) as files:
            edit = channel.get_partial_message(message_id).edit(
                attachments=files, allowed_mentions=NOBODY
            )
            return await bounded(edit, UPLOAD_TIMEOUT * len(form.pictures), public.id)
