"""Watching one prediction: polls, progress, cancel and deadline, until the provider has decided."""

from __future__ import annotations

import asyncio
import logging
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot import wording
from bot.clock import Clock
from bot.domain import Form, Generation, Listed, Prediction, PredictionStatus
from bot.errors import CancelUnsupported, PredictionTimeout, ProviderError
from bot.replicate import polling
from bot.storage.ledger import Ledger
from bot.wording import Phase

log = logging.getLogger(__name__)

#: Polls of a prediction that nobody can cancel and nobody waits for.
SLOW_POLL_SECONDS = 10.0
#: Past durations needed before "usually" is said.
USUAL_SAMPLES = 3


class Predictor(Protocol):
    """The predictions API, as a generation's life needs it; every method raises ProviderError."""

    @property
    def can_cancel(self) -> bool: ...

    @property
    def can_list(self) -> bool: ...

    def listed_since(self, since: int) -> AsyncIterator[Listed]: ...

    async def create(
        self, model: str, input: Mapping[str, str], *, cancel_after: float
    ) -> Prediction: ...

    async def get(self, prediction_id: str) -> Prediction: ...

    async def cancel(self, prediction_id: str) -> None: ...

    async def download(self, url: str) -> bytes: ...


class Reply(Protocol):
    """The one message of a generation; endings are "sent", "gone", "refused" or "later"."""

    @property
    def gone(self) -> bool: ...

    def show(self, content: str, button: str | None) -> None: ...

    async def finish(self, content: str) -> str: ...

    async def deliver(self, form: Callable[[int], Awaitable[Form]]) -> str:
        """`form` makes the last form within so many bytes of image."""

    def stop(self) -> None: ...


@dataclass(slots=True)
class Life:
    """A running generation as this process knows it; `wake` cuts its waits short."""

    reply: Reply
    canceled_by_somebody: bool
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    cancel_sent: bool = False
    usual_seconds: float | None = None
    error: ProviderError | None = None
    #: Known here though the row could not be written yet.
    prediction_id: str | None = None

    @property
    def cancel_requested(self) -> bool:
        """Somebody pressed the button, or removed the message: nobody wants the image."""
        return self.canceled_by_somebody or self.reply.gone

    async def pause(self, clock: Clock, seconds: float) -> None:
        await clock.wait(self.wake, seconds)
        self.wake.clear()


class Watch:
    """Polls predictions; shows each change in the reply."""

    def __init__(
        self, ledger: Ledger, predictor: Predictor, clock: Clock, *, timeout: float
    ) -> None:
        self._ledger = ledger
        self._predictor = predictor
        self._clock = clock
        self._timeout = timeout

    async def until_ended(self, row: Generation, life: Life) -> Prediction | None:
        """The prediction as the provider ended it; its status decides, whatever we asked for.

        None when the deadline passes and the provider gives no answer.
        Raises PredictionTimeout when it passes and the prediction still runs.
        """
        began = row.submitted_at or row.created_at
        deadline = began + round(self._timeout * 1000)
        while True:
            overdue = self._clock.now() >= deadline
            if (life.cancel_requested or overdue) and not life.cancel_sent:
                await self._cancel(row, life)
            prediction = await self._look(row, life)
            if prediction is not None and prediction.status.ended:
                return prediction
            if overdue:
                if prediction is None:
                    return None
                raise PredictionTimeout
            now = self._clock.now()
            left = max(0, deadline - now) / 1000
            await life.pause(self._clock, min(self._delay(life, now - began), left))

    def show(self, row: Generation, life: Life, phase: Phase) -> None:
        """Show where it is, or that it is being canceled (or cannot be)."""
        button: str | None = wording.CANCEL if self._predictor.can_cancel else wording.STOP_WAITING
        if life.cancel_requested:
            phase = Phase.CANCELING if self._predictor.can_cancel else Phase.NOT_WAITING
            button = None
        life.reply.show(wording.progress(row, phase, life.usual_seconds), button)

    async def usual_seconds(self, model: str) -> float | None:
        """How long this model usually takes, once the ledger knows."""
        durations = await self._ledger.recent_durations(model)
        return statistics.median(durations) if len(durations) >= USUAL_SAMPLES else None

    def _delay(self, life: Life, elapsed_ms: int) -> float:
        if life.cancel_requested and not self._predictor.can_cancel:
            return SLOW_POLL_SECONDS
        return polling.delay(elapsed_ms / 1000)

    async def _look(self, row: Generation, life: Life) -> Prediction | None:
        """One poll; None when the provider gave no answer."""
        try:
            prediction = await self._predictor.get(row.prediction_id or "")
        except ProviderError as error:
            log.info("poll failed", extra=fields(row, error))
            self.show(row, life, Phase.UNREACHABLE)
            return None
        if not prediction.status.ended:
            starting = prediction.status is PredictionStatus.STARTING
            self.show(row, life, Phase.STARTING if starting else Phase.GENERATING)
        return prediction

    async def _cancel(self, row: Generation, life: Life) -> None:
        life.cancel_sent = True
        if not self._predictor.can_cancel:
            return
        try:
            await self._predictor.cancel(row.prediction_id or "")
        except CancelUnsupported:
            log.info("provider has no cancel", extra=fields(row))
        except ProviderError as error:
            life.cancel_sent = False  # asked again at the next poll
            log.info("cancel failed", extra=fields(row, error))


def fields(row: Generation, error: ProviderError | None = None) -> dict[str, object]:
    """What an operator may read of it: ids of ours, never a prompt or a person."""
    known: dict[str, object] = {"generation": row.id, "status": row.status.value}
    if error is not None:
        detail = error.detail.replace(row.request.prompt, "‹prompt›")
        known |= {"reason": error.code, "http": error.status, "detail": detail}
    return known
