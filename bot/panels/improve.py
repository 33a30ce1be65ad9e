"""*Improve prompt*: before and after, shown to whoever asked alone, and what they choose.

An offer is in memory only: a restart costs a second look and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import discord

from bot.chat.acknowledgement import Acknowledgement
from bot.chat.calls import NOBODY
from bot.chat.interactions import place_of
from bot.chat.panel import edit_of, whisper
from bot.chat.sight import beholder, is_made, is_private, may_begin
from bot.clock import Clock
from bot.domain.generation import Generation, Request
from bot.domain.improvement import NotImproved
from bot.domain.origin import Derivation, Origin
from bot.domain.subject import Subject
from bot.errors import Unanswered
from bot.generation.improver import Improver
from bot.language import _
from bot.panels.asking import Asking, remove, renewed, request_from
from bot.policy import Rules
from bot.record import Hidden, Record, replace
from bot.refusals import AlreadyRequested, ModelNotOffered, QuoteGone, Refused
from bot.request import again
from bot.request.input import Chosen
from bot.request.pending import Pending
from bot.storage.storage import Storage
from bot.views import improvement as views
from bot.views.actions import Press
from bot.wording import ON_ITS_WAY
from bot.wording import improvement as words
from bot.wording.pictures import returned
from bot.wording.reasons import refusal

log = logging.getLogger(__name__)


class Offer(Record):
    """A request whose words somebody may have improved: `after`, empty where none came of it.

    `left_open`: what they did not choose, for what they prefer.
    """

    request: Request
    chosen: Chosen
    after: Hidden[str]
    left_open: AbstractSet[str]


class ImprovePanel:
    """Private answers; every press acknowledges by itself, since most ask for an image."""

    def __init__(
        self, improver: Improver, asking: Asking, storage: Storage, rules: Rules, clock: Clock
    ) -> None:
        self._improver = improver
        self._asking = asking
        self._ledger = storage.ledger
        self._styles = storage.styles
        self._rules = rules
        self._offers = Pending[Offer](clock)
        #: Who waits for a text model, by the interaction that asked.
        self._waiting: dict[int, int] = {}

    async def ask(
        self,
        interaction: discord.Interaction,
        request: Request,
        chosen: Chosen,
        *,
        left_open: AbstractSet[str] = frozenset(),
    ) -> None:
        """Improve the request's prompt and show it to whoever asked; nothing else is made yet."""
        try:
            await Acknowledgement(interaction, private=True).acknowledge()
        except Unanswered as error:  # nothing was bought
            log.warning("command not answered", extra={"reason": str(error)})
            return
        after = ""
        self._waiting[interaction.id] = interaction.user.id
        try:
            placed = self._asking.placed(request)
            preferring = await self._asking.preferring(request, chosen, left_open)
            after = await self._improver.improve(placed, preferring, place_of(interaction))
            text = words.comparison(request.prompt, after)
        except AlreadyRequested:  # delivered twice: the first one answers
            return
        except NotImproved as refused:
            text = words.not_improved(refused, request.prompt)
        except Refused as refused:
            text = refusal(refused)
            await interaction.edit_original_response(content=text, allowed_mentions=NOBODY)
            return
        finally:
            is_known = self._waiting.pop(interaction.id, None) is not None
        if not is_known:  # they have had their data erased meanwhile
            await interaction.edit_original_response(content=_(words.DISMISSED))
            return
        self._offers.keep(Offer(request, chosen, after, left_open))
        view = views.offer_view(interaction.id, improved=bool(after))
        await interaction.edit_original_response(content=text, view=view, allowed_mentions=NOBODY)

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """A button below an offer, or below an image's details."""
        if press.verb == views.ASK:
            await self._ask_of_image(interaction, press.subject)
            return
        offer = self._offer(interaction, press.subject)
        if offer is None:
            await whisper(interaction, refusal(QuoteGone()))
        elif press.verb == views.EDIT:
            longest = self._rules.policy.prompt_max_length
            form = views.edit_form(offer.request.interaction_id, offer.after, longest)
            await interaction.response.send_modal(form)
        elif press.verb == views.DISMISS:
            self._offers.drop(offer.request.interaction_id)
            await edit_of(interaction)(content=_(words.DISMISSED), view=None)
        elif press.verb == views.MINE:
            await self._go_on(interaction, offer, offer.request.prompt)
        elif press.verb == views.USE and offer.after:
            await self._go_on(interaction, offer, offer.after)

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """The edited prompt; who is refused gets their words back."""
        prompt = said.get("prompt", "")
        offer = self._offer(interaction, press.subject)
        if offer is None:
            await whisper(interaction, returned(refusal(QuoteGone()), prompt))
        else:
            await self._go_on(interaction, offer, prompt, edited=True)

    async def _go_on(
        self, interaction: discord.Interaction, offer: Offer, prompt: str, *, edited: bool = False
    ) -> None:
        """The same request with these words, once; they are screened like any others."""
        id = offer.request.interaction_id
        if self._offers.is_taken(id):
            await whisper(interaction, _(ON_ITS_WAY))
            return
        self._offers.take(id)
        request = renewed(interaction, offer.request, prompt)
        refused_in = (lambda text: returned(text, prompt)) if edited else str
        begun = False
        try:
            begun = await self._asking.ask(
                interaction,
                request,
                offer.chosen,
                left_open=offer.left_open,
                refused_in=refused_in,
            )
        finally:
            if not begun:
                self._offers.take(id, taken=False)
        if begun:
            await remove(interaction.client, offer.request)

    async def _ask_of_image(self, interaction: discord.Interaction, subject: str) -> None:
        """Whoever may see an image may have its words improved, for an image of their own."""
        named = Subject.of(subject)
        rows = await self._ledger.request(named.generation_id) if named else []
        seen = may_begin(beholder(interaction, rows), rows) and is_made(rows)
        if not (seen and self._rules.prompt_model and _improvable(rows, interaction.guild_id)):
            await whisper(interaction, _(words.NO_WORDS))
            return
        message_id = interaction.message.id if interaction.message else 0
        origin = Origin(rows[0].id, 0, Derivation.EDIT, message_id)
        made = rows[0].request
        request = request_from(interaction, made.prompt, private=is_private(rows))
        chosen = self._chosen(rows[0])
        await self.ask(interaction, replace(request, origin=origin), chosen)

    def _chosen(self, row: Generation) -> Chosen:
        """What was asked for, by the options' names; the seed is another one."""
        try:
            styles = self._styles.of(row.request.guild_id)
            return again.chosen(row, self._rules.offer.models, styles)
        except ModelNotOffered:  # the place's own, as it is
            return Chosen(count=row.request.asked)

    def _offer(self, interaction: discord.Interaction, subject: str) -> Offer | None:
        id = int(subject) if subject.isdecimal() else 0
        return self._offers.find(id, interaction.user.id)

    def forget(self, user_id: int) -> None:
        """Somebody has their data erased."""
        for id in [id for id, whose in self._waiting.items() if whose == user_id]:
            del self._waiting[id]
        self._offers.forget(user_id)


def _improvable(rows: Sequence[Generation], guild_id: int | None) -> bool:
    """Whether it was made of words alone, where the press comes from, and is still to be seen."""
    request = rows[0].request
    removed = any(row.removed_by for row in rows)
    here = request.guild_id == guild_id
    return bool(request.prompt) and not request.pictures and here and not removed
