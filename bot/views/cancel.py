"""The Cancel button of a running generation. Its id says all, so it survives a restart."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.views.actions import Pressed, actions_of


class CancelButton(
    Pressed,
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"imagine:cancel:(?P<id>[0-9]+-[0-9]+)",
):
    """`label` is "Cancel", or "Stop waiting" where the provider has no cancel."""

    def __init__(self, generation_id: str, label: str = "Cancel") -> None:
        self.generation_id = generation_id
        button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
            label=label, custom_id=f"imagine:cancel:{generation_id}"
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
        return cls(match["id"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await actions_of(interaction).cancel(interaction, self.generation_id)


def cancel_view(generation_id: str, label: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(CancelButton(generation_id, label))
    return view
