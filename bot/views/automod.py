"""The panel about the server's own AutoMod."""

from __future__ import annotations

from typing import Any

import discord

from bot.language import _
from bot.policy.automod.standing import Standing
from bot.views.actions import Press
from bot.views.panel import PanelButton
from bot.wording import automod as words

PANEL = "automod"


def automod_view(standing: Standing, *, ignored: bool) -> discord.ui.LayoutView:
    """What holds, and the buttons that read the rules anew or decide whether they are applied."""
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=_colour(standing, ignored))
    box.add_item(discord.ui.TextDisplay(f"{_(words.TITLE)}\n{_(words.ABOUT)}"))
    box.add_item(discord.ui.TextDisplay(words.state(standing, ignored=ignored)))
    if standing.automod is not None:
        for text in words.rules(standing.automod):
            box.add_item(discord.ui.TextDisplay(text))
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    verb, label = ("require", words.APPLY) if ignored else ("ignore", words.IGNORE)
    row.add_item(PanelButton(Press(PANEL, "read"), _(words.READ)))
    row.add_item(PanelButton(Press(PANEL, verb), _(label)))
    row.add_item(PanelButton(Press("settings", "open"), _(words.BACK)))
    box.add_item(row)
    view.add_item(box)
    return view


def _colour(standing: Standing, ignored: bool) -> discord.Colour:  # noqa: FBT001 - as its caller
    warned = ignored or standing.unreadable is not None
    return discord.Colour.orange() if warned else discord.Colour.blurple()
