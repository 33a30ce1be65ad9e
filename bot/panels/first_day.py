"""What a new server's first panel does: sets it up by a preset, and goes on with the request."""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot.chat import desk_channel
from bot.chat.interactions import parent_id
from bot.chat.panel import managed, update, whisper
from bot.clock import Clock
from bot.domain.first_day import Preset, changes, needs_automod
from bot.language import _
from bot.moderation.automod_reader import AutoModReader
from bot.panels.asking import Asking
from bot.policy.automod.refusals import Trouble
from bot.policy.automod.standing import UNKNOWN
from bot.refusals import PolicyChanged
from bot.storage.settings import GuildSettings
from bot.views.actions import Press
from bot.views.first_day import Answers, done_view, first_day_view
from bot.wording import channels
from bot.wording import first_day as words


class FirstDay:
    """The panel comes with a refused request, which goes on once the server is set up."""

    def __init__(
        self,
        settings: GuildSettings,
        automod: AutoModReader,
        asking: Asking,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._automod = automod
        self._asking = asking
        self._clock = clock

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """An answer; raises ValueError for an id that is none of ours."""
        guild_id = await managed(interaction, _(words.NEEDS_MANAGE_SERVER))
        if guild_id is None:
            return
        if self._settings.policy(guild_id).is_set_up:
            await update(interaction, done_view(_(words.ALREADY)))
            return
        try:
            await self._answered(interaction, guild_id, press)
        except PolicyChanged:  # by another manager, a moment ago: theirs holds
            await self._settings.reload(guild_id)
            await update(interaction, done_view(_(words.ALREADY)))

    async def _answered(
        self, interaction: discord.Interaction, guild_id: int, press: Press
    ) -> None:
        answers = Answers.named(press.subject)
        if press.verb == "desk" and press.values:
            await self._with_desk(interaction, guild_id, answers, int(press.values[0]))
        elif press.verb == "how" and answers.preset not in (None, Preset.REVIEWED):
            await self._set_up(interaction, guild_id, answers, None)
        else:
            await update(interaction, first_day_view(answers))

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """It has no forms."""

    async def _with_desk(
        self, interaction: discord.Interaction, guild_id: int, answers: Answers, desk_id: int
    ) -> None:
        wrong = desk_channel.faults(interaction.guild, desk_id)
        if wrong:
            await whisper(interaction, channels.desk(wrong))
            return
        await self._set_up(interaction, guild_id, answers, desk_id)

    async def _set_up(
        self,
        interaction: discord.Interaction,
        guild_id: int,
        answers: Answers,
        desk_id: int | None,
    ) -> None:
        """Raises ValueError where the answers are not whole: a forged id."""
        if answers.preset is None or not answers.where:
            raise ValueError(answers.id)
        version = self._settings.policy(guild_id).version
        place_id = parent_id(interaction) or interaction.channel_id
        here = place_id if answers.where == "here" else None
        without = needs_automod(answers.preset) and await self._is_kept_out(interaction, guild_id)
        asked = changes(answers.preset, here, desk_id, without_automod=without)
        now = self._clock.now()
        await self._settings.change(guild_id, interaction.user.id, asked, now=now, version=version)
        done = done_view(words.done(answers.preset, here, desk_id, without_automod=without))
        # Where it took so long that the press was deferred, no new reply can be begun by it.
        late = interaction.response.is_done()
        if late or not await self._asking.go_on(interaction, answers.quote_id, done):
            await update(interaction, done)

    async def _is_kept_out(self, interaction: discord.Interaction, guild_id: int) -> bool:
        """Whether the bot may not read the server's AutoMod; mere trouble with reading passes."""
        may_read = interaction.app_permissions.manage_guild
        await self._automod.look_now(guild_id, may_read=may_read)
        standing = self._automod.standings.get(guild_id, UNKNOWN)
        return standing.unreadable is Trouble.PERMISSION
