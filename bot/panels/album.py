"""The images of `/history`, page by page: one's own, and those that are saved in a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import discord

from bot.domain.filter import Filter
from bot.domain.generation import Generation, Status
from bot.generation.gallery import Gallery
from bot.panels.saving import Saving
from bot.record import Record
from bot.storage.history import NEWEST, Made, Spot
from bot.storage.saved import SavedImage
from bot.storage.storage import Storage
from bot.views.history import HERE, Where

#: Entries of a page: their thumbnails are uploaded each time, and their texts fit one message.
PAGE = 5
#: Requests whose files are looked for at once.
CHUNK = 50


class Entry(Record):
    """A request of somebody's own, or one saved picture: its rows, and which pictures to show."""

    spot: Spot
    rows: tuple[Generation, ...]
    pictures: tuple[tuple[Generation, int], ...]


class Page(Record):
    """Newest first; where the pages beside it begin, None where there is none."""

    entries: tuple[Entry, ...]
    older: Spot | None = None
    newer: Spot | None = None


class Album:
    """Reads only what this person may see, from where they ask; nothing whose file is gone."""

    def __init__(self, storage: Storage, saving: Saving, gallery: Gallery) -> None:
        self._ledger = storage.ledger
        self._history = storage.history
        self._saving = saving
        self._gallery = gallery

    async def page(self, interaction: discord.Interaction, where: Where, wanted: Filter) -> Page:
        """The images that the filter admits, from there on."""
        if where.tab == HERE:
            return _page(await self._saved(interaction, wanted), where.spot)
        return await self._mine(interaction.user.id, where.spot, wanted)

    async def entry(self, interaction: discord.Interaction, where: Where) -> Entry | None:
        """The one that is chosen; None: it is not there (any more), or not for them."""
        if where.chosen is None:
            return None
        if where.tab == HERE:
            found = await self._saved(interaction, Filter())
            return next((each for each in found if each.spot.ids == where.chosen), None)
        interaction_id, ordinal, _ = where.chosen
        rows = await self._ledger.request(f"{interaction_id}-{ordinal}")
        if not rows or rows[0].request.user_id != interaction.user.id:
            return None
        return await self._own(rows, Spot(rows[0].created_at, interaction_id))

    async def _mine(self, user_id: int, spot: Spot, wanted: Filter) -> Page:
        """One more than a page is looked for: where the next one begins."""
        found = await self._stored(self._history.up_to(user_id, spot, wanted), wanted, PAGE + 1)
        newer: list[Made] = []
        if found and spot != NEWEST:
            after = self._history.after(user_id, found[0].spot, wanted)
            newer = await self._stored(after, wanted, PAGE)
        entries = [
            await self._own(await self._ledger.request(each.ids[0]), each.spot)
            for each in found[:PAGE]
        ]
        return Page(
            tuple(each for each in entries if each is not None),
            found[PAGE].spot if len(found) > PAGE else None,
            _newer([each.spot for each in newer]),
        )

    async def _stored(self, made: AsyncIterator[Made], wanted: Filter, most: int) -> list[Made]:
        """The first ones whose words fit and of which a file is there."""
        found: list[Made] = []
        waiting: list[Made] = []
        async with aclosing(made) as each_made:  # type: ignore[type-var]  # it is a generator
            async for each in each_made:
                if wanted.admits(each.prompt, each.model):
                    waiting.append(each)
                if len(waiting) == CHUNK:
                    found += await self._with_files(waiting)
                    waiting = []
                if len(found) >= most:
                    break
        if len(found) < most:
            found += await self._with_files(waiting)
        return found[:most]

    async def _with_files(self, made: Sequence[Made]) -> list[Made]:
        gone = await self._gallery.missing([name for each in made for name in each.names])
        return [each for each in made if not gone.issuperset(each.names)]

    async def _own(self, rows: Sequence[Generation], spot: Spot) -> Entry | None:
        """With those of its pictures that are there."""
        shown = tuple(row for row in rows if _was_given(row))
        names = [output.name for row in shown for output in row.outputs]
        gone = await self._gallery.missing(names)
        pictures = tuple(
            (row, number)
            for row in shown
            for number, output in enumerate(row.outputs)
            if output.name not in gone
        )
        return Entry(spot, shown, pictures) if pictures else None

    async def _saved(self, interaction: discord.Interaction, wanted: Filter) -> list[Entry]:
        """All that this person sees here, the last saved first."""
        saved = [
            each
            for each in await self._saving.shown(interaction)
            if wanted.since <= each.row.created_at < wanted.until
            and wanted.admits(each.row.request.prompt, each.row.request.model)
        ]
        gone = await self._gallery.missing([_name(each) for each in saved])
        entries = [
            Entry(_spot(each), (each.row,), ((each.row, each.picture),))
            for each in saved
            if _name(each) not in gone
        ]
        return sorted(entries, key=lambda each: each.spot, reverse=True)


def _page(entries: Sequence[Entry], spot: Spot) -> Page:
    """The part of all entries, newest first, that begins there."""
    newer = [each.spot for each in entries if each.spot > spot]
    shown = entries[len(newer) :]
    older = shown[PAGE].spot if len(shown) > PAGE else None
    return Page(tuple(shown[:PAGE]), older, _newer(newer[::-1][:PAGE]))


def _newer(spots: Sequence[Spot]) -> Spot | None:
    """Where the page of these begins, the next one first; the first page is whole."""
    if not spots:
        return None
    return spots[-1] if len(spots) == PAGE else NEWEST


def _was_given(row: Generation) -> bool:
    is_there = row.sealed_until is None and row.removed_by is None
    return is_there and row.status in (Status.DELIVERING, Status.DELIVERED, Status.KEPT)


def _name(saved: SavedImage) -> str:
    return saved.row.outputs[saved.picture].name


def _spot(saved: SavedImage) -> Spot:
    request = saved.row.request
    return Spot(saved.saved_at, request.interaction_id, request.ordinal, saved.picture)
