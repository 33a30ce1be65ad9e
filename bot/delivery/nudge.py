"""Tells whoever waited for long that the image is there, since an edit notifies nobody."""

from __future__ import annotations

import discord

from bot.chat.calls import CALL_TIMEOUT, NOBODY, bounded
from bot.domain.generation import Delivery, Generation
from bot.language import speaking
from bot.wording.waits import notified


async def nudge(
    client: discord.Client, row: Generation, published_id: int | None, content: str
) -> None:
    """By a direct message where they asked for one, else by a mention below the image.

    After the row has ended: a crash loses it rather than repeats it. One attempt, and no harm if it
    fails. `published_id`: the image's own message, where it is not in the reply.
    """
    if row.request.notify:
        await _privately(client, row, published_id)
    elif row.request.mention and not (row.request.private or row.request.guest):
        await _below(client, row, content)


async def _privately(client: discord.Client, row: Generation, published_id: int | None) -> None:
    """No image: only a link, and none to what nobody else sees."""
    person = discord.Object(row.request.user_id)
    opened = await bounded(client.create_dm(person), CALL_TIMEOUT, row.id)
    if opened.outcome is not Delivery.SENT:
        return
    with speaking(row.request.locale):
        text = notified(row, published_id)
    call = opened.value.send(text, nonce=f"{_first(row)}n", allowed_mentions=NOBODY)
    await bounded(call, CALL_TIMEOUT, row.id)


async def _below(client: discord.Client, row: Generation, content: str) -> None:
    """A short reply to the message, by the bot's own token."""
    request, message_id = row.request, row.message_id
    if message_id is None:
        return
    channel = client.get_partial_messageable(request.channel_id, guild_id=request.guild_id)
    call = channel.send(
        content,
        nonce=f"{_first(row)}m",
        reference=discord.MessageReference(
            message_id=message_id, channel_id=request.channel_id, fail_if_not_exists=False
        ),
        allowed_mentions=discord.AllowedMentions(
            everyone=False,
            roles=False,
            users=[discord.Object(request.user_id)],
            replied_user=False,
        ),
    )
    await bounded(call, CALL_TIMEOUT, row.id)


def _first(row: Generation) -> str:
    """Of the request's first row, so that its siblings repeat nothing."""
    return f"{row.request.interaction_id}-0"
