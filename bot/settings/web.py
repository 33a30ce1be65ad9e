"""Settings: where the bot answers over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.errors import Problem
from bot.replicate.signing import is_secret
from bot.settings import values
from bot.settings.setting import Declared, Setting


def _signing_secret(text: str) -> values.Secret:
    if not is_secret(text):
        remedy = "Copy it whole, from whsec_ on, or leave it out."
        raise values.Unusable("is not a signing secret", remedy)
    return values.Secret(text)


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
    public_url = Setting(
        "PUBLIC_URL",
        values.base_url,
        "The https address at which the provider reaches the bot's web server, a path included, so "
        "that it can tell when an image is ready (docs/webhooks.md). Unset: the bot asks.",
        absent=None,
        example="https://imagine.example.com",
    )
    webhook_secret = Setting(
        "REPLICATE_WEBHOOK_SECRET",
        _signing_secret,
        "What the provider signs its webhooks with, whsec_… Unset: the provider is asked for it.",
        absent=None,
        example="whsec_YourSigningSecretFromTheProvider",
    )

    @classmethod
    def contradictions(cls, read: Mapping[str, object]) -> Iterator[Problem]:
        """Where nobody listens nothing can arrive."""
        yield from super().contradictions(read)
        if read.get("PUBLIC_URL") is not None and read.get("WEB_PORT", 0) is None:
            remedy = "Set WEB_PORT to where your reverse proxy sends what comes in there."
            yield Problem("PUBLIC_URL", "needs WEB_PORT", remedy)
