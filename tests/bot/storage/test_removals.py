"""What is taken back: who may overrule whom, which messages go, and what is on record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.domain.act import Sought
from bot.domain.filter import Filter
from bot.domain.generation import Capacity, Generation, RemovedBy, Status
from bot.domain.picture import Stored
from bot.record import replace
from bot.storage.database import Database
from bot.storage.history import NEWEST
from bot.storage.removals import Messages
from bot.storage.storage import Storage
from tests.bot.storage.test_migrations import CHANNEL, GUILD, OLIVIA, request

REQUESTER, MODERATOR, OPERATOR = RemovedBy.REQUESTER, RemovedBy.MODERATOR, RemovedBy.OPERATOR
MOD_ID = 77


async def delivered(storage: Storage, *, private: bool = False) -> Generation:
    ledger, asked = storage.ledger, replace(request(9), private=private)
    [row] = await ledger.reserve(
        asked, now=100, price_micros=None, limits=[], capacity=Capacity(user_waiting=1)
    )
    await ledger.acknowledged(replace(row, message_id=55))
    [row] = await ledger.dispatch([row.id], now=101, creates=1, capacity=Capacity())
    running = await ledger.attach(row, "p1")
    assert running is not None
    picture = Stored("9-0.png", "image/png", 3)
    stored = await ledger.store(running, [picture], now=103, compute_ms=1, duration_ms=1)
    assert stored is not None
    done = await ledger.finish(stored, Status.DELIVERED, now=104, bought=True)
    assert done is not None
    return done


async def removed(storage: Storage, by: RemovedBy, until: int = 1000) -> Sequence[Generation]:
    return await storage.removals.remove(9, by, until=until, now=200, actor_id=MOD_ID, reason="why")


@pytest.mark.parametrize(
    ("first", "second", "last"),
    [
        (REQUESTER, REQUESTER, REQUESTER),
        (REQUESTER, MODERATOR, MODERATOR),
        (REQUESTER, OPERATOR, OPERATOR),
        (MODERATOR, REQUESTER, MODERATOR),
        (MODERATOR, OPERATOR, OPERATOR),
        (OPERATOR, REQUESTER, OPERATOR),
        (OPERATOR, MODERATOR, OPERATOR),
    ],
)
async def test_the_operators_word_is_the_last_and_a_moderators_beats_the_requesters(
    tmp_path: Path, first: RemovedBy, second: RemovedBy, last: RemovedBy
) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        storage = Storage.of(database, "p")
        await delivered(storage)
        await removed(storage, first, 1000)
        again = await removed(storage, second, 2000)
        row = await storage.ledger.find("9-0")

    assert row is not None
    assert row.removed_by is last
    assert row.sealed_until == (2000 if second is last and second is not first else 1000)
    assert bool(again) is (second is last and second is not first)


@pytest.mark.parametrize(
    ("by", "actions"),
    [(REQUESTER, []), (MODERATOR, ["remove"]), (OPERATOR, ["takedown"])],
)
async def test_what_somebody_else_removes_is_on_record(
    tmp_path: Path, by: RemovedBy, actions: list[str]
) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        storage = Storage.of(database, "p")
        await delivered(storage)
        await removed(storage, by)
        entries = await storage.audit.entries(GUILD, Sought(), limit=9)
        alias = await storage.aliases.of(OLIVIA)

    assert [each.action for each in entries] == actions
    assert [(each.subject, each.reason) for each in entries] == [(alias, "why")] * len(actions)


@pytest.mark.parametrize(("private", "message_id"), [(False, 55), (True, None)])
async def test_its_messages_are_remembered_until_they_are_deleted(
    tmp_path: Path, *, private: bool, message_id: int | None
) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        storage = Storage.of(database, "p")
        await delivered(storage, private=private)
        await removed(storage, MODERATOR)
        waiting = await storage.removals.waiting()
        await storage.removals.deleted(9)
        left = await storage.removals.waiting()

    assert waiting == [
        Messages(
            *(9, GUILD, CHANNEL, OLIVIA),
            direct=True,
            tell=True,
            message_id=message_id,
            published_id=None,
        )
    ]
    assert left == []


async def test_a_sealed_image_is_neither_history_nor_swept_until_it_is_due(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        storage = Storage.of(database, "p")
        await delivered(storage)
        [row] = await removed(storage, MODERATOR, 1000)
        history = [each async for each in storage.history.up_to(OLIVIA, NEWEST, Filter())]
        kept = await storage.ledger.unended_images()
        early, due = await storage.removals.due(999), await storage.removals.due(1000)
        await storage.removals.emptied(due)
        after = await storage.ledger.find("9-0")

    assert (history, kept, early) == ([], {"9-0.png"}, [])
    assert due == [row]
    assert after is not None
    assert after.outputs == ()


async def test_what_is_under_way_is_not_removed(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        storage = Storage.of(database, "p")
        await storage.ledger.reserve(
            request(9), now=100, price_micros=None, limits=[], capacity=Capacity()
        )

        assert await removed(storage, OPERATOR) == []
        assert await storage.removals.waiting() == []
