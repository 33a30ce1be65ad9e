"""The panel of `/me`: what is stored, and the buttons over it."""

from __future__ import annotations

from typing import Any

import discord

from bot.language import _
from bot.views.actions import Press
from bot.views.panel import PanelButton
from bot.wording import preferences
from bot.wording import privacy as words

PANEL = "me"


def me_view(stored: str, *, unlisted: bool) -> discord.ui.LayoutView:
    """The panel as it opens."""
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.blurple())
    box.add_item(discord.ui.TextDisplay(f"{_(words.TITLE)}\n{stored}"))
    box.add_item(discord.ui.Separator())
    listing = ("list", words.SHOW) if unlisted else ("unlist", words.HIDE)
    about = (words.LISTED, words.UNLISTED)
    listed = about[unlisted]
    # Not `bot.views.preferences`, which leads back here.
    grey, red = discord.ButtonStyle.grey, discord.ButtonStyle.red
    for text, press, label, style in (
        (preferences.OPEN_ABOUT, Press("preferences", "open"), preferences.OPEN, grey),
        (listed, Press(PANEL, listing[0]), listing[1], grey),
        (words.EXPORT_ABOUT, Press(PANEL, "export"), words.EXPORT, grey),
        (words.DELETE_ABOUT, Press(PANEL, "delete"), words.DELETE, red),
    ):
        button = PanelButton(press, _(label), style)
        box.add_item(discord.ui.Section(_(text), accessory=button))
    view.add_item(box)
    return view


def confirm_view() -> discord.ui.LayoutView:
    """What deleting means, before it is done."""
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.red())
    box.add_item(discord.ui.TextDisplay(_(words.CONFIRM)))
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    red, grey = discord.ButtonStyle.red, discord.ButtonStyle.grey
    row.add_item(PanelButton(Press(PANEL, "delete-now"), _(words.DELETE_NOW), red))
    row.add_item(PanelButton(Press(PANEL, "open"), _(words.KEEP), grey))
    box.add_item(row)
    view.add_item(box)
    return view


def text_view(text: str) -> discord.ui.LayoutView:
    """A sentence in the panel's place: such a message can never be plain text again."""
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(text))
    return view
