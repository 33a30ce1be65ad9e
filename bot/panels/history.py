"""What `/history` does: pages of images, and what is done about one of them.

Every answer is private. Whose images they are, and who sees what is saved, is asked on every press.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import discord

from bot.chat.calls import NOBODY
from bot.chat.panel import edit_of, whisper
from bot.chat.uploads import opened
from bot.domain.filter import Filter, NoDay
from bot.domain.picture import Form, Picture
from bot.generation.gallery import Gallery
from bot.language import _
from bot.panels.album import Album, Entry
from bot.panels.saving import PANEL as SAVED
from bot.panels.saving import Saving
from bot.pictures.thumbnails import Thumbnails
from bot.record import replace
from bot.storage.storage import Storage
from bot.views import history as views
from bot.views.actions import Press
from bot.views.history import Where
from bot.wording import history as words
from bot.wording.images import link

_Edit = Callable[..., Awaitable[Any]]


class HistoryPanel:
    """One private message; it also answers **Save** and **Unsave**, wherever they stand."""

    def __init__(
        self, storage: Storage, saving: Saving, gallery: Gallery, thumbnails: Thumbnails
    ) -> None:
        self._saving = saving
        self._album = Album(storage, saving, gallery)
        self._thumbnails = thumbnails

    async def open(self, interaction: discord.Interaction) -> None:
        """Answer the command, which has been deferred."""
        await self._list(interaction, interaction.edit_original_response, Where(), Filter())

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """A button of the panel, or one that saves."""
        alone, wanted = views.shown_in(interaction.message)
        where, edit = Where.named(press.subject), edit_of(interaction)
        if press.panel == SAVED:
            await self._save(interaction, press, alone, wanted)
            return
        match press.verb:
            case views.FILTER:
                await interaction.response.send_modal(views.filter_form(where, wanted))
            case views.ONE:
                await self._show(interaction, edit, where, wanted)
            case views.CLEAR:
                await self._list(interaction, edit, where, Filter())
            case views.FILTERED:  # nobody can press it
                await self._list(interaction, edit, Where(), wanted)
            case _:
                await self._list(interaction, edit, where, wanted)

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """The filter."""
        try:
            wanted = Filter.read(said)
        except NoDay:
            await whisper(interaction, _(words.NO_DAY))
            return
        where = Where.named(press.subject)
        await self._list(interaction, edit_of(interaction), where, wanted)

    async def _save(
        self, interaction: discord.Interaction, press: Press, alone: Where | None, wanted: Filter
    ) -> None:
        """In the panel the image's view says what came of it."""
        said = await self._saving.pressed(interaction, press)
        if alone is None or alone.chosen is None:
            await whisper(interaction, said)
        else:
            await self._show(interaction, edit_of(interaction), alone, wanted, said)

    async def _list(
        self, interaction: discord.Interaction, edit: _Edit, where: Where, wanted: Filter
    ) -> None:
        where = replace(where, chosen=None)
        page = await self._album.page(interaction, where, wanted)
        lines = [
            await self._line(number, each, where) for number, each in enumerate(page.entries, 1)
        ]
        here = self._saving.is_on(interaction.guild_id)
        listed = views.Listed(lines, page.older, page.newer, here)
        shown = [each.picture for each in lines if each.picture is not None]
        await _sent(edit, views.page_view(listed, where, wanted), shown)

    async def _line(self, number: int, entry: Entry, where: Where) -> views.Line:
        is_here = where.tab == views.HERE
        row, picture = entry.pictures[0]
        [alt] = words.alts([row], 1)
        return views.Line(
            words.line(number, entry.rows, len(entry.pictures), by=is_here),
            await self._thumbnails.of(row, picture, alt),
            _is_spoiler(entry),
            entry.spot.ids,
        )

    async def _show(
        self,
        interaction: discord.Interaction,
        edit: _Edit,
        where: Where,
        wanted: Filter,
        said: str = "",
    ) -> None:
        entry = await self._album.entry(interaction, where)
        if entry is None:
            gone = said or _(words.GONE)
            alone, said = views.Alone(gone, (), spoiler=False, own="", link="", saves=()), ""
        else:
            alone = await self._alone(interaction, entry)
        view = views.image_view(alone, where, wanted, said)
        await _sent(edit, view, alone.pictures)

    async def _alone(self, interaction: discord.Interaction, entry: Entry) -> views.Alone:
        alts = words.alts(entry.rows, len(entry.pictures))
        found = [
            await self._thumbnails.of(row, number, alt)
            for (row, number), alt in zip(entry.pictures, alts, strict=True)
        ]
        request = entry.rows[0].request
        is_own = interaction.user.id == request.user_id
        return views.Alone(
            words.alone(entry.rows),
            [each for each in found if each is not None],
            _is_spoiler(entry),
            f"{request.interaction_id}-0" if is_own else "",
            next(filter(None, map(link, entry.rows)), ""),
            await self._saving.buttons(interaction, entry.rows),
        )


async def _sent(edit: _Edit, view: discord.ui.LayoutView, pictures: Sequence[Picture]) -> None:
    with opened(Form("", tuple(pictures))) as files:
        await edit(view=view, attachments=files, allowed_mentions=NOBODY)


def _is_spoiler(entry: Entry) -> bool:
    return any(row.request.spoiler for row in entry.rows)
