"""Group commit: writes that wait for the connection share one transaction, and so one fsync."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.record import State
from bot.storage.database import Row

#: At most so many statements share a commit: whoever waits for a transaction waits for a few
#: milliseconds of them, and one that fails repeats no more. Measured for 200 reservations at once:
#: 520 ms one by one, 60 ms by eights, 41 ms by 64; 35 ms if all went together.
TOGETHER = 64

Statement = tuple[str, Mapping[str, object]]
Rows = list[Row]
#: Runs statements in their order, in one transaction, and where one fails, each in one of its own:
#: what became of each. By the time it returns it is committed, or has failed alone. Raises what is
#: no statement's fault, such as another program's lock.
Together = Callable[[Sequence[Statement]], Awaitable[Sequence[Rows | Exception]]]


class _Write(State):
    statement: Statement
    rows: asyncio.Future[Rows]


class Group:
    """The writes that wait for a connection, in the order they came.

    Whoever comes while one commit is under way goes with the next. A task of its own commits, so
    that the cancellation of one writer is nothing to those beside it.
    """

    def __init__(self, together: Together, turn: asyncio.Lock) -> None:
        """`turn`: held while the connection is used, by whole transactions too."""
        self._together = together
        self._turn = turn
        self._waiting: list[_Write] = []
        self._committer: asyncio.Task[None] | None = None

    async def write(self, statement: Statement) -> Rows:
        """The statement's rows, once committed; who is cancelled before its turn writes nothing."""
        write = _Write(statement, asyncio.get_running_loop().create_future())
        self._waiting.append(write)
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit(), name="group commit")
        return await write.rows

    async def _commit(self) -> None:
        batch: list[_Write] = []
        try:
            while self._waiting:
                async with self._turn:
                    batch = self._next()
                    await self._run(batch)
        finally:  # cancelled, with the loop: nobody is left waiting
            for write in (*batch, *self._waiting):
                write.rows.cancel()

    def _next(self) -> list[_Write]:
        wanted = [write for write in self._waiting if not write.rows.done()]
        self._waiting = wanted[TOGETHER:]
        return wanted[:TOGETHER]

    async def _run(self, batch: Sequence[_Write]) -> None:
        outcomes: Sequence[Rows | Exception]
        try:
            outcomes = await self._together([write.statement for write in batch])
        except Exception as error:  # noqa: BLE001 - raised in each writer
            outcomes = [error] * len(batch)
        for write, outcome in zip(batch, outcomes, strict=True):
            if write.rows.done():  # cancelled meanwhile
                continue
            if isinstance(outcome, Exception):
                write.rows.set_exception(outcome)
            else:
                write.rows.set_result(outcome)
