"""The record: one chain a server, whole after an erasure, broken by a single changed byte."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.act import INSTALLATION, OPERATOR, Act, Action, Chain, Sought
from bot.domain.guild import Change, Holder
from bot.domain.limits import DAY_MS
from bot.storage.audit import BATCH, record
from bot.storage.chain import genesis
from bot.storage.database import MIGRATIONS, Database, newest_schema
from bot.storage.storage import Storage
from tests.bot.command import ROOT
from tests.engines import for_a_process

GUILD, OTHER, OLIVIA, MAX = 7, 8, 1_234_567_890_123_456_789, 42
REASON = "xylophone made of amber"


async def append(database: Database, guild_id: int = GUILD, act: Act | None = None) -> int:
    async with database.transaction() as connection:
        return await record(connection, guild_id, act or Act(-5, Action.REPORT), now=1_000)


async def chains(storage: Storage, guild_id: int | None = None) -> list[Chain]:
    return [each async for each in storage.audit.chains(guild_id)]


async def filled(storage: Storage) -> None:
    """Entries of every shape, in two servers and the installation."""
    await storage.settings.change(GUILD, OLIVIA, [Change(Holder.GUILD, 0, "paused", "1")], now=1)
    await storage.settings.change(OTHER, MAX, [Change(Holder.CHANNEL, 3, "mode", "off")], now=2)
    await storage.sanctions.warn(GUILD, OLIVIA, MAX, REASON, now=3)
    await storage.sanctions.block(GUILD, OLIVIA, MAX, REASON, until=None, now=4)
    await storage.sanctions.block(INSTALLATION, OPERATOR, MAX, "", until=9, now=5)
    await storage.sanctions.unblock(GUILD, OLIVIA, MAX, "", now=6)


async def test_each_server_has_a_chain_of_its_own_that_ends_in_its_head(storage: Storage) -> None:
    await filled(storage)

    found = await chains(storage)

    assert [(each.guild_id, each.entries, each.broken) for each in found] == [
        (INSTALLATION, 1, None),
        (GUILD, 4, None),
        (OTHER, 1, None),
    ]
    heads = [await storage.audit.placed(each.head) for each in found]
    assert heads == [(INSTALLATION, 1), (GUILD, 4), (OTHER, 1)]


async def test_the_record_is_read_newest_first_by_person_action_and_time(storage: Storage) -> None:
    await filled(storage)
    olivia, max_ = await storage.aliases.of(OLIVIA), await storage.aliases.of(MAX)

    async def numbers(sought: Sought, before: int | None = None) -> list[int]:
        found = await storage.audit.entries(GUILD, sought, before=before, limit=3)
        return [entry.number for entry in found]

    assert await numbers(Sought()) == [4, 3, 2]
    assert await numbers(Sought(), before=2) == [1]
    assert await numbers(Sought(person=max_)) == [4, 3, 2]
    assert await numbers(Sought(person=olivia), before=3) == [2, 1]
    assert await numbers(Sought(action="warn")) == [2]
    assert await numbers(Sought(since=4)) == [4, 3]
    [entry] = await storage.audit.entries(GUILD, Sought(action="warn"), limit=1)
    assert (entry.actor, entry.subject, entry.reason) == (olivia, max_, REASON)


async def test_people_stand_in_it_by_pseudonym_only(storage: Storage, database: Database) -> None:
    await filled(storage)

    rows = [*await database.read("select * from audit", {})]
    rows += await database.read("select * from block", {})

    assert str(OLIVIA) not in str([tuple(row) for row in rows])
    assert {row["actor"] for row in rows} == {await storage.aliases.of(OLIVIA), OPERATOR} | {
        await storage.aliases.of(MAX)
    }


async def test_64_acts_at_once_from_two_connections_make_one_unforked_chain(
    database: Database, storage: Storage, tmp_path: Path
) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=False) as beside:
        numbers = await asyncio.gather(*(append((database, beside)[n % 2]) for n in range(64)))

    assert sorted(numbers) == list(range(1, 65))
    [found] = await chains(storage)
    assert (found.entries, found.broken) == (64, None)


async def undone(database: Database) -> None:
    async with database.transaction() as connection:
        await record(connection, GUILD, Act(-5, Action.REMOVE), now=2)
        raise ZeroDivisionError


async def test_an_act_that_is_rolled_back_leaves_no_entry_and_no_gap(
    database: Database, storage: Storage
) -> None:
    await append(database)
    with pytest.raises(ZeroDivisionError):
        await undone(database)
    recording = asyncio.create_task(append(database))
    await asyncio.sleep(0)
    recording.cancel()
    await asyncio.gather(recording, return_exceptions=True)

    number = await append(database)

    assert number == 2
    [found] = await chains(storage)
    assert (found.entries, found.broken) == (2, None)


KILLED = """
import asyncio, os, signal, sys
from bot.domain.act import Act, Action
from bot.settings.address import located
from bot.storage.audit import record
from bot.storage.database import Database

