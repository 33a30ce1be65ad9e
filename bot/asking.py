"""From an interaction that asks for images (a command, a button, a form) to its first answer."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import discord

from bot.access_refusals import NotSetUp
from bot.acknowledgement import Acknowledgement
from bot.calls import CALL_TIMEOUT, UNREACHABLE
from bot.clock import Clock
from bot.defaults import Defaults
from bot.desks import Desks
from bot.domain import Request
from bot.errors import Unanswered
from bot.imagine import Imagine
from bot.input import Chosen
from bot.interactions import is_guest, is_hidden, parent_id, place_of
from bot.language import _
from bot.refusals import AlreadyRequested, CostNotAccepted, QuoteGone, Refused
from bot.views.first_day import Answers, first_day_view
from bot.views.quote import accept_view
from bot.wording import ON_ITS_WAY
from bot.wording.reasons import refusal
from bot.wording.usage import few_left

log = logging.getLogger(__name__)

#: Quotes that wait for a yes at once, the oldest go first; and for how long: as long as Discord
#: lets the message that shows it be deleted by its token.
MOST_QUOTES = 1_000
QUOTE_MS = 14 * 60_000


@dataclass(frozen=True, slots=True)
class Quote:
    """A request that will go on once whoever asked has accepted what it costs.

    `chosen` is what they accept: the model that was quoted, at most at this price; and the style.
    """

    request: Request
    chosen: Chosen
    until: int
    accepted: bool = False


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
        self._clock = clock
        #: In memory only: a restart costs a second look at the price, and nothing else.
        self._quotes: OrderedDict[int, Quote] = OrderedDict()

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
        from there. What they `left_open` (of `bot.wishes.OPEN`) is as they prefer. `refused_in` is
        what else is said to whoever is refused. Raises what is neither refused nor a trouble of
        Discord's; then nothing was bought.
        """
        request, chosen = await self._defaults.applied(request, chosen, left_open)
        try:
            placed = self.placed(request)
        except Refused as refused:
            await Acknowledgement(interaction).refuse(refused_in(refusal(refused)))
            return False
        acknowledgement = Acknowledgement(interaction, private=placed.private)
        try:
            spent = await self._imagine.request(
                placed, chosen, place_of(interaction), acknowledgement.acknowledge
            )
            if (words := few_left(spent, chosen.count)) is not None:
                self._imagine.whisper(request.id, partial(acknowledgement.whisper, words))
            return True
        except AlreadyRequested:  # delivered twice: the first one answers
            log.info("interaction delivered twice")
            return True
        except Refused as refused:
            way = self._way_on(interaction, request, chosen, refused)
            words = None if isinstance(refused, NotSetUp) and way else refusal(refused)
            await acknowledgement.refuse(words if way or not words else refused_in(words), way)
        except Unanswered as error:  # Discord has told the person; the row is released
            log.warning("command not answered", extra={"reason": str(error)})
        return False

    def _way_on(
        self, interaction: discord.Interaction, request: Request, chosen: Chosen, refused: Refused
    ) -> discord.ui.View | discord.ui.LayoutView | None:
        """What whoever is refused may press to go on with the very same request."""
        match refused:
            case CostNotAccepted():
                chosen = replace(chosen, model=refused.model, accepted_micros=refused.micros)
                self._keep(request, chosen)
                return accept_view(request.interaction_id)
            case NotSetUp() if interaction.permissions.manage_guild:
                self._keep(request, chosen)
                return first_day_view(Answers(request.interaction_id))
        return None

    async def accept(self, interaction: discord.Interaction, quote_id: int) -> None:
        """Go on with a quote: once, and only by whoever asked.

        Raises as `ask` does; then it can be accepted again.
        """
        kept = self._usable(interaction, quote_id)
        if kept is None:
            await Acknowledgement(interaction, private=True).refuse(refusal(QuoteGone()))
            return
        if kept.accepted:
            await Acknowledgement(interaction, private=True).refuse(_(ON_ITS_WAY))
            return
        await self._ask_again(interaction, quote_id, kept)
        await self._remove(kept)

    async def go_on(
        self, interaction: discord.Interaction, quote_id: int, instead: discord.ui.LayoutView
    ) -> bool:
        """Ask again for what a panel stands in the way of, and show `instead` in its place.

        False: it is not known any more, and the interaction was not answered.
        """
        kept = self._usable(interaction, quote_id)
        if kept is None or kept.accepted:
            return False
        await self._ask_again(interaction, quote_id, kept)
        panel = interaction.message
        with suppress(discord.DiscordException, *UNREACHABLE):
            async with asyncio.timeout(CALL_TIMEOUT):
                await self._webhook(kept).edit_message(panel.id if panel else 0, view=instead)
        return True

    def _usable(self, interaction: discord.Interaction, quote_id: int) -> Quote | None:
        """Not too old, and this person's."""
        kept = self._quotes.get(quote_id)
        usable = kept is not None and self._clock.now() < kept.until
        return kept if kept and usable and kept.request.user_id == interaction.user.id else None

    async def _ask_again(
        self, interaction: discord.Interaction, quote_id: int, kept: Quote
    ) -> None:
        """Once; raises as `ask` does, and then it can be asked again."""
        self._quotes[quote_id] = replace(kept, accepted=True)  # for the rest of its time
        request = renewed(interaction, kept.request, kept.request.prompt)
        try:
            begun = await self.ask(interaction, request, kept.chosen)
        except BaseException:
            self._quotes[quote_id] = kept
            raise
        if not begun:
            self._quotes.pop(quote_id, None)

    async def _remove(self, kept: Quote) -> None:
        """Take the quote away: it has been answered, and no harm if it stays."""
        with suppress(discord.DiscordException, *UNREACHABLE):
            await self._webhook(kept).delete_message("@original")  # type: ignore[arg-type]  # a path segment

    def _webhook(self, kept: Quote) -> discord.Webhook:
        token, application_id = kept.request.token, kept.request.application_id
        return discord.Webhook.partial(application_id, token, client=self._client)

    def forget(self, user_id: int) -> None:
        """Somebody has their data erased."""
        own = [id for id, each in self._quotes.items() if each.request.user_id == user_id]
        for id in own:
            del self._quotes[id]

    def _keep(self, request: Request, chosen: Chosen) -> None:
        """Beside those that may still be accepted, which come in the order of their times."""
        now = self._clock.now()
        self._quotes[request.interaction_id] = Quote(request, chosen, now + QUOTE_MS)
        while len(self._quotes) > MOST_QUOTES or next(iter(self._quotes.values())).until <= now:
            self._quotes.popitem(last=False)


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
