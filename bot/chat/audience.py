"""Who reads what is said, and so in which language it is."""

from __future__ import annotations

import discord

from bot.domain.channel import ChannelPolicy
from bot.domain.generation import Request
from bot.language import speak
from bot.storage.settings import GuildSettings


def address(interaction: discord.Interaction) -> None:
    """From here to the end of this task, all is said to whoever has interacted."""
    speak(interaction.locale.value)


def of_server(client: discord.Client, settings: GuildSettings, guild_id: int | None) -> str:
    """The locale that its managers chose, else Discord's of it; "", English, of one not known."""
    chosen = ChannelPolicy.of(settings.policy(guild_id), 0).language
    if chosen:
        return chosen
    guild = None if guild_id is None else client.get_guild(guild_id)
    return "" if guild is None else guild.preferred_locale.value


def of_answer(interaction: discord.Interaction, *, private: bool) -> str:
    """As `of_reply`, before there is a request."""
    server = interaction.guild_locale
    return (interaction.locale if private or server is None else server).value


def of_reply(request: Request) -> str:
    """A private reply is in the person's language, one that a server reads in the server's."""
    private = request.private or request.guild_id is None
    return request.locale if private else request.guild_locale
