"""The panel of `/history`: a page of images, or one of them. What is looked for is in the message.

A filter's words do not fit a custom id, so they are the values of a menu that nobody can press:
there the next press reads them, whatever happened to this process in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self, TypeAlias

import discord

from bot.domain.filter import DAY_LENGTH, MODEL_LENGTH, TEXT_LENGTH, Filter
from bot.domain.picture import Picture
from bot.language import _
from bot.record import Hidden, Record, replace
from bot.storage.history import NEWEST, Spot
from bot.views.actions import Press
from bot.views.image import AGAIN, DELETE
from bot.views.image import PANEL as IMAGE
from bot.views.pages import row
from bot.views.panel import Field, PanelButton, PanelMenu, alternative, form
from bot.views.resend import ResendButton
from bot.wording import history as words

PANEL = "history"
MINE, HERE = "mine", "here"
TAB, NEWER, OLDER, ONE, BACK = "tab", "newer", "older", "image", "back"
FILTER, CLEAR, FILTERED = "filter", "clear", "filtered"
_NUMBER = "[0-9]{1,19}"
_WHERE = re.compile(
    f"({MINE}|{HERE})-(?:n|({_NUMBER})-({_NUMBER})-([0-9]{{1,3}})-([0-9]{{1,3}}))"
    f"(?:-({_NUMBER})-([0-9]{{1,3}})-([0-9]{{1,3}}))?"
)
_LENGTHS = {"text": TEXT_LENGTH, "model": MODEL_LENGTH, "first": DAY_LENGTH, "last": DAY_LENGTH}
_GREY, _RED = discord.ButtonStyle.grey, discord.ButtonStyle.red
#: The most that a row holds.
_ROW = 5
_Item: TypeAlias = "discord.ui.Item[Any]"


class Where(Record):
    """A tab, where its page begins, and the image `chosen`: interaction, ordinal, number."""

    tab: str = MINE
    spot: Spot = NEWEST
    chosen: tuple[int, int, int] | None = None

    @property
    def id(self) -> str:
        """At most 80 characters: with panel and verb it fits a custom id, which has 100."""
        spot = self.spot
        parts = (spot.at, spot.interaction_id, spot.ordinal, spot.picture)
        page = "n" if spot == NEWEST else "-".join(map(str, parts))
        return "-".join([self.tab, page, *map(str, self.chosen or ())])

    @classmethod
    def named(cls, subject: str) -> Self:
        """The opposite; of what is no such text, the first page."""
        found = _WHERE.fullmatch(subject)
        if found is None:
            return cls()
        tab, *numbers = found.groups()
        ids = [None if each is None else min(int(each), NEWEST.at) for each in numbers]
        spot = Spot(*[each for each in ids[:4] if each is not None])
        chosen = [each for each in ids[4:] if each is not None]
        return cls(tab, spot, (chosen[0], chosen[1], chosen[2]) if chosen else None)


class Line(Record):
    """An entry of a page: its words, its thumbnail where that can be shown, and its ids."""

    text: Hidden[str]
    picture: Picture | None
    spoiler: bool
    ids: tuple[int, int, int]


class Alone(Record):
    """One entry: its words, its thumbnails, what this person may do.

    `own`: the id of its first row where it is theirs, else "". `link`: its public message, else "".
    """

    text: Hidden[str]
    pictures: Sequence[Picture]
    spoiler: bool
    own: str
    link: str
    saves: Sequence[PanelButton]


class Listed(Record):
    """A page: its lines, where its neighbours begin; `here`: whether there is a second tab."""

    lines: Sequence[Line]
    older: Spot | None
    newer: Spot | None
    here: bool


def page_view(listed: Listed, where: Where, wanted: Filter) -> discord.ui.LayoutView:
    """Five entries, and the ways to others."""
    view, box = _framed(_(words.TITLES[where.tab]))
    if listed.here:
        box.add_item(row(_tabs(where)))
    for line in listed.lines:
        box.add_item(_entry(line))
    if not listed.lines:
        box.add_item(discord.ui.TextDisplay(_nothing(where, wanted)))
    if listed.lines:
        here = [replace(where, chosen=line.ids) for line in listed.lines]
        chosen = (_button(ONE, each, words.choice(n)) for n, each in enumerate(here, 1))
        box.add_item(row(chosen))
    box.add_item(row(_ways(listed, where, wanted)))
    _add_filter(box, wanted)
    return view


def image_view(alone: Alone, where: Where, wanted: Filter, said: str = "") -> discord.ui.LayoutView:
    """One entry, with what may be done about it; `said`: what came of the last press."""
    view, box = _framed(alone.text, said)
    if alone.pictures:
        gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery()
        for each in alone.pictures:
            gallery.add_item(media=_url(each), description=each.alt or None, spoiler=alone.spoiler)
        box.add_item(gallery)
    for items in _rows([*_acts(alone), *alone.saves]):
        box.add_item(row(items))
    box.add_item(row([_button(BACK, where, _(words.BACK))]))
    _add_filter(box, wanted)
    return view


def filter_form(where: Where, wanted: Filter) -> discord.ui.Modal:
    """As it is now."""
    fields = [
        Field(name, _(label), _(about), wanted.parts.get(name, ""), longest=_LENGTHS[name])
        for name, (label, about) in words.FIELDS.items()
    ]
    return form(Press(PANEL, FILTER, Where(where.tab).id), _(words.FILTER_TITLE), fields)


def shown_in(message: discord.Message | None) -> tuple[Where | None, Filter]:
    """Which image the panel shows alone, if it does, and what was looked for."""
    where, parts = None, {}
    for each in _components(message.components if message else ()):
        custom_id = str(getattr(each, "custom_id", None) or "")
        if custom_id.startswith(f"imagine:{PANEL}:{BACK}:"):
            where = Where.named(custom_id.rpartition(":")[2])
        elif custom_id.startswith(f"imagine-choice:{PANEL}:{FILTERED}:"):
            values = (option.value for option in getattr(each, "options", ()))
            parts = dict(value.split(":", 1) for value in values if ":" in value)
    return where, Filter.of(parts)


def _components(found: Iterable[Any]) -> Iterator[Any]:
    for each in found:
        yield each
        yield from _components(getattr(each, "children", ()))


def _framed(title: str, below: str = "") -> tuple[discord.ui.LayoutView, discord.ui.Container[Any]]:
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.blurple())
    box.add_item(discord.ui.TextDisplay("\n".join(filter(None, (title, below)))))
    view.add_item(box)
    return view, box


def _tabs(where: Where) -> Iterator[PanelButton]:
    for tab, label in ((MINE, words.MINE), (HERE, words.HERE)):
        yield alternative(Press(PANEL, TAB, Where(tab).id), _(label), chosen=tab == where.tab)


def _entry(line: Line) -> discord.ui.Item[Any]:
    if line.picture is None:
        return discord.ui.TextDisplay(line.text)
    thumbnail: discord.ui.Thumbnail[Any] = discord.ui.Thumbnail(
        _url(line.picture), description=line.picture.alt or None, spoiler=line.spoiler
    )
    return discord.ui.Section(line.text, accessory=thumbnail)


def _nothing(where: Where, wanted: Filter) -> str:
    if wanted.parts:
        return _(words.NONE_FOUND)
    if where.spot != NEWEST:
        return _(words.NOTHING_OLDER)
    return _(words.NONE_SAVED if where.tab == HERE else words.NONE_YET)


def _ways(listed: Listed, where: Where, wanted: Filter) -> Iterator[PanelButton]:
    for verb, spot, label in (
        (NEWER, listed.newer, words.NEWER),
        (OLDER, listed.older, words.OLDER),
    ):
        if spot is not None:
            yield _button(verb, replace(where, spot=spot), _(label))
    yield _button(FILTER, Where(where.tab), _(words.FILTER))
    if wanted.parts:
        yield _button(CLEAR, Where(where.tab), _(words.CLEAR))


def _acts(alone: Alone) -> Iterator[discord.ui.Item[Any]]:
    if alone.own:
        yield ResendButton(alone.own, _(words.SEND_AGAIN))
        yield PanelButton(Press(IMAGE, AGAIN, alone.own), _(words.RUN_AGAIN))
        yield PanelButton(Press(IMAGE, DELETE, alone.own), _(words.DELETE), _RED)
    if alone.link:
        yield discord.ui.Button(label=_(words.OPEN), url=alone.link)


def _rows(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), _ROW):
        yield items[start : start + _ROW]


def _add_filter(box: discord.ui.Container[Any], wanted: Filter) -> None:
    """What is looked for, to be read: by people, and by the next press."""
    if not wanted.parts:
        return
    menu: discord.ui.Select[Any] = discord.ui.Select(
        placeholder=words.filtered(wanted),
        options=[
            discord.SelectOption(label=value, value=f"{name}:{value}")
            for name, value in wanted.parts.items()
        ],
        disabled=True,
    )
    box.add_item(row([PanelMenu(Press(PANEL, FILTERED), menu)]))


def _button(verb: str, where: Where, label: str) -> PanelButton:
    return PanelButton(Press(PANEL, verb, where.id), label)


def _url(picture: Picture) -> str:
    return f"attachment://{picture.name}"
