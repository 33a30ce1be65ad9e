"""Who moderates a server: asked in code, since Discord's own checks are only defaults."""

from __future__ import annotations

import discord

from bot.domain.sanctions import Person, Rank, Spared, spared


def person_of(who: discord.User | discord.Member) -> Person:
    """What somebody is in the server that the interaction comes from.

    By their roles in the whole server: who may delete messages in one channel does not moderate it.
    """
    return Person(who.id, rank_of(who))


def rank_of(who: discord.User | discord.Member) -> Rank:
    """MEMBER where they are none, or nothing is known of the server's roles."""
    if not isinstance(who, discord.Member) or who.guild.default_role is None:
        return Rank.MEMBER
    allowed = who.guild_permissions
    if allowed.manage_guild:
        return Rank.MANAGER
    moderates = allowed.moderate_members or allowed.manage_messages
    return Rank.MODERATOR if moderates else Rank.MEMBER


def moderates(interaction: discord.Interaction) -> bool:
    """Whether this person moderates the server that the interaction comes from."""
    return interaction.guild_id is not None and rank_of(interaction.user) > Rank.MEMBER


def spared_from(interaction: discord.Interaction, person: Person) -> Spared | None:
    """Why whoever acts here may not block or warn this person; None: they may."""
    me = interaction.client.user
    bot_id = interaction.application_id if me is None else me.id  # old applications have two
    return spared(person_of(interaction.user), person, bot_id)
