"""A PostgreSQL server among processes: one writes at a time, and trouble has a name and an end.

Over TCP, where the other tests go through a socket's file.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

import asyncpg
import pytest

from bot.cli import database_check
from bot.domain.limits import Scope
from bot.errors import NoDatabaseYet, StorageError
from bot.refusals import QuotaExceeded
from bot.settings.address import Server
from bot.storage import postgres
from bot.storage.database import Database, newest_schema
from bot.storage.ledger import Ledger
from tests.bot.command import ROOT, imagine
from tests.bot.storage.test_limits import PRICE, limit, request
from tests.engines import TEMPLATE, Postgres, free_port, server
from tests.turns import PLENTY

pytestmark = pytest.mark.postgres

PASSWORD = "p@ss word-made-up"
NOTED = "select name from fact where name <> 'home'"
NOTE = "insert into fact (name, value) values (:name, 'x')"


@pytest.fixture(scope="module")
def place() -> Iterator[Postgres]:
    """A server of this module's own, since it is stopped, started and reached by TCP."""
    with server(tcp=True) as running:
        yield running


@pytest.fixture
async def address(place: Postgres, request: pytest.FixtureRequest) -> Server:
    """A new database with its tables."""
    return await place.make(Path(request.node.nodeid))


@pytest.fixture
async def database(address: Server) -> AsyncIterator[Database]:
    async with Database.open(address, exclusive=True) as opened:
        yield opened


def name_of(address: Server) -> str:
    return address.url.rpartition("/")[2]


@asynccontextmanager
async def several(address: Server, many: int) -> AsyncIterator[list[Database]]:
    """As many processes have it open: to the server a process is a few connections."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(Database.open(address, exclusive=True))
            for _ in range(many)
        ]


async def reserved_at_once(address: Server) -> int:
    """How many of 64 connections get an image, where the server has room for 10."""

    async def reserve(database: Database, number: int) -> bool:
        try:
            await Ledger(database).reserve(
                request(number, user=number),
                now=1_000,
                price_micros=PRICE,
                limits=[limit(Scope.INSTALLATION, 10)],
                capacity=PLENTY,
            )
        except QuotaExceeded:
            return False
        except StorageError as error:  # on a slow machine the turn may come too late
            assert "in time" in error.what  # noqa: PT017 - any other is raised
            return await reserve(database, number)
        return True

    async with several(address, 64) as databases:
        got = await asyncio.gather(*(reserve(each, n) for n, each in enumerate(databases, 1)))
        [[rows]] = await databases[0].read("select count(*) from generation", {})
    assert rows == sum(got)
    return int(rows)


async def slow(place: Postgres, address: Server) -> None:
    """From now on there is time between what a reservation counted and its commit."""
    async with place.connected(address) as connection:
        await connection.execute(
            "create function dawdle() returns trigger language plpgsql as"
            " $$ begin perform pg_sleep(0.02); return new; end $$;"
            "create trigger slow before insert on generation"
            " for each row execute function dawdle()"
        )


@pytest.mark.fault(
    "many processes reserve at the same moment",
    sees="nothing, or that the limit is reached",
    charged="never more than the limit",
)
async def test_64_connections_that_reserve_at_once_get_what_there_is_room_for(
    place: Postgres, address: Server
) -> None:
    await slow(place, address)

    assert await reserved_at_once(address) == 10


async def test_without_the_lock_they_would_get_more(
    place: Postgres, address: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the test above can fail."""
    await slow(place, address)
    monkeypatch.setattr(postgres, "_BEGIN", "begin")

    assert await reserved_at_once(address) > 10


async def test_processes_that_start_at_once_make_the_tables_once(place: Postgres) -> None:
    address = await place.make(Path("empty"), "template0")
    with pytest.raises(NoDatabaseYet):
        async with Database.open(address, exclusive=False):
            pass

    async def start() -> int:
        async with Database.open(address, exclusive=True) as database:
            return await database.schema_version()

    assert await asyncio.gather(*(start() for _ in range(8))) == [newest_schema()] * 8


@pytest.mark.parametrize(("version", "words"), [(999, "newer version"), (1, "older schema")])
async def test_another_versions_tables_are_refused(
    place: Postgres, address: Server, version: int, words: str
) -> None:
    async with place.connected(address) as connection:
        await connection.execute(f"update schema_version set version = {version}")

    with pytest.raises(StorageError, match=words):
        async with Database.open(address, exclusive=False):
            pass


