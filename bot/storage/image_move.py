"""Images on their way from files into a server's tables: each as its row says that it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

from bot.domain.attached import Attached, names
from bot.errors import StorageError
from bot.record import State
from bot.storage.pieces import PIECE
from bot.storage.postgres import Connection
from bot.storage.sqlite import SqliteDatabase

_ROWS = "select id, outputs, pictures from generation where outputs is not null or pictures <> '[]'"
_PUT = "insert into image (name, stored_at) values ($1, $2)"
_PUT_PIECE = "insert into image_piece (name, number, content) values ($1, $2, $3)"
_ARRIVED = """
select encode(sha256(string_agg(content, ''::bytea order by number)), 'hex')
from image_piece where name = $1
"""
#: Images between two lines that say how far it is.
_LINE = 1_000
_BATCH = 1_000


class Images(State):
    """How many there were, of how many bytes; of `absent` the time was over."""

    moved: int = 0
    size: int = 0
    absent: int = 0


async def move_images(
    source: SqliteDatabase, target: Connection, folder: Path, said: Callable[[str], None]
) -> Images:
    """Within the target's transaction. Raises StorageError where one is not what its row says.

    Thumbnails are made again when somebody looks.
    """
    images = Images()
    async for name, sha256 in _named(source):
        path = folder / name
        if not path.is_file():
            images.absent += 1
            continue
        images.size += await _moved(target, path, sha256)
        images.moved += 1
        if images.moved % _LINE == 0:
            said(f"images: {images.moved:,}")
    return images


async def _named(source: SqliteDatabase) -> AsyncIterator[tuple[str, str]]:
    """Every file that a row names, and the hash it has then; "": none is known."""
    async with source.reader.execute(_ROWS) as cursor:
        while found := await cursor.fetchmany(_BATCH):
            for id_, outputs, pictures in found:
                for output in filter(None, json.loads(outputs or "[]")):
                    yield output["name"], output.get("sha256", "")
                for name in names(id_, _attached(pictures)):
                    yield name, ""


def _attached(pictures: str) -> Sequence[Attached]:
    return [Attached(**each) for each in json.loads(pictures)]


async def _moved(target: Connection, path: Path, sha256: str) -> int:
    """Returns its size in bytes. What it was made of is hashed here and, once it arrived, there."""
    size, hashed = 0, hashlib.sha256()
    await target.execute(_PUT, path.name, _stored_at(path))
    for number, piece in enumerate(_pieces(path)):
        await target.execute(_PUT_PIECE, path.name, number, piece)
        hashed.update(piece)
        size += len(piece)
    found = hashed.hexdigest()
    if sha256 not in ("", found):
        remedy = "Take it from a backup, or delete it; then move again. Nothing was moved."
        raise StorageError(f"The file {path} is not what its row says.", remedy)
    if size and await target.fetchval(_ARRIVED, path.name) != found:
        remedy = "Nothing was moved. Try again; if it stays so, please report it."
        raise StorageError(f"{path} did not arrive as it is.", remedy)
    return size


def _stored_at(path: Path) -> int:
    """Retention goes by this (UTC milliseconds)."""
    return path.stat().st_mtime_ns // 1_000_000


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
