"""Looking up a create that was never answered: found, definitely absent, or unknowable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from enum import Enum

from bot.clock import Clock
from bot.domain.generation import Generation
from bot.domain.prediction import Listed
from bot.errors import ProviderError
from bot.generation.logged import fields
from bot.generation.watch import Life, Predictor
from bot.record import Record
from bot.storage.ledger import Ledger

log = logging.getLogger(__name__)

#: A create's own timeout (bot.replicate.origin) and ten seconds for the provider to settle: only
#: then does its absence from the list mean anything.
ANSWERED_WITHIN_MS = 70_000
#: The provider removes inputs after an hour; without them nothing can be recognised.
INPUTS_KEPT_MS = 50 * 60_000
#: Our clock and the provider's may differ this much.
CLOCKS_APART_MS = 5 * 60_000
#: What a provider without a list answers.
NO_LIST = frozenset({404, 405, 501})
#: Between looks.
LOOK_AGAIN_MS = 10_000
#: Looks that must all find nothing before a create counts as not accepted.
LOOKS = 2


class Verdict(Enum):
    """What the provider's list says of a create."""

    ABSENT = "absent"
    UNKNOWABLE = "unknowable"


class _Look(Record):
    """The list as it was `at` a time, back to `since`; both UTC milliseconds."""

    at: int
    since: int
    lines: Sequence[Listed]


class Reconciler:
    """Finds the prediction of a row that is `submitting`, by model and input."""

    def __init__(
        self, ledger: Ledger, predictor: Predictor, clock: Clock, *, shared: bool = False
    ) -> None:
        """`shared`: with other processes, which may have sent what is looked up."""
        self._shared = shared
        self._ledger = ledger
        self._predictor = predictor
        self._clock = clock
        self._look = _Look(at=0, since=0, lines=())
        self._looking = asyncio.Lock()

    async def settle(self, row: Generation, life: Life) -> Generation | Verdict | None:
        """The row, `running` with its prediction's id; or why there is none.

        Waits until the create's time is over, then looks until enough looks agree. None: it moved
        on meanwhile, for the create was answered after all, at the process that had sent it.
        """
        submitted = row.submitted_at or row.created_at
        absent, not_before = 0, submitted + ANSWERED_WITHIN_MS
        may_be_answered = self._shared and not life.unanswered
        while self._clock.now() < submitted + INPUTS_KEPT_MS:
            early = not_before - self._clock.now()
            if early > 0 and (may_be_answered or self._predictor.can_list):
                await life.pause(self._clock, min(early, LOOK_AGAIN_MS) / 1000)
                found = await self._ledger.find(row.id)
                if found is None or found.status is not row.status:
                    return None
                continue
            if not self._predictor.can_list:
                break
            not_before = self._clock.now() + LOOK_AGAIN_MS
            try:
                matches = await self._matches(row, submitted)
            except ProviderError as error:
                log.info("list failed", extra=fields(row, error))
                if error.status in NO_LIST:
                    break
                continue
            if matches:
                settled = await self._claimed(row, matches, submitted)
                if settled is not None:
                    return settled
                continue
            absent += 1
            if absent == LOOKS:
                return Verdict.ABSENT
        return Verdict.UNKNOWABLE

    async def _matches(self, row: Generation, submitted: int) -> list[Listed]:
        """Predictions of this model and input that no row has, oldest first."""
        since = submitted - CLOCKS_APART_MS
        listed = [line for line in await self._listing(since) if _same(row, line)]
        taken = await self._ledger.taken([line.prediction.id for line in listed])
        return [line for line in reversed(listed) if line.prediction.id not in taken]

    async def _listing(self, since: int) -> Sequence[Listed]:
        """The provider's list back to `since`, as it was at this moment or later.

        Whoever comes while a look is under way shares the next one: many unanswered creates cost
        one list, not one each.
        """
        asked = self._clock.now()
        async with self._looking:
            if self._look.at < asked or self._look.since > since:
                at = self._clock.now()
                lines = [line async for line in self._predictor.listed_since(since)]
                self._look = _Look(at, since, lines)
            return self._look.lines

    async def _claimed(
        self, row: Generation, found: Sequence[Listed], submitted: int
    ) -> Generation | Verdict | None:
        """Attach the first that is free; None while a twin may still be answered with it."""
        answered_before = self._clock.now() - ANSWERED_WITHIN_MS
        if row.request.picture_input:  # the list does not say which picture became which
            rivals = await self._ledger.rivals(row, within=CLOCKS_APART_MS)
            if any(rival > answered_before for rival in rivals):
                return None
            if rivals:
                return Verdict.UNKNOWABLE
        for line in found:
            if not _near(line.created_at, submitted):
                return Verdict.UNKNOWABLE
            prediction_id = line.prediction.id
            adopted = await self._ledger.adopt(row, prediction_id, answered_before=answered_before)
            if adopted is not None:
                log.info("create found", extra=fields(row) | {"prediction": prediction_id})
                return adopted
        return None


def _same(row: Generation, line: Listed) -> bool:
    """Providers may add defaults to an input, never change what was sent.

    But for pictures: they may show a file's address, a part of a `data:` URI, or nothing.
    """
    request = row.request
    if request.picture_input and not request.pictures and line.input.get(request.picture_input):
        return False  # somebody else's
    return line.model == request.model and request.input.items() <= line.input.items()


def _near(created_at: int | None, submitted: int) -> bool:
    """Whether it can be this create's: a twin of another time proves nothing either way."""
    return created_at is not None and abs(created_at - submitted) <= CLOCKS_APART_MS
