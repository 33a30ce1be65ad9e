"""Group commit: writes that wait for the connection share one transaction, and so one fsync."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

#: At most so many statements share a commit: whoever waits for a transaction waits for a few
#: milliseconds of them, and one that fails repeats no more. Measured for 200 reservations at once:
#: 520 ms one by one, 60 ms by eights, 41 ms by 64; 35 ms if all went together.
TOGETHER = 64

Statement = tuple[str, Mapping[str, object]]
Rows = list[sqlite3.Row]


class Connection(aiosqlite.Connection):
    """aiosqlite's, made as its `connect` does; and several statements in one trip to its thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(lambda: sqlite3.connect(path, isolation_level=None), iter_chunk_size=64)

    # Not `run`: up to aiosqlite 0.21 a connection is a thread, and `run` is what that does.
    async def run_together(self, statements: Sequence[Statement]) -> list[Rows | Exception]:
        """What became of each: by the time this returns it is committed, or has failed alone."""
        # `_execute` carries no types.
        outcomes: list[Rows | Exception] = await self._execute(  # type: ignore[no-untyped-call]
            together, self._conn, statements
        )
        return outcomes


def together(
    connection: sqlite3.Connection, statements: Sequence[Statement]
) -> list[Rows | Exception]:
    """In their order, in one transaction; where one fails, each in a transaction of its own.

    So no failure is a neighbour's: a full disk rolls back all that was written beside it. Raises
    what is no statement's fault, such as another program's lock.
    """
    if len(statements) == 1:
        return [_alone(connection, statements[0])]
    connection.execute("begin immediate")
    try:
        rows: list[Rows | Exception] = [
            connection.execute(*statement).fetchall() for statement in statements
        ]
        connection.commit()
    except Exception:  # noqa: BLE001 - whose it was, each learns below
        connection.rollback()
        return [_alone(connection, statement) for statement in statements]
    return rows


def _alone(connection: sqlite3.Connection, statement: Statement) -> Rows | Exception:
    """Outside a transaction, a statement commits by itself."""
    try:
        return connection.execute(*statement).fetchall()
    except Exception as error:  # noqa: BLE001 - raised where the statement came from
        connection.rollback()
        return error


@dataclass(slots=True, eq=False)
class _Write:
    statement: Statement
    rows: asyncio.Future[Rows]


class Group:
    """The writes that wait for a connection, in the order they came.

    Whoever comes while one commit is under way goes with the next. A task of its own commits, so
    that the cancellation of one writer is nothing to those beside it.
    """

    def __init__(self, connection: Connection, turn: asyncio.Lock) -> None:
        """`turn`: held while the connection is used, by whole transactions too."""
        self._connection = connection
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
        try:
            outcomes = await self._connection.run_together([write.statement for write in batch])
        except Exception as error:  # noqa: BLE001 - raised in each writer
            outcomes = [error] * len(batch)
        for write, outcome in zip(batch, outcomes, strict=True):
            if write.rows.done():  # cancelled meanwhile
                continue
            if isinstance(outcome, Exception):
                write.rows.set_exception(outcome)
            else:
                write.rows.set_result(outcome)
