"""The files of one attempt to send pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import discord

from bot.domain.picture import Form

#: As `bot.generation.gallery` names what it delivers; a card's pictures are named otherwise.
_NAME = re.compile(r"(?:SPOILER_)?imagine-([0-9]{1,19})-([0-9]{1,3})[-.]")


def upload_limit(client: discord.Client, guild_id: int | None) -> int:
    """Bytes that the bot's own token may upload in this server."""
    guild = client.get_guild(guild_id or 0)
    return guild.filesize_limit if guild else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES


@contextmanager
def opened(form: Form) -> Iterator[Sequence[discord.File]]:
    """For one attempt; discord.py reads them bit by bit, and from the start if it tries again."""
    files: list[discord.File] = []
    try:
        for each in form.pictures:  # one by one: those before one that fails are closed too
            file = discord.File(
                each.file, filename=each.name, spoiler=form.spoiler, description=each.alt
            )
            files.append(file)
        yield files
    finally:
        for file in files:
            file.close()
            # It leaves a buffer that refers to its own `close`, a cycle that would keep the bytes
            # until the next full collection: 180 MiB after 400 images of 1 MB.
            file.fp.close()


def shown_in(message: discord.Message, bot: discord.abc.Snowflake | None) -> tuple[int, int] | None:
    """Whose images the bot's message shows: the request's interaction, and the first one's row.

    None: none of ours. Names can be given by anybody, so its author counts, too.
    """
    if bot is None or message.author.id != bot.id:
        return None
    names = (_NAME.match(each.filename) for each in message.attachments)
    return next(((int(name[1]), int(name[2])) for name in names if name), None)
