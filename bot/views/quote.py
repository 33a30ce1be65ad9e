"""The button under a quote: it accepts the cost, once."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.language import _
from bot.views.actions import Pressed, actions_of
from bot.wording.reasons import GENERATE


class AcceptButton(
    Pressed,
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"imagine:accept:(?P<id>[0-9]+)",
):
    """`quote_id` is the interaction that asked."""

    def __init__(self, quote_id: int) -> None:
        self.quote_id = quote_id
        button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
            label=_(GENERATE),
            style=discord.ButtonStyle.blurple,
            custom_id=f"imagine:accept:{quote_id}",
        )
        super().__init__(button)

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction,
        _item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(int(match["id"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await actions_of(interaction).accept(interaction, self.quote_id)


def accept_view(quote_id: int) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(AcceptButton(quote_id))
    return view
