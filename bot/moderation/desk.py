"""The review desk: a card for each decision, posted once, and emptied once it is taken."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Sequence
from functools import partial
from weakref import WeakValueDictionary

import discord

from bot.chat.backoff import Backoff
from bot.chat.calls import CALL_TIMEOUT, NOBODY, UPLOAD_TIMEOUT, Answer, bounded
from bot.chat.shards import is_mine
from bot.chat.uploads import opened
from bot.clock import Clock
from bot.domain.generation import Delivery, Generation, Request, Status
from bot.domain.picture import MOST_PICTURES, Form, Picture
from bot.generation.gallery import Gallery
from bot.language import speaking
from bot.moderation import card
from bot.moderation.card import EMPTY, Edit
from bot.moderation.desks import Desks
from bot.moderation.stage import due, stage_of, subject
from bot.record import replace
from bot.refusals.desks import DeskUnusable
from bot.storage.peer import Peer, Topic
from bot.storage.reviews import Review
from bot.storage.storage import Storage
from bot.views.desk import card_view
from bot.wording import appeals
from bot.wording import desk as words

log = logging.getLogger(__name__)


class Desk:
    """Keeps the cards true to the ledger; every step may be repeated."""

    def __init__(
        self,
        client: discord.Client,
        desks: Desks,
        storage: Storage,
        gallery: Gallery,
        clock: Clock,
        peer: Peer,
    ) -> None:
        """`peer`: others, which may hear the server that this process does not."""
        self._peer = peer
        self._client = client
        self._desks = desks
        self._reviews = storage.reviews
        self._appeals = storage.appeals
        self._aliases = storage.aliases
        self._gallery = gallery
        self._backoff = Backoff(clock)
        #: For each request, one at a time: two who look at once must not post two cards.
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def is_mine(self, guild_id: int | None) -> bool:
        """Whether this process is the one that keeps the server's cards."""
        return is_mine(self._client, guild_id)

    async def look_again(self, interaction_id: int) -> None:
        """As `look`, every minute: what was refused rests."""
        if not self._backoff.holds(interaction_id):
            await self.look(interaction_id)

    async def look(self, interaction_id: int) -> None:
        """Post the card of what is to be decided, empty that of what is not (any more).

        Failing, it is logged: it is looked again.
        """
        try:
            rows = await self._reviews.request(interaction_id)
            if rows and not self.is_mine(rows[0].request.guild_id):
                self._peer.tell(Topic.DESK, interaction_id)
                return
            stage = stage_of(rows)
            if stage is not None:
                await self._post(rows, stage)
                rows = await self._reviews.request(interaction_id)  # that takes a while
            for review in await self._reviews.of(interaction_id):
                if not review.closed and all(row.status is not review.stage for row in rows):
                    await self.close(review, rows)
        except DeskUnusable as error:
            about = {"interaction": interaction_id, "reason": error.trouble}
            log.warning("desk unusable", extra=about)
        except Exception:
            log.exception("card not posted", extra={"interaction": interaction_id})

    async def heard(self, interaction_id: int) -> None:
        """Another process, which does not hear the server, says that there is something to see."""
        rows = await self._reviews.request(interaction_id)
        if rows and self.is_mine(rows[0].request.guild_id):
            await self.look(interaction_id)

    async def close(
        self,
        review: Review,
        rows: Sequence[Generation],
        edit: Edit | None = None,
    ) -> None:
        """Empty the card, and say on it what was decided; `edit` is the way of a press on it."""
        async with self._turn(review.interaction_id):
            review = await self._opened(rows, review.stage)
            if review.closed and edit is None:
                return
            try:
                found = await self._recorded(review, rows[0].request)
            except DeskUnusable:  # it may be there, and be found once the desk can be read
                return
            if found is not None and (
                found.card_id is None or await self._emptied(found, rows[0], edit)
            ):
                await self._reviews.close(review)

    async def _emptied(self, review: Review, row: Generation, edit: Edit | None) -> bool:
        """Whether nothing is to be seen or pressed on it any more, if need be since it is gone."""
        message, actor = self._placed(review), await self.actor(review)
        with speaking(row.request.guild_locale):
            content, short = words.closed(row, review, actor), words.closed_in_short(review)
        ways: list[Edit] = [
            *([partial(edit, content=content, **EMPTY)] if edit else []),
            partial(message.edit, content=content, **EMPTY),
            partial(message.edit, content=short, **EMPTY),
            message.delete,
        ]
        return self._over(review, await card.emptied(ways, row.id))

    async def _erase(self, review: Review) -> None:
        """Whoever asked had it all erased."""
        if review.card_id is not None:
            answer = await bounded(self._placed(review).delete(), CALL_TIMEOUT, "erased")
            if not self._over(review, answer):
                return
        await self._reviews.forget(review.interaction_id)

    def _over(self, review: Review, answer: Answer) -> bool:
        """What is refused is tried again, for as long as the bot is in the server."""
        if answer.outcome is Delivery.REFUSED:
            self._backoff.begin(review.interaction_id)
            return self._client.get_guild(review.guild_id) is None
        return answer.outcome is not Delivery.LATER

    async def close_all(self) -> None:
        """Those that were decided while Discord, or this process, was away."""
        for review in await self._reviews.unclosed():
            if self._backoff.holds(review.interaction_id) or not self.is_mine(review.guild_id):
                continue
            rows = await self._reviews.request(review.interaction_id)
            await (self.close(review, rows) if rows else self._erase(review))

    async def actor(self, review: Review) -> int | None:
        """Who decided, as far as it is known whose pseudonym it is."""
        if review.actor is None:
            return None
        return (await self._aliases.people([review.actor])).get(review.actor)

    async def seen(self, rows: Sequence[Generation], stage: Status) -> Review:
        """The decision with its card, posted anew where somebody deleted that."""
        review = await self._opened(rows, stage)
        if review.card_id is not None:
            answer = await bounded(self._placed(review).fetch(), CALL_TIMEOUT, rows[0].id)
            if answer.outcome is Delivery.GONE:
                await self._reviews.lost(review)
        await self.look(review.interaction_id)
        return await self._opened(rows, stage)

    async def _post(self, rows: Sequence[Generation], stage: Status) -> None:
        """Raises DeskUnusable, and what keeps a picture from being shown."""
        interaction_id = rows[0].request.interaction_id
        async with self._turn(interaction_id):
            rows = await self._reviews.request(interaction_id)
            if stage_of(rows) is not stage:
                return
            review = await self._recorded(await self._opened(rows, stage), rows[0].request)
            if review is None or review.card_id is not None:
                return
            channel = self._desks.channel(rows[0].request)
            with speaking(rows[0].request.guild_locale):
                card_id = await self._send(channel, review, rows)
            if card_id is not None:
                await self._reviews.posted(review, channel.id, card_id)

    async def _recorded(self, review: Review, request: Request) -> Review | None:
        """With the card that was posted but not recorded; None: that cannot be known now.

        Raises DeskUnusable.
        """
        if review.card_id is not None:
            return review
        channel = self._desks.channel(request)
        search = card.found(channel, f":{subject(review.interaction_id, review.stage)}")
        answer = await bounded(search, CALL_TIMEOUT, request.id)
        if answer.outcome is Delivery.LATER:
            return None
        if answer.value is None:
            return review
        await self._reviews.posted(review, channel.id, answer.value)
        return replace(review, channel_id=channel.id, card_id=answer.value)

    async def _send(
        self, channel: discord.TextChannel, review: Review, rows: Sequence[Generation]
    ) -> int | None:
        """The message's id; None: Discord does not take it now."""
        waiting = [row for row in rows if row.status is review.stage]
        row, request = waiting[0], waiting[0].request
        count = sum(len(each.outputs) for each in waiting) + len(request.pictures)
        limit = channel.guild.filesize_limit // max(1, min(count, MOST_PICTURES))
        pictures = await self._gallery.for_review(waiting, limit)
        past = await self._reviews.history(request.user_id, review.guild_id)
        content = words.card(row, due(rows, review.stage), past, _shown(row, pictures, count))
        content += await self._appeal(row)
        is_cut = words.is_cut(row)
        form = Form(content, pictures[: MOST_PICTURES - is_cut], spoiler=True)
        with opened(form) as files:
            whole = io.BytesIO(words.whole(row).encode(errors="replace"))
            more = [discord.File(whole, "request.txt")] if is_cut else []
            call = channel.send(
                content,
                files=[*files, *more],
                view=card_view(subject(review.interaction_id, review.stage)),
                nonce=f"{review.interaction_id}{review.stage[0]}{review.cards}",
                allowed_mentions=NOBODY,
            )
            answer = await bounded(call, UPLOAD_TIMEOUT * max(1, len(pictures)), row.id)
        if answer.outcome is Delivery.REFUSED:
            self._backoff.begin(review.interaction_id)
        return answer.value.id if answer.outcome is Delivery.SENT else None

    async def _appeal(self, row: Generation) -> str:
        """What a card says besides, where it is about an appeal."""
        if row.status is not Status.APPEALING:
            return ""
        rejection = await self._appeals.rejection(row, now=row.appealed_at or 0)
        people = await self._aliases.people([rejection.actor] if rejection.actor else [])
        return "\n" + appeals.against(row, rejection, people.get(rejection.actor or 0))

    def _turn(self, interaction_id: int) -> asyncio.Lock:
        return self._turns.setdefault(interaction_id, asyncio.Lock())

    async def _opened(self, rows: Sequence[Generation], stage: Status) -> Review:
        request = rows[0].request
        return await self._reviews.opened(request.interaction_id, stage, request.guild_id or 0)

    def _placed(self, review: Review) -> discord.PartialMessage:
        return card.placed(self._client, review.guild_id, review.channel_id, review.card_id)


def _shown(row: Generation, pictures: Sequence[Picture], count: int) -> str:
    """What is attached, and what there was no room for."""
    shown = len(pictures[: MOST_PICTURES - words.is_cut(row)])
    return words.attached(len(row.request.pictures), max(0, count - shown))
