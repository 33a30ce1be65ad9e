"""The page of `/me` about what a person prefers: menus and switches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.domain.model import Choice
from bot.domain.preferences import CHOICES, NO, OTHERS_USE, SWITCHES, YES
from bot.language import _
from bot.views.actions import Press
from bot.views.me import PANEL as ME
from bot.views.pages import row
from bot.views.panel import PanelButton, PanelMenu
from bot.wording import preferences as words

PANEL = "preferences"
#: Discord's limit on a menu, in which one place is for no choice.
MOST_LISTED = 24
UNSET = "unset"


def subject(name: str) -> str:
    return name.replace("_", "-")


def preferences_view(
    said: Mapping[str, str], offered: Mapping[str, Sequence[Choice]]
) -> discord.ui.LayoutView:
    """`said`: what they chose, by name; `offered`: what can be chosen, by name."""
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=discord.Colour.blurple())
    box.add_item(discord.ui.TextDisplay(_(words.TITLE)))
    for name in CHOICES:
        if not offered[name] and name not in said:
            continue
        chosen = said.get(name)
        labels = {str(choice.value): choice.label for choice in offered[name]}
        label = None if chosen is None else labels.get(chosen)
        box.add_item(discord.ui.TextDisplay(words.line(name, chosen, label)))
        box.add_item(
            row([PanelMenu(Press(PANEL, "choose", subject(name)), _menu(name, chosen, labels))])
        )
    box.add_item(discord.ui.Separator())
    for name in SWITCHES:
        now = said.get(name, YES if name == OTHERS_USE else NO)
        now = YES if now == YES else NO
        press = Press(PANEL, "switch", f"{subject(name)}-{NO if now == YES else YES}")
        button = PanelButton(press, words.change(name, now))
        box.add_item(discord.ui.Section(words.state(name, now), accessory=button))
    box.add_item(row([PanelButton(Press(ME, "open"), _(words.BACK))]))
    view.add_item(box)
    return view


def _menu(name: str, chosen: str | None, labels: Mapping[str, str]) -> discord.ui.Select[Any]:
    """It shows what is chosen, also where there are more than it holds."""
    listed = list(labels)[:MOST_LISTED]
    if chosen is not None and chosen in labels and chosen not in listed:
        listed[-1] = chosen
    unset = discord.SelectOption(label=_(words.UNSET), value=UNSET, default=chosen not in labels)
    options = [
        discord.SelectOption(label=labels[each][:100], value=each, default=each == chosen)
        for each in listed
    ]
    return discord.ui.Select(placeholder=words.title(name), options=[unset, *options])
