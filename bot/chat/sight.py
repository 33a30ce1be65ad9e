"""Who may look at an image that is made, and what they may do about it.

Asked on every press and every form: Discord's own permissions are only defaults, and ids can be
forged.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import discord

from bot.chat.interactions import is_restricted, place_of
from bot.chat.moderator import moderates
from bot.chat.shards import is_mine
from bot.domain.generation import Generation, Request, Status
from bot.domain.picture import MOST_PICTURES

#: An image is seen a moment before it is on record that it was delivered.
_SEEN = (Status.DELIVERING, Status.DELIVERED)


class Beholder(StrEnum):
    """What somebody is to an image."""

    REQUESTER = "requester"  # whoever asked, wherever they look
    MODERATOR = "moderator"  # of the server where it was asked for, there
    MEMBER = "member"  # who sees its message
    NOBODY = "nobody"


def beholder(interaction: discord.Interaction, rows: Sequence[Generation]) -> Beholder:
    """What this person is to the request's images, from where they press.

    Who presses something in a channel sees that channel: no more is asked of a member.
    """
    if not rows:
        return Beholder.NOBODY
    request = rows[0].request
    if interaction.user.id == request.user_id:
        return Beholder.REQUESTER
    if interaction.guild_id is None or interaction.guild_id != request.guild_id:
        return Beholder.NOBODY
    if moderates(interaction):
        return Beholder.MODERATOR
    is_here = interaction.channel_id == request.channel_id and any(map(is_public, rows))
    return Beholder.MEMBER if is_here else Beholder.NOBODY


def is_public(row: Generation) -> bool:
    """Whether who reads the channel sees it."""
    shown = row.published_id is not None or not row.request.private
    return row.status in _SEEN and shown


def is_private(rows: Sequence[Generation]) -> bool:
    """Whether its images were for whoever asked alone."""
    return rows[0].request.private and not any(row.published_id for row in rows)


def may_begin(who: Beholder, rows: Sequence[Generation]) -> bool:
    """Whether they may start from its images, or its words: of private ones only whoever asked."""
    return who is Beholder.REQUESTER or (who is not Beholder.NOBODY and any(map(is_public, rows)))


def suits(interaction: discord.Interaction, request: Request) -> bool:
    """Whether what was made for the request may be shown where this person presses, by age.

    What was made in a channel that is not known any more suits only where everything does.
    """
    same = interaction.channel_id == request.channel_id
    if same or place_of(interaction).is_age_restricted:
        return True
    guild = interaction.guild
    channel = None if guild is None else guild.get_channel(request.place_id)
    return channel is not None and not is_restricted(channel)


def is_lost(client: discord.Client, guild_id: int, place_id: int) -> bool:
    """Whether this server, or that channel of it, is known not to be there any more."""
    guild = client.get_guild(guild_id)
    if guild is None:
        return client.is_ready() and is_mine(client, guild_id)
    return not guild.unavailable and guild.get_channel(place_id) is None


def images(rows: Sequence[Generation]) -> list[tuple[Generation, int]]:
    """Each image that whoever asked was given, in their order: who made it, which of the row's."""
    given = (row for row in rows if _was_given(row) and row.sealed_until is None)
    found = [(row, number) for row in given for number in range(len(row.outputs))]
    return found[:MOST_PICTURES]


def is_made(rows: Sequence[Generation]) -> bool:
    """Whether there is an image that whoever asked was given; a removed one is none any more."""
    return any(_was_given(row) and row.sealed_until is None for row in rows)


def may_remove(interaction: discord.Interaction, rows: Sequence[Generation]) -> bool:
    """Moderators of its server, there, their own too, and what whoever asked has deleted."""
    here = any(row.request.guild_id == interaction.guild_id for row in rows)
    return here and moderates(interaction) and any(map(_was_given, rows))


def _was_given(row: Generation) -> bool:
    return row.status in (*_SEEN, Status.KEPT)
