"""The provider's own list of predictions: where an unanswered create is looked up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from urllib.parse import parse_qs, quote, urlsplit

from bot.domain.prediction import Listed
from bot.errors import ProviderTrouble
from bot.replicate.origin import Origin
from bot.replicate.prediction import parse
from bot.replicate.problems import problem

#: Pages looked at, 100 predictions each at Replicate: more than its 600 creates a minute can fill
#: between a create and the look at it.
PAGES = 20


async def listed_since(origin: Origin, since: int) -> AsyncIterator[Listed]:
    """Predictions made through the API, newest first, back to `since` (UTC milliseconds).

    The first page is given whole, however old it claims to be: the provider's clock may be off.
    Raises `ProviderError` when the list cannot be had.
    """
    path = "/predictions"
    for _ in range(PAGES):
        answer = await origin.call("GET", path)
        if not answer.accepted:
            raise problem(answer.status, answer.text, answer.headers)
        page = answer.body
        if not isinstance(page, Mapping) or not isinstance(page.get("results"), list):
            raise ProviderTrouble("The answer is not a list of predictions.", answer.status)
        oldest = None
        for body in page["results"]:
            listed = _listed(body)
            if listed is not None:
                oldest = listed.created_at
                yield listed
        cursor = _cursor(page.get("next"))
        if cursor is None or (oldest is not None and oldest < since):
            return
        path = f"/predictions?cursor={quote(cursor, safe='')}"


def _listed(body: object) -> Listed | None:
    """None for what was not made through the API, or cannot be read."""
    if not isinstance(body, Mapping) or body.get("source", "api") != "api":
        return None
    try:
        prediction = parse(body)
    except ProviderTrouble:
        return None
    given = body.get("input")
    return Listed(
        prediction=prediction,
        model=str(body.get("model") or ""),
        input=dict(given) if isinstance(given, Mapping) else {},
        created_at=_ms(body.get("created_at")),
    )


def _ms(value: object) -> int | None:
    try:
        return round(datetime.fromisoformat(str(value)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _cursor(address: object) -> str | None:
    """Only the cursor of `next` is used: the address itself may lead to another company."""
    values = parse_qs(urlsplit(address).query).get("cursor") if isinstance(address, str) else None
    return values[0] if values else None
