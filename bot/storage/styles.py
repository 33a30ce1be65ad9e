"""Servers' styles: kept in memory, and every change on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.domain.act import REASON_LENGTH, Act, Action
from bot.domain.guild import Holder
from bot.domain.style import MOST_STYLES, Style, key_of
from bot.storage import queries
from bot.storage.aliases import Aliases
from bot.storage.audit import record
from bot.storage.database import Database, Row
from bot.storage.settings import GuildSettings
from bot.text import shorten

_SQL = queries.load(Path(__file__).parent / "sql" / "styles.sql")
_SETTINGS = queries.load(Path(__file__).parent / "sql" / "settings.sql")

#: What styles are called in the record of settings.
RECORDED = "styles"
_ABOUT = {"holder": Holder.GUILD.value, "id": "0", "name": RECORDED}


class StyleExists(Exception):
    """The server has another one of that name."""


class StyleGone(Exception):
    """The one that was to be changed is not there (any more)."""


class TooManyStyles(Exception):
    """The server has as many as it may."""


class Styles:
    """Every server's, as this process last read them, in the order of their names.

    A change raises the version of the server's settings, as any other.
    """

    def __init__(self, database: Database, aliases: Aliases, settings: GuildSettings) -> None:
        self._database = database
        self._aliases = aliases
        self._settings = settings
        self._styles: Mapping[int, Sequence[Style]] = {}

    async def load(self) -> None:
        """Read all of them: afterwards a request finds its server's in memory."""
        self._styles = await self.stored()

    async def stored(self) -> dict[int, list[Style]]:
        """By server, as they are in the database now; those that have none are not in it."""
        styles: dict[int, list[Style]] = defaultdict(list)
        for row in await self._database.read(_SQL["all"], {}):
            styles[row["guild_id"]].append(_style(row))
        return dict(styles)

    async def reload(self, guild_id: int) -> None:
        """Read the server's again: somebody else may have changed them."""
        found = await self._database.read(_SQL["of_guild"], {"guild_id": guild_id})
        self._styles = {**self._styles, guild_id: [_style(row) for row in found]}

    def of(self, guild_id: int | None) -> Sequence[Style]:
        return self._styles.get(guild_id or 0, ())

    def named(self, guild_id: int | None, name: str) -> Style | None:
        """The server's as it is now, however its name is typed."""
        key = key_of(name)
        return next((style for style in self.of(guild_id) if style.key == key), None)

    async def put(
        self, guild_id: int, actor_id: int, style: Style, *, instead: str | None, now: int
    ) -> None:
        """Add it, or change the one whose id is `instead` to it.

        Raises StyleExists, StyleGone, TooManyStyles and StorageError; then nothing has changed.
        """
        await self._change(guild_id, actor_id, style, instead, now)

    async def remove(self, guild_id: int, actor_id: int, id: str, *, now: int) -> None:
        """Raises StyleGone and StorageError."""
        await self._change(guild_id, actor_id, None, id, now)

    async def _change(
        self, guild_id: int, actor_id: int, after: Style | None, id: str | None, now: int
    ) -> None:
        """With one entry in the record, whose reason the words are: a person wrote them."""
        actor = await self._aliases.remembered(actor_id)
        asked: dict[str, object] = {"guild_id": guild_id}
        async with self._database.transaction() as connection:
            found = map(_style, await connection.fetch(_SQL["of_guild"], asked))
            styles = {style.id: style for style in found}
            before = _changed(styles, after, id)
            if before != after:
                if before is not None:
                    key = asked | {"key": before.key}
                    await connection.fetch(_SQL["unset"], key)
                if after is not None:
                    await connection.fetch(_SQL["set"], asked | _values(after))
                act = Act(actor, Action.SETTING, reason=_said(before, after), details=_ABOUT)
                await record(connection, guild_id, act, now=now)
                await connection.fetch(_SETTINGS["raise_version"], asked)
        await self.reload(guild_id)
        await self._settings.reload(guild_id)  # last: whoever has the new version has these styles
        self._settings.changed(guild_id)


def _changed(styles: Mapping[str, Style], after: Style | None, id: str | None) -> Style | None:
    """What the change takes away; raises why it cannot be made."""
    if id is not None and id not in styles:
        raise StyleGone
    if after is not None and after.id in styles and after.id != id:
        raise StyleExists
    if id is None and len(styles) >= MOST_STYLES:
        raise TooManyStyles
    return styles[id] if id is not None else None


def _said(before: Style | None, after: Style | None) -> str:
    lines = [f"− {before.line}"] if before else []
    lines += [f"+ {after.line}"] if after else []
    return shorten(" · ".join(lines), REASON_LENGTH)


def _values(style: Style) -> dict[str, str]:
    parts = {"name": style.name, "prefix": style.prefix, "suffix": style.suffix}
    return parts | {"key": style.key}


def _style(row: Row) -> Style:
    return Style(row["name"], row["prefix"], row["suffix"])
