"""The command line and composition root; the only place that reads the environment."""

from __future__ import annotations

import asyncio
import getpass
import io
import os
import signal
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from dotenv import dotenv_values

from bot import __version__
from bot.config import Settings, StorageSettings
from bot.errors import ConfigError, Problem, ProviderError, StorageError

if TYPE_CHECKING:
    from bot.storage.backup import Contents

DOTENV = Path(".env")

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


def environment() -> dict[str, str]:
    """Read `.env` in the working directory, and the environment, which wins.

    Raises ConfigError when `.env` is there but cannot be read.
    """
    try:
        # Without interpolation: a `$` in a token means itself.
        written = dotenv_values(DOTENV, interpolate=False)
    except (OSError, UnicodeDecodeError):
        remedy = "Save it as UTF-8 text that the bot's user may read."
        problem = Problem(str(DOTENV), "cannot be read", remedy)
        raise ConfigError((problem,)) from None
    return {key: text for key, text in {**written, **os.environ}.items() if text is not None}


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
    """Imagine, a Discord bot: /imagine becomes an image, and a line in the usage ledger."""


@app.command()
def run() -> None:
    """Connect to Discord and serve until Ctrl-C or SIGTERM."""
    settings = Settings.parse(environment())
    _log(settings)
    os.umask(0o077)  # the database holds prompts and reply tokens
    # Until the bot takes the signals over, while it is still being loaded.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        from bot.run import serve

        _connected(serve(settings))
    except KeyboardInterrupt:
        raise typer.Exit from None


@app.command()
def check(
    buy_one: Annotated[
        bool, typer.Option("--buy-one", help="Also buy one image, after asking: the full proof.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before buying.")] = False,
) -> None:
    """Test every credential, the model, the database and the permissions. Spends nothing.

    ✓ works, ✗ does not (with the remedy), – cannot be known without spending, ! deserves thought.
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
    from bot.setup import init as ask_and_write

    try:
        written = ask_and_write(DOTENV, _Terminal())
    except (EOFError, KeyboardInterrupt):
        written = False
    if not written:
        _fail("Nothing was written.", 1)


@app.command()
def sync() -> None:
    """Push the slash commands to Discord now. `run` does it whenever they have changed."""
    settings = Settings.parse(environment())
    _log(settings)
    from bot.run import sync_commands

    count = _connected(sync_commands(settings))
    print(f"Discord now has {count} commands.")


@app.command()
def usage(
    since: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD|30d", help="Only from this day (UTC) on.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
) -> None:
    """Show what each person has generated. Works while the bot is running."""
    from bot import report

    settings = StorageSettings.parse(environment())
    try:
        start = None if since is None else report.since_when(since, datetime.now(UTC))
    except (ValueError, OverflowError):
        _fail("--since takes a day like 2026-11-01 or an age like 30d.", 2)
    lines = asyncio.run(report.read(settings.database_path, start))
    if form is Format.TABLE:
        from rich.console import Console

        Console().print(report.as_table(lines))
    else:
        print(report.as_json(lines) if form is Format.JSON else report.as_csv(lines))


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder that is not there yet.")],
) -> None:
    """Save the database and the stored images in a new folder. Works while the bot is running."""
    from bot.storage import backup

    settings = StorageSettings.parse(environment())
    saved = backup.save(settings.database_path, settings.data_dir / "images", path)
    print(f"Saved {_contents(saved)} in {path}. It holds prompts and user ids: keep it private.")


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder that `backup` made.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace a database that is in use; it is kept.")
    ] = False,
) -> None:
    """Put a backup in place, while the bot is stopped."""
    from bot.storage import backup

    settings = StorageSettings.parse(environment())
    target, images = settings.database_path, settings.data_dir / "images"
    restored, kept = backup.restore(path, target, images, force=force)
    print(f"Restored {_contents(restored)}.")
    if kept is not None:
        print(f"The database that was there is kept as {kept}.")


def _contents(contents: Contents) -> str:
    size = f"{contents.size / (1 << 20):.1f} MiB"
    return f"{contents.generations} generations and {contents.images} images ({size})"


async def _examine(settings: Settings) -> bool:
    from bot.check import Mark, examine

    good = True
    async for finding in examine(settings):
        print(finding, flush=True)
        good = good and finding.mark is not Mark.BAD
    return good


def _buy_one(settings: Settings, *, ask: bool) -> bool:
    from bot.text import visible
    from bot.trial import buy_one, offer

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


def _log(settings: Settings) -> None:
    from bot import log

    tokens = (settings.discord_token, settings.replicate_api_token)
    log.configure(settings.log_level, settings.log_format, [token.reveal() for token in tokens])


def _connected(work: Coroutine[Any, Any, Any]) -> Any:
    """Run what logs in to Discord; what no retry can cure ends with a sentence and exit code 3."""
    from aiohttp import ClientError
    from discord import HTTPException, LoginFailure, PrivilegedIntentsRequired

    try:
        return asyncio.run(work)
    except LoginFailure:
        _fail("Discord refuses the bot's token. Reset it on the application's Bot page.", 3)
    except PrivilegedIntentsRequired:
        _fail("Discord asks for an intent. Turn it on, on the application's Bot page.", 3)
    except HTTPException as error:
        _fail(f"Discord does not let the bot start: {error}", 1)
    except (ClientError, TimeoutError):
        _fail("Discord does not answer. Check the network, and DISCORD_API_URL if it is set.", 1)


def _interrupt(signal_number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


class _Terminal:
    """Asks on the terminal, or reads one answer a line where there is none."""

    def ask(self, question: str, *, hidden: bool = False) -> str:
        if hidden and sys.stdin.isatty():
            return getpass.getpass(f"{question}: ").strip()
        return input(f"{question}: ").strip()

    def say(self, text: str) -> None:
        print(text)


def _fail(sentence: str, code: int) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(code)


def _explain(error: ConfigError) -> None:
    """List every problem, one a line, never a value."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, soft_wrap=True)
    console.print("These settings need attention:")
    for problem in error.problems:
        line = Text.assemble("  ✗ ", (problem.key, "bold"), f" {problem.what}. {problem.remedy}")
        console.print(line)
    console.print("`python -m bot init` writes a .env file; .env.example explains every setting.")


def main() -> None:
    """Run the command line: exit code 2 for settings, 1 for what else went wrong on purpose."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old terminal may not know ✓
    try:
        app()
    except ConfigError as error:
        _explain(error)
        sys.exit(2)
    except StorageError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
