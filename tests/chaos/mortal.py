"""The bot, with a death of its own: ends itself at the n-th commit of this life.

Run in the bot's place (`python -m tests.chaos.mortal run`); the product knows nothing of it.

CHAOS_COMMIT  "before:12": SIGKILL once the 12th statement has run and before its commit, so in
              the middle of a group that shares one; "after:12": once it is committed, before
              anybody has its rows
SIGUSR1       SIGKILL before the next commit at a server, SIGUSR2 after it, where CHAOS_SIGNALS is
CHAOS_HURRY   milliseconds that stand for the create's timeout and settling time
CHAOS_FREEZE  "dispatch": SIGSTOP once the first intent to buy is committed, before the POST
CHAOS_SILENT  seconds after which a process that says nothing is taken for dead
CHAOS_MUTATE  "blind-repost": buy again what was never answered, instead of looking it up;
              "review-in-the-open": let everybody see what waits for a moderator;
              "unfenced": buy whatever happened since one had one's turn
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Sequence
from typing import Any

from bot.__main__ import main
from bot.domain.generation import Generation, Request
from bot.gateway import upkeep
from bot.generation import ending, lifecycle, reconcile
from bot.generation.purchase import Budgets
from bot.moderation.desks import Desks
from bot.record import replace
from bot.request import breaker
from bot.storage import group, sqlite
from bot.storage.custody import Custody
from bot.storage.ledger import Ledger


def die_at_commit(when: str, number: int) -> None:
    """Every write is one statement, alone or in a group; only the start has a transaction."""
    together = sqlite.together
    count = 0

    def together_or_die(
        connection: sqlite3.Connection, statements: Sequence[group.Statement]
    ) -> list[group.Rows | Exception]:
        nonlocal count
        begins, count = count, count + len(statements)
        if begins < number <= count:
            try:
                if when == "before":
                    leave_uncommitted(connection, statements[: number - begins])
                else:
                    together(connection, statements)
            finally:
                os.kill(os.getpid(), signal.SIGKILL)
        return together(connection, statements)

    # Replaced for good, in this process only: the wrapper's whole purpose.
    sqlite.together = together_or_die


def leave_uncommitted(
    connection: sqlite3.Connection, statements: Sequence[group.Statement]
) -> None:
    connection.execute("begin immediate")
    for statement in statements:
        connection.execute(*statement).fetchall()


def die_when_asked() -> None:
    """With a server each commit is a statement of its own; and say as which process one enters."""
    from bot.storage import postgres

    execute, enter, asked = postgres.Connection.execute, Custody.enter, ""

    def ask(number: int, _: object) -> None:
        nonlocal asked
        asked = "before" if number == signal.SIGUSR1 else "after"

    async def execute_or_die(self: Any, query: str, *args: Any, **options: Any) -> str:
        if query != "commit" or not asked:
            return await execute(self, query, *args, **options)
        if asked == "after":
            await execute(self, query, *args, **options)
        os.kill(os.getpid(), signal.SIGKILL)
        return ""

    async def enter_and_say(self: Custody) -> int:
        epoch = await enter(self)
        sys.stdout.write(f"chaos epoch={epoch}\n")
        return epoch

    signal.signal(signal.SIGUSR1, ask)
    signal.signal(signal.SIGUSR2, ask)
    postgres.Connection.execute = execute_or_die  # type: ignore[method-assign] # it dies there
    Custody.enter = enter_and_say  # type: ignore[method-assign] # it is watched


def hurry(milliseconds: int) -> None:
    """On one machine a create is answered within milliseconds; a short run cannot wait 70 s."""
    reconcile.ANSWERED_WITHIN_MS = milliseconds
    reconcile.LOOK_AGAIN_MS = milliseconds // 2
    upkeep.PASS_SECONDS = milliseconds / 1000
    lifecycle.RETRY_SECONDS = ending.RETRY_SECONDS = milliseconds / 1000
    breaker.FIRST_REST_MS = breaker.LONGEST_REST_MS = 1


def freeze_at_dispatch() -> None:
    dispatch, frozen = Ledger.dispatch, False

    async def dispatch_and_freeze(self: Ledger, *args: Any, **values: Any) -> list[Generation]:
        nonlocal frozen
        rows = await dispatch(self, *args, **values)
        if rows and not frozen:
            frozen = True
            os.kill(os.getpid(), signal.SIGSTOP)
        return rows

    # Replaced for good, in this process only: the wrapper's whole purpose.
    Ledger.dispatch = dispatch_and_freeze  # type: ignore[method-assign]


def silent(seconds: int) -> None:
    """Ten seconds, and three between two signs of life, are long for a test."""
    from bot.storage import liveness

    liveness.SILENT_SECONDS = seconds
    liveness.BEAT_SECONDS = liveness.MARGIN_SECONDS = seconds / 6


def buy_unfenced() -> None:
    # The mutation: a process that others took for dead goes on as if it had been alive.
    Budgets.may_be_spent = property(lambda _: True)  # type: ignore[method-assign,assignment]


def repost_blindly() -> None:
    async def again(self: Any, row: Generation, life: object) -> Generation | None:
        soon = self._clock.now() + 1_000
        requeued: Generation | None = await self._ledger.requeue(row, not_before=soon)
        return requeued

    # The mutation: the product's own step is replaced by the mistake it is there to prevent.
    lifecycle.Lifecycle._reconcile = again  # type: ignore[method-assign]


def review_in_the_open() -> None:
    placed = Desks.placed

    def in_the_open(self: Desks, request: Request) -> Request:
        return replace(placed(self, request), private=request.private)

    # The mutation: the reply of a request that waits for a moderator is seen by everybody.
    Desks.placed = in_the_open  # type: ignore[method-assign]


def arm(environment: dict[str, str]) -> None:
    if commit := environment.get("CHAOS_COMMIT"):
        when, _, number = commit.partition(":")
        die_at_commit(when, int(number))
    if milliseconds := environment.get("CHAOS_HURRY"):
        hurry(int(milliseconds))
    if environment.get("CHAOS_SIGNALS"):
        die_when_asked()
    if environment.get("CHAOS_FREEZE") == "dispatch":
        freeze_at_dispatch()
    if seconds := environment.get("CHAOS_SILENT"):
        silent(int(seconds))
    if environment.get("CHAOS_MUTATE") == "unfenced":
        buy_unfenced()
    if environment.get("CHAOS_MUTATE") == "blind-repost":
        repost_blindly()
    if environment.get("CHAOS_MUTATE") == "review-in-the-open":
        review_in_the_open()


if __name__ == "__main__":
    arm(dict(os.environ))
    main()