async def main():
    async with Database.open(located(sys.argv[1]), exclusive=True) as database:
        for number in range(3):
            async with database.transaction() as connection:
                await record(connection, 7, Act(-5, Action.WARN), now=number)
                if number == 2:
                    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_a_process_killed_before_its_commit_leaves_a_whole_chain(tmp_path: Path) -> None:
    path = tmp_path / "imagine.db"
    settings = await for_a_process(tmp_path, {"DATABASE_URL": f"sqlite:///{path}"})
    url = settings["DATABASE_URL"]

    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, url, cwd=ROOT)

    assert await killed.wait() == -9
    async with Database.open(path, exclusive=True) as database:
        assert await append(database) == 3
        [found] = await chains(Storage.of(database, "p"))
    assert (found.entries, found.broken) == (3, None)


BYTES = {
    "at = at + 1": 2,
    "action = 'block'": 2,
    "actor = actor - 1": 2,
    "subject = subject + 1": 2,
    "subject_salt = replace(subject_salt, substr(subject_salt, 1, 1), 'x')": 2,
    "subject_mark = substr(subject_mark, 2)": 2,
    "reason = reason || '.'": 2,
    "reason = null": 2,
    "reason_mark = null": 2,
    """details = '{"a":"b"}'""": 2,
    "hash = upper(hash)": 2,
    "hash = null": 2,
}


@pytest.mark.parametrize(("change", "number"), BYTES.items())
async def test_a_changed_byte_is_found_with_the_entry_that_it_is_in(
    database: Database, storage: Storage, change: str, number: int
) -> None:
    await filled(storage)

    await database.write(f"update audit set {change} where guild_id = 7 and number = 2", {})

    [found] = await chains(storage, GUILD)
    assert found.broken == number
    assert [each.broken for each in await chains(storage)] == [None, number, None]


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("delete from audit where guild_id = 7 and number = 2", 2),
        ("delete from audit where guild_id = 7 and number = 4", 4),
        ("delete from audit_head where guild_id = 7", 1),
        ("update audit_head set hash = 'x' where guild_id = 7", 4),
        ("update audit_head set number = 3 where guild_id = 7", 3),
        ("update audit_head set begun_after = 1 where guild_id = 7", 2),
        ("update audit set number = 9 where guild_id = 7 and number = 4", 4),
        ("update audit set guild_id = 9 where guild_id = 7 and number = 4", 4),
    ],
)
async def test_what_is_taken_out_or_moved_is_found(
    database: Database, storage: Storage, statement: str, number: int
) -> None:
    await filled(storage)

    await database.write(statement, {})

    [found] = await chains(storage, GUILD)
    assert found.broken == number


async def test_an_entry_put_behind_the_head_is_found(database: Database, storage: Storage) -> None:
    await filled(storage)
    copy = "insert into audit select 7, 5, at, action, null, null, null, null, null, null"
    await database.write(f"{copy}, null, null, null, details, hash from audit limit 1", {})

    [found] = await chains(storage, GUILD)

    assert (found.broken, found.why) == (5, "it stands after the chain's head")


async def test_a_chain_longer_than_one_look_is_followed_to_its_end(
    database: Database, storage: Storage
) -> None:
    async with database.transaction() as connection:
        for number in range(2 * BATCH):
            await record(connection, GUILD, Act(-5, Action.REPORT), now=number)

    [found] = await chains(storage)

    assert (found.entries, found.broken) == (2 * BATCH, None)


async def test_an_erased_person_is_gone_from_the_record_and_the_chain_still_verifies(
    database: Database, storage: Storage
) -> None:
    await filled(storage)
    before = await chains(storage)
    max_ = await storage.aliases.of(MAX)

    await storage.people.ask_erasure(MAX, now=100)
    [erasure] = await storage.people.erasures()
    assert await storage.people.erase(erasure, [], now=100)

    assert await chains(storage) == before
    rows = await database.read("select * from audit", {})
    assert [row["number"] for row in rows if max_ in (row["actor"], row["subject"])] == []
    assert [row["reason"] for row in rows] == [None] * len(rows)
    erased = [row for row in rows if row["subject_mark"] and row["subject"] is None]
    assert {(row["subject_salt"], row["reason_salt"]) for row in erased} == {(None, None)}
    olivia = await storage.aliases.of(OLIVIA)
    assert [row["actor"] for row in rows if row["guild_id"] == GUILD] == [olivia] * 4


