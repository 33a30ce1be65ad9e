"""What the panel about the server's own AutoMod does, for the server's managers."""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot.chat.panel import update, whisper
from bot.clock import Clock
from bot.domain.guild import Change, Holder
from bot.language import _
from bot.moderation.automod_reader import AutoModReader
from bot.policy.automod.standing import UNKNOWN
from bot.storage.settings import GuildSettings
from bot.views.actions import Press
from bot.views.automod import automod_view
from bot.wording.settings import NEEDS_MANAGE_SERVER


class AutoModPanel:
    """Opened from `/settings`, in its place; what it changes is on record like every setting."""

    def __init__(self, reader: AutoModReader, settings: GuildSettings, clock: Clock) -> None:
        self._reader = reader
        self._settings = settings
        self._clock = clock

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Show it, read the rules again, or decide whether they are applied."""
        guild_id = interaction.guild_id
        if guild_id is None or not interaction.permissions.manage_guild:
            await whisper(interaction, _(NEEDS_MANAGE_SERVER))
            return
        if press.verb == "read":
            may_read = interaction.app_permissions.manage_guild
            await self._reader.look_now(guild_id, may_read=may_read)
        elif press.verb in ("ignore", "require"):
            value = "ignored" if press.verb == "ignore" else None
            change = Change(Holder.GUILD, 0, "automod", value)
            now = self._clock.now()
            await self._settings.change(guild_id, interaction.user.id, [change], now=now)
        standing = self._reader.standings.get(guild_id, UNKNOWN)
        ignored = self._settings.policy(guild_id).ignores_automod
        await update(interaction, automod_view(standing, ignored=ignored))

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """It has no forms."""
