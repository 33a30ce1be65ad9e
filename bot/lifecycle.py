"""The steps of a generation's life. Each takes the row in one status and returns it in the next.

A restart enters at whatever status it finds. A step that loses a race gets None from the ledger
and stops; what the provider may have accepted is never sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from bot import errors, images, wording
from bot.clock import Clock
from bot.domain import Form, Generation, Image, Prediction, PredictionStatus, Status
from bot.errors import (
    CreateUnknown,
    PredictionCanceled,
    PredictionTimeout,
    ProviderError,
    ProviderTrouble,
    RateLimited,
)
from bot.reconcile import Reconciler, Verdict
from bot.replicate.problems import failure
from bot.storage.ledger import Ledger
from bot.watch import Life, Predictor, Reply, Watch, fields
from bot.wording import Phase

log = logging.getLogger(__name__)

#: Nobody waits longer than this for a turn.
QUEUE_DEADLINE_MS = 10 * 60_000
#: An image that Discord will not take is tried again for this long, then kept.
DELIVERY_DEADLINE_MS = 24 * 3_600_000
#: Output files are fetched this often before the prediction counts as failed.
DOWNLOAD_ATTEMPTS = 3
#: Images in memory at once, whatever the number of requests.
IN_DELIVERY = 8
#: After trouble (Discord's, or our own full disk) a step is tried again this much later.
RETRY_SECONDS = 10.0
#: Waits between attempts to say how a generation ended; after the last one it stays unsaid.
TELL_PAUSES = (2.0, 10.0, 60.0)


class Lifecycle:
    """Moves one generation at a time from where it is to its end."""

    def __init__(
        self,
        ledger: Ledger,
        predictor: Predictor,
        store: images.ImageStore,
        replies: Callable[[Generation], Reply],
        clock: Clock,
        *,
        timeout: float,
    ) -> None:
        self._ledger = ledger
        self._predictor = predictor
        self._store = store
        self._replies = replies
        self._clock = clock
        self._timeout = timeout
        self._watching = Watch(ledger, predictor, clock, timeout=timeout)
        self._reconciler = Reconciler(ledger, predictor, clock)
        self._in_delivery = asyncio.Semaphore(IN_DELIVERY)

    def life(self, generation: Generation) -> Life:
        """A new life for the row, in this process."""
        return Life(self._replies(generation), generation.cancel_requested_at is not None)

    async def form(self, row: Generation, limit: int) -> Form | None:
        """The reply's last form from what is stored; None where it is not (any more)."""
        async with self._in_delivery:
            try:
                image = await asyncio.to_thread(self._store.read, row.image_name or "")
                return await _form(row, image, limit)
            except (OSError, ProviderTrouble):
                return None

    async def live(self, generation: Generation, life: Life) -> None:
        """Carry the row to its end, whatever happens on the way."""
        try:
            row = await self._to_its_end(generation, life)
            if row is not None and row.request.token:
                await self._tell(row, life)
        finally:
            life.reply.stop()

    async def _to_its_end(self, row: Generation, life: Life) -> Generation | None:
        """None: it went to another owner, or it has failed to move for a day."""
        steps = {
            Status.QUEUED: self._submit,
            Status.SUBMITTING: self._reconcile,
            Status.RUNNING: self._watch,
            Status.DELIVERING: self._deliver,
        }
        while not row.status.ended:
            try:
                after = await steps[row.status](row, life)
            except Exception:  # ours (a full disk, a bug): the row is as it was, so try it again
                log.exception("step failed", extra=fields(row))
                if self._clock.now() >= row.created_at + DELIVERY_DEADLINE_MS:
                    return None
                await life.pause(self._clock, RETRY_SECONDS)
                after = await self._ledger.find(row.id)
            if after is None:
                return None
            row = after
        return row

    async def _tell(self, row: Generation, life: Life) -> None:
        """Say how it ended. The token is erased only then, so a restart knows what is untold."""
        text = wording.ended(row, life.error or errors.by_code(row.error))
        for pause in TELL_PAUSES:
            if await life.reply.finish(text) != "later":
                break
            await self._clock.wait(asyncio.Event(), pause)
        await self._ledger.told(row)

    async def _submit(self, row: Generation, life: Life) -> Generation | None:
        now = self._clock.now()
        if life.cancel_requested:
            return await self._end(row, Status.CANCELED, bought=False)
        if now >= row.created_at + QUEUE_DEADLINE_MS:
            return await self._end(row, Status.EXPIRED, bought=False)
        life.usual_seconds = await self._watching.usual_seconds(row.request.model)
        self._watching.show(row, life, Phase.WAITING if row.not_before else Phase.STARTING)
        if row.not_before is not None and now < row.not_before:
            await life.pause(self._clock, (row.not_before - now) / 1000)
            return row
        submitted = await self._ledger.submit(row, now=now)
        if submitted is None:
            return await self._canceled_meanwhile(row, life)
        try:
            prediction = await self._predictor.create(
                row.request.model, row.request.input, cancel_after=self._timeout
            )
        except RateLimited as error:
            wait_ms = round(error.retry_after * 1000)
            return await self._ledger.requeue(submitted, not_before=self._clock.now() + wait_ms)
        except CreateUnknown as error:
            log.warning("create unanswered", extra=fields(submitted, error))
            return submitted
        except ProviderError as error:
            return await self._fail(submitted, life, error, bought=False)
        log.info("prediction created", extra=fields(submitted) | {"prediction": prediction.id})
        life.prediction_id = prediction.id
        return await self._ledger.attach(submitted, prediction.id)

    async def _canceled_meanwhile(self, row: Generation, life: Life) -> Generation | None:
        """Not ours to submit: it was canceled a moment ago, or has another owner."""
        found = await self._ledger.find(row.id)
        if found is None or found.owner_epoch != row.owner_epoch:
            return None
        life.canceled_by_somebody = found.cancel_requested_at is not None
        return found

    async def _reconcile(self, row: Generation, life: Life) -> Generation | None:
        """The create may have been accepted: look it up, never buy again."""
        if life.prediction_id is not None:  # it was answered, but could not be recorded
            return await self._ledger.attach(row, life.prediction_id)
        self._watching.show(row, life, Phase.CHECKING)
        verdict = await self._reconciler.settle(row, life)
        if verdict is Verdict.ABSENT:
            return await self._fail(row, life, ProviderTrouble(), bought=False)
        if verdict is Verdict.UNKNOWABLE:
            return await self._end(row, Status.UNKNOWN, bought=True)
        return verdict

    async def _watch(self, row: Generation, life: Life) -> Generation | None:
        if life.usual_seconds is None:
            life.usual_seconds = await self._watching.usual_seconds(row.request.model)
        try:
            prediction = await self._watching.until_ended(row, life)
        except PredictionTimeout as error:
            return await self._fail(row, life, error, bought=True)
        if prediction is None:
            return await self._end(row, Status.UNKNOWN, bought=True)
        if prediction.status is PredictionStatus.SUCCEEDED and prediction.output:
            return await self._fetch(row, life, prediction)
        reason = failure(prediction, row.request.model)
        billed = prediction.status is not PredictionStatus.ABORTED  # it never began
        if isinstance(reason, PredictionCanceled) and life.cancel_requested:
            return await self._end(row, Status.CANCELED, bought=billed)
        if isinstance(reason, PredictionCanceled) and life.cancel_sent:
            reason = PredictionTimeout()
        return await self._fail(row, life, reason, bought=billed)

    async def _fetch(
        self, row: Generation, life: Life, prediction: Prediction
    ) -> Generation | None:
        """Bytes first, then the row: the provider deletes its copy after an hour."""
        async with self._in_delivery:
            try:
                image = await self._download(prediction.output[0])
            except ProviderError as error:
                return await self._fail(row, life, error, bought=True)
            name = await asyncio.to_thread(self._store.write, row.id, image)
            return await self._ledger.store(
                row, image, name, now=self._clock.now(), compute_ms=prediction.compute_ms
            )

    async def _download(self, url: str) -> Image:
        for attempt in range(1, DOWNLOAD_ATTEMPTS + 1):
            try:
                return await asyncio.to_thread(images.inspect, await self._predictor.download(url))
            except ProviderTrouble:
                if attempt == DOWNLOAD_ATTEMPTS:
                    raise
                await self._clock.wait(asyncio.Event(), attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _deliver(self, row: Generation, life: Life) -> Generation | None:
        async with self._in_delivery:
            try:
                image = await asyncio.to_thread(self._store.read, row.image_name or "")
                outcome = await life.reply.deliver(partial(_form, row, image))
            except (FileNotFoundError, ProviderTrouble):
                log.exception("stored image unusable", extra=fields(row))
                return await self._fail(row, life, ProviderTrouble(), bought=True)
        if outcome == "later" and self._clock.now() < row.created_at + DELIVERY_DEADLINE_MS:
            await life.pause(self._clock, RETRY_SECONDS)
            return row
        delivered = outcome == "sent"
        return await self._end(row, Status.DELIVERED if delivered else Status.KEPT, bought=True)

    async def _fail(
        self, row: Generation, life: Life, error: ProviderError, *, bought: bool
    ) -> Generation | None:
        life.error = error
        return await self._end(row, Status.FAILED, bought=bought, error=error)

    async def _end(
        self, row: Generation, to: Status, *, bought: bool, error: ProviderError | None = None
    ) -> Generation | None:
        level = logging.INFO if error is None else logging.WARNING
        log.log(level, "generation ended", extra=fields(row, error) | {"outcome": to.value})
        return await self._ledger.finish(
            row, to, now=self._clock.now(), bought=bought, error=error.code if error else None
        )


async def _form(row: Generation, image: Image, limit: int) -> Form:
    """The reply's last form, with the image in at most `limit` bytes."""
    fitted = await asyncio.to_thread(images.fit, image, limit)
    words = wording.finished(row, shrunk=fitted.shrunk)
    return Form(words, fitted.image, wording.alt_text(row.request))
