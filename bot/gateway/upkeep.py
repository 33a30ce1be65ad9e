"""What is looked over again and again: what is too old, what is due, what an earlier try missed."""

from __future__ import annotations

import asyncio
import logging

from bot.clock import SystemClock
from bot.gateway.client import ImagineBot
from bot.gateway.seat import turn
from bot.storage.custody import TURN

log = logging.getLogger(__name__)

#: How often it is looked for what waits, and, of these, for what is too old.
PASS_SECONDS = 60.0
PASS_MINUTES = 60
#: Among the turns, beside the buckets of identifies.
RETENTION = 1_000_000


async def pass_over(bot: ImagineBot) -> None:
    """Once an hour erase what is too old, and post what is due; every minute erase on request.

    And read what of the servers' AutoMod is too old. Each gateway does so, for its own servers;
    what is about all, one after the other.
    """
    while True:
        for minute in range(PASS_MINUTES):
            try:
                async with turn(bot.peer.liveness, TURN, RETENTION):
                    await _erase(bot, due=minute == 0)
                bot.automod.look_again()
            except Exception:
                log.exception("retention failed")
            if bot.is_ready():  # so what an earlier process left is this one's
                await _look_over(bot)
            await asyncio.sleep(PASS_SECONDS)


async def _look_over(bot: ImagineBot) -> None:
    for each in (bot.panels.desk, bot.removal, bot.reports, bot.improver):
        try:
            await each.pass_over()
        except Exception:
            log.exception("not looked over")


async def _erase(bot: ImagineBot, *, due: bool) -> None:
    if due:
        await bot.retention.pass_over(bot.rules.keep)
        if bot.is_ready():
            await bot.heads.post()
        await bot.peer.custody.forget_answered(now=SystemClock().now())
    await bot.retention.go_on()
