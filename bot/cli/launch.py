"""Starting: the environment, the settings, the log, and `run`; what goes wrong, in a sentence.

The only place that reads the environment. `run` goes no other way than this, so that the bot's
start does not wait for the libraries of the command line.
"""

from __future__ import annotations

import asyncio
import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, NoReturn

from bot.errors import ConfigError, Problem, StorageError
from bot.settings.address import Server
from bot.settings.config import Settings
from bot.threads import share_a_core, share_a_heap

DOTENV = Path(".env")


def environment() -> dict[str, str]:
    """Read `.env` in the working directory, and the environment, which wins.

    Raises ConfigError when `.env` is there but cannot be read.
    """
    try:
        written = _written() if DOTENV.exists() else {}
    except (OSError, UnicodeDecodeError):
        remedy = "Save it as UTF-8 text that the bot's user may read."
        problem = Problem(str(DOTENV), "cannot be read", remedy)
        raise ConfigError((problem,)) from None
    return {key: text for key, text in {**written, **os.environ}.items() if text is not None}


def _written() -> Mapping[str, str | None]:
    from dotenv import dotenv_values

    # Without interpolation: a `$` in a token means itself.
    return dotenv_values(DOTENV, interpolate=False)


def run(role: str = "all", *, replace: bool = False) -> None:
    """Connect to Discord and serve until Ctrl-C or SIGTERM.

    `role`: all, gateway or worker; `replace`: take over from a gateway that is running.
    """
    gc.disable()  # loading makes objects that stay, not garbage; once set up it is on again
    share_a_heap()
    settings = Settings.parse(environment())
    if not isinstance(settings.address, Server):  # others beside it might choose the same core
        share_a_core()
    start_log(settings, catches=True)
    write_privately()
    # Until the bot takes the signals over, while it is still being loaded.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        from bot.run import serve
        from bot.storage.peer import Role

        connected(serve(settings, Role(role), replace=replace))
    except KeyboardInterrupt:
        return


def write_privately() -> None:
    """From now on files are this account's alone: the database holds prompts and reply tokens."""
    os.umask(0o077)


def start_log(settings: Settings, *, catches: bool = False) -> None:
    """`catches`: what nobody caught is in the log, too, not only on the terminal."""
    from bot import log

    secrets = [settings.discord_token.reveal(), settings.replicate_api_token.reveal()]
    if settings.webhook_secret is not None:
        secrets.append(settings.webhook_secret.reveal())
    if isinstance(settings.address, Server):
        secrets += settings.address.secrets
    log.configure(settings.log_level, settings.log_format, secrets)
    if catches:
        log.catch()


def connected(work: Coroutine[Any, Any, Any]) -> Any:
    """Run what logs in to Discord; what no retry can cure ends with a sentence and exit code 3."""
    from aiohttp import ClientError
    from discord import (
        GatewayNotFound,
        HTTPException,
        LoginFailure,
        PrivilegedIntentsRequired,
    )

    try:
        return asyncio.run(work)
    except LoginFailure:
        fail("Discord refuses the bot's token. Reset it on the application's Bot page.", 3)
    except PrivilegedIntentsRequired:
        fail("Discord asks for an intent. Turn it on, on the application's Bot page.", 3)
    except (HTTPException, GatewayNotFound) as error:
        fail(f"Discord does not let the bot start: {error}", 1)
    except (ClientError, TimeoutError):
        fail("Discord does not answer. Check the network, and DISCORD_API_URL if it is set.", 1)


def fail(sentence: str, code: int) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(code)


def explained(command: Callable[[], None]) -> None:
    """Run it: exit code 2 for settings, 1 for what else went wrong on purpose."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old terminal may not know ✓
    try:
        command()
    except ConfigError as error:
        _explain(error)
        sys.exit(2)
    except StorageError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


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


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