@pytest.mark.fault(
    "the database server is restarted while the bot runs",
    sees="that something went wrong; the operator: the server cannot be reached",
    charged="nothing",
)
async def test_a_server_that_is_stopped_is_named_and_used_again_once_it_runs(
    place: Postgres, database: Database
) -> None:
    await database.write(NOTE, {"name": "before"})
    place.stop()
    try:
        for _ in range(2):
            with pytest.raises(StorageError, match="cannot be reached"):
                await database.write(NOTE, {"name": "meanwhile"})
            with pytest.raises(StorageError, match="cannot be reached"):
                await database.read("select 1", {})
    finally:
        place.start()

    await database.write(NOTE, {"name": "after"})
    assert [row["name"] for row in await database.read(NOTED, {})] == [
        "before",
        "after",
    ]


FROZEN = """
import asyncio, sys
from bot.settings.address import Server
from bot.storage.database import Database

async def hold():
    async with Database.open(Server(sys.argv[1]), exclusive=True) as database:
        async with database.transaction() as here:
            await here.fetch("insert into fact (name, value) values ('frozen', 'x')", {})
            print("held", flush=True)
            await asyncio.sleep(0)
            sys.stdin.read()

asyncio.run(hold())
"""


@asynccontextmanager
async def frozen_writer(address: Server) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FROZEN, address.url),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"held\n"
        process.send_signal(signal.SIGSTOP)
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


@pytest.mark.fault(
    "a process is frozen while it writes",
    sees="their answers a few seconds later",
    charged="nothing",
)
async def test_a_frozen_writer_delays_the_others_for_seconds_and_writes_nothing(
    address: Server, database: Database
) -> None:
    async with frozen_writer(address):
        began = time.monotonic()
        await database.write(NOTE, {"name": "waited"})
        took = time.monotonic() - began

    assert took < postgres.TURN_SECONDS
    assert [row["name"] for row in await database.read(NOTED, {})] == ["waited"]


async def test_a_turn_that_does_not_come_is_named(
    place: Postgres, address: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place.connected(address) as connection, connection.transaction():
        await connection.execute(f"select pg_advisory_xact_lock({postgres.WRITING})")
        with pytest.raises(StorageError, match="did not answer in time"):
            await database.write(NOTE, {"name": "a"})
    await database.write(NOTE, {"name": "b"})


async def open_transactions(place: Postgres, address: Server) -> int:
    async with place.connected(address) as connection:
        found: int = await connection.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and application_name = 'imagine' and state like 'idle in transaction%'"
        )
        return found


@pytest.mark.parametrize("times", [1, 2])
async def test_who_is_cancelled_within_a_transaction_leaves_nothing_open(
    place: Postgres, address: Server, database: Database, times: int
) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with database.transaction() as here:
            await here.fetch(NOTE, {"name": "left"})
            begun.set()
            await asyncio.Event().wait()

    writing = asyncio.create_task(write())
    await begun.wait()
    for _ in range(times):
        writing.cancel()
        await asyncio.sleep(0)
    await asyncio.wait({writing})

    await database.write(NOTE, {"name": "next"})
    assert writing.cancelled()
    assert await open_transactions(place, address) == 0
    assert [row["name"] for row in await database.read(NOTED, {})] == ["next"]


@pytest.mark.parametrize(
    "statement", ["select nothing", "select * from nowhere", "this is no statement"]
)
async def test_a_mistake_in_a_statement_is_not_blamed_on_the_server(
    database: Database, statement: str
) -> None:
    for run in (database.read, database.write):
        with pytest.raises(asyncpg.PostgresError):
            await run(statement, {})
    with pytest.raises(TypeError):
        await database.read("select :value", {"value": {1, 2}})
    with pytest.raises(KeyError):
        await database.write("select :value", {})


@pytest.mark.parametrize(
    "values",
    [
        {"name": "private", "it": "a"},
        {"name": "private", "it": None},
        {"name": "other", "it": "private \ud800"},
    ],
    ids=["a key that is there", "nothing where something belongs", "no text"],
)
async def test_no_error_repeats_what_was_to_be_stored(
    database: Database, values: dict[str, object]
) -> None:
    await database.write("insert into fact (name, value) values (:name, 'x')", {"name": "private"})
    with pytest.raises(asyncpg.PostgresError) as caught:
        await database.write("insert into fact (name, value) values (:name, :it)", values)
    written = "".join(traceback.format_exception(caught.value))
    assert "private" not in written.replace("test_no_error", "")
    assert "Error" in written


async def test_a_commit_is_on_the_disk_whatever_the_servers_default_is(
    place: Postgres, address: Server
) -> None:
    name = name_of(address)
    await place.run(f"alter database {name} set synchronous_commit = off")
    async with Database.open(address, exclusive=True) as database:
        [[setting]] = await database.read("select current_setting('synchronous_commit')", {})
    assert setting == "on"


