"""Both databases hold the same, and what PostgreSQL is asked often it finds by an index."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as trial
from hypothesis import strategies as st

from bot.domain.filter import Filter
from bot.domain.limits import Scope
from bot.storage import sqlite
from bot.storage.database import Database, Row
from bot.storage.history import NEWEST, History
from bot.storage.ledger import Ledger
from bot.storage.postgres import Connection
from tests.bot.storage.test_limits import PRICE, limit, request
from tests.engines import Postgres
from tests.turns import PLENTY

pytestmark = pytest.mark.postgres

#: What each calls a type of the other's. Truth is a number in both.
TYPES = {
    "integer": {"bigint", "smallint"},
    "bigint": {"bigint"},
    "smallint": {"smallint"},
    "text": {"text"},
}
COLUMNS = """
select table_name, column_name, data_type, is_nullable, column_default
from information_schema.columns
where table_schema = 'public' and table_name in (
    select table_name from information_schema.tables where table_type = 'BASE TABLE')
"""
KEYS = """
select conrelid::regclass::text as name, pg_get_constraintdef(oid) as definition
from pg_constraint where contype in ('p', 'u', 'c') and connamespace = 'public'::regnamespace
"""
INDEXES = "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'"
#: PostgreSQL's own record of its version.
OURS = ("schema_version", "image", "image_piece")  # SQLite counts by a pragma, and has files


@pytest.fixture
async def database(engine: Postgres, tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(await engine.make(tmp_path / "x.db"), exclusive=True) as opened:
        yield opened


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[sqlite3.Connection]:
    """What the other engine makes."""
    path = tmp_path / "imagine.db"
    async with sqlite.opened(path, exclusive=True):
        pass
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def tables(file: sqlite3.Connection) -> dict[str, str]:
    found = file.execute("select name, sql from sqlite_schema where type = 'table'")
    return {name: sql for name, sql in found if not name.startswith("sqlite_")}


def default(text: str | None) -> str | None:
    return None if text is None else text.partition("::")[0]


async def test_both_have_the_same_tables_and_columns(
    database: Database, file: sqlite3.Connection
) -> None:
    here: dict[tuple[str, str], tuple[str, bool, str | None]] = {}
    for table, name, kind, nullable, standard in await database.read(COLUMNS, {}):
        here[table, name] = (kind, nullable == "NO", default(standard))
    there: dict[tuple[str, str], tuple[str, bool, str | None]] = {}
    for table in tables(file):
        for _, name, kind, required, standard, key in file.execute(f"pragma table_info({table})"):
            there[table, name] = (kind.lower(), bool(required or key), standard)

    assert {name for name in here if name[0] not in OURS} == set(there)
    for name, (kind, required, standard) in there.items():
        assert here[name][0] in TYPES[kind], name
        assert here[name][1:] == (required, standard), name


async def test_both_refuse_the_same_values_and_twins(
    database: Database, file: sqlite3.Connection
) -> None:
    found = await database.read(KEYS, {})
    checks = {(row["name"], *_check(row["definition"])) for row in found if "CHECK" in row[1]}
    keys = {(row["name"], _columns(row["definition"])) for row in found if "CHECK" not in row[1]}
    theirs, their_keys = set[tuple[object, ...]](), set[tuple[str, tuple[str, ...]]]()
    for table, sql in tables(file).items():
        for each in re.findall(r"check\s*\(((?:[^()]|\([^()]*\))*)\)", sql, re.IGNORECASE):
            theirs.add((table, *_check(each)))
        about = file.execute(f"pragma table_info({table})").fetchall()
        key = sorted((each[5], each[1]) for each in about if each[5])
        their_keys.add((table, tuple(name for _, name in key)))
        for _, index, _, origin, _ in file.execute(f"pragma index_list({table})"):
            names = file.execute(f"pragma index_info({index})")
            if origin == "u":
                their_keys.add((table, tuple(name for _, _, name in names)))

    assert {each for each in checks if each[0] not in OURS} == theirs
    keys = {each for each in keys if each[0] not in OURS}
    assert keys == {each for each in their_keys if each[1]}


def _check(text: str) -> tuple[str, frozenset[str]]:
    """The column, and the words or numbers that it may hold."""
    found = re.search(r"(?i)(?:check\s*)?\(*(\w+)", text)
    assert found
    inside = re.findall(r"'(\w+)'|(?<![\w'])(\d+)\b", text)
    return found[1], frozenset(word or number for word, number in inside)


def _columns(definition: str) -> tuple[str, ...]:
    return tuple(definition.partition("(")[2].rstrip(")").split(", "))


async def test_both_have_the_same_indexes(database: Database, file: sqlite3.Connection) -> None:
    found = await database.read(INDEXES, {})
    here = {row["indexname"] for row in found if row["tablename"] not in OURS}
    there = {
        name
        for name, sql in file.execute("select name, sql from sqlite_schema where type = 'index'")
        if sql
    }
    assert {name for name in here if not name.endswith(("_pkey", "_key"))} == there


MANY = """
insert into generation (
    id, interaction_id, ordinal, status, owner_epoch, application_id, guild_id, channel_id,
    place_id, user_id, token_expires_at, private, size_limit, locale, provider, model, prompt,
    options, created_at, submitted_at, provider_ended_at, ended_at, price_micros, outputs,
    quota, budget)
