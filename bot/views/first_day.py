"""The panel that asks a new server's manager where and how images are made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord

from bot.domain.first_day import Preset
from bot.language import _
from bot.record import Record
from bot.views.actions import Press
from bot.views.panel import PanelMenu, alternative
from bot.wording import first_day as words

PANEL = "first"


class Answers(Record):
    """What was answered so far: "here" or "all", then how. `quote_id`: what was asked for."""

    quote_id: int
    where: str = ""
    preset: Preset | None = None

    @property
    def id(self) -> str:
        return f"{self.quote_id}-{self.where}-{self.preset or ''}"

    @classmethod
    def named(cls, text: str) -> Answers:
        """Raises ValueError for an id that is none of ours."""
        quote, where, preset = text.split("-")
        if where not in ("", *words.PLACES):
            raise ValueError(text)
        return cls(int(quote), where, Preset(preset) if preset else None)


def first_day_view(answers: Answers) -> discord.ui.LayoutView:
    """All that is to be answered next, below what was."""
    return _boxed(_asked(answers))


def done_view(text: str) -> discord.ui.LayoutView:
    return _boxed(iter([discord.ui.TextDisplay(text)]))


def _asked(answers: Answers) -> Iterator[discord.ui.Item[Any]]:
    yield discord.ui.TextDisplay(_(words.TITLE))
    yield discord.ui.TextDisplay(_(words.WHERE))
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    for where, label in words.PLACES.items():
        press = Press(PANEL, "where", Answers(answers.quote_id, where).id)
        row.add_item(alternative(press, _(label), chosen=where == answers.where))
    yield row
    if not answers.where:
        return
    yield discord.ui.TextDisplay(_(words.HOW))
    row = discord.ui.ActionRow()
    for preset, label in words.PRESETS.items():
        yield discord.ui.TextDisplay(words.preset(preset))
        press = Press(PANEL, "how", Answers(answers.quote_id, answers.where, preset).id)
        row.add_item(alternative(press, _(label), chosen=preset is answers.preset))
    yield row  # below: beside its button a text would have half of a phone's width
    if answers.preset is Preset.REVIEWED:
        yield discord.ui.TextDisplay(_(words.DESK))
        menu = discord.ui.ChannelSelect[Any](
            placeholder=_(words.CHOOSE_DESK), channel_types=[discord.ChannelType.text]
        )
        row = discord.ui.ActionRow()
        row.add_item(PanelMenu(Press(PANEL, "desk", answers.id), menu))
        yield row


def _boxed(items: Iterator[discord.ui.Item[Any]]) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.blurple())
    for item in items:
        box.add_item(item)
    view.add_item(box)
    return view
