"""Pictures on their way through: few at a time, and never in memory whole."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest

from bot.domain.generation import Generation, Request, Status
from bot.domain.picture import Stored, close
from bot.generation.gallery import FETCHED_AT_ONCE, Gallery
from bot.generation.tray import ROOM
from bot.generation.watch import Life
from bot.pictures.containers import PIECE
from bot.pictures.store import store_of
from bot.storage.database import Database
from bot.storage.lineage import Lineage
from bot.storage.takedowns import Takedowns
from tests.bot.pictures import inspected, whole
from tests.clocks import HandClock, settled
from tests.shelf import shelf
from tests.world import MODEL, Provider, SimClock, picture

LARGE = picture("PNG", (2000, 1400), noise=True)


class FileHost(Provider):
    """Hands out its output piece by piece, each only once `open` is set."""

    def __init__(self, output: bytes) -> None:
        super().__init__(SimClock(), output=output)
        self.open = asyncio.Event()
        self.open.set()
        self.under_way = 0
        self.most_under_way = 0

    async def download(self, url: str) -> AsyncGenerator[bytes, None]:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            for at in range(0, len(self.output), PIECE):
                await self.open.wait()
                yield self.output[at : at + PIECE]
        finally:
            self.under_way -= 1


class Place:
    """A gallery and its file host."""

    def __init__(self, folder: Path, output: bytes, database: Database) -> None:
        self.clock = HandClock()
        self.host = FileHost(output)
        self.store, self.shelf = store_of(database, folder / "images"), shelf(folder / "images")
        self.gallery = Gallery(
            self.store, self.host, self.clock, Takedowns(database), Lineage(database)
        )

    def row(self, number: int = 0) -> Generation:
        request = Request(number, 1, 2, 3, 4, MODEL, "a fox", {}, "token", 0, 10 << 20)
        return Generation(
            request.id,
            request,
            Status.DELIVERING,
            0,
            outputs=(Stored(f"{request.id}.png", "image/png", 1),),
        )

    async def fetch(self, number: int = 0) -> None:
        life = Life(None, canceled_by_somebody=False)  # type: ignore[arg-type] # nothing is shown
        await self.gallery.fetch(self.row(number), ["https://files.invalid/out.png"], life)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        here = Place(tmp_path, LARGE, database)
        yield here
        here.gallery.close()


async def shown(place: Place, number: int = 0) -> None:
    """Until an upload could begin."""
    form = await place.gallery.form([place.row(number)], len(LARGE) * 2)
    assert form is not None
    for each in form.pictures:
        close(each.file)


async def test_an_image_is_fetched_into_the_store(place: Place) -> None:
    await place.fetch()

    form = await place.gallery.form([place.row()], 1 << 30)

    assert form is not None
    [shown] = form.pictures
    content = whole(shown.file)
    assert content == (place.shelf / "0-0.png").read_bytes()
    assert inspected(content) == shown.image
    assert place.host.under_way == 0


async def test_only_so_many_images_are_on_their_way_in_at_once(place: Place) -> None:
    place.host.open.clear()
    fetches = [asyncio.create_task(place.fetch(n)) for n in range(3 * FETCHED_AT_ONCE)]
    await settled()
    place.host.open.set()
    await asyncio.gather(*fetches)

    assert place.host.most_under_way == FETCHED_AT_ONCE


async def test_neither_on_its_way_in_nor_out_is_an_image_in_memory_whole(place: Place) -> None:
    await place.fetch()  # what is imported and remembered once is not what is measured
    await shown(place)
    tracemalloc.start()
    try:
        await place.fetch(1)
        await shown(place, 1)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < len(LARGE) / 2


async def test_an_image_that_was_stored_just_now_is_not_read_again(place: Place) -> None:
    place.host.output = picture("PNG", noise=True)
    await place.fetch()
    content = (place.shelf / "0-0.png").read_bytes()
    (place.shelf / "0-0.png").write_bytes(b"damaged since")

    first = await place.gallery.form([place.row()], 1 << 30)
    second = await place.gallery.form([place.row()], 1 << 30)

    assert first is not None
    [shown] = first.pictures
    assert isinstance(shown.file, BytesIO)
    assert (shown.file.getvalue(), shown.image) == (content, inspected(content))
    assert second is None


async def test_of_a_backlog_those_that_came_first_are_not_read_again(place: Place) -> None:
    """As many as there is room for; those that come meanwhile do not drive them out."""
    place.host.output = picture("PNG", (590, 590), noise=True)  # 1 MB
    numbers = range(40)
    for number in numbers:
        await place.fetch(number)
    held = ROOM // len((place.shelf / "0-0.png").read_bytes())
    for number in numbers[:held]:
        (place.shelf / f"{number}-0.png").unlink()

    forms = [await place.gallery.form([place.row(number)], 1 << 30) for number in numbers]

    assert all(forms)
    assert 0 < held < len(numbers)


async def test_no_more_images_wait_in_memory_than_there_is_room_for(place: Place) -> None:
    place.host.output = picture("PNG", (780, 780), noise=True)  # 1.8 MB
    await place.fetch()
    held = ROOM // len((place.shelf / "0-0.png").read_bytes())
    for number in range(1, held + 1):
        await place.fetch(number)
    (place.shelf / f"{held}-0.png").unlink()

    assert await place.gallery.form([place.row(held)], 1 << 30) is None


async def test_what_is_never_delivered_holds_no_place(place: Place) -> None:
    place.host.output = picture("PNG", noise=True)
    await place.fetch()
    (place.shelf / "0-0.png").unlink()

    place.gallery.forget(place.row().id)

    assert await place.gallery.form([place.row()], 1 << 30) is None


async def test_an_image_that_was_removed_is_not_in_memory_either(place: Place) -> None:
    place.host.output = picture("PNG", noise=True)
    await place.fetch()

    await place.gallery.remove(["0-0.png"])

    assert await place.gallery.form([place.row()], 1 << 30) is None


async def test_a_fetch_that_is_given_up_leaves_nothing_behind(place: Place) -> None:
    place.host.open.clear()
    fetch = asyncio.create_task(place.fetch())
    while not place.host.under_way:  # noqa: ASYNC110 - one turn of the loop at a time
        await asyncio.sleep(0)
    fetch.cancel()
    await asyncio.gather(fetch, return_exceptions=True)

    assert place.host.under_way == 0
    assert list(place.shelf.glob("*")) == []


async def test_what_is_not_stored_has_no_form(place: Place) -> None:
    assert await place.gallery.form([place.row()], 1 << 30) is None


async def test_what_fits_no_limit_has_no_form(place: Place) -> None:
    place.host.output = picture("PNG", noise=True)
    await place.fetch()

    assert await place.gallery.form([place.row()], 20) is None
