"""The Discord client of the moment: clients end and are made again, beside what outlives them."""

from __future__ import annotations

from bot.gateway.client import ImagineBot
from bot.record import State


class Presence(State):
    """Where web pages, webhooks and other processes' hints find it."""

    bot: ImagineBot | None = None
