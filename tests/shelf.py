"""What lies in the store, as tests look at it and damage it: a folder, or tables that look so."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import asyncpg

from tests.engines import standing

_PUT = """
insert into image (name, beside, stored_at)
values ($1, (select name from image where $1 like name || '.small%'), $2)
on conflict do nothing
"""


def shelf(folder: Path) -> Path | Shelf:
    """Of the images of a database that lies, or would lie, beside that folder."""
    postgres = standing()
    return folder if postgres is None else Shelf(postgres.address(folder.parent / "imagine.db").url)


def aged(image: Path | Item, at: float) -> None:
    """It was stored then (UTC seconds)."""
    if isinstance(image, Path):
        os.utime(image, (at, at))
    else:
        image.run("update image set stored_at = $2 where name = $1", image.name, int(at * 1000))


@dataclass(frozen=True)
class Shelf:
    """The tables, with a folder's methods."""

    url: str

    def mkdir(self, **_: object) -> None:
        pass

    def iterdir(self) -> Iterator[Item]:
        return self.glob("*")

    def glob(self, pattern: str) -> Iterator[Item]:
        names = [row[0] for row in run(self.url, "select name from image order by name")]
        return (self / name for name in names if fnmatch(name, pattern))

    def __truediv__(self, name: str) -> Item:
        return Item(self.url, name)


@dataclass(frozen=True)
class Item:
    """An image in them, with a file's."""

    url: str
    name: str

    def run(self, statement: str, *values: object) -> list[Any]:
        return run(self.url, statement, *values)

    def exists(self) -> bool:
        return bool(self.run("select from image where name = $1", self.name))

    is_file = exists

    def read_bytes(self) -> bytes:
        asked = "select content from image_piece where name = $1 order by number"
        pieces = [bytes(row[0]) for row in self.run(asked, self.name)]
        if not pieces:
            raise FileNotFoundError(self.name)
        return b"".join(pieces)

    def write_bytes(self, content: bytes) -> None:
        self.run(_PUT, self.name, int(time.time() * 1000))
        self.run("delete from image_piece where name = $1", self.name)
        self.run("insert into image_piece values ($1, 0, $2)", self.name, content)

    def unlink(self) -> None:
        if not self.run("delete from image where name = $1 returning name", self.name):
            raise FileNotFoundError(self.name)


def run(url: str, statement: str, *values: object) -> list[Any]:
    """As a program beside the bot would; the test's own loop stands still."""

    async def fetched() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, fetched()).result()
