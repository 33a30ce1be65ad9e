"""The bare bot on Replicate's official Python client: its create, its polling, its download.

Configured as well as it can be through its public arguments, found by trying: the client waits
up to 60 s for a connection of its pool (by default it gives up after 10 s) and keeps all
20 of them alive. `--untuned` leaves everything at its default.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

import discord
import httpx
import yarl
from discord import app_commands
from replicate.client import Client
from replicate.helpers import FileOutput

MODEL = "google/imagen-4-ultra"

#: Larger pools were tried, and were slower.
CONNECTIONS = httpx.Limits(max_connections=20, max_keepalive_connections=20)
PATIENCE = httpx.Timeout(60.0)


class Official(discord.Client):
    """One command, one client of the library."""

    async def setup_hook(self) -> None:
        tuned: dict[str, Any] = {
            "transport": httpx.AsyncHTTPTransport(limits=CONNECTIONS),
            "timeout": PATIENCE,
        }
        self.replicate = Client(
            os.environ["REPLICATE_API_TOKEN"],
            base_url=os.environ["REPLICATE_API_URL"].removesuffix("/v1"),
            **({} if "--untuned" in sys.argv else tuned),
        )


client = Official(intents=discord.Intents(guilds=True), max_messages=None)
tree = app_commands.CommandTree(client)


@tree.command(description="Turn words into an image")
async def imagine(interaction: discord.Interaction[Official], prompt: str) -> None:
    await interaction.response.defer(thinking=True)
    replicate = interaction.client.replicate
    prediction = await replicate.models.predictions.async_create(
        model=MODEL, input={"prompt": prompt}
    )
    await prediction.async_wait()
    image = await FileOutput(str(prediction.output), replicate).aread()
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
