"""The part of `/settings` about models: which one, how lenient, which one stands in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.guild import PRESETS, SAFETY, GuildPolicy, Holder
from bot.model import Level, Model
from bot.views.actions import Press
from bot.views.panel import PLACES, PanelButton, PanelMenu
from bot.wording import presets as words

#: Discord's limit on the options of a menu.
MOST_LISTED = 25


@dataclass(frozen=True, slots=True)
class PresetsOf:
    """Whose are being changed; of a channel that is still to be chosen, `subject` is None."""

    holder: Holder
    subject: int | None = 0

    @property
    def id(self) -> str:
        return f"{self.holder}-{self.subject}"

    @classmethod
    def named(cls, text: str) -> PresetsOf:
        """Raises ValueError for an id that is none of ours."""
        holder, _, subject = text.partition("-")
        if holder not in (Holder.GUILD, Holder.CHANNEL):
            raise ValueError(text)
        return cls(Holder(holder), int(subject))


def preset_rows(
    panel: str, policy: GuildPolicy, models: Sequence[Model], asked: PresetsOf | None
) -> Iterator[discord.ui.ActionRow[Any]]:
    """The buttons, and the menus of what was asked for."""
    buttons: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    for holder in (Holder.GUILD, Holder.CHANNEL):
        mine = asked is not None and asked.holder is holder
        style = discord.ButtonStyle.blurple if mine else discord.ButtonStyle.grey
        press = Press(panel, "presets", holder.value)
        buttons.add_item(PanelButton(press, words.HOLDERS[holder], style))
    yield buttons
    if asked is None:
        return
    if asked.subject is None:
        menu: Any = discord.ui.ChannelSelect(placeholder=words.WHICH_CHANNEL, channel_types=PLACES)
        yield _row(PanelMenu(Press(panel, "presets-in"), menu))
        return
    for name in PRESETS:
        menu = _menu(name, policy.presets.get((asked.holder, asked.subject, name)), models)
        yield _row(PanelMenu(Press(panel, name, asked.id), menu))


def _menu(name: str, now: str | None, models: Sequence[Model]) -> discord.ui.Select[Any]:
    if name == SAFETY:
        listed = [(level.name.lower(), words.LEVELS[level]) for level in Level]
    else:
        listed = [(model.name, model.title) for model in models]
    listed = _with(now, listed)
    label = words.LABELS[name]
    options = [
        discord.SelectOption(label=f"{label}: {title}"[:100], value=value, default=value == now)
        for value, title in listed
    ]
    return discord.ui.Select(
        placeholder=f"{label}: {words.NOT_SET}", min_values=0, max_values=1, options=options
    )


def _with(now: str | None, listed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """As many as there is room for, and what is set among them: so it is seen, and cleared."""
    shown = listed[:MOST_LISTED]
    if now is None or now in dict(shown):
        return shown
    title = dict(listed).get(now, f"{now} {words.NOT_ON_OFFER}")
    return [*shown[: MOST_LISTED - 1], (now, title)]


def _row(item: PanelMenu) -> discord.ui.ActionRow[Any]:
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    row.add_item(item)
    return row
