"""What `check` finds of webhooks: whether they can be asked for, and could be believed."""

from __future__ import annotations

from bot.cli.finding import Finding, Mark
from bot.errors import ProviderError
from bot.replicate.client import ReplicateClient
from bot.replicate.webhook import NO_SECRET
from bot.settings.config import Settings

_SUBJECT = "webhooks"


async def findings(settings: Settings, client: ReplicateClient) -> list[Finding]:
    """Nothing where PUBLIC_URL is not set. Without webhooks everything works, but by polling."""
    if settings.public_url is None:
        return []
    if settings.webhooks_url is None:
        says = "this provider is not known to send any, so PUBLIC_URL is of no use"
        remedy = "If it does, set REPLICATE_HAS_WEBHOOKS to yes."
        return [Finding(Mark.WARNING, _SUBJECT, says, remedy)]
    if settings.public_url.startswith("http:") and settings.replicate_api_url.startswith("https:"):
        says = "PUBLIC_URL is an address of your own network, where the provider does not get"
        remedy = "Give the https address of your reverse proxy."
        return [Finding(Mark.WARNING, _SUBJECT, says, remedy)]
    return [await _secret(settings, client)]


async def _secret(settings: Settings, client: ReplicateClient) -> Finding:
    if settings.webhook_secret is not None:
        says = "asked for, and verified with REPLICATE_WEBHOOK_SECRET"
        return Finding(Mark.GOOD, _SUBJECT, says)
    try:
        await client.webhook_secret()
    except ProviderError as error:
        if error.status in NO_SECRET:
            says = "the provider gives no signing secret, so none is asked for"
            remedy = "Set REPLICATE_WEBHOOK_SECRET if you have it, or leave PUBLIC_URL out."
        else:
            says = "the provider did not give its signing secret just now"
            remedy = "The running bot asks again every minute."
        return Finding(Mark.WARNING, _SUBJECT, says, remedy)
    return Finding(Mark.GOOD, _SUBJECT, "asked for, and verified with the provider's secret")
