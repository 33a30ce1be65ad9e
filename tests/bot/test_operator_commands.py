"""`block`, `unblock` and `audit verify` from a shell, beside a running bot."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import operate
from bot.domain.act import INSTALLATION, Sought
from bot.domain.generation import Capacity
from bot.domain.guild import Change, Holder
from bot.domain.sanctions import MOST_DAYS, Blocked
from bot.storage.database import Database
from bot.storage.storage import Storage
from tests.bot.command import imagine
from tests.bot.test_operate import database
from tests.world import World

GUILD, OLIVIA, MAX = 7, 1_234_567_890_123_456_789, 42


async def recorded(folder: Path) -> list[str]:
    """A record of three entries; returns their hashes."""
    async with Database.open(database(folder), exclusive=True) as opened:
        storage = Storage.of(opened)
        await storage.settings.change(
            GUILD, OLIVIA, [Change(Holder.GUILD, 0, "paused", "1")], now=1
        )
        await storage.sanctions.warn(GUILD, OLIVIA, MAX, "xylophone", now=2)
        await storage.sanctions.block(GUILD, OLIVIA, MAX, "amber", until=None, now=3)
        entries = await storage.audit.entries(GUILD, Sought(), limit=9)
    return [entry.hash or "" for entry in reversed(entries)]


async def tampered(folder: Path, statement: str) -> None:
    async with Database.open(database(folder), exclusive=False) as opened:
        await opened.write(statement, {})


async def test_verify_prints_each_head_and_exits_0_while_a_bot_runs(tmp_path: Path) -> None:
    *_, head = await recorded(tmp_path)
    async with Database.open(database(tmp_path), exclusive=True):
        outcome = await imagine(tmp_path, "audit", "verify")

    assert (outcome.code, outcome.out) == (0, f"✓ server 7: 3 chained acts, head {head}\n")


async def test_verify_without_any_record_says_so(tmp_path: Path) -> None:
    async with Database.open(database(tmp_path), exclusive=True):
        pass

    everything = await imagine(tmp_path, "audit", "verify")
    named = await imagine(tmp_path, "audit", "verify", "--guild", "9")

    assert (everything.code, everything.out) == (0, "✓ Nothing is on record.\n")
    assert (named.code, named.out) == (1, "✗ Nothing is on record.\n")


async def test_one_changed_byte_exits_1_and_names_the_entry(tmp_path: Path) -> None:
    await recorded(tmp_path)
    await tampered(tmp_path, "update audit set reason = 'xylophome' where number = 2")

    outcome = await imagine(tmp_path, "audit", "verify", "--guild", "7")

    assert outcome.code == 1
    assert outcome.out.startswith("✗ server 7: broken at entry 2: ")
    assert "xylo" not in outcome.out + outcome.err


async def test_a_head_that_was_posted_is_found_in_a_record_that_has_grown(tmp_path: Path) -> None:
    first, *_ = await recorded(tmp_path)

    known = await imagine(tmp_path, "audit", "verify", "--head", first.upper())
    unknown = await imagine(tmp_path, "audit", "verify", "--head", "0" * 64)

    assert known.code == 0
    assert f"✓ {first} is entry 1 of server 7." in known.out
    assert unknown.code == 1
    assert f"✗ {'0' * 64} is the hash of no entry" in unknown.out


async def test_a_record_that_somebody_wrote_anew_is_whole_but_knows_no_posted_head(
    tmp_path: Path,
) -> None:
    *_, posted = await recorded(tmp_path)
    for table in ("audit", "audit_head"):
        await tampered(tmp_path, f"delete from {table}")
    async with Database.open(database(tmp_path), exclusive=True) as opened:
        await Storage.of(opened).sanctions.warn(GUILD, OLIVIA, MAX, "", now=2)

    alone = await imagine(tmp_path, "audit", "verify")
    beside = await imagine(tmp_path, "audit", "verify", "--head", posted)

    assert (alone.code, beside.code) == (0, 1)


async def test_a_block_in_all_servers_holds_in_the_running_bot_until_it_is_taken_back(
    tmp_path: Path,
) -> None:
    async with Database.open(database(tmp_path), exclusive=True) as opened:
        sanctions = Storage.of(opened).sanctions
        done = await imagine(
            tmp_path, "block", str(OLIVIA), "--days", "3650", "--reason", "resells *images*"
        )
        with pytest.raises(Blocked) as refused:
            await sanctions.admit(GUILD, OLIVIA, now=1)
        undone = await imagine(tmp_path, "unblock", str(OLIVIA))
        await sanctions.admit(GUILD, OLIVIA, now=1)
        again = await imagine(tmp_path, "unblock", str(OLIVIA))
        entries = await Storage.of(opened).audit.entries(INSTALLATION, Sought(), limit=9)

    assert (done.code, done.out) == (
        0,
        "Blocked in all servers.\n",
    )
    assert (refused.value.everywhere, refused.value.reason) == (True, "resells *images*")
    assert refused.value.until is not None
    assert (undone.out, again.out) == (
        "Unblocked.\n",
        "There was no block in all servers to lift.\n",
    )
    assert [(entry.action, entry.actor) for entry in entries] == [("unblock", 0), ("block", 0)]
    assert str(OLIVIA) not in done.out + done.err + undone.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("block", "olivia"),
        ("block", str(OLIVIA), "--days", "0"),
        ("block", str(OLIVIA), "--days", str(MOST_DAYS + 1)),
        ("block", str(OLIVIA), "--reason", "x" * 501),
        ("audit", "verify", "--guild", "-1"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_2(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    async with Database.open(database(tmp_path), exclusive=True):
        pass

    outcome = await imagine(tmp_path, *arguments)

    assert (outcome.code, "Traceback" in outcome.err) == (2, False)


@pytest.mark.parametrize("arguments", [("block", "5"), ("unblock", "5"), ("audit", "verify")])
async def test_without_a_database_it_says_so_and_makes_none(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    outcome = await imagine(tmp_path, *arguments)

    assert outcome.code == 1
    assert outcome.err.startswith("There is no database yet.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("env")
@pytest.mark.rules(capacity=Capacity(running=1))
async def test_what_waits_in_the_running_bot_is_canceled_within_seconds_and_not_bought(
    world: World,
) -> None:
    world.provider.seconds = 60
    await world.imagine(world.bob)
    await world.imagine(world.alice)
    await world.env.advance_time(3)

    waiting = await operate.block(world.folder / "imagine.db", world.alice.id, 1, "")
    await world.env.advance_time(20)

    assert waiting == 1
    assert "Canceled by a moderator" in world.content
    assert (await world.row()).quota.value == "released"
    await world.env.advance_time(60)
    assert len(world.provider.inputs) == 1


@pytest.mark.usefixtures("env")
async def test_the_person_is_told_that_it_is_the_operators_block(world: World) -> None:
    await operate.block(world.folder / "imagine.db", world.alice.id, None, "")

    refused = await world.imagine()

    assert refused.ephemeral
    assert "This bot's operator has blocked you from making images." in refused.response.content
