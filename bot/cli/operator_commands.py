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
from bot.text import plural

app = typer.Typer(
    name="audit", no_args_is_help=True, help="Servers' records of what was decided and changed."
)

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

    The exit code is 1 if an entry was changed, removed or added, or if no record has HASH.
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
        typer.Option(min=1, max=MOST_DAYS, help="For how many days; otherwise until `unblock`."),
    ] = None,
    reason: _Reason = "",
) -> None:
    """Block somebody from making images in all servers. Works while the bot is running."""
    from bot.cli import operate

    if len(reason) > REASON_LENGTH:
        fail(f"--reason takes at most {REASON_LENGTH} characters.", 2)
    path = StorageSettings.parse(environment()).address
    waiting = asyncio.run(operate.block(path, user_id, days, reason))
    dropped = f" {plural(waiting, 'waiting request')} of theirs will not be bought."
    print("Blocked in all servers." + (dropped if waiting else ""))


def unblock(user_id: _User, reason: _Reason = "") -> None:
    """Lift a block in all servers; servers' own stay. Works while the bot is running."""
    from bot.cli import operate

    path = StorageSettings.parse(environment()).address
    ended = asyncio.run(operate.unblock(path, user_id, reason))
    print("Unblocked." if ended else "There was no block in all servers to lift.")
