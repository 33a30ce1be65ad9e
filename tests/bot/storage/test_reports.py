"""Reports as they are stored: their limits, one decision, and what is forgotten."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.generation import Capacity, RemovedBy, Status
from bot.domain.limits import DAY_MS, HOUR_MS
from bot.domain.picture import Stored
from bot.record import replace
from bot.storage.people import Erasure
from bot.storage.reports import A_DAY, AN_HOUR, LAPSE_MS, Filed, Outcome
from bot.storage.storage import Storage
from tests.bot.storage.test_migrations import GUILD, MAX, OLIVIA, request

BOB, MONA = 71, 72
NOW = 10 * DAY_MS


async def made(storage: Storage, *numbers: int, status: Status = Status.DELIVERED) -> None:
    """Delivered images of Olivia's."""
    ledger = storage.ledger
    for number in numbers:
        [row] = await ledger.reserve(
            replace(request(number), user_id=OLIVIA),
            now=100,
            price_micros=None,
            limits=[],
            capacity=Capacity(),
        )
        [row] = await ledger.dispatch([row.id], now=101, creates=1, capacity=Capacity())
        running = await ledger.attach(row, f"p{number}")
        assert running is not None
        picture = Stored(f"{number}-0.png", "image/png", 3)
        stored = await ledger.store(running, [picture], now=103, compute_ms=1, duration_ms=1)
        assert stored is not None
        done = await ledger.finish(stored, status, now=104, bought=True)
        assert done is not None
        await ledger.told(done)


async def file(storage: Storage, number: int, who: int = BOB, now: int = NOW) -> Filed:
    filed, _ = await storage.reports.file(number, who, "rude", now=now)
    return filed


async def actions(storage: Storage) -> list[str]:
    rows = await storage.ledger._database.read("select action from audit order by number", {})
    return [row["action"] for row in rows]


async def test_only_what_is_there_to_be_seen_is_reported(storage: Storage) -> None:
    await made(storage, 1)
    await made(storage, 2, status=Status.KEPT)
    await storage.removals.remove(1, RemovedBy.REQUESTER, until=NOW, now=NOW)

    assert [await file(storage, number) for number in (1, 2, 3)] == [Filed.GONE] * 3
    assert await actions(storage) == []


async def test_the_hours_limit_counts_the_last_hour_to_the_millisecond(storage: Storage) -> None:
    await made(storage, *range(1, AN_HOUR + 3))
    for number in range(1, AN_HOUR + 1):
        assert await file(storage, number, now=NOW + number) is Filed.FILED

    filed, free = await storage.reports.file(AN_HOUR + 1, BOB, "x", now=NOW + HOUR_MS)
    early = await file(storage, AN_HOUR + 1, now=free - 1)
    in_time = await file(storage, AN_HOUR + 1, now=free)

    assert (filed, free) == (Filed.TOO_MANY, NOW + 1 + HOUR_MS)
    assert (early, in_time) == (Filed.TOO_MANY, Filed.FILED)


async def test_the_days_limit_counts_the_last_day_also_what_is_decided(storage: Storage) -> None:
    await made(storage, *range(1, A_DAY + 2))
    for number in range(1, A_DAY + 1):
        assert await file(storage, number, now=NOW + number * HOUR_MS) is Filed.FILED
        await storage.reports.dismiss(number, MONA, now=NOW + number * HOUR_MS)

    filed, free = await storage.reports.file(A_DAY + 1, BOB, "x", now=NOW + 20 * HOUR_MS)
    await storage.reports.lapse(now=free - 1)
    early = await file(storage, A_DAY + 1, now=free - 1)
    in_time = await file(storage, A_DAY + 1, now=free)

    assert (filed, free) == (Filed.TOO_MANY, NOW + HOUR_MS + DAY_MS)
    assert (early, in_time) == (Filed.TOO_MANY, Filed.FILED)


async def test_fifty_at_once_are_one_report(storage: Storage) -> None:
    await made(storage, 1)

    filed = await asyncio.gather(*(file(storage, 1) for _ in range(50)))

    assert sorted(filed) == [Filed.ALREADY] * 49 + [Filed.FILED]
    assert await actions(storage) == ["report"]


