"""Replies that an earlier process may have made, and did not record."""

from __future__ import annotations

import asyncio
from typing import cast

import aiohttp
import discord

from bot.chat.calls import CALL_TIMEOUT, UNREACHABLE
from bot.domain.generation import Request

#: Seconds before each look for a reply.
REPLY_PAUSES = (0.0, 1.0, 4.0)


async def reply_of(client: discord.Client, request: Request) -> int | None:
    """The id of a reply that was acknowledged but not recorded; None: there is none.

    Asked again while Discord is unwell: who is taken for unanswered gets no image.
    """
    webhook = discord.Webhook.partial(request.application_id, request.token, client=client)
    for pause in REPLY_PAUSES:
        await asyncio.sleep(pause)
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                # Discord's name for the reply whose id one does not have.
                return (await webhook.fetch_message(cast("int", "@original"))).id
        except (discord.DiscordServerError, discord.RateLimited, aiohttp.ClientError, OSError):
            continue
        except (discord.HTTPException, *UNREACHABLE):
            return None
    return None
