"""The steps of a generation's life. Each takes the row in one status and returns it in the next.

A restart enters at whatever status it finds. A step that loses a race gets None from the ledger
and stops; what the provider may have accepted is never sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from bot import wording
from bot.clock import Clock
from bot.domain.generation import Delivery, Generation, Status
from bot.domain.prediction import Prediction, PredictionStatus
from bot.errors import PredictionCanceled, PredictionTimeout, ProviderError, ProviderTrouble
from bot.generation import milestones
from bot.generation.batch import Reply
from bot.generation.ending import Endings
from bot.generation.gallery import UNUSABLE, Gallery
from bot.generation.lives import begun
from bot.generation.logged import fields
from bot.generation.purchase import Budgets, Purchases, judge
from bot.generation.reconcile import Reconciler, Verdict
from bot.generation.review import Review
from bot.generation.turns import Turns
from bot.generation.watch import Life, Predictor, Watch
from bot.policy import Rules
from bot.record import replace
from bot.refusals.pictures import Failure
from bot.replicate.problems import about_the_model, failure
from bot.storage.books import GIVEN_UP
from bot.storage.ledger import Ledger
from bot.wording import Phase

log = logging.getLogger(__name__)

#: Whoever has no turn after this long is told where they stand, and then again now and then.
PATIENCE_SECONDS, STAND_SECONDS = 1.0, 15.0
#: Nobody waits longer than this for a turn.
QUEUE_DEADLINE_MS = 10 * 60_000
#: An image that Discord will not take is tried again for this long, then kept.
DELIVERY_DEADLINE_MS = 24 * 3_600_000
#: After trouble (Discord's, or our own full disk) a step is tried again this much later.
RETRY_SECONDS = 10.0


class Lifecycle:
    """Moves one generation at a time from where it is to its end."""

    def __init__(
        self,
        ledger: Ledger,
        predictor: Predictor,
        gallery: Gallery,
        review: Review,
        replies: Callable[[Generation], Reply],
        clock: Clock,
        budgets: Budgets,
        rules: Rules,
    ) -> None:
        self._breaker, timeout = budgets.breaker, rules.generation_timeout
        self._ledger = ledger
        self._gallery = gallery
        self._review = review
        self._intake = review.intake
        self._replies = replies
        self._clock = clock
        self._watching = Watch(ledger, predictor, clock, budgets.webhooks, timeout=timeout)
        complete = review.intake.input
        self._purchases = Purchases(ledger, predictor, complete, clock, budgets, timeout=timeout)
        self._turns = Turns(ledger, self._purchases, clock, budgets, rules.capacity)
        self._reconciler = Reconciler(ledger, predictor, clock, shared=budgets.are_shared)
        self.endings = Endings(ledger, gallery, clock, rules.long_wait_seconds)
        self._closing = False

    def lives(self, rows: Sequence[Generation], siblings: Sequence[Generation] = ()) -> list[Life]:
        """New lives in this process, as `bot.generation.lives` begins them."""
        return begun(rows, siblings, self._replies(rows[0]), self._clock)

    def closing(self) -> None:
        """From now on nothing is bought; what was bought goes on."""
        self._closing = True

    async def closed(self) -> None:
        """Wait for the answers to creates that are under way: their ids must not be lost."""
        await self._turns.close()
        await self._purchases.answered()
        self._gallery.close()
        self._intake.close()

    async def live(self, generation: Generation, life: Life) -> None:
        """Carry the row to its end, whatever happens on the way."""
        try:
            row = await self._to_its_end(generation, life)
            if row is not None and row.request.token:
                await self.endings.tell(row, life)
            await self.endings.over(generation.id, row, life)
        finally:
            self._turns.forget(generation.id, life)
            self._gallery.forget(generation.id)
            if life.batch is None:
                life.reply.stop()
            else:
                life.batch.leave(generation.id)
        await self._review.look(generation)

    async def _to_its_end(self, row: Generation, life: Life) -> Generation | None:
        """None: it went to another owner, or goes on at the next start."""
        steps = {
            Status.PROPOSED: self._at_desk,
            Status.QUEUED: self._queue,
            Status.SUBMITTING: self._reconcile,
            Status.RUNNING: self._watch,
            Status.REVIEWING: self._at_desk,
            Status.APPEALING: self._at_desk,
            Status.DELIVERING: self._deliver,
        }
        troubled, late = False, False
        while not row.status.ended:
            life.status = row.status
            try:
                if troubled:
                    if (found := await self._found(row) or row).owner_epoch != row.owner_epoch:
                        return None
                    row, troubled = found, False
                    continue
                after = await (self._give_up(row) if late else steps[row.status](row, life))
                if after is None:
                    after = await self._moved(row)
            except Exception:  # ours (a full disk, a bug): the row is as it was, so try it again
                log.exception("step failed", extra=fields(row))
                troubled = True
                late = self._clock.now() >= row.since + DELIVERY_DEADLINE_MS
                await life.pause(self._clock, RETRY_SECONDS)
                continue
            self._turns.stir()
            if after is None:
                return None
            milestones.passed(row, after, life, self._clock.now())
            row = after
        return row

    async def _found(self, row: Generation) -> Generation | None:
        """The row as it is; where its reply is may not have been recorded yet."""
        found = await self._ledger.find(row.id)
        return found and replace(found, message_id=found.message_id or row.message_id)

    async def _moved(self, row: Generation) -> Generation | None:
        """A step lost its row: to another owner (None), or to another step of this very life."""
        found = await self._found(row)
        if found is None or found.owner_epoch != row.owner_epoch or found.status is row.status:
            return None
        return None if found.status.ended or row.status.at_desk else found

    async def _give_up(self, row: Generation) -> Generation | None:
        """Its step has failed for a day: end it by what is known."""
        to, bought = GIVEN_UP.get(row.status, (Status.UNKNOWN, True))
        return await self._end(row, to, bought=bought)

    async def _at_desk(self, row: Generation, life: Life) -> Generation | None:
        """A moderator decides, and no life waits for that: until then it may be canceled."""
        if life.error is None and not life.cancel_requested:
            return await self._review.step(row, life)
        to = Status.FAILED if life.error else Status.CANCELED  # failed: no picture to start from
        to = Status.REJECTED if row.status is Status.APPEALING else to  # whoever asked is erased
        return await self._end(row, to, bought=row.status is not Status.PROPOSED, error=life.error)

    async def _queue(self, row: Generation, life: Life) -> Generation | None:
        """Have its pictures ready, stand in line, then be bought."""
        if life.error is not None:  # they cannot be had
            return await self._fail(row, life, life.error, bought=False)
        await self._watching.pace(row, life)  # before its turn: nothing may fail beside a purchase
        deadline = row.since + QUEUE_DEADLINE_MS
        late = self._clock.now() >= deadline
        if life.cancel_requested or late or self._closing:
            buying = await self._turns.leave(row)
            if buying is None and self._closing and not life.cancel_requested:
                await self._ledger.acknowledged(row)
                return None
            if buying is None:
                end = Status.CANCELED if life.cancel_requested else Status.EXPIRED
                return await self._end(row, end, bought=False)
        elif not self._intake.is_ready(row, life):
            self._watching.show(row, life, Phase.PICTURE)
            return await self._intake.step(row, life)
        else:
            left = (deadline - self._clock.now()) / 1000
            patience = STAND_SECONDS if life.waits else PATIENCE_SECONDS
            buying = await self._turns.wait(row, life, min(patience, left))
        if buying is None:
            await self._stand(row, life)
            return row
        self._watching.show(row, life, Phase.ASKING)
        return await asyncio.shield(buying)

    async def _stand(self, row: Generation, life: Life) -> None:
        """Say where in the line it is, and when its turn should come."""
        if not life.waits:  # who has a turn at once is recorded with the prediction's id
            await self._ledger.acknowledged(row)
            life.waits = True
        usual = (await self._watching.pace(row, life)).usual_seconds
        turn, begins_at = await self._turns.stand(row, usual)
        self._watching.show(row, life, Phase.WAITING, wording.standing(row, turn, begins_at))

    async def _reconcile(self, row: Generation, life: Life) -> Generation | None:
        """The create may have been accepted: look it up, never buy again."""
        buying = await self._turns.leave(row)
        if buying is not None:  # its turn came while an earlier step was in trouble
            return await asyncio.shield(buying)
        if life.error is not None:  # it was refused
            return await self._refused(row, life, life.error)
        if life.prediction_id is not None:  # it was answered, but that could not be recorded
            return await self._ledger.attach(row, life.prediction_id)
        if life.not_before is not None:  # it was put off, but that could not be recorded
            return await self._ledger.requeue(row, not_before=life.not_before)
        self._watching.show(row, life, Phase.CHECKING)
        verdict = await self._reconciler.settle(row, life)
        if verdict is Verdict.ABSENT:
            return await self._fail(row, life, ProviderTrouble(), bought=False)
        if verdict is Verdict.UNKNOWABLE:
            return await self._end(row, Status.UNKNOWN, bought=True)
        return verdict

    async def _refused(self, row: Generation, life: Life, error: Failure) -> Generation | None:
        """Its stand-in's turn, where it has one and the model was the trouble; else the end.

        What a safety filter refused is not tried elsewhere, and no other model has more credit.
        """
        if row.request.stand_in is None or not about_the_model(error, row.request.options):
            return await self._fail(row, life, error, bought=False)
        log.warning("model stands in", extra=fields(row, error))
        after = await self._ledger.stand_in(row)
        self._breaker.put_off(row.id)  # it says nothing of the provider: the next one may probe
        life.error = life.pace = None
        return after

    async def _watch(self, row: Generation, life: Life) -> Generation | None:
        try:
            prediction = await self._watching.until_ended(row, life)
        except PredictionTimeout as error:
            return await self._fail(row, life, error, bought=True)
        if prediction is None:
            return await self._end(row, Status.UNKNOWN, bought=True)
        if prediction.status is PredictionStatus.SUCCEEDED and prediction.output:
            return await self._store(row, life, prediction)
        reason = failure(prediction, row.request.model)
        billed = prediction.status is not PredictionStatus.ABORTED  # it never began
        if isinstance(reason, PredictionCanceled) and life.cancel_requested:
            return await self._end(row, Status.CANCELED, bought=billed)
        if isinstance(reason, PredictionCanceled) and life.cancel_sent:
            reason = PredictionTimeout()
        return await self._fail(row, life, reason, bought=billed)

    async def _store(
        self, row: Generation, life: Life, prediction: Prediction
    ) -> Generation | None:
        """Bytes first, then the row: the provider deletes its copy after an hour."""
        try:
            stored = await self._gallery.fetch(row, prediction.output, life)
        except ProviderError as error:
            return await self._fail(row, life, error, bought=True)
        self._breaker.ended(row.id, None, self._clock.now())
        now, took = self._clock.now(), life.took_ms or 0
        return await self._ledger.store(
            row, stored, now=now, compute_ms=prediction.compute_ms, duration_ms=took
        )

    async def _deliver(self, row: Generation, life: Life) -> Generation | None:
        try:
            outcome = await self.endings.deliver(row, life)
        except UNUSABLE as error:
            log.exception("stored image unusable", extra=fields(row))
            reason = error if isinstance(error, ProviderError) else ProviderTrouble()
            return await self._fail(row, life, reason, bought=True)
        late = self._clock.now() >= row.since + DELIVERY_DEADLINE_MS
        if outcome is Delivery.LATER and not late:
            await life.pause(self._clock, RETRY_SECONDS)
            return row
        delivered = outcome is Delivery.SENT
        row = replace(row, published_id=life.reply.published_id)
        return await self._end(row, Status.DELIVERED if delivered else Status.KEPT, bought=True)

    async def _fail(
        self, row: Generation, life: Life, error: Failure, *, bought: bool
    ) -> Generation | None:
        life.error = error
        return await self._end(row, Status.FAILED, bought=bought, error=error)

    async def _end(
        self, row: Generation, to: Status, *, bought: bool, error: Failure | None = None
    ) -> Generation | None:
        ended = await self._ledger.finish(
            row, to, now=self._clock.now(), bought=bought, error=error.code if error else None
        )
        judge(self._breaker, row, to, error, self._clock.now())
        return ended
