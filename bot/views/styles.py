"""The panel of a server's styles: all of them, one that was chosen, and the form of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.domain.style import LONGEST_NAME, LONGEST_PART, MOST_STYLES, Style
from bot.language import _
from bot.views.actions import Press
from bot.views.pages import PANEL as SETTINGS
from bot.views.pages import row
from bot.views.panel import Field, PanelButton, PanelMenu, form
from bot.wording import styles as words

PANEL = "styles"
#: The fields of the form.
NAME, PREFIX, SUFFIX = "name", "prefix", "suffix"


def styles_view(styles: Sequence[Style], chosen: Style | None) -> discord.ui.LayoutView:
    """`chosen`: the one to change or remove; the menu shows it."""
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.blurple())
    box.add_item(discord.ui.TextDisplay(words.panel(styles)))
    if styles:
        menu = discord.ui.Select[Any](
            placeholder=_(words.CHOOSE),
            options=[
                discord.SelectOption(label=each.name, value=each.id, default=each is chosen)
                for each in styles
            ],
        )
        box.add_item(row([PanelMenu(Press(PANEL, "choose"), menu)]))
    if chosen is not None:
        box.add_item(discord.ui.TextDisplay(words.shown(chosen)))
        red = discord.ButtonStyle.red
        change = PanelButton(Press(PANEL, "change", chosen.id), _(words.CHANGE))
        remove = PanelButton(Press(PANEL, "remove", chosen.id), _(words.REMOVE), red)
        box.add_item(row([change, remove]))
    back = PanelButton(Press(SETTINGS, "open"), _(words.BACK))
    add = PanelButton(Press(PANEL, "add"), _(words.ADD), discord.ButtonStyle.blurple)
    box.add_item(row([add, back] if len(styles) < MOST_STYLES else [back]))
    view.add_item(box)
    return view


def style_form(press: Press, style: Style | None) -> discord.ui.Modal:
    """Of a new one (None), or with what there is."""
    now = style or Style("")
    about = _(words.PART_ABOUT)
    return form(
        press,
        _(words.ADD_TITLE if style is None else words.CHANGE_TITLE),
        [
            Field(
                *(NAME, _(words.NAME), _(words.NAME_ABOUT), now.name),
                longest=LONGEST_NAME,
                required=True,
            ),
            Field(PREFIX, _(words.PREFIX), about, now.prefix, LONGEST_PART, lines=True),
            Field(SUFFIX, _(words.SUFFIX), about, now.suffix, LONGEST_PART, lines=True),
        ],
    )
