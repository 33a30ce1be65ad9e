"""The Discord client of the moment: clients end and are made again, beside what outlives them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.gateway.client import ImagineBot


@dataclass(slots=True)
class Presence:
    """Where web pages, webhooks and other processes' hints find it."""

    bot: ImagineBot | None = None
