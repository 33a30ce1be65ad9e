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
from bot.domain import Delivery, Form, Generation, Listed, Prediction, PredictionStatus
from bot.errors import CancelUnsupported, PredictionTimeout, ProviderError, RateLimited
from bot.replicate import polling
from bot.storage.ledger import Ledger
from bot.wording import Phase

log = logging.getLogger(__name__)

#: Polls of a prediction that nobody can cancel and nobody waits for.
SLOW_POLL_SECONDS = 10.0
#: After its deadline a prediction has been canceled, and may still end as it likes for so long.
CANCEL_PATIENCE_MS = 60_000
#: Where there is no cancel, or no answer: Replicate itself ends predictions after 30 minutes.
END_PATIENCE_MS = 20 * 60_000
#: HTTP statuses whose texts are about the account or the service, not about what was typed.
_LOGGED_DETAIL = frozenset({401, 402, 404, 429})
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
    """The one message of a generation; its ends say what became of them."""

    @property
    def gone(self) -> bool: ...

    def show(self, content: str, button: str | None) -> None: ...

    async def finish(self, content: str) -> Delivery: ...

    async def deliver(self, form: Callable[[int], Awaitable[Form]]) -> Delivery:
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
    #: Whether the row knows where its message is.
    recorded: bool = True
    #: How often the provider said "not now", and how many seconds it wants no poll.
    put_off: int = 0
    rest_seconds: float = 0.0

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

        None when the deadline is long past and the provider gives no answer.
        Raises PredictionTimeout when it is past and the prediction still runs.
        """
        began = row.submitted_at or row.created_at
        deadline = began + round(self._timeout * 1000)
        overdue_since: int | None = None
        while True:
            if self._clock.now() >= deadline:
                overdue_since = overdue_since or self._clock.now()
            if (life.cancel_requested or overdue_since) and not life.cancel_sent:
                await self._cancel(row, life)
            prediction = await self._look(row, life)
            if prediction is not None and prediction.status.ended:
                return prediction
            now = self._clock.now()
            if overdue_since is not None and now >= overdue_since + self._patience_ms(prediction):
                if prediction is None:
                    return None
                raise PredictionTimeout
            await life.pause(self._clock, self._delay(life, now - began, deadline - now))

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

    def _patience_ms(self, prediction: Prediction | None) -> int:
        """How long past the deadline the provider may still decide.

        Counted from the first look past it in this process: the bot may have been away.
        """
        if prediction is not None and self._predictor.can_cancel:
            return CANCEL_PATIENCE_MS
        return END_PATIENCE_MS

    def _delay(self, life: Life, elapsed_ms: int, left_ms: int) -> float:
        rest, life.rest_seconds = life.rest_seconds, 0.0
        if left_ms <= 0 or (life.cancel_requested and not self._predictor.can_cancel):
            return max(rest, SLOW_POLL_SECONDS)
        return max(rest, min(polling.delay(elapsed_ms / 1000), left_ms / 1000))

    async def _look(self, row: Generation, life: Life) -> Prediction | None:
        """One poll; None when the provider gave no answer."""
        try:
            prediction = await self._predictor.get(row.prediction_id or "")
        except ProviderError as error:
            log.info("poll failed", extra=fields(row, error))
            if isinstance(error, RateLimited):
                life.rest_seconds = error.retry_after
                return None
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
        known |= {"reason": error.code, "http": error.status}
        if error.status is not None and (error.status in _LOGGED_DETAIL or error.status >= 500):
            known["detail"] = error.detail
    return known
