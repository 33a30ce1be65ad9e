"""The command line of `migrate`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.launch import environment, fail
from bot.settings.address import Address, Server, located
from bot.settings.config import StorageSettings
from bot.settings.values import Unusable
from bot.storage.database import require_driver
from bot.text import plural

if TYPE_CHECKING:
    from rich.table import Table

    from bot.storage.move import Moved

_AFTERWARDS = """\
{source} and {images} are as they were.
Set DATABASE_URL to the new database for every process, and start. Never start the old one again:
what waits or is under way goes on in the new one, and would be bought twice. Keep the old files
until you have seen the new one run and backed it up, then delete them: nothing erases them."""

#: Also where no terminal says how wide it is: no figure is cut off.
_TABLE_WIDTH = 120


def migrate(
    source: Annotated[
        str, typer.Option("--from", metavar="sqlite:///…", help="Default: imagine.db in DATA_DIR.")
    ] = "",
    target: Annotated[
        str, typer.Option("--to", metavar="postgresql://…", help="Default: DATABASE_URL.")
    ] = "",
) -> None:
    """Move from a SQLite file to an empty PostgreSQL database, while the bot is stopped.

    All rows, and the images from DATA_DIR, in one transaction that is committed only once both
    sides add up. The source stays as it is.
    """
    settings = StorageSettings.parse(environment())
    own = settings.address
    path = _read("--from", source) if source else settings.data_dir / "imagine.db"
    if not source and isinstance(own, Path):
        path = own
    to = _read("--to", target) if target else own
    if not isinstance(path, Path) or not isinstance(to, Server):
        fail(
            "It moves from a SQLite file (--from sqlite:///…) to a server (--to postgresql://…).", 2
        )
    require_driver()
    asyncio.run(_move(path, to, settings.data_dir / "images"))


def _read(option: str, text: str) -> Address:
    try:
        return located(text)
    except Unusable as error:  # without the text: it may hold a password
        fail(f"{option} {error.what}. {error.remedy}", 2)


async def _move(source: Path, target: Server, images: Path) -> None:
    from rich.console import Console

    from bot.storage.move import move

    began = time.monotonic()
    moved = await move(source, target, images, lambda line: print(line, flush=True))
    console = Console()
    console.width = max(console.width, _TABLE_WIDTH)
    console.print(_verified(moved))
    found, size = moved.images, moved.images.size / (1 << 20)
    print(
        f"Moved in {time.monotonic() - began:.1f} s: {sum(moved.tables.values()):,} rows, "
        f"{found.moved:,} images ({size:,.1f} MiB). Row by row and byte by byte the same."
    )
    for line in _remarks(moved):
        print(line)
    print(_AFTERWARDS.format(source=source, images=images))


def _remarks(moved: Moved) -> list[str]:
    lines = [f"{plural(moved.chains, 'record')} of acts verified."]
    if moved.images.absent:
        lines.append(f"{plural(moved.images.absent, 'image')} were not stored any more.")
    if moved.nulls:
        lines.append(
            f"{plural(moved.nulls, 'row')} had a null character, which PostgreSQL cannot store: it"
            " is U+FFFD there now."
        )
    return lines


def _verified(moved: Moved) -> Table:
    """What was counted on both sides, and is the same."""
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("The same on both sides", no_wrap=True)
    for name in ("rows", "images", "counted", "price $", "cost $", "compute s"):
        table.add_column(name, justify="right")
    for each in moved.sums:
        money = (_parts(each.price_micros, 10**6), _parts(each.cost_micros, 10**6))
        counts = (f"{each.rows:,}", _whole(each.images), _whole(each.counted))
        table.add_row(each.kind, *counts, *money, _parts(each.compute_ms, 10**3))
    return table


def _whole(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _parts(number: int | None, of: int) -> str:
    """To the last micro-dollar, or millisecond."""
    return "" if number is None else f"{number // of:,}.{number % of:0{len(str(of)) - 1}}"
