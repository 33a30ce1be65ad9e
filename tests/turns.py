"""A row's turn, without a line to stand in."""

from __future__ import annotations

from bot.domain.generation import Capacity, Generation
from bot.storage.ledger import Ledger

PLENTY = Capacity(running=1000, waiting=1000, user_running=1000, user_waiting=1000)


async def dispatch(ledger: Ledger, row: Generation, *, now: int) -> Generation | None:
    """Give this row its turn; None where it may have none."""
    found = await ledger.dispatch([row.id], now=now, creates=1, capacity=PLENTY)
    return found[0] if found else None
