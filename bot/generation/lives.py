"""Starts the lives of a request's rows, new or after a restart, with the reply that they share."""

from __future__ import annotations

from collections.abc import Sequence

from bot.clock import Clock
from bot.domain.generation import Generation
from bot.generation.batch import Batch, Reply
from bot.generation.watch import Life
from bot.wording import several


def begun(
    rows: Sequence[Generation], siblings: Sequence[Generation], reply: Reply, clock: Clock
) -> list[Life]:
    """Lives in this process for these rows of one request; `siblings` are its others."""
    batch = None
    if rows[0].request.predictions > 1:
        ids = [row.id for row in rows]
        batch = Batch(reply, [*rows, *siblings], ids, clock, several.progress)
    return [Life(reply, row.cancel_requested_at is not None, batch) for row in rows]
