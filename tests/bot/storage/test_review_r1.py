"""What is open: a backup that is older than a removal."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain import RemovedBy, Status
from bot.storage import backup
from bot.storage.database import Database
from bot.storage.reviews import Decision, Verdict
from bot.storage.storage import Storage
from tests.bot.storage.test_appeals import AT, OTHER, reviewing
from tests.bot.storage.test_migrations import OLIVIA


@pytest.mark.xfail(strict=True, reason="OPEN: docs/backup.md says only: repeat erasures, takedowns")
async def test_what_was_removed_since_a_backup_is_not_in_anybodys_history_after_a_restore(
    tmp_path: Path,
) -> None:
    live, images = tmp_path / "live" / "imagine.db", tmp_path / "images"
    async with Database.open(live, exclusive=True) as database:
        storage = Storage.of(database, "p")
        await reviewing(storage)
        approval = Decision(Verdict.APPROVED, AT, OTHER)
        [row] = await storage.reviews.decide(9, Status.REVIEWING, approval)
        await storage.ledger.finish(row, Status.DELIVERED, now=AT, bought=True)
        backup.save(live, images, tmp_path / "copy")
        by = RemovedBy.MODERATOR
        removed = await storage.removals.remove(9, by, until=AT + 9, now=AT + 1, actor_id=OTHER)
        assert removed

    restored = tmp_path / "restored" / "imagine.db"
    backup.restore(tmp_path / "copy", restored, images, force=False)

    async with Database.open(restored, exclusive=True) as database:
        assert await Storage.of(database, "p").ledger.stored(OLIVIA, 9) == []
