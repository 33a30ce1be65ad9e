"""A prediction as the provider tells it, in Replicate's words. Times as in `generation`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.record import Hidden, Record


class PredictionStatus(StrEnum):
    """Replicate's words (one l in "canceled")."""

    STARTING = "starting"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    ABORTED = "aborted"

    @property
    def ended(self) -> bool:
        return self not in (PredictionStatus.STARTING, PredictionStatus.PROCESSING)


class Prediction(Record):
    """A prediction as the provider last described it, already read leniently.

    `output` holds URLs or `data:` URIs, empty while there is none; of a text model, which makes
    none, `text` is what it wrote. `error` is free text. Of its whole life, `total_ms`, it was
    computing for `compute_ms`.
    """

    id: str
    status: PredictionStatus
    output: Hidden[tuple[str, ...]] = ()
    error: str | None = None
    data_removed: bool = False
    compute_ms: int | None = None
    total_ms: int | None = None
    text: Hidden[str] = ""


class Listed(Record):
    """A line of the provider's own list; `input` is empty once the provider has removed it."""

    prediction: Prediction
    model: str
    input: Hidden[Mapping[str, object]]
    created_at: int | None
