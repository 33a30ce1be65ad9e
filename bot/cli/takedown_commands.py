"""The command line of `takedown`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli.launch import environment, fail
from bot.domain.act import REASON_LENGTH
from bot.settings.config import StorageSettings
from bot.text import plural

if TYPE_CHECKING:
    from bot.domain.generation import Generation
    from bot.moderation.takedown import Found, Named

#: Lines about what was found: what a provider makes instead of an image may be everywhere.
SHOWN = 20


def takedown(
    what: Annotated[
        str, typer.Argument(metavar="LINK|ID|SHA256", help="A message, a generation, or a file.")
    ] = "",
    *,
    hold: Annotated[
        bool, typer.Option("--hold", help="First keep the bytes and a record, as evidence.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Also read by moderators and whoever asked.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Refuse this SHA256 no more; nothing comes back.")
    ] = False,
    show: Annotated[bool, typer.Option("--list", help="Show which bytes are refused.")] = False,
) -> None:
    """Remove an image with every copy, for good, and refuse its bytes. Works while the bot runs.

    LINK is a Discord message's, ID a generation's (123-0), an interaction's or a message's, SHA256
    a file's. The exit code is 1 where something of it could not be taken down.
    """
    from bot.moderation.takedown import named

    settings = StorageSettings.parse(environment())
    target = named(what)
    if show:
        asyncio.run(_list(settings))
    elif target is None or (undo and not target.sha256):
        wanted = "a SHA-256" if undo else "a message's link, an id such as 123-0, or a SHA-256"
        fail(f"Name {wanted} (64 hex digits, as `sha256sum FILE` prints).", 2)
    elif undo:
        undone = asyncio.run(_undo(settings, target.sha256))
        print("It is refused no more." if undone else "It was not refused.")
    elif len(reason) > REASON_LENGTH:
        fail(f"--reason takes at most {REASON_LENGTH} characters.", 2)
    else:
        _announce(asyncio.run(_find(settings, target)), target, hold=hold)
        if not yes and not typer.confirm("Take that down? It is final."):
            fail("Nothing was taken down.", 1)
        _report(*asyncio.run(_carry_out(settings, target, reason, hold=hold)))


async def _find(settings: StorageSettings, target: Named) -> Found:
    from bot.moderation.takedown import opened

    async with opened(settings.address, settings.data_dir) as takedown:
        return await takedown.find(target)


async def _carry_out(
    settings: StorageSettings, target: Named, reason: str, *, hold: bool
) -> tuple[Found, list[Path]]:
    from bot.clock import SystemClock
    from bot.moderation.takedown import opened

    now = SystemClock().now()
    async with opened(settings.address, settings.data_dir) as takedown:
        return await takedown.carry_out(target, reason=reason, hold=hold, now=now)


async def _undo(settings: StorageSettings, sha256: str) -> bool:
    from bot.moderation.takedown import opened

    async with opened(settings.address, settings.data_dir) as takedown:
        return await takedown.undo(sha256)


async def _list(settings: StorageSettings) -> None:
    from bot.moderation.takedown import opened

    async with opened(settings.address, settings.data_dir) as takedown:
        refused = await takedown.refused()
    print(f"Refused, by their hash: {plural(len(refused), 'file')}.")
    for sha256, at in refused.items():
        print(f"{sha256} since {_when(at)}")


def _announce(found: Found, target: Named, *, hold: bool) -> None:
    """What it is about; never what was asked for. Ends where there is nothing to take down."""
    if not found.going and target.number:
        _nothing(found.underway)
    for rows in found.requests[:SHOWN]:
        request, images = rows[0].request, sum(len(row.outputs) for row in rows)
        where = f"server {request.guild_id}" if request.guild_id else "a direct message"
        print(f"{rows[0].id}: {_when(rows[0].created_at)}, {where}, {plural(images, 'image')}")
    if len(found.requests) > SHOWN:
        print(f"… and {len(found.requests) - SHOWN} more requests")
    if of := found.hashes.get(target.sha256):
        print(f"The file is an image of {', '.join(of)}. Requests go whole.")
    if target.sha256 and not found.going:
        print("No image here has these bytes. They will be refused from now on.")
    for row in found.made_from:
        print(f"{row.id} started from it: that picture goes, and what was made of it stays.")
    if hold and found.absent:
        ids = ", ".join(row.id for row in found.absent)
        print(f"No image, or not every one, is stored here any more, so no bytes are kept: {ids}.")
    if found.going and found.is_repeated:
        print("It was taken down already.")


def _nothing(underway: Sequence[Generation]) -> NoReturn:
    if underway:
        fail(
            f"{underway[0].id} is still under way. Cancel it in Discord, let a moderator decide, or"
            " wait for its end; then take it down.",
            1,
        )
    fail(
        "Nothing is stored about it: it was not made by this bot, or its data was erased. Download"
        " the image, if it still is there, and name its SHA-256 (`sha256sum FILE`).",
        1,
    )


def _report(found: Found, kept: Sequence[Path]) -> None:
    for folder in kept:
        print(f"Evidence: {folder.absolute()} (no backup has it, and nothing deletes it)")
    print(f"Refused from now on, by their hash: {plural(len(found.hashes), 'file')}.")
    if found.going:
        requests = plural(len(found.requests), "request")
        print(f"Taken down: {requests}, {plural(found.images, 'image')}.")
        print("Messages: the running bot deletes them within a minute, else at its next start.")
    if ids := [row.id for row in found.made_from if row.outputs or not row.status.ended]:
        print(f"Made from it, and still there: {', '.join(ids)}. Take them down by these ids.")
    if ids := [row.id for row in found.underway]:
        fail(f"Still under way, so not taken down: {', '.join(ids)}. Repeat it once they ended.", 1)


def _when(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M} UTC"
