"""What `/moderation` does: blocks, warnings, and the server's record, for its moderators.

Who may is asked on every command and every press: Discord's own permissions are only defaults, and
ids can be forged.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import discord

from bot.chat.audience import of_answer
from bot.chat.calls import CALL_TIMEOUT, NOBODY, UNREACHABLE, UPLOAD_TIMEOUT
from bot.chat.moderator import moderates, person_of, spared_from
from bot.chat.panel import update, whisper
from bot.clock import Clock
from bot.domain.act import Entry, Sought
from bot.domain.sanctions import duration_ms
from bot.generation.imagine import Imagine
from bot.language import _, speaking
from bot.moderation.extract import as_csv
from bot.storage.storage import Storage
from bot.text import visible
from bot.views.actions import Press
from bot.views.moderation import Look, log_view
from bot.wording import moderation as words

#: Entries of one page: within the 4,000 characters of one panel.
PAGE = 8
#: Entries of one CSV: what is in memory for it at once.
MOST_ENTRIES = 10_000

Somebody = discord.User | discord.Member


class Moderation:
    """Every answer is private; every act is on record with its reason."""

    def __init__(self, storage: Storage, imagine: Imagine, clock: Clock) -> None:
        self._sanctions = storage.sanctions
        self._audit = storage.audit
        self._aliases = storage.aliases
        self._imagine = imagine
        self._clock = clock

    async def block(
        self, interaction: discord.Interaction, who: Somebody, duration: str, reason: str
    ) -> None:
        """Until the duration is over, or without one until somebody unblocks them."""
        guild_id = await self._against(interaction, who)
        if guild_id is None:
            return
        now = self._clock.now()
        try:
            length = duration_ms(duration)
        except ValueError:
            await whisper(interaction, _(words.DURATION))
            return
        until = None if length is None else now + length
        await _deferred(interaction)
        waiting = await self._sanctions.block(
            guild_id, interaction.user.id, who.id, reason, until=until, now=now
        )
        self._imagine.canceled(waiting)
        await _answer(interaction, words.block_begun(who.id, until, len(waiting)))

    async def unblock(self, interaction: discord.Interaction, who: Somebody, reason: str) -> None:
        """Anybody but oneself."""
        guild_id = await self._moderated(interaction)
        if guild_id is None:
            return
        if who.id == interaction.user.id:
            await whisper(interaction, _(words.NOT_ONESELF))
            return
        await _deferred(interaction)
        now = self._clock.now()
        held = await self._sanctions.unblock(guild_id, interaction.user.id, who.id, reason, now=now)
        await _answer(interaction, words.block_ended(who.id) if held else _(words.NOT_BLOCKED))

    async def warn(self, interaction: discord.Interaction, who: Somebody, reason: str) -> None:
        """On record first, then by direct message, where that arrives."""
        guild_id = await self._against(interaction, who)
        if guild_id is None:
            return
        await _deferred(interaction)
        now = self._clock.now()
        await self._sanctions.warn(guild_id, interaction.user.id, who.id, reason, now=now)
        guild = interaction.guild.name if interaction.guild else ""
        with speaking(of_answer(interaction, private=False)):  # theirs is not known here
            warning = words.warning(guild, visible(reason))
        told = await _told(who, warning)
        await _answer(interaction, words.warned(who.id, told=told))

    async def log(
        self, interaction: discord.Interaction, who: Somebody | None, action: str | None, since: str
    ) -> None:
        """The record's last page."""
        guild_id = await self._moderated(interaction)
        if guild_id is None:
            return
        try:
            start = since_ms(since, self._clock.now())
        except (ValueError, OverflowError):
            await whisper(interaction, _(words.SINCE))
            return
        look = Look(None, who.id if who else None, action, start)
        view = await self._view(guild_id, look)
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=NOBODY)

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """A button of the log: another page, or all of it as CSV."""
        guild_id = await self._moderated(interaction)
        if guild_id is None:
            return
        look = Look.named(press.subject)
        if press.verb == "csv":
            await self._send_csv(interaction, guild_id, look)
        else:
            await update(interaction, await self._view(guild_id, look))

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """It has no forms."""

    async def _view(self, guild_id: int, look: Look) -> discord.ui.LayoutView:
        found = await self._entries(guild_id, look, PAGE + 1)
        shown = found[:PAGE]
        text = words.entries(shown, await self._people(shown))
        return log_view(text, look, shown[-1].number if len(found) > PAGE else None)

    async def _send_csv(self, interaction: discord.Interaction, guild_id: int, look: Look) -> None:
        await _deferred(interaction)
        found = await self._entries(guild_id, look, MOST_ENTRIES + 1)
        people = await self._people(found)
        limit = interaction.filesize_limit
        content, count = await asyncio.to_thread(as_csv, found[:MOST_ENTRIES], people, limit)
        file = discord.File(io.BytesIO(content), "record.csv")
        text = words.csv_sent(count, complete=count == len(found))
        async with asyncio.timeout(UPLOAD_TIMEOUT):
            await interaction.edit_original_response(content=text, attachments=[file])

    async def _entries(self, guild_id: int, look: Look, limit: int) -> list[Entry]:
        person = None if look.member is None else await self._aliases.of(look.member)
        sought = Sought(person, look.action, look.since)
        return await self._audit.entries(guild_id, sought, before=look.before, limit=limit)

    async def _people(self, entries: Sequence[Entry]) -> dict[int, int]:
        named = {who for each in entries for who in (each.actor, each.subject) if who is not None}
        return await self._aliases.people(named)

    async def _against(self, interaction: discord.Interaction, who: Somebody) -> int | None:
        """The server, if this person may block or warn that one; otherwise they are told."""
        guild_id = await self._moderated(interaction)
        if guild_id is None:
            return None
        reason = spared_from(interaction, person_of(who))
        if reason is None:
            return guild_id
        await whisper(interaction, _(words.SPARED[reason]))
        return None

    async def _moderated(self, interaction: discord.Interaction) -> int | None:
        """The server, if this person moderates it; otherwise they are told."""
        if interaction.guild_id is not None and moderates(interaction):
            return interaction.guild_id
        await whisper(interaction, _(words.NEEDS_MODERATOR))
        return None


def since_ms(text: str, now: int) -> int | None:
    """A UTC day (`2026-11-01`) or an age (`30d`) as UTC milliseconds; None for no text.

    Raises ValueError or OverflowError for anything else.
    """
    if not text.strip():
        return None
    try:
        return max(0, now - (duration_ms(text) or 0))
    except ValueError:
        moment = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
        return max(0, int(moment.timestamp() * 1000))


async def _deferred(interaction: discord.Interaction) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)


async def _answer(interaction: discord.Interaction, text: str) -> None:
    async with asyncio.timeout(CALL_TIMEOUT):
        await interaction.edit_original_response(content=text, allowed_mentions=NOBODY)


async def _told(who: Somebody, text: str) -> bool:
    try:
        async with asyncio.timeout(CALL_TIMEOUT):
            await who.send(text, allowed_mentions=NOBODY)
    except (discord.DiscordException, *UNREACHABLE):
        return False
    return True
