"""The command line; what starts, and what went wrong, is `bot.cli.launch`'s."""

from __future__ import annotations

import asyncio
import getpass
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import __version__
from bot.cli import move_commands, operator_commands, takedown_commands
from bot.cli.launch import (
    DOTENV,
    connected,
    environment,
    fail,
    run,
    start_log,
    write_privately,
)
from bot.cli.model_commands import app as models
from bot.cli.settings_commands import app as guild_settings
from bot.errors import ProviderError, StorageError
from bot.settings.config import Settings, StorageSettings
from bot.settings.values import LARGEST_ID
from bot.storage.peer import Role

if TYPE_CHECKING:
    from bot.storage.backup import Contents

# Tracebacks with local variables would print tokens.
app = typer.Typer(
    name="imagine",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    """How `usage` is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def _version(wanted: bool) -> None:
    if wanted:
        print(f"imagine {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Imagine, a Discord bot: /imagine turns words into images, and a ledger counts them."""


app.add_typer(models, name="models")
app.add_typer(operator_commands.app, name="audit")
app.command()(operator_commands.block)
app.command()(operator_commands.unblock)
app.command()(takedown_commands.takedown)
app.command()(move_commands.migrate)
app.add_typer(guild_settings, name="settings")


@app.command(name="run")
def serve(
    role: Annotated[
        Role,
        typer.Option(
            help="For several processes on one PostgreSQL database: listen to Discord (gateway), "
            "make the images (worker), or both (all)."
        ),
    ] = Role.ALL,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Take over from a running gateway, without a gap."),
    ] = False,
) -> None:
    """Connect to Discord and serve until Ctrl-C or SIGTERM."""
    run(role.value, replace=replace)


@app.command()
def check(
    buy_one: Annotated[
        bool, typer.Option("--buy-one", help="Also buy one image, after asking: the full proof.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before buying.")] = False,
) -> None:
    """Test every credential, the model, the database and the permissions. Spends nothing.

    ✓ works, ✗ does not (with the remedy), – cannot be known without spending, ! deserves a look.
    The exit code is 0 unless there is a ✗.
    """
    settings = Settings.parse(environment())
    good = asyncio.run(_examine(settings))
    if good and buy_one:
        good = _buy_one(settings, ask=not yes)
    raise typer.Exit(0 if good else 1)


@app.command()
def init() -> None:
    """Ask for provider, tokens and limits, and write them to .env."""
    from bot.cli.setup import init as ask_and_write

    try:
        written = ask_and_write(DOTENV, _Terminal())
    except (EOFError, KeyboardInterrupt):
        written = False
    if not written:
        fail("Nothing was written.", 1)


@app.command()
def sync() -> None:
    """Push the slash commands to Discord now. `run` does it whenever they have changed."""
    settings = Settings.parse(environment())
    start_log(settings)
    from bot.run import sync_commands

    count = connected(sync_commands(settings))
    print(f"Discord now has {count} commands.")


@app.command()
def usage(
    since: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD|30d", help="Only since this day (UTC).")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
) -> None:
    """Show what each person has generated. Works while the bot is running."""
    from bot.cli import report

    settings = StorageSettings.parse(environment())
    try:
        start = None if since is None else report.since_when(since, datetime.now(UTC))
    except (ValueError, OverflowError):
        fail("--since takes a day like 2026-11-01 or an age like 30d.", 2)
    lines = asyncio.run(report.read(settings.address, start))
    if form is Format.TABLE:
        from rich.console import Console

        Console().print(report.as_table(lines))
    else:
        print(report.as_json(lines) if form is Format.JSON else report.as_csv(lines))


@app.command()
def pause() -> None:
    """Refuse all requests and buy nothing until `resume`. Works while the bot is running."""
    from bot.cli import operate

    fresh = asyncio.run(operate.pause(StorageSettings.parse(environment()).address))
    print(
        "Paused: new requests are refused, what is under way goes on."
        if fresh
        else "It was already paused."
    )


@app.command()
def resume() -> None:
    """End the pause. Works while the bot is running."""
    from bot.cli import operate

    ended = asyncio.run(operate.resume(StorageSettings.parse(environment()).address))
    print("Resumed." if ended else "It was not paused.")


@app.command()
def erase(
    user_id: Annotated[
        int, typer.Argument(metavar="USER_ID", min=1, max=LARGEST_ID, help="The person's id.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Erase all that is stored about a person, as their own `/me` does, but not from backups."""
    from bot.cli import operate

    settings = StorageSettings.parse(environment())
    if not yes and not typer.confirm("Erase their prompts, images and records? This is final."):
        fail("Nothing was erased.", 1)
    images = settings.data_dir / "images"
    if asyncio.run(operate.erase(settings.address, images, user_id)):
        print("Erased.")
    else:
        print(
            "On record: the running bot, or its next start, cancels what is under way, then erases."
        )


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new folder.")],
) -> None:
    """Save the database and the stored images in a new folder. Works while the bot is running."""
    from bot.storage import backup

    settings = StorageSettings.parse(environment())
    write_privately()
    saved = backup.save(_file(settings), settings.data_dir / "images", path)
    print(f"Saved {_contents(saved)} in {path}. It holds prompts and user ids: keep it private.")


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder that `backup` made.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the database that is there; it is kept aside.")
    ] = False,
) -> None:
    """Put a backup in place, while the bot is stopped."""
    from bot.storage import backup

    settings = StorageSettings.parse(environment())
    target, images = _file(settings), settings.data_dir / "images"
    write_privately()
    restored, kept = backup.restore(path, target, images, force=force)
    print(f"Restored {_contents(restored)}.")
    if kept is not None:
        print(f"The database that was there is kept as {kept}.")


def _file(settings: StorageSettings) -> Path:
    if isinstance(settings.address, Path):
        return settings.address
    remedy = "Use pg_dump and pg_restore: see docs/backup.md."
    raise StorageError("The database is PostgreSQL.", remedy)


def _contents(contents: Contents) -> str:
    size = f"{contents.size / (1 << 20):.1f} MiB"
    return f"{contents.generations} generations and {contents.images} images ({size})"


async def _examine(settings: Settings) -> bool:
    from bot.cli.check import examine
    from bot.cli.finding import Mark

    good = True
    async for finding in examine(settings):
        print(finding, flush=True)
        good = good and finding.mark is not Mark.BAD
    return good


def _buy_one(settings: Settings, *, ask: bool) -> bool:
    from bot.cli.trial import buy_one, offer
    from bot.text import visible

    print(offer(settings), flush=True)
    if ask and not typer.confirm("Buy it?"):
        print("Nothing was bought.")
        return False
    try:
        print(f"✓ purchase: {asyncio.run(buy_one(settings))}")
    except ProviderError as error:
        words = visible(error.detail) or "none"
        print(f"✗ purchase: {error.code.replace('_', ' ')}. The provider's words: {words}")
        return False
    return True


class _Terminal:
    """Asks on the terminal, or reads one answer a line where there is none."""

    def ask(self, question: str, *, hidden: bool = False) -> str:
        if hidden and sys.stdin.isatty():
            return getpass.getpass(f"{question}: ").strip()
        return input(f"{question}: ").strip()

    def say(self, text: str) -> None:
        print(text)
