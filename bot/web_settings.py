"""Settings: where the bot answers over HTTP."""

from __future__ import annotations

from bot import values
from bot.setting import Declared, Setting


class WebSettings(Declared):
    """The web server of its own; there is none without a port."""

    web_host = Setting(
        "WEB_HOST",
        values.host,
        "The address at which the bot answers health checks, /metrics and webhooks.",
        default="127.0.0.1",
    )
    web_port = Setting(
        "WEB_PORT",
        values.whole(1, 65535),
        "Its port. Unset: the bot answers nothing over HTTP.",
        absent=None,
        example="8080",
    )
