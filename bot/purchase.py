"""Buying a prediction: the intent, the one POST, and its answer, recorded whatever happens."""

from __future__ import annotations

import asyncio
import logging
import random

from bot.clock import Clock
from bot.domain import Generation
from bot.errors import CreateUnknown, ProviderError, RateLimited
from bot.storage.ledger import Ledger
from bot.watch import Life, Predictor, fields

log = logging.getLogger(__name__)

#: A provider's "not now" is believed for at least a second, doubled at each further one, with up
#: to a second more by chance, so that those who wait do not all come back at once.
FIRST_WAIT_SECONDS = 1.0
MOST_DOUBLINGS = 5


class Purchases:
    """Sends creates, each in a task of its own that outlives the cancellation of its generation."""

    def __init__(
        self, ledger: Ledger, predictor: Predictor, clock: Clock, *, timeout: float
    ) -> None:
        self._ledger = ledger
        self._predictor = predictor
        self._clock = clock
        self._timeout = timeout
        self._under_way: set[asyncio.Task[Generation | None]] = set()

    async def submit(self, row: Generation, life: Life) -> Generation | None:
        """From queued onwards: running, queued again, or submitting where nobody knows.

        A refusal is left in `life.error` for the next step, a prediction's id that could not be
        recorded in `life.prediction_id`.
        """
        submitted = await self._ledger.submit(row, now=self._clock.now())
        if submitted is None:
            return await self._overtaken(row, life)
        buying = asyncio.create_task(self._buy(submitted, life), name=f"create {row.id}")
        self._under_way.add(buying)
        buying.add_done_callback(self._under_way.discard)
        return await asyncio.shield(buying)

    async def answered(self) -> None:
        """Wait until no create is under way; the client's own timeout bounds it."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _buy(self, row: Generation, life: Life) -> Generation | None:
        try:
            prediction = await self._predictor.create(
                row.request.model, row.request.input, cancel_after=self._timeout
            )
        except RateLimited as error:
            wait_ms = round(self._wait(error, life) * 1000)
            return await self._ledger.requeue(row, not_before=self._clock.now() + wait_ms)
        except CreateUnknown as error:
            log.warning("create unanswered", extra=fields(row, error))
            return row
        except ProviderError as error:
            life.error = error
            return row
        log.info("prediction created", extra=fields(row) | {"prediction": prediction.id})
        life.prediction_id = prediction.id
        return await self._ledger.attach(row, prediction.id)

    def _wait(self, error: RateLimited, life: Life) -> float:
        least = FIRST_WAIT_SECONDS * (1 << min(life.put_off, MOST_DOUBLINGS))
        life.put_off += 1
        spread = random.random()  # noqa: S311 - it spreads, it hides nothing
        return max(error.retry_after, least) + spread

    async def _overtaken(self, row: Generation, life: Life) -> Generation | None:
        """Not ours to submit: it was canceled a moment ago, or has another owner (None)."""
        found = await self._ledger.find(row.id)
        if found is None or found.owner_epoch != row.owner_epoch:
            return None
        life.canceled_by_somebody = found.cancel_requested_at is not None
        return found
