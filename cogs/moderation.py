"""`/moderation`: what moderators decide about images, people and words, and its record."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.act import REASON_LENGTH, Action
from bot.gateway.client import ImagineBot
from bot.language import N_
from bot.panels.registry import Panels

#: Characters of a text to try: more than a prompt may have.
LONGEST = 4_000
_Reason = app_commands.Range[str, 1, REASON_LENGTH]
_ACTIONS = [app_commands.Choice(name=each.value, value=each.value) for each in Action]


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.default_permissions(moderate_members=True)
class ModerationCog(
    commands.GroupCog,
    group_name="moderation",
    group_description=N_("For moderators: decide about images, people and words"),
):
    """Moderators only; the work, and who may, are `bot.panels.moderation`'s."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels

    @app_commands.command(description=N_("What waits for a decision (only you see this)"))
    async def queue(self, interaction: discord.Interaction[ImagineBot]) -> None:
        await self._panels.desk.queue(interaction)

    @app_commands.command(description=N_("Block somebody from making images in this server"))
    @app_commands.describe(
        user=N_("Who"),
        duration=N_("For how long: 30m, 12h, 3d, 2w (default: until somebody unblocks them)"),
        reason=N_("Shown to them, and kept on record"),
    )
    async def block(
        self,
        interaction: discord.Interaction[ImagineBot],
        user: discord.User,
        duration: str = "",
        reason: _Reason = "",
    ) -> None:
        await self._panels.moderation.block(interaction, user, duration, reason)

    @app_commands.command(description=N_("Let somebody make images in this server again"))
    @app_commands.describe(user=N_("Who"), reason=N_("Kept on record"))
    async def unblock(
        self,
        interaction: discord.Interaction[ImagineBot],
        user: discord.User,
        reason: _Reason = "",
    ) -> None:
        await self._panels.moderation.unblock(interaction, user, reason)

    @app_commands.command(description=N_("Warn somebody: by direct message, and on record"))
    @app_commands.describe(user=N_("Who"), reason=N_("Shown to them, and kept on record"))
    async def warn(
        self,
        interaction: discord.Interaction[ImagineBot],
        user: discord.User,
        reason: _Reason = "",
    ) -> None:
        await self._panels.moderation.warn(interaction, user, reason)

    @app_commands.command(description=N_("What was decided and changed in this server, by whom"))
    @app_commands.describe(
        member=N_("Only what they did, or what was done about them"),
        action=N_("Only this"),
        since=N_("From this day (2026-11-01), or so far back (30d)"),
    )
    @app_commands.rename(since="from")
    @app_commands.choices(action=_ACTIONS)
    async def log(
        self,
        interaction: discord.Interaction[ImagineBot],
        member: discord.User | None = None,
        action: str | None = None,
        since: str = "",
    ) -> None:
        await self._panels.moderation.log(interaction, member, action, since)

    @app_commands.command(description=N_("Which rule about words would refuse this text?"))
    @app_commands.describe(text=N_("What somebody might ask for; it is not kept"))
    async def test(
        self,
        interaction: discord.Interaction[ImagineBot],
        text: app_commands.Range[str, 1, LONGEST],
    ) -> None:
        await self._panels.words.test(interaction, text)


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(ModerationCog(bot.panels))
