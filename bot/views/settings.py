"""The panel of `/settings`: the pages of a whole server, beside those of its channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import discord

from bot.domain.guild import GuildPolicy, Holder
from bot.language import _
from bot.record import Record
from bot.views.actions import Press
from bot.views.pages import PANEL, Items, Where, framed, row, settings_of
from bot.views.panel import PLACES, Menu, PanelButton, PanelMenu, alternative
from bot.wording import channels, styles
from bot.wording import settings as words


class Shown(Record):
    """The panel's texts, and what its buttons depend on."""

    asked: channels.Asked
    zone: str
    limits: str
    price: str
    changes: str
    automod: str
    announces: bool = False


def settings_view(
    shown: Shown, where: Where, holder: Holder | None = None, changing: str | None = None
) -> discord.ui.LayoutView:
    """`holder`: whose limits are to be changed, so that a menu asks which; or which setting."""
    policy, scope = shown.asked.policy, where.scope
    title = words.of_channel(scope) if scope else _(words.TITLE)
    title += f"\n{_(channels.ANNOUNCES)}" if shown.announces else ""
    colour = discord.Colour.orange() if policy.paused else discord.Colour.blurple()
    items: Items
    match where.page:
        case "limits":
            items = _limits(shown, holder)
        case "overview":
            items = _overview(shown)
        case _:
            items = settings_of(where, shown.asked, changing)
    return framed(where, title, items, colour)


def _overview(shown: Shown) -> Iterator[discord.ui.Item[Any]]:
    policy = shown.asked.policy
    if not shown.asked.scope:
        pause = ("resume", words.RESUME) if policy.paused else ("pause", words.PAUSE)
        for text, verb, label in (
            (words.pause(policy), *pause),
            (shown.zone, "zone", words.CHANGE),
            (words.brakes(policy), "brakes", words.CHANGE),
        ):
            yield discord.ui.Section(text, accessory=PanelButton(Press(PANEL, verb), _(label)))
        # Not `bot.views.words`, which leads back here.
        button = PanelButton(Press("words", "open"), _(words.WORDS_BUTTON))
        yield discord.ui.Section(_(words.WORDS), accessory=button)
        button = PanelButton(Press("styles", "open"), _(styles.BUTTON))  # nor `bot.views.styles`
        yield discord.ui.Section(_(styles.ABOUT), accessory=button)
        yield discord.ui.ActionRow(PanelButton(Press("automod", "open"), shown.automod))
        yield discord.ui.TextDisplay(words.notices(policy))
        yield row([PanelMenu(Press(PANEL, "notices"), _notices_menu(policy))])
    yield discord.ui.Separator()
    yield discord.ui.TextDisplay(channels.summary(shown.asked))
    yield discord.ui.Separator()
    yield discord.ui.TextDisplay(shown.changes)


def _limits(shown: Shown, holder: Holder | None) -> Iterator[discord.ui.Item[Any]]:
    yield discord.ui.TextDisplay(f"{shown.limits}\n{shown.price}")
    yield _whose_buttons(holder)
    if holder in words.WHICH:
        menu = PanelMenu(Press(PANEL, "which", holder.value), _which_menu(holder))
        yield row([menu])


def _whose_buttons(asked: Holder | None) -> discord.ui.ActionRow[Any]:
    """Buttons, not a menu: clients do not send the choice again that is chosen already."""
    return row(
        alternative(Press(PANEL, "whose", holder.value), _(label), chosen=holder is asked)
        for holder, label in words.HOLDERS.items()
    )


def _which_menu(asked: Holder) -> Menu:
    placeholder = _(words.WHICH[asked])
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
        placeholder=_(words.NOTICES),
        channel_types=[discord.ChannelType.text],
        min_values=0,
        default_values=chosen,
    )
