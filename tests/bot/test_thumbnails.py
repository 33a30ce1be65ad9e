"""Thumbnails: small, marked, made once, and gone when their pictures go."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image as Pillow

from bot.domain.generation import Generation
from bot.domain.picture import SMALL, Stored
from bot.errors import ProviderTrouble
from bot.pictures.containers import Container
from bot.pictures.files import ImageFiles
from bot.pictures.images import SMALL_SIDE, thumbnail
from bot.pictures.provenance import stated
from bot.pictures.store import FileStore
from bot.pictures.thumbnails import Thumbnails
from bot.record import replace
from bot.storage.database import Database
from bot.storage.storage import Storage
from tests.bot.storage.test_removals import delivered
from tests.world import picture

NAME = "9-0.png"


@pytest.fixture
def store(tmp_path: Path) -> ImageFiles:
    return ImageFiles(tmp_path / "images")


def stored(store: ImageFiles, content: bytes, name: str = NAME) -> Path:
    store.put(name, content)
    return store.path(name)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [(2048, 1024), (1, 3000), (16, 16)])
def test_it_is_small_webp_and_says_that_it_is_made_by_ai(
    store: ImageFiles, kind: str, size: tuple[int, int]
) -> None:
    fitted = thumbnail(stored(store, picture(kind, size)), "some/model")

    assert isinstance(fitted.file, io.BytesIO)
    content = fitted.file.getvalue()
    with Pillow.open(io.BytesIO(content)) as small:
        small.load()
        assert small.format == "WEBP"
        assert max(small.size) <= SMALL_SIDE
    assert stated(Container(io.BytesIO(content), "image/webp").xmp)


def test_noise_takes_few_kilobytes_and_what_is_transparent_stays_so(store: ImageFiles) -> None:
    noise = thumbnail(stored(store, picture("JPEG", (1024, 1024), noise=True)), "m")
    buffer = io.BytesIO()
    Pillow.new("RGBA", (600, 300), (9, 9, 9, 0)).save(buffer, "PNG")
    clear = thumbnail(stored(store, buffer.getvalue()), "m")

    assert noise.image.size < 40_000
    assert isinstance(clear.file, io.BytesIO)
    with Pillow.open(clear.file) as small:
        assert small.mode == "RGBA"


@pytest.mark.parametrize("content", [b"", b"<html>", picture("PNG")[:60]])
def test_what_is_no_picture_has_none(store: ImageFiles, content: bytes) -> None:
    with pytest.raises(ProviderTrouble):
        thumbnail(stored(store, content), "m")


# --- beside the picture


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        yield Storage.of(database, "p")


async def row_of(storage: Storage, store: ImageFiles, content: bytes) -> Generation:
    stored(store, content)
    row = await delivered(storage)
    return replace(row, outputs=(Stored(NAME, "image/png", len(content), "aa"),))


def files(store: ImageFiles) -> set[str]:
    return {each.name for each in store.root.iterdir()}


async def test_it_is_made_once_also_when_many_ask_at_once(
    storage: Storage, store: ImageFiles
) -> None:
    row = await row_of(storage, store, picture("PNG", (900, 900)))
    thumbnails = Thumbnails(FileStore(store), storage.takedowns)

    found = await asyncio.gather(*(thumbnails.of(row, 0, "a fox") for _ in range(8)))

    contents = {
        each.file.getvalue() for each in found if each and isinstance(each.file, io.BytesIO)
    }
    assert len(contents) == 1
    assert {each.alt for each in found if each} == {"a fox"}
    assert files(store) == {NAME, NAME + SMALL}
    (store.root / (NAME + SMALL)).write_bytes(b"as it was made")
    again = await thumbnails.of(row, 0, "")
    assert again is not None
    assert isinstance(again.file, io.BytesIO)
    assert again.file.getvalue() == b"as it was made"


@pytest.mark.parametrize("number", [1, 99])
async def test_a_picture_that_there_is_not_has_none(
    storage: Storage, store: ImageFiles, number: int
) -> None:
    row = await row_of(storage, store, picture("PNG"))

    assert await Thumbnails(FileStore(store), storage.takedowns).of(row, number, "") is None


async def test_a_picture_that_is_gone_or_refused_has_none(
    storage: Storage, store: ImageFiles
) -> None:
    row = await row_of(storage, store, picture("PNG"))
    thumbnails = Thumbnails(FileStore(store), storage.takedowns)
    assert await thumbnails.of(row, 0, "") is not None

    await storage.takedowns.refuse(["aa"], now=1)
    assert await thumbnails.of(row, 0, "") is None
    await storage.takedowns.allow("aa")
    store.path(NAME).unlink()
    assert await thumbnails.of(row, 0, "") is None


def test_it_goes_with_its_picture(store: ImageFiles) -> None:
    stored(store, picture("PNG"))
    store.put_small(NAME, b"small")

    store.remove([NAME])

    assert files(store) == set()


def test_of_a_picture_that_went_meanwhile_nothing_stays(store: ImageFiles) -> None:
    stored(store, picture("PNG"))
    store.remove([NAME])

    with pytest.raises(FileNotFoundError):
        store.put_small(NAME, b"small")

    assert files(store) == set()


@pytest.mark.parametrize("keep", [set(), {NAME}])
def test_it_is_swept_when_its_picture_is_however_new_it_is(
    store: ImageFiles, keep: set[str]
) -> None:
    path = stored(store, picture("PNG"))
    os.utime(path, (1, 1))
    store.put_small(NAME, b"small")

    store.sweep(2_000, keep)

    assert files(store) == ({NAME, NAME + SMALL} if keep else set())
