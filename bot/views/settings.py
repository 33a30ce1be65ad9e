"""The panel of `/settings`: what is set, and the buttons and menus that change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.guild import GuildPolicy, Holder
from bot.model import Model
from bot.views.actions import Press
from bot.views.models import PresetsOf, preset_rows
from bot.views.panel import PLACES, Menu, PanelButton, PanelMenu
from bot.wording import settings as words

PANEL = "settings"


@dataclass(frozen=True, slots=True)
class Shown:
    """The panel's texts, and what its buttons depend on."""

    policy: GuildPolicy
    zone: str
    limits: str
    price: str
    changes: str
    presets: str
    models: Sequence[Model]
    automod: str


def settings_view(
    shown: Shown, asked: Holder | None = None, presets_of: PresetsOf | None = None
) -> discord.ui.LayoutView:
    """`asked`: whose limits are to be changed, so that a menu asks which; or whose presets."""
    policy = shown.policy
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=_colour(policy))
    box.add_item(discord.ui.TextDisplay(words.TITLE))
    pause = ("resume", "Resume") if policy.paused else ("pause", "Pause")
    for text, verb, label in (
        (words.pause(policy), *pause),
        (shown.zone, "zone", "Change"),
        (words.brakes(policy), "brakes", "Change"),
    ):
        box.add_item(discord.ui.Section(text, accessory=PanelButton(Press(PANEL, verb), label)))
    # Not `bot.views.words`, which leads back here.
    button = PanelButton(Press("words", "open"), words.WORDS_BUTTON)
    box.add_item(discord.ui.Section(words.WORDS, accessory=button))
    box.add_item(discord.ui.TextDisplay(words.notices(policy)))
    box.add_item(_row("notices", _notices_menu(policy)))
    box.add_item(discord.ui.ActionRow(PanelButton(Press("automod", "open"), shown.automod)))
    box.add_item(discord.ui.Separator())
    box.add_item(discord.ui.TextDisplay(shown.presets))
    for row in preset_rows(PANEL, policy, shown.models, presets_of):
        box.add_item(row)
    box.add_item(discord.ui.Separator())
    box.add_item(discord.ui.TextDisplay(f"{shown.limits}\n{shown.price}"))
    box.add_item(_whose_buttons(asked))
    if asked in words.WHICH:
        box.add_item(_row("which", _which_menu(asked), asked.value))
    box.add_item(discord.ui.Separator())
    box.add_item(discord.ui.TextDisplay(shown.changes))
    view.add_item(box)
    return view


def _colour(policy: GuildPolicy) -> discord.Colour:
    return discord.Colour.orange() if policy.paused else discord.Colour.blurple()


def _row(verb: str, menu: Menu, subject: str = "") -> discord.ui.ActionRow[Any]:
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    row.add_item(PanelMenu(Press(PANEL, verb, subject), menu))
    return row


def _whose_buttons(asked: Holder | None) -> discord.ui.ActionRow[Any]:
    """Buttons, not a menu: clients do not send the choice again that is chosen already."""
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    for holder, label in words.HOLDERS.items():
        style = discord.ButtonStyle.blurple if holder is asked else discord.ButtonStyle.grey
        row.add_item(PanelButton(Press(PANEL, "whose", holder.value), label, style))
    return row


def _which_menu(asked: Holder) -> Menu:
    placeholder = words.WHICH[asked]
    if asked is Holder.ROLE:
        return discord.ui.RoleSelect(placeholder=placeholder)
    if asked is Holder.MEMBER:
        return discord.ui.UserSelect(placeholder=placeholder)
    return discord.ui.ChannelSelect(placeholder=placeholder, channel_types=PLACES)


def _notices_menu(policy: GuildPolicy) -> Menu:
    chosen: Sequence[discord.SelectDefaultValue] = ()
    if policy.notices is not None:
        kind = discord.SelectDefaultValueType.channel
        chosen = [discord.SelectDefaultValue(id=policy.notices, type=kind)]
    return discord.ui.ChannelSelect(
        placeholder="Send notices to a channel instead",
        channel_types=[discord.ChannelType.text],
        min_values=0,
        default_values=chosen,
    )
