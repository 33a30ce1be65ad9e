"""The panel of `/me`: what is stored, and the buttons over it."""

from __future__ import annotations

from typing import Any

import discord

from bot.views.actions import Press
from bot.views.panel import PanelButton
from bot.wording import privacy as words

PANEL = "me"


def me_view(stored: str, *, unlisted: bool) -> discord.ui.LayoutView:
    """The panel as it opens."""
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.blurple())
    box.add_item(discord.ui.TextDisplay(f"{words.TITLE}\n{stored}"))
    box.add_item(discord.ui.Separator())
    listing = ("list", words.SHOW) if unlisted else ("unlist", words.HIDE)
    for text, verb, label, style in (
        (words.UNLISTED if unlisted else words.LISTED, *listing, discord.ButtonStyle.grey),
        (words.EXPORT_ABOUT, "export", words.EXPORT, discord.ButtonStyle.grey),
        (words.DELETE_ABOUT, "delete", words.DELETE, discord.ButtonStyle.red),
    ):
        button = PanelButton(Press(PANEL, verb), label, style)
        box.add_item(discord.ui.Section(text, accessory=button))
    view.add_item(box)
    return view


def confirm_view() -> discord.ui.LayoutView:
    """What deleting means, before it is done."""
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.red())
    box.add_item(discord.ui.TextDisplay(words.CONFIRM))
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    red, grey = discord.ButtonStyle.red, discord.ButtonStyle.grey
    row.add_item(PanelButton(Press(PANEL, "delete-now"), words.DELETE_NOW, red))
    row.add_item(PanelButton(Press(PANEL, "open"), words.KEEP, grey))
    box.add_item(row)
    view.add_item(box)
    return view


def text_view(text: str) -> discord.ui.LayoutView:
    """A sentence in the panel's place: such a message can never be plain text again."""
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(text))
    return view
