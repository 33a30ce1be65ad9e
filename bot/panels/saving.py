"""Images that people keep for their server: who may, who sees which, in code on every press."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.chat.calls import CALL_TIMEOUT, bounded
from bot.chat.interactions import is_restricted, place_of
from bot.chat.moderator import moderates
from bot.clock import Clock
from bot.domain.channel import ChannelPolicy
from bot.domain.generation import Delivery, Generation, Request
from bot.domain.subject import Subject
from bot.language import _
from bot.storage.saved import MOST_SAVED, Outcome, SavedImage
from bot.storage.storage import Storage
from bot.views.actions import Press
from bot.views.panel import PanelButton
from bot.wording import history as words

PANEL = "saved"
SAVE, UNSAVE = "save", "unsave"


class Saving:
    """Only whoever asked saves, what everybody who reads the channel sees; moderators take out."""

    def __init__(self, client: discord.Client, storage: Storage, clock: Clock) -> None:
        self._client = client
        self._ledger = storage.ledger
        self._saved = storage.saved
        self._settings = storage.settings
        self._clock = clock

    def is_on(self, guild_id: int | None) -> bool:
        """Whether the server, or one of its channels, has it switched on."""
        presets = self._settings.policy(guild_id).presets
        return any(own.get("saving") == "1" for own in presets.values())

    async def buttons(
        self, interaction: discord.Interaction, rows: Sequence[Generation]
    ) -> list[PanelButton]:
        """What this person may do with the pictures of a request: one button for each."""
        pictures = [(row, number) for row in rows for number in range(len(row.outputs))]
        if not pictures:
            return []
        request = rows[0].request
        saved = await self._saved.of_request(request.interaction_id)
        is_own = interaction.user.id == request.user_id
        takes_out = is_own or _moderates(interaction, request)
        found = []
        for which, (row, number) in enumerate(pictures, 1):
            is_saved = (row.id, number) in saved
            saves = is_own and not is_saved and self._may_save(interaction, row)
            if saves or (is_saved and takes_out):
                verb = UNSAVE if is_saved else SAVE
                label = words.button(which, len(pictures), saved=is_saved)
                found.append(PanelButton(Press(PANEL, verb, f"{row.id}-{number}"), label))
        return found

    async def pressed(self, interaction: discord.Interaction, press: Press) -> str:
        """Save it, or take it out; in words what came of it."""
        named = Subject.of(press.subject)
        row = await self._ledger.find(named.generation_id) if named else None
        number = named.picture if named else None
        if row is None or number is None or number >= len(row.outputs):
            return _(words.NOT_TO_BE_SAVED)
        if press.verb == SAVE:
            return await self._save(interaction, row, number)
        return await self._unsave(interaction, row, number)

    async def shown(self, interaction: discord.Interaction) -> list[SavedImage]:
        """What this person sees here of what is saved, the last saved first.

        What was made in a channel that they cannot read is not for them, and what was made where
        it is age-restricted only for who asks where it is.
        """
        if interaction.guild_id is None or not self.is_on(interaction.guild_id):
            return []
        adult = place_of(interaction).is_age_restricted
        found = await self._saved.of_guild(interaction.guild_id)
        return [each for each in found if self._sees(interaction, each, adult=adult)]

    async def _save(self, interaction: discord.Interaction, row: Generation, number: int) -> str:
        if interaction.user.id != row.request.user_id:
            return _(words.NOT_YOURS)
        if not self._is_open(row.request):
            return _(words.SAVING_OFF)
        if not self._may_save(interaction, row):
            return _(words.NOT_TO_BE_SAVED)
        if row.request.parent_id is not None and await self._is_secret(row):
            return _(words.PRIVATE_THREAD)
        if not await self._is_there(row):
            return _(words.NOT_TO_BE_SAVED)
        outcome = await self._saved.save(
            row.id,
            number,
            interaction.user.id,
            restricted=is_restricted(self._channel(row.request)),
            now=self._clock.now(),
        )
        if outcome is Outcome.FULL:
            return _(words.FULL).format(most=MOST_SAVED)
        return _(words.SAVED_OUTCOMES[outcome])

    async def _unsave(self, interaction: discord.Interaction, row: Generation, number: int) -> str:
        request = row.request
        if interaction.user.id == request.user_id:
            gone = await self._saved.unsave(row.id, number)
        elif _moderates(interaction, request) and request.guild_id is not None:
            gone = await self._saved.bar(
                row,
                number,
                interaction.user.id,
                guild_id=request.guild_id,
                now=self._clock.now(),
            )
        else:
            return _(words.NOT_YOURS)
        return _(words.UNSAVED if gone else words.NOT_SAVED)

    def _may_save(self, interaction: discord.Interaction, row: Generation) -> bool:
        """Where it was asked for, as a member, while its channel is there; the rest SQL asks."""
        request = row.request
        is_public = row.published_id is not None or not request.private
        here = request.guild_id is not None and interaction.guild_id == request.guild_id
        return here and is_public and self._is_open(request) and bool(self._channel(request))

    def _is_open(self, request: Request) -> bool:
        policy = self._settings.policy(request.guild_id)
        return ChannelPolicy.of(policy, request.place_id).saving

    def _channel(self, request: Request) -> discord.abc.GuildChannel | None:
        """Of a thread the channel that it belongs to; None: not there any more, or not known."""
        guild = self._client.get_guild(request.guild_id or 0)
        return None if guild is None else guild.get_channel(request.place_id)

    async def _is_secret(self, row: Generation) -> bool:
        """Whether it was made in a thread that not everybody in its channel reads; or maybe so."""
        call = self._client.fetch_channel(row.request.channel_id)
        thread = (await bounded(call, CALL_TIMEOUT, row.id)).value
        return not isinstance(thread, discord.Thread) or thread.is_private()

    async def _is_there(self, row: Generation) -> bool:
        """Whether nobody has deleted its message: what was removed is not shown again by this."""
        request, message_id = row.request, row.published_id or row.message_id
        channel = self._client.get_partial_messageable(
            request.channel_id, guild_id=request.guild_id
        )
        call = channel.get_partial_message(message_id or 0).fetch()
        outcome = (await bounded(call, CALL_TIMEOUT, row.id)).outcome
        return outcome in (Delivery.SENT, Delivery.REFUSED)  # not let near it, it may be there

    def _sees(self, interaction: discord.Interaction, saved: SavedImage, *, adult: bool) -> bool:
        request, channel = saved.row.request, self._channel(saved.row.request)
        if channel is None or not self._is_open(request):
            return False
        if (saved.restricted or is_restricted(channel)) and not adult:
            return False
        if not isinstance(interaction.user, discord.Member):
            return False
        allowed = channel.permissions_for(interaction.user)
        return allowed.view_channel and allowed.read_message_history


def _moderates(interaction: discord.Interaction, request: Request) -> bool:
    return interaction.guild_id == request.guild_id and moderates(interaction)