@pytest.fixture
async def guarded(place: Postgres, address: Server) -> AsyncIterator[str]:
    """Its address without a user: a role of its own, with a password, owns the database."""
    name = name_of(address)
    await place.run("drop role if exists imagine")
    await place.run(f"create role imagine login password '{PASSWORD}'")
    with place.asking_for_passwords():
        yield address.url.partition("@")[2]
    async with place.connected(address) as connection:
        await connection.execute("drop owned by imagine")
    await place.run(f"revoke all on database {name} from imagine")
    await place.run("drop role imagine")


WRITTEN = "p%40ss%20word-made-up"


@pytest.mark.parametrize(
    ("user", "change", "says"),
    [
        ("imagine:wrong-made-up@", ("", ""), "lets us in not at all"),
        ("imagine@", ("", ""), "lets us in not at all"),
        (f"nobody:{WRITTEN}@", ("", ""), "lets us in not at all"),
        (f"imagine:{WRITTEN}@", ("/t", "/missing"), "lets us in not at all"),
        (f"imagine:{WRITTEN}@", ("127.0.0.1", "nowhere.invalid"), "cannot be reached"),
        (f"imagine:{WRITTEN}@", ("127.0.0.1", "127.0.0.2"), "cannot be reached"),
        (f"imagine:{WRITTEN}@", ("", "?sslmode=require"), "do not agree on TLS"),
        (f"imagine:{WRITTEN}@", ("", "?sslmode=nonsense"), "no address of a database"),
        (f"imagine:{WRITTEN}@", ("", "?nonsense=1"), ""),
        (f"imagine:{WRITTEN}@", ("", ""), "lets us in not at all"),  # to the database, not to ours
    ],
)
async def test_who_is_not_let_in_reads_one_sentence_and_never_a_password(
    tmp_path: Path, guarded: str, user: str, change: tuple[str, str], says: str
) -> None:
    old, new = change
    url = f"postgresql://{user}{guarded.replace(old, new, 1) if old else guarded + new}"

    outcome = await imagine(tmp_path, "usage", settings={"DATABASE_URL": url})

    told = outcome.out + outcome.err
    assert outcome.code == 1, told
    assert says in told
    assert "Traceback" not in told
    assert "made-up" not in told
    assert len(outcome.err.strip().splitlines()) == 1


@pytest.fixture
async def pooler(address: Server, tmp_path: Path) -> AsyncIterator[Callable[[str], Server]]:
    """The database through a pooler of this mode, where one is installed."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    running: list[subprocess.Popen[bytes]] = []
    place, _, name = address.url.partition("@")[2].partition("/")

    def pooled(mode: str) -> Server:
        folder = Path(mkdtemp(prefix="imagine-pooler-"))
        folder.chmod(0o755)
        host, _, server_port = place.partition(":")
        port = free_port()
        (folder / "users").write_text('"postgres" ""\n')
        (folder / "ini").write_text(
            f"[databases]\n* = host={host} port={server_port}\n[pgbouncer]\nlisten_addr=127.0.0.1\n"
            f"listen_port={port}\nunix_socket_dir=\nauth_type=trust\nauth_file={folder}/users\n"
            f"pool_mode={mode}\n"
        )
        user = "nobody" if os.geteuid() == 0 else None
        quiet = subprocess.DEVNULL
        command = [program, str(folder / "ini")]
        running.append(subprocess.Popen(command, user=user, stdout=quiet, stderr=quiet))
        reached(port)
        return Server(f"postgresql://postgres@127.0.0.1:{port}/{name}")

    yield pooled
    for process in running:
        process.kill()
        process.wait()


def reached(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
    raise TimeoutError


@pytest.mark.parametrize(
    ("mode", "mark"), [("session", "✓"), ("transaction", "✗"), ("statement", "✗")]
)
async def test_a_pooler_that_takes_a_sessions_server_away_is_crossed(
    pooler: Callable[[str], Server], mode: str, mark: str
) -> None:
    [finding] = await database_check.findings(pooler(mode))

    assert finding.mark.value == mark
    assert (mode == "session") == ("pooler" not in finding.says), finding.says


async def test_a_role_that_owns_an_empty_database_needs_no_more(
    place: Postgres, guarded: str
) -> None:
    owned = await place.make(Path("owned"), "template0")
    name = name_of(owned)
    await place.run(f"alter database {name} owner to imagine")
    address = Server(f"postgresql://imagine:{WRITTEN}@{owned.url.partition('@')[2]}")
    try:
        async with Database.open(address, exclusive=True) as database:
            assert await database.schema_version() == newest_schema()
    finally:
        await place.run(f"alter database {name} owner to postgres")
        async with place.connected(owned) as connection:
            await connection.execute("drop owned by imagine cascade")


async def test_the_template_that_tests_copy_is_what_a_first_start_leaves(place: Postgres) -> None:
    async with Database.open(place.named(TEMPLATE), exclusive=False) as database:
        assert await database.schema_version() == newest_schema()
