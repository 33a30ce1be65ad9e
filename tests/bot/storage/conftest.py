from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.storage import Storage
from tests.custody import begun


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as opened:
        yield opened


@pytest.fixture
def storage(database: Database) -> Storage:
    return Storage.of(database, "p")


@pytest.fixture
async def ledger(database: Database) -> Ledger:
    here = Ledger(database, provider="https://api.invalid")
    await begun(here)
    return here
