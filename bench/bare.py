"""The bare floor: the least that a discord.py bot can do to answer `/imagine` with an image.

No storage, no progress, no limits, no errors; discord.py itself, one aiohttp session, one poll
every half second.
"""

from __future__ import annotations

import asyncio
import io
import os

import aiohttp
import discord
import yarl
from discord import app_commands

POLL_SECONDS = 0.5

API = os.environ["REPLICATE_API_URL"]
MODEL = "google/imagen-4-ultra"
HEADERS = {"Authorization": f"Bearer {os.environ['REPLICATE_API_TOKEN']}"}


class Bare(discord.Client):
    """One command, one session for everything that is not Discord."""

    async def setup_hook(self) -> None:
        self.replicate = aiohttp.ClientSession(
            headers=HEADERS, connector=aiohttp.TCPConnector(limit=0)
        )

    async def close(self) -> None:
        await self.replicate.close()
        await super().close()


client = Bare(intents=discord.Intents(guilds=True), max_messages=None)
tree = app_commands.CommandTree(client)


@tree.command(description="Turn words into an image")
async def imagine(interaction: discord.Interaction[Bare], prompt: str) -> None:
    await interaction.response.defer(thinking=True)
    session = interaction.client.replicate
    created = f"{API}/models/{MODEL}/predictions"
    async with session.post(created, json={"input": {"prompt": prompt}}) as response:
        prediction = await response.json()
    while prediction["status"] in ("starting", "processing"):
        await asyncio.sleep(POLL_SECONDS)
        async with session.get(f"{API}/predictions/{prediction['id']}") as response:
            prediction = await response.json()
    async with session.get(prediction["output"]) as response:
        image = await response.read()
    file = discord.File(io.BytesIO(image), filename="image.jpg")
    await interaction.edit_original_response(attachments=[file])


def main() -> None:
    base = os.environ["DISCORD_API_URL"]
    discord.http.Route.BASE = base
    gateway = base.replace("http", "ws", 1).partition("/api")[0] + "/gateway"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    client.run(os.environ["DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