async def test_a_block_outlives_the_erasure_of_whom_it_is_about_without_its_reason(
    database: Database, storage: Storage
) -> None:
    await filled(storage)

    await storage.people.ask_erasure(MAX, now=100)
    [erasure] = await storage.people.erasures()
    await storage.people.erase(erasure, [], now=100)

    rows = await database.read("select subject, reason from block", {})
    assert [tuple(row) for row in rows] == [(await storage.aliases.of(MAX), "")]


async def test_what_is_recorded_after_somebody_asked_for_erasure_is_not_meant(
    storage: Storage,
) -> None:
    await storage.people.ask_erasure(MAX, now=100)
    await storage.sanctions.warn(GUILD, OLIVIA, MAX, REASON, now=101)
    [erasure] = await storage.people.erasures()
    await storage.people.erase(erasure, [], now=102)

    [entry] = await storage.audit.entries(GUILD, Sought(), limit=5)

    assert (entry.subject, entry.reason) == (await storage.aliases.of(MAX), REASON)


async def test_reasons_end_by_age_and_the_chain_still_verifies(
    database: Database, storage: Storage
) -> None:
    await filled(storage)
    before = await chains(storage)

    await storage.people.erase_reasons(DAY_MS)

    assert await chains(storage) == before
    assert await database.read("select 1 from audit where reason is not null", {}) == []
    people = await database.read("select 1 from audit where subject is not null", {})
    assert len(people) == 4


async def test_blocks_that_are_over_are_not_kept_and_others_keep_their_reasons(
    database: Database, storage: Storage
) -> None:
    await storage.sanctions.block(GUILD, OLIVIA, MAX, "over", until=9, now=4)
    await storage.sanctions.block(OTHER, OLIVIA, MAX, "holds", until=None, now=4)

    await storage.people.close_windows(now=10)
    await storage.people.erase_reasons(DAY_MS)

    found = await database.read("select guild_id, reason from block", {})
    assert [tuple(row) for row in found] == [(OTHER, "holds")]


OLDER = """
insert into guild values (7, 3);
insert into setting values (7, 'guild', 0, 'paused', '1');
insert into audit values
    (7, 1, 10, -5, 'guild', 0, 'paused', null, '1'),
    (7, 2, 20, -5, 'member', -9, 'day_images', '3', null),
    (7, 3, 30, -5, 'channel', 40, 'model', null, 'owner/name');
"""


def schema_4(path: Path) -> None:
    """A database of the version before the chain, with changes of settings on record."""
    with closing(sqlite3.connect(path)) as connection:
        for number in (1, 2, 3, 4):
            [script] = (MIGRATIONS / "sqlite").glob(f"{number:04}_*.sql")
            connection.executescript(f"{script.read_text()}\npragma user_version = {number};")
        connection.executescript(OLDER)


@pytest.mark.sqlite("its older versions")
async def test_changes_on_record_before_the_chain_are_kept_and_the_chain_begins_after_them(
    tmp_path: Path,
) -> None:
    schema_4(tmp_path / "imagine.db")

    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        assert await database.schema_version() == newest_schema()
        storage = Storage.of(database, "p")
        before = await storage.settings.audit(GUILD, 10)
        pause = Change(Holder.GUILD, 0, "paused", None)
        await storage.settings.change(GUILD, OLIVIA, [pause], now=40)
        [found] = await chains(storage)
        entries = await storage.audit.entries(GUILD, Sought(), limit=10)

    assert [(r.at, r.actor, r.holder, r.subject, r.name, r.before, r.after) for r in before] == [
        (30, -5, Holder.CHANNEL, 40, "model", None, "owner/name"),
        (20, -5, Holder.MEMBER, -9, "day_images", "3", None),
        (10, -5, Holder.GUILD, 0, "paused", None, "1"),
    ]
    assert (found.entries, found.earlier, found.broken) == (1, 3, None)
    assert [entry.number for entry in entries] == [4, 3, 2, 1]
    assert [entry.hash is None for entry in entries] == [False, True, True, True]


async def test_a_chain_says_from_which_entry_on_it_proves_anything() -> None:
    assert genesis(GUILD, 0) != genesis(GUILD, 3)
    assert genesis(GUILD, 0) != genesis(OTHER, 0)
