"""Whether the bot can use a channel: as the desk where moderators decide, or for notices."""

from __future__ import annotations

import discord

#: What the bot must be allowed there, by Discord's names: cards are messages with pictures.
#: The history is searched for cards that an earlier process posted before it died.
NEEDED = (
    *("view_channel", "send_messages", "embed_links", "attach_files"),
    "read_message_history",
)


def faults(guild: discord.Guild | None, channel_id: int) -> tuple[str, ...]:
    """What keeps it from being one: "channel" (there is none), what the bot lacks, "everyone".

    Everyone's view decides, not every role's: who may read it is the server's own affair.
    """
    channel = None if guild is None else guild.get_channel(channel_id)
    if guild is None or not isinstance(channel, discord.TextChannel):
        return ("channel",)
    allowed = channel.permissions_for(guild.me)
    lacking = tuple(name for name in NEEDED if not getattr(allowed, name))
    read_by_all = channel.permissions_for(guild.default_role).view_channel
    return (*lacking, *(("everyone",) if read_by_all else ()))


def writable(guild: discord.Guild | None, channel_id: int) -> bool:
    """Whether it is one of this server's in which the bot may write."""
    channel = None if guild is None else guild.get_channel(channel_id)
    if guild is None or channel is None:
        return False
    return channel.permissions_for(guild.me).send_messages
