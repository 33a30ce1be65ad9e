"""Buying an improved prompt: screened, reserved, one create, watched for a minute, settled."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from bot import tally
from bot.clock import Clock
from bot.domain.generation import Request
from bot.domain.improvement import ImprovementUnpriced, NotImproved, Why, improved, instruction
from bot.domain.limits import Unit
from bot.domain.prediction import Prediction, PredictionStatus
from bot.errors import CreateUnknown, ProviderError, RateLimited
from bot.generation.purchase import Budgets
from bot.generation.watch import Predictor
from bot.policy import Place, Rules
from bot.record import replace
from bot.refusals import Paused, Refused
from bot.replicate.polling import Schedule
from bot.request.admission import Admission
from bot.request.input import Chosen
from bot.storage.improvements import Order, Outcome
from bot.storage.spending import Counted
from bot.storage.storage import Storage

log = logging.getLogger(__name__)

#: Text models answer in a few seconds; nobody waits longer for words they could write themselves.
MOST_SECONDS = 60.0
#: So long after it was reserved nobody is at it any more: whatever Discord or the database did.
LEFT_MS = 10 * 60_000


class Improver:
    """Improves prompts; what it refuses is raised."""

    def __init__(
        self,
        storage: Storage,
        admission: Admission,
        predictor: Predictor,
        clock: Clock,
        budgets: Budgets,
        rules: Rules,
    ) -> None:
        self._improvements = storage.improvements
        self._admission = admission
        self._predictor = predictor
        self._clock = clock
        self._creates = storage.ledger.creates
        self._budgets = budgets
        self._breaker = budgets.breaker
        self._rules = rules
        self._most = rules.policy.prompt_max_length
        self._buying: set[asyncio.Task[str]] = set()

    async def resume(self) -> None:
        """What an earlier process left is counted, and never bought again."""
        await self._abandon(self._clock.now())

    async def pass_over(self) -> None:
        """The same of what met trouble on its way: nothing is under way for so long."""
        await self._abandon(self._clock.now() - LEFT_MS)

    async def _abandon(self, until: int) -> None:
        if left := await self._improvements.abandon(now=self._clock.now(), until=until):
            log.info("improvements abandoned", extra={"count": left})

    async def improve(self, request: Request, chosen: Chosen, place: Place) -> str:
        """The improved prompt. The original is screened before it is sent, the new one after.

        Raises Refused where nothing was bought, NotImproved where nothing usable came of it. Once
        it is reserved it ends, whether or not somebody still waits for it.
        """
        reserve = partial(self._reserve, request, chosen, place)
        await self._admission.in_order(request, reserve)
        name = f"improvement {request.interaction_id}"
        buying = asyncio.create_task(self._buy(request.interaction_id, request.prompt), name=name)
        self._buying.add(buying)
        buying.add_done_callback(self._buying.discard)
        text = improved(await asyncio.shield(buying), request.prompt, self._most)
        asked = replace(request, prompt=text)
        again = partial(self._admission.screened, asked, chosen, place, by_person=False)
        try:
            await self._admission.in_order(asked, again)
        except Refused as refused:
            raise NotImproved(Why.UNUSABLE) from refused
        return text

    async def _reserve(self, request: Request, chosen: Chosen, place: Place) -> None:
        now, rules = self._clock.now(), self._rules
        screened = await self._admission.screened(request, chosen, place)
        if self._breaker.reason is not None:  # a probe is an image: one that says something of them
            raise Paused("provider", told=rules.operator_id is not None)
        money = [limit for limit in screened.limits if limit.unit is Unit.MICROS]
        if money and rules.prompt_micros is None:
            raise ImprovementUnpriced
        # What images without a known price count for is decided as for an image.
        price = rules.price_micros(screened.request.model)
        counted = Counted(
            request.user_id, screened.member, request.guild_id, request.place_id, price
        )
        await self._improvements.reserve(
            Order(request.interaction_id, counted, rules.prompt_model, rules.prompt_micros),
            limits=money,
            policy_version=screened.guild.version,
            now=now,
        )

    async def _buy(self, id: int, prompt: str) -> str:
        """The text model's answer. Raises NotImproved; the book is settled either way."""
        until = self._clock.now() + round(MOST_SECONDS * 1000)
        if not await self._turn(until):
            await self._end(id, Outcome.RELEASED)
            raise NotImproved(Why.BUSY)
        if not await self._improvements.submit(id):
            raise NotImproved(Why.UNANSWERED)
        prediction = await self._create(id, instruction(prompt, self._most))
        await self._improvements.attach(id, prediction.id)
        ended = await self._ended(prediction, until)
        if ended is None:
            await self._end(id, Outcome.SETTLED)  # it was asked to stop; what it took may be billed
            raise NotImproved(Why.LATE)
        aborted = ended.status is PredictionStatus.ABORTED
        await self._end(id, Outcome.RELEASED if aborted else Outcome.SETTLED)
        if ended.status is not PredictionStatus.SUCCEEDED:
            raise NotImproved(Why.FAILED)
        return ended.text

    async def _turn(self, until: int) -> bool:
        """Take one of the creates that images are bought with; False: none is free in time."""
        while True:
            async with self._budgets.creates_of_all(self._creates) as creates:
                wait = creates.take(now := self._clock.now())
            if not wait or now + wait >= until:
                return not wait
            await self._clock.wait(asyncio.Event(), wait / 1000)

    async def _create(self, id: int, prompt: str) -> Prediction:
        """The one POST; only what was definitely not accepted is released."""
        sent_at = self._clock.now()
        try:
            return await self._predictor.create(
                self._rules.prompt_model, {"prompt": prompt}, cancel_after=MOST_SECONDS
            )
        except CreateUnknown as error:
            log.warning("improvement unanswered", extra=_fields(id, error))
            await self._end(id, Outcome.UNKNOWN)
            raise NotImproved(Why.UNANSWERED) from error
        except RateLimited as error:
            wait_ms = round(error.retry_after * 1000)
            now, rate = self._clock.now(), error.per_minute
            async with self._budgets.creates_of_all(self._creates) as creates:
                creates.refused(now, sent_at=sent_at, wait_ms=wait_ms, per_minute=rate)
            await self._end(id, Outcome.RELEASED)
            raise NotImproved(Why.BUSY) from error
        except ProviderError as error:
            log.warning("improvement refused", extra=_fields(id, error))
            self._breaker.refused(f"improvement {id}", error, self._clock.now())
            await self._end(id, Outcome.RELEASED)
            raise NotImproved(Why.REFUSED) from error

    async def _ended(self, prediction: Prediction, until: int) -> Prediction | None:
        """As the provider ended it; None: it takes too long, and was asked to stop."""
        began, schedule = self._clock.now(), Schedule.learned(())
        while not prediction.status.ended:
            now = self._clock.now()
            if now >= until:
                return await self._stopped(prediction)
            delay = min(schedule.delay((now - began) / 1000), (until - now) / 1000)
            await self._clock.wait(asyncio.Event(), delay)
            prediction = await self._look(prediction)
        return prediction

    async def _look(self, prediction: Prediction) -> Prediction:
        try:
            return await self._predictor.get(prediction.id)
        except ProviderError as error:
            log.info("poll failed", extra={"prediction": prediction.id, "reason": error.code})
            return prediction

    async def _stopped(self, prediction: Prediction) -> Prediction | None:
        """After a cancel the provider's status decides."""
        try:
            await self._predictor.cancel(prediction.id)
        except ProviderError as error:
            log.info("cancel failed", extra={"prediction": prediction.id, "reason": error.code})
        last = await self._look(prediction)
        return last if last.status is PredictionStatus.SUCCEEDED else None

    async def _end(self, id: int, outcome: Outcome) -> None:
        await self._improvements.finish(id, outcome, now=self._clock.now())
        if outcome is not Outcome.RELEASED:
            dollars = (self._rules.prompt_micros or 0) / 1_000_000
            tally.COST.add(self._rules.prompt_model, by=dollars)


def _fields(id: int, error: ProviderError) -> dict[str, object]:
    return {"interaction": id, "reason": error.code, "http": error.status}
