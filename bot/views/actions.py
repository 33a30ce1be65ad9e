"""What pressing something does: the only attribute of the client that a view reaches."""

from __future__ import annotations

from typing import Protocol, cast

import discord


class Actions(Protocol):
    """The client's `actions`; each checks for itself who may."""

    async def cancel(self, interaction: discord.Interaction, generation_id: str) -> None: ...

    async def resend(self, interaction: discord.Interaction, generation_id: str) -> None: ...


class _Client(Protocol):
    actions: Actions


def actions_of(interaction: discord.Interaction) -> Actions:
    return cast("_Client", interaction.client).actions
