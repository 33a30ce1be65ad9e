"""Which addresses the bot answers over HTTP, where it has a port."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from bot.gateway.client import ImagineBot
from bot.gateway.presence import Presence
from bot.generation.webhooks import Webhooks
from bot.settings.config import Settings
from bot.web import health, metrics, webhook_receiver
from bot.web.server import listening


def answering(
    settings: Settings, port: int, presence: Presence, webhooks: Webhooks
) -> AbstractAsyncContextManager[None]:
    """Until it is left, for whichever client lives. Raises ConfigError."""

    def nudge(generation_id: str) -> bool:
        return presence.bot is not None and presence.bot.imagine.nudge(generation_id)

    def living() -> ImagineBot | None:
        return presence.bot

    hooks = webhook_receiver.routes(webhooks, nudge)
    routes = (*health.routes(living), *metrics.routes(living), *hooks)
    return listening(routes, settings.web_host, port)
