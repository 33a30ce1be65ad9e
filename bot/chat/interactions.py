"""Who asks, and where, as an interaction tells it."""

from __future__ import annotations

import discord

from bot.domain.attached import Attached, media_type
from bot.policy import PERMISSION_NAMES, Place


def place_of(interaction: discord.Interaction) -> Place:
    """Where it was typed, which of the needed permissions the bot has there, and by whom."""
    allowed, asker = interaction.app_permissions, interaction.permissions
    person = interaction.user
    joined = person.joined_at if isinstance(person, discord.Member) else None
    return Place(
        guild_id=interaction.guild_id,
        permissions=frozenset(
            name for name in PERMISSION_NAMES if allowed.administrator or getattr(allowed, name)
        ),
        is_thread=isinstance(interaction.channel, discord.Thread),
        announces=_announces(interaction.channel),
        is_age_restricted=is_restricted(interaction.channel),
        role_ids=role_ids(person),
        joined_at=None if joined is None else round(joined.timestamp() * 1000),
        is_manager=asker.administrator or asker.manage_guild,
        is_guest=is_guest(interaction),
    )


def is_guest(interaction: discord.Interaction) -> bool:
    """Whether the bot is no member there: somebody has it on their own account.

    Then only the interaction's token works, for 15 minutes and five follow-ups (40094).
    """
    if interaction.guild_id is None:
        return not interaction.context.dm_channel  # its own direct messages it may write
    is_member = interaction.client.get_guild(interaction.guild_id) is not None
    return not (is_member or interaction.is_guild_integration())


def is_hidden(interaction: discord.Interaction) -> bool:
    """Whether Discord shows the answer to whoever asked alone, however it is sent.

    So it does where the bot is no member, and the person may not use external apps.
    """
    in_guild = interaction.guild_id is not None
    return in_guild and is_guest(interaction) and not interaction.permissions.use_external_apps


def picture_of(attachment: discord.Attachment) -> Attached:
    """An attached file as Discord describes it; it may turn out to be something else."""
    return Attached(
        media_type=media_type(attachment.content_type or ""),
        size=attachment.size,
        width=attachment.width or 0,
        height=attachment.height or 0,
        url=attachment.url,
    )


def parent_id(interaction: discord.Interaction) -> int | None:
    """The channel that a thread belongs to; None: it is no thread."""
    channel = interaction.channel
    return channel.parent_id if isinstance(channel, discord.Thread) else None


def role_ids(person: discord.User | discord.Member) -> frozenset[int]:
    """By id: whether the roles themselves are known does not matter."""
    return frozenset(person._roles) if isinstance(person, discord.Member) else frozenset()  # noqa: SLF001 - `roles` leaves out what is not cached


def is_restricted(channel: object) -> bool:
    """Whether Discord shows the channel to adults alone.

    A thread is what its parent is; a channel that is not known counts as not restricted.
    """
    ask = getattr(channel, "is_nsfw", None)
    return ask is not None and ask() is True


def _announces(channel: object) -> bool:
    """Whether it is a channel for announcements, or a thread of one."""
    if isinstance(channel, discord.Thread):
        return channel.type is discord.ChannelType.news_thread
    return getattr(channel, "type", None) is discord.ChannelType.news
