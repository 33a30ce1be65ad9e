"""Where a generation has come to: told to the log, with its id, and counted for `/metrics`.

The chain of a generation in the log: `command` (its interaction), `reserved`, `create sent`,
`prediction created`, `images stored`, `generation ended`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from bot import tally
from bot.domain.generation import Entry, Generation, Status
from bot.generation.logged import fields
from bot.generation.watch import Life
from bot.refusals.pictures import Failure

log = logging.getLogger(__name__)


def reserved(rows: Iterable[Generation]) -> None:
    """They have their place in both books."""
    for row in rows:
        about = {"interaction": row.request.interaction_id, "model": row.request.model}
        log.info("reserved", extra=fields(row) | about)


def passed(before: Generation, after: Generation, life: Life, now: int) -> None:
    """A step of its life has moved it on."""
    if after.status is before.status:
        return
    if before.status is Status.QUEUED and after.prediction_id is not None:
        tally.TURN_WAIT.note((_bought_at(after) - before.since) / 1000)
    if before.status is Status.RUNNING and after.provider_ended_at is not None:
        took = (life.took_ms or 0) / 1000
        tally.PREDICTION.note(took, after.request.model)
        log.info("images stored", extra=fields(after) | {"seconds": took})
    if after.status.ended:
        _ended(before, after, life, now)


def decided(rows: Iterable[Generation]) -> None:
    """A moderator, or the end of their time, has decided about these; what goes on has not ended.

    An appeal is about an image that has been counted.
    """
    for row in rows:
        if row.status.ended and row.appealed_at is None:
            _count(row)


def abandoned(row: Generation | None) -> None:
    """Nobody can see it, and nothing was bought."""
    if row is not None:
        _count(row)
        log.info(
            "generation ended", extra=fields(row) | {"outcome": "canceled", "reason": row.error}
        )


def _ended(before: Generation, after: Generation, life: Life, now: int) -> None:
    error: Failure | None = life.error if after.error else None
    about = fields(before, error)
    about |= {"outcome": after.status.value, "prediction": after.prediction_id}
    if before.appealed_at is None:
        _count(after)
    if after.status is Status.DELIVERED and before.approved_at is None:
        waited = (now - after.created_at) / 1000
        tally.IMAGE_WAIT.note(waited)
        about["seconds"] = waited
        if life.took_ms is not None:  # an earlier process may have known
            lag = (now - _bought_at(after) - life.took_ms) / 1000
            tally.DELIVERY_LAG.note(lag)
            about["lag_seconds"] = lag
    log.log(logging.WARNING if after.error else logging.INFO, "generation ended", extra=about)


def _count(row: Generation) -> None:
    model = row.request.model
    tally.GENERATIONS.add(row.status.value, row.error or "", model)
    if row.budget is Entry.SETTLED and row.price_micros is not None:
        tally.COST.add(model, by=row.price_micros * row.request.images / 1_000_000)


def _bought_at(row: Generation) -> int:
    return row.submitted_at or row.created_at
