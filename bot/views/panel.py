"""Buttons, menus and forms of panels. Their ids say what they do, so they survive a restart.

`imagine:<panel>:<verb>:<subject>` is a button, `imagine-choice:…` a menu, `imagine-form:…` a modal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self, TypeAlias

import discord

from bot.record import Record
from bot.views.actions import Press, Pressed, actions_of

_ID = r"(?P<panel>[a-z]+):(?P<verb>[a-z-]+):(?P<subject>[a-z0-9-]*)"
_FORM = re.compile(f"imagine-form:{_ID}")
#: Discord's limits for a form's title, for a field's label and what is said about it, for a choice.
TITLE_LENGTH, LABEL_LENGTH, ABOUT_LENGTH, CHOICE_LENGTH = 45, 45, 100, 100
#: And on what one field takes.
TEXT_LENGTH = 4_000
#: Where people ask; what happens in a thread counts for its channel, a category asks nothing.
PLACES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]

Menu: TypeAlias = (
    "discord.ui.Select[Any] | discord.ui.RoleSelect[Any] | discord.ui.UserSelect[Any]"
    " | discord.ui.ChannelSelect[Any]"
)


class PanelButton(
    Pressed,
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.LayoutView]],
    template=f"imagine:{_ID}",
):
    """Pressed, it tells its panel the verb and the subject."""

    def __init__(
        self, press: Press, label: str = "…", style: discord.ButtonStyle = discord.ButtonStyle.grey
    ) -> None:
        self.press = press
        custom_id = f"imagine:{press.panel}:{press.verb}:{press.subject}"
        super().__init__(discord.ui.Button(label=label, style=style, custom_id=custom_id))

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction,
        _item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(Press(match["panel"], match["verb"], match["subject"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await actions_of(interaction).pressed(interaction, self.press)


def alternative(press: Press, label: str, *, chosen: bool) -> PanelButton:
    """One of several buttons, of which one holds: its colour alone would not tell everybody."""
    if not chosen:
        return PanelButton(press, label)
    return PanelButton(press, f"✓ {label}", discord.ButtonStyle.blurple)


class PanelMenu(Pressed, discord.ui.DynamicItem[Any], template=f"imagine-choice:{_ID}"):
    """As a button, and what was chosen: values or ids."""

    def __init__(self, press: Press, menu: Menu) -> None:
        self.press = press
        menu.custom_id = f"imagine-choice:{press.panel}:{press.verb}:{press.subject}"
        super().__init__(menu)

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        chosen: Any = interaction.data or {}
        values = tuple(map(str, chosen.get("values", ())))
        press = Press(match["panel"], match["verb"], match["subject"], values)
        menu: Any = item
        return cls(press, menu)

    async def callback(self, interaction: discord.Interaction) -> None:
        await actions_of(interaction).pressed(interaction, self.press)


def ids(message: discord.Message) -> Iterator[str]:
    """The custom ids of its buttons, in rows."""
    for row in message.components:
        for each in getattr(row, "children", ()):
            yield str(getattr(each, "custom_id", ""))


class Field(Record):
    """Something to fill in, in one line or in `lines`; `name` is its id in the form.

    With `choices` (at most 25, each a value and what is shown for it) it is a menu.
    """

    name: str
    label: str
    about: str = ""
    value: str = ""
    longest: int = 20
    lines: bool = False
    required: bool = False
    choices: Sequence[tuple[str, str]] = ()


def form(press: Press, title: str, fields: Iterable[Field]) -> discord.ui.Modal:
    """A modal whose submission is read by `submitted`, whatever happened to this process since."""
    custom_id = f"imagine-form:{press.panel}:{press.verb}:{press.subject}"
    modal = discord.ui.Modal(title=title[:TITLE_LENGTH], custom_id=custom_id, timeout=900)
    for field in fields:
        control = _menu(field) if field.choices else _text(field)
        label, about = field.label[:LABEL_LENGTH], field.about[:ABOUT_LENGTH] or None
        modal.add_item(discord.ui.Label(text=label, description=about, component=control))
    return modal


def _text(field: Field) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(
        custom_id=field.name,
        required=field.required,
        default=field.value or None,
        max_length=field.longest,
        style=discord.TextStyle.paragraph if field.lines else discord.TextStyle.short,
    )


def _menu(field: Field) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=label[:CHOICE_LENGTH], value=value, default=value == field.value)
        for value, label in field.choices
    ]
    return discord.ui.Select(
        custom_id=field.name,
        required=field.required,
        min_values=int(field.required),  # at least one of none would contradict itself
        options=options,
    )


def submitted(interaction: discord.Interaction) -> tuple[Press, Mapping[str, str]] | None:
    """Which form of ours was sent, and what its fields say; None: it is none of ours.

    Read from the raw interaction: discord.py forgets open modals when the process ends.
    """
    sent: Any = interaction.data or {}
    match = _FORM.fullmatch(str(sent.get("custom_id", "")))
    if interaction.type is not discord.InteractionType.modal_submit or match is None:
        return None
    said = {}
    for row in sent.get("components", ()):
        for field in (row.get("component"), *row.get("components", ())):
            if field is not None:
                value = field.get("value") or next(iter(field.get("values") or ()), "")
                said[str(field.get("custom_id"))] = _written(str(value))
    return Press(match["panel"], match["verb"], match["subject"]), said


def _written(value: str) -> str:
    """What nobody can see is nothing."""
    seen = any(each.isprintable() and not each.isspace() for each in value)
    return value.strip() if seen else ""
