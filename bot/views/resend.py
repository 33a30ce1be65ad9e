"""The button that sends an image again, privately."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.views.actions import Pressed, actions_of


class ResendButton(
    Pressed,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"imagine:resend:(?P<id>[0-9]+-[0-9]+)",
):
    """Of `/history`; those with numbers are on messages of earlier versions."""

    def __init__(self, generation_id: str, label: str = "1") -> None:
        self.generation_id = generation_id
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=label, custom_id=f"imagine:resend:{generation_id}"
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
        await actions_of(interaction).resend(interaction, self.generation_id)
