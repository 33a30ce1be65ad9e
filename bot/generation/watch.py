"""Watching one prediction: polls, progress, cancel and deadline, until the provider has decided."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Protocol

from bot import wording
from bot.clock import Clock
from bot.domain.generation import Generation, Status
from bot.domain.prediction import Listed, Prediction, PredictionStatus
from bot.errors import (
    CancelUnsupported,
    PredictionNotFound,
    PredictionTimeout,
    ProviderError,
    RateLimited,
)
from bot.generation.batch import Batch, Reply
from bot.generation.logged import fields
from bot.generation.pace import Pace, Paces
from bot.generation.webhooks import Webhooks
from bot.language import _
from bot.record import State, field
from bot.refusals.pictures import Failure
from bot.replicate.polling import Schedule
from bot.storage.ledger import Ledger
from bot.wording import Phase

log = logging.getLogger(__name__)

#: Polls of a prediction that nobody can cancel and nobody waits for.
SLOW_POLL_SECONDS = 10.0
#: After its deadline a prediction has been canceled, and may still end as it likes for so long.
CANCEL_PATIENCE_MS = 60_000
#: Where there is no cancel, or no answer: Replicate itself ends predictions after 30 minutes.
END_PATIENCE_MS = 20 * 60_000
#: A prediction that the provider says it does not know, again and again for so long, is lost.
LOST_AFTER_MS = 60_000
#: Told by a webhook that it has ended, and not so yet when looked at: it is looked at this often.
TOLD_POLL_SECONDS = 1.0
#: A provider's account of a duration that ends so much later than now is not believed.
SKEW_MS = 2_000


class Predictor(Protocol):
    """The predictions API, as a generation's life needs it; every method raises ProviderError."""

    @property
    def can_cancel(self) -> bool: ...

    @property
    def can_list(self) -> bool: ...

    def listed_since(self, since: int) -> AsyncIterator[Listed]: ...

    async def create(
        self,
        model: str,
        input: Mapping[str, object],
        *,
        cancel_after: float,
        webhook: str | None = None,
    ) -> Prediction: ...

    @property
    def can_upload(self) -> bool: ...

    async def upload(self, name: str, media_type: str, content: bytes) -> str: ...

    async def get(self, prediction_id: str) -> Prediction: ...

    async def cancel(self, prediction_id: str) -> None: ...

    def download(self, url: str) -> AsyncGenerator[bytes, None]: ...


class Life(State):
    """A running generation as this process knows it; `wake` cuts its waits short.

    `batch`: those it shares its reply with.
    """

    reply: Reply
    canceled_by_somebody: bool
    batch: Batch | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    cancel_sent: bool = False
    pace: Pace | None = None
    error: Failure | None = None
    #: Where the provider has its pictures; "" for what is sent in the input itself. None: not yet.
    addresses: tuple[str, ...] | None = None
    #: Known here though the row could not be written yet: its prediction, or that it was put off.
    prediction_id: str | None = None
    not_before: int | None = None
    #: Whether its create was sent from here, and nobody answered it.
    unanswered: bool = False
    #: Whether it has stood in line for so long that it was told so.
    waits: bool = False
    #: How many seconds the provider wants no poll; when it was last heard of, and since when the
    #: provider says that there is no such prediction.
    rest_seconds: float = 0.0
    seen_at: int | None = None
    missing_since: int | None = None
    #: Whether a webhook is to tell the end, and has told it; or must not be asked for again.
    hooked: bool = False
    told: bool = False
    hookless: bool = False
    #: Where its row is, and how long the provider took for it, once it is done.
    status: Status | None = None
    took_ms: int | None = None
    #: What was last to be shown: what it is about, the words, the button.
    said: tuple[tuple[Phase, str, bool, bool], str, str | None] | None = None

    @property
    def cancel_requested(self) -> bool:
        """Somebody pressed the button, or removed the message: nobody wants the image."""
        return self.canceled_by_somebody or self.reply.gone

    def tell(self) -> None:
        """The provider says that it has ended: look. Said again, it is no news."""
        if not self.told:
            self.told = True
            self.wake.set()

    async def pause(self, clock: Clock, seconds: float) -> None:
        await clock.wait(self.wake, seconds)
        self.wake.clear()


