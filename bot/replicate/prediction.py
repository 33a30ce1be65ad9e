"""A prediction's body, read leniently: real ones break the published schema in many ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.domain.prediction import Prediction, PredictionStatus
from bot.errors import ProviderTrouble
from bot.replicate.body import clean

#: Real ids have 26 characters; a longer one than this is not an id.
ID_LIMIT = 200
#: Models return a string, a list, a list of lists or a dictionary of lists; none nests deeper.
OUTPUT_DEPTH = 4
#: Characters of a text model's answer that are read; one token may be a list's element.
TEXT_LIMIT = 100_000
#: No prediction computes longer: `Cancel-After`, the longest deadline there is, ends at 24 h.
COMPUTE_LIMIT_SECONDS = 24 * 3600.0

_ALIASES = {
    # The documentation's samples say "successful"; no recorded body does.
    "successful": PredictionStatus.SUCCEEDED,
    "cancelled": PredictionStatus.CANCELED,
}
_ADDRESSES = ("https://", "http://", "data:")


def parse(body: object, *, known_id: str | None = None) -> Prediction:
    """The prediction in a decoded JSON `body`.

    With `known_id` (a poll) the id in the body is not needed, but a status is: without one, any
    JSON object would look like a prediction that never ends.

    Raises `ProviderTrouble` if the body is not a prediction.
    """
    if not isinstance(body, Mapping):
        raise ProviderTrouble("The answer is not a JSON object.")
    status = body.get("status")
    if known_id is not None and not isinstance(status, str):
        raise ProviderTrouble("The answer has no prediction status.")
    output = tuple(_addresses(body.get("output"), OUTPUT_DEPTH))
    return Prediction(
        id=known_id or _id(body.get("id")),
        status=_status(status),
        output=output,
        text="" if output else _text(body.get("output")),
        error=_error(body.get("error")),
        data_removed=body.get("data_removed") is True,
        compute_ms=_compute_ms(body),
        total_ms=_ms(_span(body.get("created_at"), body.get("completed_at"))),
    )


def _id(value: object) -> str:
    """Ids go into addresses: "." and ".." cannot be quoted there, so they are not ids."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if (
        isinstance(text, str)
        and 0 < len(text) <= ID_LIMIT
        and text.isascii()
        and text.isprintable()
        and text not in (".", "..")
    ):
        return text
    raise ProviderTrouble("The answer has no prediction id.")


def _status(value: object) -> PredictionStatus:
    """Unknown words count as processing: the deadline ends what never ends by itself."""
    word = value.strip().lower() if isinstance(value, str) else "starting"
    try:
        return PredictionStatus(word)
    except ValueError:
        return _ALIASES.get(word, PredictionStatus.PROCESSING)


def _addresses(value: object, depth: int) -> Iterator[str]:
    """Every URL and `data:` URI in `value`, in order; anything else is not an image."""
    if isinstance(value, str):
        if value[:8].lower().startswith(_ADDRESSES):
            yield value
    elif depth > 0 and isinstance(value, list | Mapping):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _addresses(item, depth - 1)


def _text(value: object) -> str:
    """What a text model wrote: a string, or its pieces in a list."""
    pieces = value if isinstance(value, list) else [value]
    return "".join(each for each in pieces if isinstance(each, str))[:TEXT_LIMIT]


def _error(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("message") or value.get("detail") or value.get("code") or "unspecified"
    if value is None or value == "":
        return None
    return clean(value if isinstance(value, str) else repr(value)) or None


def _compute_ms(body: Mapping[str, object]) -> int | None:
    """`metrics.predict_time`, else completed minus started.

    Both are the same figure: a recorded cancellation has 15.375980 → 15.504128 s and a
    predict_time of 0.128148.
    """
    metrics = body.get("metrics")
    seconds = metrics.get("predict_time") if isinstance(metrics, Mapping) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        seconds = _span(body.get("started_at"), body.get("completed_at"))
    return _ms(seconds)


def _ms(seconds: float | None) -> int | None:
    """None for what no prediction can have taken."""
    # The comparison is false for NaN and for both infinities.
    if seconds is None or not 0 <= seconds <= COMPUTE_LIMIT_SECONDS:
        return None
    return round(seconds * 1000)


def _span(start: object, end: object) -> float | None:
    if not isinstance(start, str) or not isinstance(end, str):
        return None
    try:
        # Nine fractional digits, as some bodies have, are read since Python 3.11.
        return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    except (ValueError, TypeError, OverflowError):  # TypeError: one has a time zone, one has none
        return None
