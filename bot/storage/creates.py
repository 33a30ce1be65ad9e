"""How many creates are left to processes that share an account: one state, kept as a fact."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.budget import CreateBudget
from bot.storage import queries
from bot.storage.database import Database, Transaction

_SQL = queries.load(Path(__file__).parent / "sql" / "ledger.sql")
_NAME = "creates"


class Creates:
    """Brings a process's budget up to date, and keeps what becomes of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def of_all(self, budget: CreateBudget) -> AsyncIterator[Transaction]:
        """The budget as all processes have left it; what is taken meanwhile is taken for all."""
        async with self._database.transaction() as connection:
            found = await connection.fetch(_SQL["fact"], {"name": _NAME})
            if found:
                budget.restore(*json.loads(found[0]["value"]))
            yield connection
            values = {"name": _NAME, "value": json.dumps(budget.state)}
            await connection.fetch(_SQL["set_fact"], values)
