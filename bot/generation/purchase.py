"""Buying a prediction: the one POST and its answer, recorded whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from bot.budget import REQUESTS_PER_MINUTE, Budget, CreateBudget
from bot.clock import Clock
from bot.domain.generation import Generation, Status
from bot.errors import (
    CreateUnknown,
    ProviderError,
    ProviderTrouble,
    RateLimited,
    StorageError,
    WebhookRefused,
)
from bot.generation.logged import fields
from bot.generation.watch import Life, Predictor
from bot.generation.webhooks import Webhooks
from bot.record import Record, field
from bot.refusals.pictures import Failure, PictureGone
from bot.request.breaker import Breaker
from bot.storage.creates import Creates
from bot.storage.ledger import Ledger
from bot.storage.peer import Peer

log = logging.getLogger(__name__)

#: How long a prediction's id is kept for a database that is away, and how often it is tried.
RECORDED_WITHIN_MS = 10 * 60_000
RECORD_AGAIN_SECONDS = 1.0

#: A row's whole input, with its pictures. Raises PictureGone.
Complete = Callable[[Generation, Life], Awaitable[Mapping[str, object]]]

#: The rest of a purchase: the row as its answer left it; None where it has another owner.
Buying = asyncio.Task[Generation | None]


class Budgets(Record):
    """What the whole process shares, and a restarted client must not begin anew."""

    creates: CreateBudget
    edits: Budget
    breaker: Breaker
    #: The calls to the provider but for creates.
    requests: Budget = field(default_factory=lambda: Budget(REQUESTS_PER_MINUTE))
    #: This process among those that spend them; None: it is alone.
    peer: Peer | None = None
    webhooks: Webhooks = field(default_factory=Webhooks)

    @property
    def are_shared(self) -> bool:
        return self.peer is not None and not self.peer.is_alone

    @property
    def may_be_spent(self) -> bool:
        """Whether nobody else can have taken over what is to be bought."""
        return self.peer is None or self.peer.is_heard

    @asynccontextmanager
    async def creates_of_all(self, stored: Creates) -> AsyncIterator[CreateBudget]:
        """As all processes have left it; what is taken or refused meanwhile is so for all."""
        if self.are_shared:
            async with stored.of_all(self.creates):
                yield self.creates
        else:
            yield self.creates

    def share(self, processes: int) -> None:
        """Leave the others their parts: of creates all know what is taken, of these nobody does."""
        for budget in (self.edits, self.requests):
            budget.share(processes)


class Purchases:
    """Sends creates, each in a task of its own that outlives the cancellation of its generation."""

    def __init__(
        self,
        ledger: Ledger,
        predictor: Predictor,
        complete: Complete,
        clock: Clock,
        budgets: Budgets,
        *,
        timeout: float,
    ) -> None:
        self._budgets = budgets
        self._ledger = ledger
        self._predictor = predictor
        self._complete = complete
        self._clock = clock
        self._breaker = budgets.breaker
        self._webhooks = budgets.webhooks
        self._timeout = timeout
        self._under_way: set[Buying] = set()
        self._closing = False

    def begin(self, submitted: Generation, life: Life) -> Buying:
        """Send the create of a row whose intent is recorded.

        The row comes back running, queued again, or submitting where nobody knows. A refusal is
        left in `life.error` for the next step; what could not be recorded in `life.prediction_id`
        or `life.not_before`.
        """
        self._breaker.bought(submitted.id)
        log.info("create sent", extra=fields(submitted))
        buying = asyncio.create_task(self._buy(submitted, life), name=f"create {submitted.id}")
        self._under_way.add(buying)
        buying.add_done_callback(self._under_way.discard)
        return buying

    async def answered(self) -> None:
        """Wait until no create is under way; the client's own timeout bounds it."""
        self._closing = True
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _buy(self, row: Generation, life: Life) -> Generation | None:
        life.not_before = None
        webhook = None if life.hookless else self._webhooks.address(row.id)
        life.hooked, life.told = webhook is not None, False
        try:
            input = await self._complete(row, life)
            if not self._budgets.may_be_spent:
                log.warning("nothing bought: others may take this process for dead")
                self._breaker.put_off(row.id)
                return await self._ledger.requeue(row, not_before=self._clock.now())
            prediction = await self._predictor.create(
                row.request.model, input, cancel_after=self._timeout, webhook=webhook
            )
        except PictureGone as error:
            life.error = error
            return row
        except RateLimited as error:
            log.info("create put off", extra=fields(row, error))
            self._breaker.put_off(row.id)
            life.not_before = await self._put_off(row, error)
            return await self._ledger.requeue(row, not_before=life.not_before)
        except WebhookRefused as error:
            return await self._without_webhook(row, life, error)
        except CreateUnknown as error:
            log.warning("create unanswered", extra=fields(row, error))
            life.unanswered = True
            return row
        except ProviderError as error:
            self._breaker.refused(row.id, error, self._clock.now())
            life.error = error
            return row
        log.info("prediction created", extra=fields(row) | {"prediction": prediction.id})
        self._breaker.accepted(row.id)
        life.prediction_id = prediction.id
        if not prediction.status.ended:
            life.seen_at = self._clock.now()
        return await self._attached(row, prediction.id)

    async def _attached(self, row: Generation, prediction_id: str) -> Generation | None:
        """Record what nobody else knows; None: whoever has the row by now goes on.

        Alone, the row's life would try again. Among others it may have ended with the connection.
        """
        deadline = self._clock.now() + RECORDED_WITHIN_MS
        while True:
            try:
                found = await self._ledger.attach(row, prediction_id)
            except StorageError:
                late = self._clock.now() >= deadline
                if self._closing or late or not self._budgets.are_shared:
                    raise
                await self._clock.wait(asyncio.Event(), RECORD_AGAIN_SECONDS)
            else:
                is_ours = found is None or found.owner_epoch == row.owner_epoch
                return found if is_ours else None

    async def _put_off(self, row: Generation, error: RateLimited) -> int:
        """Create fewer from now on, in all processes; returns when this one is tried again."""
        async with self._budgets.creates_of_all(self._ledger.creates) as creates:
            return creates.refused(
                self._clock.now(),
                sent_at=row.submitted_at or 0,
                wait_ms=round(error.retry_after * 1000),
                per_minute=error.per_minute,
            )

    async def _without_webhook(
        self, row: Generation, life: Life, error: WebhookRefused
    ) -> Generation | None:
        """Back in line, to be bought without one: it was not accepted, and nobody may fail so.

        The refusal may quote what was typed, and then it says nothing about webhooks.
        """
        log.info("create put off", extra=fields(row, error))
        self._breaker.put_off(row.id)
        life.hookless = True
        if "webhook" not in str(row.request.input).lower():
            self._webhooks.refused()
        life.not_before = self._clock.now()
        return await self._ledger.requeue(row, not_before=life.not_before)


def judge(breaker: Breaker, row: Generation, to: Status, error: Failure | None, now: int) -> None:
    """What a row's end says of the provider; once the image is here, it says nothing more."""
    if to is Status.UNKNOWN:
        error = ProviderTrouble()
    if not isinstance(error, ProviderError):
        breaker.released(row.id, now)
    elif row.status is not Status.DELIVERING:
        breaker.ended(row.id, error, now)
