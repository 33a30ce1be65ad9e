"""What pressing something does: the only attribute of the client that a view reaches."""

from __future__ import annotations

from typing import Protocol, cast

import discord

from bot.chat.audience import address
from bot.record import Record


class Press(Record):
    """Something in a panel was pressed: what it does, to what; of a menu also what was chosen."""

    panel: str
    verb: str
    subject: str = ""
    values: tuple[str, ...] = ()


class Actions(Protocol):
    """The client's `actions`; each checks for itself who may."""

    async def cancel(self, interaction: discord.Interaction, generation_id: str) -> None: ...

    async def resend(self, interaction: discord.Interaction, generation_id: str) -> None: ...

    async def accept(self, interaction: discord.Interaction, quote_id: int) -> None: ...

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None: ...


class _Client(Protocol):
    actions: Actions

    async def answers(self, interaction: discord.Interaction, /) -> bool: ...


class Pressed:
    """What answers only where no other process does: while two hear everything, one is silent."""

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        return await cast("_Client", interaction.client).answers(interaction)


def actions_of(interaction: discord.Interaction) -> Actions:
    """What is said from here on is said to whoever pressed."""
    address(interaction)
    return cast("_Client", interaction.client).actions
