"""What a new process does first."""

from __future__ import annotations

from bot.domain.generation import Generation
from bot.storage.ledger import Ledger


async def begun(ledger: Ledger) -> list[Generation]:
    """Be one: own what an earlier one left, oldest first."""
    await ledger.custody.enter()
    return await ledger.custody.claim()
