"""Whether the server's own AutoMod lets a request pass."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.channel import ChannelPolicy
from bot.domain.generation import Request
from bot.domain.guild import GuildPolicy
from bot.policy import Place
from bot.policy.automod.refusals import AutoModRefused, AutoModUnread
from bot.policy.automod.standing import Standing


def screen(
    standing: Standing, request: Request, texts: Iterable[str], place: Place, guild: GuildPolicy
) -> None:
    """Raise AutoModRefused where a rule fires, AutoModUnread where a moderated channel has none.

    Elsewhere the last copy goes on to hold, and `/settings` warns. Managers (Manage Server)
    are exempt, as in Discord.
    """
    if guild.ignores_automod or place.is_manager:
        return
    trouble = standing.unreadable
    if trouble is not None and ChannelPolicy.of(guild, request.place_id).is_moderated:
        raise AutoModUnread(trouble)
    if standing.automod is None:
        return
    fired = standing.automod.first(
        texts,
        place.role_ids | {request.guild_id or 0},
        {request.channel_id, request.place_id},
    )
    if fired is not None:
        raise AutoModRefused(fired.rule, fired.message)
