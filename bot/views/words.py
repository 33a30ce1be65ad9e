"""The panel of words that are refused: a page of the rules, and the buttons over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.domain.rule import Rule
from bot.language import _
from bot.views.actions import Press
from bot.views.pages import PANEL as SETTINGS
from bot.views.panel import PanelButton
from bot.wording import screening as words

PANEL = "words"
#: Rules on a page.
PAGE = 15


def pages_of(rules: Sequence[Rule]) -> int:
    return max(1, -(-len(rules) // PAGE))


def words_view(head: str, rules: Sequence[Rule], page: int) -> discord.ui.LayoutView:
    """The page, or the nearest one there is."""
    pages = pages_of(rules)
    page = min(max(page, 0), pages - 1)
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.blurple())
    box.add_item(discord.ui.TextDisplay(head))
    box.add_item(discord.ui.Separator())
    shown = words.listed(rules[page * PAGE : (page + 1) * PAGE])
    box.add_item(discord.ui.TextDisplay(f"{shown}\n{words.page(page, pages)}"))
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    blurple = discord.ButtonStyle.blurple
    row.add_item(PanelButton(Press(PANEL, "add"), _(words.ADD), blurple))
    if rules:
        row.add_item(PanelButton(Press(PANEL, "remove"), _(words.REMOVE)))
    if page > 0:
        row.add_item(PanelButton(Press(PANEL, "page", str(page - 1)), _(words.PREVIOUS)))
    if page < pages - 1:
        row.add_item(PanelButton(Press(PANEL, "page", str(page + 1)), _(words.NEXT)))
    row.add_item(PanelButton(Press(SETTINGS, "open"), _(words.BACK)))
    box.add_item(row)
    view.add_item(box)
    return view
