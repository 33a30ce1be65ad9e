"""The numbered buttons of `/history`: each sends one image again, privately."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Self

import discord

from bot.views.actions import actions_of


class ResendButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"imagine:resend:(?P<id>[0-9]+-[0-9]+)",
):
    """Labelled with the image's number in the list above it."""

    def __init__(self, generation_id: str, label: str = "1") -> None:
        self.generation_id = generation_id
        button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
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


def resend_view(generation_ids: Iterable[str]) -> discord.ui.View:
    """At most 25 buttons: what one message holds."""
    view = discord.ui.View(timeout=None)
    for number, generation_id in enumerate(generation_ids, 1):
        view.add_item(ResendButton(generation_id, str(number)))
    return view
