"""What the bot says unasked: to the operator, and to a server's managers."""

from __future__ import annotations

import asyncio
import logging

import discord

from bot.chat.audience import of_server
from bot.chat.calls import CALL_TIMEOUT, NOBODY, UNREACHABLE
from bot.domain.limits import Scope, Spent
from bot.language import speaking
from bot.policy import Rules
from bot.storage.alerts import Alerts
from bot.storage.settings import GuildSettings
from bot.wording import notices

log = logging.getLogger(__name__)

_BUDGETS = (Scope.GUILD, Scope.INSTALLATION)


class Notices:
    """Each is sent once, by one try: a crash loses it rather than repeats it."""

    def __init__(
        self, client: discord.Client, alerts: Alerts, settings: GuildSettings, rules: Rules
    ) -> None:
        self._client = client
        self._alerts = alerts
        self._settings = settings
        self._operator_id = rules.operator_id

    async def budgets(self, guild_id: int | None, spent: list[Spent]) -> None:
        """Tell whom it concerns of every budget that has just become half, nearly or wholly spent.

        Failing, it is logged: no image waits for a notice.
        """
        try:
            for each in spent:
                if each.limit.scope in _BUDGETS:
                    await self._budget(guild_id, each)
        except Exception:
            log.exception("budget notice failed")

    async def operator(self, text: str) -> bool:
        """By direct message; without OPERATOR_ID only the log has it. False: it did not arrive."""
        return self._operator_id is None or await self._dm(self._operator_id, text)

    async def in_channel(self, guild_id: int, channel_id: int, text: str) -> bool:
        """In a channel of the server. False: it did not arrive."""
        channel = self._client.get_partial_messageable(channel_id, guild_id=guild_id)
        return await self._send(channel, text)

    def language(self, guild_id: int) -> str:
        """The locale in which a server is told things."""
        return of_server(self._client, self._settings, guild_id)

    async def _budget(self, guild_id: int | None, spent: Spent) -> None:
        in_guild = spent.limit.scope is Scope.GUILD
        step = await self._alerts.reached(spent, guild_id or 0 if in_guild else 0)
        if step is None:
            return
        about = {"scope": spent.limit.scope, "period": spent.limit.period, "percent": step}
        log.warning("budget reached", extra=about)
        if in_guild:
            await self._to_guild(guild_id or 0, spent, step)
        else:
            with speaking(""):
                text = notices.budget(spent, step)
            await self.operator(text)

    async def _to_guild(self, guild_id: int, spent: Spent, step: int) -> None:
        """In the channel that its managers chose, else to the server's owner."""
        channel_id = self._settings.policy(guild_id).notices
        guild = self._client.get_guild(guild_id)
        with speaking(self.language(guild_id)):
            text = notices.budget(spent, step, guild.name if guild else "")
        if channel_id is not None and await self.in_channel(guild_id, channel_id, text):
            return
        if guild is not None and guild.owner_id is not None:
            await self._dm(guild.owner_id, text)

    async def _dm(self, user_id: int, text: str) -> bool:
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                channel = await self._client.create_dm(discord.Object(user_id))
        except (discord.DiscordException, *UNREACHABLE) as error:
            log.warning("notice not sent", extra={"reason": type(error).__name__})
            return False
        return await self._send(channel, text)

    async def _send(self, channel: discord.abc.Messageable, text: str) -> bool:
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                await channel.send(text, allowed_mentions=NOBODY)
        except (discord.DiscordException, *UNREACHABLE) as error:
            log.warning("notice not sent", extra={"reason": type(error).__name__})
            return False
        return True
