"""An appeal in the database: once, by whoever asked; no book moves before it is decided."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.domain.act import Sought
from bot.domain.generation import Capacity, Entry, Generation, RemovedBy, Status
from bot.domain.limits import Limit, Period, Scope, Unit
from bot.domain.picture import Stored
from bot.record import replace
from bot.storage import backup
from bot.storage.appeals import ACTIVE_MS, APPEAL_MS, Appeal
from bot.storage.database import Database
from bot.storage.reviews import SEALED_MS, Decision, Verdict
from bot.storage.storage import Storage
from bot.storage.usage import Of
from tests.bot.storage.test_migrations import GUILD, MAX, OLIVIA, request
from tests.custody import begun

REJECTER, OTHER, THIRD = 70, 71, 72
PRICE = 60_000
AT = 200
QUOTA = Limit(Scope.USER, Unit.IMAGES, Period.DAY, 5, since=0, resets_at=10**12)
BUDGET = Limit(Scope.GUILD, Unit.MICROS, Period.DAY, 10**6, since=0, resets_at=10**12)
APPEAL = Appeal(9, OLIVIA, "please", "new token", 900_000)


async def reviewing(storage: Storage, number: int = 9, user_id: int = OLIVIA) -> Generation:
    """A row at the desk with its image."""
    ledger = storage.ledger
    asked = replace(request(number), user_id=user_id, review="image", private=True, publish=True)
    [row] = await ledger.reserve(
        asked, now=100, price_micros=PRICE, limits=[], capacity=Capacity(user_waiting=9)
    )
    await ledger.acknowledged(replace(row, message_id=55))
    [row] = await ledger.dispatch([row.id], now=101, creates=1, capacity=Capacity())
    running = await ledger.attach(row, f"p{number}")
    assert running is not None
    picture = Stored(f"{number}-0.png", "image/png", 3)
    stored = await ledger.store(running, [picture], now=103, compute_ms=1, duration_ms=1)
    assert stored is not None
    return stored


async def rejected(storage: Storage, *, counts: bool = True) -> Generation:
    await reviewing(storage)
    decision = Decision(Verdict.REJECTED, AT, REJECTER, "no", counts=counts)
    [row] = await storage.reviews.decide(9, Status.REVIEWING, decision)
    await storage.ledger.told(row)
    return row


async def appealed(storage: Storage) -> Generation:
    await rejected(storage)
    [row] = await storage.appeals.make(APPEAL, now=AT + 1)
    return row


async def decide(
    storage: Storage, verdict: Verdict, at: int = AT + 2, actor: int | None = OTHER
) -> Sequence[Generation]:
    decision = Decision(verdict, at, actor, "because")
    return await storage.reviews.decide(9, Status.APPEALING, decision)


async def figures(storage: Storage) -> tuple[int, int, int | None]:
    """What the person's quota, the server's budget and the sum of all costs say."""
    counted = await storage.ledger.counted(request(9), PRICE)
    quota, budget = await storage.ledger.spending.of(counted, [QUOTA, BUDGET])
    return quota.used, budget.used, (await storage.sums.total(Of())).cost_micros


async def delivered(storage: Storage, row: Generation) -> Generation:
    done = await storage.ledger.finish(row, Status.DELIVERED, now=AT + 3, bought=True)
    assert done is not None
    return done


# --- made


async def test_it_waits_with_a_reply_of_its_own_and_nothing_to_delete(storage: Storage) -> None:
    row = await appealed(storage)
    await storage.appeals.answered(APPEAL, 66)

    found = await storage.ledger.find(row.id)
    kept, due = await storage.ledger.unended_images(), await storage.removals.due(10**13)
    assert found is not None
    assert (found.status, found.appeal, found.appealed_at) == (
        Status.APPEALING,
        "please",
        AT + 1,
    )
    assert (found.request.token, found.message_id) == ("new token", 66)
    assert (found.ended_at, found.sealed_until, found.reason) == (None, None, "no")
    assert (kept, due) == ({"9-0.png"}, [])


async def test_twenty_at_once_are_one(storage: Storage) -> None:
    await rejected(storage)

    made = await asyncio.gather(*(storage.appeals.make(APPEAL, now=AT + 1) for _ in range(20)))

    entries = await storage.audit.entries(GUILD, Sought(action="appeal"), limit=9)
    alias = await storage.aliases.of(OLIVIA)
    assert [len(rows) for rows in made if rows] == [1]
    assert [(each.actor, each.subject, each.reason) for each in entries] == [
        (alias, alias, "please")
    ]


async def test_nobody_appeals_for_somebody_else(storage: Storage) -> None:
    await rejected(storage)

    assert await storage.appeals.make(replace(APPEAL, user_id=MAX), now=AT + 1) == []


async def test_once_the_seal_has_ended_nothing_is_left_to_appeal_for(storage: Storage) -> None:
    await rejected(storage)

    late = await storage.appeals.make(APPEAL, now=AT + SEALED_MS)
    in_time = await storage.appeals.make(APPEAL, now=AT + SEALED_MS - 1)

    assert (late, len(in_time)) == ([], 1)


async def test_what_was_taken_down_has_no_appeal(storage: Storage) -> None:
    await rejected(storage)
    await storage.removals.remove(9, RemovedBy.OPERATOR, until=10**12, now=AT)

    assert await storage.appeals.make(APPEAL, now=AT + 1) == []


async def test_what_expired_has_no_appeal(storage: Storage) -> None:
    await reviewing(storage)
    await storage.reviews.decide(9, Status.REVIEWING, Decision(Verdict.EXPIRED, AT))

    assert await storage.appeals.make(APPEAL, now=AT + 1) == []


async def test_a_wish_to_cancel_from_before_the_rejection_does_not_end_it(
    storage: Storage,
) -> None:
    row = await reviewing(storage)
    await storage.ledger.request_cancel(row.id, now=AT - 1)
    decision = Decision(Verdict.REJECTED, AT, REJECTER, "no")
    await storage.reviews.decide(9, Status.REVIEWING, decision)

    [appealing] = await storage.appeals.make(APPEAL, now=AT + 1)

    assert appealing.cancel_requested_at is None
    assert len(await decide(storage, Verdict.APPROVED)) == 1


async def test_a_restart_takes_it_over_with_its_reply(storage: Storage) -> None:
    row = await appealed(storage)

    claimed = await begun(storage.ledger)

    assert [each.id for each in claimed] == [row.id]
    assert claimed[0].request.token == "new token"


async def test_a_block_does_not_end_it(storage: Storage) -> None:
    await appealed(storage)

    waiting = await storage.sanctions.block(GUILD, OTHER, OLIVIA, "no", until=None, now=AT + 2)

    assert waiting == []
    assert len(await decide(storage, Verdict.APPROVED)) == 1


async def test_it_is_not_removed_while_it_waits(storage: Storage) -> None:
    await appealed(storage)

    removed = await storage.removals.remove(9, RemovedBy.MODERATOR, until=10**12, now=AT)

    assert removed == []


# --- decided


async def test_twenty_decisions_at_once_are_one(storage: Storage) -> None:
    await appealed(storage)
    kinds = [Verdict.APPROVED, Verdict.REJECTED] * 10

    decided = await asyncio.gather(
        *(decide(storage, kind, actor=100 + number) for number, kind in enumerate(kinds))
    )

    [won] = [kind for kind, rows in zip(kinds, decided, strict=True) if rows]
    review = next(r for r in await storage.reviews.of(9) if r.stage is Status.APPEALING)
    row = await storage.ledger.find("9-0")
    granted = won is Verdict.APPROVED
    assert review.verdict is won
    assert row is not None
    assert row.status is (Status.DELIVERING if granted else Status.REJECTED)


async def test_no_book_moves_before_it_is_decided_and_a_granted_one_costs_once(
    storage: Storage,
) -> None:
    await rejected(storage)
    before = await figures(storage)
    [appealing] = await storage.appeals.make(APPEAL, now=AT + 1)
    during = await figures(storage)
    [granted] = await decide(storage, Verdict.APPROVED)
    on_its_way = await figures(storage)
    done = await delivered(storage, granted)

    assert (appealing.quota, appealing.budget) == (Entry.SETTLED, Entry.SETTLED)
    assert before == during == on_its_way == await figures(storage) == (1, PRICE, PRICE)
    assert (done.quota, done.budget) == (Entry.SETTLED, Entry.SETTLED)
    usage = await storage.sums.total(Of())
    assert (usage.images, usage.failed, usage.pending) == (1, 0, 0)


@pytest.mark.parametrize(("counts", "used"), [(True, 1), (False, 0)])
@pytest.mark.parametrize("verdict", [Verdict.REJECTED, Verdict.EXPIRED])
async def test_one_that_fails_leaves_both_books_as_the_rejection_did(
    storage: Storage, verdict: Verdict, *, counts: bool, used: int
) -> None:
    await rejected(storage, counts=counts)
    await storage.appeals.make(APPEAL, now=AT + 1)

    [row] = await decide(storage, verdict)

    assert row.status is Status.REJECTED
    assert row.sealed_until == AT + 2
    assert await figures(storage) == (used, PRICE, PRICE)
    usage = await storage.sums.total(Of())
    assert (usage.images, usage.failed, usage.pending) == (0, 1, 0)


async def test_where_rejected_ones_do_not_count_a_granted_one_counts_once(
    storage: Storage,
) -> None:
    await rejected(storage, counts=False)
    before = await figures(storage)
    await storage.appeals.make(APPEAL, now=AT + 1)

    [granted] = await decide(storage, Verdict.APPROVED)
    await delivered(storage, granted)

    assert (before[0], await figures(storage)) == (0, (1, PRICE, PRICE))


async def test_a_granted_one_whose_image_is_lost_is_not_charged_to_the_person(
    storage: Storage,
) -> None:
    await appealed(storage)
    [granted] = await decide(storage, Verdict.APPROVED)

    await storage.ledger.finish(granted, Status.FAILED, now=AT + 3, bought=True)

    assert await figures(storage) == (0, PRICE, PRICE)


async def test_the_first_reason_stands_where_nobody_decides(storage: Storage) -> None:
    await appealed(storage)

    decision = Decision(Verdict.EXPIRED, AT + 2)
    [row] = await storage.reviews.decide(9, Status.APPEALING, decision)

    assert (row.reason, row.error) == ("no", "undecided")


async def test_withdrawn_by_an_erasure_it_ends_as_it_was_rejected(storage: Storage) -> None:
    await rejected(storage, counts=False)
    await storage.appeals.make(APPEAL, now=AT + 1)
    [row] = await storage.ledger.request_cancel("9-0", now=AT + 2)

    ended = await storage.ledger.finish(row, Status.REJECTED, now=AT + 3, bought=True)

    assert ended is not None
    assert (ended.status, ended.sealed_until) == (Status.REJECTED, AT + 3)
    assert await figures(storage) == (0, PRICE, PRICE)
    assert await decide(storage, Verdict.APPROVED) == []


async def test_a_canceled_one_is_not_granted(storage: Storage) -> None:
    await appealed(storage)
    await storage.ledger.request_cancel("9-0", now=AT + 2)

    assert await decide(storage, Verdict.APPROVED) == []


@pytest.mark.parametrize(
    ("verdict", "history"), [(Verdict.APPROVED, (1, 0)), (Verdict.REJECTED, (0, 1))]
)
async def test_the_history_counts_a_request_by_how_its_appeal_ended(
    storage: Storage, verdict: Verdict, history: tuple[int, int]
) -> None:
    await appealed(storage)
    before = await storage.reviews.history(OLIVIA, GUILD)

    await decide(storage, verdict)

    assert before == (0, 1)
    assert await storage.reviews.history(OLIVIA, GUILD) == history


async def test_its_text_ends_with_the_prompt(storage: Storage) -> None:
    await appealed(storage)
    [row] = await decide(storage, Verdict.REJECTED)
    await storage.ledger.told(row)

    await storage.people.erase_prompts(0, 10**12)

    found = await storage.ledger.find("9-0")
    assert found is not None
    assert (found.request.prompt, found.appeal) == ("", None)


@pytest.mark.sqlite("copies of its file")
async def test_a_backup_that_is_restored_has_it_wait_still(tmp_path: Path) -> None:
    live, images = tmp_path / "live" / "imagine.db", tmp_path / "images"
    async with Database.open(live, exclusive=True) as database:
        await appealed(Storage.of(database, "p"))
        backup.save(live, images, tmp_path / "copy")

    restored = tmp_path / "restored" / "imagine.db"
    backup.restore(tmp_path / "copy", restored, images, force=False)

    async with Database.open(restored, exclusive=True) as database:
        assert len(await decide(Storage.of(database, "p"), Verdict.APPROVED)) == 1


# --- whose it is to decide


async def others(storage: Storage, *who: int, at: int = AT) -> tuple[bool, bool]:
    """Whether it is barred to whoever rejected: at once, and after half of the time.

    `who` decided about something else before, at that time.
    """
    for number, actor in enumerate(who, 20):
        await reviewing(storage, number, MAX)
        decision = Decision(Verdict.APPROVED, at, actor)
        await storage.reviews.decide(number, Status.REVIEWING, decision)
    row = await appealed(storage)
    alias = await storage.aliases.of(REJECTER)
    rejection = await storage.appeals.rejection(row, now=AT + 1)
    return rejection.bars(alias, AT + 1), rejection.bars(alias, AT + 1 + APPEAL_MS // 2)


async def test_it_is_somebody_elses_who_decides_here_until_half_of_its_time(
    storage: Storage,
) -> None:
    assert await others(storage, OTHER) == (True, False)


@pytest.mark.parametrize("who", [(), (REJECTER,), (OLIVIA,)])
async def test_without_anybody_else_it_is_whoevers_who_rejected(
    storage: Storage, who: tuple[int, ...]
) -> None:
    assert await others(storage, *who) == (False, False)


async def test_who_has_not_decided_for_ninety_days_is_nobody(storage: Storage) -> None:
    assert await others(storage, OTHER, at=AT - ACTIVE_MS) == (False, False)


async def test_it_bars_nobody_but_whoever_rejected(storage: Storage) -> None:
    await others(storage, OTHER)
    row = await storage.ledger.find("9-0")
    assert row is not None

    rejection = await storage.appeals.rejection(row, now=AT + 1)

    assert not rejection.bars(await storage.aliases.of(OTHER), AT + 1)
    assert not rejection.bars(await storage.aliases.of(THIRD), AT + 1)
