"""A prediction as the provider tells it, in Replicate's words. Times as in `generation`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Prediction:
    """A prediction as the provider last described it, already read leniently.

    `output` holds URLs or `data:` URIs, empty while there is none; of a text model, which makes
    none, `text` is what it wrote. `error` is free text. Of its whole life, `total_ms`, it was
    computing for `compute_ms`.
    """

    id: str
    status: PredictionStatus
    output: tuple[str, ...] = ()
    error: str | None = None
    data_removed: bool = False
    compute_ms: int | None = None
    total_ms: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the provider's own list; `input` is empty once the provider has removed it."""

    prediction: Prediction
    model: str
    input: Mapping[str, object]
    created_at: int | None
