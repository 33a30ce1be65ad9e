"""What the application is to Discord: what it asks for, and where Discord is."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands

from bot.errors import ConfigError, Problem

#: What the invite asks for: enough to answer in channels and threads, and nothing else.
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)


def invite_url(application_id: int) -> str:
    """The address that adds the bot to a server with exactly the permissions it needs."""
    return discord.utils.oauth_url(
        application_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
    )


async def point_discord_at(api_url: str | None) -> None:
    """Make discord.py talk to a proxy or a compatible server; None leaves Discord itself.

    Its REST base, and the gateway that this server's own `GET /gateway` names, until its
    `GET /gateway/bot` is asked.
    Raises aiohttp.ClientError when the server does not answer, ConfigError when it is no Discord.
    """
    if api_url is None:
        return
    discord.http.Route.BASE = api_url
    async with aiohttp.ClientSession() as session, session.get(f"{api_url}/gateway") as response:
        response.raise_for_status()
        try:
            point_gateway_at((await response.json(content_type=None))["url"])
        except (ValueError, KeyError, TypeError):
            what = "is no Discord: its /gateway names no gateway"
            remedy = "Give the API's base with its version, like http://127.0.0.1:8081/api/v10."
            raise ConfigError((Problem("DISCORD_API_URL", what, remedy),)) from None


def point_gateway_at(url: str) -> None:
    """Make discord.py connect there, and there again."""
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)


def asked_of_discord(*, user_install: bool = False) -> dict[str, Any]:
    """Slash commands in servers: no privileged intents, nothing cached that is not needed.

    `user_install`: also to be added to one's own account, and in direct messages; what is about a
    server alone says so itself.
    """
    return {
        "command_prefix": commands.when_mentioned,
        "help_command": None,
        "intents": discord.Intents(guilds=True, auto_moderation_configuration=True),
        "allowed_mentions": discord.AllowedMentions.none(),
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "max_messages": None,
        "chunk_guilds_at_startup": False,
        "allowed_installs": app_commands.AppInstallationType(guild=True, user=user_install),
        "allowed_contexts": app_commands.AppCommandContext(
            guild=True, dm_channel=user_install, private_channel=user_install
        ),
    }