select
    n || '-0', n, 0, 'delivered', 0, 1, n % 300, n % 900, n % 900, n % 2000, 9, 0, 10, 'en', 'p',
    'owner/' || n % 7, 'a red fox', '{}', n, n + 1, n + 9, n + 10, 60000, '[]', 'settled', 'settled'
from generate_series(1000, 101000) as numbers (n)
"""


async def test_what_is_asked_often_reads_no_whole_table(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 100,000 generations."""
    await database.write(MANY, {})
    await database.read("analyze", {})
    asked: list[tuple[str, Mapping[str, object]]] = []
    fetched = Connection.fetched

    async def noted(self: Connection, statement: str, values: Mapping[str, object]) -> list[Row]:
        asked.append((statement, values))
        return await fetched(self, statement, values)

    monkeypatch.setattr(Connection, "fetched", noted)
    ledger = Ledger(database)
    [row] = await ledger.reserve(
        request(1, user=5),
        now=200_000,
        price_micros=PRICE,
        limits=[limit(scope, 10**12) for scope in Scope if scope is not Scope.FILTER],
        capacity=PLENTY,
    )
    await ledger.line()
    await ledger.dispatch([row.id], now=200_001, creates=5, capacity=PLENTY)
    await ledger.find(row.id)
    await ledger.recent(5, 10)
    await ledger.recent_durations("owner/3")
    assert [made async for made in History(database).up_to(5, NEWEST, Filter())]
    monkeypatch.undo()

    for statement, values in asked:
        found = await database.read("explain " + statement, values)
        plan = "\n".join(row[0] for row in found)
        assert "Seq Scan on generation" not in plan, f"{statement}\n{plan}"
    assert len(asked) >= 7


UGLY = (
    *("", "\0", "a\0b", "\ufffd", "\U0001f98a", "\u202e", "e\u0301", "\ud7ff\ue000", "\uffff"),
    *("'; drop table generation; --", "$1", ":name", "%s", "\\", "\\u0000", "{}", "[]", "null"),
    *("\r\n\t\x0b\x7f\x1b[0m", " ", "x" * 6_000, "\U0010ffff" * 6_000, "\u3000" * 6_000),
)


@pytest.fixture
async def both(database: Database, tmp_path: Path) -> AsyncIterator[tuple[Database, Database]]:
    async with sqlite.opened(tmp_path / "text.db", exclusive=True) as other:
        yield database, other


ROUND = "insert into fact (name, value) values (:name, :value) on conflict (name) do update"
ROUND += " set value = excluded.value returning value"


@pytest.mark.parametrize("text", UGLY)
async def test_what_is_stored_is_what_is_read_but_that_postgresql_knows_no_nul(
    both: tuple[Database, Database], text: str
) -> None:
    here, there = both
    for database, expected in ((here, text.replace("\0", "\ufffd")), (there, text)):
        [[stored]] = await database.write(ROUND, {"name": "x", "value": text})
        [[read]] = await database.read("select value from fact where value = :v", {"v": text})
        assert (stored, read) == (expected, expected)


@trial(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@example(["\0", "\\\0", "\\u0000", "\\\\u0000"])
@given(st.lists(st.text(max_size=40), max_size=4))
async def test_any_text_within_json_is_found(
    both: tuple[Database, Database], texts: list[str]
) -> None:
    for ascii_only in (False, True):
        values = {"texts": json.dumps(texts, ensure_ascii=ascii_only)}
        found = [
            [row[0] for row in await each.read("select value from json_each(:texts)", values)]
            for each in both
        ]
        assert found[0] == [text.replace("\0", "\ufffd") for text in texts]
        assert found[1] == texts or "\0" in "".join(texts)  # SQLite ends a text there


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)])
async def test_integers_keep_their_64_bits(both: tuple[Database, Database], number: int) -> None:
    for each in both:
        [[read]] = await each.read("select :number", {"number": number})
        assert read == number


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "\ud800", float("nan")])
async def test_what_cannot_be_stored_is_refused_by_both(
    both: tuple[Database, Database], value: object
) -> None:
    for each in both:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - each has its own
            await each.write(
                "insert into alias (pseudonym, user_id) values (1, :value)", {"value": value}
            )
        assert not isinstance(caught.value, AssertionError)