class Watch:
    """Polls predictions; shows each change in the reply."""

    def __init__(
        self,
        ledger: Ledger,
        predictor: Predictor,
        clock: Clock,
        webhooks: Webhooks,
        *,
        timeout: float,
    ) -> None:
        self._predictor = predictor
        self._clock = clock
        self._webhooks = webhooks
        self._timeout = timeout
        self._paces = Paces(ledger, clock)

    async def until_ended(self, row: Generation, life: Life) -> Prediction | None:
        """The prediction as the provider ended it; its status decides, whatever we asked for.

        None when the deadline is long past and the provider gives no answer, or when it does not
        know the prediction (any more).
        Raises PredictionTimeout when it is past and the prediction still runs.
        """
        began = row.submitted_at or row.created_at
        deadline = began + round(self._timeout * 1000)
        overdue_since: int | None = None
        schedule = (await self.pace(row, life)).schedule
        at_once = life.seen_at is None or life.cancel_requested
        if not at_once:  # accepted a moment ago; if the model has to start first, a poll will tell
            self.show(row, life, Phase.GENERATING)
        at_once, untold = at_once or life.told, False
        while True:
            if not at_once:
                untold = await self._pause(life, schedule, began, deadline)
            at_once = False
            if self._clock.now() >= deadline:
                overdue_since = overdue_since or self._clock.now()
            if (life.cancel_requested or overdue_since) and not life.cancel_sent:
                await self._cancel(row, life)
            prediction = await self._look(row, life)
            if prediction is not None and prediction.status.ended:
                if untold and not (life.told or life.cancel_requested):
                    self._webhooks.missed()
                life.took_ms = self._duration_ms(row, life, prediction)
                return prediction
            if self._is_given_up(life, prediction, overdue_since):
                if prediction is None:
                    return None
                raise PredictionTimeout

    async def pace(self, row: Generation, life: Life) -> Pace:
        """What is known of the model's speed, asked once a life."""
        life.pace = life.pace or await self._paces.of(row.request.model)
        return life.pace

    def _duration_ms(self, row: Generation, life: Life, prediction: Prediction) -> int:
        """How long it took: by the provider's account, else until its webhook, or between polls."""
        now, began = self._clock.now(), row.submitted_at or row.created_at
        if prediction.total_ms is not None and began + prediction.total_ms <= now + SKEW_MS:
            return prediction.total_ms
        still_ran = now if life.told else max(life.seen_at or began, began)
        return (still_ran + now) // 2 - began

    def _is_given_up(
        self, life: Life, prediction: Prediction | None, overdue_since: int | None
    ) -> bool:
        now = self._clock.now()
        if life.missing_since is not None and now >= life.missing_since + LOST_AFTER_MS:
            return True
        return overdue_since is not None and now >= overdue_since + self._patience_ms(prediction)

    def show(self, row: Generation, life: Life, phase: Phase, standing: str = "") -> None:
        """Show where it is, or that it is being canceled (or cannot be)."""
        about = (phase, standing, life.cancel_requested, self._predictor.can_cancel)
        if life.said is None or life.said[0] != about:  # every poll asks, few bring news
            life.said = (about, *self._words(row, life, phase, standing))
        if life.batch is None:
            life.reply.show(*life.said[1:])
        else:
            life.batch.show(row.id, *life.said[1:])

    def _words(
        self, row: Generation, life: Life, phase: Phase, standing: str
    ) -> tuple[str, str | None]:
        stops = self._predictor.can_cancel
        button: str | None = _(wording.CANCEL if stops else wording.STOP_WAITING)
        if life.cancel_requested:
            phase = Phase.CANCELING if stops else Phase.NOT_WAITING
            button = None
        usual = life.pace.usual_seconds if life.pace else None
        return wording.progress(row, phase, usual, standing), button

    def _patience_ms(self, prediction: Prediction | None) -> int:
        """How long past the deadline the provider may still decide.

        Counted from the first look past it in this process: the bot may have been away.
        """
        if prediction is not None and self._predictor.can_cancel:
            return CANCEL_PATIENCE_MS
        return END_PATIENCE_MS

    async def _pause(self, life: Life, schedule: Schedule, began: int, deadline: int) -> bool:
        """Until the next look is due. True: it is one that a webhook should have made needless."""
        waits = life.hooked and not (life.told or life.cancel_requested)
        is_known = life.pace is not None and life.pace.usual_seconds is not None
        doubt = self._webhooks.doubt(is_known=is_known) if waits else None
        now = self._clock.now()
        delay = self._delay(life, schedule, now - began, deadline - now, doubt)
        await life.pause(self._clock, delay)
        return doubt is not None

    def _delay(
        self, life: Life, schedule: Schedule, elapsed_ms: int, left_ms: int, doubt: float | None
    ) -> float:
        rest, life.rest_seconds = life.rest_seconds, 0.0
        if left_ms <= 0 or (life.cancel_requested and not self._predictor.can_cancel):
            return max(rest, SLOW_POLL_SECONDS)
        elapsed = elapsed_ms / 1000
        wait = schedule.delay(elapsed) if doubt is None else schedule.patience(elapsed, doubt)
        if life.told:
            wait = min(wait, TOLD_POLL_SECONDS)
        return max(rest, min(wait, left_ms / 1000))

    async def _look(self, row: Generation, life: Life) -> Prediction | None:
        """One poll; None when the provider gave no answer."""
        try:
            prediction = await self._predictor.get(row.prediction_id or "")
        except ProviderError as error:
            log.info("poll failed", extra=fields(row, error))
            life.seen_at = life.seen_at or self._clock.now()
            if isinstance(error, PredictionNotFound):
                life.missing_since = life.missing_since or self._clock.now()
            if isinstance(error, RateLimited):
                life.rest_seconds = error.retry_after
                return None
            self.show(row, life, Phase.UNREACHABLE)
            return None
        life.missing_since = None
        if not prediction.status.ended:
            life.seen_at = self._clock.now()
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
