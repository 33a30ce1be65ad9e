"""One call to Discord, bounded, and what its answer means for a message."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any

import aiohttp
import discord

from bot import tally
from bot.domain.generation import Delivery
from bot.record import Record

log = logging.getLogger(__name__)

#: discord.py's own timeout is 300 s; a small call that takes longer than this is better dropped.
CALL_TIMEOUT = 10.0
#: Ten MiB over a slow line, in either direction.
UPLOAD_TIMEOUT = 90.0

NOBODY = discord.AllowedMentions.none()

#: The message, or its whole channel, is not there any more: somebody removed it.
_GONE = frozenset({10003, 10008})
#: The message is there but cannot be edited: too many edits (which comes as a 429, yet is final),
#: or its thread is archived.
TOO_MANY_EDITS, ARCHIVED = 30046, 50083
#: The request is larger than Discord takes.
TOO_LARGE = 40005
UNEDITABLE = frozenset({TOO_MANY_EDITS, ARCHIVED})
#: What may go wrong on the way, besides Discord's own refusals. TypeError, KeyError, ValueError:
#: discord.py's answers to a 429 of text, one without its wait, and broken JSON. RuntimeError: its
#: session is closed, since we are stopping.
UNREACHABLE = (
    aiohttp.ClientError,
    OSError,
    TypeError,
    KeyError,
    ValueError,
    RuntimeError,
    discord.RateLimited,
)


class Answer(Record):
    """One call's outcome: Discord's error code, or what the call returned."""

    outcome: Delivery
    code: int = 0
    value: Any = None


async def bounded(call: Coroutine[Any, Any, object], seconds: float, generation_id: str) -> Answer:
    """Await it, but not for long; every way it can fail is an answer."""
    about: dict[str, object] = {"generation": generation_id}
    try:
        async with asyncio.timeout(seconds):
            value = await call
    except discord.HTTPException as error:
        count(error)
        log.info("discord refused", extra=about | {"http": error.status, "code": error.code})
        if error.code in _GONE:
            return Answer(Delivery.GONE, error.code)
        unwell = error.status == HTTPStatus.TOO_MANY_REQUESTS or error.status >= 500
        later = unwell and error.code not in UNEDITABLE
        return Answer(Delivery.LATER if later else Delivery.REFUSED, error.code)
    except UNREACHABLE as error:
        count(error)
        log.info("discord unreachable", extra=about | {"reason": type(error).__name__})
        return Answer(Delivery.LATER)
    return Answer(Delivery.SENT, value=value)


def count(error: BaseException) -> None:
    """By Discord's own code; where it gave none, by the HTTP status."""
    if isinstance(error, discord.HTTPException):
        tally.DISCORD_ERRORS.add(str(error.code) if error.code else f"http_{error.status}")
    else:
        tally.DISCORD_ERRORS.add("unreachable")