async def test_of_a_hundred_decisions_at_once_one_holds(storage: Storage) -> None:
    await made(storage, 1)
    await file(storage, 1)

    async def remove() -> bool:
        found = await storage.removals.remove(
            1, RemovedBy.MODERATOR, until=NOW * 2, now=NOW, actor_id=MONA, reported=True
        )
        return bool(found)

    async def dismiss() -> bool:
        return await storage.reports.dismiss(1, MAX, now=NOW)

    decided = await asyncio.gather(*(each() for _ in range(50) for each in (remove, dismiss)))
    reported, row = await storage.reports.of(1), await storage.ledger.find("1-0")

    assert sum(decided) == 1
    assert reported is not None
    assert row is not None
    assert (reported.verdict is Outcome.REMOVED) is (row.removed_by is RemovedBy.MODERATOR)
    assert len(await actions(storage)) == 2
    assert [each.broken async for each in storage.audit.chains()] == [None]


@pytest.mark.parametrize("by", [RemovedBy.MODERATOR, RemovedBy.OPERATOR])
async def test_what_somebody_removes_is_decided_in_the_same_transaction(
    storage: Storage, by: RemovedBy
) -> None:
    await made(storage, 1)
    await file(storage, 1)

    await storage.removals.remove(1, by, until=NOW, now=NOW, actor_id=MONA, reason="rude")
    reported = await storage.reports.of(1)

    assert reported is not None
    assert reported.verdict is Outcome.REMOVED
    assert await storage.reports.reports(1) == []


async def test_deleted_by_whoever_asked_it_is_kept_until_the_report_would_lapse(
    storage: Storage,
) -> None:
    await made(storage, 1)
    await file(storage, 1)

    [row] = await storage.removals.remove(1, RemovedBy.REQUESTER, until=NOW + 5, now=NOW + 5)
    before = await storage.removals.due(NOW + LAPSE_MS - 1)
    await storage.reports.dismiss(1, MONA, now=NOW + 9)
    after = await storage.removals.due(NOW + 9)

    assert row.sealed_until == NOW + LAPSE_MS
    assert before == []
    assert [each.id for each in after] == ["1-0"]


async def test_reports_of_an_image_in_use_are_forgotten_a_day_after(storage: Storage) -> None:
    await made(storage, 1)
    await file(storage, 1)
    await storage.reports.dismiss(1, MONA, now=NOW)
    reported = await storage.reports.of(1)
    assert reported is not None
    await storage.reports.close(reported)

    await storage.reports.lapse(now=NOW + DAY_MS - 1)
    before = await storage.reports.of(1)
    await storage.reports.lapse(now=NOW + DAY_MS)

    assert before is not None
    assert await storage.reports.of(1) is None


async def test_what_was_written_goes_with_the_decision_but_for_the_record(
    storage: Storage,
) -> None:
    await made(storage, 1)
    await file(storage, 1)
    await storage.reports.dismiss(1, MONA, now=NOW)

    reports = await storage.ledger._database.read("select reason from report", {})
    record = await storage.ledger._database.read(
        "select reason from audit where action = 'report'", {}
    )

    assert [row["reason"] for row in reports] == [""]
    assert [row["reason"] for row in record] == ["rude"]


async def test_an_erasure_leaves_what_is_reported_until_it_is_decided(storage: Storage) -> None:
    await made(storage, 1, 2)
    await file(storage, 1)
    erasure = Erasure(OLIVIA, NOW)

    waits_for = await storage.people.ask_erasure(OLIVIA, now=NOW)
    files = await storage.people.images(erasure)
    gone = await storage.people.erase(erasure, files, now=NOW)
    await storage.reports.dismiss(1, MONA, now=NOW)
    rest = await storage.people.images(erasure)
    at_last = await storage.people.erase(erasure, rest, now=NOW)

    assert (waits_for, files, gone) == ([], ["2-0.png"], False)
    assert (rest, at_last) == (["1-0.png"], True)


async def test_files_of_what_is_reported_are_not_swept(storage: Storage) -> None:
    await made(storage, 1, 2)
    await file(storage, 1)

    kept = await storage.ledger.unended_images()
    place = request(1).place_id
    old = await storage.people.files(GUILD, place, [], (0, NOW))

    assert kept == {"1-0.png"}
    assert old == ["2-0.png"]
