"""`/several`: a model of its own count, where the reply's size limit is the test's choice."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.domain.model import Number
from bot.domain.offer import Offer
from bot.gateway.client import ImagineBot
from bot.panels.asking import request_from
from bot.record import replace
from bot.replicate import catalogue
from bot.request.input import Chosen
from tests.world import MODEL, World

[IMAGEN] = catalogue.load([MODEL])
#: As the others, but makes several images at once.
COUNTING = Offer((replace(IMAGEN, count=Number("num_outputs", 1, 4)),))


@app_commands.command(description="Several images by one prediction")
async def several(
    interaction: discord.Interaction[ImagineBot], prompt: str, images: int, size_limit: int = 0
) -> None:
    request = request_from(interaction, prompt)
    request = replace(request, size_limit=size_limit or request.size_limit)
    await interaction.client.asking.ask(interaction, request, Chosen(count=images))


async def ask(world: World, images: int, **options: int) -> Any:
    """Alice asks for so many images of one prediction."""
    if world.bot.tree.get_command("several") is None:
        world.bot.tree.add_command(several)
        await world.bot.tree.sync()
    return await world.alice.slash(
        world.channel, "several", prompt="a red fox", images=images, **options
    )


def made(count: int, *broken: int) -> tuple[str, ...]:
    """So many outputs of a prediction; those of the `broken` numbers are no pictures."""
    names = ["broken" if number in broken else "image" for number in range(count)]
    return tuple(f"https://files.invalid/{name}-{number}" for number, name in enumerate(names))
