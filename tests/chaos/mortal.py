"""The bot, with a death of its own: ends itself at the n-th commit of this life.

Run in the bot's place (`python -m tests.chaos.mortal run`); the product knows nothing of it.

CHAOS_COMMIT  "before:12" or "after:12": SIGKILL just before or after the 12th commit
CHAOS_HURRY   milliseconds that stand for the create's timeout and settling time
CHAOS_MUTATE  "blind-repost": buy again what was never answered, instead of looking it up
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Mapping
from typing import Any

from bot import lifecycle, reconcile
from bot.__main__ import main
from bot.domain import Generation
from bot.storage.database import Database


def die_at_commit(when: str, number: int) -> None:
    """Every write is one statement, which commits by itself; only the start has a transaction."""
    write = Database.write
    count = 0

    async def write_or_die(
        database: Database, statement: str, values: Mapping[str, object]
    ) -> list[sqlite3.Row]:
        nonlocal count
        count += 1
        if count == number and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        rows = await write(database, statement, values)
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return rows

    # Replaced for good, in this process only: the wrapper's whole purpose.
    Database.write = write_or_die  # type: ignore[assignment, method-assign]


def hurry(milliseconds: int) -> None:
    """On one machine a create is answered within milliseconds; a short run cannot wait 70 s."""
    reconcile.ANSWERED_WITHIN_MS = milliseconds
    reconcile.LOOK_AGAIN_MS = milliseconds // 2
    lifecycle.RETRY_SECONDS = milliseconds / 1000


def repost_blindly() -> None:
    async def again(self: Any, row: Generation, life: object) -> Generation | None:
        soon = self._clock.now() + 1_000
        requeued: Generation | None = await self._ledger.requeue(row, not_before=soon)
        return requeued

    # The mutation: the product's own step is replaced by the mistake it is there to prevent.
    lifecycle.Lifecycle._reconcile = again  # type: ignore[method-assign]


def arm(environment: dict[str, str]) -> None:
    if commit := environment.get("CHAOS_COMMIT"):
        when, _, number = commit.partition(":")
        die_at_commit(when, int(number))
    if milliseconds := environment.get("CHAOS_HURRY"):
        hurry(int(milliseconds))
    if environment.get("CHAOS_MUTATE") == "blind-repost":
        repost_blindly()


if __name__ == "__main__":
    arm(dict(os.environ))
    main()
