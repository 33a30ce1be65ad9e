"""Blocks: they hold with the transaction that records them, however close a request comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import pytest

from bot.domain.act import INSTALLATION, OPERATOR, REASON_LENGTH, Sought
from bot.domain.generation import Status
from bot.domain.limits import DAY_MS
from bot.domain.sanctions import Blocked, Person, Rank, Spared, duration_ms, spared
from bot.refusals import PolicyChanged
from bot.storage.database import Database
from bot.storage.storage import Storage
from bot.wording.reasons import refusal
from tests.bot.test_operate import MAX, OLIVIA, request, reserve
from tests.cogs.test_limits_at_once import EAGER, Door
from tests.cogs.test_limits_at_once import GUILD as PLACE

GUILD = request(1, OLIVIA).guild_id or 0


async def block(storage: Storage, guild_id: int = GUILD, until: int | None = None) -> list[str]:
    return await storage.sanctions.block(guild_id, MAX, OLIVIA, "why", until=until, now=10)


@pytest.mark.parametrize("guild_id", [GUILD, INSTALLATION])
async def test_a_block_that_comes_between_screening_and_reservation_still_keeps_it_out(
    storage: Storage, guild_id: int
) -> None:
    await storage.sanctions.admit(GUILD, OLIVIA, now=9)
    await block(storage, guild_id)

    with pytest.raises(PolicyChanged):  # screened again, it is refused as what it is
        await reserve(storage.ledger, 1)

    assert await storage.ledger.recent(OLIVIA, 5) == []


async def test_a_block_elsewhere_or_of_somebody_else_or_that_is_over_keeps_nothing_out(
    storage: Storage,
) -> None:
    await block(storage, GUILD + 1)
    await storage.sanctions.block(GUILD, OLIVIA, MAX, "", until=None, now=10)
    await block(storage, GUILD, until=11)

    assert (await reserve(storage.ledger, 1)).status is Status.QUEUED


async def test_of_many_requests_beside_a_block_each_is_refused_or_canceled_and_none_slips_by(
    tmp_path: Path,
) -> None:
    async with (
        Database.open(tmp_path / "imagine.db", exclusive=True) as own,
        Database.open(tmp_path / "imagine.db", exclusive=False) as beside,
    ):
        door, sanctions = Door(own), Storage.of(beside).sanctions

        async def asks(first: int) -> list[object]:
            numbers = range(first, first + 10)
            return [await settled(door.ask(number, EAGER)) for number in numbers]

        asking = [asyncio.create_task(asks(10 * crowd)) for crowd in range(8)]
        await door.ask(99, EAGER)
        now = door.clock.now()
        canceled = await sanctions.block(PLACE, MAX, EAGER, "", until=None, now=now)
        outcomes = [each for crowd in asking for each in await crowd]
        left = await own.read("select 1 from generation where cancel_requested_at is null", {})

    refused = [each for each in outcomes if isinstance(each, Blocked)]
    assert (left, len(refused) + len(canceled)) == ([], 81)


async def settled(asked: Awaitable[object]) -> object:
    try:
        return await asked
    except Blocked as refused:
        return refused


async def test_only_what_waits_in_that_server_is_canceled(storage: Storage) -> None:
    mine, other = await reserve(storage.ledger, 1), await reserve(storage.ledger, 2, MAX)

    elsewhere, here = await block(storage, GUILD + 1), await block(storage)

    assert (elsewhere, here) == ([], [mine.id])
    line = await storage.ledger.line()
    assert (line[mine.id].canceled, line[other.id].canceled) == (True, False)
    ended = await storage.ledger.finish(mine, Status.CANCELED, now=11, bought=False)
    assert ended is not None
    assert (ended.error, ended.quota.value, ended.budget.value) == (
        *("blocked", "released", "released"),
    )


async def test_a_later_block_replaces_an_earlier_one_and_both_are_on_record(
    storage: Storage,
) -> None:
    await block(storage, until=DAY_MS)
    await block(storage)

    with pytest.raises(Blocked) as refused:
        await storage.sanctions.admit(GUILD, OLIVIA, now=2 * DAY_MS)

    assert refused.value.until is None
    entries = await storage.audit.entries(GUILD, Sought(), limit=9)
    assert [entry.details for entry in entries] == [{}, {"until": str(DAY_MS)}]


async def test_the_operators_block_is_named_before_a_servers(storage: Storage) -> None:
    await block(storage)
    await storage.sanctions.block(INSTALLATION, OPERATOR, OLIVIA, "", until=None, now=11)

    with pytest.raises(Blocked) as refused:
        await storage.sanctions.admit(GUILD, OLIVIA, now=12)

    assert refused.value.everywhere


async def test_of_many_at_once_who_unblock_one_succeeds_and_one_entry_is_written(
    storage: Storage,
) -> None:
    await block(storage)

    held = await asyncio.gather(
        *(storage.sanctions.unblock(GUILD, MAX, OLIVIA, "", now=12) for _ in range(20))
    )

    assert sum(held) == 1
    assert len(await storage.audit.entries(GUILD, Sought(action="unblock"), limit=9)) == 1


async def test_a_block_that_is_over_is_none_to_take_back(storage: Storage) -> None:
    await block(storage, until=11)

    assert not await storage.sanctions.unblock(GUILD, MAX, OLIVIA, "", now=12)


UGLY = ["", "a\nb\x00c", "\u202egnp", "\ud800 half", "@everyone **x** <@1> `", "=1+1"]


@pytest.mark.parametrize("reason", [*UGLY, "字" * REASON_LENGTH])
async def test_any_reason_can_be_kept_and_told(storage: Storage, reason: str) -> None:
    await storage.sanctions.block(GUILD, MAX, OLIVIA, reason, until=None, now=1)

    with pytest.raises(Blocked) as refused:
        await storage.sanctions.admit(GUILD, OLIVIA, now=2)

    text = refusal(refused.value)
    assert "\n" not in text
    assert "@everyone" not in text
    assert len(text) < 2000
    [chain] = [each async for each in storage.audit.chains()]
    assert chain.broken is None


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("", None),
        (" ", None),
        ("30m", 1_800_000),
        ("30 min", 1_800_000),
        ("12H", 43_200_000),
        ("3d", 3 * DAY_MS),
        (" 2w ", 14 * DAY_MS),
        ("3650d", 3650 * DAY_MS),
    ],
)
def test_durations_are_read(text: str, milliseconds: int | None) -> None:
    assert duration_ms(text) == milliseconds


@pytest.mark.parametrize("text", ["0d", "3651d", "d", "3", "1.5h", "-3d", "3y", "٣d", "3d 2h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        duration_ms(text)


@pytest.mark.parametrize(
    ("actor", "subject", "why"),
    [
        (Rank.MODERATOR, Rank.MEMBER, None),
        (Rank.MODERATOR, Rank.MODERATOR, Spared.MODERATOR),
        (Rank.MODERATOR, Rank.MANAGER, Spared.MANAGER),
        (Rank.MANAGER, Rank.MODERATOR, None),
        (Rank.MANAGER, Rank.MANAGER, Spared.MANAGER),
    ],
)
def test_who_is_spared(actor: Rank, subject: Rank, why: Spared | None) -> None:
    assert spared(Person(1, actor), Person(2, subject), bot_id=3) is why
    assert spared(Person(1, actor), Person(1, subject), bot_id=3) is Spared.SELF
    assert spared(Person(1, actor), Person(3, subject), bot_id=3) is Spared.BOT
