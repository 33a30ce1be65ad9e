"""An older version's database: brought up to date with its rows, and carried by backups."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.generation import Entry, Request, Status
from bot.domain.guild import Change, Holder
from bot.domain.limits import Limit, Period, Scope, Spent, Unit
from bot.errors import StorageError
from bot.refusals import QuotaExceeded
from bot.storage import backup
from bot.storage.database import MIGRATIONS, Database, newest_schema
from bot.storage.ledger import Ledger
from bot.storage.storage import Storage
from bot.storage.usage import By, Of
from tests.custody import begun
from tests.turns import PLENTY

pytestmark = pytest.mark.sqlite("its older versions")

GUILD, CHANNEL, THREAD, OLIVIA, MAX = 7, 40, 41, 5, 6
BUDGET = Limit(Scope.CHANNEL, Unit.MICROS, Period.DAY, 180_000, since=0, resets_at=99)

#: As a version with the first two migrations wrote them.
ROWS = """
insert into generation (
    id, interaction_id, ordinal, status, owner_epoch, application_id, guild_id, channel_id,
    user_id, token, token_expires_at, private, size_limit, locale, provider, model, prompt, options,
    prediction_id, created_at, ended_at, compute_ms, image_name, image_type, image_bytes,
    price_micros, cost_micros, quota, budget, error, duration_ms)
values
    ('1-0', 1, 0, 'delivered', 1, 2, 7, 40, 5, null, 9, 0, 10, 'en-US', 'p', 'owner/name',
     'a red fox', '{"aspect_ratio": "1:1"}', 'p1', 1000, 2000, 2500, '1-0.png', 'image/png', 10,
     60000, 60000, 'settled', 'settled', null, 2600),
    ('2-0', 2, 0, 'failed', 1, 2, 7, 40, 5, null, 9, 0, 10, 'en-US', 'p', 'owner/name',
     'a badger', '{}', 'p2', 1100, 2100, null, null, null, null,
     60000, 60000, 'released', 'settled', 'safety', null),
    ('3-0', 3, 0, 'unknown', 1, 2, null, 50, 6, null, 9, 1, 10, 'de', 'p', 'owner/name',
     'an owl', '{}', null, 1200, 2200, null, null, null, null,
     null, null, 'released', 'settled', null, null),
    ('4-0', 4, 0, 'queued', 1, 2, 7, 40, 6, 'secret', 9, 0, 10, 'en-US', 'p', 'owner/name',
     'a hare', '{}', null, 1300, null, null, null, null, null,
     60000, null, 'reserved', 'reserved', null, null);
insert into fact values ('owner_epoch', '1'), ('synced_commands', 'abc');
"""


def older(path: Path) -> Path:
    """A database that the version with the first two migrations left behind, at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        for number in (1, 2):
            [script] = (MIGRATIONS / "sqlite").glob(f"{number:04}_*.sql")
            connection.executescript(f"{script.read_text()}\npragma user_version = {number};")
        connection.executescript(ROWS)
    return path


def columns(path: Path, names: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"select {names} from generation order by id").fetchall()


def request(number: int, channel: int = CHANNEL, parent: int | None = None) -> Request:
    return Request(
        interaction_id=number,
        application_id=2,
        guild_id=GUILD,
        channel_id=channel,
        parent_id=parent,
        user_id=OLIVIA,
        model="owner/name",
        prompt="a newer fox",
        options={},
        token="secret",
        token_expires_at=9,
        size_limit=10,
    )


async def test_an_older_database_keeps_every_column_of_every_row(tmp_path: Path) -> None:
    path = older(tmp_path / "imagine.db")
    with closing(sqlite3.connect(path)) as connection:
        told = connection.execute("select name from pragma_table_info('generation')").fetchall()
    moved = {"image_name", "image_type", "image_bytes"}
    names = ", ".join(name for [name] in told if name not in moved)
    before = columns(path, names)

    async with Database.open(path, exclusive=True) as database:
        assert await database.schema_version() == newest_schema()
        [delivered, *others] = [await Ledger(database).find(f"{n}-0") for n in (1, 2, 3, 4)]

    assert columns(path, names) == before
    assert delivered is not None
    assert [(each.name, each.size) for each in delivered.outputs] == [("1-0.png", 10)]
    assert [each and each.outputs for each in others] == [(), (), ()]
    assert len(before) == 4


async def test_an_older_rows_channel_is_the_place_where_it_counts(tmp_path: Path) -> None:
    path = older(tmp_path / "imagine.db")

    async with Database.open(path, exclusive=True) as database:
        rows = await Storage.of(database, "p").ledger.recent(OLIVIA, 10)

    assert columns(path, "place_id") == [(40,), (40,), (50,), (40,)]
    assert [(row.request.parent_id, row.request.place_id) for row in rows] == [(None, 40)] * 2


async def test_what_an_older_version_spent_counts_against_the_new_limits(tmp_path: Path) -> None:
    path = older(tmp_path / "imagine.db")

    async with Database.open(path, exclusive=True) as database:
        storage = Storage.of(database, "p")
        counted = await storage.ledger.counted(request(9), 60_000)
        spent = await storage.ledger.spending.of(counted, [BUDGET])
        with pytest.raises(QuotaExceeded) as refused:
            await storage.ledger.reserve(
                request(9, THREAD, CHANNEL),
                now=3_000,
                price_micros=60_000,
                limits=[BUDGET],
                capacity=PLENTY,
                policy_version=1,
            )
        sums = await storage.sums.by(By.USER, Of())

    assert spent == [Spent(BUDGET, 180_000, 60_000)]
    assert (refused.value.scope, refused.value.used) == ("channel", 180_000)
    assert {user: usage.cost_micros for user, usage in sums.items()} == {OLIVIA: 120_000, MAX: None}


