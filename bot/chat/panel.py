"""How a panel answers a press: in its own place or aside, at once or after a deferral."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import discord

from bot.chat.calls import CALL_TIMEOUT, NOBODY, UNREACHABLE

#: Discord gives up on an unanswered press after 3 s; deferring at half of that leaves room for the
#: network.
DEFER_AFTER_SECONDS = 1.5


async def update(interaction: discord.Interaction, view: discord.ui.LayoutView) -> None:
    """Show this in the panel's place."""
    try:
        await interaction.response.edit_message(view=view, allowed_mentions=NOBODY)
    except discord.InteractionResponded:  # it took long and was deferred
        await interaction.edit_original_response(view=view, allowed_mentions=NOBODY)


async def whisper(
    interaction: discord.Interaction, text: str, view: discord.ui.View | None = None
) -> int | None:
    """Say this beside the panel, to whoever pressed; returns the message's id, if it is known."""
    more: dict[str, Any] = {"ephemeral": True, "allowed_mentions": NOBODY}
    if view is not None:
        more["view"] = view
    try:
        return (await interaction.response.send_message(text, **more)).message_id
    except discord.InteractionResponded:
        sent: discord.Message = await interaction.followup.send(text, wait=True, **more)
        return sent.id


async def ask(interaction: discord.Interaction, modal: discord.ui.Modal, late: str) -> None:
    """Open a form; a press that was deferred meanwhile can open none, and `late` is said."""
    try:
        await interaction.response.send_modal(modal)
    except discord.InteractionResponded:
        await whisper(interaction, late)


def edit_of(interaction: discord.Interaction) -> Callable[..., Awaitable[None]]:
    """How the message that was pressed is edited, at once or after a deferral."""

    async def edit(**message: Any) -> None:
        if interaction.response.is_done():  # it took long and was deferred
            await interaction.edit_original_response(**message)
        else:
            await interaction.response.edit_message(**message)

    return edit


async def in_time(interaction: discord.Interaction, work: Coroutine[Any, Any, None]) -> None:
    """Answer a press by this work; where it takes long, Discord is told that it is under way.

    Raises what the work raises.
    """
    working = asyncio.create_task(work)
    done, _ = await asyncio.wait({working}, timeout=DEFER_AFTER_SECONDS)
    if not done and not interaction.response.is_done():
        with suppress(discord.DiscordException, *UNREACHABLE):  # the work itself may just answer
            async with asyncio.timeout(CALL_TIMEOUT):
                await interaction.response.defer()
    await working
