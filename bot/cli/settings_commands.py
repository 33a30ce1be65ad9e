"""The command line of servers' settings: `settings export`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.cli.launch import environment, fail
from bot.domain.settings_text import toml
from bot.settings.config import StorageSettings
from bot.settings.values import LARGEST_ID

app = typer.Typer(no_args_is_help=True, help="What servers' managers set: docs/moderation.md.")

Guild = Annotated[
    int | None,
    typer.Option("--guild", metavar="ID", min=1, max=LARGEST_ID, help="Only this server's."),
]


@app.callback()
def settings() -> None:
    """What servers' managers set: docs/moderation.md."""


@app.command()
def export(guild: Guild = None) -> None:
    """Print all servers' settings as TOML. Works while the bot is running."""
    from bot.cli import operate

    path = StorageSettings.parse(environment()).address
    found, words, styles = asyncio.run(operate.settings(path))
    if guild is not None:
        if guild not in {*found, *words, *styles}:
            fail("Nothing is set in that server.", 1)
        found, words = {guild: found.get(guild, ())}, {guild: words.get(guild, ())}
        styles = {guild: styles.get(guild, ())}
    print(toml(found, words, styles), end="")
