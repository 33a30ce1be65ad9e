"""A card in the channel where moderators decide: found again, and emptied."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import discord

from bot.chat.calls import CALL_TIMEOUT, NOBODY, Answer, bounded
from bot.domain.generation import Delivery
from bot.views.panel import ids

#: Recent messages searched for a card that an earlier process may have posted.
RECENT = 50
#: What a card has left once it is decided about.
EMPTY: dict[str, Any] = {"attachments": [], "view": None, "allowed_mentions": NOBODY}

Edit = Callable[..., Awaitable[Any]]


async def found(channel: discord.TextChannel, ending: str) -> int | None:
    """The card by how its buttons' ids end; the nonce is honoured for a few minutes only."""
    async for message in channel.history(limit=RECENT):
        if any(each.endswith(ending) for each in ids(message)):
            return message.id
    return None


def placed(
    client: discord.Client, guild_id: int, channel_id: int | None, card_id: int | None
) -> discord.PartialMessage:
    """With the id 0 where there is none."""
    channel = client.get_partial_messageable(channel_id or 0, guild_id=guild_id)
    return channel.get_partial_message(card_id or 0)


async def emptied(ways: Iterable[Callable[[], Awaitable[Any]]], about: str) -> Answer:
    """The first way that Discord does not refuse, or the last one's answer."""
    answer = Answer(Delivery.REFUSED)
    for way in ways:
        answer = await bounded(_awaited(way()), CALL_TIMEOUT, about)
        if answer.outcome is not Delivery.REFUSED:
            break
    return answer


async def _awaited(call: Awaitable[Any]) -> object:
    return await call
