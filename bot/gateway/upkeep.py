"""What is looked over again and again: what is too old, what is due, what an earlier try missed."""

from __future__ import annotations

import asyncio
import logging

from bot.clock import SystemClock
from bot.gateway.client import ImagineBot
from bot.gateway.seat import turn

log = logging.getLogger(__name__)

#: How often it is looked for what waits, and, of these, for what is too old.
PASS_SECONDS = 60.0
PASS_MINUTES = 60
#: Among the turns, beside the buckets of identifies.
RETENTION = 1_000_000


async def erase(bot: ImagineBot) -> None:
    """Once an hour erase what is too old, and post what is due; every minute erase on request.

    And read what of the servers' AutoMod is too old. Each gateway does so, one after the other.
    """
    while True:
        for minute in range(PASS_MINUTES):
            try:
                async with turn(bot.peer.liveness, RETENTION):
                    await _erase(bot, due=minute == 0)
                bot.automod.look_again()
            except Exception:
                log.exception("retention failed")
            await asyncio.sleep(PASS_SECONDS)


async def look_over(bot: ImagineBot) -> None:
    """What an earlier process left undone, as soon as the servers are there, and then every minute.

    Each gateway does so for its own servers.
    """
    await bot.wait_until_ready()
    while True:
        for each in (bot.decisions, bot.removal, bot.reports, bot.improver):
            try:
                await each.pass_over()
            except Exception:
                log.exception("not looked over")
        await asyncio.sleep(PASS_SECONDS)


async def _erase(bot: ImagineBot, *, due: bool) -> None:
    if due:
        await bot.retention.pass_over(bot.rules.keep)
        if bot.is_ready():
            await bot.heads.post()
        await bot.peer.custody.forget_answered(now=SystemClock().now())
    await bot.retention.go_on()