async def test_a_server_of_an_older_version_goes_on_as_it_was(
    tmp_path: Path,
) -> None:
    async with Database.open(older(tmp_path / "imagine.db"), exclusive=True) as database:
        storage = Storage.of(database, "p")
        await storage.settings.load()

        assert storage.settings.policy(GUILD).version == 1
        assert storage.settings.policy(GUILD + 1).version == 0


async def test_what_an_older_version_left_unfinished_goes_on(tmp_path: Path) -> None:
    path = older(tmp_path / "imagine.db")

    async with Database.open(path, exclusive=True) as database:
        ledger = Storage.of(database, "p").ledger
        [row] = await begun(ledger)
        ended = await ledger.finish(row, Status.EXPIRED, now=4_000, bought=False)

    assert (row.id, row.status, row.request.place_id) == ("4-0", Status.QUEUED, 40)
    assert ended is not None
    assert (ended.quota, ended.budget) == (Entry.RELEASED, Entry.RELEASED)


async def test_what_an_older_version_stored_of_a_person_can_be_erased(tmp_path: Path) -> None:
    path = older(tmp_path / "imagine.db")

    async with Database.open(path, exclusive=True) as database:
        people = Storage.of(database, "p").people
        await people.ask_erasure(OLIVIA, now=5_000)
        [erasure] = await people.erasures()
        gone = await people.erase(erasure, await people.images(erasure), now=5_000)

    assert gone
    assert {prompt for [prompt] in columns(path, "prompt")} == {"", "an owl", "a hare"}


async def test_reading_an_older_database_says_what_to_do_and_changes_nothing(
    tmp_path: Path,
) -> None:
    path = older(tmp_path / "imagine.db")

    with pytest.raises(StorageError, match=r"older schema.*Start the bot once"):
        async with Database.open(path, exclusive=False):
            pass

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma user_version").fetchone() == (2,)


async def test_an_older_versions_backup_is_restored_and_then_brought_up_to_date(
    tmp_path: Path,
) -> None:
    older(tmp_path / "then" / "imagine.db")
    path, images = tmp_path / "data" / "imagine.db", tmp_path / "data" / "images"

    backup.restore(tmp_path / "then", path, images, force=False)

    async with Database.open(path, exclusive=True) as database:
        [row] = await begun(Storage.of(database, "p").ledger)
    assert (row.id, row.status) == ("4-0", Status.SUBMITTING)
    assert columns(path, "place_id") == [(40,), (40,), (50,), (40,)]


async def filled(storage: Storage) -> None:
    """Something in every table that came with limits."""
    changes = [
        Change(Holder.GUILD, 0, "day_micros", "5000000"),
        Change(Holder.MEMBER, -9, "day_images", "3"),
    ]
    await storage.settings.change(GUILD, OLIVIA, changes, now=1_000)
    await storage.settings.change(GUILD, MAX, [Change(Holder.GUILD, 0, "paused", "1")], now=2_000)
    await storage.sanctions.block(GUILD, OLIVIA, MAX, "spam", until=None, now=2_000)
    await storage.people.set_unlisted(OLIVIA, unlisted=True)
    await storage.people.ask_erasure(MAX, now=3_000)
    await storage.alerts.reached(Spent(BUDGET, 100_000), GUILD)
    await storage.ledger.reserve(
        request(1, THREAD, CHANNEL),
        now=1_000,
        price_micros=1,
        limits=(),
        capacity=PLENTY,
        policy_version=storage.settings.policy(GUILD).version,
    )


TABLES = (
    *("generation", "guild", "setting", "audit", "audit_head", "block", "alias", "alert"),
    *("person", "erasure"),
)


def all_rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables; but for what a restore changes in those that were queued."""
    with closing(sqlite3.connect(path)) as connection:
        found = {name: connection.execute(f"select * from {name}").fetchall() for name in TABLES}
        every = "select id, user_id, channel_id, place_id, price_micros, quota from generation"
        return found | {"generation": connection.execute(every).fetchall()}


async def test_a_backup_carries_settings_their_history_wishes_and_notices(tmp_path: Path) -> None:
    path, images = tmp_path / "data" / "imagine.db", tmp_path / "data" / "images"
    async with Database.open(path, exclusive=True) as database:
        await filled(Storage.of(database, "p"))
    before = all_rows(path)
    assert [name for name, rows in before.items() if not rows] == []
    backup.save(path, images, tmp_path / "monday")
    async with Database.open(path, exclusive=True) as database:
        paused = [Change(Holder.GUILD, 0, "paused", None)]
        await Storage.of(database, "p").settings.change(GUILD, MAX, paused, now=9_000)

    backup.restore(tmp_path / "monday", path, images, force=True)

    assert all_rows(path) == before
    async with Database.open(path, exclusive=True) as database:
        storage = Storage.of(database, "p")
        await storage.settings.load()
        policy = storage.settings.policy(GUILD)
        audit = await storage.settings.audit(GUILD, 10)
        people = await storage.aliases.people([record.actor for record in audit])
        chains = [each.broken async for each in storage.audit.chains()]
    assert (policy.paused, policy.allowance(Holder.GUILD).day_micros) == (True, 5_000_000)
    assert policy.allowance(Holder.MEMBER, -9).day_images == 3
    assert {people[record.actor] for record in audit} == {OLIVIA, MAX}
    assert chains == [None]
