"""Webhooks: what they are signed with, and whether one was signed so, and lately."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.prediction import Prediction
from bot.errors import ProviderTrouble
from bot.replicate.body import loads
from bot.replicate.origin import Origin
from bot.replicate.prediction import parse
from bot.replicate.problems import problem
from bot.replicate.signing import is_secret

#: Statuses of a provider that has no webhooks, or none for this account; 200 is a gateway's home
#: page.
NO_SECRET = frozenset({200, 403, 404, 405, 501})
_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


async def secret(origin: Origin) -> str:
    """The key that this account's webhooks are signed with.

    Raises ProviderError, its `status` one of NO_SECRET where the provider has none to give.
    """
    answer = await origin.call("GET", "/webhooks/default/secret")
    if not answer.accepted:
        raise problem(answer.status, answer.text, answer.headers)
    key = answer.body.get("key") if isinstance(answer.body, Mapping) else None
    if not isinstance(key, str) or not is_secret(key):
        raise ProviderTrouble("The answer has no signing secret.", answer.status)
    return key


def is_signed(key: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether these are its headers by Standard Webhooks, no older than five minutes (nor newer).

    The library compares in constant time and knows the bound; malformed headers make it raise
    whatever happens to be raised.
    """
    from standardwebhooks import (  # noqa: PLC0415 - most bots have no webhooks
        Webhook,
        WebhookVerificationError,
    )

    given = {name: headers.get(name, "") for name in _HEADERS}
    try:
        Webhook(key).verify(body, given, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True


def told(body: bytes) -> Prediction | None:
    """The prediction that a webhook is about, as it was when that was sent."""
    try:
        return parse(loads(body.decode("utf-8", "replace")))
    except ProviderTrouble:
        return None
