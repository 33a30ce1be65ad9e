"""From an interaction that asks for images (a command, a button, a form) to its first answer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial

import discord

from bot import tally
from bot.chat.acknowledgement import Acknowledgement
from bot.chat.calls import CALL_TIMEOUT, UNREACHABLE
from bot.chat.interactions import is_guest, is_hidden, parent_id, place_of
from bot.clock import Clock
from bot.domain.generation import Request
from bot.errors import Unanswered
from bot.generation.imagine import Imagine
from bot.language import _
from bot.moderation.desks import Desks
from bot.record import Record, replace
from bot.refusals import AlreadyRequested, CostNotAccepted, QuoteGone, Refused
from bot.refusals.access import NotSetUp
from bot.request.defaults import Defaults
from bot.request.input import Chosen
from bot.request.pending import Pending
from bot.views.first_day import Answers, first_day_view
from bot.views.quote import accept_view
from bot.wording import ON_ITS_WAY
from bot.wording.reasons import refusal
from bot.wording.usage import few_left

log = logging.getLogger(__name__)


class Quote(Record):
    """A request that will go on once whoever asked has accepted what it costs.

    `chosen` is what they accept: the model that was quoted, at most at this price; and the style.
    """

    request: Request
    chosen: Chosen


class Asking:
    """Every way to ask for an image goes through here: the same rules, the same words."""

    def __init__(
        self,
        client: discord.Client,
        imagine: Imagine,
        desks: Desks,
        defaults: Defaults,
        clock: Clock,
    ) -> None:
        self._client = client
        self._defaults = defaults
        self._desks = desks
        self._imagine = imagine
        #: In memory only: a restart costs a second look at the price, and nothing else.
        self.quotes = Pending[Quote](clock)

    def placed(self, request: Request) -> Request:
        """As its channel has it answered, and decided about. Raises DeskUnusable."""
        return self._desks.placed(self._imagine.here(request))

    async def preferring(
        self, request: Request, chosen: Chosen, left_open: Collection[str]
    ) -> Chosen:
        """What was chosen, with what they prefer of what they `left_open`."""
        _request, chosen = await self._defaults.applied(request, chosen, left_open)
        return chosen

    async def ask(
        self,
        interaction: discord.Interaction,
        request: Request,
        chosen: Chosen,
        *,
        left_open: Collection[str] = (),
        refused_in: Callable[[str], str] = str,
    ) -> bool:
        """Answer the interaction: with the reply that the image will be in, or with why not.

        Whether it has begun. Whoever manages a new server is asked how it makes images, and goes on
        from there. `left_open` (of `OPEN`) is as they prefer it; `refused_in`: what else the
        refused are told. Raises what is neither refused nor Discord's trouble: nothing bought.
        """
        began = time.monotonic()
        request, chosen = await self._defaults.applied(request, chosen, left_open)
        try:
            placed = self.placed(request)
        except Refused as refused:
            told = refused_in(_told(request, refused))
            await Acknowledgement(interaction, began=began).refuse(told)
            return False
        acknowledgement = Acknowledgement(interaction, private=placed.private, began=began)
        try:
            place, answer = place_of(interaction), acknowledgement.acknowledge
            spent = await self._imagine.request(placed, chosen, place, answer)
            if (words := few_left(spent, chosen.count)) is not None:
                self._imagine.whisper(request.id, partial(acknowledgement.whisper, words))
            return True
        except AlreadyRequested:  # delivered twice: the first one answers
            log.info("interaction delivered twice", extra=_about(request))
            return True
        except Refused as refused:
            way = self._way_on(interaction, request, chosen, refused)
            words = None if isinstance(refused, NotSetUp) and way else _told(request, refused)
            await acknowledgement.refuse(words if way or not words else refused_in(words), way)
        except Unanswered as error:  # Discord has told the person; the row is released
            log.warning("command not answered", extra=_about(request, str(error)))
        return False

    def _way_on(
        self, interaction: discord.Interaction, request: Request, chosen: Chosen, refused: Refused
    ) -> discord.ui.View | discord.ui.LayoutView | None:
        """What whoever is refused may press to go on with the very same request."""
        match refused:
            case CostNotAccepted():
                chosen = replace(chosen, model=refused.model, accepted_micros=refused.micros)
                self.quotes.keep(Quote(request, chosen))
                return accept_view(request.interaction_id)
            case NotSetUp() if interaction.permissions.manage_guild:
                self.quotes.keep(Quote(request, chosen))
                return first_day_view(Answers(request.interaction_id))
        return None

    async def accept(self, interaction: discord.Interaction, quote_id: int) -> None:
        """Go on with a quote: once, and only by whoever asked.

        Raises as `ask` does; then it can be accepted again.
        """
        kept = self.quotes.find(quote_id, interaction.user.id)
        if kept is None:
            await Acknowledgement(interaction, private=True).refuse(refusal(QuoteGone()))
            return
        if self.quotes.is_taken(quote_id):
            await Acknowledgement(interaction, private=True).refuse(_(ON_ITS_WAY))
            return
        await self._ask_again(interaction, quote_id, kept)
        await remove(self._client, kept.request)

    async def go_on(
        self, interaction: discord.Interaction, quote_id: int, instead: discord.ui.LayoutView
    ) -> bool:
        """Ask again for what a panel stands in the way of, and show `instead` in its place.

        False: it is not known any more, and the interaction was not answered.
        """
        kept = self.quotes.find(quote_id, interaction.user.id)
        if kept is None or self.quotes.is_taken(quote_id):
            return False
        await self._ask_again(interaction, quote_id, kept)
        panel = interaction.message
        with suppress(discord.DiscordException, *UNREACHABLE):
            async with asyncio.timeout(CALL_TIMEOUT):
                await webhook_of(self._client, kept.request).edit_message(
                    panel.id if panel else 0, view=instead
                )
        return True

    async def _ask_again(
        self, interaction: discord.Interaction, quote_id: int, kept: Quote
    ) -> None:
        """Once; raises as `ask` does, and then it can be asked again."""
        self.quotes.take(quote_id)
        request = renewed(interaction, kept.request, kept.request.prompt)
        try:
            begun = await self.ask(interaction, request, kept.chosen)
        except BaseException:
            self.quotes.take(quote_id, taken=False)
            raise
        if not begun:
            self.quotes.drop(quote_id)


def _told(request: Request, refused: Refused) -> str:
    """What whoever asked reads; it is counted, and the log has it."""
    tally.REFUSALS.add(refused.code)
    log.info("refused", extra=_about(request, refused.code))
    return refusal(refused)


def _about(request: Request, reason: str | None = None) -> dict[str, object]:
    known: dict[str, object] = {"interaction": request.interaction_id}
    return known if reason is None else known | {"reason": reason}


def webhook_of(client: discord.Client, asked: Request) -> discord.Webhook:
    """By which the answer to what was asked is edited, and deleted."""
    return discord.Webhook.partial(asked.application_id, asked.token, client=client)


async def remove(client: discord.Client, asked: Request) -> None:
    """Take a question away: it has been answered, and no harm if it stays."""
    with suppress(discord.DiscordException, *UNREACHABLE):
        await webhook_of(client, asked).delete_message("@original")  # type: ignore[arg-type]  # a path segment


def request_from(
    interaction: discord.Interaction, prompt: str, *, private: bool = False
) -> Request:
    """Who asks, where, for what, with all that a restart needs to answer it."""
    return Request(
        interaction_id=interaction.id,
        application_id=interaction.application_id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        parent_id=parent_id(interaction),
        user_id=interaction.user.id,
        model="",
        prompt=prompt.strip(),
        options={},
        token=interaction.token,
        token_expires_at=round(interaction.expires_at.timestamp() * 1000),
        size_limit=interaction.filesize_limit,
        locale=interaction.locale.value,
        guild_locale=interaction.guild_locale.value if interaction.guild_locale else "",
        private=private or is_hidden(interaction),
        guest=is_guest(interaction),
    )


def renewed(interaction: discord.Interaction, earlier: Request, prompt: str) -> Request:
    """What was asked for earlier, with this prompt, as this interaction answers it."""
    return replace(
        request_from(interaction, prompt, private=earlier.private),
        pictures=earlier.pictures,
        spoiler=earlier.spoiler,
        origin=earlier.origin,
        style=earlier.style,
        notify=earlier.notify,
    )
