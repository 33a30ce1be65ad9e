"""The command line of what the operator does about people and records."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.cli.launch import environment, fail
from bot.domain.act import REASON_LENGTH
from bot.domain.sanctions import MOST_DAYS
from bot.settings.config import StorageSettings
from bot.settings.values import LARGEST_ID

app = typer.Typer(name="audit", no_args_is_help=True, help="The servers' records.")

_User = Annotated[
    int, typer.Argument(metavar="USER_ID", min=1, max=LARGEST_ID, help="The person's id.")
]
_Reason = Annotated[str, typer.Option(help="Shown to them, and kept on record.")]


@app.callback()
def options() -> None:
    """What was decided and changed in servers, chained so that no change goes unseen."""


@app.command()
def verify(
    guild: Annotated[
        int | None, typer.Option(min=0, max=LARGEST_ID, help="Only this server's (0: your own).")
    ] = None,
    head: Annotated[
        str | None, typer.Option(metavar="HASH", help="Also require this hash, posted earlier.")
    ] = None,
) -> None:
    """Follow each record from its beginning to its head. Works while the bot is running.

    The exit code is 1 where an entry was changed, taken out or added, and where HASH is in none.
    """
    from bot.cli import operate

    path = StorageSettings.parse(environment()).address
    good = True
    for line, is_good in asyncio.run(operate.verify(path, guild, head)):
        print(f"{'✓' if is_good else '✗'} {line}")
        good = good and is_good
    raise typer.Exit(0 if good else 1)


def block(
    user_id: _User,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_DAYS, help="For so long; until `unblock` otherwise."),
    ] = None,
    reason: _Reason = "",
) -> None:
    """Let somebody make no images in any server. Works while the bot is running."""
    from bot.cli import operate

    if len(reason) > REASON_LENGTH:
        fail(f"--reason takes at most {REASON_LENGTH} characters.", 2)
    path = StorageSettings.parse(environment()).address
    waiting = asyncio.run(operate.block(path, user_id, days, reason))
    print(f"Blocked in all servers. Of theirs that waited, {waiting} will not be bought.")


def unblock(user_id: _User, reason: _Reason = "") -> None:
    """Take such a block back; servers' own stay. Works while the bot is running."""
    from bot.cli import operate

    path = StorageSettings.parse(environment()).address
    ended = asyncio.run(operate.unblock(path, user_id, reason))
    print("Unblocked." if ended else "They are not blocked in all servers.")
