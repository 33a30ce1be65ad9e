"""`/several`: a model of its own count, before there is one on sale in these tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.acknowledgement import Acknowledgement
from bot.client import ImagineBot
from bot.interactions import place_of
from bot.refusals import Refused
from bot.wording.reasons import refusal
from cogs.imagine import request_from
from tests.world import MODEL, World


@app_commands.command(description="Several images by each prediction")
async def several(
    interaction: discord.Interaction[ImagineBot],
    prompt: str,
    images: int,
    rows: int = 1,
    size_limit: int = 0,
) -> None:
    request = request_from(interaction, MODEL, prompt, {}, private=False)
    acknowledgement = Acknowledgement(interaction)
    try:
        await interaction.client.imagine.request(
            replace(request, images=images, size_limit=size_limit or request.size_limit),
            place_of(interaction),
            acknowledgement.acknowledge,
            rows=rows,
        )
    except Refused as refused:
        await acknowledgement.refuse(refusal(refused))


async def ask(world: World, images: int, **options: int) -> Any:
    """Alice asks for so many images of each prediction."""
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
