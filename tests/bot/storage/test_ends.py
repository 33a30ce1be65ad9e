"""What is stored ends: appeals with prompts, pictures to start from with their channel's time."""

from __future__ import annotations

from pathlib import Path

from bot.domain.attached import Attached
from bot.domain.generation import RemovedBy, Status
from bot.domain.limits import DAY_MS
from bot.domain.picture import Stored
from bot.pictures.files import ImageFiles
from bot.record import replace
from bot.storage.reviews import Verdict
from bot.storage.storage import Storage
from tests.bot.storage.test_appeals import APPEAL, AT, decide, rejected
from tests.bot.storage.test_migrations import request
from tests.turns import PLENTY, dispatch


async def test_an_appeal_made_after_the_prompt_was_erased_is_erased_too(storage: Storage) -> None:
    """PROMPT_RETENTION_DAYS=1; the window for an appeal is a week."""
    row = await rejected(storage)
    await storage.people.erase_prompts(0, DAY_MS)
    assert await storage.appeals.make(APPEAL, now=6 * DAY_MS)
    [row] = await decide(storage, Verdict.REJECTED, at=6 * DAY_MS + 1)
    await storage.ledger.told(row)

    await storage.people.erase_prompts(0, 30 * DAY_MS)

    found = await storage.ledger.find(row.id)
    assert found is not None
    assert found.appeal is None


async def test_a_sealed_images_picture_ends_with_its_channels_time(storage: Storage) -> None:
    picture = Attached("image/png", 3, 1, 1, "", "ab")
    asked = replace(request(9), pictures=(picture,))
    [row] = await storage.ledger.reserve(asked, now=100, price_micros=1, limits=[], capacity=PLENTY)
    row = await dispatch(storage.ledger, row, now=AT) or row
    row = await storage.ledger.attach(row, "p9") or row
    row = (
        await storage.ledger.store(
            row, [Stored("9-0.png", "image/png", 3)], now=AT, compute_ms=1, duration_ms=1
        )
        or row
    )
    row = await storage.ledger.finish(row, Status.DELIVERED, now=AT, bought=True) or row
    await storage.removals.remove(9, RemovedBy.REQUESTER, until=AT, now=AT)
    await storage.removals.emptied(await storage.removals.due(AT))

    names = await storage.people.files(asked.guild_id or 0, 0, (), (0, 10**9))

    assert names == ["9-0.in0"]


def test_a_file_that_goes_while_it_is_swept_keeps_none_of_the_others(tmp_path: Path) -> None:
    """A name without a file: what is listed, and deleted before it is looked at."""
    (tmp_path / "a.png").symlink_to(tmp_path / "gone")
    (tmp_path / "b.png").write_bytes(b"fox")

    assert ImageFiles(tmp_path).sweep(older_than=1e15, keep=()) == 1

    assert not (tmp_path / "b.png").exists()
